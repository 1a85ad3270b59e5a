"""Charts and definitions in each offered Kubernetes version, and a cluster that is upgraded from one to the next.

Each version costs a build of some minutes once, so a plain run takes the stacks' own version; `make test-versions`
(FASTORDER_VERSIONS=1.36,1.35) takes all.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.controlplane.build import DEFAULT_VERSION, RELEASES, find_or_build_control_plane
from rehearsal.controlplane.lifecycle import clusters, ensure, place_of
from rehearsal.kubernetes.helm import HELM_VARIABLE, find_chart
from rehearsal.kubernetes.helm_types import Install
from rehearsal.kubernetes.server_helm import ServerCluster

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.toolchain import Toolchain

_VERSIONS = os.environ.get("FASTORDER_VERSIONS", DEFAULT_VERSION).split(",")
_CHART = Path(__file__).parent / "programs" / "workload" / "chart"
_REGION = "ap-northeast-2"

pytestmark = [pytest.mark.clusters, pytest.mark.timeout(1800)]


def _cloud(folder: Path) -> Path:
    cloud = Cloud(folder)
    things: dict[str, tuple[str, JsonObject]] = {
        "subnet-a": ("aws:ec2/subnet:Subnet", {"availabilityZone": f"{_REGION}a"}),
        "small": ("aws:eks/cluster:Cluster", {"name": "small"}),
    }
    for identity, (kind, properties) in things.items():
        cloud.create(CloudObject(provider="aws", type=kind, location=_REGION, id=identity, properties=properties))
    return folder


def _run(folder: Path, version: str) -> ServerCluster:
    place = place_of(folder, "small")
    ensure(place, name="small", version=version, region=_REGION, service_range="10.100.0.0/16")
    return ServerCluster(place.configuration("admin"), version=version)


def _make_nodes(cluster: ServerCluster) -> None:
    terms: list[JsonObject] = [{"id": "subnet-a"}]
    spec: JsonObject = {"role": "node", "subnetSelectorTerms": [*terms], "securityGroupSelectorTerms": [{"id": "sg-1"}]}
    reference: JsonObject = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "pool"}
    template: JsonObject = {"spec": {"nodeClassRef": reference, "requirements": []}}
    for manifest in (
        _named("eks.amazonaws.com/v1", "NodeClass", "pool", {"spec": spec}),
        _named("karpenter.sh/v1", "NodePool", "pool", {"spec": {"template": template}}),
        _named("v1", "Namespace", "small", {}),
    ):
        cluster.create(manifest, upsert=False)


def _named(api_version: str, kind: str, name: str, rest: JsonObject) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}


def test_a_chart_is_installed_and_survives_the_upgrade_to_each_later_version(
    real_toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HELM_VARIABLE, str(real_toolchain.helm))
    chart = tmp_path / "chart"
    shutil.copytree(_CHART, chart)
    folder = _cloud(tmp_path / "cloud")
    with clusters(folder):
        for number, version in enumerate(sorted(_VERSIONS), start=1):
            find_or_build_control_plane(version)
            cluster = _run(folder, version)
            assert cluster.api.get("/version")["gitVersion"] == f"v{RELEASES[version]}"
            wanted = Install(name="small", namespace="small", values={"replicas": number, "text": "x"}, timeout=120)
            if number == 1:
                _make_nodes(cluster)
            deploy = cluster.install if number == 1 else cluster.upgrade
            record = deploy(find_chart(str(chart), "", {}), wanted)
            assert (record.status, record.revision) == ("deployed", number)
