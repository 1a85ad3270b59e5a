"""Check refuses what the SDK and AWS do not allow, and completes the rest as the official provider does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.checking import UNKNOWN

if TYPE_CHECKING:
    from conftest import Engine

    from rehearsal.cloud import JsonObject

VPC = "aws:ec2/vpc:Vpc"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
CLUSTER = "aws:eks/cluster:Cluster"
TARGETS = "aws:lb/targetGroup:TargetGroup"
REFUSED: list[tuple[str, str, JsonObject, str]] = [
    ("an unknown argument", VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok is not an argument; did you mean cidrBlock?"),
    (
        "an unknown nested argument",
        CLUSTER,
        {"roleArn": "arn:aws:iam::123456789012:role/r", "vpcConfig": {"subnetIds": [], "publicAccess": True}},
        "vpcConfig.publicAccess is not an argument",
    ),
    ("an output as an argument", VPC, {"arn": "x"}, "arn is not an argument"),
    ("a missing argument", ROLE, {"name": "r"}, "assumeRolePolicy is required (a JSON document) but missing"),
    (
        "a missing nested argument",
        CLUSTER,
        {"roleArn": "arn:aws:iam::123456789012:role/r", "vpcConfig": {}},
        "vpcConfig.subnetIds is required (a list of a string) but missing",
    ),
    (
        "a text for a flag",
        VPC,
        {"enableDnsSupport": "yes"},
        "enableDnsSupport must be true or false, got the string 'yes'",
    ),
    ("a number for a text", VPC, {"cidrBlock": 10}, "cidrBlock must be a string, got the number 10"),
    ("a fraction for a whole number", TARGETS, {"port": 80.5}, "port must be a whole number"),
    (
        "a text for a list",
        CLUSTER,
        {"roleArn": "arn:aws:iam::123456789012:role/r", "vpcConfig": {"subnetIds": "s"}},
        "subnetIds must be a list of a string",
    ),
    ("a value outside an enumeration", TARGETS, {"protocol": "AJP"}, "protocol is 'AJP', allowed: HTTP, HTTPS, TCP"),
    ("a number out of range", TARGETS, {"port": 70000}, "port is 70000, the maximum is 65535"),
    ("a name that is too long", TARGETS, {"name": "x" * 33}, "name is 33 characters long, the maximum is 32"),
    ("a name of wrong characters", BUCKET, {"bucket": "Upper_Case"}, "bucket is 'Upper_Case', it must match"),
    (
        "a limit in a nested value",
        CLUSTER,
        {
            "roleArn": "arn:aws:iam::123456789012:role/r",
            "vpcConfig": {"subnetIds": ["s"]},
            "upgradePolicy": {"supportType": "FOREVER"},
        },
        "upgradePolicy.supportType is 'FOREVER', allowed: STANDARD, EXTENDED (source: the AWS provider's source)",
    ),
    (
        "a class that shares its name with a block",
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "bbb", "versioning": {}},
        "versioning is not an argument; did you mean versioningConfiguration?",
    ),
]


@pytest.mark.parametrize(
    ("token", "arguments", "reason"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refuses(engine: Engine, token: str, arguments: JsonObject, reason: str) -> None:
    _, failures = engine.check(token, "thing", arguments)
    assert any(reason in failure for failure in failures), failures


def test_unknown_values_are_accepted_wherever_a_value_may_stand(engine: Engine) -> None:
    _, failures = engine.check(
        CLUSTER,
        "c",
        {"name": "c", "roleArn": UNKNOWN, "vpcConfig": {"subnetIds": [UNKNOWN], "securityGroupIds": UNKNOWN}},
    )
    assert failures == []


def test_region_tags_and_documented_defaults_are_filled_in_and_listed(engine: Engine) -> None:
    inputs, _ = engine.check(VPC, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "x"}})
    assert inputs["region"] == "ap-northeast-2"
    assert inputs["enableDnsSupport"] is True
    assert inputs["tags"] == {"Name": "x"}
    assert inputs["tagsAll"] == {"Environment": "dev", "Name": "x"}
    assert inputs["__defaults"] == ["enableDnsSupport", "instanceTenancy", "region"]


def test_tags_that_are_unknown_make_all_tags_unknown(engine: Engine) -> None:
    inputs, _ = engine.check(VPC, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": UNKNOWN}})
    assert inputs["tagsAll"] == UNKNOWN


def test_a_global_resource_has_no_region(engine: Engine) -> None:
    inputs, _ = engine.check(ROLE, "r", {"assumeRolePolicy": "{}"})
    assert "region" not in inputs


def test_a_policy_given_as_an_object_becomes_text(engine: Engine) -> None:
    inputs, failures = engine.check(ROLE, "r", {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": []}})
    assert failures == []
    assert json.loads(str(inputs["assumeRolePolicy"])) == {"Version": "2012-10-17", "Statement": []}


def test_a_name_is_invented_kept_and_replaced_by_a_given_one(engine: Engine) -> None:
    first, _ = engine.check(ROLE, "app", {"assumeRolePolicy": "{}"})
    name = str(first["name"])
    assert name.startswith("app-")
    assert len(name) == len("app-") + 7
    later, _ = engine.check(ROLE, "app", {"assumeRolePolicy": "{}"}, old=first | {"name": "app-0000000"})
    assert later["name"] == "app-0000000"
    given, _ = engine.check(ROLE, "app", {"assumeRolePolicy": "{}", "name": "mine"}, old=first)
    assert given["name"] == "mine"
    assert "name" not in str(given["__defaults"])


def test_a_prefix_is_left_to_aws(engine: Engine) -> None:
    inputs, _ = engine.check(ROLE, "app", {"assumeRolePolicy": "{}", "namePrefix": "p-"})
    assert "name" not in inputs


def test_naming_off_refuses_what_has_no_name(engine: Engine) -> None:
    _, failures = engine.check(BUCKET, "b", {}, autonaming_off=True)
    assert failures == [
        "bucket is not given and automatic naming is disabled (pulumi:autonaming): set bucket explicitly"
    ]


def test_an_invented_name_that_is_too_long_is_refused(engine: Engine) -> None:
    _, failures = engine.check(TARGETS, "a" * 30, {"port": 80})
    assert "38 characters; the maximum is 32" in failures[0]
