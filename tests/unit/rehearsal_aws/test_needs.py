"""The table of what operations need says nothing wrong, nothing twice and nothing idle."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

from rehearsal.aws.authorization import needs
from rehearsal.aws.catalog import describe
from rehearsal.aws.functions import answered_functions
from rehearsal.aws.knowledge import known_tokens
from rehearsal.aws.replacement import handlers
from rehearsal.iam.catalog import exists

TABLE: Final[dict[str, Any]] = tomllib.loads(Path(needs.__file__).with_name("needs.toml").read_text())
LISTS: Final = ("create", "read", "update", "delete", "actions", "reading", "removing")
ASKING_NOTHING: Final = {
    # Answered from the credentials or without AWS; a token for a cluster is signed, not asked for.
    "aws:index/getCallerIdentity:getCallerIdentity",
    "aws:index/getRegion:getRegion",
    "aws:index/getPartition:getPartition",
    "aws:iam/getPolicyDocument:getPolicyDocument",
    "aws:elb/getServiceAccount:getServiceAccount",
    "aws:eks/getClusterAuth:getClusterAuth",
}


def rows(*kinds: str) -> list[dict[str, Any]]:
    return [row for kind in kinds for row in TABLE[kind]]


def test_every_action_exists():
    stated = {one for row in rows("types", "keys", "functions") for name in LISTS for one in row.get(name, ())}
    assert len(stated) > 100
    assert {one for one in stated if not exists(one)} == set()


def test_every_row_has_a_source_and_a_type_of_its_own():
    for row in rows("types", "keys", "functions", "never"):
        # A file of the provider as it stood somewhere, or why there is none.
        assert "@" in row["source"] or "documentation only" in row["source"], row
    assert all(row["why"] for row in rows("never"))
    tokens = [row["type"] for row in TABLE["types"]]
    assert len(tokens) == len(set(tokens))


def test_every_property_that_decides_exists():
    for row in rows("given", "keys"):
        first = row["property"].partition(".")[0]
        assert first in describe(row["type"]).inputs, f"{row['type']} has no {first}"
    for row in TABLE["types"]:
        for path in row.get("passes", {}):
            assert path.partition(".")[0] in describe(row["type"]).inputs


def test_nothing_is_left_out_that_no_handler_names():
    tokens = {row["type"] for row in TABLE["types"]} | set(known_tokens())
    listed = {
        token: {one for ones in handlers(describe(token).cloudformation).values() for one in ones} for token in tokens
    }
    alone = {row["type"] for row in TABLE["types"] if row.get("alone")}
    counted = {one for token, ones in listed.items() if token not in alone for one in ones}
    for row in TABLE["never"]:
        assert [one for one in row["actions"] if not any(fnmatchcase(item, one) for item in counted)] == []
    idle = {
        (row["type"], one)
        for row in TABLE["types"]
        for one in (*row.get("never", ()), *row.get("never_on_create", ()))
        if not any(fnmatchcase(item, one) for item in listed[row["type"]])
    }
    assert idle == set()


def test_a_type_without_handlers_has_rows_of_its_own():
    for row in TABLE["types"]:
        if not handlers(describe(row["type"]).cloudformation):
            assert row.get("alone"), f"{row['type']} has no handlers: say that the rows are all"


@pytest.mark.parametrize("function", sorted(set(answered_functions()) - ASKING_NOTHING))
def test_every_function_asks_aws(function: str):
    assert needs.function_actions(function)


@pytest.mark.parametrize(
    ("token", "operation", "action"),
    [
        # The provider asks whether a bucket is there (terraform-provider-aws #17195).
        ("aws:s3/bucket:Bucket", "read", "s3:ListBucket"),
        ("aws:s3/bucket:Bucket", "create", "s3:ListBucket"),
        # A load balancer with groups of its own (aws-load-balancer-controller #3917).
        ("aws:lb/loadBalancer:LoadBalancer", "create", "ec2:GetSecurityGroupsForVpc"),
        ("aws:inspector2/enabler:Enabler", "read", "inspector2:BatchGetAccountStatus"),
        ("aws:iam/role:Role", "delete", "iam:ListInstanceProfilesForRole"),
        # What the provider's source shows (each row's file).
        ("aws:iam/role:Role", "read", "iam:GetRolePolicy"),
        ("aws:iam/instanceProfile:InstanceProfile", "read", "iam:GetRole"),
        ("aws:iam/policy:Policy", "update", "iam:SetDefaultPolicyVersion"),
        ("aws:kms/keyPolicy:KeyPolicy", "read", "kms:ListResourceTags"),
        ("aws:ec2/instance:Instance", "update", "ec2:ModifyVolume"),
        ("aws:ec2/securityGroup:SecurityGroup", "delete", "ec2:RevokeSecurityGroupIngress"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "read", "ec2:DescribeNetworkInterfaces"),
        ("aws:rds/clusterInstance:ClusterInstance", "create", "rds:RebootDBInstance"),
        ("aws:backup/vault:Vault", "delete", "backup:DeleteRecoveryPoint"),
        ("aws:inspector2/enabler:Enabler", "create", "inspector2:Disable"),
    ],
)
def test_known_omissions_of_the_schemas_are_made_good(token: str, operation: needs.Operation, action: str):
    assert action in needs.actions(token, operation)


def test_what_only_another_client_does_is_left_out():
    cluster = {one for operation in needs.OPERATIONS for one in needs.actions("aws:rds/cluster:Cluster", operation)}
    assert not {one for one in cluster if "Restore" in one}
    assert "rds:ModifyDBCluster" not in needs.actions("aws:rds/cluster:Cluster", "create")
    assert "rds:ModifyDBCluster" in needs.actions("aws:rds/cluster:Cluster", "update")
