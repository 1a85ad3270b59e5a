"""What an update writes into the cloud: the arguments that the program changed, and nothing else.

Owns the merge of a change with what is out there. What somebody else changed meanwhile stays (a refresh finds it), an
argument that is left out keeps what AWS chose where the provider says so, and what waits for the maintenance window is
not there yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.arguments import DEFAULTS

if TYPE_CHECKING:
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import JsonObject


def written(
    resource: ResourceType, there: JsonObject, old: tuple[JsonObject, JsonObject], wanted: JsonObject, new: JsonObject
) -> JsonObject:
    """The properties after an update.

    Args:
        resource: The type.
        there: The properties as they are out there.
        old: What was believed of them, and the inputs before.
        wanted: What they were to be if nobody else changed anything.
        new: The inputs now.
    """
    old_state, old_inputs = old
    result = dict(there)
    for name in (wanted.keys() | old_inputs.keys() | there.keys()) - {DEFAULTS}:
        given = old_inputs.get(name) != new.get(name)
        follows = name not in old_inputs and name not in new and wanted.get(name) != old_state.get(name)
        if not (given or follows) or stays(resource, name, new):
            continue
        if name in wanted:
            result[name] = wanted[name]
        else:
            result.pop(name, None)
    return result


def waiting(resource: ResourceType, old: JsonObject, new: JsonObject) -> JsonObject:
    """The changed arguments that wait for the maintenance window."""
    return {
        name: value
        for name, value in new.items()
        if value != old.get(name) and _waits(resource, name, new) and name != DEFAULTS
    }


def _waits(resource: ResourceType, name: str, new: JsonObject) -> bool:
    known = resource.facts.arguments.get(name) if resource.facts else None
    return known is not None and known.waits and new.get("applyImmediately") is not True


def stays(resource: ResourceType, name: str, new: JsonObject) -> bool:
    """Whether an argument that the program changed stays as it is for now."""
    known = resource.facts.arguments.get(name) if resource.facts else None
    return _waits(resource, name, new) or (known is not None and known.computed and new.get(name) is None)
