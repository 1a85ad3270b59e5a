"""The CustomResourceDefinitions that an EKS Auto Mode cluster has from the start.

Owns where they come from: Karpenter's own from its Go module (fetched once, kept in the cache of tools), and minimal
ones of ours, in `crds/`, for `eks.amazonaws.com`, which AWS does not publish.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import yaml

from rehearsal.pulumi_engine import ToolchainError
from rehearsal.tool_cache import cached_tool

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

KARPENTER_VERSION = "1.14.1"
"""What Auto Mode runs is not published; its documentation names the API `karpenter.sh/v1`, which this serves."""
_MODULE = "sigs.k8s.io/karpenter"
_FILE = "karpenter-definitions"
_OURS = Path(__file__).parent / "crds"
_DOWNLOAD_SECONDS = 300


@cache
def built_in() -> tuple[JsonObject, ...]:
    """The definitions. Raises `ToolchainError` when Karpenter's cannot be fetched."""
    texts = [path.read_text(encoding="utf-8") for path in (*sorted(_OURS.glob("*.yaml")), find_or_fetch_karpenter())]
    return tuple(
        cast("JsonObject", document)
        for text in texts
        for document in yaml.load_all(text, Loader=yaml.CSafeLoader)
        if document
    )


def find_or_fetch_karpenter() -> Path:
    """The file with Karpenter's definitions; about 2 seconds the first time. Raises `ToolchainError`."""
    return cached_tool(_FILE, KARPENTER_VERSION, _fetch)


def _fetch(scratch: Path) -> None:
    go = shutil.which("go")
    if go is None:
        message = f"go: not found on PATH, and Karpenter's definitions {KARPENTER_VERSION} come as a Go module"
        raise ToolchainError(message)
    command = [go, "mod", "download", "-json", f"{_MODULE}@v{KARPENTER_VERSION}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False, cwd=scratch
        )
    except subprocess.TimeoutExpired as error:
        message = f"`go mod download {_MODULE}` took more than {_DOWNLOAD_SECONDS} s"
        raise ToolchainError(message) from error
    answer = cast("dict[str, str]", json.loads(done.stdout or "{}"))
    if "Dir" not in answer:
        message = f"`go mod download {_MODULE}` failed: {answer.get('Error') or done.stderr.strip()}"
        raise ToolchainError(message)
    documents = sorted((Path(answer["Dir"]) / "pkg" / "apis" / "crds").glob("*.yaml"))
    text = "\n---\n".join(document.read_text(encoding="utf-8") for document in documents)
    (scratch / _FILE).write_text(text, encoding="utf-8")
