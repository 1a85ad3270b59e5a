"""The bastion as it is registered: closed, recorded, with narrow rights, and only where the environment asks for it."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.unit.testkit import SECURITY_GROUP, Graph, whole

INSTANCE: Final = "aws:ec2/instance:Instance"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
BASTION_GROUP: Final = "access-sg-group-id"
PRODUCTION: Final = ("stg", "prod")


@pytest.fixture(params=PRODUCTION)
def production(request: pytest.FixtureRequest) -> Graph:
    return whole(request.param)


def test_dev_has_no_bastion():
    assert [one.name for one in whole("dev") if one.name.startswith("access-")] == []


def test_the_bastion_can_be_reached_by_nobody(production: Graph):
    bastion = production.one(INSTANCE).inputs
    assert bastion["vpcSecurityGroupIds"] == [BASTION_GROUP]
    assert not [one for one in production.of(INGRESS) if one.inputs["securityGroupId"] == BASTION_GROUP]
    assert bastion["associatePublicIpAddress"] is False
    assert "keyName" not in bastion
    assert bastion["subnetId"].startswith("network-app-")


def test_the_bastion_reaches_the_vpc_and_s3_and_nothing_else_outside(production: Graph):
    peers = ("cidrIpv4", "prefixListId", "referencedSecurityGroupId")
    out = {
        next(one.inputs[peer] for peer in peers if one.inputs.get(peer)): one.inputs["fromPort"]
        for one in production.of(EGRESS)
        if one.inputs["securityGroupId"] == BASTION_GROUP
    }
    cidr = production.one("aws:ec2/vpc:Vpc", "network-vpc").inputs["cidrBlock"]
    s3 = "pl-of-network-endpoints-s3"
    assert out == {cidr: 443, s3: 443, "database-sg-group-id": 3306, "cache-sg-group-id": 6380}


def test_api_servers_and_stores_admit_the_bastion(production: Graph):
    admitted = {
        one.inputs["securityGroupId"]: one.inputs["fromPort"]
        for one in production.of(INGRESS)
        if one.inputs.get("referencedSecurityGroupId") == BASTION_GROUP or one.inputs.get("cidrIpv4") == "10.0.0.9/32"
    }
    assert admitted == {
        SECURITY_GROUP.replace("{name}", "web-cluster-eks"): 443,
        SECURITY_GROUP.replace("{name}", "was-cluster-eks"): 443,
        "database-sg-group-id": 3306,
        "cache-sg-group-id": 6380,
    }


def test_the_instance_is_hardened_and_its_image_does_not_move(production: Graph):
    bastion = production.one(INSTANCE)
    assert bastion.inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    disk = bastion.inputs["rootBlockDevice"]
    assert (disk["encrypted"], disk["kmsKeyId"]) == (True, "arn:aws:mock:::keys-data")
    assert bastion.inputs["ami"] == "ami-newest"
    assert bastion.ignore_changes == ("ami",)
    assert bastion.inputs["disableApiTermination"] is True


def test_the_role_talks_to_session_manager_and_writes_its_record(production: Graph):
    statements = production.one("aws:iam/rolePolicy:RolePolicy", "access-bastion-policy").document("policy")[
        "Statement"
    ]
    actions = {
        action
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert not {action for action in actions if action.startswith(("ssm:GetPar", "s3:Put", "iam:", "secretsmanager:"))}
    unscoped = {one["Sid"] for one in statements if one["Resource"] == "*"}
    assert unscoped == {"HoldSessions", "FindLogGroups", "FindPackages"}
    assert not [
        one for one in production if one.type.endswith(":RolePolicyAttachment") and one.name.startswith("access-")
    ]


def test_guarddutys_agent_can_be_installed_and_nothing_else_be_read(production: Graph):
    document = production.one("aws:iam/rolePolicy:RolePolicy", "access-bastion-policy").document("policy")
    statements = {one["Sid"]: one for one in document["Statement"]}
    assert {one.rpartition("/")[2] for one in statements["ReadAgentDocuments"]["Resource"]} == {
        "AmazonGuardDuty-ConfigureRuntimeMonitoringSsmPlugin",
        "AmazonGuardDuty-RuntimeMonitoringSsmPlugin",
    }
    buckets = statements["FetchAgents"]["Resource"]
    assert all("-ssm-" in bucket or "birdwatcher" in bucket for bucket in buckets)
    assert all(bucket.endswith("/*") and "ap-northeast-2" in bucket for bucket in buckets)


def test_every_shell_is_recorded_under_our_key(production: Graph):
    content = json.loads(production.one("aws:ssm/document:Document").inputs["content"])
    group = production.one("aws:cloudwatch/logGroup:LogGroup", "access-sessions").inputs
    assert content["sessionType"] == "Standard_Stream"
    assert content["inputs"]["cloudWatchLogGroupName"] == group["name"]
    assert content["inputs"]["cloudWatchEncryptionEnabled"] is True
    assert content["inputs"]["kmsKeyId"] == group["kmsKeyId"] == "arn:aws:mock:::keys-logs"
