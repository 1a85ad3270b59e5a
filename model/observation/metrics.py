"""Metrics of CloudWatch, and what it means to watch one.

Owns the forms: a metric, an alarm on one or on an expression of several, a picture of several, and the names under
which an environment's resources report. Does not own which there are (`watches`, `panels`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, Literal, TypeAlias, TypeVar

Value = TypeVar("Value")
"""A dimension's value: a text, or a promise of one."""
Missing: TypeAlias = Literal["breaching", "notBreaching", "missing"]
MINUTE: Final = 60


class Place(StrEnum):
    """Where on a request's way a metric belongs; a section of the dashboard, in this order."""

    EDGE = "Edge: CloudFront and its firewall"
    WEB = "WEB: ALB and httpd"
    WAS = "WAS: NLB and the services user, item, pay"
    DATA = "DB: Aurora, cache, files"
    NETWORK = "Network: ways out"


TIER_PLACES: Final = {"web": Place.WEB, "was": Place.WAS}
"""Where each tier's cluster belongs."""


@dataclass(frozen=True, kw_only=True)
class Metric(Generic[Value]):
    """One metric of one resource.

    Attributes:
        namespace: Of the service that reports it.
        name: The metric's own name.
        dimensions: Which resource.
        statistic: `Sum`, `Average`, `Maximum`, `Minimum` or a percentile such as `p95`.
        label: What the legend says; nothing means CloudWatch's own text.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, Value | str]
    statistic: str
    label: str = ""


def single(
    id_: str, namespace: str, name: str, dimensions: Mapping[str, Value | str], statistic: str, label: str
) -> dict[str, Metric[Value]]:
    """Return the metrics of a watch on one metric."""
    return {id_: Metric(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic, label=label)}


@dataclass(frozen=True, kw_only=True)
class Watch(Generic[Value]):
    """One alarm.

    Attributes:
        role: Role part of the alarm's name.
        place: Section of the dashboard.
        title: Of its picture.
        remedy: What it means and what to look at, for whoever is told.
        metrics: By the id that `expression` uses; without an expression exactly one.
        expression: Metric math, for a share or the worst of several.
        comparison: Which side of the threshold is bad.
        threshold: In the metric's own unit.
        seconds: Length of one period.
        periods: How many bad ones in a row make the alarm.
        missing: What no data means. `notBreaching` where silence is the good case (counted errors) or usual (a paused
            database), `breaching` where only an outage silences a resource, `missing` where nothing can be concluded.
        customers: Whether customers feel it. Such alarms send nothing themselves: one composite alarm speaks for all.
        edge: Whether it is in us-east-1, where CloudFront reports; no composite alarm reaches over there.
    """

    role: str
    place: Place
    title: str
    remedy: str
    metrics: Mapping[str, Metric[Value]]
    expression: str | None = None
    comparison: Literal["above", "below"] = "above"
    threshold: float
    seconds: int = 5 * MINUTE
    periods: int = 3
    missing: Missing = "notBreaching"
    customers: bool = False
    edge: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel(Generic[Value]):
    """One picture without a threshold.

    Attributes:
        place: Section of the dashboard.
        title: Of the picture.
        metrics: Its lines.
        edge: Whether they are in us-east-1.
    """

    place: Place
    title: str
    metrics: Sequence[Metric[Value]]
    edge: bool = False


@dataclass(frozen=True, kw_only=True)
class Watched(Generic[Value]):
    """The names under which the resources of one environment report.

    Attributes:
        distribution: Id of the CloudFront distribution.
        firewall: Metric name of its web ACL.
        alb: Last part of the ALB's ARN.
        web_targets: Last part of its target group's ARN; None while nothing runs behind it.
        nlb: Last part of the NLB's ARN.
        service_targets: Last parts of its target groups' ARNs by service; empty while nothing runs behind it.
        clusters: Names of the clusters by tier.
        database: Identifier of the Aurora cluster.
        cache_nodes: Identifiers of the cache's nodes.
        files: Id of the file system.
        nat_gateways: Ids by letter of their zone.
    """

    distribution: Value
    firewall: str
    alb: Value
    web_targets: Value | None
    nlb: Value
    service_targets: Mapping[str, Value]
    clusters: Mapping[str, str]
    database: str
    cache_nodes: Sequence[str]
    files: Value
    nat_gateways: Mapping[str, Value] = field(default_factory=dict[str, Value])
