"""What a resource looks like from outside: at preview (with unknowns) and after creation (with invented values).

Owns the rules by which outputs follow from inputs. The SDK says which outputs are always there; those that are not
among the inputs are computed by AWS, so they are unknown at preview and invented afterwards: from `types.toml`, else
by their names (`conventions.py`). Talks to the simulated cloud only through the `Inventor`'s look-ups.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rehearsal.aws import special
from rehearsal.aws.checking import UNKNOWN
from rehearsal.aws.conventions import by_convention
from rehearsal.aws.invention import PARTITION, Inventor
from rehearsal.aws.knowledge import knowledge, module_names
from rehearsal.aws.sdk import snake

if TYPE_CHECKING:
    from rehearsal.aws.shapes import Property, ResourceType
    from rehearsal.cloud import Json, JsonObject

_EXAMPLE_PREFIX = re.compile(r"^([a-z][a-z-]{0,20}-)[0-9a-f]{8,17}$")


def previewed(resource: ResourceType, inputs: JsonObject) -> JsonObject:
    """The state that a preview shows: what is known from the inputs, everything computed unknown."""
    table = knowledge(resource.token).outputs
    state = given(resource, inputs)
    for prop in resource.outputs.values():
        if prop.name not in state and (prop.required or prop.name in table):
            state[prop.name] = UNKNOWN
        elif isinstance(table.get(prop.name), dict):
            state[prop.name] = _with_unknown_parts(state[prop.name], table[prop.name])
    return state


def invented(resource: ResourceType, inputs: JsonObject, inventor: Inventor) -> tuple[str, JsonObject]:
    """The id and the full state of a resource that has just been made."""
    entry = knowledge(resource.token)
    state = given(resource, inputs)
    _name_from_prefix(resource, state, inventor)
    # A template for the id may use computed outputs (an association's own number), and those may use the id.
    early = {name: value for name, value in entry.outputs.items() if isinstance(value, str) and "{id}" not in value}
    inventor = replace(inventor, properties=state)
    words = {name: inventor.fill(value) for name, value in early.items() if name not in state}
    inventor = replace(inventor, properties=state | words)
    inventor = replace(inventor, id=_id(resource, inventor))
    for prop in resource.outputs.values():
        template = entry.outputs.get(prop.name)
        if prop.name not in state and (prop.required or template is not None):
            state[prop.name] = _computed(resource, prop, inventor)
        elif isinstance(template, dict):
            state[prop.name] = _merged(inventor.fill(template), state[prop.name])
    state |= special.outputs(resource.token, state, inventor)
    return inventor.id, state


def updated(
    resource: ResourceType, old_state: JsonObject, old_inputs: JsonObject, new_inputs: JsonObject, inventor: Inventor
) -> JsonObject:
    """The state after an update: computed values stay as they were unless they follow from what has changed."""
    _, before = invented(resource, old_inputs, inventor)
    _, after = invented(resource, new_inputs, inventor)
    kept: JsonObject = {
        name: old_state[name]
        for name, value in after.items()
        if name not in new_inputs and name in old_state and before.get(name) == value
    }
    return after | kept


def references(resource: ResourceType, identifier: str, state: JsonObject) -> tuple[str, ...]:
    """What other resources may use to point here: the id, ARNs and computed ids of implied parts."""
    table = knowledge(resource.token).outputs
    computed: list[Json] = [value for name, value in state.items() if name not in resource.inputs]
    for name, template in table.items():
        value = state.get(name)
        if isinstance(template, dict) and isinstance(value, dict):
            computed += [value.get(part) for part in template]
    found = {text for text in strings(computed) if text.startswith("arn:") or _EXAMPLE_PREFIX.match(text)}
    return tuple(sorted(found | {identifier}))


def given(resource: ResourceType, inputs: JsonObject) -> JsonObject:
    """The part of the state that the inputs decide."""
    state: JsonObject = {
        name: value for name, value in inputs.items() if name in resource.outputs and value is not None
    }
    if "tagsAll" in resource.outputs:
        state.setdefault("tagsAll", inputs.get("tags") or {})
    return state


def _name_from_prefix(resource: ResourceType, state: JsonObject, inventor: Inventor) -> None:
    for name in resource.outputs:
        prefix = state.get(f"{name}Prefix")
        if isinstance(prefix, str) and prefix and name not in state:
            state[name] = prefix + inventor.text("{digits26}")


def _with_unknown_parts(value: Json, template: Json) -> Json:
    if isinstance(value, dict) and isinstance(template, dict):
        return dict.fromkeys(template, UNKNOWN) | value
    return value


def _merged(computed: Json, given: Json) -> Json:
    return computed | given if isinstance(computed, dict) and isinstance(given, dict) else given


def _id(resource: ResourceType, inventor: Inventor) -> str:
    entry = knowledge(resource.token)
    if entry.id_from:
        owner = inventor.cloud.find(str(inventor.properties.get(entry.id_from.by)))
        found = [thing.properties.get(entry.id_from.property) for thing in owner if thing.type == entry.id_from.type]
        return str(found[0]) if found and found[0] else inventor.text("{hex17}")
    if entry.id:
        return inventor.text(entry.id)
    return inventor.text(_id_by_example(resource))


def _id_by_example(resource: ResourceType) -> str:
    """A template for the id, from the provider's own import documentation."""
    example = resource.import_example
    named = [
        camel for word in re.findall(r"`([\w-]+)`", resource.import_text) if (camel := _camel(word)) in resource.outputs
    ]
    separators = re.findall(r"[,/:#|_]", example) or [","]
    if example.startswith("arn:"):
        return _arn_template(resource, "{name}" if "name" in resource.outputs else "{uuid}")
    if named and named != ["arn"]:
        return separators[0].join(f"{{{name}}}" for name in named)
    match = _EXAMPLE_PREFIX.match(example)
    if match:
        return f"{match[1]}{{hex17}}"
    return "{name}" if "name" in resource.inputs else "{bucket}" if "bucket" in resource.inputs else "{uuid}"


def _camel(word: str) -> str:
    head, *rest = re.split(r"[_-]", word)
    return head + "".join(part.capitalize() for part in rest)


def _arn_template(resource: ResourceType, last: str) -> str:
    service = module_names(resource.module).arn
    region = "{region}" if "region" in resource.outputs else ""
    kind = snake(resource.class_name).replace("_", "-")
    return f"arn:{PARTITION}:{service}:{region}:{{account}}:{kind}/{last}"


def _computed(resource: ResourceType, prop: Property, inventor: Inventor) -> Json:
    entry = knowledge(resource.token)
    if prop.name in entry.outputs:
        return inventor.fill(entry.outputs[prop.name])
    if prop.name == "arn":
        template = entry.arn or ("{id}" if inventor.id.startswith("arn:") else _arn_template(resource, "{id}"))
        return inventor.text(template)
    if prop.name == "region":
        return inventor.region
    return by_convention(resource.output_objects, prop, inventor, known=prop.name in resource.inputs)


def strings(value: Json) -> list[str]:
    """All texts in a value, at any depth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for element in value for text in strings(element)]
    if isinstance(value, dict):
        return [text for element in value.values() for text in strings(element)]
    return []
