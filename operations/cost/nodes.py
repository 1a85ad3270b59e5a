"""How many nodes a pool needs for the pods of its cluster: at their minimum and at their maximum.

Owns the packing, which is arithmetic and no scheduling: requests of the releases over what a node can give, at least
a node for each zone that the pods of the largest release can be spread over, at most the pool's own limit.
"""

from __future__ import annotations

import math
from typing import Final

from operations.cost.resources import Resource, Resources

_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_NODE_CLASS: Final = "kubernetes:eks.amazonaws.com/v1:NodeClass"
_GIB: Final = 2**30
_VCPU_OF_A_LARGE: Final = 2
"""Pools are counted in `large` instances."""


def nodes(pool: Resource, stack: Resources, cpu: float, memory_gib: float) -> tuple[int, int, float]:
    """Return the least and the most nodes, and the GiB of disk on each.

    Args:
        pool: The Karpenter node pool.
        stack: Where the releases on the same cluster are found, by their provider.
        cpu: vCPU that pods may ask of a node.
        memory_gib: GiB of memory that pods may ask of a node.
    """
    releases = [one for one in stack.of(_RELEASE) if one.provider == pool.provider]
    subnets = stack.of("aws:ec2/subnet:Subnet")
    zones = len({one.text("availabilityZone") for one in subnets} - {None}) or 1
    limit = (pool.quantity("spec", "limits", "cpu") or math.inf) / _VCPU_OF_A_LARGE
    low, high = (_needed(releases, end, zones, cpu, memory_gib) for end in ("min", "max"))
    classes = [one for one in stack.of(_NODE_CLASS) if one.provider == pool.provider]
    disk = next((size for one in classes if (size := one.quantity("spec", "ephemeralStorage", "size"))), 80 * _GIB)
    return int(min(low, limit)), int(min(high, limit)), disk / _GIB


def _needed(releases: list[Resource], end: str, zones: int, cpu: float, memory_gib: float) -> int:
    pods = [one.number("values", "replicas", end) or 0 for one in releases]
    asked_cpu = sum(
        number * (one.quantity("values", "resources", "cpu") or 0) for number, one in zip(pods, releases, strict=True)
    )
    asked_memory = sum(
        number * (one.quantity("values", "resources", "memory") or 0) / _GIB
        for number, one in zip(pods, releases, strict=True)
    )
    spread = min(max(pods, default=0), zones)
    return max(math.ceil(round(asked_cpu / cpu, 6)), math.ceil(round(asked_memory / memory_gib, 6)), int(spread))
