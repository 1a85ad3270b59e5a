"""The pipeline's runner as it is registered: in the VPC, with rights to run and no more, where a stack asks for it."""

from __future__ import annotations

from typing import Final

import pytest

from tests.unit.testkit import Graph, whole

PROJECT: Final = "aws:codebuild/project:Project"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
GROUP: Final = "runner-sg-group-id"


@pytest.fixture(params=("stg", "prod"))
def production(request: pytest.FixtureRequest) -> Graph:
    return whole(request.param)


def test_a_stack_without_its_settings_has_no_runner():
    assert [one.name for one in whole("dev") if one.name.startswith("runner-")] == []


def test_it_stands_in_the_app_subnets_and_writes_an_encrypted_log(production: Graph):
    project = production.one(PROJECT).inputs
    zones = len({one.inputs["availabilityZone"] for one in production.of("aws:ec2/subnet:Subnet")})
    network = project["vpcConfig"]
    assert network["securityGroupIds"] == [GROUP]
    assert len(network["subnets"]) == zones
    assert all(subnet.startswith("network-app-") for subnet in network["subnets"])
    log = project["logsConfig"]["cloudwatchLogs"]
    group = production.one("aws:cloudwatch/logGroup:LogGroup", "runner-log").inputs
    assert (log["status"], log["groupName"]) == ("ENABLED", group["name"])
    assert group["kmsKeyId"] == "arn:aws:mock:::keys-logs"
    assert not project["environment"].get("privilegedMode")


def test_both_api_servers_admit_it_and_nobody_reaches_it(production: Graph):
    rules = [one.inputs for one in production.of(INGRESS)]
    admitted = {
        (one["securityGroupId"], one["fromPort"]) for one in rules if one.get("referencedSecurityGroupId") == GROUP
    }
    assert admitted == {(f"{role}-cluster-eks-security-group", 443) for role in ("web", "was")}
    assert not [one for one in rules if one["securityGroupId"] == GROUP]
    assert [one.inputs["fromPort"] for one in production.of(EGRESS) if one.inputs["securityGroupId"] == GROUP] == [443]


def test_only_jobs_of_deployments_start_it(production: Graph):
    webhook = production.one("aws:codebuild/webhook:Webhook").inputs
    (group,) = webhook["filterGroups"]
    assert {one["type"]: one["pattern"] for one in group["filters"]} == {
        "EVENT": "WORKFLOW_JOB_QUEUED",
        "WORKFLOW_NAME": "^deploy( a stack)?$",
    }


def test_its_role_may_run_a_container_in_these_subnets_and_nothing_else(production: Graph):
    statements = {
        one["Sid"]: one
        for one in production.one("aws:iam/rolePolicy:RolePolicy", "runner-role-policy").document("policy")["Statement"]
    }
    services = {action.split(":")[0] for one in statements.values() for action in _list(one["Action"])}
    assert services == {"logs", "codeconnections", "ec2"}
    assert [sid for sid, one in statements.items() if one["Resource"] == "*"] == ["FindNetwork"]
    permission = statements["LetCodeBuildUseInterface"]["Condition"]["StringEquals"]
    assert permission["ec2:AuthorizedService"] == "codebuild.amazonaws.com"
    assert len(permission["ec2:Subnet"]) == len(production.one(PROJECT).inputs["vpcConfig"]["subnets"])
    trust = production.one("aws:iam/role:Role", "runner-role-role").document("assumeRolePolicy")["Statement"][0]
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].endswith("-common-cb-runner-01")


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
