"""Which nodes there should be: those that EKS Auto Mode would start for the node pools of a cluster.

Owns names, labels, size and zones. A pool without its NodeClass gets no node, as on AWS. How many are started by need
is not imitated: each zone has a fixed number, large enough for every stack of this program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rehearsal.cloud import JsonObject

NODES_PER_ZONE = 2
_SIZE: JsonObject = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "60Gi"}
_INSTANCE_TYPE = "m7g.4xlarge"
POOL_LABEL = "karpenter.sh/nodepool"
ZONE_LABEL = "topology.kubernetes.io/zone"


def wanted_nodes(
    pools: Sequence[JsonObject], classes: Sequence[JsonObject], zones_of: Callable[[list[str]], list[str]], region: str
) -> dict[str, JsonObject]:
    """Nodes by name, for the pools whose class exists.

    Args:
        pools: NodePool objects.
        classes: NodeClass objects.
        zones_of: Zones of subnets, from their ids.
        region: AWS region.
    """
    known = {str(_part(item, "metadata")["name"]): item for item in classes}
    nodes: dict[str, JsonObject] = {}
    for pool in pools:
        name = str(_part(pool, "metadata")["name"])
        template = _part(_part(pool, "spec"), "template")
        used = known.get(str(_part(_part(template, "spec"), "nodeClassRef").get("name")))
        if used is None:
            continue
        terms = cast("list[JsonObject]", _part(used, "spec").get("subnetSelectorTerms") or [])
        zones = zones_of([str(term["id"]) for term in terms if "id" in term])
        for zone in sorted(set(zones)):
            for number in range(1, NODES_PER_ZONE + 1):
                node = _node(f"{name}-{zone}-{number:02}", name, template, zone, region)
                nodes[str(_part(node, "metadata")["name"])] = node
    return nodes


def address_of(node: str, names: Sequence[str]) -> str:
    """An address for a node, by its place among all nodes."""
    return f"10.255.0.{sorted(names).index(node) + 1}"


def _node(name: str, pool: str, template: JsonObject, zone: str, region: str) -> JsonObject:
    spec = _part(template, "spec")
    chosen = {
        str(item["key"]): cast("list[str]", item["values"])[0]
        for item in cast("list[JsonObject]", spec.get("requirements") or [])
        if item.get("operator") == "In" and item.get("values")
    }
    labels: JsonObject = {
        "kubernetes.io/arch": "arm64",
        "node.kubernetes.io/instance-type": _INSTANCE_TYPE,
        **chosen,
        **_part(_part(template, "metadata"), "labels"),
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "eks.amazonaws.com/compute-type": "auto",
        "topology.kubernetes.io/region": region,
        ZONE_LABEL: zone,
        POOL_LABEL: pool,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"providerID": f"aws:///{zone}/{name}", "taints": spec.get("taints") or []},
    }


def node_status(address: str, *, lost: bool, now: str) -> JsonObject:
    """What the node reports, or what the control plane thinks of a node that stopped reporting."""
    ready = "Unknown" if lost else "True"
    reason = "NodeStatusUnknown" if lost else "KubeletReady"
    return {
        "capacity": dict(_SIZE),
        "allocatable": dict(_SIZE),
        "addresses": [{"type": "InternalIP", "address": address}],
        "conditions": [{"type": "Ready", "status": ready, "reason": reason, "lastTransitionTime": now}],
        "nodeInfo": {
            "architecture": "arm64", "bootID": "", "containerRuntimeVersion": "simulated", "kernelVersion": "",
            "kubeProxyVersion": "", "kubeletVersion": "simulated", "machineID": "", "operatingSystem": "linux",
            "osImage": "simulated", "systemUUID": "",
        },
    }  # fmt: skip


def _part(value: JsonObject, key: str) -> JsonObject:
    return cast("JsonObject", value.get(key) or {})
