"""When two different values mean the same to the provider.

Owns the canonical form by which values are compared. A value that cannot be read as what it should be is compared as
it stands.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.cloud import Json

_PROTOCOLS: Final = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}
_LISTS_OF_A_POLICY: Final = frozenset({"Action", "NotAction", "Resource", "NotResource", "Statement", "AWS", "Service"})


def canonical(like: str | None, value: Json) -> Json:
    """The form of a value in which equal ones are equal; `like` is a `rehearsal.aws.facts.grammar.Likeness`."""
    if like is None or not isinstance(value, str | int | float) or isinstance(value, bool):
        return value
    try:
        return _FORMS[like](str(value))
    except ValueError:
        return value


def _policy(value: Json) -> Json:
    """A policy in one form: lists of one are the element itself, and lists have no order."""
    if isinstance(value, dict):
        return {
            name: _unordered(_policy(member)) if name in _LISTS_OF_A_POLICY else _policy(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return _unordered([_policy(element) for element in value])
    return value


def _unordered(value: Json) -> Json:
    elements = value if isinstance(value, list) else [value]
    return sorted(elements, key=lambda element: json.dumps(element, sort_keys=True))


_FORMS: Final[Mapping[str, Callable[[str], Json]]] = {
    "case": str.lower,
    "json": json.loads,
    "key": lambda text: text.partition(":key/")[2] or text,
    "number": float,
    "policy": lambda text: _policy(json.loads(text)),
    "protocol": lambda text: _PROTOCOLS.get(text.lower(), text.lower()),
    "spacing": lambda text: " ".join(text.split()),
    "trailing dot": lambda text: text.lower().rstrip("."),
}
