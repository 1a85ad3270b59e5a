"""The Pulumi engine of the pinned version: the one on PATH, the cached one, or one built from Go modules.

`rehearsal/engine/go.mod` and `go.sum` pin every module of the build, so the checksum of each is known before it is
used. Owns only the `pulumi` executable; the Python language host is not on the Go proxy and is answered by
`language_host.py` where the official one is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.progress import Progress
from rehearsal.tool_cache import cached_tool

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "3.259.0"
_MODULE = Path(__file__).parent / "engine"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_SYMBOL = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_MINIMUM_GO = "1.25.11"


class ToolchainError(Exception):
    """A tool of the rehearsal can be neither found nor made; the message says what to install."""


def find_or_build_pulumi() -> Path:
    """Return the path of a `pulumi` of exactly the pinned version.

    Takes about 7 minutes on two cores when nothing is cached (1,686 packages), no time otherwise.

    Raises:
        ToolchainError: Go is missing or too old, or a download or the build failed.
    """
    on_path = shutil.which("pulumi")
    if on_path and tool_version([on_path, "version"]) == f"v{VERSION}":
        return Path(on_path)
    return cached_tool("pulumi", VERSION, _build)


def tool_version(command: list[str]) -> str:
    """Return what a tool's version command prints, or an empty string if it does not run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _build(scratch: Path) -> None:
    build_with_go(
        module=_MODULE,
        package=_PACKAGE,
        link_flags=f"-s -w -X {_VERSION_SYMBOL}=v{VERSION}",
        output=scratch / "pulumi",
        label=f"Pulumi engine {VERSION}",
    )


def build_with_go(
    *, module: Path, package: str, link_flags: str, output: Path, label: str, prepare: Sequence[str] = ()
) -> None:
    """Download and compile a Go command, saying how far it is.

    Args:
        module: A folder with the go.mod and go.sum that pin the build.
        package: The import path of the command.
        link_flags: Value of `-ldflags`.
        output: Where the executable goes.
        label: What the progress lines call it.
        prepare: Arguments of a Go command to run first, such as `mod tidy` where no go.sum is kept.

    Raises:
        ToolchainError: Go is missing, or one of its steps failed; the message ends with what Go said last.
    """
    go = shutil.which("go")
    if go is None:
        raise ToolchainError(
            f"go: not found on PATH, and the {label} must be built from source: "
            f"install Go {_MINIMUM_GO} or newer, or put pulumi {VERSION} on PATH"
        )
    with Progress(f"downloading modules of the {label}") as progress:
        if prepare:
            _go([go, *prepare], module, progress, noun="modules fetched")
        packages = _go([go, "list", "-deps", package], module, progress, noun="modules fetched")
    total = len(packages)
    with Progress(f"compiling the {label}") as progress:
        command = [go, "build", "-v", "-trimpath", f"-ldflags={link_flags}", "-o", str(output), package]
        _go(command, module, progress, noun=f"of {total} packages compiled")


def _go(command: list[str], module: Path, progress: Progress, *, noun: str) -> list[str]:
    # The workspace file of a caller's own Go project must not take part in this build.
    environment = os.environ | {"GOWORK": "off", "CGO_ENABLED": "0"}
    with (
        subprocess.Popen(
            command, cwd=module, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        lines: list[str] = []
        if process.stdout is None:
            raise ToolchainError(f"{command[0]}: no output pipe")
        for line in process.stdout:
            lines.append(line.rstrip())
            progress.update(f"{len(lines)} {noun}")
    if process.returncode != 0:
        said = "\n".join(lines[-8:])
        raise ToolchainError(f"`go {command[1]}` failed with exit code {process.returncode}:\n{said}")
    return [line for line in lines if not line.startswith("go: ")]
