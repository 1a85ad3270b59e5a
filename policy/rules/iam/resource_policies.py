"""Resource policies: what they open to the world, to other services and to all actions.

Owns the rules on policies that sit on a resource. `Resource: "*"` there means the resource itself, and a Deny for
everybody opens nothing: neither is judged. AWS services that act for other accounts must be tied to ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Sample, Severity
from policy.iam.documents import Statement, statements

from . import AREA
from .resource_policy_kinds import KINDS, ResourcePolicyKind

_TYING: Final = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpath",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:sourceip",
    "aws:principalorgid",
    "aws:principalorgpath",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag",
    "aws:userid",
    "aws:principalisawsservice",
    "kms:calleraccount",
    "kms:viaservice",
    "kms:encryptioncontext",
    "kms:grantisforawsresource",
    "elasticfilesystem:accessedviamounttarget",
    "elasticfilesystem:accesspointarn",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-acl",
    "lambda:functionurlauthtype",
    "sns:endpoint",
)
_OPEN_VALUES: Final = ("*", "0.0.0.0/0", "::/0")
_ANY_ACCOUNT: Final = ("arn:aws:iam::*", "arn:aws:sts::*", "arn:*")
_TAKEOVER: Final = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)


def _document(principal: object, action: str | list[str], effect: str = "Allow", **condition: object) -> str:
    statement: dict[str, object] = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allowing(kind: ResourcePolicyKind, resource: Resource) -> Iterator[Statement]:
    found = statements(resource.get(kind.paths[resource.type]))
    return (statement for statement in found if statement.allows)


def is_tied(statement: Statement) -> bool:
    """Tell whether a condition ties the caller to an account, organization, network or resource that is named."""
    return any(
        condition.key.lower().startswith(_TYING)
        and not condition.negates
        and not any(value in _OPEN_VALUES or value.startswith(_ANY_ACCOUNT) for value in condition.values)
        for condition in statement.conditions
    )


def _public(kind: ResourcePolicyKind) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        for statement in _allowing(kind, resource):
            if statement.not_principals:
                yield resource.finding(f"{resource.label}, {statement.label}: allows everybody but a list")
            if any(item.is_anyone for item in statement.principals) and not is_tied(statement):
                yield resource.finding(f"{resource.label}, {statement.label}: allows anyone {_actions(statement)}")

    return check


def _confused(kind: ResourcePolicyKind) -> Callable[[Resource], Findings]:
    free = {*kind.conditionless, *kind.tied_by_path}

    def check(resource: Resource) -> Findings:
        for statement in _allowing(kind, resource):
            services = [service for service in _services(statement) if service not in free]
            if services and not is_tied(statement):
                yield resource.finding(
                    f"{resource.label}, {statement.label}: lets {', '.join(services)} act for any account"
                )

    return check


def _unheard(kind: ResourcePolicyKind) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        for statement in _allowing(kind, resource):
            unheard = [service for service in _services(statement) if service in kind.conditionless]
            if unheard and statement.conditions:
                yield resource.finding(
                    f"{resource.label}, {statement.label}: has a condition, which {', '.join(unheard)} never meets"
                )

    return check


def _services(statement: Statement) -> list[str]:
    return [item.value for item in statement.principals if item.kind == "Service"]


def _all_actions(kind: ResourcePolicyKind) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        for statement in _allowing(kind, resource):
            wide = [item for item in statement.actions if item == "*" or item.partition(":")[2] == "*"]
            if wide or statement.not_actions:
                yield resource.finding(f"{resource.label}, {statement.label}: allows {', '.join(wide) or 'NotAction'}")

    return check


def _actions(statement: Statement) -> str:
    return ", ".join(statement.actions) or "all but a list of actions"


def _one(type_: str, path: str, document: str) -> Sample:
    return Sample(type_, "example", {path: document})


def _register(kind: ResourcePolicyKind) -> None:
    type_, path = next(iter(kind.paths.items()))
    role = {"AWS": "arn:aws:iam::111122223333:role/prod-pay-role-was-01"}
    service = {"Service": "s3.amazonaws.com"}
    tied = {"aws:SourceAccount": "111122223333"}
    severity: Severity = "critical"
    AREA.rule(
        f"{kind.key}-not-public",
        title=f"{kind.what} admit nobody unknown",
        cause="Principal * is every AWS account and, on many services, the anonymous internet.",
        remedy="Name the principals, or tie * to us by aws:PrincipalOrgID, aws:SourceArn or a VPC endpoint.",
        types=kind.paths,
        severity=severity,
        controls=kind.public,
        good=[
            _one(type_, path, _document(role, kind.action)),
            _one(type_, path, _document("*", "*", "Deny", Bool={"aws:SecureTransport": "false"})),
            _one(type_, path, _document("*", kind.action, StringEquals={"aws:PrincipalOrgID": "o-a1b2c3"})),
        ],
        bad=[
            _one(type_, path, _document("*", kind.action)),
            _one(type_, path, _document({"AWS": "*"}, kind.action)),
            _one(type_, path, _document("*", kind.action, IpAddress={"aws:SourceIp": "0.0.0.0/0"})),
            _one(type_, path, _document("*", kind.action, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/x"})),
        ],
    )(_public(kind))
    AREA.rule(
        f"{kind.key}-service-tied",
        title=f"{kind.what} tie AWS services to our account",
        cause="A service principal acts for every customer of AWS: another account can make it use our resource "
        "(the confused deputy).",
        remedy="Add Condition StringEquals aws:SourceAccount, or ArnLike aws:SourceArn.",
        types=kind.paths,
        severity="medium",
        good=[
            _one(type_, path, _document(service, kind.action, StringEquals=tied)),
            *(_one(type_, path, _document({"Service": name}, kind.action)) for name in kind.tied_by_path),
        ],
        bad=[_one(type_, path, _document(service, kind.action))],
    )(_confused(kind))
    for name in kind.conditionless:
        told = {"Service": name}
        AREA.rule(
            f"{kind.key}-hears-{name.partition('.')[0]}",
            title=f"{kind.what} ask no condition of {name}",
            cause=f"Requests of {name} match no condition here, so that AWS refuses each of them and tells nobody.",
            remedy="Give the service a statement of its own, without Condition, for this one action.",
            types=kind.paths,
            severity="high",
            good=[_one(type_, path, _document(told, kind.action))],
            bad=[_one(type_, path, _document(told, kind.action, StringEquals=tied))],
        )(_unheard(kind))
    if kind.key == "kms-policy":  # kms:* for the account's own administrators is how a key stays manageable
        return
    AREA.rule(
        f"{kind.key}-names-actions",
        title=f"{kind.what} allow named actions",
        cause="All actions include deleting the resource and rewriting this very policy.",
        remedy="List the actions that the principal needs.",
        types=kind.paths,
        severity="high",
        good=[_one(type_, path, _document(role, kind.action))],
        bad=[
            _one(type_, path, _document(role, f"{kind.action.partition(':')[0]}:*")),
            _one(type_, path, _document(role, "*")),
        ],
    )(_all_actions(kind))


for _kind in KINDS:
    _register(_kind)


@AREA.rule(
    "s3-policy-no-takeover",
    title="Bucket policies give nobody the bucket itself",
    cause="Who may write the bucket's policy, ACL or encryption owns its contents.",
    remedy="Leave these actions to identity policies of the account's own administrators.",
    types=["s3/bucketPolicy"],
    severity="high",
    controls=["FSBP S3.6"],
    good=[
        Sample(
            "s3/bucketPolicy",
            "example",
            {"policy": _document({"AWS": "arn:aws:iam::111122223333:role/x"}, "s3:GetObject")},
        )
    ],
    bad=[
        Sample("s3/bucketPolicy", "example", {"policy": _document({"AWS": "444455556666"}, action)})
        for action in ("s3:PutBucketPolicy", "s3:PutBucket*")
    ],
)
def s3_policy_no_takeover(policy: Resource) -> Findings:
    """Find the actions that change who owns or reads the bucket."""
    for statement in statements(policy.get("policy")):
        aws = [item for item in statement.principals if item.kind in ("AWS", "*")]
        taken = [action for action in _TAKEOVER if statement.covers(action)]
        if statement.allows and aws and taken:
            yield policy.finding(f"{policy.label}, {statement.label}: allows {', '.join(taken)}")


@AREA.rule(
    "s3-policy-no-lockout",
    title="Bucket policies do not lock everybody out",
    cause="A Deny of everything for everybody can be lifted only by the account's root user.",
    remedy="Add a condition, or name the principals or actions that are denied.",
    types=["s3/bucketPolicy"],
    severity="high",
    good=[
        Sample(
            "s3/bucketPolicy",
            "example",
            {"policy": _document("*", "s3:*", "Deny", Bool={"aws:SecureTransport": "false"})},
        )
    ],
    bad=[Sample("s3/bucketPolicy", "example", {"policy": _document("*", "s3:*", "Deny")})],
)
def s3_policy_no_lockout(policy: Resource) -> Findings:
    """Find an unconditional Deny of all actions for everybody."""
    for statement in statements(policy.get("policy")):
        everybody = any(item.is_anyone for item in statement.principals)
        everything = any(item in ("*", "s3:*") for item in statement.actions)
        if statement.effect == "Deny" and everybody and everything and not statement.conditions:
            yield policy.finding(f"{policy.label}, {statement.label}: denies everything to everybody")
