"""Ctrl-C in the middle of a roll-out ends Helm, the engine, its plugins and the API server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.controlplane.lifecycle import OWNER_VARIABLE, place_of
from rehearsal.nodes.faults import Fault, FaultKind, write_faults
from tests.engine.commands import REHEARSAL

if TYPE_CHECKING:
    from rehearsal.toolchain import Toolchain

pytestmark = pytest.mark.clusters

_CHECKOUT = Path(__file__).parents[2]
_PROGRAM = Path(__file__).parent / "programs" / "workload"
_PATIENCE_SECONDS = 150.0


def _processes_of(home: Path) -> dict[int, str]:
    """Command lines of all that this rehearsal started, by process id: its folder is in their environment."""
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            known = str(home).encode() in (process / "environ").read_bytes() or str(home) in command
        except OSError:
            continue
        if known:
            found[int(process.name)] = command
    return found


def test_an_interrupt_during_a_roll_out_leaves_nothing_running(real_toolchain: Toolchain, tmp_path: Path) -> None:
    assert real_toolchain.helm.is_file()
    home = tmp_path / "rehearsal"
    faults = place_of(home / "cloud", "small").faults
    write_faults(faults, [Fault(kind=FaultKind.NEVER_READY, target="small/small-")])
    command = [*REHEARSAL, "up", "--stack", "test", "--kubernetes", "real", "--no-policy"]
    environment = {key: value for key, value in os.environ.items() if key != OWNER_VARIABLE}
    with subprocess.Popen(
        [*command, "--project", str(_PROGRAM), "--home", str(home)],
        cwd=_CHECKOUT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not any(" install small " in line for line in _processes_of(home).values()):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "Helm was not started"
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "interrupted" in said
    assert _processes_of(home) == {}
