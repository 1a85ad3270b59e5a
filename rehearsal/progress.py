"""Progress on the terminal: one line that moves on a tty, a line every few seconds in a log.

Everything in the rehearsal that takes longer than a few seconds reports here, to stderr, so that stdout stays free for
results. It owns no decision about what is slow; callers say what they do and how far they are.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_LOG_INTERVAL_SECONDS = 5.0
_TTY_INTERVAL_SECONDS = 0.1
_LINE_WIDTH = 118


def _stderr() -> TextIO:
    return sys.stderr


@dataclass
class Progress:
    """A named phase of work, with the seconds it has taken so far.

    Used as a context manager: leaving it prints the final line if anything was shown before. A phase that ends before
    its first interval (5 s in a log, at once on a terminal) stays silent in a log.
    """

    phase: str
    stream: TextIO = field(default_factory=_stderr)

    def __post_init__(self) -> None:
        self._tty = self.stream.isatty()
        self._interval = _TTY_INTERVAL_SECONDS if self._tty else _LOG_INTERVAL_SECONDS
        self._start = time.monotonic()
        self._last_shown = self._start
        self._detail = ""
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            outcome = "done" if kind is None else "stopped"
            self._write(f"{self.phase}: {outcome} after {self.elapsed:.0f} s", final=True)

    @property
    def elapsed(self) -> float:
        """Seconds since the phase began."""
        return time.monotonic() - self._start

    def update(self, detail: str | None = None) -> None:
        """Say how far the phase is; shown at most once per interval, so calling it often is free."""
        if detail is not None:
            self._detail = detail
        now = time.monotonic()
        if now - self._last_shown < self._interval:
            return
        self._last_shown = now
        suffix = f", {self._detail}" if self._detail else ""
        self._write(f"{self.phase}: {self.elapsed:.0f} s{suffix}", final=False)

    def _write(self, line: str, *, final: bool) -> None:
        self._shown = True
        if self._tty:
            self.stream.write("\r\x1b[K" + line[:_LINE_WIDTH] + ("\n" if final else ""))
        else:
            self.stream.write(line + "\n")
        self.stream.flush()
