"""The area of the settings that says when somebody is told: thresholds of the alarms.

Owns the numbers that depend on the load and size of an environment. How long a threshold must be exceeded, and what
missing data means, are the same everywhere and stand with the alarms in `model.observation`. Limits are ours.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from model.settings.base import Section

Percent: TypeAlias = Annotated[int, Field(ge=1, le=100)]


class Alarms(Section):
    """Where an alarm begins.

    Attributes:
        error_percent: Share of answers, at the ALB and at CloudFront, that are errors of ours.
        latency_milliseconds: 95th percentile of the ALB's answers, the customer's target.
        blocked_percent: Share of requests that the firewall blocks.
        database_cpu_percent: Of the writer, and of the capacity in ACU where Aurora is serverless.
        database_connections: Of one instance.
        replica_lag_milliseconds: How far a reader may be behind.
        database_free_memory_mib: Of one provisioned instance.
        database_free_local_gib: Temporary space of one provisioned instance.
        cache_cpu_percent: Of the busiest node.
        cache_memory_percent: Of the fullest node.
        cache_evictions: Entries that the fullest node drops within five minutes.
        file_io_percent: Of what the file system can do.
        node_cpu_percent: Average of a cluster's nodes.
        node_memory_percent: Likewise.
        container_restarts: Of a cluster's pods within five minutes.
    """

    error_percent: Annotated[float, Field(gt=0, le=100)]
    latency_milliseconds: Annotated[int, Field(ge=10, le=30_000)]
    blocked_percent: Percent
    database_cpu_percent: Percent
    database_connections: Annotated[int, Field(ge=1, le=16_000)]
    replica_lag_milliseconds: Annotated[int, Field(ge=10, le=60_000)]
    database_free_memory_mib: Annotated[int, Field(ge=64, le=1_000_000)]
    database_free_local_gib: Annotated[int, Field(ge=1, le=10_000)]
    cache_cpu_percent: Percent
    cache_memory_percent: Percent
    cache_evictions: Annotated[int, Field(ge=0, le=1_000_000)]
    file_io_percent: Percent
    node_cpu_percent: Percent
    node_memory_percent: Percent
    container_restarts: Annotated[int, Field(ge=1, le=1000)]
