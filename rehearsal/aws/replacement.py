"""Which properties cannot change in place, for types whose source nobody read, and which CloudFormation type is meant.

Owns the order of sources: the provider's own words in the SDK's docstrings, then the `createOnlyProperties` of the
CloudFormation schema (shipped by cfn-lint), matched by name, then a convention for types that CloudFormation does not
have. All of them are guesses, as CloudFormation is another client of the same API: what the provider really does is
`facts/`. Does not compare states (`diffing.py`).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from rehearsal.aws.knowledge import knowledge, module_names
from rehearsal.aws.limits import normal
from rehearsal.aws.regions import EVERYTHING, schemas, types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.aws.shapes import ResourceType

# Schemas hardly differ by region; the home region's are read, and of types that it does not have another's.
_REGION = "ap-northeast-2"
DOCSTRING, CLOUDFORMATION, CONVENTION = "docstring", "CloudFormation", "convention"
_PREFIXES = ("", "db", "vpc", "cache", "elasticache")


def replacement(resource: ResourceType) -> tuple[dict[str, str], str]:
    """The source of the rule by property path, and the CloudFormation type (empty when there is none)."""
    cloudformation = _type_name(resource)
    found: dict[str, str] = {}
    if cloudformation:
        found |= dict.fromkeys(_create_only(resource, cloudformation), CLOUDFORMATION)
    else:
        found |= dict.fromkeys(_by_convention(resource), CONVENTION)
    found |= dict.fromkeys(_documented(resource), DOCSTRING)
    return found, cloudformation


def handlers(type_name: str) -> Mapping[str, tuple[str, ...]]:
    """The permissions that a CloudFormation type's schema asks by operation; empty for a type that does not exist."""
    if type_name not in _index():
        return {}
    stated: dict[str, dict[str, Any]] = _schema(type_name).get("handlers", {})
    return {operation: tuple(one.get("permissions", ())) for operation, one in stated.items()}


@cache
def _index() -> Mapping[str, str]:
    return {**types(EVERYTHING), **types(_REGION)}


@cache
def _normal_names() -> Mapping[str, str]:
    return {normal(name.removeprefix("AWS::")): name for name in _index() if name.startswith("AWS::")}


def _schema(type_name: str) -> dict[str, Any]:
    return json.loads((schemas() / "resources" / f"{_index()[type_name]}.json").read_text(encoding="utf-8"))


def _type_name(resource: ResourceType) -> str:
    stated = knowledge(resource.token).cloudformation
    if stated:
        return stated if stated in _index() else ""
    service = normal(module_names(resource.module).cloudformation)
    for prefix in _PREFIXES:
        name = _normal_names().get(f"{service}{prefix}{normal(resource.class_name)}")
        if name:
            return name
    return ""


def _create_only(resource: ResourceType, type_name: str) -> Iterator[str]:
    wanted = {path.removeprefix("/properties/") for path in _schema(type_name).get("createOnlyProperties", [])}
    own = normal(resource.class_name)
    prefixes = {own, normal(type_name.rsplit("::", 1)[1]), *(f"{prefix}{own}" for prefix in _PREFIXES), *_PREFIXES}
    for path in wanted:
        steps = [normal(step) for step in path.split("/") if step != "*"]
        top = [
            name
            for name in resource.inputs
            if steps[0] in {f"{prefix}{normal(name)}" for prefix in prefixes}
            or steps[0] in {normal(name).removesuffix("s"), f"{normal(name)}s"}
        ]
        for name in top:
            nested = _nested(resource, name, steps[1:])
            if nested:
                yield nested


def _nested(resource: ResourceType, name: str, steps: list[str]) -> str | None:
    path, shape = name, resource.inputs[name].shape
    for step in steps:
        while shape.item:
            shape = shape.item
        match = next(
            (prop for prop in resource.input_objects.get(shape.object_name, {}).values() if normal(prop.name) == step),
            None,
        )
        if match is None:
            return None
        path, shape = f"{path}.{match.name}", match.shape
    return path


def _documented(resource: ResourceType) -> Iterator[str]:
    yield from (prop.name for prop in resource.inputs.values() if prop.replaces)


def _by_convention(resource: ResourceType) -> Iterator[str]:
    """Without a CloudFormation type: what identifies the resource or its parent cannot change."""
    for prop in resource.inputs.values():
        identifies = prop.name.endswith(("Id", "Arn", "Name", "Identifier")) or prop.name in {"bucket", "role", "name"}
        if prop.shape.kind == "string" and identifies and (prop.required or prop.name == "name"):
            yield prop.name
