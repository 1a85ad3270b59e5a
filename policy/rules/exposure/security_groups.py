"""Security groups one by one: nothing open to the world but HTTPS, no free egress, every rule explained.

Owns the rules that need a single group or permission; what groups do together is `group_use.py`'s.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample

from . import AREA
from .permissions import DEFAULT_GROUP, GROUP, HOLDERS, permissions

_ADMIN: Final = {22: "SSH", 3389: "RDP"}
_RISKY: Final = {
    20: "FTP data",
    21: "FTP",
    23: "Telnet",
    25: "SMTP",
    110: "POP3",
    135: "RPC",
    143: "IMAP",
    445: "SMB",
    1433: "SQL Server",
    1434: "SQL Server",
    1521: "Oracle",
    2049: "NFS",
    3000: "development server",
    3306: "MySQL",
    4333: "mSQL",
    5000: "development server",
    5432: "PostgreSQL",
    5500: "development server",
    5601: "Kibana",
    6379: "Redis",
    8009: "AJP",
    8010: "AJP",
    8011: "AJP",
    8080: "proxy",
    8088: "proxy",
    8888: "notebook",
    9200: "OpenSearch",
    9300: "OpenSearch",
    11211: "memcached",
    27017: "MongoDB",
}
_PUBLIC_PORTS: Final = (443,)
_WORLD: Final = "0.0.0.0/0"
_SHOWN: Final = 3


@AREA.rule(
    "sg-no-admin-from-anywhere",
    title="SSH and RDP are not open to the world",
    cause="These ports are tried by thousands of machines within minutes of opening.",
    remedy="Remove the rule; operators reach hosts by Session Manager or the Client VPN.",
    types=HOLDERS,
    severity="critical",
    controls=["EC2.13", "EC2.14", "cdk-nag EC2RestrictedSSH", "cdk-nag EC23"],
    good=[sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=22, toPort=22, cidrIpv4="10.0.0.0/16")],
    bad=[
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=22, toPort=22, cidrIpv4=_WORLD),
        sample("vpc/securityGroupIngressRule", ipProtocol="-1", cidrIpv6="::/0"),
        sample(
            "ec2/securityGroup",
            ingress=[{"protocol": "tcp", "fromPort": 3000, "toPort": 4000, "cidrBlocks": [_WORLD]}],
        ),
        sample(
            "ec2/securityGroupRule",
            type="ingress",
            protocol="tcp",
            fromPort=3389,
            toPort=3389,
            ipv6CidrBlocks=["::/0"],
        ),
    ],
)
def sg_no_admin_from_anywhere(holder: Resource) -> Findings:
    """Find ranges that take in an administration port."""
    for permission in permissions(holder):
        found = [name for port, name in _ADMIN.items() if permission.admits(port)]
        if permission.direction == "ingress" and permission.world and found:
            yield holder.finding(f"{holder.label} opens {' and '.join(found)} ({permission}) to the world")


@AREA.rule(
    "sg-no-risky-from-anywhere",
    title="Ports of databases, caches and internal protocols are not open to the world",
    cause="Services behind these ports were never made for the internet.",
    remedy="Refer to the security group of the tier that needs the port.",
    types=HOLDERS,
    severity="critical",
    controls=["FSBP EC2.19", "cdk-nag EC2RestrictedCommonPorts"],
    good=[sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4=_WORLD)],
    bad=[
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=3306, toPort=3306, cidrIpv4=_WORLD),
        sample(
            "ec2/securityGroup",
            ingress=[{"protocol": "tcp", "fromPort": 8009, "toPort": 8011, "cidrBlocks": [_WORLD]}],
        ),
    ],
)
def sg_no_risky_from_anywhere(holder: Resource) -> Findings:
    """Find ranges that take in a risky port."""
    for permission in permissions(holder):
        found = [f"{port} ({name})" for port, name in _RISKY.items() if permission.admits(port)]
        if permission.direction == "ingress" and permission.world and found:
            shown = ", ".join(found[:_SHOWN]) + (" and more" if len(found) > _SHOWN else "")
            yield holder.finding(f"{holder.label} opens {shown} to the world")


@AREA.rule(
    "sg-only-https-from-anywhere",
    title="The world reaches port 443 only",
    cause="Every further open port is one more program that must have no bug.",
    remedy="Limit the source to CloudFront's prefix list, a security group or a CIDR of ours.",
    types=HOLDERS,
    severity="high",
    controls=["FSBP EC2.18", "cdk-nag EC23", "Pulumi ec2-securitygroup-disallow-public-internet-ingress"],
    good=[
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4=_WORLD),
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=80, toPort=80, cidrIpv4="10.0.0.0/8"),
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=443, toPort=443, prefixListId="pl-22a6434b"),
    ],
    bad=[
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp", fromPort=80, toPort=80, cidrIpv4=_WORLD),
        sample("ec2/securityGroup", ingress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [_WORLD]}]),
        sample(
            "ec2/securityGroupRule",
            type="ingress",
            protocol="tcp",
            fromPort=0,
            toPort=65535,
            cidrBlocks=["0.0.0.0/1", "128.0.0.0/1"],
        ),
    ],
)
def sg_only_https_from_anywhere(holder: Resource) -> Findings:
    """Find ranges that take in anything but the public ports."""
    for permission in permissions(holder):
        public = permission.low == permission.high and permission.low in _PUBLIC_PORTS and not permission.all_traffic
        known = permission.low <= permission.high or permission.all_traffic
        if permission.direction == "ingress" and permission.world and known and not public:
            yield holder.finding(f"{holder.label} opens {permission} to the world")


@AREA.rule(
    "sg-egress-limited",
    title="Groups do not allow all traffic to everywhere",
    cause="Unlimited egress is how stolen data and command channels leave.",
    remedy="Allow the ports and groups that the tier calls; 443 to the world where it must reach AWS or the internet.",
    types=HOLDERS,
    severity="low",
    good=[sample("vpc/securityGroupEgressRule", ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4=_WORLD)],
    bad=[
        sample("vpc/securityGroupEgressRule", ipProtocol="-1", cidrIpv4=_WORLD),
        sample("vpc/securityGroupEgressRule", ipProtocol="tcp", fromPort=-1, toPort=-1, cidrIpv4=_WORLD),
        sample("ec2/securityGroup", egress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [_WORLD]}]),
    ],
)
def sg_egress_limited(holder: Resource) -> Findings:
    """Find egress of all protocols to the world."""
    for permission in permissions(holder):
        if permission.direction == "egress" and permission.world and permission.every_port:
            yield holder.finding(f"{holder.label} allows all traffic to everywhere")


@AREA.rule(
    "sg-described",
    title="Groups and their rules say what they are for",
    cause="Nobody dares to remove a rule whose purpose is unknown.",
    remedy="Set description on the group (it cannot be changed later) and on each rule.",
    types=HOLDERS,
    severity="low",
    controls=["cdk-nag EC27", "Pulumi ec2-securitygroup-missing-description"],
    good=[
        sample("ec2/securityGroup", description="WAS pods"),
        sample("vpc/securityGroupIngressRule", description="AJP from WEB"),
    ],
    bad=[
        sample("ec2/securityGroup", name="prod-common-sg-was-01"),
        sample("ec2/securityGroup", description="Managed by Pulumi"),
        sample("ec2/securityGroup", description="WAS pods", ingress=[{"protocol": "tcp", "fromPort": 1, "toPort": 1}]),
        sample("vpc/securityGroupIngressRule", ipProtocol="tcp"),
    ],
)
def sg_described(holder: Resource) -> Findings:
    """Look for descriptions; the provider's own text says nothing."""
    if holder.type != DEFAULT_GROUP and (
        holder.lacks("description") or (holder.text("description") or "").startswith("Managed by ")
    ):
        yield holder.finding(f"{holder.label} has no description")
    if holder.type in (GROUP, DEFAULT_GROUP):
        for permission in permissions(holder):
            if permission.block.lacks("description"):
                yield holder.finding(
                    f"{holder.label}: the {permission.direction} rule for {permission} says no purpose"
                )
