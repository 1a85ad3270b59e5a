"""The official Kubernetes provider, built from its Go module because its plugin is on no package registry.

Owns its version and how it is built. Where the official plugin of the SDK's version is installed, that comes first
(`rehearsal/plugins.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rehearsal.pulumi_engine import build_with_go
from rehearsal.tool_cache import cached_tool

VERSION: Final = "4.25.0"
"""The release whose tree the Go proxy serves: its last pseudo-version is of 2026-01-15, and no later one exists."""
PLUGIN: Final = "pulumi-resource-kubernetes"
_MODULE: Final = Path(__file__).parent


def find_or_build_kubernetes_provider() -> Path:
    """Return the path of the plugin.

    Takes 13.5 CPU minutes when nothing is cached (it shares packages with nothing else), no time otherwise.

    Raises:
        ToolchainError: Go is missing or too old, or a download or the build failed.
    """
    return cached_tool(PLUGIN, VERSION, _build)


def _build(scratch: Path) -> None:
    build_with_go(
        module=_MODULE,
        package=".",
        link_flags=f"-s -w -X main.version={VERSION}",
        output=scratch / PLUGIN,
        label=f"Kubernetes provider {VERSION}",
    )
