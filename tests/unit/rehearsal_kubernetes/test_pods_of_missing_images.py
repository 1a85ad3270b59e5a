"""A release whose pods name an image that nobody pushed fails as Helm's does, and stays or goes as its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.account import images
from rehearsal.account.past import give_past
from rehearsal.cloud import CloudObject
from rehearsal.kubernetes.cluster import Reference, RefusedError
from rehearsal.kubernetes.helm_types import Chart, Install, ReleaseFailedError

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.cloud import Cloud
    from rehearsal.kubernetes.simulated_helm import SimulatedCluster

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web:1.0.0"
DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{ name: web }}
spec:
  selector: {{ matchLabels: {{ app: web }} }}
  template:
    metadata: {{ labels: {{ app: web }} }}
    spec: {{ containers: [{{ name: web, image: "{IMAGE}" }}] }}
"""


@pytest.fixture
def chart(tmp_path: Path, cloud: Cloud) -> Chart:
    """A chart of one pod, in a new account with an empty repository."""
    give_past(cloud.folder, "new")
    cloud.create(
        CloudObject(
            provider="aws",
            type="aws:ecr/repository:Repository",
            location="ap-northeast-2",
            id="web",
            properties={"name": "web", "imageTagMutability": "IMMUTABLE"},
        )
    )
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (folder / "templates" / "web.yaml").write_text(DEPLOYMENT)
    return Chart(location=str(folder), name="web", version="1.0.0", app_version="")


def _install(*, atomic: bool = False, skip_await: bool = False) -> Install:
    return Install(
        name="web",
        namespace="default",
        values={},
        atomic=atomic,
        create_namespace=False,
        reset_values=True,
        reuse_values=False,
        skip_await=skip_await,
        skip_crds=False,
    )


def _deployment(cluster: SimulatedCluster) -> object:
    return cluster.get(Reference(api_version="apps/v1", kind="Deployment", namespace="default", name="web"))


def test_an_atomic_release_leaves_nothing(cluster: SimulatedCluster, chart: Chart) -> None:
    with pytest.raises(RefusedError, match=rf"uninstalled due to atomic being set.*ImagePullBackOff.*{IMAGE}"):
        cluster.install(chart, _install(atomic=True))
    assert (cluster.release("default", "web"), _deployment(cluster)) == (None, None)


def test_another_release_stays_as_failed_and_recovers(cluster: SimulatedCluster, chart: Chart, cloud: Cloud) -> None:
    with pytest.raises(ReleaseFailedError, match="was created, but failed to initialize completely") as failed:
        cluster.install(chart, _install())
    assert failed.value.record.status == "failed"
    assert _deployment(cluster) is not None
    images.push(cloud, IMAGE)
    assert cluster.upgrade(chart, _install()).status == "deployed"


def test_whoever_does_not_wait_does_not_learn_of_it(cluster: SimulatedCluster, chart: Chart) -> None:
    assert cluster.install(chart, _install(skip_await=True)).status == "deployed"
