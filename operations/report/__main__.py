"""Writes the comment on a preview: `python -m operations.report EVENTS --stack STACK`.

Exit code 0 means that the preview may pass, 1 that it failed or that a mandatory policy objects, 2 that there was
nothing to report on. Resources with state that would be lost are shown, not refused: that is the reviewer's decision.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from operations import events
from operations.cost.difference import difference
from operations.cost.prices import load
from operations.markdown import LIMIT, write
from operations.report.comment import comment

_UNREADABLE = 2


def main(arguments: list[str] | None = None) -> int:
    """Write the comment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.report", description="A preview as Markdown.")
    parser.add_argument("events", type=Path, help="the engine's events, one JSON object a line")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--output", type=Path, help="where the Markdown goes (default: standard output)")
    parser.add_argument("--link-base", default="", help="address of the repository at this commit, ending in a slash")
    parser.add_argument("--note", default="", help="last line of the comment, such as a link to the run")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"most characters (default: {LIMIT})")
    options = parser.parse_args(arguments)
    try:
        outcome = events.load(options.events)
        cost = difference(outcome.steps, load(), options.stack)
        text = comment(
            outcome, options.stack, cost, link_base=options.link_base, note=options.note, limit=options.limit
        )
        write(text, options.output)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.events}: {error}\n")
        return _UNREADABLE
    return 0 if outcome.succeeded and not outcome.mandatory_violations else 1


if __name__ == "__main__":
    sys.exit(main())
