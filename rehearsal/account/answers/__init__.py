"""What the simulated account answers to calls of the API that no resource provider makes, one module per concern.

Owns the list of operations with an answer. An operation without one is refused by name, never invented. The form of
each answer is checked against botocore's model of the operation by whoever asks (`rehearsal/account/command.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.account.answers import (
    backups,
    clusters,
    databases,
    identity,
    keys,
    limits,
    network,
    registry,
    secrets,
    sessions,
)
from rehearsal.account.answers.frame import Answer, ApiError, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWERS: Final[Mapping[str, Answer]] = {
    **identity.ANSWERS,
    **registry.ANSWERS,
    **limits.ANSWERS,
    **clusters.ANSWERS,
    **databases.ANSWERS,
    **backups.ANSWERS,
    **network.ANSWERS,
    **secrets.ANSWERS,
    **keys.ANSWERS,
    **sessions.ANSWERS,
}
"""By `service:Operation`, as botocore names both."""

__all__ = ["ANSWERS", "Answer", "ApiError", "Call"]
