"""Who a rehearsal runs as: a role of the simulated cloud with everything that says what it may, or an administrator.

Owns the look-up of a role's policies and boundary, as they stand in the cloud, and the names of callers. Does not check
that anybody may assume the role: `rehearsal.iam.may_assume` does, and who runs a rehearsal says that he has.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rehearsal.iam.documents import Policy
from rehearsal.iam.evaluation import Identity, context

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, CloudObject

VARIABLE: Final = "FASTORDER_CALLER"
ADMINISTRATOR: Final = "administrator"
"""May do everything, and is asked nothing."""
_SESSION: Final = "rehearsal"
_OF_AWS: Final = "arn:aws:iam::aws:policy/"


class UnknownCallerError(Exception):
    """The role does not exist in the simulated cloud, or has a policy whose text is not known."""


def caller_name() -> str:
    """Return the caller that this process works for."""
    return os.environ.get(VARIABLE) or ADMINISTRATOR


def caller_arn(name: str, account: str) -> str:
    """Return what AWS calls the caller."""
    if name == ADMINISTRATOR:
        return f"arn:aws:iam::{account}:user/{_SESSION}"
    return f"arn:aws:sts::{account}:assumed-role/{name}/{_SESSION}"


def identity_of(name: str, cloud: Cloud, account: str) -> Identity:
    """Return a role with its policies and boundary, read from the cloud.

    Raises:
        UnknownCallerError: It does not exist, or holds a policy that nobody has written down here.
        rehearsal.iam.DocumentError: One of its documents is none.
    """
    role = next((one for one in cloud.list("aws:iam/role:Role") if one.properties.get("name") == name), None)
    if role is None:
        raise UnknownCallerError(
            f"the caller {name} is no role of the simulated account: make it first (bootstrap does, in the same "
            f"cloud), or take --as {ADMINISTRATOR}"
        )
    boundary = role.properties.get("permissionsBoundary")
    tags = role.properties.get("tagsAll") or role.properties.get("tags")
    own = {f"aws:PrincipalTag/{key}": str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}
    return Identity(
        arn=caller_arn(name, account),
        policies=tuple(_policies(role, name, cloud)),
        boundary=_managed(boundary, cloud) if isinstance(boundary, str) and boundary else None,
        # Of a session, AWS compares the role's ARN, not the session's.
        context=context(
            {"aws:PrincipalArn": str(role.properties.get("arn")), "aws:PrincipalType": "AssumedRole", **own}
        ),
    )


def _policies(role: CloudObject, name: str, cloud: Cloud) -> Iterator[Policy]:
    inline = role.properties.get("inlinePolicies")
    for one in inline if isinstance(inline, list) else []:
        if isinstance(one, dict) and one.get("policy"):
            yield Policy.of(str(one.get("name")), str(one["policy"]))
    for one in cloud.list("aws:iam/rolePolicy:RolePolicy"):
        if one.properties.get("role") == name:
            yield Policy.of(str(one.properties.get("name")), str(one.properties.get("policy")))
    attached = role.properties.get("managedPolicyArns")
    arns = [str(one) for one in attached] if isinstance(attached, list) else []
    attachments = cloud.list("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    arns += [str(one.properties.get("policyArn")) for one in attachments if one.properties.get("role") == name]
    for arn in dict.fromkeys(arns):
        yield _managed(arn, cloud)


def _managed(arn: str, cloud: Cloud) -> Policy:
    name = arn.rsplit("/", 1)[-1]
    if arn.startswith(_OF_AWS):
        statements = _written_down().get(name)
        if statements is None:
            raise UnknownCallerError(
                f"the text of AWS's own policy {name} is not known: add it to rehearsal/aws/authorization/managed.toml"
            )
        return Policy.of(name, {"Version": "2012-10-17", "Statement": statements})
    found = next((one for one in cloud.list("aws:iam/policy:Policy") if one.properties.get("arn") == arn), None)
    if found is None:
        raise UnknownCallerError(f"the policy {arn} does not exist in the simulated account: make it first")
    return Policy.of(name, str(found.properties.get("policy")))


@cache
def _written_down() -> Mapping[str, list[dict[str, Any]]]:
    content = tomllib.loads((Path(__file__).parent / "managed.toml").read_text(encoding="utf-8"))
    return {name: policy["Statement"] for name, policy in content.items()}
