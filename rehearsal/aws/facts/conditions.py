"""Finds values by the paths that facts use, and judges conditions on them.

Owns what `given` and `absent` mean, and that a value which is not known yet decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.outcome import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.aws.facts.grammar import Condition
    from rehearsal.cloud import Json, JsonObject


_NOTHING: Final[tuple[Json, ...]] = (False, 0, "", [])


def objects(inputs: JsonObject, within: str) -> Iterator[tuple[str, JsonObject]]:
    """The objects at a path such as `rules[].lifecycle` with their exact places; the inputs themselves for ``."""
    if not within:
        yield "", inputs
        return
    for place, value in places(inputs, within):
        if isinstance(value, dict):
            yield f"{place}.", value


def places(value: Json, path: str, here: str = "") -> Iterator[tuple[str, Json]]:
    """The exact places that a path leads to and what is there; none where it is absent."""
    step, _, rest = path.partition(".")
    name, many = step.removesuffix("[]"), step.endswith("[]")
    found = value.get(name) if isinstance(value, dict) else None
    if found is None:
        return
    place = f"{here}.{name}" if here else name
    if many and isinstance(found, list):
        elements = [(f"{place}[{index}]", element) for index, element in enumerate(found)]
    elif many:
        return
    else:
        elements = [(place, found)]
    for where, element in elements:
        if rest:
            yield from places(element, rest, where)
        else:
            yield where, element


def given(inputs: JsonObject, path: str) -> bool:
    """Whether an argument has a value, known or not; an empty list is none, an empty block is there."""
    return any(value != [] for _, value in places(inputs, path))


def known(inputs: JsonObject, path: str) -> bool:
    """Whether an argument is not one whose value is still to come."""
    return all(value != UNKNOWN for _, value in places(inputs, path))


def holds(condition: Condition, inputs: JsonObject) -> bool | None:
    """Whether all parts of a condition hold; None where an unknown value decides."""
    answers = [_part(wanted, inputs, path) for path, wanted in condition.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _part(wanted: list[str | bool | int | float] | str, inputs: JsonObject, path: str) -> bool | None:
    values = [value for _, value in places(inputs, path)]
    if wanted == "absent":
        return not any(value not in _NOTHING for value in values)
    if UNKNOWN in values:
        return None if wanted != "given" else True
    if wanted == "given":
        return any(value not in _NOTHING for value in values)
    if wanted == "off":
        return any(value in _NOTHING for value in values)
    # Python's True equals 1, which an argument's value never means.
    accepted = {(type(one) is bool, one) for one in wanted if not isinstance(one, list)}
    return any(
        (type(value) is bool, value) in accepted for value in values if isinstance(value, str | bool | int | float)
    ) or (not values and (True, False) in accepted)
