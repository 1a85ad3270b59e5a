"""What an update would change, and whether it can happen in place.

Owns the comparison of old and new inputs by path. Which properties force a replacement is `replacement.py`; carrying
the change out is `world.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rehearsal.aws.arguments import DEFAULTS
from rehearsal.aws.checking import UNKNOWN
from rehearsal.aws.naming import named_property

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Json, JsonObject

Kind = Literal["add", "delete", "update"]
_STEP = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Difference:
    """Changed paths with their kinds, the top-level properties that force a replacement, and the order of it."""

    changes: dict[str, Kind] = field(default_factory=dict[str, Kind])
    replaces: frozenset[str] = frozenset()
    delete_before_replace: bool = False


def difference(resource: ResourceType, old: JsonObject, new: JsonObject, ignored: Sequence[str] = ()) -> Difference:
    """The difference between two sets of checked inputs. `ignored` are the paths of `ignoreChanges`."""
    changes: dict[str, Kind] = {
        path: kind
        for path, kind in _compare(_without_extras(old), _without_extras(new), "")
        if not any(path == skipped or path.startswith((f"{skipped}.", f"{skipped}[")) for skipped in ignored)
    }
    replaces = frozenset(path for path in changes if _forces(resource, path))
    return Difference(
        changes=changes,
        replaces=replaces,
        delete_before_replace=bool(replaces) and _name_is_fixed(resource, old, new),
    )


def _without_extras(inputs: JsonObject) -> JsonObject:
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


def _compare(old: Json, new: Json, path: str) -> Iterator[tuple[str, Kind]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _compare(old.get(name), new.get(name), f"{path}.{name}" if path else name)
    elif isinstance(old, list) and isinstance(new, list):
        if old != new:
            yield from _compare_lists(old, new, path)
    elif old is None and new is not None:
        yield path, "add"
    elif new is None and old is not None:
        yield path, "delete"
    elif old != new:
        yield path, "update"


def _compare_lists(old: list[Json], new: list[Json], path: str) -> Iterator[tuple[str, Kind]]:
    # The provider keeps most lists of plain values as sets: another order alone is no change.
    plain = all(isinstance(element, str | int) and element != UNKNOWN for element in (*old, *new))
    if plain and sorted(map(str, old)) == sorted(map(str, new)):
        return
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        yield from _compare(before, after, f"{path}[{index}]")


def _forces(resource: ResourceType, path: str) -> bool:
    plain = _STEP.sub("", path)
    return any(plain == rule or plain.startswith(f"{rule}.") for rule in resource.replacement) or plain == "region"


def _name_is_fixed(resource: ResourceType, old: JsonObject, new: JsonObject) -> bool:
    """A name that the program chose and keeps would collide with itself if the new one came first."""
    name = named_property(resource)
    if name is None or new.get(name) is None or old.get(name) != new.get(name):
        return False
    defaults = new.get(DEFAULTS)
    return not (isinstance(defaults, list) and name in defaults)
