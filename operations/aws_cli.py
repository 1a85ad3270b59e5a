"""Asks the AWS CLI, as whoever its environment says, and reads its answer as JSON.

Owns the process and the difference between an answer, a refusal by AWS and a question that could not be asked. Knows
no service.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Run: TypeAlias = Callable[[list[str]], tuple[int, str, str]]
"""Runs a command and returns its exit code, output and errors."""

_CODE: Final = re.compile(r"An error occurred \((\w+)\)")
_NOT_ANSWERS: Final = ("AccessDenied", "UnauthorizedOperation", "ExpiredToken", "InvalidClientTokenId", "NotSimulated")
"""Codes that say nothing about the question."""


class NotAskedError(Exception):
    """The question could not be asked; the message says why."""


class RefusedError(Exception):
    """AWS answers with an error, such as that there is no such thing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(command: list[str]) -> tuple[int, str, str]:
    """Run a command; a program that is not installed is exit code 127, as in a shell."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return 127, "", f"{command[0]}: command not found"
    return done.returncode, done.stdout, done.stderr


@dataclass(frozen=True)
class Aws:
    """The CLI in one region."""

    region: str
    run: Run = field(default=run)

    def __call__(self, service: str, operation: str, *arguments: str, region: str | None = None) -> dict[str, Any]:
        """Return the answer to one call.

        Raises:
            RefusedError: AWS answers with an error.
            NotAskedError: There is no CLI, no credential, no network, or no right to ask.
        """
        command = ["aws", service, operation, *arguments, "--region", region or self.region, "--output", "json"]
        code, said, errors = self.run(command)
        if code == 0:
            answer: dict[str, Any] = json.loads(said or "{}")
            return answer
        message = errors.strip() or f"exit code {code}"
        found = _CODE.search(message)
        if found and not found[1].startswith(_NOT_ANSWERS):
            raise RefusedError(found[1], message)
        raise NotAskedError(message)
