"""Refuses to go on while an environment on GitHub is not guarded as the account's roles take for granted.

Owns what an environment must be. The deployer believes every job in the environment `<stack>`, the preview role every
job in `<stack>-preview`, whoever started it: GitHub asks the reviewers and looks at the branch. GitHub also makes an
environment that is not there as soon as a job names it, open to every branch and without reviewers.

    python -m operations.environments STACK

Runs in a workflow with the right to read actions, or with the same variables by hand. Exit code 1 means that something
is missing, and each line says what.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from operations.github import Repository

ADMITTED: Final[Mapping[str, str]] = {"{stack}": "main", "{stack}-preview": "refs/pull/*/merge"}
"""Of each environment the one pattern that it admits: the branch, or the merge of a pull request with it."""
REVIEWED: Final = frozenset({"stg", "prod"})
"""Stacks whose environments ask a person first."""


def objections(stack: str, name: str, branch: str, found: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what is wrong with one environment, as `Repository.environment` tells of it."""
    if found is None:
        yield f"environment {name}: there is none, and whichever job names it first makes it, open to every branch"
        return
    branches: list[str] = found.get("branches") or []
    if branches != [branch]:
        admitted = ", ".join(branches) or "no pattern of its own"
        yield f"environment {name}: its selected branches are {admitted}; select {branch} alone"
    rules: list[Mapping[str, Any]] = found.get("protection_rules") or []
    asked = any(rule.get("type") == "required_reviewers" and rule.get("reviewers") for rule in rules)
    if stack in REVIEWED and not asked:
        yield f"environment {name}: it asks nobody; require reviewers"
    # GitHub's documentation does not name the field, so an answer without it is no promise.
    if stack in REVIEWED and found.get("can_admins_bypass") is not False:
        yield f"environment {name}: GitHub does not say that administrators may not bypass its rules; forbid it there"


def main(arguments: list[str] | None = None) -> int:
    """Print the objections and return 1 if there are any."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.environments", description="Are a stack's environments on GitHub guarded?"
    )
    parser.add_argument("stack")
    stack: str = parser.parse_args(arguments).stack
    try:
        repository = Repository.from_environment()
        wrong = [
            line
            for pattern, branch in ADMITTED.items()
            for name in [pattern.format(stack=stack)]
            for line in objections(stack, name, branch, repository.environment(name))
        ]
    except KeyError as error:
        wrong = [f"{error.args[0]}: not set; this command runs in a GitHub workflow"]
    except OSError as error:
        wrong = [f"GitHub: {error}"]
    for line in wrong:
        # In GitHub's form, so that the run's own page shows it.
        sys.stdout.write(f"::error title=environments::{line}; see docs/reference/pipeline.md\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
