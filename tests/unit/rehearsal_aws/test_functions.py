"""The provider's functions answer from constants and from the simulated cloud, and never invent a resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.functions import answered_functions
from rehearsal.aws.sdk import read_function

if TYPE_CHECKING:
    from conftest import Engine


def test_identity_and_region_are_those_of_the_rehearsal(engine: Engine) -> None:
    identity, _ = engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert identity["accountId"] == "123456789012"
    region, _ = engine.invoke("aws:index/getRegion:getRegion", {})
    assert region["region"] == "ap-northeast-2"


def test_the_account_is_the_one_that_the_rehearsal_names(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTORDER_ACCOUNT", "498273610554")
    identity, _ = engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    repository = engine.create("aws:ecr/repository:Repository", "r", {"name": "web"})
    assert identity["accountId"] == "498273610554"
    assert repository.state["registryId"] == "498273610554"
    assert repository.state["repositoryUrl"] == "498273610554.dkr.ecr.ap-northeast-2.amazonaws.com/web"


def test_zones_follow_the_region_asked_for(engine: Engine) -> None:
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    seoul, _ = engine.invoke(token, {})
    tokyo, _ = engine.invoke(token, {"region": "ap-northeast-1"})
    assert seoul["names"] == [f"ap-northeast-2{letter}" for letter in "abcd"]
    assert tokyo["names"] == [f"ap-northeast-1{letter}" for letter in "acd"]
    assert tokyo["zoneIds"] == ["apne1-az4", "apne1-az1", "apne1-az2"]


def test_a_policy_document_is_rendered_as_iam_reads_it(engine: Engine) -> None:
    result, _ = engine.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {
            "statements": [
                {
                    "sid": "Read",
                    "actions": ["s3:GetObject", "s3:ListBucket"],
                    "resources": ["arn:aws:s3:::b"],
                    "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
                    "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
                }
            ]
        },
    )
    assert json.loads(str(result["json"])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetObject"],
                "Resource": "arn:aws:s3:::b",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_an_override_document_replaces_the_statement_of_the_same_sid(engine: Engine) -> None:
    deny = json.dumps({"Statement": {"Sid": "S", "Effect": "Deny", "Action": "*", "Resource": "*"}})
    result, _ = engine.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {"statements": [{"sid": "S", "actions": ["s3:*"], "resources": ["*"]}], "overridePolicyDocuments": [deny]},
    )
    assert [statement["Effect"] for statement in json.loads(str(result["json"]))["Statement"]] == ["Deny"]


def test_a_lookup_finds_what_exists_and_refuses_what_does_not(engine: Engine) -> None:
    token = "aws:route53/getZone:getZone"
    _, failures = engine.invoke(token, {"name": "example.com"})
    assert "no aws:route53/zone:Zone with name 'example.com' exists" in failures[0]
    zone = engine.create("aws:route53/zone:Zone", "z", {"name": "example.com"})
    found, _ = engine.invoke(token, {"name": "example.com"})
    assert found["zoneId"] == zone.id


def test_a_function_without_an_answer_is_refused_by_name(engine: Engine) -> None:
    _, failures = engine.invoke("aws:sqs/getQueue:getQueue", {"name": "q"})
    assert "no answer for the function aws:sqs/getQueue:getQueue" in failures[0]


@pytest.mark.parametrize("token", answered_functions())
def test_each_answered_function_exists_in_the_sdk(token: str) -> None:
    assert read_function(token)[1]


@pytest.mark.parametrize(
    ("token", "arguments"),
    [
        ("aws:index/getPartition:getPartition", {}),
        ("aws:ec2/getAmi:getAmi", {"owners": ["amazon"], "mostRecent": True}),
        ("aws:ssm/getParameter:getParameter", {"name": "/aws/service/ami-amazon-linux-latest/al2023"}),
        (
            "aws:ec2/getManagedPrefixList:getManagedPrefixList",
            {"name": "com.amazonaws.global.cloudfront.origin-facing"},
        ),
        ("aws:elb/getServiceAccount:getServiceAccount", {}),
        ("aws:eks/getClusterAuth:getClusterAuth", {"name": "c"}),
        ("aws:eks/getAddonVersion:getAddonVersion", {"addonName": "metrics-server", "kubernetesVersion": "1.36"}),
    ],
)
def test_answers_use_only_names_that_the_sdk_has(engine: Engine, token: str, arguments: dict[str, str]) -> None:
    result, failures = engine.invoke(token, dict(arguments))
    known, results = read_function(token)
    assert failures == []
    assert set(result) <= results | known
