"""What EKS Auto Mode may start for our pods, and on which disks.

Owns the NodeClass (subnets, group, encrypted disk), the NodePool (families, limits, consolidation), the default
storage class, and the switch that makes Auto Mode enforce NetworkPolicies. Does not own the built-in `system` pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from model import settings
from model.conventions import Conventions

NODE_POOL: Final = "fastorder"
STORAGE_CLASS: Final = "gp3-encrypted"


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    """What the nodes need.

    Attributes:
        conventions: Tags.
        role: `web` or `was`.
        cluster_name: Cluster that they join.
        node_role_name: Role that they carry.
        subnet_ids: App subnets, one per zone.
        security_group_id: Group of the cluster.
        volume_key_arn: Encrypts disks of nodes and volumes of pods.
        settings: Families and limits.
    """

    conventions: Conventions
    role: str
    cluster_name: str
    node_role_name: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    volume_key_arn: pulumi.Input[str]
    settings: settings.NodePool


class NodePool(pulumi.ComponentResource):
    """One node class and one node pool named `fastorder`, and storage for pods."""

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:node_pool:NodePool", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        network_policies = k8s.core.v1.ConfigMap(
            f"{name}-network-policies",
            metadata={"name": "amazon-vpc-cni", "namespace": "kube-system"},
            data={"enable-network-policy-controller": "true"},
            opts=child,
        )
        node_class = k8s.apiextensions.CustomResource(
            f"{name}-class",
            api_version="eks.amazonaws.com/v1",
            kind="NodeClass",
            metadata={"name": NODE_POOL},
            spec={
                "role": args.node_role_name,
                "subnetSelectorTerms": [{"id": subnet} for subnet in args.subnet_ids],
                "securityGroupSelectorTerms": [{"id": args.security_group_id}],
                "networkPolicy": "DefaultAllow",
                "networkPolicyEventLogs": "Enabled",
                # Images and logs only: 60 GiB holds them, and gp3's included IOPS are enough (no SSD tuning asked for).
                "ephemeralStorage": {"size": "60Gi", "kmsKeyID": args.volume_key_arn},
                "tags": args.conventions.tagging.tags(
                    args.conventions.naming.name("eks", f"{args.role}node"), args.role
                ),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[network_policies]),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-pool",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": NODE_POOL},
            spec=_pool(args.settings),
            # Nodes must be gone before the class that describes them.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[node_class]),
        )
        k8s.storage.v1.StorageClass(
            f"{name}-storage",
            metadata={
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            provisioner="ebs.csi.eks.amazonaws.com",
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": args.volume_key_arn},
            # A volume is bound to its zone: it must be made where the pod lands.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            opts=child,
        )
        self.register_outputs({})


def _pool(config: settings.NodePool) -> dict[str, object]:
    return {
        "template": {
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": NODE_POOL},
                "requirements": [
                    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
                    {"key": "kubernetes.io/arch", "operator": "In", "values": [config.architecture]},
                    {
                        "key": "eks.amazonaws.com/instance-family",
                        "operator": "In",
                        "values": list(config.instance_families),
                    },
                ],
                # Fresh nodes carry fresh patches; Auto Mode itself allows 21 days.
                "expireAfter": "336h",
                "terminationGracePeriod": "1h",
            }
        },
        "limits": {"cpu": str(config.cpu_limit), "memory": f"{config.memory_limit_gib}Gi"},
        # Explicit, because the default changed with EKS 1.37.
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "10%"}],
        },
    }
