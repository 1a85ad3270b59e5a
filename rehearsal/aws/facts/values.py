"""What facts say about single values, put together with what the API says.

Owns the order of the two: the provider's own check decides where it has one, and what the API's model says of the same
value besides is kept, as AWS refuses it later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rehearsal.aws.limits import enumeration
from rehearsal.aws.shapes import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.aws.facts.grammar import Argument, Plain, TypeFacts
    from rehearsal.aws.shapes import Span

SOURCE: Final = "the AWS provider's source"
_FOLDED: Final = frozenset({"case", "protocol"})
"""Likenesses under which an API's enumeration is written in any case."""


def merged(limits: Mapping[str, Limit], known: TypeFacts) -> dict[str, Limit]:
    """The limits of a type by path, with those that its facts say."""
    found = dict(limits)
    for path, argument in known.arguments.items():
        before = found.get(path)
        limit = _limit(argument, before or Limit())
        if limit is not None:
            found[path] = limit
    return found


def spans(text: str) -> tuple[Span, ...]:
    """The ends of each span in a text such as `1..64`, `0 | 30..`; raises `ValueError` for another text."""
    return tuple(map(_span, text.split("|")))


def _span(text: str) -> Span:
    low, dots, high = text.strip().partition("..")
    return (float(low) if low else None, float(high) if high else None if dots else float(low))


def _limit(argument: Argument, before: Limit) -> Limit | None:
    """The limit of one argument; None where neither says anything."""
    values = tuple(map(_text, argument.values)) + (enumeration(argument.enumeration) if argument.enumeration else ())
    span = argument.length or argument.items or argument.range
    checks = (values, span, argument.pattern, argument.never, argument.form)
    any_case = argument.any_case or argument.like in _FOLDED
    if not any(checks):
        return replace(before, any_case=True) if any_case and before != Limit() else None
    allowed = spans(span) if span else ((before.minimum, before.maximum),)
    return Limit(
        minimum=allowed[0][0],
        maximum=allowed[-1][1],
        spans=allowed if len(allowed) > 1 else (),
        pattern=argument.pattern or (None if values else before.pattern),
        never=argument.never,
        values=values or (() if argument.pattern else before.values),
        any_case=any_case,
        form=argument.form,
        source=SOURCE,
    )


def _text(value: Plain) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
