"""Changes of existing objects: a real API server takes and refuses what `updates.yaml` says, as the simulated one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.controlplane.lifecycle import clusters, place_of
from rehearsal.kubernetes.api import Api, ApiError
from rehearsal.kubernetes.cluster import Reference
from tests.engine.updates import NAMESPACE, Update, updates

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.clusters, pytest.mark.usefixtures("real_toolchain")]

_REGION = "ap-northeast-2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A cluster with a namespace for all cases."""
    folder = tmp_path_factory.mktemp("updates")
    properties = {"name": "small", "version": "1.36"}
    Cloud(folder).create(
        CloudObject(
            provider="aws", type="aws:eks/cluster:Cluster", location=_REGION, id="small", properties={**properties}
        )
    )
    place = place_of(folder, "small")
    place.create(name="small", version="1.36", region=_REGION, service_range="10.100.0.0/16")
    with clusters(folder):
        api = Api(place.configuration("admin"))
        api.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield api


@pytest.mark.parametrize("update", updates(), ids=str)
def test_the_server_takes_or_refuses_what_the_list_says(server: Api, update: Update) -> None:
    path = server.path(Reference.of(update.before))
    server.apply(path, update.before, fieldManager="test", force="true")
    try:
        if update.refused is None:
            server.apply(path, update.after, fieldManager="test", force="true")
            return
        with pytest.raises(ApiError) as refused:
            server.apply(path, update.after, fieldManager="test", force="true")
        assert update.refused in str(refused.value)
    finally:
        server.delete(path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})
