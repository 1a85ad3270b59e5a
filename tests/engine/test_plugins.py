"""Which plugin the engine runs: the official one where it is installed."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from rehearsal.plugins import write_launcher

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.engine.conftest import Rehearse


def test_the_engine_runs_an_official_plugin_that_is_installed(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "installed" / "plugins" / f"resource-random-v{version('pulumi-random')}"
    plugin, ran = folder / "pulumi-resource-random", tmp_path / "ran"
    # The stand-in again, which leaves a trace: no official plugin is on a registry.
    write_launcher(plugin, module="rehearsal.random")
    plugin.write_text(plugin.read_text().replace("#!/bin/sh", f"#!/bin/sh\necho >> {ran}"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "installed"))
    assert rehearse("randoms").up().errors == []
    assert ran.exists()
