"""Every alarm along a request's way through the platform, with what it means.

Owns which metrics are judged, for how long and how silence counts. Thresholds come from the settings. Alarms of the
clusters and of the stores stand in `clusters` and `stores`, those of backups with the backups.

What customers feel is said after three to five minutes. What is about to hurt them is said after fifteen, which lets
a roll-out, a failover or an autoscaler finish first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from model.observation.clusters import cluster_watches
from model.observation.metrics import MINUTE, Metric, Place, Value, Watch, Watched, single
from model.observation.stores import store_watches
from model.settings.tree import Settings

_JUDGED_REQUESTS: Final = 20
"""In one period; with fewer, one request that failed at night would be a share worth a call."""


def watches(watched: Watched[Value], settings: Settings) -> tuple[Watch[Value], ...]:
    """Return all alarms of an environment."""
    return (
        *_edge(watched, settings),
        *_web(watched, settings),
        *_was(watched),
        *cluster_watches(watched, settings),
        *store_watches(watched, settings),
        *_network(watched),
    )


def _edge(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    yield Watch(
        role="edgeerrors",
        place=Place.EDGE,
        title="Errors that customers get (% of answers)",
        remedy="Customers get errors. While the ALB's alarms are silent, look at the ways to the ALB and the bucket.",
        metrics=single(
            "errors",
            "AWS/CloudFront",
            "5xxErrorRate",
            {"DistributionId": watched.distribution, "Region": "Global"},
            "Average",
            "5xx",
        ),
        threshold=settings.alarms.error_percent,
        seconds=MINUTE,
        periods=5,
        edge=True,
    )
    yield Watch(
        role="edgeblocked",
        place=Place.EDGE,
        title="Requests that the firewall blocks (%)",
        remedy="An attack, or a rule that blocks customers: the saved query on the firewall tells which rule and whom.",
        metrics={
            outcome: Metric(
                namespace="AWS/WAFV2",
                name=f"{outcome.capitalize()}Requests",
                dimensions={"WebACL": watched.firewall, "Rule": "ALL"},
                statistic="Sum",
                label=outcome,
            )
            for outcome in ("blocked", "allowed")
        },
        # The firewall reports nothing instead of a zero.
        expression=_share("FILL(blocked, 0)", "(FILL(blocked, 0) + FILL(allowed, 0))"),
        threshold=settings.alarms.blocked_percent,
        edge=True,
    )


def _web(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    balancer = {"LoadBalancer": watched.alb}
    counts = {
        "requests": ("RequestCount", "requests"),
        "balancer": ("HTTPCode_ELB_5XX_Count", "5xx of the ALB itself"),
        "targets": ("HTTPCode_Target_5XX_Count", "5xx of httpd and the services"),
    }
    yield Watch(
        role="weberrors",
        place=Place.WEB,
        title="Errors of the ALB and behind it (% of answers)",
        remedy="Orders fail. Of the ALB itself: no httpd answers; of its targets: ask the saved query on errors which.",
        metrics={
            id_: Metric(namespace="AWS/ApplicationELB", name=name, dimensions=balancer, statistic="Sum", label=label)
            for id_, (name, label) in counts.items()
        },
        expression=_share("(FILL(balancer, 0) + FILL(targets, 0))", "requests"),
        threshold=settings.alarms.error_percent,
        seconds=MINUTE,
        periods=3,
        customers=True,
    )
    yield Watch(
        role="weblatency",
        place=Place.WEB,
        title="Time to answer, 95th percentile (s)",
        remedy="Orders are slow. Compare CPU of pods, of the writer and its slow queries before adding pods.",
        metrics=single("latency", "AWS/ApplicationELB", "TargetResponseTime", balancer, "p95", "p95"),
        threshold=settings.alarms.latency_milliseconds / 1000,
        seconds=MINUTE,
        periods=5,
        customers=True,
    )
    if watched.web_targets is not None:
        dimensions = {**balancer, "TargetGroup": watched.web_targets}
        yield from _targets("web", "httpd", Place.WEB, "AWS/ApplicationELB", dimensions)


def _was(watched: Watched[Value]) -> Iterator[Watch[Value]]:
    for service, group in watched.service_targets.items():
        dimensions = {"LoadBalancer": watched.nlb, "TargetGroup": group}
        yield from _targets(f"was{service}", service, Place.WAS, "AWS/NetworkELB", dimensions)


def _targets(
    role: str, what: str, place: Place, namespace: str, dimensions: dict[str, Value]
) -> Iterator[Watch[Value]]:
    yield Watch(
        role=f"{role}down",
        place=place,
        title=f"Pods of {what} that can serve",
        remedy=f"No pod of {what} serves: see its events and log before its image is rolled back.",
        metrics=single("healthy", namespace, "HealthyHostCount", dimensions, "Minimum", "healthy"),
        comparison="below",
        threshold=1,
        seconds=MINUTE,
        periods=3,
        # A group without any pod reports nothing at all.
        missing="breaching",
        customers=True,
    )
    yield Watch(
        role=f"{role}unhealthy",
        place=place,
        title=f"Pods of {what} that fail their health check",
        remedy=f"A pod of {what} stays ill while others serve: its readiness answer says why.",
        metrics=single("unhealthy", namespace, "UnHealthyHostCount", dimensions, "Maximum", "unhealthy"),
        threshold=0,
    )


def _network(watched: Watched[Value]) -> Iterator[Watch[Value]]:
    yield Watch(
        role="natports",
        place=Place.NETWORK,
        title="Connections that NAT had no port for",
        remedy="Too many connections to one address outside: add addresses to the gateway or an interface endpoint.",
        metrics={
            f"zone{letter}": Metric(
                namespace="AWS/NATGateway",
                name="ErrorPortAllocation",
                dimensions={"NatGatewayId": gateway},
                statistic="Sum",
                label=f"zone {letter}",
            )
            for letter, gateway in watched.nat_gateways.items()
        },
        expression="SUM(METRICS())",
        threshold=0,
        periods=1,
    )


def _share(part: str, whole: str) -> str:
    return f"IF({whole} > {_JUDGED_REQUESTS}, 100 * {part} / {whole}, 0)"
