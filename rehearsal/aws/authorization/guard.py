"""Lets an operation go on, or refuses it as AWS would.

Owns the moment: every call of an operation is judged before anything of it happens, so a refused one leaves nothing
half done. On AWS the calls before the refused one would have happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number
from rehearsal.aws.authorization import calls, record
from rehearsal.aws.authorization.arns import Place
from rehearsal.aws.authorization.caller import ADMINISTRATOR, caller_name, identity_of
from rehearsal.aws.authorization.needs import OPERATIONS, Operation
from rehearsal.iam.evaluation import Decision, Identity, Request, decide

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, JsonObject


class DeniedError(Exception):
    """The caller may not; the message is AWS's, with the statement that is missing."""


def asked_for(arguments: JsonObject) -> str:
    """Return the thing that a function of the provider is asked about: its ARN, id or name."""
    stated = (arguments.get(name) for name in ("arn", "id", "keyId", "zoneId", "name"))
    return next((str(one) for one in stated if one), "")


@dataclass(frozen=True)
class Guard:
    """Judges the calls of one process, which has one caller.

    Attributes:
        cloud: Where the caller's policies stand.
        caller: `administrator`, or a role's name.
        recording: The file that calls are written to, or None.
    """

    cloud: Cloud
    caller: str = ADMINISTRATOR
    recording: Path | None = None

    @classmethod
    def from_environment(cls, cloud: Cloud) -> Guard:
        """Return the guard that the rehearsal asked for."""
        return cls(cloud, caller_name(), record.record_file())

    def ask(self, operation: Operation, token: str, identifier: str, properties: JsonObject, region: str) -> None:
        """Judge an operation on a resource; raises `DeniedError`."""
        if self._watches:
            subject = self._subject(token, identifier, properties, region)
            self._judge(operation, f"{token} {identifier}", calls.requests(operation, subject))

    def ask_function(self, token: str, arguments: JsonObject, region: str) -> None:
        """Judge a function of the provider; raises `DeniedError`."""
        if self._watches:
            subject = self._subject(token, asked_for(arguments), arguments, region)
            self._judge("read", token, calls.function_requests(token, subject))

    def life(self, token: str, identifier: str, properties: JsonObject, region: str) -> list[tuple[Operation, Request]]:
        """Return what every operation on a resource would ask, whether it is asked or not."""
        subject = self._subject(token, identifier, properties, region)
        return [(operation, one) for operation in OPERATIONS for one in calls.requests(operation, subject)]

    @property
    def _watches(self) -> bool:
        return self.caller != ADMINISTRATOR or self.recording is not None

    @cached_property
    def _identity(self) -> Identity | None:
        if self.caller == ADMINISTRATOR:
            return None
        return identity_of(self.caller, self.cloud, account_number())

    def _subject(self, token: str, identifier: str, properties: JsonObject, region: str) -> calls.Subject:
        place = Place(account=account_number(), region=region, identifier=identifier, properties=properties)
        return calls.Subject(token=token, place=place, cloud=self.cloud)

    def _judge(self, operation: Operation, subject: str, requests: Sequence[Request]) -> None:
        identity = self._identity
        decisions = [decide(identity, one) if identity else Decision(allowed=True) for one in requests]
        if self.recording:
            record.append(
                self.recording,
                [
                    record.Recorded(
                        caller=self.caller, operation=operation, subject=subject, request=one, allowed=decision.allowed
                    )
                    for one, decision in zip(requests, decisions, strict=True)
                ],
            )
        refused = [decision.reason for decision in decisions if not decision]
        if refused:
            more = f" (and {len(refused) - 1} more of this operation's calls)" if len(refused) > 1 else ""
            raise DeniedError(f"AccessDenied: {refused[0]}{more}")
