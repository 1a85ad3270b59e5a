"""The calls that everything in a simulated account would ask in its life: to be made, read, changed and deleted.

Owns the walk over the account. A run shows what one deployment asks; a right to change or delete shows only when
something is changed or deleted, so policies are judged by lives as well (`rehearsal/iam/reduction.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.authorization.guard import Guard
from rehearsal.aws.authorization.record import Recorded

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud


def lives(cloud: Cloud, caller: str, *, region: str) -> list[Recorded]:
    """Return every call of every operation on what exists, as `caller` would ask it.

    Args:
        cloud: The simulated account.
        caller: Its name, for the record.
        region: Where things are asked for that live in no region.
    """
    guard = Guard(cloud)
    return [
        Recorded(caller=caller, operation=operation, subject=f"{thing.type} {thing.id}", request=request, allowed=True)
        for thing in cloud.list(provider="aws")
        for operation, request in guard.life(thing.type, thing.id, thing.properties, thing.location or region)
    ]
