"""Who may use a cluster's API server: which roles, and from where.

Owns the access entries, the rules on the cluster's group for clients in the VPC or connected to it, and the transforms
that take away the hidden administrator and let entries be revoked. Does not own the way in of operators and of the
runner, who admit themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, cast

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from components.security_group import Rule
from model import settings

API_PORT: Final = 443
_ADMINISTRATORS: Final = "AmazonEKSClusterAdminPolicy"
_VIEWERS: Final = "AmazonEKSViewPolicy"
_ENTRY_TYPES: Final = ("aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")


def access_entries(stack: settings.Settings, tags: Mapping[str, str]) -> dict[str, eks.AccessEntryArgs]:
    """Return the entries by the key that ends their logical names: deployer, administrators, viewers."""

    def entry(principal: str, policy: str) -> eks.AccessEntryArgs:
        return eks.AccessEntryArgs(
            principal_arn=principal,
            tags=tags,
            access_policies={
                policy: eks.AccessPolicyAssociationArgs(
                    policy_arn=stack.conventions.arns.cluster_access_policy(policy),
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                )
            },
        )

    clusters = stack.clusters
    return {
        "deployer": entry(stack.account.deployer_role_arn, _ADMINISTRATORS),
        # The prefixes keep a role that is called `deployer` from taking the deployer's place.
        **{f"admin-{_name(arn)}": entry(arn, _ADMINISTRATORS) for arn in clusters.admin_role_arns},
        **{f"viewer-{_name(arn)}": entry(arn, _VIEWERS) for arn in clusters.viewer_role_arns},
    }


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


def admit_api_clients(
    name: str, stack: settings.Settings, role: str, group_id: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    """Let the listed clients reach the API server, whose addresses in the VPC carry the cluster's group."""
    clients = stack.clusters.api_clients
    rule = partial(
        Rule,
        conventions=stack.conventions,
        group_id=group_id,
        role=f"{role}api",
        description="To the API server, from a client in clusters.apiClients",
        port=API_PORT,
    )
    for cidr in map(str, clients.cidrs):
        rule(peer_cidr=cidr).admit(f"{name}-api-from-{cidr.replace('/', '-')}", opts)
    for client in clients.security_group_ids:
        rule(peer_group_id=client).admit(f"{name}-api-from-{client}", opts)


def without_creator_admin(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Turn off the hidden administrator that pulumi-eks hard-codes."""
    if args.type_ != "aws:eks/cluster:Cluster":
        return None
    access = pulumi.Output.from_input(cast("pulumi.Input[dict[str, object]]", args.props["accessConfig"]))
    props = {**args.props, "accessConfig": access.apply(_creator_is_nobody)}
    return pulumi.ResourceTransformResult(props=props, opts=args.opts)


def revocable_entries(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Take from access entries the protection that they inherit from their cluster, which would keep each for ever."""
    if args.type_ not in _ENTRY_TYPES:
        return None
    free = pulumi.ResourceOptions(protect=False, retain_on_delete=False)
    return pulumi.ResourceTransformResult(props=args.props, opts=pulumi.ResourceOptions.merge(args.opts, free))


def _creator_is_nobody(access: dict[str, object]) -> dict[str, object]:
    return {**access, "bootstrapClusterCreatorAdminPermissions": False}
