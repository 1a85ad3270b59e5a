"""A security group without rules, and rules that name both of their ends.

Owns the form of groups and rules: every rule is a resource of its own with a description, because inline rules and
separate ones overwrite each other. Does not own who may talk to whom; that stands in the component that listens.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions
from model.naming import System
from model.tags import DataClass


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """What a group protects.

    Attributes:
        conventions: Names and tags.
        role: Role part of the name.
        description: Whom it lets in, in words; EC2 keeps those that a group was made with.
        vpc_id: VPC that it belongs to.
        system: Service it belongs to.
        data_class: Of what stands behind it.
    """

    conventions: Conventions
    role: str
    description: str
    vpc_id: pulumi.Input[str]
    system: System = "common"
    data_class: DataClass = DataClass.INTERNAL


class SecurityGroup(pulumi.ComponentResource):
    """One security group that admits nothing until a rule says so."""

    group_id: pulumi.Output[str]
    """Id of the group."""

    def __init__(self, name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:security_group:SecurityGroup", name, None, opts)
        physical = args.conventions.naming.name("sg", args.role, system=args.system)
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            name=physical,
            description=args.description,
            vpc_id=args.vpc_id,
            revoke_rules_on_delete=True,
            tags=args.conventions.tagging.tags(physical, args.role, system=args.system, data_class=args.data_class),
            # Other words would replace the group, which fails while anything has it.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["description"]),
        )
        self.group_id = group.id
        self.register_outputs({"groupId": self.group_id})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One direction of traffic between a group and one peer.

    Attributes:
        conventions: Names and tags.
        group_id: Group that carries the rule.
        role: Role part of the rule's name.
        description: Why this traffic exists.
        port: TCP port.
        peer_group_id: The other end as a group; preferred, since it follows its members.
        peer_prefix_list_id: The other end as a list that AWS keeps.
        peer_cidr: The other end as addresses, where it has no group in this VPC.
    """

    conventions: Conventions
    group_id: pulumi.Input[str]
    role: str
    description: str
    port: int
    peer_group_id: pulumi.Input[str] | None = None
    peer_prefix_list_id: pulumi.Input[str] | None = None
    peer_cidr: pulumi.Input[str] | None = None

    def admit(self, name: str, opts: pulumi.ResourceOptions) -> aws.vpc.SecurityGroupIngressRule:
        """Let the peer in."""
        return aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=self.group_id,
            description=self.description,
            ip_protocol="tcp",
            from_port=self.port,
            to_port=self.port,
            referenced_security_group_id=self.peer_group_id,
            prefix_list_id=self.peer_prefix_list_id,
            cidr_ipv4=self.peer_cidr,
            tags=self._tags(),
            opts=opts,
        )

    def release(self, name: str, opts: pulumi.ResourceOptions) -> aws.vpc.SecurityGroupEgressRule:
        """Let traffic out to the peer."""
        return aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=self.group_id,
            description=self.description,
            ip_protocol="tcp",
            from_port=self.port,
            to_port=self.port,
            referenced_security_group_id=self.peer_group_id,
            prefix_list_id=self.peer_prefix_list_id,
            cidr_ipv4=self.peer_cidr,
            tags=self._tags(),
            opts=opts,
        )

    def _tags(self) -> dict[str, str]:
        return self.conventions.tags("sgr", self.role)
