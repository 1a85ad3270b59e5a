"""IAM's own part of the rights: which roles may be made, filled and passed, and what nobody may change.

Owns the statements about identities and about the account's own foundations. Does not own the documents that they are
put together to.
"""

from __future__ import annotations

from typing import Final

from model.conventions import Conventions
from model.iam import Statement

BOUNDARY_ROLE: Final = "boundary"
"""Role part of the name of the boundary of what is deployed."""
DEPLOYER_ROLE: Final = "deployer"
PREVIEW_ROLE: Final = "preview"
STATE_ROLE: Final = "state"
"""Role part of the names of state bucket and key."""
SERVED: Final = tuple(
    f"{service}.amazonaws.com"
    for service in (
        "backup",
        "config",
        "ec2",
        "eks",
        "events",
        "firehose",
        "fis",
        "lambda",
        "monitoring.rds",
        "pods.eks",
        "scheduler",
        "vpc-flow-logs",
    )
)
"""Services that get roles of the platform."""
GITHUB: Final = "token.actions.githubusercontent.com"


def boundary_arn(conventions: Conventions) -> str:
    """Return the ARN of the boundary that every role of the platform has, made by `bootstrap/` before all of them."""
    arns, name = conventions.arns, conventions.naming.name("pol", BOUNDARY_ROLE)
    return f"arn:{arns.partition}:iam::{arns.account_id}:policy/{name}"


def managed(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Return what a deployment may do with roles, profiles and SAML providers of its environment."""
    env = conventions.naming.environment
    return (
        bounded_roles(conventions),
        Statement(
            sid="ManageRoles",
            actions=(
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole*",
            ),
            resources=(_roles(conventions),),
        ),
        Statement(
            sid="ManageProfiles",
            actions=(
                "iam:AddRoleToInstanceProfile",
                "iam:CreateInstanceProfile",
                "iam:CreateSAMLProvider",
                "iam:DeleteInstanceProfile",
                "iam:DeleteSAMLProvider",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
                "iam:TagSAMLProvider",
                "iam:UntagInstanceProfile",
                "iam:UpdateSAMLProvider",
            ),
            resources=(arn(conventions, f"instance-profile/{env}-*"), arn(conventions, f"saml-provider/{env}-*")),
        ),
        described(conventions),
        passed(conventions, *SERVED),
        service_linked_roles(conventions),
    )


def bounded_roles(conventions: Conventions) -> Statement[str]:
    """Allow making and filling roles that have the boundary, and no others."""
    return Statement(
        sid="FillBoundedRoles",
        actions=(
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
        ),
        resources=(_roles(conventions),),
        condition={"StringEquals": {"iam:PermissionsBoundary": boundary_arn(conventions)}},
    )


def described(conventions: Conventions) -> Statement[str]:
    """Allow reading what identities of the environment are and may."""
    env = conventions.naming.environment
    return Statement(
        sid="DescribeIdentities",
        actions=(
            "iam:GetInstanceProfile",
            "iam:GetRole*",
            "iam:GetSAMLProvider",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
            "iam:ListRoleTags",
        ),
        resources=tuple(arn(conventions, f"{kind}/{env}-*") for kind in ("role", "instance-profile", "saml-provider")),
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


def kept(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Deny changes to what limits a deployment: its roles, the boundaries, the trust in GitHub, state and its key."""
    arns, naming = conventions.arns, conventions.naming
    alias = naming.key_alias(STATE_ROLE)
    return (
        Statement(
            sid="KeepLimits",
            effect="Deny",
            actions=("iam:*",),
            resources=(
                *(arn(conventions, f"role/{naming.name('role', role)}") for role in (DEPLOYER_ROLE, PREVIEW_ROLE)),
                *(arn(conventions, f"policy/{naming.name('pol', role)}") for role in (BOUNDARY_ROLE, DEPLOYER_ROLE)),
                arn(conventions, f"oidc-provider/{GITHUB}"),
            ),
        ),
        Statement(
            sid="KeepStateBucket",
            effect="Deny",
            actions=("s3:DeleteBucket*", "s3:DeleteObjectVersion*", "s3:PutBucket*", "s3:PutEnc*", "s3:PutLife*"),
            # The bucket and what is in it.
            resources=(arns.bucket(f"{naming.bucket(STATE_ROLE)}*"),),
        ),
        Statement(
            sid="KeepStateKey",
            effect="Deny",
            actions=(
                "kms:CreateGrant",
                "kms:DeleteAlias",
                "kms:Disable*",
                "kms:Put*",
                "kms:Schedule*",
                "kms:UpdateAlias",
            ),
            resources=(arns.of("kms", "key/*"),),
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
        ),
    )


def _roles(conventions: Conventions) -> str:
    return arn(conventions, f"role/{conventions.naming.environment}-*")


def arn(conventions: Conventions, path: str) -> str:
    """Return the ARN of something in IAM, which has no region."""
    return f"arn:{conventions.arns.partition}:iam::{conventions.account_id}:{path}"
