"""Keeps pods of every namespace but the services' own from the data tier.

Owns one cluster-wide network policy. Does not own who may log in there, nor the rules of the stores' security groups:
those admit the group of the cluster, which all of its pods share, whatever their namespace.

The policy stands in the tier of administrators, which a namespace's own policies cannot widen, and holds on every node,
those of the built-in pool included. It denies nothing but the data subnets, so that probes, DNS, the API server and
the Pod Identity agent stay as they are. Pods on the host's network are beyond any network policy: the driver that
mounts the receipts is one, and must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.cluster import Cluster

_PRIORITY: Final = 10
"""Lower numbers are asked first; there is room before it."""


@dataclass(frozen=True, kw_only=True)
class DataTierGuardArgs:
    """Who may reach what.

    Attributes:
        cluster: Cluster of the services.
        namespaces: Their namespaces.
        cidrs: Blocks of the data subnets.
    """

    cluster: Cluster
    namespaces: Sequence[str]
    cidrs: Sequence[str]


class DataTierGuard(pulumi.ComponentResource):
    """One policy for the whole cluster."""

    def __init__(self, name: str, args: DataTierGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[args.cluster.kubernetes]))
        super().__init__("fastorder:data_tier_guard:DataTierGuard", name, None, opts)
        k8s.apiextensions.CustomResource(
            f"{name}-policy",
            api_version="networking.k8s.aws/v1alpha1",
            kind="ClusterNetworkPolicy",
            metadata={"name": "data-tier"},
            spec={
                "tier": "Admin",
                "priority": _PRIORITY,
                "subject": {
                    "namespaces": {
                        "matchExpressions": [
                            {
                                # The API server itself sets it: nobody can give a namespace the name of another.
                                "key": "kubernetes.io/metadata.name",
                                "operator": "NotIn",
                                "values": list(args.namespaces),
                            }
                        ]
                    }
                },
                "egress": [{"name": "data-tier", "action": "Deny", "to": [{"networks": list(args.cidrs)}]}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.cluster.ready]),
        )
        self.register_outputs({})
