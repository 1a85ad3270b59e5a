"""An operation's result from a file of the engine's events, as the reports in this package take it.

Owns the file's form: one JSON object a line, as `pulumi preview --json` writes them with
`PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true`, and as the rehearsal writes them with `--events`. What the events mean is
in `rehearsal/outcome.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from rehearsal.outcome import Event, Outcome, OutcomeReader


class EventLogError(ValueError):
    """The text is no log of the engine's events; the message says what is missing."""


def load(file: Path) -> Outcome:
    """Return the outcome that a file of events tells.

    Raises:
        EventLogError: The file holds no events.
        OSError: It cannot be read.
    """
    with file.open(encoding="utf-8") as lines:
        return read(lines)


def read(lines: Iterable[str]) -> Outcome:
    """Return the outcome of a preview; it succeeded only if the log ends by saying so.

    Raises:
        EventLogError: No line is an event, or a line was cut off.
    """
    outcome = Outcome(operation="preview")
    reader = OutcomeReader(outcome, planning=True)
    seen, ended = False, False
    for number, line in enumerate(lines, start=1):
        if not line.startswith("{"):  # the CLI's own words, such as a notice of a new version
            continue
        event = _event(line, number)
        reader.read(event)
        seen = True
        if "summaryEvent" in event:
            ended = True
            outcome.succeeded = cast("dict[str, object]", event["summaryEvent"]).get("result") == "succeeded"
    if not seen:
        raise EventLogError(
            "no engine events: expected the output of `pulumi preview --json` with "
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true in the environment"
        )
    if not outcome.succeeded:
        outcome.said = "the engine says no reason" if ended else "the engine's events end before its summary"
    return outcome


def _event(line: str, number: int) -> Event:
    try:
        return cast("Event", json.loads(line))
    except ValueError as error:
        raise EventLogError(f"line {number} is no JSON object: was the log cut off? ({error})") from error
