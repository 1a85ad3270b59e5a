"""Starts, watches and ends one process at a time, under an unprivileged user and tied to this one's life.

Owns signals, logs and waiting for readiness; knows nothing of what it runs. As root each process becomes `nobody`,
since httpd, MariaDB and the pods all refuse to run as root, and since what works only for root would fail in the image.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_USER, _GROUP = "nobody", "nogroup"
_POLL_SECONDS = 0.05
# The parent's end is the child's: nothing stays behind when this program is killed.
_WRAPPER = ("setpriv", "--pdeathsig", "TERM")


class AppError(Exception):
    """A tier could not be started or stopped; the message names the process, its log and the reason."""


class Process:
    """One running program with its log file.

    Args:
        name: Shown in messages; also the name of the log file.
        command: The program and its arguments.
        environment: All of its environment but PATH and TZ: nothing of the caller's leaks in.
        folder: Working folder; must belong to the unprivileged user (see `own`).
    """

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        self._environment = dict(environment)
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program; its output is appended to the log."""
        self.log.touch()
        own(self.log)
        with self.log.open("ab") as output:
            self._running = subprocess.Popen(
                [*_WRAPPER, *_drop_privileges(), *self._command],
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "TZ": "UTC", **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of the running program."""
        return self._alive().pid

    def cpu_seconds(self) -> float:
        """Return the CPU time that the program and its children, which share its process group, have used so far."""
        ticks = 0
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.pid:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def running(self) -> bool:
        """Whether the program was started and has not ended."""
        return self._running is not None and self._running.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` holds.

        Raises:
            AppError: The program ended first, or `seconds` passed.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise AppError(f"{self.name} ended while starting; its log {self.log} ends with:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise AppError(f"{self.name} was not ready after {seconds:g} s; its log {self.log}:\n{self.log_tail()}")
            time.sleep(_POLL_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, not to its children."""
        self._alive().send_signal(number)

    def kill(self) -> None:
        """Kill the program and its children at once, as a lost machine would."""
        running = self._alive()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """End the program in its own way and return its exit status; after `seconds` it is killed.

        Raises:
            AppError: It had to be killed.
        """
        if self._running is None:
            return 0
        if self.running():
            self._running.send_signal(number)
        try:
            status = self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AppError(f"{self.name} did not end within {seconds:g} s of {number.name} and was killed") from None
        self._running = None
        return status

    def log_tail(self, lines: int = 15) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._running is None or self._running.poll() is not None:
            raise AppError(f"{self.name} is not running")
        return self._running


def run(name: str, command: list[str], environment: Mapping[str, str], folder: Path, *, seconds: float = 120) -> str:
    """Run a program to its end as the unprivileged user and return its standard output.

    Raises:
        AppError: It failed; the message ends with what it wrote.
    """
    result = subprocess.run(
        [*_WRAPPER, *_drop_privileges(), *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "TZ": "UTC", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if result.returncode != 0:
        written = (result.stdout + result.stderr)[-2000:]
        raise AppError(f"{name} failed with status {result.returncode}:\n{written}")
    return result.stdout


def private_folder(parent: Path, name: str) -> Path:
    """Make a folder that only the unprivileged user may look into."""
    folder = parent / name
    folder.mkdir(mode=0o700)
    own(folder)
    return folder


def own(path: Path) -> None:
    """Give a file or folder to the user that the processes run as."""
    if os.geteuid() == 0:
        shutil.chown(path, _USER, _GROUP)


def free_port() -> int:
    """Return a TCP port that nobody listens on right now, on any address."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def accepts(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def status_of(host: str, port: int, path: str, *, seconds: float = 2) -> int:
    """Return the status of the answer to GET, 0 when nothing answers within `seconds`."""
    connection = HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def require(*programs: str, packages: str = "workloads/apt-packages.txt") -> None:
    """Check that programs are installed; `packages` is the list of Debian packages that has them.

    Raises:
        AppError: Names all that are missing and how to get them.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise AppError(f"missing programs: {', '.join(missing)}; install the Debian packages listed in {packages}")


def _drop_privileges() -> list[str]:
    if os.geteuid() != 0:
        return []
    return [f"--reuid={_USER}", f"--regid={_GROUP}", "--clear-groups"]
