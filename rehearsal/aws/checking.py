"""Refuses wrong arguments: unknown names, missing or mistyped values, values outside AWS's limits.

Owns the judgment and its wording; the description of the type comes from `catalog.py`. Unknown values (not computed yet
at preview) are accepted, as the official provider accepts them.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.aws.facts.forms import fits
from rehearsal.outcome import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rehearsal.aws.shapes import Limit, Property, ResourceType, Shape, Span
    from rehearsal.cloud import Json, JsonObject

_NUMERIC = frozenset({"number", "port"})
_SIGNATURE = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True)
class Failure:
    """One reason to refuse, and the property it is about."""

    property: str
    reason: str


def check(resource: ResourceType, inputs: JsonObject) -> list[Failure]:
    """All reasons to refuse these inputs; empty when AWS is expected to accept them."""
    checker = _Checker(resource)
    return list(checker.members(inputs, resource.inputs, "", ""))


class _Checker:
    def __init__(self, resource: ResourceType) -> None:
        self._resource = resource

    def members(self, value: JsonObject, allowed: Mapping[str, Property], shown: str, path: str) -> Iterator[Failure]:
        for name, member in value.items():
            if name == "__defaults":
                continue
            if name not in allowed:
                yield Failure(f"{shown}{name}", _unknown_name(f"{shown}{name}", name, allowed))
            elif member is not None:
                yield from self.value(member, allowed[name].shape, f"{shown}{name}", f"{path}{name}")
        for prop in allowed.values():
            if (prop.required or self._needs(f"{path}{prop.name}")) and value.get(prop.name) is None:
                yield Failure(f"{shown}{prop.name}", f"{shown}{prop.name} is required ({prop.shape}) but missing")

    def _needs(self, path: str) -> bool:
        known = self._resource.facts.arguments.get(path) if self._resource.facts else None
        return known is not None and known.required

    def value(self, value: Json, shape: Shape, shown: str, path: str) -> Iterator[Failure]:
        if value is None or value == UNKNOWN:
            return
        if not _fits(value, shape):
            yield Failure(shown, f"{shown} must be {shape}, got {_describe(value)}")
            return
        limit = self._resource.limits.get(path)
        if limit:
            yield from _outside(value, limit, shown)
        if isinstance(value, list) and shape.item:
            for index, element in enumerate(value):
                yield from self.value(element, shape.item, f"{shown}[{index}]", f"{path}[]")
        elif isinstance(value, dict) and shape.kind == "map" and shape.item:
            for key, element in value.items():
                yield from self.value(element, shape.item, f"{shown}.{key}", f"{path}.*")
        elif isinstance(value, dict) and shape.kind == "object":
            nested = self._resource.input_objects.get(shape.object_name, {})
            yield from self.members(value, nested, f"{shown}.", f"{path}.")


def _unknown_name(shown: str, name: str, allowed: Mapping[str, Property]) -> str:
    close = difflib.get_close_matches(name, allowed, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{shown} is not an argument; {hint}allowed: {', '.join(sorted(allowed)) or 'none (the block is empty)'}"


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FITS: Mapping[str, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == int(value),  # type: ignore[arg-type]
    "number": _is_number,
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
    "object": lambda value: isinstance(value, dict),
    "document": lambda value: isinstance(value, str | dict),
    "asset": lambda value: isinstance(value, dict) and _SIGNATURE in value,
    "any": lambda _: True,
}


def _fits(value: Json, shape: Shape) -> bool:
    return _FITS[shape.kind](value)


def _describe(value: Json) -> str:
    text = repr(value)
    kind = {"str": "the string", "bool": "the boolean", "int": "the number", "float": "the number"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
    shown = 60
    return f"{kind} {text if len(text) <= shown else text[:shown] + '...'}"


def _outside(value: Json, limit: Limit, shown: str) -> Iterator[Failure]:
    says = f" (source: {limit.source})"
    if limit.values and not _listed(value, limit):
        yield Failure(shown, f"{shown} is {value!r}, allowed: {', '.join(limit.values)}{says}")
    size, unit = _size(value, limit.form)
    if size is not None and limit.minimum is not None and size < limit.minimum:
        yield Failure(shown, f"{shown} is {size:g}{unit}, the minimum is {limit.minimum:g}{says}")
    if size is not None and limit.maximum is not None and size > limit.maximum:
        yield Failure(shown, f"{shown} is {size:g}{unit}, the maximum is {limit.maximum:g}{says}")
    if size is not None and limit.spans and not any(_within(size, span) for span in limit.spans):
        yield Failure(shown, f"{shown} is {size:g}{unit}, between what is allowed: {_spelt(limit.spans)}{says}")
    if not isinstance(value, str):
        return
    if limit.pattern and not re.fullmatch(limit.pattern, value):
        yield Failure(shown, f"{shown} is {value!r}, it must match {limit.pattern}{says}")
    if limit.never and re.search(limit.never, value):
        yield Failure(shown, f"{shown} is {value!r}, no part of it may match {limit.never}{says}")
    # The provider leaves an empty text to the API.
    if limit.form and value and not fits(limit.form, value):
        yield Failure(shown, f"{shown} is {_describe(value)}, it must be of the form {limit.form}{says}")


def _within(size: float, span: Span) -> bool:
    low, high = span
    return (low is None or size >= low) and (high is None or size <= high)


def _spelt(spans: Sequence[Span]) -> str:
    return ", ".join(f"{low:g}" if low == high else f"{low or 0:g} to {high or math.inf:g}" for low, high in spans)


def _listed(value: Json, limit: Limit) -> bool:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if limit.any_case:
        return text.lower() in {one.lower() for one in limit.values}
    return text in limit.values


def _size(value: Json, form: str | None) -> tuple[float | None, str]:
    if isinstance(value, str):
        # A number that travels as text is measured as the number.
        return (float(value), "") if form in _NUMERIC and fits("number", value) else (len(value), " characters long")
    if isinstance(value, list):
        return len(value), " elements long"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value, ""
    return None, ""
