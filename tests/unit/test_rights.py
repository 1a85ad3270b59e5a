"""Rights of the pipeline: enough to deploy the program, and no way from them to more.

Enough is judged by AWS's own resource schemas, which name the permissions that each type needs; the ways up by the
policy pack's analyser, which shares no code with the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from model import iam
from model.iam import Statement
from model.rights import Rights
from model.settings.bootstrap import load_bootstrap
from policy.iam import documents, escalation
from rehearsal.aws.catalog import describe
from rehearsal.aws.replacement import replacement
from tests.unit.testkit import STACKS, Graph, whole

CONFIG: Final = {
    "account": {"id": "333333333333"},
    "ownership": {"owner": "platform-team", "costCenter": "cc-fastorder"},
    "zone": {"name": "fastorder.example"},
    "github": {"repository": "cinema/fast-order"},
}
RIGHTS: Final[Rights] = load_bootstrap("prod", {key: json.dumps(value) for key, value in CONFIG.items()}).rights
OPTIONAL: Final = (
    # What schemas list for options that no resource of ours uses, for other clients than Pulumi, and by mistake.
    "acm-pca:*",
    "autoscaling:DescribeTags",
    "cognito-idp:*",
    "firehose:PutRecord*",
    "iam:DeleteRolePermissionsBoundary",
    "iam:ListInstanceProfiles",
    "iam:ListRoles",
    "lambda:AssociateRuntimeAlias",
    "lambda:PassCapacityProvider",
    "organizations:*",
    "payments:*",
    "s3:*AnalyticsConfiguration",
    "s3:*IntelligentTieringConfiguration",
    "s3:*InventoryConfiguration",
    "s3:*MetricsConfiguration",
    "s3:GetObjectVersion",
    "s3:PutObjectAcl",
    "s3:PutObjectLockConfiguration",
    "s3:REST.PUT.OBJECT",
    "s3:UpdateBucketMetadata*",
    "s3files:*",
    "s3tables:*",
    "ssm:*Association*",
    "sts:AssumeRole",
    "vpc-lattice:*",
)
FURTHER_TYPES: Final = {"aws:lambda/function:Function", "aws:guardduty/detector:Detector", "aws:cloudtrail/trail:Trail"}
"""Types that the deployer must manage once the account guard and the notifier exist."""


def covered(statements: Iterable[Statement[str]], action: str) -> bool:
    patterns = [pattern for one in statements if one.effect == "Allow" for pattern in one.actions]
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def parsed(statements: Iterable[Statement[str]]) -> list[documents.Statement]:
    return documents.statements(json.dumps(iam.document(*statements)))


@cache
def needed(type_: str) -> frozenset[str]:
    """Return the permissions that AWS's schema of a resource type asks for."""
    _, cloudformation = replacement(describe(type_))
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    schemas = Path(spec.origin).parent / "data" / "schemas"
    index: dict[str, str] = json.loads((schemas / "providers" / "ap-northeast-2.json").read_text())
    if cloudformation not in index:
        return frozenset()
    schema: dict[str, Any] = json.loads((schemas / "resources" / f"{index[cloudformation]}.json").read_text())
    handlers: dict[str, Any] = schema.get("handlers", {})
    return frozenset(name for one in handlers.values() for name in one.get("permissions", ()))


def types_in_use() -> set[str]:
    return {one.type for stack in STACKS for one in whole(stack) if one.type.startswith("aws:")}


def test_deployments_may_all_that_the_program_needs():
    wanting = {
        f"{action} ({type_})"
        for type_ in types_in_use() | FURTHER_TYPES
        for action in needed(type_)
        if not covered(RIGHTS.deployer(), action) and not any(fnmatchcase(action, one) for one in OPTIONAL)
    }
    assert wanting == set()


def test_each_excuse_is_needed():
    asked = {action for type_ in types_in_use() | FURTHER_TYPES for action in needed(type_)}
    idle = {one for one in OPTIONAL if not any(fnmatchcase(action, one) for action in asked)}
    assert idle == set()


def test_nothing_that_is_allowed_lies_beyond_the_limits():
    limits = RIGHTS.limits()
    for statement in (*RIGHTS.deployer(), *RIGHTS.preview()):
        for action in statement.actions:
            assert covered(limits, action.rstrip("*")), f"{statement.sid}: {action} is granted and never works"


