"""Value limits (length, range, pattern, enumeration) from botocore's service models, matched by name.

Owns finding the API operation that makes a resource and carrying the limits of its request over to the properties of
the same name, nested ones too. Does not judge values (`checking.py`). What AWS states in prose only is in `types.toml`.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rehearsal.aws.knowledge import knowledge, module_names
from rehearsal.aws.shapes import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.aws.shapes import Property, ResourceType, Shape

_VERBS = ("create", "put", "register", "request", "allocate", "run", "start", "associate", "attach", "enable", "set")
_MAXIMUM_DEPTH = 8
# The API's names for what the provider calls otherwise, where no rule of spelling relates them.
_SYNONYMS = {"resourcesvpcconfig": "vpcconfig", "loggroupname": "name", "trailname": "name"}


def limits(resource: ResourceType) -> tuple[dict[str, Limit], str]:
    """The limits by property path, and the API operation they come from (empty when none was found)."""
    found: dict[str, Limit] = {}
    operation = _operation(resource)
    if operation:
        service, name = operation.split(":")
        model = _model(service)
        request = model["operations"][name].get("input")
        if request:
            walker = _Walker(model["shapes"], resource, f"botocore {service} {name}")
            found = dict(walker.walk(request["shape"], resource.inputs, "", _MAXIMUM_DEPTH))
    for path, values in knowledge(resource.token).limits.items():
        found[path] = Limit(
            minimum=values.get("minimum"),
            maximum=values.get("maximum"),
            pattern=values.get("pattern"),
            values=tuple(values.get("values", ())),
            source="types.toml",
        )
    return found, operation


def normal(name: str) -> str:
    """A name without case and punctuation, for comparing names across packages."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def operation_exists(operation: str) -> bool:
    """Whether botocore has an operation such as `ec2:CreateVpc`."""
    service, name = operation.split(":")
    return name in _model(service)["operations"]


def enumeration(name: str) -> tuple[str, ...]:
    """The values of an enumeration such as `rds:EngineFamily`; empty when botocore does not have it."""
    service, shape = name.split(":")
    return tuple(_model(service)["shapes"].get(shape, {}).get("enum", ()))


@cache
def _model(service: str) -> dict[str, Any]:
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:
        message = "the Python package botocore is not installed: install requirements-dev.txt"
        raise ModuleNotFoundError(message)
    # Versions are dates in folder names; the last one is what botocore itself would load.
    files = sorted((Path(spec.origin).parent / "data" / service).glob("*/service-2.json.gz"))
    if not files:
        return {"operations": {}, "shapes": {}}
    return json.loads(gzip.decompress(files[-1].read_bytes()))


def _operation(resource: ResourceType) -> str:
    stated = knowledge(resource.token).operation
    if stated:
        return stated
    service = module_names(resource.module).botocore
    operations = {normal(name): name for name in _model(service)["operations"]}
    for verb in _VERBS:
        for prefix in ("", "db", "cache"):
            name = operations.get(f"{verb}{prefix}{normal(resource.class_name)}")
            if name:
                return f"{service}:{name}"
    return ""


class _Walker:
    """Walks a request's shapes and a resource's properties side by side, as far as their names agree."""

    def __init__(self, shapes: Mapping[str, Any], resource: ResourceType, source: str) -> None:
        self._shapes = shapes
        self._resource = resource
        self._source = source
        self._prefixes = (normal(resource.class_name), normal(resource.module + resource.class_name))

    def walk(
        self, shape_name: str, properties: Mapping[str, Property], path: str, depth: int
    ) -> Iterator[tuple[str, Limit]]:
        shape = self._shapes[shape_name]
        if shape["type"] != "structure" or depth == 0:
            return
        members = {
            _SYNONYMS.get(normal(name), normal(name)): member["shape"] for name, member in shape["members"].items()
        }
        for prop in properties.values():
            member = self._member(members, normal(prop.name))
            if member:
                yield from self._property(member, prop.shape, f"{path}{prop.name}", depth)

    def _member(self, members: Mapping[str, str], name: str) -> str | None:
        singular = name.removesuffix("s")
        for candidate in (name, singular, f"{name}s", *(f"{prefix}{name}" for prefix in self._prefixes)):
            if candidate in members:
                return members[candidate]
        return None

    def _property(self, shape_name: str, expected: Shape, path: str, depth: int) -> Iterator[tuple[str, Limit]]:
        shape = self._shapes[shape_name]
        kind = shape["type"]
        if kind == "list" and expected.kind == "list" and expected.item:
            if "min" in shape or "max" in shape:
                yield path, Limit(minimum=shape.get("min"), maximum=shape.get("max"), source=self._source)
            yield from self._property(shape["member"]["shape"], expected.item, f"{path}[]", depth)
        elif kind == "list" and expected.kind == "object":
            # The provider flattens lists that hold one element at most.
            yield from self._property(shape["member"]["shape"], expected, path, depth)
        elif kind == "structure" and expected.kind == "object":
            nested = self._resource.input_objects.get(expected.object_name, {})
            yield from self.walk(shape_name, nested, f"{path}.", depth - 1)
        elif kind in {"string", "integer", "long", "float", "double"} and expected.kind in {
            "string",
            "integer",
            "number",
        }:
            limit = _scalar_limit(shape, expected, self._source)
            if limit:
                yield path, limit


def _scalar_limit(shape: Mapping[str, Any], expected: Shape, source: str) -> Limit | None:
    if shape["type"] != "string" and expected.kind == "string":
        return None
    values = tuple(shape.get("enum", ()))
    pattern = shape.get("pattern") if shape["type"] == "string" else None
    if pattern and not _compiles(pattern):
        pattern = None
    minimum, maximum = shape.get("min"), shape.get("max")
    if minimum is None and maximum is None and not pattern and not values:
        return None
    return Limit(minimum=minimum, maximum=maximum, pattern=pattern, values=values, source=source)


def _compiles(pattern: str) -> bool:
    # The models carry Java's regular expressions; the few that Python reads otherwise are left out rather than guessed.
    if "\\p{" in pattern or "&&" in pattern or "\\uD" in pattern:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
