"""Runs the `pulumi` command: its event stream, its end, and its interruption.

Owns the life of the process. It runs in a session of its own, so that Ctrl-C on the terminal reaches us and not all
plugins at once; we then ask the engine to stop, which releases its lock, and end what is left of the session.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from rehearsal.outcome import Event

# A running step ends by itself within seconds; after this the session is killed.
_GRACE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class EngineProcess:
    """A way to run `pulumi` with fixed surroundings: executable, working folder and the whole environment."""

    executable: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, arguments: Sequence[str], on_event: Callable[[Event], None] | None = None) -> tuple[int, str, str]:
        """Run a command to its end.

        Args:
            arguments: The command and its flags.
            on_event: Called with each line of stdout that is a JSON object.

        Returns:
            Exit code, what stdout said besides events, and stderr.
        """
        command = [str(self.executable), *arguments, "--non-interactive"]
        with tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
            rest: list[str] = []
            try:
                for line in process.stdout or ():
                    if on_event is not None and line.startswith("{"):
                        on_event(json.loads(line))
                    else:
                        rest.append(line)
                process.wait()
            finally:
                _end(process)
            errors.seek(0)
            return process.returncode, "".join(rest), errors.read()


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_GRACE_SECONDS)
    process.kill()
    process.wait()
    kill_session(process.pid)
    if process.stdout:
        process.stdout.close()


def kill_session(session: int) -> None:
    """Kill the plugins that an engine left behind: one that failed early or was killed does not end its own.

    Each plugin has a process group of its own; the session is what they share.
    """
    listed = subprocess.run(["/bin/ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True, check=True).stdout
    for pid, owner in (line.split() for line in listed.splitlines()):
        if owner == str(session):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
