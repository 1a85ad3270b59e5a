"""Changes that wait for the maintenance window, because a program did not ask for them at once.

Owns what waits and what the window does. Which arguments wait is a type's facts; without `applyImmediately` they are
taken and not there yet, so that a refresh shows the old value, as on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.aws.endings import KEPT
from rehearsal.cloud import CloudObject

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, JsonObject

_WAITING: Final = "waiting"


def remember(cloud: Cloud, thing: CloudObject, values: JsonObject) -> None:
    """Note values that a resource gets in its window; later ones of the same argument win."""
    known = cloud.get(_WAITING, thing.id, location=thing.location, provider=KEPT)
    properties: JsonObject = {"type": thing.type, "values": values}
    if known is not None and isinstance(known.properties["values"], dict):
        properties["values"] = known.properties["values"] | values
    note = CloudObject(provider=KEPT, type=_WAITING, location=thing.location, id=thing.id, properties=properties)
    if known is None:
        cloud.create(note)
    else:
        cloud.put(note)


def open_window(cloud: Cloud) -> list[str]:
    """Carry out all that waits; returns the ids of the resources that changed."""
    changed: list[str] = []
    for note in cloud.list(_WAITING, provider=KEPT):
        values = note.properties["values"]
        type_ = str(note.properties["type"])
        if isinstance(values, dict) and cloud.get(type_, note.id, location=note.location) is not None:
            for name, value in values.items():
                cloud.change(type_, note.id, name, value, location=note.location)
            changed.append(note.id)
        cloud.delete(_WAITING, note.id, location=note.location, provider=KEPT)
    return changed
