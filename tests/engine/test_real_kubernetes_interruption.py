"""Ctrl-C in the middle of a roll-out ends the engine, its plugins with the Helm in them, and the API server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.controlplane.lifecycle import OWNER_VARIABLE, place_of
from rehearsal.kubernetes.api import Api, ApiError
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.nodes.faults import Fault, FaultKind, write_faults
from tests.engine.commands import REHEARSAL

if TYPE_CHECKING:
    from rehearsal.controlplane.place import Place
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


def _helm_is_at_work(place: Place) -> bool:
    """Whether the cluster runs and holds a record of a release, which Helm writes before it makes anything."""
    if not place.ready.exists():
        return False
    api = Api(place.configuration("admin"))
    try:
        return bool(api.get("/api/v1/namespaces/small/secrets", labelSelector="owner=helm")["items"])
    except (ApiError, UnreachableError):
        return False


def test_an_interrupt_during_a_roll_out_leaves_nothing_running(real_toolchain: Toolchain, tmp_path: Path) -> None:
    assert real_toolchain.helm.is_file()
    home = tmp_path / "rehearsal"
    place = place_of(home / "cloud", "small")
    write_faults(place.faults, [Fault(kind=FaultKind.NEVER_READY, target="small/small-")])
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
        while not _helm_is_at_work(place):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "Helm has not begun"
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "interrupted" in said
    assert _processes_of(home) == {}
