"""Whether an API server of EKS knows a caller, and what it lets the caller do, by the access entries of its cluster.

Owns the way from an IAM role to rights in Kubernetes. What RBAC objects in the cluster add for an entry's groups is not
looked at: no stack of ours has such groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.account.number import account_number
from rehearsal.account.past import past_of
from rehearsal.aws.authorization.caller import ADMINISTRATOR, caller_arn, caller_name
from rehearsal.cloud import CloudObject
from rehearsal.vantage.access_policies import EVERY, POLICIES

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, JsonObject

_ENTRY: Final = "aws:eks/accessEntry:AccessEntry"
_ASSOCIATION: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


_PROVIDER: Final = "account"
_REFUSAL: Final = "eks:Refusal"
_NO_ENTRY: Final = "the server has asked for the client to provide credentials"


class UnknownCallerError(Exception):
    """The cluster has no access entry for the caller, or does not know it yet (401)."""


class ForbiddenError(Exception):
    """The caller may not do this (403); the message is the API server's."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one caller may do in one cluster.

    Attributes:
        user: Name under which the API server knows the caller.
        policies: Names of the access policies, each with the namespaces that it holds for; None means all.
    """

    user: str
    policies: tuple[tuple[str, frozenset[str] | None], ...]

    def require(self, verb: str, group: str, resource: str, *, namespace: str = "", name: str = "") -> None:
        """Raise `ForbiddenError` unless one of the policies allows it."""
        for policy, namespaces in self.policies:
            if namespaces is None or namespace in namespaces:
                for verbs, resources in POLICIES.get(policy, ()):
                    allowed = resources.get(group, frozenset()) | resources.get(EVERY, frozenset())
                    if verbs & {verb, EVERY} and allowed & {resource, EVERY}:
                        return
        what = f"{resource}.{group}" if group else resource
        place = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        raise ForbiddenError(
            f"{what}{f' {name!r}' if name else ''} is forbidden: ".replace("'", '"')
            + f'User "{self.user}" cannot {verb} resource "{resource}" in API group "{group}" {place}'
        )


def current_access(cloud: Cloud, cluster_name: str) -> Access | None:
    """What the caller of this process may do; None for the administrator of a rehearsal, who may do everything.

    Raises:
        UnknownCallerError: The role has no access entry in the cluster, or the account's past keeps it unknown yet.
    """
    caller = caller_name()
    if caller == ADMINISTRATOR:
        return None
    with cloud.atomic():
        before = len(cloud.list(_REFUSAL, location=cluster_name, provider=_PROVIDER))
        early = before < past_of(cloud.folder).refusals_before_entries
        if early:
            refusal = CloudObject(
                provider=_PROVIDER, type=_REFUSAL, location=cluster_name, id=str(before), properties={"caller": caller}
            )
            cloud.create(refusal)
    if early:
        raise UnknownCallerError(_NO_ENTRY)
    return access_of(cloud, cluster_name, caller)


def access_of(cloud: Cloud, cluster_name: str, role_name: str) -> Access:
    """What a role may do in a cluster; raises `UnknownCallerError`."""

    def concerns(entry: JsonObject) -> bool:
        principal = str(entry.get("principalArn"))
        return entry.get("clusterName") == cluster_name and principal.partition(":role/")[2].split("/")[-1] == role_name

    if not any(concerns(thing.properties) for thing in cloud.list(_ENTRY)):
        raise UnknownCallerError(_NO_ENTRY)
    found = [thing.properties for thing in cloud.list(_ASSOCIATION) if concerns(thing.properties)]
    return Access(
        user=caller_arn(role_name, account_number()),
        policies=tuple((str(one["policyArn"]).rpartition("/")[2], _namespaces(one)) for one in found),
    )


def _namespaces(association: JsonObject) -> frozenset[str] | None:
    scope = association.get("accessScope")
    if not isinstance(scope, dict) or scope.get("type") != "namespace":
        return None
    listed = scope.get("namespaces")
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()
