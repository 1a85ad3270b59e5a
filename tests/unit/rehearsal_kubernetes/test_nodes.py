"""What the simulated nodes report, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from rehearsal.cloud import JsonObject
from rehearsal.nodes.faults import Fault, FaultKind, read_faults, write_faults
from rehearsal.nodes.pod_status import differs, wanted_status
from rehearsal.nodes.pools import NODES_PER_ZONE, wanted_nodes

_POD: JsonObject = {
    "metadata": {"name": "web-1", "namespace": "web"},
    "spec": {
        "containers": [{"name": "main", "image": "i:1"}],
        "initContainers": [{"name": "first", "image": "i:1"}],
        "readinessGates": [{"conditionType": "target-health.eks.amazonaws.com/x"}],
    },
}


def _status(pod: JsonObject, fault: FaultKind | None = None) -> JsonObject:
    return wanted_status(pod, fault, address="10.254.0.1", node_address="10.255.0.1", now="2026-01-01T00:00:00Z")


def _ready(status: JsonObject) -> bool:
    conditions = cast("list[JsonObject]", status["conditions"])
    return all(item["status"] == "True" for item in conditions)


def _container(status: JsonObject) -> JsonObject:
    return cast("list[JsonObject]", status["containerStatuses"])[0]


def test_a_pod_without_fault_runs_and_passes_all_conditions_and_gates() -> None:
    status = _status(_POD)
    assert status["phase"] == "Running"
    assert _ready(status)
    assert len(cast("list[JsonObject]", status["conditions"])) == 5
    assert not differs({**_POD, "status": status}, status), "nothing is reported twice"


@pytest.mark.parametrize(
    ("fault", "phase", "waits"),
    [
        (FaultKind.IMAGE_PULL, "Pending", "ImagePullBackOff"),
        (FaultKind.CRASH_LOOP, "Running", "CrashLoopBackOff"),
        (FaultKind.NEVER_READY, "Running", None),
    ],
)
def test_a_faulty_pod_is_not_ready_and_says_why(fault: FaultKind, phase: str, waits: str | None) -> None:
    status = _status(_POD, fault)
    assert status["phase"] == phase
    assert not _ready(status)
    waiting = cast("JsonObject", cast("JsonObject", _container(status)["state"]).get("waiting") or {})
    assert waiting.get("reason") == waits


def test_a_healed_pod_is_ready_again() -> None:
    broken: JsonObject = {**_POD, "status": _status(_POD, FaultKind.CRASH_LOOP)}
    assert differs(broken, _status(broken))
    assert _ready(_status(broken))


def test_a_jobs_pod_ends_well() -> None:
    metadata: JsonObject = {**cast("JsonObject", _POD["metadata"]), "ownerReferences": [{"kind": "Job"}]}
    assert _status({**_POD, "metadata": metadata})["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("target", "struck"), [("", True), ("web", True), ("web/web-", True), ("was", False), ("web/api", False)]
)
def test_a_fault_strikes_the_pods_that_it_names(target: str, *, struck: bool) -> None:
    assert Fault(kind=FaultKind.CRASH_LOOP, target=target).strikes_pod("web", "web-1") is struck


def test_orders_survive_their_file_and_no_file_means_none(tmp_path: Path) -> None:
    orders = [Fault(kind=FaultKind.ZONE_LOSS, target="a"), Fault(kind=FaultKind.NEVER_READY)]
    assert read_faults(tmp_path / "faults.json") == []
    write_faults(tmp_path / "faults.json", orders)
    assert read_faults(tmp_path / "faults.json") == orders
    assert orders[0].strikes_node("n", "a")
    assert not orders[1].strikes_node("n", "a")


def test_a_pool_gets_nodes_in_the_zones_of_its_classs_subnets_and_none_without_class() -> None:
    requirements: list[JsonObject] = [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}]
    pool: JsonObject = {
        "metadata": {"name": "apps"},
        "spec": {"template": {"spec": {"nodeClassRef": {"name": "apps"}, "requirements": [*requirements]}}},
    }
    node_class: JsonObject = {"metadata": {"name": "apps"}, "spec": {"subnetSelectorTerms": [{"id": "s-1"}]}}
    zones = {"s-1": "ap-northeast-2c"}
    nodes = wanted_nodes([pool], [node_class], lambda ids: [zones[item] for item in ids], "ap-northeast-2")
    assert len(nodes) == NODES_PER_ZONE
    for node in nodes.values():
        labels = cast("JsonObject", cast("JsonObject", node["metadata"])["labels"])
        assert labels["topology.kubernetes.io/zone"] == "ap-northeast-2c"
        assert labels["kubernetes.io/arch"] == "amd64"
    assert wanted_nodes([pool], [], lambda _: [], "ap-northeast-2") == {}
