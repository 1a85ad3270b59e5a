"""Network ACLs: no administration from the world.

Owns one rule per protocol, all of one shape.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block

from . import AREA
from .permissions import WORLD

_LAST_PORT: Final = 65535


def _opens(acl: Resource, ports: tuple[int, ...]) -> bool:
    separate = acl.type == "ec2/networkAclRule"
    entries: list[Block] = [acl] if separate and acl.not_true("egress") else []
    return any(
        (entry.text("ruleAction") or entry.text("action")) == "allow"
        and any(entry.text(path) in WORLD for path in ("cidrBlock", "ipv6CidrBlock"))
        and any(_admits(entry, port) for port in ports)
        for entry in (entries if separate else acl.blocks("ingress"))
    )


def _admits(entry: Block, port: int) -> bool:
    if not entry.is_known("fromPort") or not entry.is_known("toPort"):
        return False
    if str(entry.get("protocol")) in ("-1", "all"):
        return True
    low, high = entry.number("fromPort"), entry.number("toPort")
    return (low or 0) <= port <= (high if high is not None else _LAST_PORT)


def _register(protocol: str, ports: tuple[int, ...]) -> None:
    def check(acl: Resource) -> Findings:
        if _opens(acl, ports):
            yield acl.finding(f"{acl.label} admits {protocol} from the world")

    port = ports[-1]
    AREA.rule(
        f"nacl-no-{protocol.lower()}-from-anywhere",
        title=f"Network ACLs admit no {protocol} from the world",
        cause="The network ACL is the last fence when a security group is wrong.",
        remedy="Limit the source, or the ports to those that the subnet serves.",
        types=["ec2/networkAcl", "ec2/networkAclRule", "ec2/defaultNetworkAcl"],
        severity="high",
        controls=["FSBP EC2.21", "cdk-nag VPC3"],
        good=[
            sample(
                "ec2/networkAclRule", ruleAction="allow", protocol="tcp", fromPort=443, toPort=443, cidrBlock=WORLD[0]
            ),
            sample("ec2/networkAclRule", ruleAction="deny", protocol="-1", cidrBlock=WORLD[0]),
            sample("ec2/networkAclRule", egress=True, ruleAction="allow", protocol="-1", cidrBlock=WORLD[0]),
        ],
        bad=[
            sample("ec2/networkAclRule", ruleAction="allow", protocol="-1", cidrBlock=WORLD[0]),
            sample(
                "ec2/networkAclRule",
                ruleAction="allow",
                protocol="6",
                fromPort=port,
                toPort=port,
                ipv6CidrBlock=WORLD[1],
            ),
            sample(
                "ec2/networkAcl",
                ingress=[{"action": "allow", "protocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrBlock": WORLD[0]}],
            ),
        ],
    )(check)


for _protocol, _ports in {"FTP": (20, 21), "SSH": (22,), "RDP": (3389,)}.items():
    _register(_protocol, _ports)
