"""What points to what in the simulated cloud.

Owns finding references in a resource's properties, the refusal of those that dangle, and the resources that depend on
another one. Which of them forbid its end is a type's facts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rehearsal.account.number import account_number
from rehearsal.aws.arguments import DEFAULTS
from rehearsal.aws.facts.conditions import places
from rehearsal.aws.facts.grammar import Dependent
from rehearsal.aws.knowledge import knowledge
from rehearsal.aws.refusals import RefusedError
from rehearsal.outcome import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Cloud, CloudObject, Json, JsonObject

# Ids whose owners always live in the simulated cloud, so that a dangling one is a mistake of the program.
_ID: Final = re.compile(r"^(vpc|subnet|sg|rtb|igw|nat|eipalloc|vpce|acl|dopt|pcx|fs|fsap)-[0-9a-f]{17}$")
_ARN: Final = re.compile(
    r"^arn:aws:(?:kms|elasticloadbalancing|acm):[a-z0-9-]+:(\d{12}):"
    r"(?:key|loadbalancer|targetgroup|listener|certificate)/\S+$"
)


def refuse_dangling(cloud: Cloud, resource: ResourceType, inputs: JsonObject) -> None:
    """Raise `RefusedError` for an id or ARN that nobody has."""
    if knowledge(resource.token).adopted:
        return
    for path, value in _references(inputs):
        if not cloud.find(value):
            message = f"InvalidParameterValue: {path} points to {value}, which does not exist"
            raise RefusedError(message)


def in_the_way(resource: ResourceType) -> Sequence[Dependent]:
    """What forbids the end of a type's resources."""
    return resource.facts.ending.dependents if resource.facts else ()


def dependents(cloud: Cloud, thing: CloudObject, wanted: Iterable[Dependent]) -> Iterator[CloudObject]:
    """The resources of the wanted kinds that depend on a thing."""
    pointers = {thing.id, str(thing.properties.get("arn", thing.id))}
    for one in wanted:
        if one.unless and thing.properties.get(one.unless) is True:
            continue
        for other in cloud.list(one.type):
            if _names(other, one, thing) if one.by else _points_to(other, pointers):
                yield other


def _names(other: CloudObject, how: Dependent, thing: CloudObject) -> bool:
    own = thing.id if how.own == "id" else thing.properties.get(how.own)
    return any(value == own for _, value in places(other.properties, how.by or ""))


def _points_to(other: CloudObject, pointers: set[str]) -> bool:
    own = other.properties.get("securityGroupId")
    # Rules live in their own group and go with it; only rules of others that name it are in the way.
    return any(value in pointers and value != own for _, value in _texts(other.properties, ""))


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _texts(element, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in {"tags", "tagsAll", DEFAULTS}:
                yield from _texts(member, f"{path}.{name}" if path else name)


def _references(value: Json) -> Iterator[tuple[str, str]]:
    for where, text in _texts(value, ""):
        arn = _ARN.match(text)
        if text != UNKNOWN and (_ID.match(text) or (arn and arn[1] == account_number())):
            yield where, text
