"""The AWS stand-in behind the real engine: a stack's whole life, drift, and what the cloud refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.cloud import Cloud

if TYPE_CHECKING:
    from tests.engine.conftest import Rehearse

REGION = "ap-northeast-2"


def test_a_stack_on_aws_is_made_kept_changed_and_destroyed(rehearse: Rehearse) -> None:
    rehearsal = rehearse("aws")
    assert rehearsal.preview().changes == {"create": 10}
    assert Cloud(rehearsal.cloud).is_empty(), "a preview touches nothing"
    first = rehearsal.up()
    assert (first.succeeded, first.changes) == (True, {"create": 10}), first.errors
    outputs = rehearsal.outputs()
    assert str(outputs["role"]).startswith("role-")
    assert str(outputs["record"]).endswith(".www.example.com.")
    assert str(outputs["reader"]).startswith("test-db.cluster-ro-")
    assert ":secret:rds!cluster-" in str(outputs["secret"])
    assert outputs["zones"] == [f"ap-northeast-1{letter}" for letter in "acd"]
    assert rehearsal.up().changed_steps == [], "the second update changes nothing"

    rehearsal.config = {"hostnames": True}
    in_place = rehearsal.up()
    assert [(step.name, step.op) for step in in_place.changed_steps] == [("net", "update")]
    assert rehearsal.refresh().changed_steps == []
    assert rehearsal.destroy().succeeded
    assert Cloud(rehearsal.cloud).is_empty()


def test_two_rehearsals_can_share_one_account(rehearse: Rehearse, tmp_path: Path) -> None:
    first = rehearse("aws")
    second = replace(first, home=tmp_path / "second", cloud=first.cloud)
    assert first.up().succeeded
    taken = second.up()
    assert not taken.succeeded
    assert any("test-db already exists" in error for error in taken.errors), taken.errors


def test_a_fixed_name_is_freed_before_its_replacement_takes_it(rehearse: Rehearse) -> None:
    rehearsal = rehearse("aws")
    assert rehearsal.up().succeeded
    rehearsal.config = {"description": "second"}
    replaced = rehearsal.up()
    assert replaced.succeeded, replaced.errors
    order = [step.op for step in replaced.steps if step.name == "spare"]
    assert order.index("delete-replaced") < order.index("create-replacement")
    groups = Cloud(rehearsal.cloud).list("aws:ec2/securityGroup:SecurityGroup")
    assert sorted(str(group.properties["description"]) for group in groups) == ["in use", "second"]


def test_a_refresh_reports_what_was_changed_outside_and_an_update_repairs_it(rehearse: Rehearse) -> None:
    rehearsal = rehearse("aws")
    assert rehearsal.up().succeeded
    cloud = Cloud(rehearsal.cloud)
    cloud.change("aws:rds/cluster:Cluster", "test-db", "tags", {"Owner": "someone"}, location=REGION)
    vpc = cloud.list("aws:ec2/vpc:Vpc")[0]
    cloud.change("aws:ec2/vpc:Vpc", vpc.id, "enableDnsHostnames", True, location=REGION)
    drifted = rehearsal.refresh()
    assert {step.name for step in drifted.changed_steps} == {"net", "database"}
    repaired = rehearsal.up()
    assert {(step.name, step.op) for step in repaired.changed_steps} == {("net", "update"), ("database", "update")}
    after = cloud.get("aws:ec2/vpc:Vpc", vpc.id, location=REGION)
    assert after is not None
    assert after.properties["enableDnsHostnames"] is False


def test_a_protected_database_survives_a_destroy(rehearse: Rehearse) -> None:
    rehearsal = rehearse("aws", config={"protected": True})
    assert rehearsal.up().succeeded
    destroyed = rehearsal.destroy()
    assert not destroyed.succeeded
    assert any("test-db is protected: set deletionProtection to false" in error for error in destroyed.errors)
    assert Cloud(rehearsal.cloud).get("aws:rds/cluster:Cluster", "test-db", location=REGION) is not None


def test_an_unknown_argument_is_refused_before_anything_is_made(rehearse: Rehearse) -> None:
    outcome = rehearse("aws", config={"typo": True}).preview()
    assert not outcome.succeeded
    assert any("cidrBlok is not an argument; did you mean cidrBlock?" in error for error in outcome.errors)


def test_what_a_stack_leaves_behind_can_be_imported_and_then_needs_no_change(rehearse: Rehearse) -> None:
    rehearsal = rehearse("kept", config={"stage": "make"})
    assert rehearsal.up().succeeded
    made = rehearsal.outputs()
    rehearsal.config = {"stage": "leave"}
    left = rehearsal.up()
    assert [step.op for step in left.changed_steps] == ["delete", "delete"]
    assert {thing.id for thing in Cloud(rehearsal.cloud).list(provider="aws")} == set(map(str, made.values()))
    rehearsal.config = {"stage": "take", "queueId": made["queue"], "netId": made["net"]}
    taken = rehearsal.up()
    assert (taken.errors, {step.op for step in taken.changed_steps}) == ([], {"import"})
    assert rehearsal.up().changed_steps == []
