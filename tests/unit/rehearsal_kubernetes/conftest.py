"""A simulated cluster and a small chart for the tests of the kubernetes stand-in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.helm_binary import find_or_fetch_helm
from rehearsal.kubernetes.helm import HELM_VARIABLE
from rehearsal.kubernetes.simulated_helm import SimulatedCluster

_CHART = Path(__file__).parents[2] / "engine" / "programs" / "workload" / "chart"


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """A cloud with one EKS cluster named `small`."""
    cloud = Cloud(tmp_path / "cloud")
    cluster = CloudObject(
        provider="aws",
        type="aws:eks/cluster:Cluster",
        location="ap-northeast-2",
        id="small",
        name="small",
        properties={"name": "small", "version": "1.36"},
    )
    cloud.create(cluster)
    return cloud


@pytest.fixture
def cluster(cloud: Cloud) -> SimulatedCluster:
    return SimulatedCluster(cloud, "small")


@pytest.fixture(scope="session", autouse=True)
def _helm() -> None:  # pyright: ignore[reportUnusedFunction]
    os.environ[HELM_VARIABLE] = str(find_or_fetch_helm())


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A copy of the engine tests' chart, to be edited at will."""
    copy = tmp_path / "chart"
    for file in _CHART.rglob("*"):
        if file.is_file():
            target = copy / file.relative_to(_CHART)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.read_text())
    return copy
