"""The loop that plays kubelets, node provisioning and load balancers against one API server.

Owns when to look and what to write. Pods are scheduled by the real scheduler; this only answers for the nodes. It keeps
no state that matters: started again, it goes on from what the server says.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from typing import TYPE_CHECKING, cast

from rehearsal.kubernetes.api import CONFLICT, GONE, NOT_FOUND, Api, ApiError
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.nodes.faults import FaultKind, read_faults
from rehearsal.nodes.load_balancers import give_addresses
from rehearsal.nodes.pod_status import differs, is_finished, wanted_status
from rehearsal.nodes.pools import POOL_LABEL, ZONE_LABEL, address_of, node_status, wanted_nodes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from rehearsal.cloud import JsonObject
    from rehearsal.nodes.faults import Fault

_PODS = "/api/v1/pods"
_NODES = "/api/v1/nodes"
_POOLS = "/apis/karpenter.sh/v1/nodepools"
_CLASSES = "/apis/eks.amazonaws.com/v1/nodeclasses"
_WATCH_SECONDS = 2
_RETRY_SECONDS = 1.0
_LOST: list[JsonObject] = [
    {"key": "node.kubernetes.io/unreachable", "effect": effect} for effect in ("NoSchedule", "NoExecute")
]
_NOW: JsonObject = {"gracePeriodSeconds": 0}


class Simulator:
    """One cluster's nodes.

    Args:
        api: The cluster, with rights on nodes and pods.
        faults: The file with the orders to fail.
        zones_of: Zones of subnets, from their ids.
        region: AWS region.
    """

    def __init__(self, api: Api, faults: Path, zones_of: Callable[[list[str]], list[str]], region: str) -> None:
        self._api = api
        self._file = faults
        self._zones_of = zones_of
        self._region = region
        self._faults: list[Fault] = []
        self._lost: set[str] = set()
        self._node_addresses: dict[str, str] = {}
        self._pod_addresses: dict[str, str] = {}

    def run(self, stopping: Event, say: Callable[[str], None]) -> None:
        """Plays until told to stop; an API server that does not answer is asked again."""
        while not stopping.is_set():
            try:
                self.step(stopping)
            except (ApiError, UnreachableError, ValueError) as error:
                if not stopping.is_set():
                    say(f"nodes: {error}")
                stopping.wait(_RETRY_SECONDS)

    def step(self, stopping: Event) -> None:
        """Brings nodes and pods up to date, then follows the pods for about two seconds."""
        self._faults = read_faults(self._file)
        self._update_nodes()
        give_addresses(self._api)
        listed = self._api.get(_PODS)
        for pod in cast("list[JsonObject]", listed["items"]):
            self._play(pod)
        version = str(cast("JsonObject", listed["metadata"])["resourceVersion"])
        try:
            for event in self._api.watch(_PODS, resource_version=version, seconds=_WATCH_SECONDS):
                if event["type"] in ("ADDED", "MODIFIED"):
                    self._play(cast("JsonObject", event["object"]))
                if stopping.is_set():
                    return
        except ApiError as error:
            if error.code != GONE:
                raise

    def _update_nodes(self) -> None:
        pools = cast("list[JsonObject]", self._api.get(_POOLS)["items"])
        classes = cast("list[JsonObject]", self._api.get(_CLASSES)["items"])
        wanted = wanted_nodes(pools, classes, self._zones_of, self._region)
        listed = cast("list[JsonObject]", self._api.get(_NODES, labelSelector=POOL_LABEL)["items"])
        there = {str(_metadata(node)["name"]): node for node in listed}
        self._node_addresses = {name: address_of(name, list(wanted)) for name in wanted}
        self._lost = {name for name, node in wanted.items() if self._is_lost(name, node)}
        for name, node in wanted.items():
            live = there.get(name) or self._api.post(_NODES, node)
            self._report_node(name, node, live)
        for name in there.keys() - wanted.keys():
            self._api.delete(f"{_NODES}/{name}")

    def _is_lost(self, name: str, node: JsonObject) -> bool:
        zone = str(cast("JsonObject", _metadata(node)["labels"])[ZONE_LABEL])
        return any(fault.strikes_node(name, zone) for fault in self._faults)

    def _report_node(self, name: str, node: JsonObject, live: JsonObject) -> None:
        lost = name in self._lost
        conditions = cast("list[JsonObject]", cast("JsonObject", live.get("status") or {}).get("conditions") or [])
        known = {str(item["type"]): str(item["status"]) for item in conditions}
        if known.get("Ready") != ("Unknown" if lost else "True"):
            status = node_status(self._node_addresses[name], lost=lost, now=_now())
            self._api.merge(f"{_NODES}/{name}/status", {"status": status})
            taints = cast("list[JsonObject]", cast("JsonObject", node["spec"])["taints"])
            self._api.merge(f"{_NODES}/{name}", {"spec": {"taints": [*taints, *(_LOST if lost else [])]}})

    def _play(self, pod: JsonObject) -> None:
        metadata, node = _metadata(pod), str(cast("JsonObject", pod["spec"]).get("nodeName") or "")
        if not node:
            return
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        try:
            # Of a lost node nothing is heard; the control plane gives its pods up, which takes minutes on AWS.
            if "deletionTimestamp" in metadata or node in self._lost or node not in self._node_addresses:
                self._api.delete(path, _NOW)
            elif not is_finished(pod):
                status = self._status(pod, node)
                if differs(pod, status):
                    self._api.merge(f"{path}/status", {"status": status})
        except ApiError as error:
            if error.code not in (NOT_FOUND, CONFLICT):  # the pod has changed or gone meanwhile: there is an event
                raise

    def _status(self, pod: JsonObject, node: str) -> JsonObject:
        metadata = _metadata(pod)
        self._faults = read_faults(self._file)  # an order counts for the very next pod
        namespace, name, uid = str(metadata["namespace"]), str(metadata["name"]), str(metadata["uid"])
        fault = next((fault.kind for fault in self._faults if fault.strikes_pod(namespace, name)), None)
        status = cast("JsonObject", pod.get("status") or {})
        if fault is FaultKind.IMAGE_PULL and status.get("phase") == "Running":
            fault = None  # its image is there already
        known = status.get("podIP")
        if uid not in self._pod_addresses:
            self._pod_addresses[uid] = str(known) if known else self._free_address()
        return wanted_status(
            pod, fault, address=self._pod_addresses[uid], node_address=self._node_addresses[node], now=_now()
        )

    def _free_address(self) -> str:
        used = set(self._pod_addresses.values())
        hosts = ipaddress.ip_network("10.254.0.0/16").hosts()
        return next(str(host) for host in hosts if str(host) not in used)


def _metadata(thing: JsonObject) -> JsonObject:
    return cast("JsonObject", thing["metadata"])


def _now() -> str:
    return dt.datetime.fromtimestamp(time.time(), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
