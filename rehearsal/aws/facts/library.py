"""Looks facts up by type.

Owns reading the files in `data` and the refusal of what does not follow the grammar or names an argument that the SDK
does not have.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from rehearsal.aws.facts.grammar import TypeFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rehearsal.aws.shapes import ResourceType, Shape

_DATA: Final = Path(__file__).parent / "data"


class FactsError(Exception):
    """A file of facts is wrong; the message names the file, the type and the fix."""


@cache
def facts(token: str) -> TypeFacts | None:
    """The facts about a type, or None where its source has not been read. Raises `FactsError` for a wrong file."""
    file = _files().get(token)
    return _read(file)[token] if file else None


def facts_text() -> bytes:
    """The files' bytes: part of the digest cache's key, so that an edit takes effect."""
    return b"\0".join(file.read_bytes() for file in sorted(_DATA.glob("*.toml")))


def tokens() -> tuple[str, ...]:
    """All types with facts."""
    return tuple(sorted(_files()))


@cache
def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in sorted(_DATA.glob("*.toml")):
        for token in tomllib.loads(file.read_text(encoding="utf-8")):
            if token in found:
                message = f"{token} stands in {found[token].name} and in {file.name}: keep one"
                raise FactsError(message)
            found[token] = file
    return found


@cache
def _read(file: Path) -> dict[str, TypeFacts]:
    adapter, found = TypeAdapter(TypeFacts), dict[str, TypeFacts]()
    for token, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
        try:
            # Strict, and as JSON: only there may a list stand for a tuple.
            found[token] = adapter.validate_json(json.dumps(entry), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            message = f"{file.name}: {token}: {place}: {first['msg']}"
            raise FactsError(message) from error
    return found


def wrong_paths(resource: ResourceType, known: TypeFacts) -> Iterator[str]:
    """The paths in a type's facts that the SDK does not have."""
    for path in _paths(known):
        if not _exists(resource, path):
            yield path


def _paths(known: TypeFacts) -> Iterator[str]:
    yield from known.arguments
    for one in known.combinations:
        base = f"{one.within}." if one.within else ""
        every: Iterable[str] = (
            *one.when, *one.conflicts, *one.exactly_one, *one.at_least_one, *one.together, *one.required,
            *one.forbidden, *one.allowed, *one.rising, *one.ascending, *one.unique,
        )  # fmt: skip
        yield from (f"{base}{path}" for path in every)
        yield from (one.within,) if one.within else ()
    for change in known.changes:
        yield from (*change.of, *change.was, *change.becomes)
    ending = known.ending
    yield from (path for path in (ending.protected_by, ending.emptied_by, *(ending.stays_when or ())) if path)
    yield from (one.unless for one in ending.dependents if one.unless)


def _exists(resource: ResourceType, path: str) -> bool:
    members = resource.inputs
    shape: Shape | None = None
    for step in path.split("."):
        name = step.removesuffix("[]")
        if name == "*":
            shape = shape.item if shape is not None and shape.kind == "map" else None
        elif shape is not None and shape.kind != "object":
            return False
        else:
            if shape is not None:
                members = resource.input_objects.get(shape.object_name, {})
            if name not in members:
                return False
            shape = members[name].shape
        if shape is None:
            return False
        if step.endswith("[]"):
            if shape.kind != "list" or shape.item is None:
                return False
            shape = shape.item
    return True
