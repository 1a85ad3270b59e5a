"""Least privilege in combination: what the statements of an identity add up to, and which single actions are keys.

Owns the rules on privilege escalation, role passing, credentials, data and permissions on every resource.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, Sample, Severity, sample
from policy.iam import catalog, escalation, identities
from policy.iam.documents import IDENTITY_TYPES, Statement, identity_statements

from . import AREA
from .statements import policy

_ROLE_ARN = "arn:aws:iam::111122223333:role/prod-common-role-node-01"
_TRUST = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)
_SHOWN = 3


def _named(found: list[escalation.Method]) -> str:
    shown = "; ".join(f"{method.name} ({' + '.join(method.actions)})" for method in found[:_SHOWN])
    return shown + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


@AREA.rule(
    "iam-no-privilege-escalation",
    title="No identity can give itself more rights",
    cause="These combinations turn a limited identity into an administrator in one or two calls.",
    remedy="Limit the actions to named resources (iam:PassRole to the one role, with iam:PassedToService), or take "
    "one action of the combination away.",
    types=[*IDENTITY_TYPES, "iam/user", "iam/group"],
    severity="critical",
    scope="stack",
    good=[
        sample("iam/policy", policy=policy(["iam:GetRole", "iam:ListRoles"])),
        sample(
            "iam/policy",
            policy=json.dumps(
                {
                    "Statement": [
                        {"Effect": "Allow", "Action": "iam:*Policy*", "Resource": "*"},
                        {
                            "Effect": "Deny",
                            "Action": ["iam:Create*", "iam:Set*", "iam:Attach*", "iam:Put*", "iam:Update*"],
                            "Resource": "*",
                        },
                    ]
                }
            ),
        ),
        (
            sample("iam/role", "ci", assumeRolePolicy=_TRUST),
            sample("iam/rolePolicy", "pass", role=Ref("ci"), policy=policy("iam:PassRole", _ROLE_ARN)),
            sample("iam/rolePolicy", "run", role=Ref("ci"), policy=policy("ec2:RunInstances")),
        ),
    ],
    bad=[
        sample("iam/policy", policy=policy("iam:CreatePolicyVersion")),
        sample("iam/policy", policy=policy(["iam:PassRole", "ec2:RunInstances"])),
        (
            sample("iam/role", "ci", assumeRolePolicy=_TRUST),
            sample("iam/rolePolicy", "pass", role=Ref("ci"), policy=policy("iam:PassRole")),
            sample("iam/policy", "run", policy=policy(["lambda:CreateFunction", "lambda:InvokeFunction"])),
            sample("iam/rolePolicyAttachment", "attach", role=Ref("ci"), policyArn=Ref("run", "arn")),
        ),
    ],
)
def iam_no_privilege_escalation(resource: Resource, run: Run) -> Findings:
    """Search each policy by itself, and each identity for what only its policies together give."""
    alone = (
        [] if resource.type in ("iam/user", "iam/group") else escalation.methods(list(identity_statements(resource)))
    )
    if alone:
        yield resource.finding(f"{resource.label} lets its holder {_named(alone)}")
    if resource.type not in ("iam/role", "iam/user", "iam/group"):
        return
    parts = list(identities.documents(resource, run.stack))
    together = [statement for part in parts for statement in part]
    single = {method.name for part in parts for method in escalation.methods(part)}
    combined = escalation.methods(together, identities.boundary(resource, run.stack))
    added = [method for method in combined if method.name not in single]
    if added:
        yield resource.finding(f"{resource.label}, by its policies together, can {_named(added)}")


@AREA.rule(
    "iam-passrole-limited",
    title="Roles that may be passed are named",
    cause="iam:PassRole on every role hands any service any role of the account, the administrator's included.",
    remedy="Name the role's ARN as the resource.",
    types=IDENTITY_TYPES,
    severity="high",
    good=[sample("iam/policy", policy=policy("iam:PassRole", _ROLE_ARN))],
    bad=[
        sample("iam/policy", policy=policy("iam:PassRole")),
        sample("iam/policy", policy=policy("iam:Pass*", "arn:aws:iam::111122223333:role/*")),
    ],
)
def iam_passrole_limited(resource: Resource) -> Findings:
    """Find iam:PassRole on all roles; a condition on the service alone does not name the role."""
    for statement in identity_statements(resource):
        if statement.allows and escalation.is_wide(statement) and _passes(statement):
            yield resource.finding(f"{resource.label}, {statement.label}: may pass every role")


def _passes(statement: Statement) -> bool:
    return statement.covers("iam:PassRole") and not any(item in ("*", "*:*", "iam:*") for item in statement.actions)


@AREA.rule(
    "iam-passrole-to-named-service",
    title="A passed role is passed to a named service",
    cause="Without iam:PassedToService a role meant for the backup service can be given to an instance or a function.",
    remedy="Add Condition StringEquals iam:PassedToService with the one service.",
    types=IDENTITY_TYPES,
    severity="low",
    good=[
        sample(
            "iam/policy",
            policy=policy(
                "iam:PassRole",
                _ROLE_ARN,
                Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
            ),
        )
    ],
    bad=[sample("iam/policy", policy=policy("iam:PassRole", _ROLE_ARN))],
)
def iam_passrole_to_named_service(resource: Resource) -> Findings:
    """Find iam:PassRole without the condition."""
    for statement in identity_statements(resource):
        if statement.allows and _passes(statement) and not statement.values_of("iam:PassedToService"):
            yield resource.finding(f"{resource.label}, {statement.label}: passes roles to any service")


@dataclass(frozen=True)
class _Sensitive:
    id: str
    title: str
    cause: str
    actions: tuple[str, ...]
    severity: Severity


_SENSITIVE = (
    _Sensitive(
        "iam-no-credential-exposure",
        "No identity hands out credentials of every kind of holder",
        "These actions return passwords, keys or sessions of other identities.",
        (
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:CreateServiceSpecificCredential",
            "iam:ResetServiceSpecificCredential",
            "iam:UpdateAccessKey",
            "sts:AssumeRole",
            "sts:AssumeRoleWithSAML",
            "sts:AssumeRoleWithWebIdentity",
            "sts:GetFederationToken",
            "ec2:GetPasswordData",
            "redshift:GetClusterCredentials",
            "rds-db:connect",
            "codeartifact:GetAuthorizationToken",
            "lightsail:GetInstanceAccessDetails",
            "cognito-identity:GetCredentialsForIdentity",
            "chime:CreateApiKey",
            "codepipeline:PollForJobs",
            "gamelift:RequestUploadCredentials",
        ),
        "high",
    ),
    _Sensitive(
        "iam-no-data-exfiltration",
        "No identity reads all objects, secrets or parameters",
        "These actions return the data itself; on every resource they return all of it.",
        (
            "s3:GetObject",
            "secretsmanager:GetSecretValue",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            "dynamodb:GetItem",
            "dynamodb:Scan",
            "rds:CopyDBSnapshot",
            "rds:ModifyDBSnapshotAttribute",
            "ec2:ModifySnapshotAttribute",
            "ebs:GetSnapshotBlock",
        ),
        "high",
    ),
)


def _check_sensitive(sensitive: _Sensitive) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        for statement in identity_statements(resource):
            if not statement.allows or not escalation.is_wide(statement) or escalation.is_limited(statement):
                continue
            found = escalation.taken(statement, sensitive.actions)
            if found:
                yield resource.finding(f"{resource.label}, {statement.label}: {', '.join(found)} on every resource")

    return check


def _register(sensitive: _Sensitive) -> None:
    first = sensitive.actions[0]
    arn = catalog.narrower(first).partition(" or ")[0] or "arn:aws:example"
    narrow = arn.replace("${Partition}", "aws").replace("${Account}", "111122223333")
    AREA.rule(
        sensitive.id,
        title=sensitive.title,
        cause=sensitive.cause,
        remedy="Name the resources, or limit by a condition on tags or on the calling service.",
        types=IDENTITY_TYPES,
        severity=sensitive.severity,
        good=[sample("iam/policy", policy=policy(first, narrow))],
        bad=[Sample("iam/policy", "example", {"policy": policy(action)}) for action in sensitive.actions[:_SHOWN]],
    )(_check_sensitive(sensitive))


for _sensitive in _SENSITIVE:
    _register(_sensitive)


@AREA.rule(
    "iam-no-permission-management",
    title="No identity manages permissions of every resource",
    cause="Whoever may write bucket, key or queue policies everywhere can open them to himself or to the world.",
    remedy="Name the resources whose permissions the workload manages.",
    types=IDENTITY_TYPES,
    severity="high",
    good=[
        sample("iam/policy", policy=policy("s3:PutBucketPolicy", "arn:aws:s3:::prod-common-s3-logs-01-111122223333")),
        sample(
            "iam/policy",
            policy=policy("kms:CreateGrant", Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        ),
    ],
    bad=[
        sample("iam/policy", policy=policy("s3:PutBucketPolicy")),
        sample("iam/policy", policy=policy("kms:CreateG*")),
    ],
)
def iam_no_permission_management(resource: Resource) -> Findings:
    """Find actions of AWS's access level `Permissions management` on all resources."""
    for statement in identity_statements(resource):
        if not statement.allows or not escalation.is_wide(statement) or escalation.is_limited(statement):
            continue
        found = {
            action.name
            for pattern in statement.actions
            for action in catalog.expand(pattern)
            if "Permissions management" in action.level and action.resources
        }
        if found:
            names = sorted(found)
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            yield resource.finding(
                f"{resource.label}, {statement.label}: {', '.join(names[:_SHOWN])}{more} on every resource"
            )
