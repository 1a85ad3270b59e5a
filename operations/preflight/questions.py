"""What the preflight asks with and answers by: a question, a verdict, and the row that joins the two.

Owns the words that the table of claims and the checks share. Does not own any check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from operations.aws_cli import Aws, Run
from operations.program import Stack


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the checks may use: the stack's settings, the CLI in its region, and other commands."""

    stack: Stack
    aws: Aws
    run: Run


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a claim holds, what was answered, and what to do where it does not."""

    holds: bool
    answer: str
    fix: str = ""


Check = Callable[[Question], Verdict | None]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One row: what is claimed, the IAM actions that asking takes, and the check."""

    name: str
    actions: tuple[str, ...]
    check: Check
