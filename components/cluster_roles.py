"""The two roles of an EKS Auto Mode cluster: one that EKS runs it with, and one for its nodes.

Owns what both may do. Does not own the pods' roles, which are Pod Identity's, nor who may administer the cluster.
"""

from __future__ import annotations

from typing import Final

import pulumi

from components.role import RoleArgs
from model import iam
from model.conventions import Conventions

_CLUSTER_POLICIES: Final = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


def cluster_role(conventions: Conventions, role: str, volume_key_arn: pulumi.Output[str]) -> RoleArgs:
    """Return the role with which EKS runs the cluster; its disks are encrypted with the key."""
    return RoleArgs(
        conventions=conventions,
        role=f"{role}cluster",
        description=f"EKS Auto Mode runs the {role} cluster with it: nodes, volumes, network",
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
                resources=(volume_key_arn,),
                condition={"StringEquals": {"kms:ViaService": f"ec2.{conventions.region}.amazonaws.com"}},
            ),
            iam.Statement(
                sid="LetVolumesUseTheirKey",
                actions=("kms:CreateGrant",),
                resources=(volume_key_arn,),
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


def node_role(conventions: Conventions, role: str) -> RoleArgs:
    """Return the role that the nodes carry."""
    return RoleArgs(
        conventions=conventions,
        role=f"{role}node",
        description=f"Nodes of the {role} cluster join it and pull images; pods have roles of their own",
        trust=iam.trust("ec2.amazonaws.com"),
        managed_policies=_NODE_POLICIES,
    )
