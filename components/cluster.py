"""One EKS cluster in Auto Mode; the program makes two, for the web and for the was tier.

Owns the control plane, its log group and the Kubernetes provider through which all that runs in it is made. Its roles
are `cluster_roles`', who may use it `cluster_access`', nodes `node_pool`'s, add-ons `cluster_addons`'. Does not own
workloads.

While `clusters.contents` is off, everything here is made by AWS's API alone: nothing asks the API server, which in
the first pass nobody may be able to reach.

The cluster is pulumi-eks's component with every optional child switched off, so that each resource that remains has
a name of ours. It hard-codes a hidden administrator, whoever runs the first update; a transform turns that off, and
the deployer gets an access entry that is seen and can be revoked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_eks as eks
import pulumi_kubernetes as k8s

from components.cluster_access import access_entries, admit_api_clients, revocable_entries, without_creator_admin
from components.cluster_addons import ClusterAddons, ClusterAddonsArgs
from components.cluster_roles import cluster_role, node_role
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.node_pool import NodePool, NodePoolArgs
from components.role import Role
from components.stateful import stateful
from model import settings
from model.subnets import Tier

CONTROL_PLANE_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_CONTROL_PLANE_SUBNETS: Final = 2
"""EKS wants two zones and never accepts others later: the first two, so that a third can be added to the rest."""


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """What one cluster needs.

    Attributes:
        settings: All settings of the stack.
        role: `web` or `was`.
        network: VPC and subnets; nodes and pods live in the app subnets.
        keys: Encrypt volumes (data), Kubernetes secrets (secrets) and log groups (logs).
        shares_files: Whether its pods mount EFS.
    """

    settings: settings.Settings
    role: str
    network: Network
    keys: Keys
    shares_files: bool = False


class Cluster(pulumi.ComponentResource):
    """One cluster; ready for workloads if it may have contents."""

    cluster_name: str
    """Physical name, known before anything exists."""
    role: str
    """`web` or `was`."""
    server: pulumi.Output[str]
    """URL of the API server."""
    control_plane_log: str
    """Log group of the API server and its companions."""
    security_group_id: pulumi.Output[str]
    """Group that EKS makes; nodes and pods carry it."""
    kubernetes: k8s.Provider
    """Provider for what runs inside; depends on the deployer's access."""
    addons: ClusterAddons
    """Add-ons, or their roles and log groups only while the cluster stays empty."""
    ready: Sequence[pulumi.Resource]
    """What must exist before the first workload: nodes and add-ons."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:cluster:Cluster", name, None, opts)
        conventions, child = args.settings.conventions, pulumi.ResourceOptions(parent=self)
        subnet_ids = args.network.subnet_ids[Tier.APP]
        self.role = args.role
        self.cluster_name = conventions.naming.name("eks", args.role)
        tags = conventions.tagging.tags(self.cluster_name, args.role)
        self.control_plane_log = f"/aws/eks/{self.cluster_name}/cluster"
        logs = log_group(
            f"{name}-control-plane-logs",
            self.control_plane_log,
            args.role,
            conventions=conventions,
            key_arn=args.keys.arns["logs"],
            opts=child,
        )
        role = Role(f"{name}-cluster-role", cluster_role(conventions, args.role, args.keys.arns["data"]), opts=child)
        nodes_role = Role(f"{name}-node-role", node_role(conventions, args.role), opts=child)
        cluster = eks.Cluster(
            f"{name}-eks",
            name=self.cluster_name,
            version=args.settings.clusters.kubernetes_version,
            vpc_id=args.network.vpc_id,
            private_subnet_ids=subnet_ids[:_CONTROL_PLANE_SUBNETS],
            service_role=role.resource,
            kubernetes_service_ip_address_range=str(args.settings.clusters.service_cidr),
            authentication_mode=eks.AuthenticationMode.API,
            access_entries=access_entries(args.settings, tags),
            auto_mode=eks.AutoModeOptionsArgs(
                enabled=True,
                create_node_role=False,
                # The system pool makes the node role's access entry and houses add-ons; ours houses the workloads.
                compute_config=eks.ClusterComputeConfigArgs(
                    node_pools=[eks.ClusterNodePools.SYSTEM], node_role_arn=nodes_role.arn
                ),
            ),
            endpoint_private_access=True,
            endpoint_public_access=bool(args.settings.clusters.public_endpoint_cidrs),
            public_access_cidrs=[str(cidr) for cidr in args.settings.clusters.public_endpoint_cidrs] or None,
            encryption_config_key_arn=args.keys.arns["secrets"],
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            # Given and empty, so that the component does not take the caller's AWS_PROFILE into its own kubeconfig: it
            # would change with whoever deploys.
            provider_credential_opts=eks.KubeconfigOptionsArgs(),
            upgrade_policy={"support_type": "STANDARD"},
            deletion_protection=conventions.protect,
            # Everything below switches off a child that Auto Mode makes needless.
            skip_default_node_group=True,
            create_instance_role=False,
            skip_default_security_groups=True,
            create_oidc_provider=False,
            coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
            kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
            use_default_vpc_cni=True,
            tags=tags,
            opts=pulumi.ResourceOptions.merge(
                stateful(conventions, self, depends_on=[logs, *role.attachments, *nodes_role.attachments]),
                pulumi.ResourceOptions(transforms=[without_creator_admin, revocable_entries]),
            ),
        )
        self.security_group_id = cluster.cluster_security_group_id
        admit_api_clients(name, args.settings, args.role, self.security_group_id, child)
        self.kubernetes = k8s.Provider(
            f"{name}-kubernetes",
            kubeconfig=pulumi.Output.secret(cluster.kubeconfig_json),
            # A literal: only its change replaces the provider, an unknown kubeconfig no longer does.
            cluster_identifier=self.cluster_name,
            enable_server_side_apply=True,
            # Otherwise a changed secret is deleted before it is made again, and a pod that starts in between fails.
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
        )
        nodes: list[pulumi.Resource] = []
        if args.settings.clusters.contents:
            nodes.append(
                NodePool(
                    f"{name}-nodes",
                    NodePoolArgs(
                        conventions=conventions,
                        role=args.role,
                        cluster_name=self.cluster_name,
                        node_role_name=nodes_role.role_name,
                        subnet_ids=subnet_ids,
                        security_group_id=self.security_group_id,
                        volume_key_arn=args.keys.arns["data"],
                        settings=args.settings.clusters.node_pool,
                    ),
                    opts=pulumi.ResourceOptions(parent=self, providers=[self.kubernetes], depends_on=[cluster]),
                )
            )
        self.addons = ClusterAddons(
            f"{name}-addons",
            ClusterAddonsArgs(
                conventions=conventions,
                role=args.role,
                cluster_name=self.cluster_name,
                versions=args.settings.clusters.addons,
                logs_key_arn=args.keys.arns["logs"],
                shares_files=args.shares_files,
                installed=args.settings.clusters.contents,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster, *nodes]),
        )
        self.ready = [*nodes, self.addons]
        self.register_outputs({"clusterName": self.cluster_name, "securityGroupId": self.security_group_id})
