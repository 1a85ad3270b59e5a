"""A rehearsal that is interrupted or killed leaves nothing running and nothing locked."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.engine.commands import REHEARSAL

if TYPE_CHECKING:
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import Rehearse

_CHECKOUT = Path(__file__).parents[2]
_START_LIMIT_SECONDS = 60


def _start_and_wait_until_it_runs(rehearsal: Rehearsal, tmp_path: Path) -> subprocess.Popen[str]:
    """Begin an update whose program has made its resource and then sleeps."""
    project = tmp_path / "slow-with-marker"
    project.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        (project / name).write_text((rehearsal.project / name).read_text())
    marker = tmp_path / "marker"
    (project / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": {"slow:marker": str(marker)}}))
    command = [*REHEARSAL, "up", "--stack", "test", "--project", str(project)]
    process = subprocess.Popen(
        [*command, "--home", str(rehearsal.home)],
        cwd=_CHECKOUT,
        text=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while not marker.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the program was not started"
        time.sleep(0.1)
    return process


def _engine_of(rehearsal: subprocess.Popen[str]) -> int:
    """The process id of the engine, which is the one child of a rehearsal."""
    command = ["ps", "-o", "pid=", "--ppid", str(rehearsal.pid)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _processes_of(home: Path) -> list[str]:
    """Command lines of processes that this rehearsal started; all of them have its folder in their environment."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{home}/pulumi".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_engine_and_plugins_and_the_next_update_works(
    rehearse: Rehearse, tmp_path: Path, number: signal.Signals
) -> None:
    rehearsal = rehearse("slow")
    process = _start_and_wait_until_it_runs(rehearsal, tmp_path)
    assert len(_processes_of(rehearsal.home)) >= 2, "engine and language host run"
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert _processes_of(rehearsal.home) == []
    assert rehearsal.up().succeeded


def test_a_killed_engine_fails_the_update_leaves_no_plugin_and_blocks_nothing(
    rehearse: Rehearse, tmp_path: Path
) -> None:
    rehearsal = rehearse("slow")
    process = _start_and_wait_until_it_runs(rehearsal, tmp_path)
    os.kill(_engine_of(process), signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert _processes_of(rehearsal.home) == []
    assert list((rehearsal.home / "backend" / ".pulumi" / "locks").rglob("*.json")), "the engine did leave its lock"
    assert rehearsal.up().succeeded


def test_plugins_end_when_rehearsal_and_engine_were_both_killed(rehearse: Rehearse, tmp_path: Path) -> None:
    rehearsal = rehearse("slow")
    process = _start_and_wait_until_it_runs(rehearsal, tmp_path)
    engine = _engine_of(process)
    process.kill()
    os.kill(engine, signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while _processes_of(rehearsal.home):
        assert time.monotonic() < deadline, "plugins outlive their engine"
        time.sleep(0.1)


def test_a_lock_left_by_a_killed_engine_does_not_block_the_next_update(rehearse: Rehearse) -> None:
    rehearsal = rehearse("slow")
    assert rehearsal.up().succeeded
    locks = rehearsal.home / "backend" / ".pulumi" / "locks" / "organization" / "slow" / "test"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "left-over.json").write_text('{"pid":1,"username":"x","hostname":"x","timestamp":"2026-01-01T00:00:00Z"}')
    assert rehearsal.up().succeeded
    assert not list(locks.glob("*.json"))
