"""Typed access to `types.toml`, the table of what the packages do not say about AWS resource types.

Owns its reading and the defaults of absent entries; the entries' meaning is applied elsewhere (`naming.py`,
`outputs.py`, `limits.py`, `replacement.py`, `world.py`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Json


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """How the official provider invents a physical name: property, template, maximum length, lower case."""

    property: str = "name"
    template: str = "{autoname}"
    maximum: int = 255
    lower: bool = False
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class IdFrom:
    """An id that belongs to another object: the `property` of the object of `type` that property `by` names."""

    type: str
    by: str
    property: str


@dataclass(frozen=True, kw_only=True)
class TypeKnowledge:
    """One entry of the table, whose head explains templates."""

    id: str | None = None
    id_from: IdFrom | None = None
    arn: str | None = None
    name: NameRule | None = None
    unique: str | None = None
    global_name: bool = False
    adopted: bool = False
    operation: str | None = None
    cloudformation: str | None = None
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    outputs: Mapping[str, Json] = field(default_factory=dict[str, "Json"])


@dataclass(frozen=True, kw_only=True)
class ModuleNames:
    """What an SDK module is called in botocore, in CloudFormation and in ARNs."""

    botocore: str
    cloudformation: str
    arn: str


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "types.toml").read_text(encoding="utf-8"))


def table_text() -> bytes:
    """The table's bytes: part of the digest cache's key, so that an edit takes effect."""
    return (Path(__file__).parent / "types.toml").read_bytes()


@cache
def knowledge(token: str) -> TypeKnowledge:
    """The table's entry for a type; an empty one for types it does not mention."""
    entry: dict[str, Any] = dict(_table()["types"].get(token, {}))
    if "name" in entry:
        entry["name"] = NameRule(**entry["name"])
    if "id_from" in entry:
        entry["id_from"] = IdFrom(**entry["id_from"])
    return TypeKnowledge(**entry)


def known_tokens() -> tuple[str, ...]:
    """All types with an entry of their own."""
    return tuple(_table()["types"])


@cache
def module_names(module: str) -> ModuleNames:
    """The module's names elsewhere; by default its own name."""
    return ModuleNames(
        **({"botocore": module, "cloudformation": module, "arn": module} | _table()["modules"].get(module, {}))
    )
