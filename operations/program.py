"""What a stack of the program is set to, asked of the program itself: `python -m model.settings`.

The tools know the program only as a program, so they read its settings as it prints them. Owns the call, and the few
questions that several tools ask of the answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_CHECKOUT: Final = Path(__file__).resolve().parent.parent
_SERVICES: Final = ("user", "item", "pay")


class ProgramError(Exception):
    """The program refuses the stack's settings; the message is its own, a line for each mistake."""


@dataclass(frozen=True)
class Stack:
    """The settings of a stack, by their keys."""

    values: dict[str, Any]

    def __getitem__(self, path: str) -> Any:  # noqa: ANN401 - settings are of any type
        """Return the setting at a path such as `clusters.nodePool`; None below an area that is not there."""
        here: Any = self.values
        for step in path.split("."):
            here = None if here is None else here[step]
        return here

    @property
    def region(self) -> str:
        """Home region."""
        return str(self["account.region"])

    def images(self) -> list[tuple[str, str]]:
        """Return repository and tag (`TAG` or `TAG@sha256:...`) of each image that the clusters run, each once."""
        repositories, workloads = self["names.repositories"], self["workloads"]
        wanted = [(repositories["web"], workloads["web"]["imageTag"])]
        wanted += [(repositories["was"], workloads[service]["imageTag"]) for service in _SERVICES]
        return list(dict.fromkeys(wanted))


def settings_of(project: Path, stack: str) -> Stack:
    """Return the settings of a stack whose file lies in a folder.

    Raises:
        ProgramError: The program would refuse them.
    """
    command = [sys.executable, "-m", "model.settings", stack, "--project", str(project.resolve())]
    asked = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        raise ProgramError(asked.stderr.strip())
    return Stack(json.loads(asked.stdout))
