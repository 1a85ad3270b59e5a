"""What an update would change, and whether it can happen in place.

Owns the comparison of old and new inputs by path, as the provider makes it: sets without order, values that only look
different, arguments that keep what AWS chose. What the provider does is `facts/`; where nobody read its source,
`replacement.py` guesses. Carrying a change out is `world.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from rehearsal.aws.arguments import DEFAULTS
from rehearsal.aws.checking import UNKNOWN
from rehearsal.aws.facts.changes import decisions
from rehearsal.aws.facts.grammar import Argument
from rehearsal.aws.facts.likeness import canonical
from rehearsal.aws.naming import named_property

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Json, JsonObject

Kind = Literal["add", "delete", "update"]
_STEP = re.compile(r"\[\d+\]")
_NO_FACTS: Final = Argument()
_UNREAD: Final = Argument(unordered=True)
"""Of types without facts: most lists of plain values are sets to the provider."""


@dataclass(frozen=True)
class Difference:
    """Changed paths with their kinds, those that force a replacement, its order, and why the plan is refused."""

    changes: dict[str, Kind] = field(default_factory=dict[str, Kind])
    replaces: frozenset[str] = frozenset()
    delete_before_replace: bool = False
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Change:
    path: str
    kind: Kind
    before: Json
    after: Json

    @property
    def plain(self) -> str:
        """The path as facts write it."""
        return _STEP.sub("[]", self.path)


def difference(resource: ResourceType, old: JsonObject, new: JsonObject, ignored: Sequence[str] = ()) -> Difference:
    """The difference between two sets of checked inputs. `ignored` are the paths of `ignoreChanges`."""
    before, after = _without_extras(old), _without_extras(new)
    found = [
        change
        for change in _Comparison(resource).compare(before, after, "")
        if not any(
            change.path == skipped or change.path.startswith((f"{skipped}.", f"{skipped}[")) for skipped in ignored
        )
    ]
    decided = decisions(resource.facts, "plan", before, after, {change.plain for change in found})
    kept = [change for change in found if decided[change.plain].does != "nothing"]
    replaces = frozenset(
        change.path
        for change in kept
        if decided[change.plain].does == "replace" or (decided[change.plain].does is None and _forces(resource, change))
    )
    first_old = resource.facts is not None and resource.facts.ending.first_old
    return Difference(
        changes={change.path: change.kind for change in kept},
        replaces=replaces,
        delete_before_replace=bool(replaces) and (first_old or _name_is_fixed(resource, old, new)),
        refusals=tuple(
            dict.fromkeys(decided[change.plain].says for change in kept if decided[change.plain].does == "refuse")
        ),
    )


def _without_extras(inputs: JsonObject) -> JsonObject:
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


class _Comparison:
    def __init__(self, resource: ResourceType) -> None:
        self._facts = resource.facts
        self._maps = {"tagsAll", *(prop.name for prop in resource.inputs.values() if prop.shape.kind == "map")}

    def compare(self, old: Json, new: Json, path: str) -> Iterator[_Change]:
        fact = self._fact(path)
        if fact.write_only:
            return
        old, new = fact.default if old is None else old, fact.default if new is None else new
        if self._is_empty(old, path) and self._is_empty(new, path):
            return
        if isinstance(old, dict) and isinstance(new, dict):
            for name in sorted(old.keys() | new.keys()):
                yield from self.compare(old.get(name), new.get(name), f"{path}.{name}" if path else name)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(old, new, path, fact)
        elif old is None and new is not None:
            yield _Change(path, "add", old, new)
        elif new is None and old is not None:
            if not fact.computed:
                yield _Change(path, "delete", old, new)
        elif canonical(fact.like, old) != canonical(fact.like, new):
            yield _Change(path, "update", old, new)

    def _is_empty(self, value: Json, path: str) -> bool:
        """Whether a value means the same as none: an empty list or map does, an empty block is there."""
        return value in (None, []) or (value == {} and path in self._maps)

    def _fact(self, path: str) -> Argument:
        if self._facts is None:
            return _UNREAD
        return self._facts.arguments.get(_STEP.sub("[]", path), _NO_FACTS)

    def _lists(self, old: list[Json], new: list[Json], path: str, fact: Argument) -> Iterator[_Change]:
        plain = all(isinstance(element, str | int) and element != UNKNOWN for element in (*old, *new))
        if fact.unordered and (plain or self._facts is not None):
            old, new = self._unmatched(old, new, f"{path}[]")
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from self.compare(before, after, f"{path}[{index}]")

    def _unmatched(self, old: list[Json], new: list[Json], path: str) -> tuple[list[Json], list[Json]]:
        """The elements of two sets that have no equal in the other one; all others are unchanged."""
        left, right = list(old), new[:0]
        for element in new:
            same = next((other for other in left if not any(True for _ in self.compare(other, element, path))), None)
            if same is None:
                right.append(element)
            else:
                left.remove(same)
        return left, right


def _forces(resource: ResourceType, change: _Change) -> bool:
    if change.plain == "region":
        return True
    if resource.facts is None:
        plain = change.plain.replace("[]", "")
        return any(plain == rule or plain.startswith(f"{rule}.") for rule in resource.replacement)
    arguments = resource.facts.arguments
    if _replaces(arguments, change.plain):
        return True
    # What is added or removed as a whole brings or takes everything in it, but for what stays as AWS chose it.
    gone = change.before if change.after is None else change.after
    return change.kind != "update" and any(
        _replaces(arguments, path)
        for path in _inside(gone, change.plain)
        if path != change.plain and not (change.kind == "delete" and path in arguments and arguments[path].computed)
    )


def _replaces(arguments: Mapping[str, Argument], path: str) -> bool:
    """Whether a change at a path makes a new resource; an element's does so when its whole list's does."""
    whole = re.sub(r"(\[\]|\.[^.\[\]]+)$", "", path)
    own = arguments.get(path)
    # A line about the elements says what each must look like, not that they may change.
    if own is not None and (own.replaces or not path.endswith("[]")):
        return own.replaces
    return (path.endswith("[]") or f"{whole}.*" in arguments or _is_open(arguments, whole)) and (
        whole in arguments and arguments[whole].replaces
    )


def _is_open(arguments: Mapping[str, Argument], whole: str) -> bool:
    """Whether nothing is known about what is in an argument, as of a map."""
    return not any(path.startswith((f"{whole}.", f"{whole}[")) for path in arguments)


def _inside(value: Json, path: str) -> Iterator[str]:
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            if member is not None:
                yield from _inside(member, f"{path}.{name}")
    elif isinstance(value, list):
        for element in value:
            yield from _inside(element, f"{path}[]")


def _name_is_fixed(resource: ResourceType, old: JsonObject, new: JsonObject) -> bool:
    """A name that the program chose and keeps would collide with itself if the new one came first."""
    name = named_property(resource)
    if name is None or new.get(name) is None or old.get(name) != new.get(name):
        return False
    defaults = new.get(DEFAULTS)
    return not (isinstance(defaults, list) and name in defaults)
