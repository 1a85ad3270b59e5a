"""What stands for the marketplace's actions that our workflows use: each does to a machine what the action does.

Anything that is not listed is refused, so that a new action cannot slip through unrehearsed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.first_day.github import GitHubError

if TYPE_CHECKING:
    from rehearsal.first_day.machines import Machine

_SECONDS: Final = 3600
"""How long configure-aws-credentials asks for when nothing is said (action.yml, `role-duration-seconds`)."""


def act(action: str, given: Mapping[str, str], machine: Machine, artifacts: Path) -> None:
    """Do on a machine what an action does there; raises `GitHubError` for one that has no stand-in."""
    if action not in _ACTIONS:
        raise GitHubError(f"{machine.job}: the rehearsal has no stand-in for {action}: add one to actions.py")
    _ACTIONS[action](given, machine, artifacts)


def _check_out(_given: Mapping[str, str], machine: Machine, _artifacts: Path) -> None:
    machine.check_out()


def _install_pulumi(given: Mapping[str, str], machine: Machine, _artifacts: Path) -> None:
    machine.install_pulumi(given["pulumi-version"])


def _sign_in(given: Mapping[str, str], machine: Machine, _artifacts: Path) -> None:
    seconds = int(given.get("role-duration-seconds") or _SECONDS)
    machine.sign_in(given["role-to-assume"], given["aws-region"], seconds)


def _upload(given: Mapping[str, str], machine: Machine, artifacts: Path) -> None:
    found = sorted(machine.work.glob(given["path"]))
    if not found and given.get("if-no-files-found") == "error":
        raise GitHubError(f"{machine.job}: upload-artifact: No files were found with the path: {given['path']}")
    for file in found:
        target = artifacts / given["name"]
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def _download(given: Mapping[str, str], machine: Machine, artifacts: Path) -> None:
    pattern = given.get("name") or given["pattern"]
    found = sorted(artifacts.glob(pattern))
    if not found:
        raise GitHubError(f"{machine.job}: download-artifact: Artifact not found for name: {pattern}")
    for artifact in found:
        shutil.copytree(artifact, machine.work / given.get("path", "."), dirs_exist_ok=True)


_ACTIONS: Final[Mapping[str, Callable[[Mapping[str, str], Machine, Path], None]]] = {
    "actions/checkout": _check_out,
    "actions/download-artifact": _download,
    "actions/upload-artifact": _upload,
    "aws-actions/configure-aws-credentials": _sign_in,
    "pulumi/actions": _install_pulumi,
}
