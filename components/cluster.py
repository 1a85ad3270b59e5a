"""One EKS cluster in Auto Mode; the program makes two, for the web and for the was tier.

Owns the control plane, its roles, its log group, who may administer it, and the Kubernetes provider through which
all that runs in it is made. Nodes are `node_pool`'s, add-ons `cluster_addons`'. Does not own workloads.

While `clusters.contents` is off, everything here is made by AWS's API alone: nothing asks the API server, which in
the first pass nobody may be able to reach.

The cluster is pulumi-eks's component with every optional child switched off, so that each resource that remains has
a name of ours. It hard-codes a hidden administrator, whoever runs the first update; a transform turns that off, and
the deployer gets an access entry that is seen and can be revoked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

from components.cluster_addons import ClusterAddons, ClusterAddonsArgs
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.node_pool import NodePool, NodePoolArgs
from components.role import Role, RoleArgs
from components.stateful import stateful
from model import iam, settings
from model.conventions import Conventions
from model.subnets import Tier

CONTROL_PLANE_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_CLUSTER_POLICIES: Final = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
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
        cluster_role = Role(f"{name}-cluster-role", _cluster_role(args), opts=child)
        node_role = Role(f"{name}-node-role", _node_role(args), opts=child)
        cluster = eks.Cluster(
            f"{name}-eks",
            name=self.cluster_name,
            version=args.settings.clusters.kubernetes_version,
            vpc_id=args.network.vpc_id,
            private_subnet_ids=subnet_ids[:_CONTROL_PLANE_SUBNETS],
            service_role=cluster_role.resource,
            kubernetes_service_ip_address_range=str(args.settings.clusters.service_cidr),
            authentication_mode=eks.AuthenticationMode.API,
            access_entries=_access_entries(args, tags),
            auto_mode=eks.AutoModeOptionsArgs(
                enabled=True,
                create_node_role=False,
                # The system pool makes the node role's access entry and houses add-ons; ours houses the workloads.
                compute_config=eks.ClusterComputeConfigArgs(
                    node_pools=[eks.ClusterNodePools.SYSTEM], node_role_arn=node_role.arn
                ),
            ),
            endpoint_private_access=True,
            endpoint_public_access=bool(args.settings.clusters.public_endpoint_cidrs),
            public_access_cidrs=[str(cidr) for cidr in args.settings.clusters.public_endpoint_cidrs] or None,
            encryption_config_key_arn=args.keys.arns["secrets"],
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
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
                stateful(conventions, self, depends_on=[logs, *cluster_role.attachments, *node_role.attachments]),
                pulumi.ResourceOptions(transforms=[_without_creator_admin]),
            ),
        )
        self.security_group_id = cluster.cluster_security_group_id
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
                        node_role_name=node_role.role_name,
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


def _cluster_role(args: ClusterArgs) -> RoleArgs:
    conventions = args.settings.conventions
    return RoleArgs(
        conventions=conventions,
        role=f"{args.role}cluster",
        description=f"EKS Auto Mode runs the {args.role} cluster with it: nodes, volumes, network",
        trust=iam.trust(
            "eks.amazonaws.com",
            tag_session=True,
            condition={"StringEquals": {"aws:SourceAccount": conventions.account_id}},
        ),
        managed_policies=_CLUSTER_POLICIES,
        statements=[
            iam.Statement(
                sid="UseVolumeKey",
                actions=(
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ),
                resources=(args.keys.arns["data"],),
                condition={"StringEquals": {"kms:ViaService": f"ec2.{conventions.region}.amazonaws.com"}},
            ),
            iam.Statement(
                sid="LetVolumesUseTheirKey",
                actions=("kms:CreateGrant",),
                resources=(args.keys.arns["data"],),
                # EC2 makes the grant on the role's behalf; the role cannot hand the key to anyone itself.
                condition={
                    "Bool": {"kms:GrantIsForAWSResource": "true"},
                    "StringEquals": {"kms:ViaService": f"ec2.{conventions.region}.amazonaws.com"},
                },
            ),
            _tag_what_auto_mode_makes(conventions),
        ],
    )


def _tag_what_auto_mode_makes(conventions: Conventions) -> iam.Statement[str]:
    """Let Auto Mode put our tags on what it makes, which its managed policies do not.

    The condition ties every resource to the cluster that makes it (EKS user guide, Auto Mode and IAM).
    """
    return iam.Statement(
        sid="TagNodes",
        actions=("ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags", "ec2:RunInstances"),
        resources=tuple(
            conventions.arns.of("ec2", f"{kind}/*")
            for kind in ("fleet", "instance", "launch-template", "network-interface", "volume")
        ),
        condition={
            "StringEquals": {"aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}"},
            "StringLike": {
                "aws:RequestTag/eks:kubernetes-node-class-name": "*",
                "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
            },
        },
    )


def _node_role(args: ClusterArgs) -> RoleArgs:
    return RoleArgs(
        conventions=args.settings.conventions,
        role=f"{args.role}node",
        description=f"Nodes of the {args.role} cluster join it and pull images; pods have roles of their own",
        trust=iam.trust("ec2.amazonaws.com"),
        managed_policies=_NODE_POLICIES,
    )


def _access_entries(args: ClusterArgs, tags: Mapping[str, str]) -> dict[str, eks.AccessEntryArgs]:
    def entry(principal: str, policy: str) -> eks.AccessEntryArgs:
        return eks.AccessEntryArgs(
            principal_arn=principal,
            tags=tags,
            access_policies={
                policy: eks.AccessPolicyAssociationArgs(
                    policy_arn=args.settings.conventions.arns.cluster_access_policy(policy),
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                )
            },
        )

    viewers = {
        # The prefix keeps a viewer whose role is called `deployer` from taking the deployer's place.
        f"viewer-{arn.rpartition('/')[2]}": entry(arn, "AmazonEKSViewPolicy")
        for arn in args.settings.clusters.viewer_role_arns
    }
    return {"deployer": entry(args.settings.account.deployer_role_arn, "AmazonEKSClusterAdminPolicy"), **viewers}


def _without_creator_admin(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Turn off the hidden administrator that pulumi-eks hard-codes."""
    if args.type_ != "aws:eks/cluster:Cluster":
        return None
    access = pulumi.Output.from_input(cast("pulumi.Input[dict[str, object]]", args.props["accessConfig"]))
    props = {**args.props, "accessConfig": access.apply(_creator_is_nobody)}
    return pulumi.ResourceTransformResult(props=props, opts=args.opts)


def _creator_is_nobody(access: dict[str, object]) -> dict[str, object]:
    return {**access, "bootstrapClusterCreatorAdminPermissions": False}
