"""What people may do: one role, which they take from their own machines.

Owns the trust. Does not own the rights, which are plain data in `model/rights`, nor which people: the settings say so.

A user of IAM proves himself with MFA when he takes the role. Whoever comes by a permission set of IAM Identity Center
proved himself there, and AWS says nothing of it in his session, so MFA cannot be asked for again. A set is believed by
the ARN of its role, as a pattern: its suffix is another one whenever the set is assigned anew (IAM Identity Center
guide, "Referencing permission sets in resource policies"). He must also be allowed sts:AssumeRole by the set itself.

The role is there before anybody is named, since EKS takes no access entry of a role that is not: until then it is
denied to everyone.
"""

from __future__ import annotations

from typing import Final

import pulumi

from bootstrap.policies import Policies
from components.role import Role, RoleArgs
from model import iam
from model.rights.identities import OPERATOR_ROLE
from model.settings.bootstrap import Bootstrap

_SESSION_SECONDS: Final = 7200
"""As long as a deployment may take. Behind a permission set it is an hour, AWS's limit of a role taken from a role."""


class Operators(pulumi.ComponentResource):
    """The operators' role."""

    role_arn: pulumi.Output[str]
    """ARN of the role."""

    def __init__(
        self, name: str, settings: Bootstrap, policies: Policies, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fastorder:operators:Operators", name, None, opts)
        grant = settings.rights.grants()[OPERATOR_ROLE]
        deploys = ", and deploy" if settings.operators.may_deploy else ""
        self.role_arn = Role(
            f"{name}-{OPERATOR_ROLE}",
            RoleArgs(
                conventions=settings.conventions,
                role=OPERATOR_ROLE,
                description=f"People look and reach the bastion with it{deploys}",
                trust=_trust(settings),
                documents={key: policies.document_arns[key] for key in grant.documents},
                statements=grant.own,
                boundary_arn=policies.limits_arn,
                session_seconds=_SESSION_SECONDS,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
        self.register_outputs({"roleArn": self.role_arn})


def _trust(settings: Bootstrap) -> dict[str, object]:
    operators = settings.operators
    statements: list[iam.Statement[str]] = []
    if operators.users:
        statements.append(
            iam.Statement(
                sid="BelieveUsersWithMfa",
                principal=iam.Principal.aws(*operators.users),
                actions=("sts:AssumeRole",),
                condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            )
        )
    if operators.permission_sets:
        # An account stands for all in it; the condition says who of them. A role that does not exist yet, or no longer,
        # cannot be a principal.
        accounts = sorted({arn.split(":")[4] for arn in operators.permission_sets})
        partition = settings.conventions.arns.partition
        statements.append(
            iam.Statement(
                sid="BelieveSingleSignOn",
                principal=iam.Principal.aws(*(f"arn:{partition}:iam::{account}:root" for account in accounts)),
                actions=("sts:AssumeRole",),
                condition={"ArnLike": {"aws:PrincipalArn": list(operators.permission_sets)}},
            )
        )
    if not statements:
        account = settings.conventions.arns.account_root()
        statements.append(
            iam.Statement(
                sid="BelieveNobody", effect="Deny", principal=iam.Principal.aws(account), actions=("sts:AssumeRole",)
            )
        )
    return iam.document(*statements)
