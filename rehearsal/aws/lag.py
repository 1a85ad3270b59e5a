"""AWS's eventual consistency, as a switch: what was just made is not seen by everybody at once.

Owns the switch (`lag.json` in the cloud's folder: looks that miss a new resource, by type) and what it does: a resource
that is made on top of such a new one is refused with AWS's words, until as many looks have passed. The official
provider asks again for some types; which ones is a type's facts. Off unless the file exists, as luck is no rehearsal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rehearsal.aws.endings import KEPT
from rehearsal.aws.outputs import strings
from rehearsal.aws.refusals import RefusedError
from rehearsal.cloud import CloudObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Cloud, Json, JsonObject

_FILE: Final = "lag.json"
_UNSEEN: Final = "unseen"


def switch_on(cloud: Cloud, looks: Mapping[str, int]) -> None:
    """Let new resources of these types be missed by so many looks each."""
    _switch(cloud).write_text(json.dumps(dict(looks)), encoding="utf-8")


def begin(cloud: Cloud, thing: CloudObject) -> None:
    """Note that a resource is new, where the switch is on for its type."""
    looks = _looks(cloud).get(thing.type, 0)
    if looks:
        unseen = CloudObject(
            provider=KEPT, type=_UNSEEN, location="", id=thing.id, properties={"type": thing.type, "looks": looks}
        )
        cloud.create(unseen)


def look(cloud: Cloud, resource: ResourceType, inputs: JsonObject) -> None:
    """Raise `RefusedError` where the inputs name something that is not seen yet and the provider does not ask again."""
    if not _looks(cloud):
        return
    patient = resource.facts.waits_for if resource.facts else ()
    for text in _named(inputs):
        for thing in cloud.find(text):
            unseen = cloud.get(_UNSEEN, thing.id, provider=KEPT)
            if unseen is None:
                continue
            if thing.type in patient:
                cloud.delete(_UNSEEN, thing.id, provider=KEPT)
                continue
            _use_up(cloud, unseen)
            message = (
                f"InvalidParameterValue: {text} does not exist (it was made a moment ago: AWS does not see it yet)"
            )
            raise RefusedError(message)


def _use_up(cloud: Cloud, unseen: CloudObject) -> None:
    left = int(str(unseen.properties["looks"])) - 1
    if left:
        cloud.change(_UNSEEN, unseen.id, "looks", left, provider=KEPT)
    else:
        cloud.delete(_UNSEEN, unseen.id, provider=KEPT)


def _looks(cloud: Cloud) -> Mapping[str, int]:
    file = _switch(cloud)
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _switch(cloud: Cloud) -> Path:
    return cloud.folder / _FILE


def _named(inputs: JsonObject) -> Iterator[str]:
    for text in strings(inputs):
        yield text
        yield from _principals(text)


def _principals(text: str) -> Iterator[str]:
    """Whom a policy lets in: AWS looks each up, which it does with nothing else that a policy names."""
    if not text.lstrip().startswith("{"):
        return
    try:
        policy: Json = json.loads(text)
    except ValueError:
        return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            yield from strings(statement.get("Principal"))
