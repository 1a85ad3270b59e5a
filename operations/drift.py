"""Drift as the text of an issue: what in the cloud is no longer as the last deployment left it.

Owns the wording and the fingerprint, by which a schedule tells known drift from new. Reads the events of
`pulumi refresh --preview-only --json`, which compares the cloud with the state and changes neither; what was merged
and not deployed yet is no drift.

Exit code 0 means that there is none, 1 that there is some, 2 that nobody can tell.

    python -m operations.drift EVENTS --stack STACK [--output FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from operations import events
from operations.markdown import LIMIT, Section, code, page, write
from operations.report.changes import Change, Difference, changes
from operations.report.comment import check_stack
from rehearsal.outcome import Outcome

_UNREADABLE = 2


def marker(stack: str) -> str:
    """Return the hidden line by which a workflow finds the stack's issue again."""
    return f"<!-- fast-order drift of {check_stack(stack)} -->"


def fingerprint(found: Sequence[Change]) -> str:
    """Return a short text that is the same for drift of the same properties, whatever their values are now."""
    told = sorted(f"{change.kind} {change.urn} {[one.path for one in change.differences]}" for change in found)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def issue(outcome: Outcome, stack: str, *, note: str = "", limit: int = LIMIT) -> str:
    """Return the issue's text.

    Args:
        outcome: The finished comparison of cloud and state.
        stack: The stack's name.
        note: A last line of trusted Markdown, such as a link to the run.
        limit: The most characters that the text may have.
    """
    found = changes(outcome.steps)
    if not outcome.succeeded:
        verdict = f"❌ `{stack}` could not be compared with the cloud"
    elif found:
        verdict = f"⚠️ `{stack}` has drifted: {len(found)} resource{'' if len(found) == 1 else 's'}"
    else:
        verdict = f"✅ `{stack}` is as it was deployed"
    sections = [
        Section(title="Errors", lines=[f"- {code(error, 2000)}" for error in outcome.errors]),
        Section(title="Gone from the cloud", lines=[_line(one) for one in found if one.destroys]),
        Section(title="Changed in the cloud", lines=[_line(one) for one in found if not one.destroys]),
    ]
    head = "\n".join([marker(stack), f"### {verdict}", "", f"Fingerprint `{fingerprint(found)}`."])
    advice = "Deploy again to put it back, or write it into the program if it is to stay."
    return page(head, sections, "\n\n".join([*([advice] if found else []), *([note] if note else [])]), limit)


def _line(change: Change) -> str:
    return f"- {code(change.name)} {code(change.type)} " + ", ".join(_difference(one) for one in change.differences)


def _difference(one: Difference) -> str:
    if one.before is None or one.after is None:
        return code(one.path, 120)
    return f"{code(one.path, 120)}: deployed {code(one.before, 60)}, now {code(one.after, 60)}"


def main(arguments: list[str] | None = None) -> int:
    """Write the issue's text and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.drift", description="Drift as Markdown.")
    parser.add_argument("events", type=Path, help="events of `pulumi refresh --preview-only --json`")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--output", type=Path, help="where the Markdown goes (default: standard output)")
    parser.add_argument("--note", default="", help="last line, such as a link to the run")
    options = parser.parse_args(arguments)
    try:
        outcome = events.load(options.events)
        write(issue(outcome, options.stack, note=options.note), options.output)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.events}: {error}\n")
        return _UNREADABLE
    if not outcome.succeeded:
        return _UNREADABLE
    return 1 if changes(outcome.steps) else 0


if __name__ == "__main__":
    sys.exit(main())
