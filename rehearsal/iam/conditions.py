"""The Condition element of a statement.

Owns the operators and what they say of keys that a request does not have or has several values of. Source: IAM user
guide, "Condition operators" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rehearsal.iam import patterns
from rehearsal.iam.patterns import Context, UnresolvedError

_Compare = Callable[[str, str, "Context | None"], bool]
_ALL, _ANY, _IF_EXISTS = "forallvalues:", "foranyvalue:", "ifexists"
_NULL: Final = "null"


class OperatorError(ValueError):
    """IAM has no such operator."""


@dataclass(frozen=True, kw_only=True)
class Test:
    """One key of a Condition: `StringEquals`, `aws:RequestedRegion`, its values; whether they may hold variables."""

    operator: str
    key: str
    values: tuple[str, ...]
    variables: bool = True

    def __post_init__(self) -> None:
        """Refuse an operator that IAM does not have."""
        base = self.base
        if base != _NULL and base.replace("not", "") not in _COMPARE:
            raise OperatorError(f"condition operator {self.operator!r} does not exist")

    @property
    def base(self) -> str:
        """The operator in lower case, without its qualifiers."""
        return self.operator.lower().removeprefix(_ALL).removeprefix(_ANY).removesuffix(_IF_EXISTS)

    def holds(self, context: Context) -> bool:
        """Tell whether a request meets it."""
        operator, base, key = self.operator.lower(), self.base, self.key.lower()
        given = context.get(key, ())
        if base == _NULL:
            return any((value.lower() == "true") == (not given) for value in self.values)
        if not given:
            # `ForAnyValue` finds no value, whatever `IfExists` says behind it.
            return not operator.startswith(_ANY) and (
                operator.startswith(_ALL) or operator.endswith(_IF_EXISTS) or "not" in base
            )
        satisfied = (self._one(base, value, context) for value in given)
        # A plain operator on several values is undefined by IAM's documentation: read as the careful side would.
        return any(satisfied) if operator.startswith(_ANY) else all(satisfied)

    def _one(self, base: str, value: str, context: Context) -> bool:
        compare, negated = _COMPARE[base.replace("not", "")], "not" in base
        known = context if self.variables else None
        equal = False
        for wanted in self.values:
            try:
                equal = equal or compare(wanted, value, known)
            except UnresolvedError:
                # A variable without a value equals nothing, and differs from nothing either.
                if negated:
                    return False
            except ValueError:
                # No number, date or address.
                continue
        return negated != equal


def _string(wanted: str, value: str, context: Context | None) -> bool:
    return patterns.plain(wanted, context) == value


def _string_ignoring_case(wanted: str, value: str, context: Context | None) -> bool:
    return patterns.plain(wanted, context).lower() == value.lower()


def _like(wanted: str, value: str, context: Context | None) -> bool:
    return patterns.matches(patterns.resolved(wanted, context), value)


def _arn(wanted: str, value: str, context: Context | None) -> bool:
    return patterns.arn_matches(patterns.resolved(wanted, context), value)


def _bool(wanted: str, value: str, _: Context | None) -> bool:
    return wanted.lower() == value.lower()


def _address(wanted: str, value: str, _: Context | None) -> bool:
    network, address = ipaddress.ip_network(wanted, strict=False), ipaddress.ip_network(value, strict=False)
    if network.version != address.version:
        return False
    return int(network.network_address) <= int(address.network_address) and int(network.broadcast_address) >= int(
        address.broadcast_address
    )


def _moment(text: str) -> float:
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _ordered(read: Callable[[str], float], decide: Callable[[float, float], bool]) -> _Compare:
    return lambda wanted, value, _: decide(read(value), read(wanted))


_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "equals": lambda one, other: one == other,
    "lessthan": lambda one, other: one < other,
    "lessthanequals": lambda one, other: one <= other,
    "greaterthan": lambda one, other: one > other,
    "greaterthanequals": lambda one, other: one >= other,
}
_COMPARE: Final[Mapping[str, _Compare]] = {
    "stringequals": _string,
    "stringequalsignorecase": _string_ignoring_case,
    "stringlike": _like,
    # Both read wildcards (user guide: they behave identically).
    "arnequals": _arn,
    "arnlike": _arn,
    "bool": _bool,
    "binaryequals": lambda wanted, value, _: wanted == value,
    "ipaddress": _address,
    **{f"numeric{name}": _ordered(float, decide) for name, decide in _ORDER.items()},
    **{f"date{name}": _ordered(_moment, decide) for name, decide in _ORDER.items()},
}
"""The comparison of a wanted and a given value, by the operator's name without `Not`."""
