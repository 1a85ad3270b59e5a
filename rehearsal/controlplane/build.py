"""The control plane of one Kubernetes version, built from Go modules: one executable for its four programs.

Owns which versions are offered (those that EKS supports and the Go proxy serves) and how they are built. The four share
most of their code, so one binary costs one build (about 9 CPU minutes) and a quarter of the disk; the name by which it
is called chooses the program. `source/<version>/go.sum` pins every module of a build.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from rehearsal.pulumi_engine import ToolchainError, build_with_go
from rehearsal.tool_cache import cached_tool

RELEASES = {"1.36": "1.36.3", "1.35": "1.35.4"}
"""The exact release for each Kubernetes version that a cluster may ask for."""
DEFAULT_VERSION = "1.36"
"""What the stacks ask for; other versions are built when a cluster asks for them."""
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_SOURCE = Path(__file__).parent / "source"
# Charts read the server's version, which is stamped in at link time.
_VERSION_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


def find_or_build_control_plane(version: str) -> Path:
    """Return the executable for a version like `1.36`; call it by a link named as one of `PROGRAMS`.

    Takes 7 to 11 minutes on two cores when nothing is cached, no time otherwise.

    Raises:
        ToolchainError: The version is not offered, Go is missing, or the build failed.
    """
    if version not in RELEASES:
        message = f"no control plane for Kubernetes {version}: offered are {', '.join(RELEASES)} ({__name__}.RELEASES)"
        raise ToolchainError(message)
    return cached_tool("controlplane", RELEASES[version], lambda scratch: _build(version, scratch))


def _build(version: str, scratch: Path) -> None:
    module = scratch / "module"
    shutil.copytree(_SOURCE / version, module)
    for file in _SOURCE.glob("*.go"):
        shutil.copyfile(file, module / file.name)
    release = RELEASES[version]
    major, minor = version.split(".")
    stamps = {"gitVersion": f"v{release}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = [f"-X {package}.{name}={value}" for package in _VERSION_PACKAGES for name, value in stamps.items()]
    build_with_go(
        module=module,
        package=".",
        link_flags=" ".join(["-s", "-w", *flags]),
        output=scratch / "controlplane",
        label=f"Kubernetes {release} control plane",
    )
