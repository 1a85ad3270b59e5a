"""IAM's own part of the rights: which roles may be made, filled and passed, and which nobody may touch.

Owns the statements about identities. Does not own the documents that they are put together to.
"""

from __future__ import annotations

from typing import Final

from model.conventions import Conventions
from model.iam import Statement

BOUNDARY_ROLE: Final = "boundary"
"""Role part of the name of the boundary of what is deployed."""
LIMITS_ROLE: Final = "limits"
"""Role part of the name of the boundary of the account's own roles."""
DEPLOYER_ROLE: Final = "deployer"
PREVIEW_ROLE: Final = "preview"
IMAGES_ROLE: Final = "images"
OPERATOR_ROLE: Final = "operator"
STATE_ROLE: Final = "state"
"""Role part of the names of state bucket and key."""
SERVED: Final = tuple(
    f"{service}.amazonaws.com"
    for service in ("backup", "codebuild", "ec2", "eks", "fis", "lambda", "monitoring.rds", "pods.eks")
)
"""Services that get roles of the platform."""
GITHUB: Final = "token.actions.githubusercontent.com"


def boundary_arn(conventions: Conventions) -> str:
    """Return the ARN of the boundary that every role of the platform has, made by `bootstrap/` before all of them."""
    arns, name = conventions.arns, conventions.naming.name("pol", BOUNDARY_ROLE)
    return f"arn:{arns.partition}:iam::{arns.account_id}:policy/{name}"


def managed(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Return what a deployment may do with roles and instance profiles of its environment."""
    return (
        bounded_roles(conventions),
        Statement(sid="TagRoles", actions=("iam:TagRole", "iam:UntagRole"), resources=(_roles(conventions),)),
        Statement(
            sid="ManageProfiles",
            actions=(
                "iam:AddRoleToInstanceProfile",
                "iam:CreateInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
                "iam:UntagInstanceProfile",
            ),
            resources=_profiles(conventions),
        ),
        passed(conventions, *SERVED),
        service_linked_roles(conventions),
    )


def bounded_roles(conventions: Conventions) -> Statement[str]:
    """Allow making, filling, changing and deleting roles that have the boundary, and no others.

    All of these actions know the boundary of the role concerned (service authorization reference of IAM, condition key
    `iam:PermissionsBoundary`); a change of who is trusted is the one by which a foreign role could be taken over.
    """
    return Statement(
        sid="FillBoundedRoles",
        actions=(
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        resources=(_roles(conventions),),
        condition={"StringEquals": {"iam:PermissionsBoundary": boundary_arn(conventions)}},
    )


def described(conventions: Conventions) -> Statement[str]:
    """Allow reading what identities of the environment are and may."""
    return Statement(
        sid="ReadIdentities",
        actions=(
            "iam:GetInstanceProfile",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
        ),
        resources=(_roles(conventions), *_profiles(conventions)),
    )


def limited(conventions: Conventions) -> Statement[str]:
    """Return what else of IAM the account's own roles may ever be given."""
    return Statement(
        sid="ManageIdentities",
        actions=(
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:CreateServiceLinkedRole",
            "iam:DeleteInstanceProfile",
            "iam:Get*",
            "iam:List*",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:Tag*",
            "iam:Untag*",
        ),
        resources=(_roles(conventions), *_profiles(conventions), arn(conventions, "role/aws-service-role/*")),
    )


def passed(conventions: Conventions, *services: str) -> Statement[str]:
    """Allow handing roles of the environment to the given service principals."""
    return Statement(
        sid="PassRoles",
        actions=("iam:PassRole",),
        resources=(_roles(conventions),),
        condition={"StringEquals": {"iam:PassedToService": list(services)}},
    )


def service_linked_roles(conventions: Conventions) -> Statement[str]:
    """Allow services the roles that AWS defines for them."""
    return Statement(
        sid="LetServicesHaveTheirRole",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(arn(conventions, "role/aws-service-role/*"),),
    )


def kept(conventions: Conventions) -> Statement[str]:
    """Deny any change to what limits a deployment: the account's own roles, all policies, the trust in GitHub."""
    naming = conventions.naming
    return Statement(
        sid="KeepLimits",
        effect="Deny",
        actions=("iam:*",),
        resources=(
            *(
                arn(conventions, f"role/{naming.name('role', role)}")
                for role in (DEPLOYER_ROLE, IMAGES_ROLE, OPERATOR_ROLE, PREVIEW_ROLE)
            ),
            # The platform's own roles have inline policies only.
            arn(conventions, f"policy/{naming.environment}-*"),
            arn(conventions, f"oidc-provider/{GITHUB}"),
        ),
    )


def _roles(conventions: Conventions) -> str:
    return arn(conventions, f"role/{conventions.naming.environment}-*")


def _profiles(conventions: Conventions) -> tuple[str, str]:
    # EKS Auto Mode makes one for the built-in node pools under a name of its own (AmazonEKSComputePolicy).
    return (
        arn(conventions, f"instance-profile/{conventions.naming.environment}-*"),
        arn(conventions, "instance-profile/eks*"),
    )


def arn(conventions: Conventions, path: str) -> str:
    """Return the ARN of something in IAM, which has no region."""
    return f"arn:{conventions.arns.partition}:iam::{conventions.account_id}:{path}"
