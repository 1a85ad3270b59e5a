"""Property values between gRPC's Struct and plain Python data.

Owns the two conversions. Numbers travel as floating point; whole ones become integers again, so that text made from
them reads as AWS's does. Secrets do not appear: the engine strips
and restores them for a provider that does not ask for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import struct_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Json, JsonObject


def from_struct(struct: struct_pb2.Struct) -> JsonObject:
    """A Struct as a mapping."""
    return {name: _from_value(value) for name, value in struct.fields.items()}


def to_struct(values: Mapping[str, Json]) -> struct_pb2.Struct:
    """A mapping as a Struct."""
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def _from_value(value: struct_pb2.Value) -> Json:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(element) for element in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return value.string_value
    return value.bool_value if kind == "bool_value" else None
