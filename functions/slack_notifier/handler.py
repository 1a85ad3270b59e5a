"""What Lambda calls with notifications of SNS.

Owns the way from an event to Slack, and where the webhook's address comes from: a secret, read once per life of the
execution environment and again after Slack refused the address. Of Lambda's runtime it uses botocore to read the
secret, since signing requests by hand would be worse; everything else is Python's standard library, so that nothing
is packaged that must be patched.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import botocore.session  # pyright: ignore[reportMissingTypeStubs]

from functions.slack_notifier.delivery import DeliveryError, deliver
from functions.slack_notifier.messages import slack_message

_LOGGER = logging.getLogger(__name__)


def handle(event: Mapping[str, Any], _context: object) -> None:
    """Pass every record of an event on; SNS sends one at a time.

    Raises:
        DeliveryError: Slack did not take it; Lambda tries the event again, then keeps it in the dead-letter queue.
    """
    for record in event["Records"]:
        notification = record["Sns"]
        try:
            deliver(webhook_address(), slack_message(notification))
        except DeliveryError as error:
            if error.address_is_wrong:
                webhook_address.cache_clear()
            _LOGGER.exception("not delivered", extra={"message_id": notification.get("MessageId")})
            raise
        _LOGGER.info("delivered", extra={"message_id": notification.get("MessageId")})


@cache
def webhook_address() -> str:
    """Return what the secret holds."""
    client = cast("Any", botocore.session).get_session().create_client("secretsmanager")
    return str(client.get_secret_value(SecretId=os.environ["WEBHOOK_SECRET_NAME"])["SecretString"]).strip()
