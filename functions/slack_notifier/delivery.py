"""The call of the webhook, and when it is tried again.

Owns retries within one invocation. Does not own those of whole invocations, which are Lambda's, nor what becomes of a
message that no retry could deliver: it goes to the function's dead-letter queue.

The webhook's address is all that an attacker needs to post: it appears in no exception and no log line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS: Final = 5
"""That one attempt may take."""
_WAITS: Final = (1.0, 3.0)
"""Before the second and the third attempt; all three end within the function's timeout."""
LONGEST_WAIT: Final = 6.0
"""However long Slack asks to wait."""
_WORTH_ANOTHER_TRY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)})
_ADDRESS_IS_WRONG: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class DeliveryError(Exception):
    """Slack did not take the message; says why, and whether the address itself is to blame."""

    def __init__(self, reason: str, *, address_is_wrong: bool = False) -> None:
        super().__init__(reason)
        self.address_is_wrong = address_is_wrong


def deliver(url: str, message: Mapping[str, Any], *, wait: Callable[[float], None] = time.sleep) -> None:
    """Post a message.

    Args:
        url: The webhook, https only.
        message: Body of the call.
        wait: Waits between attempts.

    Raises:
        DeliveryError: After three attempts, or at once where another would be refused as well.
    """
    if not url.startswith("https://"):
        raise DeliveryError(
            "the secret holds no https address: store the webhook's address in it", address_is_wrong=True
        )
    body = json.dumps(message).encode()
    for pause in _WAITS:
        try:
            return _post(url, body)
        except _TryAgainError as error:
            wait(pause if error.after is None else min(error.after, LONGEST_WAIT))
    try:
        return _post(url, body)
    except _TryAgainError as error:
        raise DeliveryError(f"{error}, three times") from None


class _TryAgainError(Exception):
    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


def _post(url: str, body: bytes) -> None:
    request = Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310 - https was checked
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
            answer.read()
    except HTTPError as error:
        error.close()
        reason, asked = f"Slack answered {error.code}", error.headers.get("Retry-After", "")
        if error.code in _WORTH_ANOTHER_TRY:
            raise _TryAgainError(reason, float(asked) if asked.isdigit() else None) from None
        raise DeliveryError(reason, address_is_wrong=error.code in _ADDRESS_IS_WRONG) from None
    except (OSError, HTTPException) as error:
        # Its text would name the host.
        raise _TryAgainError(f"Slack could not be reached ({type(error).__name__})") from None
