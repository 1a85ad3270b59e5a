"""Runs commands of a document in Bash, as a person's terminal or a runner's step would, and says which one failed.

Variables that a block exports and the folder that it changes to stay for the next block of the same terminal. Owns the
processes: a block that takes too long, or leaves something running, is ended with all that it started.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.engine_process import kill_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST_SECONDS = 1200
"""More than the slowest step takes on a busy machine; a step that waits for ever must not hold up the day."""
_GRACE_SECONDS = 15

_FRAME = """\
set -eE$1
trap 'echo "$LINENO" > "$FIRST_DAY_FAILED"' ERR
trap 'status=$?; export -p > "$FIRST_DAY_STATE.new"; pwd > "$FIRST_DAY_FOLDER"; exit $status' EXIT
if [ -f "$FIRST_DAY_STATE" ]; then . "$FIRST_DAY_STATE"; fi
source "$FIRST_DAY_BLOCK"
"""
_NAMED = re.compile(r"/block: line (\d+): ")
# What belongs to one block and must not be carried into the next.
_OWN = ("FIRST_DAY_", "FASTORDER_", "AWS_", "OLDPWD", "SHLVL", "PWD")


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a block ended.

    Attributes:
        code: Its exit code.
        line: Line within the block at which it failed; 0 for none.
        output: All that it said.
        seconds: How long it took.
    """

    code: int
    line: int
    output: str
    seconds: float


@dataclass(kw_only=True)
class Terminal:
    """A shell that stays open.

    Attributes:
        folder: Where its own files are kept.
        working: The folder that it is in.
        environment: Variables that it begins with.
    """

    folder: Path
    working: Path
    environment: Mapping[str, str]

    def run(self, commands: str, environment: Mapping[str, str], log: Path, *, flags: str = "uo pipefail") -> Result:
        """Run a block to its end.

        Args:
            commands: The text.
            environment: Variables of this block only.
            log: Where its output is kept.
            flags: Options of Bash besides ending at the first command that fails.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        block, state, failed, where = (self.folder / name for name in ("block", "state", "failed", "folder"))
        block.write_text(commands)
        for stale in (failed, where):
            stale.unlink(missing_ok=True)
        own = {
            "FIRST_DAY_BLOCK": str(block),
            "FIRST_DAY_STATE": str(state),
            "FIRST_DAY_FAILED": str(failed),
            "FIRST_DAY_FOLDER": str(where),
        }
        begin = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", _FRAME.replace("$1", flags, 1)],
                cwd=self.working,
                env={**self.environment, **environment, **own},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout=LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                code = 124
                output.write(f"\nended after {LONGEST_SECONDS} seconds\n".encode())
            finally:
                _end(process)
        if where.is_file():
            self.working = type(self.working)(where.read_text().strip())
        _keep(state)
        said = log.read_text(errors="replace")
        return Result(
            code=code,
            line=_line(failed, said) if code else 0,
            output=said,
            seconds=time.monotonic() - begin,
        )


def _line(failed: Path, said: str) -> int:
    """The line that failed; Bash itself names the one of an unset variable, for which there is no trap."""
    if failed.is_file():
        return int(failed.read_text().splitlines()[0])
    named = _NAMED.search(said)
    return int(named[1]) if named else 0


def _keep(state: Path) -> None:
    """Carry over what the block exported, but for what the rehearsal sets for each block anew."""
    fresh = state.with_name(f"{state.name}.new")
    if not fresh.is_file():
        return
    kept = list[str]()
    skipping = False
    for line in fresh.read_text().splitlines():
        if line.startswith("declare -x "):
            skipping = line.removeprefix("declare -x ").startswith(_OWN)
        if not skipping:
            kept.append(line)
    state.write_text("\n".join(kept) + "\n")
    fresh.unlink()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE_SECONDS)
    kill_session(process.pid)
    process.wait()
