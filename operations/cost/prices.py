"""The price table and the assumed usage: read from the two files beside, checked, looked up.

Owns the files' form. A price that the table lacks is an answer of its own, never zero.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, cast

_HERE: Final = Path(__file__).resolve().parent


class PriceError(ValueError):
    """A data file cannot be used; the message names the entry and the fix."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prices come from."""

    text: str
    as_of: date
    verified: bool


@dataclass(frozen=True, kw_only=True)
class Price:
    """A list price in USD per unit."""

    usd: float
    unit: str
    source: Source
    everywhere: bool = False
    """Whether it holds in every region, not in the table's only."""


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """All prices, what is free, and the usage of each stack."""

    region: str
    hours: float
    prices: Mapping[str, Price]
    free: tuple[str, ...]
    usage: Mapping[str, Mapping[str, float | str]]

    def price(self, key: str, region: str = "") -> Price | None:
        """Return a price if the table has it for the region (without one: its own)."""
        price = self.prices.get(key)
        return price if price and (price.everywhere or region in {"", self.region}) else None

    def is_free(self, type_: str) -> bool:
        """Tell whether a resource type costs nothing by itself."""
        return any(fnmatchcase(type_, pattern) for pattern in self.free)

    def of_stack(self, stack: str) -> Mapping[str, float | str]:
        """Return the usage assumed for a stack: its own figures over the default ones."""
        return {**self.usage["default"], **self.usage.get(stack, {})}


def load(prices: Path = _HERE / "prices.toml", usage: Path = _HERE / "usage.toml") -> PriceTable:
    """Read both files.

    Raises:
        PriceError: An entry is missing, or names a source that there is not.
    """
    table, assumed = (tomllib.loads(file.read_text(encoding="utf-8")) for file in (prices, usage))
    try:
        sources = {name: Source(**entry) for name, entry in table["sources"].items()}
        known = {
            key: Price(
                usd=entry["usd"],
                unit=entry["unit"],
                source=sources[entry["source"]],
                everywhere=entry.get("everywhere", False),
            )
            for key, entry in table["prices"].items()
        }
        stacks = cast("dict[str, dict[str, float | str]]", assumed)
        strange = {name for figures in stacks.values() for name in figures} - set(stacks["default"])
        if strange:
            raise PriceError(f"usage.toml: {', '.join(sorted(strange))} must have a figure in [default] too")
        return PriceTable(
            region=table["region"],
            hours=table["hours"],
            prices=known,
            free=tuple(table["free"]["types"]),
            usage=stacks,
        )
    except (KeyError, TypeError) as error:
        raise PriceError(f"{prices.name} or {usage.name}: {error} is missing or not understood") from error
