"""What a change does where that depends on more than which argument changes.

Owns the events that `Change` names, and the choice of the rule that fits. Does not own finding out what changed
(`rehearsal/aws/diffing.py`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from rehearsal.aws.facts.conditions import given, holds, places
from rehearsal.aws.facts.defaults import completed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.aws.facts.grammar import Change, TypeFacts
    from rehearsal.cloud import Json, JsonObject

_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A changed argument with all arguments before and after; `stage` is when the rules are asked."""

    facts: TypeFacts | None
    path: str
    before: JsonObject
    after: JsonObject
    stage: Literal["plan", "update"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a change does, None where no rule fits, and why it is refused."""

    does: Literal["replace", "update", "nothing", "refuse"] | None = None
    says: str = ""


def decision(case: Case) -> Decision:
    """The decision of the first rule that fits."""
    facts = case.facts
    if facts is None or not facts.changes:
        return Decision()
    case = replace(case, before=completed(facts, case.before), after=completed(facts, case.after))
    for rule in facts.changes:
        now = rule.does != "refuse" or rule.stage == case.stage
        if now and any(_about(one, case.path) for one in rule.of) and _fits(rule, case):
            return Decision(does=rule.does, says=rule.says or f"{case.path} cannot be changed so ({rule.event})")
    return Decision()


def _about(one: str, path: str) -> bool:
    return path == one or path.startswith((f"{one}.", f"{one}[")) or one.startswith(f"{path}.")


def _fits(rule: Change, case: Case) -> bool:
    if holds(rule.was, case.before) is not True or holds(rule.becomes, case.after) is not True:
        return False
    if rule.event == "other kind":
        old, new = ({path for path in rule.of if given(side, path)} for side in (case.before, case.after))
        return old != new
    return any(
        _EVENTS[rule.event](_value(case.before, path), _value(case.after, path))
        for path in rule.of
        if _about(path, case.path)
    )


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
