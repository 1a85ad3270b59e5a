"""Least privilege in single statements of identity policies.

Owns the rules that look at one Allow statement at a time. Combinations across a role's policies are
`escalation.py`'s; trust and resource policies are judged by other rules, since `*` means something else there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Sample, sample
from policy.iam import catalog
from policy.iam.documents import IDENTITY_TYPES, Statement, identity_statements
from policy.iam.escalation import is_limited

from . import AREA

_BUCKET_ARN = "arn:aws:s3:::prod-common-s3-static-01-111122223333-ap-northeast-2/*"
_KEY_ARN = "arn:aws:kms:ap-northeast-2:111122223333:key/0f2d1c3b-4a59-4e6f-8a7b-9c0d1e2f3a4b"


def policy(action: str | list[str], resource: str | list[str] = "*", **more: object) -> str:
    """Write an identity policy of one Allow statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _granting(*documents: str) -> list[Sample]:
    return [sample("iam/policy", policy=document) for document in documents]


def _allowing(resource: Resource) -> Iterable[Statement]:
    return (item for item in identity_statements(resource) if item.allows)


def _service(action: str) -> str:
    return action.partition(":")[0].lower()


@AREA.rule(
    "iam-no-administrator",
    title="No policy grants every action on every resource",
    cause="One leaked credential of such an identity is the whole account.",
    remedy="List the actions that the workload calls, each on the ARNs that it touches.",
    types=IDENTITY_TYPES,
    severity="critical",
    controls=["FSBP IAM.1", "cdk-nag IAMPolicyNoStatementsWithAdminAccess"],
    good=_granting(policy("s3:GetObject", _BUCKET_ARN)),
    bad=[*_granting(policy("*")), sample("iam/role", inlinePolicies=[{"name": "all", "policy": policy("*:*")}])],
)
def iam_no_administrator(resource: Resource) -> Findings:
    """Find Action * with Resource *."""
    for statement in _allowing(resource):
        if _takes_all(statement) and statement.is_for_everything:
            yield resource.finding(f"{resource.label}, {statement.label}: allows every action on every resource")


def _takes_all(statement: Statement) -> bool:
    return any(action in ("*", "*:*") for action in statement.actions)


@AREA.rule(
    "iam-no-wildcard-action",
    title="No policy grants a bare * action",
    cause="A bare * grows with every service that AWS launches, whatever resource it is limited to.",
    remedy="List the actions that the workload calls.",
    types=IDENTITY_TYPES,
    severity="high",
    controls=["cdk-nag IAM5"],
    good=_granting(policy("s3:GetObject", _BUCKET_ARN)),
    bad=_granting(policy("*", _BUCKET_ARN)),
)
def iam_no_wildcard_action(resource: Resource) -> Findings:
    """Find Action * whose resources are limited (the unlimited case is the administrator rule's)."""
    for statement in _allowing(resource):
        if _takes_all(statement) and not statement.is_for_everything:
            yield resource.finding(f"{resource.label}, {statement.label}: allows every action on its resources")


@AREA.rule(
    "iam-no-service-wildcard",
    title="No policy grants all actions of a service",
    cause="svc:* includes deleting, opening to the world and the service's future actions.",
    remedy="List the actions that the workload calls; the service's reading and writing actions are rarely all needed.",
    types=IDENTITY_TYPES,
    severity="high",
    controls=["FSBP IAM.21", "cdk-nag IAM5", "cdk-nag IAMPolicyNoStatementsWithFullAccess"],
    good=_granting(policy("sqs:SendMessage", "arn:aws:sqs:ap-northeast-2:111122223333:prod-pay-sqs-order-01")),
    bad=_granting(policy("sqs:*", "arn:aws:sqs:ap-northeast-2:111122223333:prod-pay-sqs-order-01"), policy("s3:*")),
)
def iam_no_service_wildcard(resource: Resource) -> Findings:
    """Find service:* and patterns that come to the same, such as s3:**."""
    for statement in _allowing(resource):
        for action in statement.actions:
            service, separator, name = action.partition(":")
            if separator and name and not name.strip("*") and service not in ("*", "iam"):
                yield resource.finding(
                    f"{resource.label}, {statement.label}: {action} allows every action of {service}"
                )


