"""The requests that an operation makes: each action with the resource that it acts on and what AWS knows besides.

Owns the context keys that policies may ask for, the roles that are passed and the keys that are used on the way. A
property that holds a role's ARN passes the role, unless it is one of those that only name it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, cast

from rehearsal.aws.authorization import needs as table
from rehearsal.aws.authorization.arns import Place, held, paths, resource_of
from rehearsal.iam.evaluation import Request, context

if TYPE_CHECKING:
    from rehearsal.aws.authorization.needs import KeyUse, Operation
    from rehearsal.cloud import Cloud, JsonObject

# Services at home in us-east-1, whatever region they are called from (user guide, `aws:RequestedRegion`).
_GLOBAL: Final = frozenset(
    {"iam", "sts", "cloudfront", "route53", "budgets", "ce", "billing", "organizations", "shield", "globalaccelerator"}
)
_HOME_OF_GLOBAL: Final = "us-east-1"
_ROLE: Final = re.compile(r"arn:[^:]+:iam::\d{12}:role/(?!aws-service-role/)\S+")
_BUCKET: Final = "arn:aws:s3:::"
# Roles that are named, not passed: in IAM's own resources and those that say who may come in.
_NAMED_ONLY: Final = ("aws:iam/*", "aws:eks/access*", "aws:lambda/permission:*", "aws:kms/*", "aws:s3/*", "aws:sns/*")
_PROFILE: Final = "aws:iam/instanceProfile:InstanceProfile"
_TAGGING: Final = re.compile(r"[a-z0-9-]+:(Create|Run|Allocate|Request|Register|Put|Tag|Add).*")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an operation is on: a resource with its id, its properties and where it is."""

    token: str
    place: Place
    cloud: Cloud

    @property
    def properties(self) -> JsonObject:
        """What it has or will have."""
        return self.place.properties


def requests(operation: Operation, subject: Subject) -> tuple[Request, ...]:
    """Return every call of an operation, in a stable order."""
    entry = table.needs(subject.token)
    absent = entry.absent(subject.properties, operation)
    taken = [
        _request(action, _bucket(action, subject) or resource_of(action, subject.place), subject, operation)
        for action in table.actions(subject.token, operation)
        if not any(fnmatchcase(action, pattern) for pattern in absent)
    ]
    taken += [one for use in entry.keys for one in _uses(use, operation, subject)]
    if operation in ("create", "update"):
        taken += _passed(entry.passes, subject)
    if operation == "create":
        taken += [_linked(service, subject) for service in entry.linked]
    return tuple(taken)


def function_requests(token: str, subject: Subject) -> tuple[Request, ...]:
    """Return the calls of one of the provider's functions."""
    return tuple(
        _request(action, resource_of(action, subject.place), subject, "read")
        for action in table.function_actions(token)
    )


def _request(action: str, resource: str, subject: Subject, operation: Operation, **further: str) -> Request:
    service = action.partition(":")[0]
    place = subject.place
    known: dict[str, str | tuple[str, ...]] = {
        "aws:RequestedRegion": _HOME_OF_GLOBAL if service in _GLOBAL else place.region,
        "aws:PrincipalAccount": place.account,
        "aws:SecureTransport": "true",
        **further,
    }
    if _TAGGING.match(action) and operation != "read":
        known |= _tags("aws:RequestTag", subject.properties)
        known["aws:TagKeys"] = tuple(_tags("", subject.properties))
    if operation != "create":
        known |= _tags("aws:ResourceTag", subject.properties)
    if service == "iam":
        known |= _boundary(resource, subject)
    if service == "kms" and resource != "*":
        known |= _of_key(resource, subject)
    return Request(action=action, resource=resource, context=context(known))


def _bucket(action: str, subject: Subject) -> str:
    """The bucket whose policy a service edits for its caller: where the logs go, by way of a destination or at once."""
    if not action.startswith("s3:") or subject.token.startswith("aws:s3/"):
        return ""
    named = subject.place.arns()
    pointed = [text for arn in named for thing in subject.cloud.find(arn) for _, text in paths(thing.properties)]
    found = [arn for arn in (*named, *pointed) if arn.startswith(_BUCKET)]
    return found[0].split("/", 1)[0] if found else ""


