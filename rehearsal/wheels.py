"""Wheels into a folder of their own, apart from the virtualenv: each with its pinned hash, none with dependencies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from rehearsal.progress import Progress
from rehearsal.pulumi_engine import ToolchainError

if TYPE_CHECKING:
    from pathlib import Path


def install_wheels(requirements: Path, target: Path, *, label: str) -> None:
    """Downloads and unpacks what a requirements file pins.

    Args:
        requirements: Packages with versions and hashes.
        target: The folder to fill.
        label: What is downloaded, for whoever waits.

    Raises:
        ToolchainError: The package registry did not give them; the message carries the installer's words.
    """
    uv = shutil.which("uv")
    installer = [uv, "pip"] if uv else [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    command = [*installer, "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--target", str(target), "--requirement", str(requirements)]
    with Progress(f"downloading {label}") as progress:
        process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        while process.poll() is None:
            progress.update()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
    if process.returncode != 0:
        said = process.stdout.read() if process.stdout else ""
        raise ToolchainError(f"{' '.join(installer)} could not fetch {label}: {said.strip()}")