@AREA.rule(
    "iam-no-full-iam",
    title="No policy grants all of IAM",
    cause="iam:* lets its holder write itself any other right: it is administrator by another name.",
    remedy="Grant the few IAM actions needed, on named roles, with a permissions-boundary condition.",
    types=IDENTITY_TYPES,
    severity="critical",
    good=_granting(policy("iam:GetRole", "arn:aws:iam::111122223333:role/prod-pay-role-was-01")),
    bad=_granting(policy("iam:*", "arn:aws:iam::111122223333:role/*")),
)
def iam_no_full_iam(resource: Resource) -> Findings:
    """Find iam:*."""
    for statement in _allowing(resource):
        if any(_service(action) == "iam" and not action[4:].strip("*") for action in statement.actions):
            yield resource.finding(f"{resource.label}, {statement.label}: allows every action of IAM")


@AREA.rule(
    "iam-resources-are-named",
    title="Actions that can be limited to resources are limited",
    cause="Resource * lets a workload touch the data of every other one in the account.",
    remedy="Name the ARNs in a statement of their own, or limit by a condition on tags; actions without resource "
    "level stay in a separate statement with *.",
    types=IDENTITY_TYPES,
    severity="high",
    controls=["cdk-nag IAM5"],
    good=_granting(
        policy("s3:GetObject", _BUCKET_ARN),
        policy(["ec2:DescribeInstances", "cloudwatch:PutMetricData"]),
        policy("ecr:GetAuthorizationToken"),
        policy("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
    ),
    bad=_granting(policy("s3:GetObject"), policy(["sns:Publish", "ec2:DescribeInstances"]), policy("dynamodb:Put*")),
)
def iam_resources_are_named(resource: Resource) -> Findings:
    """Find limitable actions on Resource *, and say what ARN to write."""
    for statement in _allowing(resource):
        if "*" not in statement.resources or is_limited(statement) or _takes_all(statement):
            continue
        for action in statement.actions:
            if catalog.can_be_limited(action):
                yield resource.finding(
                    f"{resource.label}, {statement.label}: {action} on * can be limited, for example to "
                    f"{catalog.narrower(action) or 'an ARN of its resource'}"
                )


@AREA.rule(
    "iam-no-inverted-allow",
    title="No policy allows by NotAction or NotResource",
    cause="Everything but a list is nearly everything, and more each year.",
    remedy="Write what is allowed as Action and Resource; exclude with a Deny statement.",
    types=IDENTITY_TYPES,
    severity="high",
    good=[
        *_granting(policy("s3:GetObject", _BUCKET_ARN)),
        sample(
            "iam/policy",
            policy=json.dumps({"Statement": [{"Effect": "Deny", "NotAction": "iam:GetUser", "Resource": "*"}]}),
        ),
    ],
    bad=[
        sample(
            "iam/policy",
            policy=json.dumps({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}),
        ),
        sample(
            "iam/policy",
            policy=json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": _BUCKET_ARN}}),
        ),
    ],
)
def iam_no_inverted_allow(resource: Resource) -> Findings:
    """Find Allow with NotAction or NotResource."""
    for statement in _allowing(resource):
        for element, values in (("NotAction", statement.not_actions), ("NotResource", statement.not_resources)):
            if values:
                yield resource.finding(f"{resource.label}, {statement.label}: allows by {element}")


@AREA.rule(
    "iam-no-decrypt-everywhere",
    title="Decryption is limited to named keys",
    cause="A key protects only against identities that may not use it; kms:Decrypt on all keys undoes every key.",
    remedy="Name the key's ARN, or add a kms:ViaService or kms:ResourceAliases condition.",
    types=IDENTITY_TYPES,
    severity="high",
    controls=["FSBP KMS.1", "FSBP KMS.2"],
    good=_granting(
        policy("kms:Decrypt", _KEY_ARN),
        policy("kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.ap-northeast-2.amazonaws.com"}}),
    ),
    bad=_granting(
        policy("kms:Decrypt"), policy("kms:*", "arn:aws:kms:*:111122223333:key/*"), policy(["kms:ReEncrypt*"])
    ),
)
def iam_no_decrypt_everywhere(resource: Resource) -> Findings:
    """Find decrypting actions on all keys."""
    for statement in _allowing(resource):
        everywhere = statement.is_for_everything or any(item.endswith((":key/*", ":*")) for item in statement.resources)
        if everywhere and not is_limited(statement) and not _takes_all(statement):
            taken = [name for name in ("kms:Decrypt", "kms:ReEncryptFrom") if statement.covers(name)]
            if taken:
                yield resource.finding(f"{resource.label}, {statement.label}: {', '.join(taken)} on every key")
