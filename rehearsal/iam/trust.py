"""Who may become a role: the evaluation of its trust policy.

Owns the principals of a trust policy and the claims of identity tokens as context keys. Does not check a token's
signature, nor the provider that issued it: the caller says which provider it is. Source: IAM user guide, "Available
keys for AWS OIDC federation" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.iam.documents import Policy, Statement
from rehearsal.iam.evaluation import Decision, context

_ACCOUNT: Final = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")
_OWNER: Final = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::(\d{12}):")
_ROLE: Final = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SESSION: Final = re.compile(r"arn:aws[\w-]*:sts::(\d{12}):assumed-role/([^/]+)/[^/]+")


def may_assume(
    document: str | Mapping[str, Any],
    action: str,
    principal: str,
    claims: Mapping[str, str | tuple[str, ...]] | None = None,
) -> Decision:
    """Return whether a trust policy lets a principal become the role.

    Args:
        document: The trust policy.
        action: `sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML` or `sts:TagSession`.
        principal: A service's name, the ARN of an identity provider, or the ARN of a user, role or session. A principal
            of the role's own account needs no policy of its own when it is named itself; when its account is named, the
            caller must ask `decide()` for `sts:AssumeRole` too.
        claims: Context keys, such as `token.actions.githubusercontent.com:sub` or `aws:MultiFactorAuthPresent`.
    """
    policy, known = Policy.of("the trust policy", document), context(claims or {})
    named = [one for one in policy.naming(action) if _speaks_to(one, principal)]
    met = [one for one in named if one.unmet(known) is None]
    denial = next((one for one in met if not one.allows), None)
    if denial:
        return Decision(allowed=False, reason=f"{principal} is denied {action} by statement {denial.label}")
    allowing = next((one for one in met if one.allows), None)
    if allowing:
        return Decision(allowed=True, statement=allowing.label)
    unmet = "; ".join(
        f"statement {one.label} wants {test.operator} {test.key} = {', '.join(test.values)}, it is "
        + (", ".join(known.get(test.key.lower(), ())) or "not in the request")
        for one in named
        if one.allows and (test := one.unmet(known))
    )
    why = unmet or f"no statement of the trust policy allows {action} to it"
    return Decision(allowed=False, reason=f"{principal} is not authorized to perform: {action} ({why})")


def _speaks_to(statement: Statement, principal: str) -> bool:
    return any(
        name in {"*", principal} or (kind == "AWS" and _takes_in(name, principal))
        for kind, names in statement.principals.items()
        for name in names
    )


def _takes_in(name: str, principal: str) -> bool:
    """Tell whether a principal lives in the account that a trust policy names, or is a session of the role."""
    account, owner, session = _ACCOUNT.fullmatch(name), _OWNER.match(principal), _SESSION.fullmatch(principal)
    if account:
        return owner is not None and owner[1] == account[1]
    role = _ROLE.fullmatch(name)
    return role is not None and session is not None and role.groups() == session.groups()
