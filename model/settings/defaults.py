"""Defaults by environment: what dev is, and what stg and prod are alike.

Owns every value that a stack file need not repeat; a stack file holds only what differs from this table. Does not
own values that no default can know (account, zone, owner). stg and prod share one table on purpose: a rehearsal
in stg proves nothing about prod if the two differ.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from model.naming import Environment

Tree: TypeAlias = "dict[str, Tree | str | int | float | bool | list[str] | list[Tree] | None]"

_ADDONS: Final[Tree] = {
    # Add-ons for Kubernetes 1.36, as public records of September 2026 list them; `make preflight` asks the region.
    "metricsServer": "v0.9.0-eksbuild.11",
    "efsCsiDriver": "v3.3.0-eksbuild.1",
    "cloudwatchObservability": "v6.7.0-eksbuild.1",
}

_COMMON_CLUSTERS: Final[Tree] = {
    "contents": True,
    # 1.36: standard support until 2027-08-02, and the newest version that the add-ons we run are tested with.
    "kubernetesVersion": "1.36",
    "serviceCidr": "172.20.0.0/16",
    "addons": _ADDONS,
}

# AWS does not offer it in Seoul; elsewhere it costs more than the NAT gateway of a small environment.
_ENCRYPTION_CONTROL: Final = False

_COMMON_EDGE: Final[Tree] = {
    # The smallest class with locations in Seoul.
    "priceClass": "PriceClass_200",
    # Where the theatres are; a stack that opens another country adds it.
    "countries": ["KR"],
    # A placed order takes about 10 requests, and a carrier puts hundreds of phones behind one address.
    "requestsPerAddress": 10000,
}

_COMMON_ALARMS: Final[Tree] = {
    # 99.9 % a month allows 0.1 % of errors: at 1 % the month is used up in three days.
    "errorPercent": 1,
    # The customer's target for the 95th percentile.
    "latencyMilliseconds": 500,
    # Scanners are blocked all the time; a quarter of the traffic is an attack or a rule that hits customers.
    "blockedPercent": 25,
    "databaseCpuPercent": 80,
    # Readers are milliseconds behind; a second is seen by whoever reads the order that was just placed.
    "replicaLagMilliseconds": 1000,
    # Of 16 GiB Aurora leaves about 4 free; below 1 it starts to swap.
    "databaseFreeMemoryMib": 1024,
    # Of about 32 on the instance class; an index on the largest table takes a few.
    "databaseFreeLocalGib": 5,
    # One thread does nearly all the work of a node, which has two CPUs.
    "cacheCpuPercent": 45,
    # Menus are a few MB: a node that fills up holds something else.
    "cacheMemoryPercent": 80,
    "cacheEvictions": 100,
    "fileIoPercent": 80,
    "nodeCpuPercent": 85,
    "nodeMemoryPercent": 85,
    # One crashing container reaches this within minutes, before its back-off grows.
    "containerRestarts": 3,
}

# Aurora MySQL 3.10 is the long-term-support line.
_ENGINE_VERSION: Final = "8.0.mysql_aurora.3.10.3"
# The last Valkey 8; nothing that the service sends needs 9.
_VALKEY_VERSION: Final = "8.2"


# The theatres' own.
_TIME_ZONE: Final = "Asia/Seoul"


def _workload(replicas: tuple[int, int], cpu: str, memory: str, *, peak: int | None = None) -> Tree:
    raised: Tree = {} if peak is None else {"peak": peak}
    return {"replicas": {"min": replicas[0], "max": replicas[1], **raised}, "cpu": cpu, "memory": memory}


_DEV: Final[Tree] = {
    "account": {"region": "ap-northeast-2"},
    "network": {
        "availabilityZones": ["ap-northeast-2a", "ap-northeast-2c"],
        "nat": "single",
        "interfaceEndpoints": False,
        "encryptionControl": _ENCRYPTION_CONTROL,
    },
    # Its API servers answer listed addresses, and its data is nobody's.
    "access": {"bastion": False},
    "clusters": {
        **_COMMON_CLUSTERS,
        "nodePool": {
            "instanceFamilies": ["m7g", "m6g"],
            "architecture": "arm64",
            "cpuLimit": 16,
            "memoryLimitGib": 64,
        },
    },
    "database": {
        "engineVersion": _ENGINE_VERSION,
        "backupRetentionDays": 7,
        # Whoever changes dev waits for it, and nobody else.
        "applyImmediately": True,
        # Pauses after five idle minutes; four ACU carried every developer's load with room to spare.
        "serverless": {"minAcu": 0, "maxAcu": 4, "pauseAfterSeconds": 300},
    },
    "cache": {
        "engineVersion": _VALKEY_VERSION,
        "nodeType": "cache.t4g.micro",
        "nodes": 1,
        "snapshotRetentionDays": 1,
        "applyImmediately": True,
    },
    "backup": {"retentionDays": 7, "restoreTests": False},
    "registry": {"versions": 30},
    # Its API servers are reached from listed addresses.
    "runner": {},
    "workloads": {
        "web": _workload((1, 2), "100m", "128Mi"),
        "user": _workload((1, 2), "250m", "512Mi"),
        "item": _workload((1, 2), "250m", "512Mi"),
        "pay": _workload((1, 2), "250m", "512Mi"),
    },
    "peaks": {"timeZone": _TIME_ZONE},
    "edge": {**_COMMON_EDGE, "antiDdos": False},
    "logs": {"retentionDays": 30, "archiveDays": 90},
    # Whoever tries something in dev looks at it.
    "notifications": {"emails": []},
    # Six pods at most, with pools of ten: more is a leak, which keeps Aurora from pausing.
    "alarms": {**_COMMON_ALARMS, "databaseConnections": 100},
    # `make cost` says 440 to 1,200 with all that scales at its most, day and night; traffic comes on top.
    "budget": {"monthlyUsd": 700, "anomalyUsd": 30},
    # The images that dev runs are scanned where they are pushed.
    "accountGuard": {"defaults": True, "guardDuty": True, "inspector": False, "accessAnalyzer": True},
    # One zone's writer, cache and NAT gateway: dev survives no loss, and is not asked to.
    "experiments": {"enabled": False},
    # Torn down and made anew at will.
    "protection": {"enabled": False, "disposable": True},
}

_PRODUCTION_LIKE: Final[Tree] = {
    "account": {"region": "ap-northeast-2"},
    "network": {
        # Three of Seoul's four zones; b is left out as it lacks some instance families.
        "availabilityZones": ["ap-northeast-2a", "ap-northeast-2c", "ap-northeast-2d"],
        "nat": "per-zone",
        "interfaceEndpoints": True,
        "encryptionControl": _ENCRYPTION_CONTROL,
    },
    "access": {"bastion": True},
    "clusters": {
        **_COMMON_CLUSTERS,
        "nodePool": {
            "instanceFamilies": ["m7g", "m6g", "c7g"],
            "architecture": "arm64",
            "cpuLimit": 200,
            "memoryLimitGib": 800,
        },
    },
    "database": {
        "engineVersion": _ENGINE_VERSION,
        "backupRetentionDays": 35,
        # Sunday 04:00, when cinemas are closed. What cannot wait is set to true for one deployment.
        "applyImmediately": False,
        "provisioned": {
            "instanceClass": "db.r7g.large",
            "readers": 2,
            # One per zone: the half hour before the films begin asks every menu at once.
            "readersPeak": 3,
            "readersMax": 6,
            # Leaves a reader that must take over a failed peer's half of the load below 90 %.
            "targetCpuPercent": 60,
        },
    },
    "cache": {
        "engineVersion": _VALKEY_VERSION,
        # Menus of 191 theatres are a few MB: a peak asks for steady CPU and network, which t4g lacks, not for memory.
        "nodeType": "cache.m7g.large",
        # One per zone.
        "nodes": 3,
        "snapshotRetentionDays": 7,
        "applyImmediately": False,
    },
    # Tokyo: the nearest region with every service that a rebuild there needs.
    "backup": {"retentionDays": 35, "copyRegion": "ap-northeast-1", "restoreTests": True},
    # About a year of releases, two a week; an image compresses to some 120 MB, at 0.10 USD per GB and month.
    "registry": {"versions": 100},
    # A stack's own: without one, another machine in the VPC or connected to it must deploy.
    "runner": {},
    "workloads": {
        "web": _workload((3, 12), "250m", "256Mi", peak=6),
        "user": _workload((2, 10), "500m", "1Gi", peak=4),
        "item": _workload((2, 20), "500m", "1Gi", peak=6),
        "pay": _workload((2, 20), "500m", "1Gi", peak=6),
    },
    # When most tickets are sold. Until there are measurements: twice or three times the minimum, an hour early.
    "peaks": {
        "timeZone": _TIME_ZONE,
        "windows": [
            {"days": ["MON", "TUE", "WED", "THU", "FRI"], "fromHour": 17, "untilHour": 22},
            {"days": ["SAT", "SUN"], "fromHour": 10, "untilHour": 22},
        ],
    },
    "edge": {**_COMMON_EDGE, "antiDdos": True},
    # A year of logs to look back into after an incident, and a month more to notice it.
    "logs": {"retentionDays": 400, "archiveDays": 400},
    # The first deployment's page tells how to make it; the addresses are a stack's own.
    # Alarms come in bursts, and Slack takes one message per second and channel: two at once are enough.
    "notifications": {"slackWebhookSecret": "operations/slack-webhook", "slackExecutions": 2},
    # Of the 1,000 that db.r7g.large allows; fifty pods at most, with pools of ten, open 500 to the writer.
    "alarms": {**_COMMON_ALARMS, "databaseConnections": 800},
    # `make cost STACK=prod` says 2,100 to 4,200 with all that scales at its most; traffic comes on top.
    "budget": {"monthlyUsd": 5000, "anomalyUsd": 150},
    "accountGuard": {"defaults": True, "guardDuty": True, "inspector": True, "accessAnalyzer": True},
    "experiments": {"enabled": True},
    "protection": {"enabled": True, "disposable": False},
}

DEFAULTS: Final[dict[Environment, Tree]] = {"dev": _DEV, "stg": _PRODUCTION_LIKE, "prod": _PRODUCTION_LIKE}


def merge(base: Tree, override: Tree) -> Tree:
    """Return `base` with the values of `override` on top, area by area; lists and single values are replaced whole.

    `null` removes a default, which is how a stack changes from one of two alternatives to the other.
    """
    merged = dict(base)
    for key, value in override.items():
        under = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge(under if isinstance(under, dict) else {}, value)
        else:
            merged[key] = value
    return merged
