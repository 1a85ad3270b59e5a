"""The command line: `python -m operations.preflight --stack STACK`.

Prints each claim with the account's answer and, where it does not hold, what to do. Exit code 0 when all hold, 1 when
one does not, 2 when none failed but one could not be asked.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from operations.aws_cli import Aws, NotAskedError, RefusedError, Run, run
from operations.preflight.claims import CLAIMS, Claim, Question
from operations.program import ProgramError, Stack, settings_of

_FAILED, _UNKNOWN = 1, 2
_AT_ONCE: Final = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of a claim: `holds` is None when it could not be asked."""

    claim: Claim
    holds: bool | None
    answer: str
    fix: str = ""


def findings(stack: Stack, ask: Run) -> list[Finding]:
    """Return what became of each claim that the stack needs, in the table's order."""
    question = Question(stack=stack, aws=Aws(stack.region, ask), run=ask)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(partial(_judged, question), CLAIMS)
        return [one for one in found if one is not None]


def _judged(question: Question, claim: Claim) -> Finding | None:
    try:
        verdict = claim.check(question)
    except (NotAskedError, RefusedError) as error:
        right = f"the caller needs {', '.join(claim.actions)}" if claim.actions else "sign in to the account"
        return Finding(claim=claim, holds=None, answer=f"could not be asked: {error}", fix=right)
    if verdict is None:
        return None
    return Finding(claim=claim, holds=verdict.holds, answer=verdict.answer, fix="" if verdict.holds else verdict.fix)


def main(arguments: list[str] | None = None) -> int:
    """Print the findings and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.preflight", description="Is the account ready?")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--project", type=Path, default=Path(__file__).resolve().parents[2])
    options = parser.parse_args(arguments)
    try:
        found = findings(settings_of(options.project, options.stack), run)
    except ProgramError as error:
        sys.stderr.write(f"{error}\n")
        return _FAILED
    for one in found:
        mark = {True: "ok", False: "NO", None: "??"}[one.holds]
        sys.stdout.write(f"{mark}  {one.claim.name}: {one.answer}\n")
        if one.fix:
            sys.stdout.write(f"      {one.fix}\n")
    failed, unknown = sum(one.holds is False for one in found), sum(one.holds is None for one in found)
    sys.stdout.write(f"{len(found)} claims, {failed} do not hold, {unknown} could not be asked\n")
    return _FAILED if failed else _UNKNOWN if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
