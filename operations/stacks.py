"""The row of one stack in `STACKS`, the repository's variable that tells the pipeline which stacks have an account.

Owns what the variable must say before a job may touch an account: a missing or odd value ends a deployment here, at its
first step, and names the fix. The workflows read the variable's list themselves where they need all of its rows.

    python -m operations.stacks STACK

Reads the variable from the environment and appends its values to the file that `GITHUB_OUTPUT` names, as a step's
outputs. Exit code 1 means that the variable is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

VARIABLE: Final = "STACKS"
KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "account": (r"\d{12}", "the account's number, of 12 digits, as text"),
    "backend": (r"s3://[a-z0-9.-]{3,63}(\?[\w=&.-]+)?", "what bootstrap prints as `backend`, such as s3://bucket"),
    "runner": (
        r"[A-Za-z0-9][A-Za-z0-9._-]*",
        "the label of a machine that reaches the API servers, or codebuild-PROJECT; ubuntu-24.04 for a first pass",
    ),
}
"""Of each key beside `stack`, what its value must match and what it is."""


def row(text: str, stack: str) -> dict[str, str]:
    """Return the stack's values.

    Raises:
        ValueError: The variable has no such row, or the row is not whole; the message is for people.
    """
    try:
        rows = cast("object", json.loads(text or "null"))
    except ValueError as error:
        raise ValueError(f"the variable {VARIABLE} is no JSON ({error})") from error
    listed = cast("list[object]", rows) if isinstance(rows, list) else []
    found = [cast("dict[str, object]", one) for one in listed if isinstance(one, dict)]
    found = [one for one in found if one.get("stack") == stack]
    if len(found) != 1:
        raise ValueError(f'the variable {VARIABLE} has {len(found)} rows with "stack": "{stack}" instead of one')
    values = {key: found[0].get(key) for key in KEYS}
    wrong = [
        f"{key} is {json.dumps(value)} instead of {KEYS[key][1]}"
        for key, value in values.items()
        if not isinstance(value, str) or not re.fullmatch(KEYS[key][0], value)
    ]
    if wrong:
        raise ValueError(f"the variable {VARIABLE}, row {stack}: {'; '.join(wrong)}")
    return cast("dict[str, str]", values)


def main(arguments: list[str] | None = None) -> int:
    """Write the row as a step's outputs and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.stacks", description=f"A row of {VARIABLE}.")
    parser.add_argument("stack")
    options = parser.parse_args(arguments)
    try:
        values = row(os.environ.get(VARIABLE, ""), options.stack)
    except ValueError as error:
        # In GitHub's form, so that the run's own page shows it.
        sys.stdout.write(f"::error title={VARIABLE}::{error}; see docs/reference/pipeline.md\n")
        return 1
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.writelines(f"{key}={value}\n" for key, value in values.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
