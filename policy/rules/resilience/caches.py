"""Caches that survive the loss of a node: failover, zones, snapshots, upgrades.

Owns one rule per control, so that a development stack can do without a standby and still keep snapshots.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, in_text, least, not_off, on
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Run, sample

from . import AREA

_COLD: Final = "A cold cache sends its whole load to the database at once."
_LOST: Final = "MemoryDB is a database: what it loses is in no other store."
_FIXES: Final = "Minor versions carry the security fixes."
_GROUP: Final = "elasticache/replicationGroup"

demand(
    AREA,
    "elasticache-fails-over",
    _GROUP,
    "Caches fail over",
    wants=[on("automaticFailoverEnabled")],
    cause=_COLD,
    remedy="Set automatic_failover_enabled=True, with num_cache_clusters of 2 or more.",
    controls=["FSBP ElastiCache.3"],
)
demand(
    AREA,
    "elasticache-spread",
    _GROUP,
    "Caches span zones",
    wants=[on("multiAzEnabled")],
    cause="Replicas in one zone are lost together.",
    remedy="Set multi_az_enabled=True.",
    controls=["cdk-nag AEC4"],
)
demand(
    AREA,
    "elasticache-upgrades",
    _GROUP,
    "Caches take minor upgrades",
    wants=[not_off("autoMinorVersionUpgrade")],
    cause=_FIXES,
    remedy="Leave auto_minor_version_upgrade on.",
    controls=["FSBP ElastiCache.2"],
)


@AREA.rule(
    "elasticache-snapshots",
    title="Caches keep snapshots",
    cause=_COLD,
    remedy="Set snapshot_retention_limit.",
    types=[_GROUP],
    controls=["FSBP ElastiCache.1"],
    settings={"minimumDays": 1},
    good=[sample(_GROUP, snapshotRetentionLimit=7)],
    bad=[sample(_GROUP, engine="valkey"), sample(_GROUP, snapshotRetentionLimit=0)],
)
def elasticache_snapshots(cache: Resource, run: Run) -> Findings:
    """Compare with the setting."""
    if cache.below("snapshotRetentionLimit", run.number("minimumDays")):
        yield cache.finding(f"{cache.label} keeps no snapshots: snapshotRetentionLimit is too short")


def _single(cache: Resource) -> bool:
    return cache.text("engine") in ("redis", "valkey") and cache.lacks("replicationGroupId")


demand(
    AREA,
    "cache-node-snapshots",
    "elasticache/cluster",
    "Single caches keep snapshots",
    wants=[least("snapshotRetentionLimit", 1)],
    cause=_COLD,
    remedy="Set snapshot_retention_limit (Redis and Valkey).",
    controls=["FSBP ElastiCache.1"],
    base={"engine": "redis"},
    when=_single,
)
demand(
    AREA,
    "cache-node-upgrades",
    "elasticache/cluster",
    "Single caches take minor upgrades",
    wants=[in_text(not_off("autoMinorVersionUpgrade"))],
    cause=_FIXES,
    remedy="Leave auto_minor_version_upgrade on.",
    controls=["FSBP ElastiCache.2"],
    base={"engine": "redis"},
    when=_single,
)
demand(
    AREA,
    "memorydb-snapshots",
    "memorydb/cluster",
    "MemoryDB clusters keep snapshots",
    wants=[least("snapshotRetentionLimit", 1)],
    cause=_LOST,
    remedy="Set snapshot_retention_limit.",
)
demand(
    AREA,
    "memorydb-upgrades",
    "memorydb/cluster",
    "MemoryDB clusters take minor upgrades",
    wants=[not_off("autoMinorVersionUpgrade")],
    cause=_FIXES,
    remedy="Leave auto_minor_version_upgrade on.",
)
