"""A stack's monthly cost: charges times prices, by item, with what has no price beside it.

Owns the sum. What cannot be priced is named with its reason and never counted as zero in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operations.cost.charges import RULES, Context
from operations.cost.prices import PriceTable
from operations.cost.resources import Resources


@dataclass(frozen=True, kw_only=True)
class Amount:
    """USD a month, from what runs at its minimum to what runs at its maximum."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(low=self.low + other.low, high=self.high + other.high)

    def __sub__(self, other: Amount) -> Amount:
        """Return the difference of low ends and of high ends: a change, whose low may be above its high."""
        return Amount(low=self.low - other.low, high=self.high - other.high)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of a stack."""

    items: Mapping[str, Amount]
    unpriced: Mapping[str, int]
    """What has no price, as `type: reason`, with the number of resources."""
    unverified: frozenset[str]
    """Items that rest, in part, on a price that nobody looked up."""

    @property
    def total(self) -> Amount:
        """The sum over all items that have a price."""
        return sum(self.items.values(), Amount())


_NO_RULE: Final = "billed by use, or not known to the estimate"


def estimate(stack: Resources, table: PriceTable, name: str) -> Estimate:
    """Return the estimate of a stack's resources.

    Args:
        stack: The resources.
        table: Prices and usage.
        name: The stack's name, which chooses the usage.
    """
    usage = table.of_stack(name)
    context = Context(
        stack=stack,
        hours=table.hours,
        usage={key: value for key, value in usage.items() if isinstance(value, int | float)},
        node_type=str(usage["node_type"]),
    )
    items: dict[str, Amount] = {}
    unpriced: Counter[str] = Counter()
    unverified: set[str] = set()
    for one in stack.all:
        rule = RULES.get(one.type)
        if rule is None:
            if not table.is_free(one.type):
                unpriced[f"{one.type}: {_NO_RULE}"] += 1
            continue
        for charge in rule(one, context):
            price = table.price(charge.price, one.region)
            if price is None:
                where = f" in {one.region}" if one.region else ""
                unpriced[f"{one.type}: no price for {charge.price}{where}"] += 1
                continue
            cost = Amount(low=charge.low * price.usd, high=charge.high * price.usd)
            items[charge.item] = items.get(charge.item, Amount()) + cost
            if not price.source.verified:
                unverified.add(charge.item)
    return Estimate(items=items, unpriced=unpriced, unverified=frozenset(unverified))
