"""Pictures that explain an alarm: load beside its effect, along a request's way.

Owns what is shown without being judged: CPU, memory and network of each tier, where its alarms do not show it yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from model.observation.metrics import TIER_PLACES, Metric, Panel, Place, Value, Watched

_NAMESPACES: Final = {"web": ("web",), "was": ("user", "item", "pay")}
"""Kubernetes namespaces of the workloads by tier."""
_POD_PICTURES: Final = {
    "CPU of the pods (% of a node)": "pod_cpu_utilization",
    "Memory of the pods (% of a node)": "pod_memory_utilization",
    "Received by the pods (bytes/s)": "pod_network_rx_bytes",
    "Sent by the pods (bytes/s)": "pod_network_tx_bytes",
}


def panels(watched: Watched[Value]) -> tuple[Panel[Value], ...]:
    """Return all pictures of an environment."""
    return (*_edge(watched), *_balancers(watched), *_pods(watched), *_stores(watched), *_network(watched))


def _lines(
    namespace: str, dimensions: Mapping[str, Value | str], lines: Sequence[tuple[str, str, str]]
) -> tuple[Metric[Value], ...]:
    return tuple(
        Metric(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic, label=label)
        for name, statistic, label in lines
    )


def _edge(watched: Watched[Value]) -> Iterator[Panel[Value]]:
    dimensions = {"DistributionId": watched.distribution, "Region": "Global"}
    yield Panel(
        place=Place.EDGE,
        title="Requests of customers",
        metrics=_lines("AWS/CloudFront", dimensions, [("Requests", "Sum", "requests")]),
        edge=True,
    )
    yield Panel(
        place=Place.EDGE,
        title="Sent to customers (bytes)",
        metrics=_lines("AWS/CloudFront", dimensions, [("BytesDownloaded", "Sum", "bytes")]),
        edge=True,
    )


def _balancers(watched: Watched[Value]) -> Iterator[Panel[Value]]:
    yield Panel(
        place=Place.WEB,
        title="Time to answer (s)",
        metrics=_lines(
            "AWS/ApplicationELB",
            {"LoadBalancer": watched.alb},
            [("TargetResponseTime", statistic, statistic) for statistic in ("p50", "p95", "p99")],
        ),
    )
    yield Panel(
        place=Place.WAS,
        title="AJP connections, and how many ended badly",
        metrics=_lines(
            "AWS/NetworkELB",
            {"LoadBalancer": watched.nlb},
            [("ActiveFlowCount", "Average", "open"), ("TCP_Target_Reset_Count", "Sum", "reset by pods")],
        ),
    )


def _pods(watched: Watched[Value]) -> Iterator[Panel[Value]]:
    for tier, cluster in watched.clusters.items():
        for title, metric in _POD_PICTURES.items():
            yield Panel(
                place=TIER_PLACES[tier],
                title=title,
                metrics=[
                    Metric(
                        namespace="ContainerInsights",
                        name=metric,
                        dimensions={"ClusterName": cluster, "Namespace": namespace},
                        statistic="Average",
                        label=namespace,
                    )
                    for namespace in _NAMESPACES[tier]
                ],
            )


def _stores(watched: Watched[Value]) -> Iterator[Panel[Value]]:
    for title, metric in (
        ("CPU of writer and readers (%)", "CPUUtilization"),
        ("Network of writer and readers (bytes/s)", "NetworkThroughput"),
        ("Statements of writer and readers (per s)", "Queries"),
    ):
        yield Panel(
            place=Place.DATA,
            title=title,
            metrics=[
                Metric(
                    namespace="AWS/RDS",
                    name=metric,
                    dimensions={"DBClusterIdentifier": watched.database, "Role": role},
                    statistic="Average",
                    label=role.lower(),
                )
                for role in ("WRITER", "READER")
            ],
        )
    for title, pair in (
        ("Found and missed in the cache", {"CacheHits": "found", "CacheMisses": "missed"}),
        ("Network of the cache (bytes)", {"NetworkBytesIn": "in", "NetworkBytesOut": "out"}),
    ):
        yield Panel(
            place=Place.DATA,
            title=title,
            metrics=[
                Metric(
                    namespace="AWS/ElastiCache",
                    name=metric,
                    dimensions={"CacheClusterId": node},
                    statistic="Sum",
                    label=f"{node} {label}",
                )
                for node in watched.cache_nodes
                for metric, label in pair.items()
            ],
        )


def _network(watched: Watched[Value]) -> Iterator[Panel[Value]]:
    yield Panel(
        place=Place.NETWORK,
        title="Out through NAT (bytes)",
        metrics=[
            Metric(
                namespace="AWS/NATGateway",
                name="BytesOutToDestination",
                dimensions={"NatGatewayId": gateway},
                statistic="Sum",
                label=f"zone {letter}",
            )
            for letter, gateway in watched.nat_gateways.items()
        ],
    )
