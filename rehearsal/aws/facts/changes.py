"""What a change does where that depends on more than which argument changes.

Owns the events that `Change` names, and the choice of the rule that fits. Does not own finding out what changed
(`rehearsal/aws/diffing.py`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rehearsal.aws.facts.conditions import given, holds, places
from rehearsal.aws.facts.defaults import completed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rehearsal.aws.facts.grammar import Change, Stage, TypeFacts
    from rehearsal.cloud import Json, JsonObject

_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a change does, None where no rule fits, and why it is refused."""

    does: Literal["replace", "update", "nothing", "refuse"] | None = None
    says: str = ""


def decisions(
    facts: TypeFacts | None, stage: Stage, before: JsonObject, after: JsonObject, paths: Iterable[str]
) -> dict[str, Decision]:
    """The decision about each changed path: that of the first rule that fits.

    Args:
        facts: The facts of the type; without any, nothing is decided.
        stage: When the rules are asked, which matters to those that refuse.
        before: All arguments before.
        after: All arguments after.
        paths: The changed ones, as facts write them.
    """
    if facts is None or not facts.changes:
        return dict.fromkeys(paths, Decision())
    rules = [rule for rule in facts.changes if rule.does != "refuse" or rule.stage == stage]
    old, new = completed(facts, before), completed(facts, after)
    return {path: _decision(rules, path, old, new) for path in paths}


def _decision(rules: Iterable[Change], path: str, before: JsonObject, after: JsonObject) -> Decision:
    for rule in rules:
        about = [one for one in rule.of if _about(one, path)]
        if about and _fits(rule, about, before, after):
            return Decision(does=rule.does, says=rule.says or f"{path} cannot be changed so ({rule.event})")
    return Decision()


def _about(one: str, path: str) -> bool:
    return path == one or path.startswith((f"{one}.", f"{one}[")) or one.startswith(f"{path}.")


def _fits(rule: Change, about: Iterable[str], before: JsonObject, after: JsonObject) -> bool:
    if holds(rule.was, before) is not True or holds(rule.becomes, after) is not True:
        return False
    if rule.event == "other kind":
        old, new = ({path for path in rule.of if given(side, path)} for side in (before, after))
        return old != new
    return any(_EVENTS[rule.event](_value(before, path), _value(after, path)) for path in about)


def _value(inputs: JsonObject, path: str) -> Json:
    found = [value for _, value in places(inputs, path)]
    if "[]" in path:
        return found or None
    return found[0] if found and found[0] != [] else None


def _elements(value: Json) -> set[str]:
    every = value if isinstance(value, list) else [] if value is None else [value]
    return {json.dumps(one, sort_keys=True) for one in every}


def _count(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0


def _numbers(value: Json) -> list[int]:
    return [int(one) for one in _NUMBER.findall(str(value))]


def _both(judge: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    return lambda old, new: old is not None and new is not None and judge(old, new)


def _size(value: Json) -> float:
    try:
        return float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        return 0.0


_EVENTS: Final[Mapping[str, Callable[[Json, Json], bool]]] = {
    "changed": lambda old, new: old != new,
    "added": lambda old, new: old is None and new is not None,
    "removed": lambda old, new: old is not None and new is None,
    "element added": lambda old, new: bool(_elements(new) - _elements(old)),
    "element removed": lambda old, new: bool(_elements(old) - _elements(new)),
    "element lost": lambda old, new: bool(_elements(old) - _elements(new)) and _count(new) <= _count(old),
    "elements changed": lambda old, new: _elements(old) != _elements(new),
    "first element added": lambda old, new: not _elements(old) and bool(_elements(new)),
    "last element removed": lambda old, new: bool(_elements(old)) and not _elements(new),
    "same count": lambda old, new: old != new and _count(old) == _count(new),
    "raised": _both(lambda old, new: _size(new) > _size(old)),
    "lowered": _both(lambda old, new: _size(new) < _size(old)),
    "version raised": _both(lambda old, new: _numbers(new) > _numbers(old)),
    "version lowered": _both(lambda old, new: _numbers(new) < _numbers(old)),
    "major version changed": _both(lambda old, new: _numbers(new)[:1] != _numbers(old)[:1]),
}
