"""Rules that only demand values of properties, written as a table.

Owns the vocabulary (`on`, `given`, `one_of`...) and what follows from it: the check, and good and bad examples for each
demanded value. A rule that must think is a function of its own beside the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from .resources import Resource
from .rule import Area, ExampleValue, Findings, Sample, Severity
from .values import Block, Unknown

Properties = dict[str, ExampleValue]


@dataclass(frozen=True)
class Want:
    """One demanded value.

    Attributes:
        path: Dotted path of the property; `list[]` on the way means each item of a list.
        broken: Tells whether a block certainly does not have the value at the rest of the path.
        good: A value that is right; None for leaving the property out.
        bad: Values that are wrong; None for leaving the property out.
        says: What a finding says after the path.
    """

    path: str
    broken: Callable[[Block, str], bool]
    good: ExampleValue
    bad: tuple[ExampleValue, ...]
    says: str


def on(path: str) -> Want:
    """Demand true; AWS leaves the switch off."""
    return Want(path, Block.not_true, good=True, bad=(False, None), says="is not true")


def not_off(path: str) -> Want:
    """Refuse false; AWS has the switch on by itself."""
    return Want(path, Block.is_false, good=True, bad=(False,), says="is false")


def off(path: str) -> Want:
    """Refuse true; AWS leaves the switch off."""
    return Want(path, Block.is_true, good=False, bad=(True,), says="is true")


def in_text(want: Want) -> Want:
    """Turn a switch into one that the SDK takes as text."""

    def written(value: ExampleValue) -> ExampleValue:
        return str(value).lower() if isinstance(value, bool) else value

    return replace(want, good=written(want.good), bad=tuple(written(value) for value in want.bad))


def given(path: str, example: ExampleValue) -> Want:
    """Demand that the property is set."""
    return Want(path, Block.lacks, example, (None,), "is not set")


def absent(path: str, example: ExampleValue) -> Want:
    """Refuse that the property is set."""

    def broken(block: Block, rest: str) -> bool:
        return block.is_known(rest) and not block.lacks(rest)

    return Want(path, broken, None, (example,), "is set")


def own_key(path: str, example: str = "arn:aws:kms:ap-northeast-2:111122223333:key/1") -> Want:
    """Demand a customer-managed key."""

    def broken(block: Block, rest: str) -> bool:
        return block.lacks(rest) or "alias/aws/" in (block.text(rest) or "")

    return Want(path, broken, example, (None, "alias/aws/service"), "names no customer-managed key")


def one_of(path: str, *values: str, wrong: str, default: bool = False) -> Want:
    """Demand one of some texts; `default` tells that AWS takes one of them when nothing is said."""

    def broken(block: Block, rest: str) -> bool:
        value = block.get(rest)
        return not isinstance(value, Unknown) and value not in values and not (default and value is None)

    return Want(path, broken, values[0], (wrong,) if default else (wrong, None), f"is not {' or '.join(values)}")


def never(path: str, *values: str, good: ExampleValue = None) -> Want:
    """Refuse some texts, alone or in a list."""

    def broken(block: Block, rest: str) -> bool:
        return any(text in values for text in block.texts(rest))

    bad: tuple[ExampleValue, ...] = tuple([value] for value in values) if isinstance(good, list) else values
    return Want(path, broken, good, bad, f"is or holds {' or '.join(values)}")


def least(path: str, minimum: int, *, default: int = 0) -> Want:
    """Demand a number of at least `minimum`; `default` is what AWS takes when nothing is said."""

    def broken(block: Block, rest: str) -> bool:
        value = block.get(rest)
        return not isinstance(value, Unknown) and (default if value is None else block.number(rest) or 0) < minimum

    bad: tuple[ExampleValue, ...] = (minimum - 1,) if default >= minimum else (minimum - 1, None)
    return Want(path, broken, minimum, bad, f"is less than {minimum}")


def includes(path: str, *values: str) -> Want:
    """Demand that a list of texts has all of some."""

    def broken(block: Block, rest: str) -> bool:
        return block.is_known(rest) and not set(values) <= set(block.texts(rest))

    return Want(path, broken, list(values), (None, list(values[1:])), f"does not have {' and '.join(values)}")


def demand(
    area: Area,
    id_: str,
    types: str | Iterable[str],
    title: str,
    *,
    wants: Iterable[Want],
    cause: str,
    remedy: str,
    severity: Severity = "medium",
    controls: Iterable[str] = (),
    base: Mapping[str, ExampleValue] | None = None,
    when: Callable[[Resource], bool] | None = None,
) -> None:
    """Register a rule that demands values.

    Args:
        area: The section of the pack.
        id_: The rule's name.
        types: Short types of the resources to check; the examples are of the first.
        title: The rule as one sentence.
        wants: What is demanded.
        cause: Why it matters.
        remedy: What to write instead.
        severity: How bad a violation is.
        controls: Identifiers of published controls.
        base: Properties that every example has, for rules that do not look at all resources of the type.
        when: Which resources are looked at; without it all.
    """
    kinds = [types] if isinstance(types, str) else list(types)
    demanded = list(wants)
    right: Properties = {**(base or {})}
    for want in demanded:
        right = _with(right, want.path, want.good)
    wrong = [_with(right, want.path, value) for want in demanded for value in want.bad]

    def check(resource: Resource) -> Findings:
        if when is None or when(resource):
            for want in demanded:
                if any(want.broken(block, rest) for block, rest in _places(resource, want)):
                    yield resource.finding(f"{resource.label}: {want.path} {want.says}")

    area.rule(
        id_,
        title=title,
        cause=cause,
        remedy=remedy,
        types=kinds,
        severity=severity,
        controls=controls,
        good=[Sample(kinds[0], "example", right)],
        bad=[Sample(kinds[0], "example", properties) for properties in wrong],
    )(check)


def _places(resource: Resource, want: Want) -> Iterator[tuple[Block, str]]:
    head, listed, rest = want.path.partition("[].")
    if not listed:
        yield resource, head
    elif resource.lacks(head) and None in want.bad:
        yield Block({}), rest
    else:
        yield from ((block, rest) for block in resource.blocks(head))


def _with(properties: Mapping[str, ExampleValue], path: str, value: ExampleValue) -> Properties:
    """Return a copy of example properties with the value at a path, or without the property for None."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    result = {**properties}
    if not rest:
        result.pop(name, None)
        return result if value is None else {**result, name: value}
    inner = result.get(name) or {}
    inside = inner[0] if isinstance(inner, list) else inner
    changed = _with(cast("Mapping[str, ExampleValue]", inside), rest, value)
    if not changed:  # an empty block may be refused for what it lacks
        result.pop(name, None)
        return result
    result[name] = [changed] if step.endswith("[]") else changed
    return result
