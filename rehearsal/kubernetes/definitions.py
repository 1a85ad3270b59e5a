"""The CustomResourceDefinitions that an EKS Auto Mode cluster has from the start.

Owns where they come from: Karpenter's own from its Go module (downloaded once, kept in the cache), and minimal ones of
ours, in `crds/`, for `eks.amazonaws.com`, which AWS does not publish.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

KARPENTER_VERSION = "1.14.1"
_MODULE = "sigs.k8s.io/karpenter"
_OURS = Path(__file__).parent / "crds"
_DOWNLOAD_SECONDS = 120


@cache
def built_in() -> tuple[JsonObject, ...]:
    """The definitions. Raises `RuntimeError` when Karpenter's cannot be downloaded."""
    paths = [*sorted(_OURS.glob("*.yaml")), *sorted(_karpenter().glob("*.yaml"))]
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths)


def _karpenter() -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = home / "fastorder" / f"karpenter-{KARPENTER_VERSION}"
    if not kept.is_dir():
        command = ["go", "mod", "download", "-json", f"{_MODULE}@v{KARPENTER_VERSION}"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=True, cwd="/"
            )
        except (OSError, subprocess.SubprocessError) as error:
            message = f"cannot download {_MODULE} {KARPENTER_VERSION} (its node pool definitions): {error}"
            raise RuntimeError(message) from error
        unpacked = Path(json.loads(done.stdout)["Dir"]) / "pkg" / "apis" / "crds"
        partial = kept.with_name(f"{kept.name}.{os.getpid()}")
        shutil.copytree(unpacked, partial, copy_function=shutil.copyfile)
        partial.chmod(0o755)
        try:
            partial.rename(kept)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return kept
