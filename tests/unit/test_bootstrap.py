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

from rehearsal.iam import may_assume
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


SUBJECT: Final = "repo:cinema@123456/fast-order@456789"
PERSON: Final = "arn:aws:iam::111111111111:user/kim"
PERMISSION_SET: Final = (
    "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/ap-northeast-2/AWSReservedSSO_Operators_*"
)


def with_settings(stack: str, **areas: dict[str, Any]) -> Graph:
    given = deepcopy(config(stack))
    for area, values in areas.items():
        kept = {key: value for key, value in given.get(f"{PROJECT}:{area}", {}).items() if key not in values}
        given[f"{PROJECT}:{area}"] = kept | {key: value for key, value in values.items() if value is not None}
    return run_bootstrap(stack, given)


def trusts(graph: Graph, role: str) -> list[dict[str, Any]]:
    return graph.one("aws:iam/role:Role", role).document("assumeRolePolicy")["Statement"]


@pytest.mark.parametrize("stack", STACKS)
def test_github_is_believed_for_one_repository_and_one_purpose_each(stack: str):
    graph = bootstrap(stack)
    subjects = {
        "deployer": [f"{SUBJECT}:environment:{stack}"],
        "images": [f"{SUBJECT}:environment:{stack}"],
        "preview": [f"{SUBJECT}:environment:{stack}-preview", f"{SUBJECT}:ref:refs/heads/main"],
    }
    for job, subject in subjects.items():
        role = graph.one("aws:iam/role:Role", f"pipeline-{job}-role")
        (statement,) = trusts(graph, f"pipeline-{job}-role")
        account = graph.one("pulumi:providers:aws").inputs["allowedAccountIds"].strip('[]"')
        assert statement["Principal"] == {"Federated": f"arn:aws:iam::{account}:oidc-provider/{GITHUB}"}
        assert statement["Condition"] == {
            "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subject}
        }
        assert role.inputs["permissionsBoundary"] == "arn:aws:mock:::policies-limits"
        assert role.inputs["name"] == f"{stack}-common-role-{job}-01"
        assert role.inputs["maxSessionDuration"] == (7200 if job == "deployer" else 3600)


@pytest.mark.parametrize(
    "context",
    [
        *("pull_request", "environment:stg", "environment:prod-preview2", "ref:refs/heads/mainline"),
        *("ref:refs/tags/main", "environment:prod:x", "ref:refs/heads/other"),
    ],
)
def test_nothing_else_of_the_repository_is_believed(context: str):
    graph, provider = bootstrap("prod"), f"arn:aws:iam::333333333333:oidc-provider/{GITHUB}"
    for role in ("deployer", "images", "preview"):
        document = graph.one("aws:iam/role:Role", f"pipeline-{role}-role").inputs["assumeRolePolicy"]
        for subject in (f"{SUBJECT}:{context}", f"repo:cinema/fast-order:{context}"):
            claims = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subject}
            assert not may_assume(document, "sts:AssumeRoleWithWebIdentity", provider, claims)


