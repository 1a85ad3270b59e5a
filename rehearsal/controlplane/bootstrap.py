"""What a fresh API server gets before anyone else uses it, and the life of the node simulator beside it.

Owns readiness: a cluster is ready when the server answers, has the definitions that EKS Auto Mode brings, and its
nodes' simulator runs.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from rehearsal.cloud import Cloud
from rehearsal.kubernetes.api import Api, ApiError
from rehearsal.kubernetes.cluster import Reference, UnreachableError
from rehearsal.kubernetes.definitions import built_in
from rehearsal.nodes.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from rehearsal.controlplane.place import Place

_POLL_SECONDS = 0.1
_MANAGER = "eks"
_SUBNET = "aws:ec2/subnet:Subnet"


def prepare(place: Place, stopping: Event, say: Callable[[str], None]) -> None:
    """Waits for the server, installs what it lacks, then plays the nodes until told to stop."""
    api = Api(place.configuration("nodes"))
    began = time.monotonic()
    while not stopping.wait(_POLL_SECONDS):
        try:
            _install(api)
        except (ApiError, UnreachableError):
            continue
        break
    if stopping.is_set():
        return
    say(f"ready after {time.monotonic() - began:.1f} s")
    cloud = Cloud(place.folder.parent.parent)
    simulator = Simulator(api, place.faults, lambda subnets: _zones(cloud, subnets), place.describe().region)
    place.ready.touch()
    simulator.run(stopping, say)


def _install(api: Api) -> None:
    """Raises `ApiError` or `UnreachableError` as long as the server cannot take it."""
    for definition in built_in():
        path = api.path(Reference.of(definition))
        api.apply(path, definition, fieldManager=_MANAGER, force="true")
    for path in ("/apis/karpenter.sh/v1/nodepools", "/apis/eks.amazonaws.com/v1/nodeclasses"):
        api.get(path)
    # The namespaces' controller makes it; before that no pod can be admitted.
    api.get("/api/v1/namespaces/default/serviceaccounts/default")


def _zones(cloud: Cloud, subnets: list[str]) -> list[str]:
    """Availability zones of subnets in the simulated cloud; of all its subnets when these are not known by id."""
    found = cloud.list(_SUBNET)
    named = [thing for thing in found if thing.id in subnets]
    return [str(cast("str", thing.properties["availabilityZone"])) for thing in named or found]
