"""Values on the wire: between the engine's property values and plain JSON.

Owns unknowns (the engine's marker string), secrets (dropped on the way in, put back on the way out) and numbers (the
wire knows only floats; Kubernetes and Helm care about integers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.property_value import PropertyValue

from rehearsal.outcome import UNKNOWN

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct

    from rehearsal.cloud import Json, JsonObject


def read(properties: Struct) -> dict[str, PropertyValue]:
    """Property values of a request."""
    return PropertyValue.unmarshal_map(properties)


def write(properties: Mapping[str, PropertyValue]) -> Struct:
    """Property values of a response."""
    return PropertyValue.marshal_map(dict(properties))


def plain(value: PropertyValue) -> Json:
    """The value as JSON: without secret marks, whole floats as integers, unknowns as `UNKNOWN`.

    Raises `TypeError` for assets and resource references, which no Kubernetes object holds.
    """
    content = value.value
    if content is None or isinstance(content, (bool, str)):
        return content
    if isinstance(content, (int, float)):
        return int(content) if float(content).is_integer() else content
    if isinstance(content, Mapping):
        return plain_map(content)
    if isinstance(content, Sequence):
        return [plain(item) for item in content]
    message = f"a Kubernetes object cannot hold a {type(content).__name__}"
    raise TypeError(message)


def plain_map(values: Mapping[str, PropertyValue]) -> JsonObject:
    """`plain` of each value."""
    return {key: plain(value) for key, value in values.items()}


def wrap(value: Json, like: PropertyValue | None = None) -> PropertyValue:
    """The JSON value as a property value, secret wherever `like` is secret at the same place."""
    secret = like is not None and like.is_secret
    inner = like.value if like is not None else None
    if isinstance(value, dict):
        parts: Mapping[str, PropertyValue] = inner if isinstance(inner, Mapping) else {}
        content = {key: wrap(item, parts.get(key)) for key, item in value.items()}
        return PropertyValue(content, is_secret=secret)
    if isinstance(value, list):
        items = cast("Sequence[PropertyValue]", inner) if isinstance(inner, (list, tuple)) else ()
        aligned = list(items) if len(items) == len(value) else [None] * len(value)
        return PropertyValue([wrap(*pair) for pair in zip(value, aligned, strict=True)], is_secret=secret)
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value), is_secret=secret)
    return PropertyValue(value, is_secret=secret)


def wrap_map(values: Mapping[str, Json], like: Mapping[str, PropertyValue] | None = None) -> dict[str, PropertyValue]:
    """`wrap` of each value."""
    return {key: wrap(value, (like or {}).get(key)) for key, value in values.items()}


def has_unknown(value: Json) -> bool:
    """Whether the value is, or somewhere contains, an unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value == UNKNOWN


def without_nulls(value: Json) -> Json:
    """A copy without nulls, as the official provider reads maps and lists."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
