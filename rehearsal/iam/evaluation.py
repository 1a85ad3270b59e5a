"""The verdict on a request, and its reason in the words that AWS gives.

Owns the order of things: a denial anywhere decides; then each kind of policy that an identity has must allow.
Source: IAM user guide, "Policy evaluation logic" and "Troubleshoot access denied error messages". Organisation
policies and policies of resources are not evaluated: this account is in no organisation that is known here, and in
one account a resource's policy adds to what its identity may.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.iam.documents import Policy, Statement
from rehearsal.iam.patterns import Context

IDENTITY, BOUNDARY, SESSION = "identity-based policy", "permissions boundary", "session policy"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asks.

    Attributes:
        arn: As AWS shows it, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` for a role.
        policies: Its identity-based policies.
        boundary: Its permissions boundary, or None.
        session: The policy that its session was narrowed by, or None.
        context: What is always said of it (`aws:PrincipalTag/...`), with each request.
    """

    arn: str
    policies: tuple[Policy, ...]
    boundary: Policy | None = None
    session: Policy | None = None
    context: Context = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call: an action, the resource that it acts on, and what AWS knows of it besides.

    Attributes:
        action: `service:Action`.
        resource: An ARN, or `*` for an action that has none.
        context: The values of each context key, keys in lower case: use `context()` to write them.
    """

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict[str, tuple[str, ...]])


def context(values: Mapping[str, str | Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return context keys in the form that requests have; a text is one value, None of it no value."""
    return {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The verdict: `reason` is empty when allowed; `statement` names what denied or, if it is allowed, what allowed."""

    allowed: bool
    reason: str = ""
    statement: str = ""

    def __bool__(self) -> bool:
        """Tell whether it is allowed."""
        return self.allowed


def decide(identity: Identity, request: Request) -> Decision:
    """Return whether the identity may, and why not."""
    known = {**request.context, **identity.context} if identity.context else request.context
    layers: list[tuple[str, Sequence[Policy]]] = [(IDENTITY, identity.policies)]
    layers += [(BOUNDARY, [identity.boundary])] if identity.boundary else []
    layers += [(SESSION, [identity.session])] if identity.session else []
    for kind, policies in layers:
        denial = _deciding(policies, request, known, allows=False)
        if denial:
            return _denied(identity, request, f"with an explicit deny in {_an(kind)}", f"denied by {denial}")
    allowing = ""
    for kind, policies in layers:
        found = _deciding(policies, request, known, allows=True)
        if not found:
            reason = f"because no {kind} allows the {request.action} action"
            return _denied(identity, request, reason, _wanting(kind, policies, request, known))
        allowing = allowing or found
    return Decision(allowed=True, statement=allowing)


def _deciding(policies: Iterable[Policy], request: Request, known: Context, *, allows: bool) -> str:
    for policy in policies:
        for statement in policy.naming(request.action):
            if statement.allows is allows and statement.reaches(request.resource, known) and not statement.unmet(known):
                return f"{policy.name}, statement {statement.label}"
    return ""


def _denied(identity: Identity, request: Request, reason: str, hint: str) -> Decision:
    where = "" if request.resource == "*" else f" on resource: {request.resource}"
    return Decision(
        allowed=False,
        reason=f"User: {identity.arn} is not authorized to perform: {request.action}{where} {reason} ({hint})",
        statement=hint,
    )


def _wanting(kind: str, policies: Iterable[Policy], request: Request, known: Context) -> str:
    """What would allow it: the statements that nearly do, and the one that is missing."""
    near = [
        f"{policy.name}, statement {statement.label} does not: {_short(statement, request, known)}"
        for policy in policies
        for statement in policy.naming(request.action)
        if statement.allows
    ]
    missing = json.dumps({"Effect": "Allow", "Action": request.action, "Resource": request.resource})
    return "; ".join([*near, f"the {kind} lacks {missing}"])


def _short(statement: Statement, request: Request, known: Context) -> str:
    if not statement.reaches(request.resource, known):
        stated = statement.resources or statement.not_resources
        return f"{'Resource' if statement.resources else 'NotResource'} is {', '.join(stated)}"
    test = statement.unmet(known)
    if test is None:
        return "it allows"
    given = ", ".join(known.get(test.key.lower(), ())) or "not in the request"
    return f"{test.operator} {test.key} wants {', '.join(test.values)}, it is {given}"


def _an(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
