"""Alarms of what keeps data: Aurora, the cache, the file system.

Owns which of their metrics are judged and how. An Aurora that pauses reports nothing while it does, which is no
trouble; one that never pauses and reports nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.observation.metrics import MINUTE, Metric, Place, Value, Watch, Watched, single
from model.settings.tree import Settings

_MIB = 1024**2
_GIB = 1024**3


def store_watches(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    """Yield the alarms of database, cache and file system."""
    yield from _database(watched, settings)
    if settings.database.serverless is not None:
        yield _capacity(watched, settings)
    else:
        yield from _instances(watched, settings)
    yield from _cache(watched, settings)
    yield Watch(
        role="filesio",
        place=Place.DATA,
        title="Operations of the file system (% of its limit)",
        remedy="Receipts are written slowly: too many small operations; look for a job that scans the folder.",
        metrics=single("io", "AWS/EFS", "PercentIOLimit", {"FileSystemId": watched.files}, "Maximum", "EFS"),
        threshold=settings.alarms.file_io_percent,
    )


def _rds(watched: Watched[Value], name: str, statistic: str, label: str, *, role: str | None = None) -> Metric[Value]:
    dimensions: dict[str, Value | str] = {"DBClusterIdentifier": watched.database}
    if role is not None:
        dimensions["Role"] = role
    return Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, statistic=statistic, label=label)


def _database(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    serverless = settings.database.serverless
    pauses = serverless is not None and serverless.min_acu == 0
    yield Watch(
        role="datacpu",
        place=Place.DATA,
        title="CPU of the writer (%)",
        remedy="The writer is busy: Performance Insights names the statement. No data: the writer is lost.",
        metrics={"cpu": _rds(watched, "CPUUtilization", "Average", "writer", role="WRITER")},
        threshold=settings.alarms.database_cpu_percent,
        missing="notBreaching" if pauses else "breaching",
    )
    yield Watch(
        role="dataconnections",
        place=Place.DATA,
        title="Connections of an instance",
        remedy="Connections run out: a pool leaks, or there are more pods than the instance class serves.",
        metrics={"connections": _rds(watched, "DatabaseConnections", "Maximum", "most")},
        threshold=settings.alarms.database_connections,
        seconds=MINUTE,
        periods=5,
    )


def _capacity(watched: Watched[Value], settings: Settings) -> Watch[Value]:
    return Watch(
        role="datacapacity",
        place=Place.DATA,
        title="Capacity of Aurora Serverless in use (%)",
        remedy="Aurora cannot grow further: raise `database.serverless.maxAcu` or find the statement that needs it.",
        metrics={"capacity": _rds(watched, "ACUUtilization", "Average", "of the most ACU")},
        threshold=settings.alarms.database_cpu_percent,
    )


def _instances(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    yield Watch(
        role="datalag",
        place=Place.DATA,
        title="How far readers are behind (ms)",
        remedy="Customers read old menus and orders: a long transaction or too few readers.",
        metrics={"lag": _rds(watched, "AuroraReplicaLag", "Maximum", "slowest reader", role="READER")},
        threshold=settings.alarms.replica_lag_milliseconds,
        seconds=MINUTE,
        periods=5,
    )
    yield Watch(
        role="datamemory",
        place=Place.DATA,
        title="Free memory of an instance (bytes)",
        remedy="An instance is about to be restarted for memory: connections or temporary tables take it.",
        metrics={"memory": _rds(watched, "FreeableMemory", "Minimum", "least")},
        comparison="below",
        threshold=settings.alarms.database_free_memory_mib * _MIB,
    )
    yield Watch(
        role="datalocal",
        place=Place.DATA,
        title="Free temporary space of an instance (bytes)",
        remedy="A sort or an index that is being made fills the instance's own disk: the volume itself grows alone.",
        metrics={"local": _rds(watched, "FreeLocalStorage", "Minimum", "least")},
        comparison="below",
        threshold=settings.alarms.database_free_local_gib * _GIB,
    )


def _cache(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    alarms = settings.alarms
    for role, metric, statistic, threshold, title, remedy in (
        (
            "cachecpu",
            "CPUUtilization",
            "Average",
            alarms.cache_cpu_percent,
            "CPU of the busiest node of the cache (%)",
            "The cache is busy, and the database gets what it misses: take a larger `cache.nodeType`.",
        ),
        (
            "cachememory",
            "DatabaseMemoryUsagePercentage",
            "Average",
            alarms.cache_memory_percent,
            "Memory of the fullest node of the cache (%)",
            "Menus hardly fill a node: look for keys that never expire before taking a larger one.",
        ),
        (
            "cacheevictions",
            "Evictions",
            "Sum",
            alarms.cache_evictions,
            "Entries that a node of the cache dropped",
            "Memory ended, and the database is asked again for what was dropped.",
        ),
    ):
        yield Watch(
            role=role,
            place=Place.DATA,
            title=title,
            remedy=remedy,
            metrics={
                f"node{sequence}": Metric(
                    namespace="AWS/ElastiCache",
                    name=metric,
                    dimensions={"CacheClusterId": node},
                    statistic=statistic,
                    label=f"node {sequence}",
                )
                for sequence, node in enumerate(watched.cache_nodes, start=1)
            },
            expression="MAX(METRICS())",
            threshold=threshold,
            # A node without data is being replaced, or the whole cache is: services work without it.
            missing="missing",
        )