def test_the_boundary_holds_all_that_roles_of_the_program_are_given():
    given = {
        action
        for stack in STACKS
        for policy in whole(stack).of("aws:iam/rolePolicy:RolePolicy")
        for statement in policy.document("policy")["Statement"]
        for action in many(statement["Action"])
    }
    assert len(given) > 10
    assert {action for action in given if not covered(RIGHTS.boundary(), action.rstrip("*"))} == set()


@pytest.mark.parametrize("document", ["deployer", "limits", "preview", "boundary"])
def test_no_document_is_a_way_to_more_rights(document: str):
    assert escalation.methods(parsed(getattr(RIGHTS, document)())) == []


def test_without_the_lock_on_regions_only_bounded_roles_can_be_reached():
    """The lock narrows where, not what: whatever else hides behind it must be known and bounded."""
    opened = [replace(one, condition={}) if one.sid == "ManagePlatform" else one for one in RIGHTS.deployer()]
    assert {method.name for method in escalation.methods(parsed(opened))} == {
        # Its own entry is the administrator's already.
        "become Kubernetes administrator",
        # Functions and instances have roles under the boundary, and none of them may change identities.
        "change a function's code",
        "change a function's layers",
        "rewrite an instance's user data",
        "rewrite a launch template",
    }
    assert not any(
        covered(RIGHTS.boundary(), action) for action in ("iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole")
    )


@pytest.mark.parametrize("document", ["limits", "boundary"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PutRolePolicy", "arn:aws:iam::333333333333:role/prod-common-role-deployer-01"),
        ("iam:PassRole", "arn:aws:iam::333333333333:role/prod-common-role-deployer-01"),
        ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::333333333333:role/prod-common-role-preview-01"),
        ("iam:CreatePolicyVersion", "arn:aws:iam::333333333333:policy/prod-common-pol-boundary-01"),
        ("iam:CreatePolicyVersion", "arn:aws:iam::333333333333:policy/prod-common-pol-deployer-01"),
        (
            "iam:AddClientIDToOpenIDConnectProvider",
            "arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com",
        ),
        ("s3:PutBucketPolicy", "arn:aws:s3:::prod-common-s3-state-01-333333333333-ap-northeast-2"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::prod-common-s3-state-01-333333333333-ap-northeast-2/a"),
    ],
)
def test_the_foundations_are_denied_to_everyone_below_them(document: str, action: str, resource: str):
    denying = [one for one in getattr(RIGHTS, document)() if one.effect == "Deny" and not one.condition]
    assert any(
        any(fnmatchcase(action, pattern) for pattern in one.actions)
        and any(fnmatchcase(resource, pattern) for pattern in one.resources)
        for one in denying
    )


def test_the_key_of_the_state_is_denied_by_its_alias():
    (denial,) = [one for one in RIGHTS.limits() if one.effect == "Deny" and one.condition]
    assert {"kms:Schedule*", "kms:Put*", "kms:Disable*", "kms:CreateGrant"} <= set(denial.actions)
    assert denial.condition == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/prod-common-kms-state-01"}}


def test_roles_are_made_under_the_boundary_only():
    for document in (RIGHTS.deployer(), RIGHTS.limits()):
        for statement in document:
            makes = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} & set(statement.actions)
            bound = statement.condition.get("StringEquals", {}).get("iam:PermissionsBoundary")
            assert not makes or bound == "arn:aws:iam::333333333333:policy/prod-common-pol-boundary-01"


def test_a_preview_reads_and_nothing_else():
    actions = {action.partition(":")[2] for one in RIGHTS.preview() for action in one.actions}
    assert {action for action in actions if not action.startswith(("Describe", "Get", "List", "View"))} == {"Decrypt"}
    assert not covered(RIGHTS.preview(), "secretsmanager:GetSecretValue")
    assert not covered(RIGHTS.preview(), "logs:GetLogEvents")


@pytest.mark.parametrize(
    ("document", "longest"), [("limits", 6144), ("boundary", 6144), ("deployer", 10240), ("preview", 10240)]
)
def test_documents_fit_what_iam_takes(document: str, longest: int):
    """Managed policies hold 6,144 characters without blanks, all inline ones of a role 10,240."""
    assert len(json.dumps(iam.document(*getattr(RIGHTS, document)()), separators=(",", ":"))) <= longest


def test_every_role_of_the_program_has_the_boundary(graph: Graph):
    boundaries = {one.inputs["permissionsBoundary"].partition("policy/")[2] for one in graph.of("aws:iam/role:Role")}
    assert boundaries == {f"{graph.exports['environment']}-common-pol-boundary-01"}


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
