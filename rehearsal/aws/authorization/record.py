"""Every call of a run, written down: so that policies can be judged by what was really asked.

Owns the file, one JSON object a line, which several plugin processes append to. What the lines prove is judged by
`rehearsal/iam/reduction.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal.iam.evaluation import Request

VARIABLE: Final = "FASTORDER_CALLS"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One call: who asked it, on the way to which operation on what, and whether it was allowed."""

    caller: str
    operation: str
    subject: str
    request: Request
    allowed: bool


def record_file() -> Path | None:
    """Return the file that this process writes its calls to, or None."""
    file = os.environ.get(VARIABLE)
    return Path(file) if file else None


def append(file: Path, calls: Iterable[Recorded]) -> None:
    """Add calls; one write of whole lines, so that processes do not mix theirs."""
    lines = "".join(json.dumps(_line(one)) + "\n" for one in calls)
    # What a process appends in one write stays together (POSIX, O_APPEND on a local file).
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, lines.encode())
    finally:
        os.close(descriptor)


def read(file: Path) -> list[Recorded]:
    """Return the calls of a file in the order of their answers; empty when nothing was asked."""
    if not file.is_file():
        return []
    return [_recorded(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _line(one: Recorded) -> dict[str, object]:
    return {
        "caller": one.caller,
        "operation": one.operation,
        "subject": one.subject,
        "allowed": one.allowed,
        "action": one.request.action,
        "resource": one.request.resource,
        "context": one.request.context,
    }


def _recorded(line: Mapping[str, Any]) -> Recorded:
    context: Mapping[str, Sequence[str]] = line["context"]
    return Recorded(
        caller=str(line["caller"]),
        operation=str(line["operation"]),
        subject=str(line["subject"]),
        allowed=bool(line["allowed"]),
        request=Request(
            action=str(line["action"]),
            resource=str(line["resource"]),
            context={key: tuple(values) for key, values in context.items()},
        ),
    )
