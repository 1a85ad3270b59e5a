"""Pulumi's AWSGuard beside our pack: installed once from npm, pinned by version and hash, ready to be measured.

Owns the installation in the cache of tools. The lock file names no registry: npm takes the one that the machine is set
to. Install scripts stay off; they would fetch a provider plugin that a policy pack does not use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

VERSION: Final = "0.3.1"
SOURCE: Final = Path(__file__).resolve().parent / "awsguard"
_RUNNER: Final = Path("node_modules") / "@pulumi" / "pulumi" / "cmd" / "run-policy-pack"


class UnavailableError(Exception):
    """AWSGuard cannot be measured here; the message says what is missing."""


def install() -> tuple[list[str], Path]:
    """Return the command that starts AWSGuard as an engine's plugin, and the folder to start it in.

    Raises:
        UnavailableError: There is no Node.js, or npm does not serve the locked packages.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise UnavailableError("AWSGuard is not measured: it needs node and npm on the PATH")
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "fastorder" / f"awsguard-{VERSION}"
    locked = SOURCE / "package-lock.json"
    done = folder / "node_modules" / ".package-lock.json"
    current = done.is_file() and (folder / locked.name).read_bytes() == locked.read_bytes()
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    if not current:
        made = subprocess.run(  # noqa: S603 - npm itself, on a locked list
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            lines = made.stderr.strip().splitlines() or ["no reason given"]
            raise UnavailableError(f"AWSGuard is not measured: npm ci ended with {lines[0]}")
    return [node, str(folder / _RUNNER)], folder
