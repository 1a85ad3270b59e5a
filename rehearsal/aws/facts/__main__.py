"""Judges the files of facts: `python -m rehearsal.aws.facts` prints what is wrong and leaves with 1.

Owns the judgment that needs the packages: that each argument exists in the SDK, each enumeration in botocore, and that
patterns can be read. The same judgment is a test.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from rehearsal.aws.catalog import describe
from rehearsal.aws.facts.library import FactsError, facts, tokens, wrong_paths
from rehearsal.aws.limits import enumeration
from rehearsal.aws.sdk import UnknownTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.aws.facts.grammar import TypeFacts


def complaints(token: str) -> Iterator[str]:
    """What is wrong with a type's facts, each with the type and the fix."""
    known = facts(token)
    if known is None:
        return
    for path in wrong_paths(describe(token), known):
        yield f"{token}: the SDK has no argument {path}: name it as the SDK does"
    for path, argument in known.arguments.items():
        if argument.enumeration and not enumeration(argument.enumeration):
            yield f"{token}: {path}: botocore has no enumeration {argument.enumeration}"
        for pattern in (argument.pattern, argument.never):
            if pattern and not _readable(pattern):
                yield f"{token}: {path}: {pattern!r} is no regular expression of Python"
    for other in (*known.waits_for, *known.frozen_by, *(one.type for one in known.ending.dependents)):
        try:
            describe(other)
        except UnknownTypeError:
            yield f"{token}: the SDK has no type {other}: name it as the SDK does"
    yield from _absent(token, known)


def _absent(token: str, known: TypeFacts) -> Iterator[str]:
    for name in describe(token).inputs:
        if name not in known.arguments and name not in {"region", "tags", "timeouts"}:
            yield f"{token}: the argument {name} has no facts: write `{name} = {{}}` where nothing holds"


def _readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def main() -> int:
    """Print all complaints, or how many types have facts."""
    try:
        found = [complaint for token in tokens() for complaint in complaints(token)]
    except FactsError as error:
        found = [str(error)]
    print("\n".join(found) if found else f"facts of {len(tokens())} types, none wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