def test_who_took_the_name_of_owner_or_repository_is_not_believed():
    graph, provider = bootstrap("prod"), f"arn:aws:iam::333333333333:oidc-provider/{GITHUB}"
    document = graph.one("aws:iam/role:Role", "pipeline-deployer-role").inputs["assumeRolePolicy"]
    verdicts = {
        subject: bool(
            may_assume(
                document,
                "sts:AssumeRoleWithWebIdentity",
                provider,
                {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": f"repo:{subject}:environment:prod"},
            )
        )
        for subject in (
            "cinema@123456/fast-order@456789",
            "cinema@999999/fast-order@456789",
            "cinema@123456/fast-order@999999",
            "cinema/fast-order",
        )
    }
    assert [subject for subject, believed in verdicts.items() if believed] == ["cinema@123456/fast-order@456789"]


def test_an_older_repository_is_believed_by_its_names():
    graph = with_settings("prod", github={"ownerId": None, "repositoryId": None, "immutableSubjects": False})
    (statement,) = trusts(graph, "pipeline-deployer-role")
    assert statement["Condition"]["StringEquals"][f"{GITHUB}:sub"] == ["repo:cinema/fast-order:environment:prod"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_operators_role_is_denied_to_everyone_before_somebody_is_named(stack: str):
    graph = bootstrap(stack)
    document = graph.one("aws:iam/role:Role", "operators-operator-role").inputs["assumeRolePolicy"]
    account = config(stack)[f"{PROJECT}:account"]["id"]
    for person in (PERSON.replace("111111111111", account), f"arn:aws:iam::{account}:root"):
        assert not may_assume(document, "sts:AssumeRole", person, {"aws:MultiFactorAuthPresent": "true"})
    assert set(graph.exports["roleArns"]) == {"deployer", "images", "operator", "preview"}  # pyright: ignore[reportArgumentType]


def test_operators_prove_themselves_with_mfa_or_by_single_sign_on():
    graph = with_settings("dev", operators={"principalArns": [PERSON, PERMISSION_SET]})
    users, sets = trusts(graph, "operators-operator-role")
    assert users["Principal"] == {"AWS": PERSON}
    assert users["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert sets["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert sets["Condition"] == {"ArnLike": {"aws:PrincipalArn": [PERMISSION_SET]}}
    document = graph.one("aws:iam/role:Role", "operators-operator-role").inputs["assumeRolePolicy"]
    proved, plain = {"aws:MultiFactorAuthPresent": "true"}, {"aws:MultiFactorAuthPresent": "false"}
    assert may_assume(document, "sts:AssumeRole", PERSON, proved)
    assert not may_assume(document, "sts:AssumeRole", PERSON, plain)
    assert not may_assume(document, "sts:AssumeRole", PERSON, {})
    assert not may_assume(document, "sts:AssumeRole", PERSON.replace("kim", "lee"), proved)
    for suffix in ("0123456789abcdef", "fedcba9876543210"):
        role = PERMISSION_SET.replace("*", suffix)
        assert may_assume(document, "sts:AssumeRole", role, {"aws:PrincipalArn": role})
        other = role.replace("Operators", "Auditors")
        assert not may_assume(document, "sts:AssumeRole", other, {"aws:PrincipalArn": other})


@pytest.mark.parametrize(("stack", "deploys"), [("dev", True), ("stg", False), ("prod", False)])
def test_operators_have_the_deployers_rights_in_dev_only(stack: str, deploys: bool):
    graph = with_settings(stack, operators={"principalArns": [PERSON]})
    names = [one.name for one in graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")]
    had = {
        role: {name.rpartition("-")[2] for name in names if f"-{role}-" in name}
        for role in ("deployer", "operator", "preview", "images")
    }
    assert had["preview"] == {"read"}
    assert had["images"] == set()
    assert had["deployer"] > {"read"}
    assert had["operator"] == (had["deployer"] if deploys else {"read"})
    asked = with_settings(stack, operators={"principalArns": [PERSON], "mayDeploy": not deploys})
    assert len(asked.registrations) != len(graph.registrations)


def test_ids_without_the_form_that_carries_them_are_refused():
    with pytest.raises(pulumi.RunError, match=r"github\.ownerId = 123456 is not signed without immutableSubjects"):
        with_settings("dev", github={"immutableSubjects": False})


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
        ("github", "repo", "cinema/fast-order", "use one of repository, ownerId, repositoryId"),
        ("github", "ownerId", None, "ask `gh api repos/cinema/fast-order --jq '.owner.id, .id'`"),
        ("github", "repositoryId", None, "ask `gh api repos/cinema/fast-order --jq '.owner.id, .id'`"),
        ("github", "ownerId", "123456", "write a whole number without quotes"),
        ("github", "repositoryId", 0, "write 1 or more"),
        ("operators", "principalArns", ["arn:aws:iam::111111111111:role/admin"], "is no person"),
        ("operators", "principalArns", ["arn:aws:iam::111111111111:root"], "is no person"),
        ("operators", "mayDeploy", "yes", "write true or false"),
        ("account", "id", "1234", "write for example 123456789012"),
        ("zone", "name", "fastorder.example.", "write for example dev.fastorder.example"),
    ],
)
def test_a_wrong_setting_makes_nothing_and_is_told_in_one_line(area: str, key: str, value: str, fix: str):
    given, graph = deepcopy(config("dev")), Graph()
    given.setdefault(f"{PROJECT}:{area}", {})[key] = value
    with pytest.raises(pulumi.RunError) as caught:
        run_bootstrap("dev", given, graph)
    assert f"{PROJECT}:{area}.{key}" in str(caught.value)
    assert fix in str(caught.value)
    assert graph.registrations == []
