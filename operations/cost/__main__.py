"""Prints what a stack would cost a month after a preview: `python -m operations.cost EVENTS --stack STACK`.

Exit code 0 means that there is an estimate, 2 that there was nothing to estimate. What has no price is listed below it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from operations import events
from operations.cost.difference import difference, dollars
from operations.cost.estimate import Estimate
from operations.cost.prices import PriceTable, load

_UNREADABLE = 2


def main(arguments: list[str] | None = None) -> int:
    """Print the estimate and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.cost", description="Monthly cost of a stack.")
    parser.add_argument("events", type=Path, help="the engine's events of a preview, one JSON object a line")
    parser.add_argument("--stack", required=True)
    options = parser.parse_args(arguments)
    try:
        table = load()
        outcome = events.load(options.events)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.events}: {error}\n")
        return _UNREADABLE
    cost = difference(outcome.steps, table, options.stack)
    sys.stdout.write("\n".join(_table(cost.after, table)) + f"\nby this preview: {cost.summary}\n")
    return 0


def _table(found: Estimate, table: PriceTable) -> list[str]:
    rows = sorted(found.items.items(), key=lambda item: (-item[1].high, item[0]))
    lines = [f"{'USD a month, list prices of ' + table.region:<34} {'low':>12} {'high':>12}"]
    lines += [
        f"{name + (' *' if name in found.unverified else ''):<34} {one.low:>12,.2f} {one.high:>12,.2f}"
        for name, one in rows
    ]
    lines.append(f"{'all that has a price':<34} {found.total.low:>12,.2f} {found.total.high:>12,.2f}")
    lines += [f"not priced: {what} ({number})" for what, number in sorted(found.unpriced.items())]
    if found.unverified:
        lines.append("* rests on a price that was not looked up (operations/cost/prices.toml)")
    return [*lines, f"total: {dollars(found.total)}"]


if __name__ == "__main__":
    sys.exit(main())
