"""Who is who in the simulated account: sessions, who may become a role, and whether a caller may do something.

Owns the security token service's part. The verdicts are `rehearsal.iam`'s, on the documents that bootstrap's own
rehearsal made in the account.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.aws.authorization.caller import ADMINISTRATOR, identity_of
from rehearsal.aws.authorization.record import Recorded, append
from rehearsal.endpoint.refusal import Refusal
from rehearsal.iam import Decision, Identity, Request, decide, may_assume
from rehearsal.iam.evaluation import context

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, CloudObject

_ROLE = "aws:iam/role:Role"
_GITHUB: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class SignInError(Exception):
    """The account does not let somebody in; the message is AWS's."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who somebody is in the account, and from where.

    Attributes:
        caller: `administrator`, or the name of a role.
        place: From where it calls.
    """

    caller: str
    place: str


@dataclass(kw_only=True)
class Account:
    """One simulated account.

    Attributes:
        number: Its twelve digits.
        cloud: What exists in it.
        calls: File that every call is written to.
    """

    number: str
    cloud: Cloud
    calls: Path
    _sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    _identities: dict[str, Identity] = field(default_factory=dict[str, Identity])

    def credentials(self, session: Session) -> dict[str, str]:
        """Give out a session and return the variables that carry it."""
        key = "ASIA" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
        self._sessions[key] = session
        # What a role may is looked up once for each session: the engine writes its state hundreds of times in one.
        self._identities.clear()
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
            "AWS_SESSION_TOKEN": secrets.token_urlsafe(30),
        }

    def caller(self, key: str) -> str | None:
        """Return who an access key was given to, or None."""
        session = self._sessions.get(key)
        return session.caller if session else None

    def assume_by_github(self, role_arn: str, subject: str, seconds: int) -> str:
        """Return the name of the role that a job with this subject becomes; raises `SignInError`."""
        role = self._role(role_arn)
        claims = {f"{_GITHUB}:sub": subject, f"{_GITHUB}:aud": _AUDIENCE}
        provider = f"arn:aws:iam::{self.number}:oidc-provider/{_GITHUB}"
        self._admit(role, "sts:AssumeRoleWithWebIdentity", provider, claims)
        longest = int(str(role.properties.get("maxSessionDuration") or 3600))
        if seconds > longest:
            raise SignInError(
                f"ValidationError: the requested DurationSeconds {seconds} exceeds the MaxSessionDuration of "
                f"{role.id}, {longest}"
            )
        return role.id

    def assume_as_person(self, role_arn: str, principal: str, *, mfa: bool) -> str:
        """Return the name of the role that a person becomes; raises `SignInError`."""
        role = self._role(role_arn)
        self._admit(role, "sts:AssumeRole", principal, {"aws:MultiFactorAuthPresent": str(mfa).lower()})
        return role.id

    def allow(self, caller: str, action: str, resource: str, values: Mapping[str, str | Sequence[str]]) -> None:
        """Raise `Refusal` unless the caller may; an administrator may everything. Each call is written down."""
        request = Request(action=action, resource=resource, context=context(values))
        decision = Decision(allowed=True)
        if caller != ADMINISTRATOR:
            if caller not in self._identities:
                self._identities[caller] = identity_of(caller, self.cloud, self.number)
            decision = decide(self._identities[caller], request)
        call = Recorded(
            caller=caller, operation="endpoint", subject=resource, request=request, allowed=decision.allowed
        )
        append(self.calls, [call])
        if not decision:
            raise Refusal(403, "AccessDenied", decision.reason)

    def _role(self, arn: str) -> CloudObject:
        found = next((role for role in self.cloud.list(_ROLE) if role.properties.get("arn") == arn), None)
        if found is None:
            raise SignInError(f"AccessDenied: not authorized to perform sts:AssumeRole on {arn}: there is no such role")
        return found

    def _admit(self, role: CloudObject, action: str, principal: str, claims: Mapping[str, str]) -> None:
        verdict = may_assume(str(role.properties["assumeRolePolicy"]), action, principal, claims)
        if not verdict:
            raise SignInError(f"AccessDenied: {verdict.reason}")
