"""An IAM role with all it may do, in one place.

Owns the role, its inline policy and the attachments of policies that AWS or `bootstrap/` manages. Does not own the
statements, which stand beside the resource that they open. The inline policy is chosen over a customer-managed one
because each of our roles is used once, and an inline policy cannot outlive its role or be attached elsewhere.

Every role has a permissions boundary, because the deployer may make no other: `bootstrap/` made it before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from model import iam
from model.conventions import Conventions
from model.naming import System
from model.rights.identities import boundary_arn


@dataclass(frozen=True, kw_only=True)
class RoleArgs:
    """What a role is for and what it may do.

    Attributes:
        conventions: Names and tags.
        role: Role part of the name, such as `ekscluster`.
        description: One sentence for whoever finds the role in the console.
        trust: Trust policy document.
        system: Service it belongs to.
        managed_policies: Names of AWS-managed policies, with their path.
        documents: ARNs of policies of ours that it shares with others, by their key; only `bootstrap/` has such.
        statements: What else it may do; empty means nothing.
        boundary_arn: Its permissions boundary; None means the one of all that is deployed.
        session_seconds: How long a session may last; who takes a role from another role gets an hour at most.
    """

    conventions: Conventions
    role: str
    description: str
    trust: Mapping[str, object]
    system: System = "common"
    managed_policies: Sequence[str] = ()
    documents: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, "pulumi.Input[str]"])
    statements: Sequence[iam.Statement[str] | iam.Statement[pulumi.Output[str]]] = ()
    boundary_arn: pulumi.Input[str] | None = None
    session_seconds: int = 3600


class Role(pulumi.ComponentResource):
    """One IAM role; `attachments` are what must exist before somebody relies on its rights."""

    arn: pulumi.Output[str]
    """ARN of the role."""
    role_name: pulumi.Output[str]
    """Physical name, which is known at preview."""

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:role:Role", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        physical = args.conventions.naming.name("role", args.role, system=args.system)
        self.resource = aws.iam.Role(
            f"{name}-role",
            name=physical,
            description=args.description,
            assume_role_policy=pulumi.Output.json_dumps(args.trust),
            permissions_boundary=args.boundary_arn or boundary_arn(args.conventions),
            max_session_duration=args.session_seconds,
            tags=args.conventions.tagging.tags(physical, args.role, system=args.system),
            opts=child,
        )
        managed = {
            policy.rpartition("/")[2]: args.conventions.arns.managed_policy(policy) for policy in args.managed_policies
        }
        self.attachments: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(f"{name}-{key}", role=self.resource.name, policy_arn=arn, opts=child)
            for key, arn in {**managed, **args.documents}.items()
        ]
        if args.statements:
            rendered = [statement.render() for statement in args.statements]
            self.attachments.append(
                aws.iam.RolePolicy(
                    f"{name}-policy",
                    name=args.conventions.naming.name("pol", args.role, system=args.system),
                    role=self.resource.name,
                    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": rendered}),
                    opts=child,
                )
            )
        self.arn = self.resource.arn
        self.role_name = self.resource.name
        self.register_outputs({"arn": self.arn, "roleName": self.role_name})
