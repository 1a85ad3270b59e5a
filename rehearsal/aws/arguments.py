"""Turns the program's arguments into checked inputs, as the official provider's Check step does.

Owns what is added to the arguments: invented names, the provider's region, all tags, documented defaults, and JSON
documents given as objects made into text. `__defaults` lists what was added, so that a later run can tell it from what
the program said. Refusing wrong values is `checking.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rehearsal.aws.checking import UNKNOWN, Failure, check
from rehearsal.aws.facts.combinations import refusals
from rehearsal.aws.naming import Autonaming, name_failure_or_value
from rehearsal.cloud import Json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.aws.facts.grammar import TypeFacts
    from rehearsal.aws.shapes import Property, ResourceType
    from rehearsal.cloud import JsonObject

DEFAULTS = "__defaults"
TAGS = frozenset({"tags", "tagsAll"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider's own configuration, as far as it shapes resources."""

    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])
    ignored_tags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where arguments come from: the resource's logical name, the engine's random seed and naming setting for it."""

    logical_name: str
    seed: bytes = b""
    autonaming: Autonaming = field(default_factory=Autonaming)


def checked(
    resource: ResourceType, arguments: JsonObject, old_inputs: JsonObject, settings: Settings, origin: Origin
) -> tuple[JsonObject, list[Failure]]:
    """The inputs to go on with, and the reasons to refuse them (then the inputs must not be used)."""
    given: JsonObject = {name: value for name, value in arguments.items() if value is not None and name != DEFAULTS}
    documents = {name: _as_text(value) for name, value in given.items() if _is_document(resource.inputs.get(name))}
    inputs: JsonObject = given | documents
    added: JsonObject = _defaults(resource, inputs)
    if "region" in resource.inputs and "region" not in inputs:
        added["region"] = settings.region
    failures: list[Failure] = []
    named = name_failure_or_value(resource, inputs, old_inputs, origin.logical_name, origin.seed, origin.autonaming)
    if isinstance(named, Failure):
        failures.append(named)
    elif named:
        added[named[0]] = named[1]
    inputs = added | inputs
    failures += check(resource, inputs)
    if resource.facts:
        failures += [Failure(place, why) for place, why in refusals(resource.facts, "plan", inputs, given)]
    if "tagsAll" in resource.outputs and "tags" in resource.inputs:
        inputs["tagsAll"] = _all_tags(inputs.get("tags"), settings)
    inputs[DEFAULTS] = list[Json](sorted(added))
    return inputs, failures


def _is_document(prop: Property | None) -> bool:
    return prop is not None and prop.shape.kind == "document"


def _as_text(value: Json) -> Json:
    return (
        json.dumps(value, separators=(",", ":")) if isinstance(value, dict) and not _contains_unknown(value) else value
    )


def _contains_unknown(value: Json) -> bool:
    if isinstance(value, dict):
        return any(_contains_unknown(member) for member in value.values())
    if isinstance(value, list):
        return any(_contains_unknown(element) for element in value)
    return value == UNKNOWN


def _defaults(resource: ResourceType, inputs: JsonObject) -> JsonObject:
    """The provider's defaults; of types whose source nobody read, those that the SDK's documentation states.

    An argument that excludes another which is given has none, as Pulumi's bridge holds it.
    """
    if resource.facts:
        known = resource.facts
        return {
            name: argument.default
            for name, argument in known.arguments.items()
            if argument.default is not None and name in resource.inputs and name not in inputs
            if not any(other in inputs for other in _rivals(known, name))
        }
    found: JsonObject = {}
    for prop in resource.inputs.values():
        output = resource.outputs.get(prop.name)
        if prop.default is None or prop.required or output is None or output.required or prop.name in inputs:
            continue
        value = _literal(prop.default, prop.shape.kind)
        if value is not None:
            found[prop.name] = value
    return found


def _rivals(known: TypeFacts, name: str) -> Iterator[str]:
    for rule in known.combinations:
        for group in (rule.conflicts, rule.exactly_one):
            if not rule.within and name in group:
                yield from (other for other in group if other != name)


def _literal(text: str, kind: str) -> Json:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if kind == "integer":
        return int(text) if text.isdecimal() else None
    return None


def _all_tags(tags: Json, settings: Settings) -> Json:
    if tags == UNKNOWN or _contains_unknown(tags):
        return UNKNOWN
    own = tags if isinstance(tags, dict) else {}
    merged: JsonObject = {**settings.default_tags, **own}
    return {key: value for key, value in merged.items() if key not in settings.ignored_tags}
