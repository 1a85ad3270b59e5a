"""The cache of built and unpacked tools, shared by every checkout of this user.

Owns where a tool lives (`${XDG_CACHE_HOME:-~/.cache}/fastorder/<tool>-<version>/`), that only one process makes it, and
that it appears whole or not at all: two `make up` at once, or one that is killed half-way, must not leave a broken
engine behind. How a tool is made is the business of the caller.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_LOCK_POLL_SECONDS = 0.5


def cache_root() -> Path:
    """Return the folder of all cached tools."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fastorder"


def cached_tool(tool: str, version: str, make: Callable[[Path], None]) -> Path:
    """Return the path of a cached executable, making it first if it is missing.

    Args:
        tool: The executable's name, which is also the first half of its folder's name.
        version: The exact version; another version is another folder.
        make: Called with an empty scratch folder on the same file system; it must leave the executable there, under
            the name `tool`. Whatever it raises is raised here, and nothing is kept.
    """
    home = cache_root() / f"{tool}-{version}"
    executable = home / tool

    def keep(scratch: Path) -> None:
        made = scratch / tool
        made.chmod(0o755)
        home.mkdir(exist_ok=True)
        made.replace(executable)

    _make_once(home, executable.is_file, make, keep)
    return executable


def cached_folder(name: str, version: str, make: Callable[[Path], None]) -> Path:
    """Return the path of a cached folder, making it first if it is missing.

    Args:
        name: What it holds, which is also the first half of its name.
        version: The exact version; another version is another folder.
        make: Called with an empty scratch folder on the same file system, to be filled. Whatever it raises is raised
            here, and nothing is kept.
    """
    home = cache_root() / f"{name}-{version}"
    _make_once(home, home.is_dir, make, lambda scratch: scratch.rename(home))
    return home


def _make_once(
    home: Path, is_there: Callable[[], bool], make: Callable[[Path], None], keep: Callable[[Path], object]
) -> None:
    if is_there():
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(home.with_name(f"{home.name}.lock"), waiting_for=f"another process that makes {home.name}"):
        if is_there():
            return
        scratch = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
        try:
            make(scratch)
            keep(scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def exclusive_lock(path: Path, *, waiting_for: str) -> Generator[None]:
    """Hold a lock file for the duration of the block; the kernel frees it when the process dies, however it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle, Progress(f"waiting for {waiting_for}") as progress:
        while not try_lock(handle.fileno()):
            progress.update()
            time.sleep(_LOCK_POLL_SECONDS)
        yield


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of an open file without waiting; False if another process holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
