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
_DECISIVE: Final = ("ruleNo", "protocol", "fromPort", "toPort", "ruleAction", "action")


def _opens(acl: Resource, ports: tuple[int, ...]) -> bool:
    separate = acl.type == "ec2/networkAclRule"
    entries: list[Block] = [acl] if separate and acl.not_true("egress") else []
    listed = acl.peek("ingress")
    if not separate:
        entries = acl.blocks("ingress")
    if isinstance(listed, list) and len(entries) < len(listed):  # an entry that is not known yet may come first
        return False
    ordered = sorted(entries, key=lambda entry: entry.number("ruleNo") or 0)
    return any(
        _verdict(ordered, port, path, world) == "allow"
        for port in ports
        for path, world in zip(("cidrBlock", "ipv6CidrBlock"), WORLD, strict=True)
    )


def _verdict(entries: list[Block], port: int, path: str, world: str) -> str | None:
    """Return what the first entry says that takes in a port from the whole world: the order is by number."""
    for entry in entries:
        if not all(entry.is_known(name) for name in (path, *_DECISIVE)):
            return None
        if entry.text(path) == world and _takes_in(entry, port):
            return entry.text("ruleAction") or entry.text("action")
    return None


def _takes_in(entry: Block, port: int) -> bool:
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
            sample(
                "ec2/networkAcl",
                ingress=[
                    {"ruleNo": 100, "action": "allow", "protocol": "-1", "cidrBlock": WORLD[0]},
                    {
                        "ruleNo": 10,
                        "action": "deny",
                        "protocol": "tcp",
                        "fromPort": ports[0],
                        "toPort": port,
                        "cidrBlock": WORLD[0],
                    },
                ],
            ),
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
