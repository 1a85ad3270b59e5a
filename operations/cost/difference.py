"""What a preview changes in the monthly cost, as lines of a report.

Owns the comparison and its wording; the sums are `estimate.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from operations.cost.estimate import Amount, Estimate, estimate
from operations.cost.prices import PriceTable
from operations.cost.resources import Resources
from operations.markdown import code
from rehearsal.outcome import Step

_CENT = 0.005


@dataclass(frozen=True, kw_only=True)
class CostDifference:
    """A stack's cost before and after a preview's steps."""

    before: Estimate
    after: Estimate

    @property
    def changed(self) -> bool:
        """Whether the total changes by a cent or more, or what has no price changes."""
        return _visible(self.after.total - self.before.total) or self.before.unpriced != self.after.unpriced

    @property
    def summary(self) -> str:
        """The change and the new total on one line, with a warning where the change is not the whole one."""
        change = self.after.total - self.before.total
        told = f"{signed(change) if _visible(change) else 'unchanged'}, now {dollars(self.after.total)}"
        return told if self.before.unpriced == self.after.unpriced else f"{told}; incomplete, see what is not priced"

    def lines(self) -> list[str]:
        """Return a list item for each item that has a cost: the changed ones first, then by weight and name."""
        names = {*self.before.items, *self.after.items}
        rows = [(name, self.before.items.get(name, Amount()), self.after.items.get(name, Amount())) for name in names]
        rows.sort(key=lambda row: (not _visible(row[2] - row[1]), -row[2].high, row[0]))
        unverified = self.before.unverified | self.after.unverified
        priced = [
            f"- {name}{' (price not verified)' if name in unverified else ''}: "
            + (f"{signed(now - was)}, now {dollars(now)}" if _visible(now - was) else dollars(now))
            for name, was, now in rows
            if _visible(was) or _visible(now)
        ]
        return [*_missing(self.after.unpriced.items(), self.before), *priced]


def _missing(unpriced: Iterable[tuple[str, int]], before: Estimate) -> Sequence[str]:
    rows = [f"{code(what)} ({number})" for what, number in sorted(unpriced)]
    gone = sorted(set(before.unpriced) - {what for what, _ in unpriced})
    return [
        *([f"- not priced, so missing from the sum: {'; '.join(rows)}"] if rows else []),
        *([f"- no longer there, and not priced before: {'; '.join(code(what) for what in gone)}"] if gone else []),
    ]


def difference(steps: Sequence[Step], table: PriceTable, stack: str) -> CostDifference:
    """Return what a preview's steps change in the cost of a stack."""
    before, after = Resources.before(steps), Resources.after(steps)
    return CostDifference(before=estimate(before, table, stack), after=estimate(after, table, stack))


def dollars(amount: Amount) -> str:
    """Return an amount, as a range if its ends differ."""
    low, high = f"${amount.low:,.2f}", f"${amount.high:,.2f}"
    return low if low == high else f"{low} to {high}"


def signed(amount: Amount) -> str:
    """Return a change with its sign, as a range if its ends differ."""
    low, high = (f"{'-' if value < 0 else '+'}${abs(value):,.2f}" for value in (amount.low, amount.high))
    return low if low == high else f"{low} to {high}"


def _visible(amount: Amount) -> bool:
    return abs(amount.low) >= _CENT or abs(amount.high) >= _CENT
