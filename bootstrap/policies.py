"""The policies that outlast any role: the two boundaries, and the documents that several roles share.

Owns them as resources. Does not own what they say, which is plain data in `model/rights`, nor who has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from model import iam
from model.conventions import Conventions
from model.rights import Rights
from model.rights.identities import BOUNDARY_ROLE, LIMITS_ROLE


class Policies(pulumi.ComponentResource):
    """Customer-managed policies of one account."""

    limits_arn: pulumi.Output[str]
    """ARN of the boundary of every role that is made here."""
    document_arns: Mapping[str, pulumi.Output[str]]
    """ARN of each shared document by its key."""

    def __init__(
        self, name: str, conventions: Conventions, rights: Rights, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fastorder:policies:Policies", name, None, opts)

        def policy(role: str, description: str, statements: Sequence[iam.Statement[str]]) -> pulumi.Output[str]:
            return aws.iam.Policy(
                f"{name}-{role}",
                name=conventions.naming.name("pol", role),
                description=description,
                policy=pulumi.Output.json_dumps(iam.document(*statements)),
                tags=conventions.tags("pol", role),
                opts=pulumi.ResourceOptions(parent=self),
            ).arn

        policy(BOUNDARY_ROLE, "The most that any role of the platform may do", rights.boundary())
        self.limits_arn = policy(LIMITS_ROLE, "The most that deployments and people may do", rights.limits())
        self.document_arns = {
            key: policy(key, f"What deployments and people share: {key}", statements)
            for key, statements in rights.documents().items()
        }
        self.register_outputs({"limitsArn": self.limits_arn})
