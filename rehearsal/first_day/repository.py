"""The repository of the day: a bare one that stands for GitHub's, and clones of it as people and runners make them.

It holds the checkout's tracked files as they are now, changes that are not committed included, in one commit on `main`.
A clone finds the interpreter of this process where `make setup` would have put its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "main"
_AUTHOR = {
    "GIT_AUTHOR_NAME": "rehearsal",
    "GIT_AUTHOR_EMAIL": "rehearsal@fastorder.invalid",
    "GIT_COMMITTER_NAME": "rehearsal",
    "GIT_COMMITTER_EMAIL": "rehearsal@fastorder.invalid",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Repository:
    """The bare repository in a folder."""

    folder: Path

    @classmethod
    def of(cls, checkout: Path, folder: Path) -> Repository:
        """Make the repository from a checkout's tracked files."""
        scratch = folder.with_name(f"{folder.name}.scratch")
        tracked = _git(checkout, "ls-files", "-z").split("\0")
        for name in filter(None, tracked):
            source, target = checkout / name, scratch / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target, follow_symlinks=False)
        _git(scratch, "init", "--quiet", "--initial-branch", BRANCH)
        _git(scratch, "add", "--all", "--force")
        _git(scratch, "commit", "--quiet", "--message", "Begin the first day")
        _git(scratch.parent, "clone", "--quiet", "--bare", str(scratch), str(folder))
        shutil.rmtree(scratch)
        return cls(folder)

    @property
    def head(self) -> str:
        """The commit that `main` is at."""
        return _git(self.folder, "rev-parse", BRANCH).strip()

    def changed(self, since: str) -> list[str]:
        """Return the paths that differ between an earlier commit and `main`."""
        return _git(self.folder, "diff", "--name-only", since, BRANCH).splitlines()

    def files(self, folder: str) -> dict[str, str]:
        """Return the texts of the files directly in a folder of `main`, by path."""
        names = _git(self.folder, "ls-tree", "--name-only", BRANCH, f"{folder}/").splitlines()
        return {name: _git(self.folder, "show", f"{BRANCH}:{name}") for name in names}

    def clone(self, folder: Path) -> None:
        """Clone it, and give the clone its virtual environment."""
        _git(folder.parent, "clone", "--quiet", str(self.folder), str(folder))
        (folder / ".venv").symlink_to(sys.prefix)
        with (folder / ".git" / "info" / "exclude").open("a") as exclude:
            exclude.write(".venv\n")
        # Make goes by the time of files: a list that is newer than the environment would be installed again.
        os.utime(folder / "requirements-dev.txt", (0, 0))
        for name, value in (("user.name", "rehearsal"), ("user.email", _AUTHOR["GIT_AUTHOR_EMAIL"])):
            _git(folder, "config", name, value)


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **_AUTHOR}).stdout
