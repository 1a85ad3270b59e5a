"""The bootstrap project as it is registered: who is believed, where state lies, and what a wrong setting is told."""

from __future__ import annotations

import json
import runpy
from copy import deepcopy
from functools import cache
from typing import Any, Final

import pulumi
import pytest
import yaml

from tests.unit.testkit import ROOT, STACKS, Graph, run

GITHUB: Final = "token.actions.githubusercontent.com"
PROJECT: Final = "fast-order-bootstrap"


def config(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "bootstrap" / f"Pulumi.{stack}.yaml").read_text())["config"]


def run_bootstrap(stack: str, given: dict[str, Any], graph: Graph | None = None) -> Graph:
    texts = {key: json.dumps(value) for key, value in given.items()}
    program = str(ROOT / "bootstrap" / "__main__.py")
    return run(lambda: runpy.run_path(program, run_name="__main__"), stack, texts, graph, PROJECT)


@cache
def bootstrap(stack: str) -> Graph:
    return run_bootstrap(stack, config(stack))


@pytest.mark.parametrize("stack", STACKS)
def test_github_is_believed_for_one_repository_and_one_purpose_each(stack: str):
    graph = bootstrap(stack)
    subjects = {
        "deployer": [f"repo:cinema/fast-order:environment:{stack}"],
        "preview": ["repo:cinema/fast-order:pull_request", "repo:cinema/fast-order:ref:refs/heads/main"],
    }
    for job, subject in subjects.items():
        role = graph.one("aws:iam/role:Role", f"pipeline-{job}-role")
        (statement,) = role.document("assumeRolePolicy")["Statement"]
        account = graph.one("pulumi:providers:aws").inputs["allowedAccountIds"].strip('[]"')
        assert statement["Principal"] == {"Federated": f"arn:aws:iam::{account}:oidc-provider/{GITHUB}"}
        assert statement["Condition"] == {
            "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subject}
        }
        assert role.inputs["permissionsBoundary"] == "arn:aws:mock:::pipeline-deployer-limits"
        assert role.inputs["name"] == f"{stack}-common-role-{job}-01"


def test_the_platforms_stacks_name_the_roles_and_zones_that_are_made_here():
    for stack in STACKS:
        platform = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
        made = bootstrap(stack).one("aws:iam/role:Role", "pipeline-deployer-role").inputs["name"]
        assert platform["fast-order:account"]["deployerRoleArn"].endswith(f":role/{made}")
        assert platform["fast-order:account"]["id"] == config(stack)[f"{PROJECT}:account"]["id"]
        assert platform["fast-order:domain"]["zoneName"] == config(stack)[f"{PROJECT}:zone"]["name"]


@pytest.mark.parametrize("stack", STACKS)
def test_foundations_are_protected_in_every_environment(stack: str):
    stateful = ("aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:route53/zone:Zone")
    for one in bootstrap(stack).of(*stateful):
        assert one.protect
        assert one.retain


@pytest.mark.parametrize("stack", STACKS)
def test_state_is_kept_in_all_versions_under_its_own_key_and_every_access_is_recorded(stack: str):
    graph = bootstrap(stack)
    encryption = graph.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "state-bucket-encryption",
    )
    (rule,) = encryption.inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == "arn:aws:mock:::state-key"
    (lifecycle,) = graph.one(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "state-bucket-lifecycle"
    ).inputs["rules"]
    assert not {"expiration", "transitions"} & set(lifecycle)
    logging = graph.one("aws:s3/bucketLogging:BucketLogging").inputs
    assert logging["targetBucket"] == graph.one("aws:s3/bucket:Bucket", "state-logs-bucket").inputs["bucket"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_zone_is_signed_and_logged_from_the_region_where_route_53_lives(stack: str):
    graph = bootstrap(stack)
    for role in ("dnslog", "dnssec"):
        assert graph.one("aws:kms/key:Key", f"zone-{role}").inputs["region"] == "us-east-1"
    signing = graph.one("aws:kms/key:Key", "zone-dnssec").inputs
    assert (signing["keyUsage"], signing["customerMasterKeySpec"]) == ("SIGN_VERIFY", "ECC_NIST_P256")
    query_log = graph.one("aws:route53/queryLog:QueryLog")
    awaited = {graph.at(urn).type.rpartition(":")[2] for urn in query_log.dependencies}
    assert {"LogResourcePolicy", "LogGroup"} <= awaited


@pytest.mark.parametrize(
    ("area", "key", "value", "fix"),
    [
        ("github", "repository", "fast-order", "write for example cinema/fast-order"),
        ("github", "repository", "cinema/*", "write for example cinema/fast-order"),
        ("github", "repo", "cinema/fast-order", "use one of repository, branch"),
        ("account", "id", "1234", "write for example 123456789012"),
        ("zone", "name", "fastorder.example.", "write for example dev.fastorder.example"),
    ],
)
def test_a_wrong_setting_makes_nothing_and_is_told_in_one_line(area: str, key: str, value: str, fix: str):
    given, graph = deepcopy(config("dev")), Graph()
    given[f"{PROJECT}:{area}"][key] = value
    with pytest.raises(pulumi.RunError) as caught:
        run_bootstrap("dev", given, graph)
    assert f"{PROJECT}:{area}.{key}" in str(caught.value)
    assert fix in str(caught.value)
    assert graph.registrations == []
