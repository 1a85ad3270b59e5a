"""The programs that a rehearsal runs, found or made in one call.

Owns the choice of the language host; how the engine and Helm come to be is in `pulumi_engine.py` and `helm_binary.py`.
The official Python language host counts only when it lies beside the engine in use: both come from one release, and a
stray older host on PATH would run the program in another way than a real deployment does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.controlplane.build import DEFAULT_VERSION, find_or_build_control_plane
from rehearsal.helm_binary import find_or_fetch_helm
from rehearsal.kubernetes.definitions import find_or_fetch_karpenter
from rehearsal.kubernetes_provider.build import find_or_build_kubernetes_provider
from rehearsal.plugins import Kubernetes, installed_plugin
from rehearsal.pulumi_engine import find_or_build_pulumi

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """Paths of the executables of a rehearsal."""

    pulumi: Path
    helm: Path
    kubernetes_provider: Path | None = None
    """The official provider for real API servers, None where clusters are simulated."""

    @property
    def official_language_host(self) -> Path | None:
        """The language host of the engine's own release, if it was installed with it."""
        host = self.pulumi.resolve().with_name("pulumi-language-python")
        return host if host.is_file() else None


def prepare_toolchain(kubernetes: Kubernetes = Kubernetes.SIMULATED) -> Toolchain:
    """Find or make every tool; says what it does on stderr.

    Args:
        kubernetes: What will stand behind the clusters' endpoints: real API servers are built here, where it shows.

    Raises:
        ToolchainError: A tool can be neither found nor made.
    """
    provider = None
    if kubernetes is Kubernetes.REAL:
        find_or_build_control_plane(DEFAULT_VERSION)
        provider = installed_plugin("kubernetes") or find_or_build_kubernetes_provider()
    find_or_fetch_karpenter()  # into the cache, where the stand-in looks: a plugin must not have to download
    return Toolchain(pulumi=find_or_build_pulumi(), helm=find_or_fetch_helm(), kubernetes_provider=provider)
