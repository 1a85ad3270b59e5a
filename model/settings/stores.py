"""The areas of the settings that keep data: database, cache, backup.

Owns what each area may hold and the rules inside one area. Rules that need two areas, or the environment, stand in
`tree`. Limits are AWS's own unless the text says that they are ours.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator

from model.settings.base import Region, Section

READERS_MAX: Final = 15
"""Most Aurora replicas of one cluster."""
CACHE_NODES_MAX: Final = 6
"""A primary and five replicas."""


class Serverless(Section):
    """Aurora Serverless v2 capacity in ACU, steps of a half.

    Attributes:
        min_acu: 0 lets the cluster pause without connections.
        max_acu: Upper bound, also of the cost.
        pause_after_seconds: Idle time before a pause, for `min_acu` 0 only.
    """

    min_acu: Annotated[float, Field(ge=0, le=256, multiple_of=0.5)]
    max_acu: Annotated[float, Field(ge=1, le=256, multiple_of=0.5)]
    pause_after_seconds: Annotated[int, Field(ge=300, le=86400)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Serverless:
        if self.min_acu > self.max_acu:
            raise ValueError(f"minAcu {self.min_acu} is above maxAcu {self.max_acu}: lower the minimum")
        if (self.min_acu == 0) != (self.pause_after_seconds is not None):
            raise ValueError("pauseAfterSeconds belongs to minAcu 0 and to nothing else: set both or neither")
        return self


class Provisioned(Section):
    """Aurora on instances of a fixed class.

    Attributes:
        instance_class: Of writer and readers, so that a reader can take over.
        readers: Always there.
        readers_peak: Kept in peak hours; none means that a peak changes nothing.
        readers_max: Most readers that autoscaling may reach.
        target_cpu_percent: Average CPU of the readers that autoscaling holds.
    """

    instance_class: Annotated[str, Field(pattern=r"^db\.(r[5-8][a-z]{0,2}|t4g)\.[0-9a-z]+$", examples=["db.r7g.large"])]
    readers: Annotated[int, Field(ge=1, le=READERS_MAX)]
    readers_peak: Annotated[int, Field(ge=1, le=READERS_MAX)] | None = None
    readers_max: Annotated[int, Field(ge=1, le=READERS_MAX)]
    target_cpu_percent: Annotated[int, Field(ge=20, le=90)]

    @model_validator(mode="after")
    def _ordered(self) -> Provisioned:
        if self.readers > self.readers_max:
            raise ValueError(f"readers {self.readers} is above readersMax {self.readers_max}: raise the maximum")
        if self.readers_peak is not None and not self.readers <= self.readers_peak <= self.readers_max:
            raise ValueError(
                f"readersPeak {self.readers_peak} is outside {self.readers} to {self.readers_max}: "
                "move it between readers and readersMax"
            )
        return self


class Database(Section):
    """Aurora MySQL; exactly one of `serverless` and `provisioned` is given.

    Attributes:
        engine_version: Full version of Aurora MySQL 3, pinned: a minor upgrade is a change that someone reviews.
        backup_retention_days: Point-in-time recovery window.
        apply_immediately: Whether a change that restarts or replaces instances comes at once, or in the maintenance
            window. Until then a refresh finds the old value, and the nightly comparison reports it.
    """

    engine_version: Annotated[
        str, Field(pattern=r"^8\.0\.mysql_aurora\.3\.\d{2}\.\d+$", examples=["8.0.mysql_aurora.3.10.3"])
    ]
    backup_retention_days: Annotated[int, Field(ge=1, le=35)]
    apply_immediately: bool
    serverless: Serverless | None = None
    provisioned: Provisioned | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Database:
        if self.serverless is None and self.provisioned is None:
            raise ValueError("has no kind of capacity: set one of serverless and provisioned")
        if self.serverless is not None and self.provisioned is not None:
            raise ValueError("has two kinds of capacity: set one of serverless and provisioned to null")
        return self


class Cache(Section):
    """Valkey in front of the database.

    Attributes:
        engine_version: Minor version of Valkey 8, pinned: a newer one that AWS chose would be a downgrade to undo,
            which replaces the cache.
        node_type: Of each node.
        nodes: A primary and its replicas; from two on the cache spreads over zones and fails over.
        snapshot_retention_days: How long a daily snapshot is kept, which fills a new cache before customers do.
        apply_immediately: As of the database.
    """

    engine_version: Annotated[str, Field(pattern=r"^8\.[0-2]$", examples=["'8.2'"])]
    node_type: Annotated[str, Field(pattern=r"^cache\.(t4g|[mr][67]g)\.[0-9a-z]+$", examples=["cache.m7g.large"])]
    nodes: Annotated[int, Field(ge=1, le=CACHE_NODES_MAX)]
    snapshot_retention_days: Annotated[int, Field(ge=1, le=35)]
    apply_immediately: bool


class Backup(Section):
    """AWS Backup, of all that is tagged for it.

    Attributes:
        retention_days: How long a nightly backup and its copy are kept.
        copy_region: Where critical backups are copied; none means nowhere.
        restore_tests: Whether the newest backups are restored once a month to see that they can be.
    """

    retention_days: Annotated[int, Field(ge=1, le=365)]
    copy_region: Annotated[Region | None, Field(examples=["ap-northeast-1"])] = None
    restore_tests: bool
