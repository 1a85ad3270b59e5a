"""What every answer is made of: the call, the rule that answers it, the right that it takes, and AWS's refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rehearsal.account.past import Past
    from rehearsal.cloud import Cloud, CloudObject


class ApiError(Exception):
    """AWS refuses: code, message and HTTP status, as the API gives them."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the API.

    Attributes:
        arguments: Parameters as the API's model names them.
        region: Where it asks.
        account: The account's number.
        caller_arn: Who asks.
        cloud: What exists.
        past: What the account held before.
    """

    arguments: dict[str, Any]
    region: str
    account: str
    caller_arn: str
    cloud: Cloud
    past: Past

    def text(self, name: str) -> str:
        """A text parameter, empty when it is not given."""
        return str(self.arguments.get(name) or "")

    def several(self, name: str) -> list[Any]:
        """A list parameter, empty when it is not given."""
        return list(self.arguments.get(name) or [])

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of this account in the region asked for."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def one(self, token: str, property_name: str, wanted: str) -> CloudObject | None:
        """The resource of a type with a property, in the region asked for or global."""
        for thing in self.cloud.list(token):
            if thing.location in ("", self.region) and thing.properties.get(property_name) == wanted:
                return thing
        return None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one operation is answered.

    Attributes:
        action: The IAM action that the caller needs; None for what everybody may.
        reply: Makes the answer; raises `ApiError`.
        resource: Makes the ARN that the action is on; by default the action has none.
    """

    action: str | None
    reply: Callable[[Call], dict[str, Any]]
    resource: Callable[[Call], str] = lambda _: "*"
