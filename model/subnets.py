"""The subnet plan: each (tier, availability zone) has a slot that depends on nothing else.

Owns the arithmetic from a VPC's CIDR to its subnets. Does not own which zones a stack uses. A slot is a function
of the tier and of the zone's letter alone, so adding a zone or a tier never moves a subnet that exists: moving
one would replace it together with everything inside.

The VPC (prefix p) is cut into eight blocks of prefix p+3. The first four are the `app` subnets of zones a to d,
large because on EKS every pod takes an address of its subnet. The fifth is cut into 32 subnets of prefix p+8:
eight per small tier, of which four are used. Blocks six to eight and sixteen small slots are spare.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from itertools import islice
from typing import Final

_APP_BITS: Final = 3
_SMALL_BITS: Final = 8
_SMALL_BLOCK: Final = 4
_SLOTS_PER_SMALL_TIER: Final = 8
ZONE_LETTERS: Final = "abcd"
PREFIX_RANGE: Final = range(16, 21)
"""VPC prefixes that leave every subnet at /28 or larger, which is AWS's smallest."""


class Tier(StrEnum):
    """What a subnet is for, and by that how it is routed."""

    PUBLIC = "public"
    """Routed to the internet gateway; holds NAT gateways only."""
    APP = "app"
    """Routed out through NAT; holds nodes, pods, load balancers, endpoints, bastion."""
    DATA = "data"
    """No route out of the VPC; holds database, cache and file system."""


_SMALL_TIERS: Final = {Tier.PUBLIC: 0, Tier.DATA: 1}


@dataclass(frozen=True, slots=True)
class Subnet:
    """One planned subnet.

    Attributes:
        tier: What it is for.
        zone: Name of the availability zone, such as `ap-northeast-2a`.
        sequence: Place of the zone's letter from 1, used in the name.
        cidr: Its addresses.
    """

    tier: Tier
    zone: str
    sequence: int
    cidr: IPv4Network


def plan(vpc: IPv4Network, zones: tuple[str, ...]) -> tuple[Subnet, ...]:
    """Return the subnets of all tiers in the given zones, tier by tier.

    Args:
        vpc: CIDR of the VPC, prefix /16 to /20.
        zones: Names of availability zones that end in a letter from a to d.

    Raises:
        ValueError: The prefix or a zone has no slot in the plan.
    """
    if vpc.prefixlen not in PREFIX_RANGE:
        raise ValueError(f"VPC {vpc} has prefix /{vpc.prefixlen}: use /{PREFIX_RANGE[0]} to /{PREFIX_RANGE[-1]}")
    return tuple(
        Subnet(tier=tier, zone=zone, sequence=_slot(zone) + 1, cidr=_cidr(vpc, tier, _slot(zone)))
        for tier in Tier
        for zone in zones
    )


def of_tier(subnets: tuple[Subnet, ...], tier: Tier) -> tuple[Subnet, ...]:
    """Return the subnets of one tier in the order of the plan."""
    return tuple(subnet for subnet in subnets if subnet.tier is tier)


def _slot(zone: str) -> int:
    slot = ZONE_LETTERS.find(zone[-1:]) if zone else -1
    if slot < 0:
        raise ValueError(f"zone {zone!r} has no slot: its name must end in one of {', '.join(ZONE_LETTERS)}")
    return slot


def _cidr(vpc: IPv4Network, tier: Tier, slot: int) -> IPv4Network:
    if tier is Tier.APP:
        return _nth(vpc, _APP_BITS, slot)
    block = _nth(vpc, _APP_BITS, _SMALL_BLOCK)
    return _nth(block, _SMALL_BITS - _APP_BITS, _SMALL_TIERS[tier] * _SLOTS_PER_SMALL_TIER + slot)


def _nth(network: IPv4Network, bits: int, index: int) -> IPv4Network:
    return next(islice(network.subnets(prefixlen_diff=bits), index, None))
