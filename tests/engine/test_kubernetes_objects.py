"""The eks and kubernetes stand-ins on the real engine, with a simulated cluster: one deployment and its life."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.cloud import Cloud
from rehearsal.session import Rehearsal

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.outcome import Outcome
    from rehearsal.toolchain import Toolchain

_PROGRAM = Path(__file__).parent / "programs" / "workload"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_CLUSTER = "aws:eks/cluster:Cluster"


@pytest.fixture(scope="module")
def small(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    rehearsal = Rehearsal(project=_PROGRAM, stack="test", home=tmp_path_factory.mktemp("small"), toolchain=toolchain)
    assert rehearsal.up().errors == []
    return rehearsal


@pytest.fixture(scope="module")
def resources(small: Rehearsal) -> list[JsonObject]:
    return cast("list[JsonObject]", cast("JsonObject", small.export()["deployment"])["resources"])


def _up(rehearsal: Rehearsal, **config: str | int) -> Outcome:
    rehearsal.config = config
    return rehearsal.up()


def test_the_component_makes_the_children_of_the_official_one_and_no_more(resources: list[JsonObject]) -> None:
    component = next(item for item in resources if item["type"] == "eks:index:Cluster")
    below = {str(item["urn"]): item for item in resources if "eks:index:Cluster$" in str(item["urn"])}
    below |= {str(item["urn"]): item for item in resources if item.get("parent") == component["urn"]}
    names = sorted((str(item["type"]), urn.rsplit("::", 1)[1]) for urn, item in below.items())
    assert names == [
        ("aws:eks/accessEntry:AccessEntry", "small-deployer"),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "small-deployer-admin"),
        (_CLUSTER, "small-eksCluster"),
        ("pulumi:providers:kubernetes", "small-eks-k8s"),
    ]


def test_a_transform_of_the_program_reaches_the_components_children(resources: list[JsonObject]) -> None:
    cluster = next(item for item in resources if item["type"] == _CLUSTER)
    access = cast("JsonObject", cast("JsonObject", cluster["inputs"])["accessConfig"])
    assert access == {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}


def test_children_use_the_provider_that_the_program_passed(resources: list[JsonObject]) -> None:
    account = next(item for item in resources if item["type"] == "pulumi:providers:aws")
    cluster = next(item for item in resources if item["type"] == _CLUSTER)
    assert cluster["provider"] == f"{account['urn']}::{account['id']}"


def test_the_release_knows_its_status_and_the_names_of_its_objects(small: Rehearsal) -> None:
    outputs = small.outputs()
    assert cast("JsonObject", outputs["status"])["status"] == "deployed"
    assert outputs["names"] == {
        "ConfigMap/v1": ["small/small"],
        "Deployment/apps/v1": ["small/small"],
        "Service/v1": ["small/small"],
    }
    assert str(outputs["group"]).startswith("sg-")


def test_a_secret_is_nowhere_in_the_state_in_clear(small: Rehearsal) -> None:
    state = json.dumps(small.export())
    assert "hush" not in state
    assert "aHVzaA==" not in state, "nor its base64"


def test_a_second_deployment_changes_nothing_and_a_changed_value_changes_its_release_only(small: Rehearsal) -> None:
    same = _up(small)
    assert same.errors == []
    assert same.changed_steps == []
    changed = _up(small, replicas=3)
    assert [(step.op, step.type, step.changed) for step in changed.changed_steps] == [
        ("update", _RELEASE, ("values.replicas",))
    ]


def test_a_value_that_the_chart_refuses_fails_in_the_charts_words(small: Rehearsal) -> None:
    failed = _up(small, replicas=20)
    assert any("'/replicas': maximum: got 20, want 9" in error for error in failed.errors), failed.errors
    assert _up(small, replicas=3).errors == []


def test_an_unknown_field_is_refused_at_the_preview_with_the_objects_name(small: Rehearsal) -> None:
    small.config = {"replicas": 3, "wrong": "field"}
    failed = small.preview()
    assert any("TargetGroupBinding small/small" in e and "'targetGroupName' was unexpected" in e for e in failed.errors)


def test_access_entries_without_api_mode_are_refused_at_the_preview(small: Rehearsal) -> None:
    small.config = {"replicas": 3, "wrong": "access"}
    failed = small.preview()
    assert any("accessEntries needs authenticationMode API" in error for error in failed.errors), failed.errors


def test_a_change_made_by_hand_is_reported_by_a_refresh_and_repaired_by_the_next_deployment(small: Rehearsal) -> None:
    cloud = Cloud(small.cloud)
    kind, identity = "eks.amazonaws.com/v1:TargetGroupBinding", "small/small"
    cloud.change(kind, identity, "spec.serviceRef.port", "other", location="small", provider="kubernetes")
    small.config = {"replicas": 3}
    seen = small.refresh()
    assert [step.type for step in seen.changed_steps if step.type.startswith("kubernetes:")] == [
        "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
    ]
    assert _up(small, replicas=3).errors == []
    live = cloud.get(kind, identity, location="small", provider="kubernetes")
    assert live is not None
    assert cast("JsonObject", cast("JsonObject", live.properties["spec"])["serviceRef"])["port"] == "http"


def test_destroying_leaves_the_cloud_empty(small: Rehearsal) -> None:
    assert small.destroy().errors == []
    assert Cloud(small.cloud).is_empty()
