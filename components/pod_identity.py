"""EKS Pod Identity: which role the pods of a service account have.

Owns the role's trust and the association, which must name the same cluster, namespace and service account. Does not
own what the role may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.role import Role, RoleArgs
from model import iam
from model.conventions import Conventions
from model.naming import System

POD_IDENTITY: Final = "pods.eks.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    """Whose pods get which role.

    Attributes:
        conventions: Names and tags.
        cluster_name: Cluster of the pods.
        namespace: Their namespace.
        service_account: Their service account.
        role: Role part of the names.
        description: One sentence for whoever finds the role in the console.
        system: Service that the role belongs to.
        statements: What the pods may do; empty means that they can prove who they are and nothing else.
    """

    conventions: Conventions
    cluster_name: str
    namespace: str
    service_account: str
    role: str
    description: str
    system: System = "common"
    statements: Sequence[iam.Statement[str] | iam.Statement[pulumi.Output[str]]] = ()


def pod_identity(
    name: str, args: PodIdentityArgs, parent: pulumi.Resource, *, depends_on: Sequence[pulumi.Resource] = ()
) -> tuple[Role, aws.eks.PodIdentityAssociation]:
    """Return a new role and its association, which waits for `depends_on`."""
    conventions = args.conventions
    role = Role(
        name,
        RoleArgs(
            conventions=conventions,
            role=args.role,
            system=args.system,
            description=args.description,
            trust=pod_trust(conventions, args.cluster_name, args.namespace, args.service_account),
            statements=args.statements,
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    association = aws.eks.PodIdentityAssociation(
        f"{name}-identity",
        cluster_name=args.cluster_name,
        namespace=args.namespace,
        service_account=args.service_account,
        role_arn=role.arn,
        tags=conventions.tags("pia", args.role, system=args.system),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )
    return role, association


def pod_trust(conventions: Conventions, cluster_name: str, namespace: str, service_account: str) -> dict[str, object]:
    """Return the trust policy of a role for the pods of one service account in one namespace of one cluster.

    EKS sends namespace and service account as session tags, so the role itself refuses an association made
    elsewhere by mistake.
    """
    return iam.trust(
        POD_IDENTITY,
        tag_session=True,
        condition={
            "StringEquals": {
                "aws:SourceAccount": conventions.account_id,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            },
            "ArnEquals": {"aws:SourceArn": conventions.arns.of("eks", f"cluster/{cluster_name}")},
        },
    )
