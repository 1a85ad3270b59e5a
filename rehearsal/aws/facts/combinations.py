"""Refuses arguments that the provider refuses together, though each by itself is right.

Owns the judgment of `Combination` and its wording. Values that are not known yet decide nothing, as at the provider's
own plan.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rehearsal.aws.facts.conditions import given, holds, known, objects, places
from rehearsal.aws.facts.defaults import completed
from rehearsal.outcome import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rehearsal.aws.facts.grammar import Combination, Plain, Stage, TypeFacts
    from rehearsal.cloud import JsonObject

Refusal = tuple[str, str]
"""The exact place, and why."""


def refusals(facts: TypeFacts, stage: Stage, inputs: JsonObject, stated: JsonObject) -> Iterator[Refusal]:
    """All reasons to refuse these arguments at a stage.

    Args:
        facts: The facts of the type.
        stage: When it is judged.
        inputs: The arguments with their defaults: conditions look at these.
        stated: The arguments that the program gave: what must or must not be given is looked for in these.
    """
    rules = [rule for rule in facts.combinations if rule.stage == stage]
    inputs = completed(facts, inputs) if rules else inputs
    for rule in rules:
        yield from _repeated(rule, inputs)
        pairs = zip(objects(inputs, rule.within), objects(stated, rule.within), strict=False)
        for (place, whole), (_, part) in pairs:
            if holds(rule.when, whole) is True:
                for subject, reason in _broken(rule, whole, part):
                    yield f"{place}{subject}", _worded(rule, place, reason)


def _worded(rule: Combination, place: str, reason: str) -> str:
    case = ", ".join(f"{place}{path} is {_shown(wanted)}" for path, wanted in rule.when.items())
    return "".join([reason, f" where {case}" if case else "", f": {rule.says}" if rule.says else ""])


def _shown(wanted: list[Plain] | str) -> str:
    return " or ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted)


def _broken(rule: Combination, whole: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    for judge in _JUDGES:
        yield from judge(rule, whole, part)
    if rule.special:
        yield from _SPECIAL[rule.special](whole)


def _conflicts(rule: Combination, _: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    found = [path for path in rule.conflicts if given(part, path) and known(part, path)]
    if len(found) > 1:
        yield found[0], f"{found[0]} conflicts with {', '.join(found[1:])}: give one of them"


def _exactly_one(rule: Combination, _: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    wanted = rule.exactly_one
    found = [path for path in wanted if given(part, path)]
    if wanted and len(found) != 1 and all(known(part, path) for path in wanted):
        yield wanted[0], f"exactly one of {', '.join(wanted)} must be given, not {' and '.join(found) or 'none'}"


def _at_least_one(rule: Combination, _: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    wanted = rule.at_least_one
    if wanted and not any(given(part, path) for path in wanted):
        yield wanted[0], f"one of {', '.join(wanted)} must be given"


def _together(rule: Combination, _: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    missing = [path for path in rule.together if not given(part, path)]
    if missing and len(missing) < len(rule.together):
        yield (
            missing[0],
            f"{', '.join(rule.together)} are given together or not at all: {', '.join(missing)} is missing",
        )


def _required(rule: Combination, whole: JsonObject, _: JsonObject) -> Iterator[Refusal]:
    for path in rule.required:
        if not given(whole, path):
            yield path, f"{path} must be given"


def _forbidden(rule: Combination, _: JsonObject, part: JsonObject) -> Iterator[Refusal]:
    for path in rule.forbidden:
        if given(part, path) and known(part, path):
            yield path, f"{path} must not be given"


def _allowed(rule: Combination, whole: JsonObject, _: JsonObject) -> Iterator[Refusal]:
    for path, accepted in rule.allowed.items():
        for where, value in places(whole, path):
            if value != UNKNOWN and value not in accepted:
                yield where, f"{where} is {value!r}, allowed: {_shown(accepted)}"


def _rising(rule: Combination, whole: JsonObject, _: JsonObject) -> Iterator[Refusal]:
    for before, low, after, high in _pairs(whole, rule.rising):
        if high <= low:
            yield after, f"{after} is {high:g}, it must be larger than {before}, {low:g}"


def _ascending(rule: Combination, whole: JsonObject, _: JsonObject) -> Iterator[Refusal]:
    for before, low, after, high in _pairs(whole, rule.ascending):
        if high < low:
            yield after, f"{after} is {high:g}, it must not be smaller than {before}, {low:g}"


def _pairs(values: JsonObject, paths: Sequence[str]) -> Iterator[tuple[str, float, str, float]]:
    """Each path and the next one with their numbers, where both are given."""
    for before, after in pairwise(paths):
        low, high = _number(values, before), _number(values, after)
        if low is not None and high is not None:
            yield before, low, after, high


def _number(values: JsonObject, path: str) -> float | None:
    found = next((value for _, value in places(values, path)), None)
    try:
        return float(found) if isinstance(found, str | int | float) and found != UNKNOWN else None
    except ValueError:
        return None


def _repeated(rule: Combination, inputs: JsonObject) -> Iterator[Refusal]:
    if not rule.unique:
        return
    seen: set[str] = set()
    for place, one in objects(inputs, rule.within):
        values = [value for path in rule.unique for _, value in places(one, path)]
        text = json.dumps(values, sort_keys=True)
        if values and UNKNOWN not in values and text in seen:
            yield place.rstrip("."), f"{place.rstrip('.')} repeats {', '.join(rule.unique)} of another one: {text}"
        seen.add(text)


_JUDGES: Final[Sequence[Callable[[Combination, JsonObject, JsonObject], Iterator[Refusal]]]] = (
    _conflicts, _exactly_one, _at_least_one, _together, _required, _forbidden, _allowed, _rising, _ascending,
)  # fmt: skip


def _one_target(action: JsonObject) -> Iterator[Refusal]:
    """A target group stands beside a forward block only as the block's single group."""
    groups = [value for _, value in places(action, "forward.targetGroups[].arn")]
    own = action.get("targetGroupArn")
    if own and groups and UNKNOWN not in (own, *groups) and groups != [own]:
        yield (
            "targetGroupArn",
            f"targetGroupArn is {own}, forward names {', '.join(map(str, groups))}: give one of them",
        )


def _known_origins(distribution: JsonObject) -> Iterator[Refusal]:
    """What a distribution sends requests to is among its origins."""
    names = [
        value for path in ("origins[].originId", "originGroups[].originId") for _, value in places(distribution, path)
    ]
    if UNKNOWN in names:
        return
    for path in ("defaultCacheBehavior.targetOriginId", "orderedCacheBehaviors[].targetOriginId"):
        for where, value in places(distribution, path):
            if value != UNKNOWN and value not in names:
                yield where, f"{where} is {value!r}, it must be one of the origins: {', '.join(map(str, names))}"


_SPECIAL: Final[Mapping[str, Callable[[JsonObject], Iterator[Refusal]]]] = {
    "known origins": _known_origins,
    "one target": _one_target,
}
"""Rules by name that the grammar has no word for."""
