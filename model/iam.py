"""IAM documents as typed statements, which refuse what least privilege refuses.

Owns the form of identity, trust and resource policies. Does not own who gets which: that stands beside the
resource concerned, in its component. A statement cannot be built with a wildcard action, with `*` as a resource
where the action has resources, or open to every principal; the exceptions are constructors of their own, which
take the reason.

Resources are of a type variable: a plain string where the ARN is known beforehand, or whatever the caller's
JSON writer understands (a `pulumi.Output`) where AWS chooses the id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeAlias, TypeVar

Arn = TypeVar("Arn")
Condition: TypeAlias = Mapping[str, Mapping[str, object]]
"""Operator, then condition key, then the value or values."""

_SID: Final = re.compile(r"[A-Za-z0-9]+")
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+\*?")


class StatementError(ValueError):
    """A statement that grants more than it must; the message names the statement and the fix."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a trust or resource policy speaks to.

    Attributes:
        kind: `Service`, `AWS` or `Federated`.
        names: Service principals or ARNs; `*` is accepted in a denying statement only.
    """

    kind: Literal["Service", "AWS", "Federated"]
    names: tuple[str, ...]

    @classmethod
    def service(cls, *names: str) -> Principal:
        """Return AWS services, such as `eks.amazonaws.com`."""
        return cls("Service", names)

    @classmethod
    def aws(cls, *arns: str) -> Principal:
        """Return accounts, roles or users by ARN."""
        return cls("AWS", arns)


@dataclass(frozen=True, kw_only=True)
class Statement(Generic[Arn]):
    """One statement of a policy document.

    Attributes:
        sid: Letters and digits; names the purpose and appears in findings.
        actions: `service:Action`; a `*` only behind a verb that has a family of actions (`kms:GenerateDataKey*`).
        resources: ARNs it is limited to; empty in a trust policy, which has none.
        principal: Whom it speaks to, in trust and resource policies only.
        condition: What else must hold.
        effect: `Allow` or `Deny`.
        unscoped: Why `*` stands as resource, set by `without_resources` and `this_resource`.

    Raises:
        StatementError: It grants more than its author can have meant.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[Arn, ...] = ()
    principal: Principal | None = None
    condition: Condition = field(default_factory=dict[str, Mapping[str, object]])
    effect: Literal["Allow", "Deny"] = "Allow"
    unscoped: str = ""

    def __post_init__(self) -> None:
        """Refuse what least privilege refuses."""
        if not _SID.fullmatch(self.sid):
            raise StatementError(f"sid {self.sid!r} may hold letters and digits only: write it in CamelCase")
        if not self.actions:
            raise StatementError(f"{self.sid}: no actions: name each one")
        if self.effect == "Deny":
            return
        for action in self.actions:
            of_this_key = action == "kms:*" and self.unscoped and self.principal is not None
            if not _ACTION.fullmatch(action) and not of_this_key:
                raise StatementError(f"{self.sid}: action {action!r} is too wide: name each service:Action")
        if self.principal is None and not self.resources and not self.unscoped:
            raise StatementError(f"{self.sid}: no resource: name ARNs, or use without_resources(reason)")
        if "*" in self.resources and not self.unscoped:
            raise StatementError(f"{self.sid}: resource '*' is too wide: name ARNs, or use without_resources(reason)")
        if self.principal is not None and "*" in self.principal.names:
            raise StatementError(f"{self.sid}: principal '*' is everyone: name services or ARNs")

    def render(self) -> dict[str, object]:
        """Return the statement in IAM's own form."""
        rendered: dict[str, object] = {"Sid": self.sid, "Effect": self.effect}
        if self.principal is not None:
            everyone = self.principal.names == ("*",)
            rendered["Principal"] = "*" if everyone else {self.principal.kind: _one_or_many(self.principal.names)}
        rendered["Action"] = _one_or_many(self.actions)
        if self.resources or self.unscoped:
            rendered["Resource"] = _one_or_many(self.resources) if self.resources else "*"
        if self.condition:
            rendered["Condition"] = {operator: dict(keys) for operator, keys in self.condition.items()}
        return rendered


def without_resources(sid: str, *actions: str, reason: str, condition: Condition | None = None) -> Statement[str]:
    """Allow actions that IAM cannot limit to resources, such as `ec2:DescribeVpcs`.

    Args:
        sid: Name of the statement.
        actions: Actions whose entry in the service authorization reference has no resource type.
        reason: Why it cannot be narrowed; the tests hold it against IAM's own data.
        condition: What else must hold.
    """
    return Statement(sid=sid, actions=actions, condition=condition or {}, unscoped=reason)


def this_resource(sid: str, *actions: str, principal: Principal, condition: Condition | None = None) -> Statement[str]:
    """Allow actions in a key policy, where `*` means the key that carries the policy."""
    return Statement(
        sid=sid, actions=actions, principal=principal, condition=condition or {}, unscoped="the key that carries it"
    )


def deny_plain_transport(*resources: Arn, actions: tuple[str, ...] = ("s3:*",)) -> Statement[Arn]:
    """Deny every request to the resources that does not come over TLS."""
    return Statement(
        sid="DenyPlainTransport",
        effect="Deny",
        principal=Principal.aws("*"),
        actions=actions,
        resources=resources,
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )


def trust(*services: str, condition: Condition | None = None, tag_session: bool = False) -> dict[str, object]:
    """Return the trust policy of a role that AWS services assume.

    Args:
        services: Service principals.
        condition: Narrows who may assume it; `aws:SourceAccount` guards against a confused deputy.
        tag_session: Adds `sts:TagSession`, which EKS Auto Mode and Pod Identity demand.
    """
    actions = ("sts:AssumeRole", "sts:TagSession") if tag_session else ("sts:AssumeRole",)
    statement = Statement[str](
        sid="AssumeRole", principal=Principal.service(*services), actions=actions, condition=condition or {}
    )
    return document(statement)


def document(*statements: Statement[Arn]) -> dict[str, object]:
    """Return a policy document in IAM's own form, ready for a JSON writer.

    Raises:
        StatementError: Two statements have the same sid, which IAM refuses.
    """
    sids = [statement.sid for statement in statements]
    repeated = {sid for sid in sids if sids.count(sid) > 1}
    if repeated:
        raise StatementError(f"sid {', '.join(sorted(repeated))} is used twice: sids are unique in a document")
    return {"Version": "2012-10-17", "Statement": [statement.render() for statement in statements]}


def _one_or_many(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else list(values)