def _uses(use: KeyUse, operation: Operation, subject: Subject) -> Iterator[Request]:
    via = {"kms:ViaService": f"{use.via}.{subject.place.region}.amazonaws.com"}
    for key in held(subject.properties, use.property):
        arn = key if key.startswith("arn:") else _key_arn(key, subject)
        for action in use.on(operation):
            granted = {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
            # Not the tags of the resource, but those of its key.
            bare = replace(subject, place=replace(subject.place, properties={}))
            yield _request(action, arn, bare, operation, **via, **granted)


def _passed(stated: Mapping[str, str], subject: Subject) -> Iterator[Request]:
    if not any(fnmatchcase(subject.token, one) for one in _NAMED_ONLY):
        for path, role in _roles(subject):
            yield _pass(role, stated.get(path) or _trusted(role, subject), subject)
    for name in _roles_of_instances(subject):
        yield _pass(f"arn:aws:iam::{subject.place.account}:role/{name}", "ec2.amazonaws.com", subject)


def _roles_of_instances(subject: Subject) -> Iterator[str]:
    """The roles that a profile gets, or an instance with a profile."""
    if subject.token == _PROFILE:
        yield from held(subject.properties, "role")
    for profile in held(subject.properties, "iamInstanceProfile"):
        for thing in subject.cloud.list(_PROFILE):
            if profile in (thing.id, thing.properties.get("arn")):
                yield from held(thing.properties, "role")


def _roles(subject: Subject) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in paths(subject.properties) if _ROLE.fullmatch(text))


def _pass(role: str, service: str, subject: Subject) -> Request:
    return _request("iam:PassRole", role, subject, "update", **{"iam:PassedToService": service})


def _linked(service: str, subject: Subject) -> Request:
    role = f"arn:aws:iam::{subject.place.account}:role/aws-service-role/{service}/AWSServiceRole"
    return _request("iam:CreateServiceLinkedRole", role, subject, "create", **{"iam:AWSServiceName": service})


def _trusted(role: str, subject: Subject) -> str:
    """The service that a role trusts, which is the one that it is passed to."""
    for thing in subject.cloud.find(role):
        trust = thing.properties.get("assumeRolePolicy")
        content = cast("dict[str, Any]", json.loads(trust)) if isinstance(trust, str) else {}
        for statement in content.get("Statement", []):
            services = statement.get("Principal", {}).get("Service", [])
            for service in [services] if isinstance(services, str) else services:
                return str(service)
    return ""


def _boundary(resource: str, subject: Subject) -> dict[str, str]:
    """The boundary of the role that a call is about: that which it has, or is to have."""
    own = subject.properties.get("permissionsBoundary")
    if isinstance(own, str) and own:
        return {"iam:PermissionsBoundary": own}
    for thing in subject.cloud.find(resource) if ":role/" in resource else ():
        stated = thing.properties.get("permissionsBoundary")
        if isinstance(stated, str) and stated:
            return {"iam:PermissionsBoundary": stated}
    return {}


def _of_key(arn: str, subject: Subject) -> dict[str, str | tuple[str, ...]]:
    """What KMS knows of a key: its tags and aliases."""
    found: dict[str, str | tuple[str, ...]] = {"kms:CallerAccount": subject.place.account}
    keys = [thing for thing in subject.cloud.find(arn) if thing.type.startswith("aws:kms/")]
    for key in keys:
        found |= _tags("aws:ResourceTag", key.properties)
    identifiers = {arn, *(thing.id for thing in keys)}
    aliases = tuple(
        str(alias.properties.get("name"))
        for alias in subject.cloud.list("aws:kms/alias:Alias")
        if not identifiers.isdisjoint((*held(alias.properties, "targetKeyId"), *held(alias.properties, "targetKeyArn")))
    )
    return found | ({"kms:ResourceAliases": aliases} if aliases else {})


def _key_arn(key: str, subject: Subject) -> str:
    return f"arn:aws:kms:{subject.place.region}:{subject.place.account}:key/{key}"


def _tags(prefix: str, properties: JsonObject) -> dict[str, str]:
    tags = properties.get("tagsAll") or properties.get("tags")
    between = f"{prefix}/" if prefix else ""
    return {f"{between}{name}": str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}
