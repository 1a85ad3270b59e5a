"""Builds an unmodified Dockerfile with buildah, on a base image made from Debian's own packages.

Owns the private image store and the base: registries of images are out of reach here, so `debian:trixie-slim` is put
together by mmdebstrap as the official one is (minbase, no manuals, no translations). Needs root, as chroot builds do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE = "docker.io/library/debian:trixie-slim"
_SUITES = (
    "deb http://deb.debian.org/debian trixie main",
    "deb http://deb.debian.org/debian trixie-updates main",
    "deb http://deb.debian.org/debian-security trixie-security main",
)
# What the official slim image leaves out.
_LEFT_OUT = ("doc", "man", "info", "locale", "groff", "lintian", "linda")
_HOST_TRUST = Path("/etc/ssl/certs/java/cacerts")
_BUILD_TRUST = "/run/host-trust"


class Builder:
    """A private store of images.

    Args:
        folder: Empty folder for the store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = ["--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def add_base(self) -> None:
        """Put the base image into the store, making its file system the first time."""
        rootfs = _base_rootfs()
        container = self._buildah("from", "scratch").strip()
        self._buildah("add", "--quiet", container, str(rootfs), "/")
        self._buildah("config", "--cmd", "/bin/bash", container)
        self._buildah("commit", "--quiet", container, BASE)
        self._buildah("rm", container)

    def build(self, context: Path, image: str, arguments: Mapping[str, str] | None = None) -> Path:
        """Build a folder's Dockerfile and unpack the image; returns the bundle (config.json and rootfs).

        Raises:
            subprocess.CalledProcessError: A step of the Dockerfile failed.
        """
        given = dict(arguments or {})
        options = ["--pull-never", "--isolation", "chroot", "--tag", image]
        if _HOST_TRUST.is_file():
            # Maven inside reaches its registry as the machine does, which may trust authorities of its own.
            options += ["--volume", f"{_HOST_TRUST}:{_BUILD_TRUST}:ro"]
            given["MAVEN_OPTS"] = f"-Djavax.net.ssl.trustStore={_BUILD_TRUST}"
        for name, value in given.items():
            options += ["--build-arg", f"{name}={value}"]
        self._buildah("bud", *options, str(context), quiet=False)
        layout = self._folder / "layout"
        self._buildah("push", "--quiet", image, f"oci:{layout}:{image}")
        bundle = self._folder / f"bundle-{image}"
        subprocess.run(["umoci", "unpack", "--image", f"{layout}:{image}", str(bundle)], check=True)
        return bundle

    def _buildah(self, command: str, *arguments: str, quiet: bool = True) -> str:
        result = subprocess.run(
            ["buildah", *self._store, command, *arguments],
            # What a build says is for people; a caller's standard output is the result.
            stdout=subprocess.PIPE if quiet else sys.stderr,
            text=True,
            check=True,
        )
        return result.stdout or ""


def size(bundle: Path) -> int:
    """Return the bytes of an unpacked image's files, each counted once."""
    seen: set[int] = set()
    total = 0
    for folder, _, names in os.walk(bundle / "rootfs"):
        for name in names:
            status = (Path(folder) / name).lstat()
            if status.st_ino not in seen:
                seen.add(status.st_ino)
                total += status.st_size
    return total


def _base_rootfs() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fastorder" / "debian-trixie-slim"
    rootfs = base / "rootfs.tar"
    if not rootfs.is_file():
        base.mkdir(parents=True, exist_ok=True)
        scratch = base / f"rootfs-{os.getpid()}.tar"
        options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT]
        options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", "--variant=minbase"]
        subprocess.run(["mmdebstrap", *options, "trixie", str(scratch), *_SUITES], check=True)
        scratch.replace(rootfs)
    return rootfs
