"""From a kubeconfig to a cluster: which EKS cluster it means, and whether that one is simulated or real."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from rehearsal.cloud import Cloud
from rehearsal.kubernetes.api import Api
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.kubernetes.server_helm import ServerCluster
from rehearsal.kubernetes.simulated_helm import SimulatedCluster

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.cluster import Cluster

KIND_VARIABLE = "FASTORDER_KUBERNETES"


def connect(kubeconfig: JsonObject, *, missing_ok: bool, force: bool = False) -> Cluster | None:
    """The cluster behind a kubeconfig; `force` takes over fields that others own.

    Returns None when it is not there and `missing_ok`. Raises `UnreachableError`, and `ValueError` for an unknown kind
    of cluster in FASTORDER_KUBERNETES.
    """
    kind = os.environ.get(KIND_VARIABLE) or "simulated"
    try:
        if kind == "real":
            version = str(Api(kubeconfig).get("/version")["gitVersion"])
            return ServerCluster(kubeconfig, version=".".join(version.removeprefix("v").split(".")[:2]), force=force)
        if kind == "simulated":
            return SimulatedCluster(Cloud.from_environment(), cluster_name(kubeconfig))
    except UnreachableError:
        if missing_ok:
            return None
        raise
    message = f"{KIND_VARIABLE} is {kind!r}: use simulated or real"
    raise ValueError(message)


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
