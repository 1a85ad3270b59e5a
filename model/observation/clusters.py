"""Alarms of the two EKS clusters, by Container Insights: nodes that fail or fill up, pods that wait or keep ending.

Owns which of its metrics are judged; the CloudWatch agent on each node reports them by cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.observation.metrics import TIER_PLACES, Value, Watch, Watched, single
from model.settings.tree import Settings


def cluster_watches(watched: Watched[Value], settings: Settings) -> Iterator[Watch[Value]]:
    """Yield the alarms of both clusters."""
    alarms = settings.alarms
    for tier, cluster in watched.clusters.items():
        for role, metric, statistic, threshold, title, remedy in (
            (
                "nodefailed",
                "cluster_failed_node_count",
                "Maximum",
                0,
                "Nodes that failed",
                "A node is ill and was not replaced: `kubectl describe node` names the condition.",
            ),
            (
                "nodecpu",
                "node_cpu_utilization",
                "Average",
                alarms.node_cpu_percent,
                "CPU of the nodes (%)",
                "Pods use far more than they request, so that nodes are not added: raise `workloads.*.cpu`.",
            ),
            (
                "nodememory",
                "node_memory_utilization",
                "Average",
                alarms.node_memory_percent,
                "Memory of the nodes (%)",
                "Pods will be killed for memory: find the one that grows, or raise `workloads.*.memory`.",
            ),
            (
                "podpending",
                "pod_status_pending",
                "Maximum",
                0,
                "Pods that find no node",
                "A pod waits for a node: the limits of the node pool (`clusters.nodePool`) or of the account are met.",
            ),
            (
                "podrestarts",
                "pod_number_of_container_restarts",
                "Sum",
                alarms.container_restarts,
                "Containers that were started again",
                "Containers keep ending: `kubectl logs --previous` of the pod tells the last words.",
            ),
        ):
            yield Watch(
                role=f"{tier}{role}",
                place=TIER_PLACES[tier],
                title=f"{title}, {tier} cluster",
                remedy=remedy,
                metrics=single("value", "ContainerInsights", metric, {"ClusterName": cluster}, statistic, tier),
                threshold=threshold,
            )
