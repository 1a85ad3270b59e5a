"""Who has a resource: addresses and network ACLs that belong to nothing, images that belong to others too.

Owns the rules on what nobody uses, and so nobody looks after, and on what is given away.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import absent, demand
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_USERS: Final = (
    ("ec2/eipAssociation", "allocationId"),
    ("ec2/natGateway", "allocationId"),
    ("ec2/natGateway", "secondaryAllocationIds"),
    ("lb/loadBalancer", "subnetMappings"),
)


demand(
    AREA,
    "image-not-shared",
    "ec2/amiLaunchPermission",
    "Images stay in their account",
    wants=[absent("accountId", "444455556666")],
    cause="A shared image gives another account whatever lies on its disks.",
    remedy="Share by organization_arn or organizational_unit_arn, or keep a waiver for the named account.",
    severity="low",
)


@AREA.rule(
    "eip-used",
    title="Elastic addresses belong to something",
    cause="A spare address is paid for, and a firewall elsewhere may still admit it.",
    remedy="Associate the address, or remove it.",
    types=["ec2/eip"],
    severity="low",
    scope="stack",
    controls=["EC2.12"],
    good=[
        (sample("ec2/eip", "nat", domain="vpc"), sample("ec2/natGateway", "a", allocationId=Ref("nat"))),
        sample("ec2/eip", instance="i-0123456789abcdef0"),
    ],
    bad=[sample("ec2/eip", domain="vpc")],
)
def eip_used(address: Resource, run: Run) -> Findings:
    """Look at the address's own properties, and for whoever takes it."""
    attached = not address.lacks("instance") or not address.lacks("networkInterface")
    if not attached and all(run.stack.lacks_side(address, kind, path) for kind, path in _USERS):
        yield address.finding(f"{address.label} belongs to nothing")


@AREA.rule(
    "nacl-used",
    title="Network ACLs belong to a subnet",
    cause="An ACL without a subnet filters nothing, and whoever reads it believes that it does.",
    remedy="Set subnet_ids, add a NetworkAclAssociation, or remove the ACL.",
    types=["ec2/networkAcl"],
    severity="low",
    scope="stack",
    controls=["FSBP EC2.16"],
    good=[
        sample("ec2/networkAcl", vpcId="vpc-1", subnetIds=["subnet-1"]),
        (
            sample("ec2/networkAcl", "data", vpcId="vpc-1"),
            sample("ec2/networkAclAssociation", "a", networkAclId=Ref("data"), subnetId="subnet-1"),
        ),
    ],
    bad=[sample("ec2/networkAcl", vpcId="vpc-1")],
)
def nacl_used(acl: Resource, run: Run) -> Findings:
    """Look for subnets, listed or associated."""
    if acl.lacks("subnetIds") and run.stack.lacks_side(acl, "ec2/networkAclAssociation", "networkAclId"):
        yield acl.finding(f"{acl.label} belongs to no subnet")
