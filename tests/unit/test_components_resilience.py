"""Experiments: each takes one thing away, hits what it names, and ends when customers are affected."""

from __future__ import annotations

from typing import Final

import pytest

from tests.unit.testkit import Registration, whole

TEMPLATE: Final = "aws:fis/experimentTemplate:ExperimentTemplate"
LOST: Final = {
    "zone": ("aws:network:disrupt-connectivity", "Subnets", "aws:ec2:subnet"),
    "writer": ("aws:rds:failover-db-cluster", "Clusters", "aws:rds:cluster"),
    "cache": (
        "aws:elasticache:replicationgroup-interrupt-az-power",
        "ReplicationGroups",
        "aws:elasticache:replicationgroup",
    ),
}


def templates(stack: str) -> dict[str, Registration]:
    return {one.name.rpartition("-")[2]: one for one in whole(stack).of(TEMPLATE)}


def test_dev_which_survives_no_loss_has_no_experiments():
    assert not [one for one in whole("dev") if "resilience" in one.name]


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_each_experiment_takes_one_kind_of_thing_and_hits_it(stack: str):
    found = templates(stack)
    assert set(found) == set(LOST)
    for lost, (action_id, key, resource_type) in LOST.items():
        (action,) = found[lost].inputs["actions"]
        (target,) = found[lost].inputs["targets"]
        assert (action["actionId"], action["target"]["key"]) == (action_id, key)
        assert action["target"]["value"] == target["name"]
        assert (target["resourceType"], target["selectionMode"]) == (resource_type, "ALL")
        assert target["resourceArns"]
        assert found[lost].inputs["experimentOptions"]["emptyTargetResolutionMode"] == "fail"


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_each_experiment_ends_when_customers_are_affected_and_is_logged(stack: str):
    graph = whole(stack)
    alarm = graph.one("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    log = graph.one("aws:cloudwatch/logGroup:LogGroup", "operators-resilience-log")
    assert log.inputs["kmsKeyId"]
    for one in graph.of(TEMPLATE):
        (stop,) = one.inputs["stopConditions"]
        assert stop["source"] == "aws:cloudwatch:alarm"
        assert stop["value"].endswith(f":{alarm.name}")
        written = one.inputs["logConfiguration"]["cloudwatchLogsConfiguration"]["logGroupArn"]
        assert written == f"arn:aws:mock:::{log.name}:*"


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_delivery_may_write_the_log_before_an_experiment_needs_it(stack: str):
    graph = whole(stack)
    policy = graph.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "operators-resilience-log-policy")
    (statement,) = policy.document("policyDocument")["Statement"]
    # FIS would have to be allowed to rewrite every policy of the account's logs to make this one itself.
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    group = graph.one("aws:cloudwatch/logGroup:LogGroup", "operators-resilience-log").inputs["name"]
    assert statement["Resource"].endswith(f":log-group:{group}:log-stream:*")
    assert all(policy.urn in one.dependencies for one in graph.of(TEMPLATE))


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_a_lost_zone_keeps_its_data_tier_which_fails_over_by_an_experiment_of_its_own(stack: str):
    graph = whole(stack)
    (target,) = templates(stack)["zone"].inputs["targets"]
    subnets = {one.name: one.inputs for one in graph.of("aws:ec2/subnet:Subnet")}
    hit = [subnets[arn.rpartition("/")[2].removesuffix("-id")] for arn in target["resourceArns"]]
    assert {one["tags"]["Role"] for one in hit} == {"public", "app"}
    (zone,) = {one["availabilityZone"] for one in hit}
    (cached,) = templates(stack)["cache"].inputs["targets"]
    assert cached["parameters"] == {"availabilityZoneIdentifier": zone}


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_the_role_changes_only_network_acls_of_fis_and_names_what_it_fails_over(stack: str):
    graph = whole(stack)
    statements = {
        one["Sid"]: one
        for one in graph.one("aws:iam/rolePolicy:RolePolicy", "operators-resilience-role-policy").document("policy")[
            "Statement"
        ]
    }
    for sid, key in (
        ("MakeOwnAcl", "aws:RequestTag/managedByFIS"),
        ("TagOwnAcl", "aws:RequestTag/managedByFIS"),
        ("ChangeOwnAcl", "aws:ResourceTag/managedByFIS"),
    ):
        assert statements[sid]["Condition"]["StringEquals"][key] == "true"
    (database,) = templates(stack)["writer"].inputs["targets"][0]["resourceArns"]
    assert statements["FailOverDatabase"]["Resource"] == database
    (cache,) = templates(stack)["cache"].inputs["targets"][0]["resourceArns"]
    assert statements["InterruptCache"]["Resource"] == cache
    role = graph.one("aws:iam/role:Role", "operators-resilience-role-role").document("assumeRolePolicy")
    assert role["Statement"][0]["Principal"] == {"Service": "fis.amazonaws.com"}
    assert "aws:SourceAccount" in role["Statement"][0]["Condition"]["StringEquals"]
