"""The process that runs one cluster: starts its programs, restarts those that crash, ends them all.

Owns processes. It ends when it is told to (SIGTERM) or when its owner, the rehearsal that asked for the cluster, is
gone, however that died; its programs cannot outlive it (`source/parent_linux.go`). So nothing is left running after
success, failure, Ctrl-C or a kill.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.controlplane.bootstrap import prepare
from rehearsal.controlplane.build import find_or_build_control_plane
from rehearsal.controlplane.programs import Program, programs

if TYPE_CHECKING:
    from types import FrameType

    from rehearsal.controlplane.place import Place

_POLL_SECONDS = 0.2
_RESTART_PAUSE_SECONDS = 0.5
_STOP_SECONDS = 10.0


class Supervisor:
    """Runs the cluster in `place` for the process `owner`."""

    def __init__(self, place: Place, owner: int) -> None:
        self._place = place
        self._owner = _Owner(owner)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        """Returns when the cluster has been stopped. Raises `ToolchainError` when it cannot be built."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        # Sockets need a short path, and a private one.
        sockets = Path(tempfile.mkdtemp(prefix="fastorder-"))
        try:
            executable = find_or_build_control_plane(self._place.describe().version)
            commands = {program.name: program for program in programs(self._place, sockets)}
            for program in commands.values():
                (sockets / program.name).symlink_to(executable)
                self._start(program, sockets)
            playing = threading.Thread(target=prepare, args=(self._place, self._stopping, self._say), daemon=True)
            playing.start()
            while not self._stopping.is_set() and not self._owner.is_gone(_POLL_SECONDS):
                self._restart_crashed(commands, sockets)
        finally:
            self._stopping.set()
            self._place.ready.unlink(missing_ok=True)
            self._stop()
            shutil.rmtree(sockets, ignore_errors=True)
            self._place.supervisor.unlink(missing_ok=True)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping.set()

    def _start(self, program: Program, sockets: Path) -> None:
        with (self._place.logs / f"{program.name}.log").open("ab") as log:
            self._running[program.name] = subprocess.Popen(
                [sockets / program.name, *program.arguments],
                cwd=sockets,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _restart_crashed(self, commands: dict[str, Program], sockets: Path) -> None:
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                self._say(f"{name} ended with {process.returncode}: starting it again")
                time.sleep(_RESTART_PAUSE_SECONDS)
                self._start(commands[name], sockets)

    def _stop(self) -> None:
        # All state is in etcd: only etcd must be asked politely, and last.
        storage = self._running.pop("etcd", None)
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()
        if storage is not None:
            storage.terminate()
            try:
                storage.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                storage.kill()
                storage.wait()

    @staticmethod
    def _say(message: str) -> None:
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {message}\n")
        sys.stderr.flush()


class _Owner:
    """Another process, watched for its end without waiting for its exit status, which is not ours to read."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        try:
            self._descriptor = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
            self._dead = False
        except ProcessLookupError:
            self._descriptor, self._dead = None, True

    def is_gone(self, seconds: float) -> bool:
        """Whether it has ended; waits up to `seconds` for that."""
        if self._dead:
            return True
        if self._descriptor is not None:
            return bool(select.select([self._descriptor], [], [], seconds)[0])
        time.sleep(seconds)
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        return False
