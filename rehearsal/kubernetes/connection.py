"""From a kubeconfig to a cluster: which EKS cluster it means, whether the caller gets through to it, and as whom.

Owns the reasons why a cluster is out of reach, in the words in which the official provider passes them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rehearsal.cloud import Cloud
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.kubernetes.guarded import GuardedCluster
from rehearsal.kubernetes.simulated_helm import SimulatedCluster
from rehearsal.vantage.access import Access, UnknownCallerError, current_access
from rehearsal.vantage.network import obstacle
from rehearsal.vantage.places import current_place

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.cluster import Cluster

# The provider's first question to every cluster, with its client's own limit.
_SCHEMA = "/openapi/v2?timeout=32s"
_NO_SCHEMA = "unable to load schema information from the API server"
_EKS_CLUSTER = "aws:eks/cluster:Cluster"


def connect(kubeconfig: JsonObject, *, missing_ok: bool, access: Access | None = None) -> Cluster | None:
    """The cluster behind a kubeconfig; `access` holds the caller's rights.

    Returns None when it is not there and `missing_ok`; raises `UnreachableError` otherwise.
    """
    try:
        cluster = SimulatedCluster(Cloud.from_environment(), cluster_name(kubeconfig))
    except UnreachableError:
        if missing_ok:
            return None
        raise
    return cluster if access is None else GuardedCluster(cluster, access)


def approach(kubeconfig: JsonObject) -> Access | None:
    """The rights of this process's caller, from its place; None means all.

    Raises `UnreachableError` where the place does not reach the server, or the server does not know the caller.
    """
    cloud, name = Cloud.from_environment(), cluster_name(kubeconfig)
    for thing in cloud.list(_EKS_CLUSTER):
        if name == thing.properties.get("name") and (silence := obstacle(cloud, thing, current_place())):
            raise UnreachableError(f'{_NO_SCHEMA}: Get "{thing.properties.get("endpoint")}{_SCHEMA}": {silence}')
    try:
        return current_access(cloud, name)
    except UnknownCallerError as error:
        raise UnreachableError(f"{_NO_SCHEMA}: {error}") from error


def cluster_name(kubeconfig: JsonObject) -> str:
    """The EKS cluster's physical name, taken from the token command of the current context's user."""
    users = {str(user["name"]): user for user in cast("list[JsonObject]", kubeconfig.get("users") or [])}
    contexts = cast("list[JsonObject]", kubeconfig.get("contexts") or [])
    current = next((item for item in contexts if item["name"] == kubeconfig.get("current-context")), None)
    user = users.get(str(cast("JsonObject", current["context"])["user"])) if current else None
    command = cast("JsonObject", cast("JsonObject", user["user"]).get("exec") or {}) if user else {}
    arguments = cast("list[str]", command.get("args") or [])
    if "--cluster-name" not in arguments:
        message = "the kubeconfig's current user has no 'aws eks get-token --cluster-name ...': not an EKS cluster"
        raise UnreachableError(message)
    return arguments[arguments.index("--cluster-name") + 1]
