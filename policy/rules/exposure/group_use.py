"""Security groups in their place: default groups closed, one way of writing rules, tiers closed to each other.

Owns the rules that follow a group to what it guards.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA
from .permissions import DEFAULT_GROUP, GROUP, RULE_TYPES, rules_of


@AREA.rule(
    "default-sg-closed",
    title="The default security group of every VPC is taken over and empty",
    cause="Whatever is launched without a group gets the default one, which admits all of its members.",
    remedy="Add an ec2.DefaultSecurityGroup for the VPC without ingress and egress.",
    types=["ec2/vpc", DEFAULT_GROUP],
    severity="high",
    scope="stack",
    controls=["FSBP EC2.2", "cdk-nag VPCDefaultSecurityGroupClosed"],
    good=[(sample("ec2/vpc", "main"), sample(DEFAULT_GROUP, "main-default", vpcId=Ref("main")))],
    bad=[
        (sample("ec2/vpc", "main"),),
        (
            sample("ec2/vpc", "main"),
            sample(DEFAULT_GROUP, "main-default", vpcId=Ref("main"), ingress=[{"protocol": "-1", "self": True}]),
        ),
    ],
)
def default_sg_closed(resource: Resource, run: Run) -> Findings:
    """Look for the group of a VPC, and for rules in it."""
    if resource.type == "ec2/vpc" and run.stack.lacks_side(resource, DEFAULT_GROUP, "vpcId"):
        yield resource.finding(f"{resource.label}: its default security group is left as AWS made it")
    if resource.type == DEFAULT_GROUP and any(True for _ in rules_of(resource, run.stack)):
        yield resource.finding(f"{resource.label} has rules")


@AREA.rule(
    "sg-one-manager",
    title="A group's rules are written in one way",
    cause="Inline rules are an exclusive list: they remove the separate rules, in turn, at every deployment.",
    remedy="Use separate SecurityGroupIngressRule and SecurityGroupEgressRule resources only.",
    types=[GROUP],
    severity="high",
    scope="stack",
    controls=["AWSGuard security-group-no-rule-management-conflicts"],
    good=[
        (sample(GROUP, "was"), sample("vpc/securityGroupIngressRule", "ajp", securityGroupId=Ref("was"))),
        sample(GROUP, ingress=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}]),
    ],
    bad=[
        (
            sample(GROUP, "was", ingress=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}]),
            sample("vpc/securityGroupIngressRule", "ajp", securityGroupId=Ref("was")),
        )
    ],
)
def sg_one_manager(group: Resource, run: Run) -> Findings:
    """Look for both ways on one group."""
    inline = [path for path in ("ingress", "egress") if group.items(path)]
    separate = [side for kind in RULE_TYPES for side in run.stack.sides(group, kind, "securityGroupId")]
    if inline and separate:
        yield group.finding(f"{group.label} has inline {' and '.join(inline)} and separate rules")


_DATA: Final = {
    "rds/cluster": "vpcSecurityGroupIds",
    "rds/instance": "vpcSecurityGroupIds",
    "elasticache/replicationGroup": "securityGroupIds",
    "elasticache/cluster": "securityGroupIds",
    "efs/mountTarget": "securityGroups",
}


@AREA.rule(
    "data-tier-admits-groups-only",
    title="The data tier admits security groups, never address ranges",
    cause="A CIDR admits every host that will ever get an address in it; a group admits the tier that was meant.",
    remedy="Set referenced_security_group_id to the application tier's group.",
    types=list(_DATA),
    severity="high",
    scope="stack",
    good=[
        (
            sample(GROUP, "data"),
            sample(
                "vpc/securityGroupIngressRule", "mysql", securityGroupId=Ref("data"), referencedSecurityGroupId="sg-1"
            ),
            sample("rds/cluster", "orders", vpcSecurityGroupIds=[Ref("data")]),
        )
    ],
    bad=[
        (
            sample(GROUP, "data"),
            sample(
                "vpc/securityGroupIngressRule",
                "mysql",
                securityGroupId=Ref("data"),
                ipProtocol="tcp",
                fromPort=3306,
                toPort=3306,
                cidrIpv4="10.0.0.0/16",
            ),
            sample("rds/cluster", "orders", vpcSecurityGroupIds=[Ref("data")]),
        )
    ],
)
def data_tier_admits_groups_only(store: Resource, run: Run) -> Findings:
    """Follow the store to its groups and read their rules."""
    for group in run.stack.targets(store, _DATA[store.type], GROUP):
        for holder, permission in rules_of(group, run.stack):
            if permission.direction == "ingress" and permission.cidrs:
                yield store.finding(f"{store.label} admits {', '.join(permission.cidrs)} by {holder.label}")


@AREA.rule(
    "bastion-without-ingress",
    title="Bastions admit no connection at all",
    cause="Session Manager opens sessions from inside: an open port on a bastion can only serve somebody else.",
    remedy="Remove the ingress rules; connect with `aws ssm start-session`.",
    types=["ec2/instance"],
    severity="high",
    scope="stack",
    good=[
        (
            sample(GROUP, "bastion-group"),
            sample("ec2/instance", "bastion", vpcSecurityGroupIds=[Ref("bastion-group")], tags={"Role": "bastion"}),
        )
    ],
    bad=[
        (
            sample(GROUP, "bastion-group"),
            sample(
                "vpc/securityGroupIngressRule",
                "ssh",
                securityGroupId=Ref("bastion-group"),
                ipProtocol="tcp",
                fromPort=22,
                toPort=22,
                cidrIpv4="203.0.113.0/24",
            ),
            sample("ec2/instance", "bastion", vpcSecurityGroupIds=[Ref("bastion-group")], tags={"Role": "bastion"}),
        )
    ],
)
def bastion_without_ingress(instance: Resource, run: Run) -> Findings:
    """Follow an instance called bastion to its groups."""
    called = f"{instance.name} {instance.text('tags.Role')} {instance.text('tags.Name')}".lower()
    if "bastion" not in called:
        return
    for group in run.stack.targets(instance, "vpcSecurityGroupIds", GROUP):
        for holder, permission in rules_of(group, run.stack):
            if permission.direction == "ingress":
                yield instance.finding(f"{instance.label} admits {permission} by {holder.label}")
