"""Security-group permissions in one form, however they are written.

Owns reading inline rules, `SecurityGroupRule` and the one-rule resources alike. Declares no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policy.frame.resources import Resource, Stack
from policy.frame.values import Block, Unknown

GROUP: Final = "ec2/securityGroup"
DEFAULT_GROUP: Final = "ec2/defaultSecurityGroup"
RULE_TYPES: Final = ("ec2/securityGroupRule", "vpc/securityGroupIngressRule", "vpc/securityGroupEgressRule")
HOLDERS: Final = (GROUP, DEFAULT_GROUP, *RULE_TYPES)
WORLD: Final = ("0.0.0.0/0", "::/0")
_HIGHEST_PORT: Final = 65535
_ICMP: Final = ("icmp", "icmpv6", "1", "58")


@dataclass(frozen=True)
class Permission:
    """One permission: direction, ports and the known address ranges; `block` is where it is written."""

    block: Block
    direction: str
    protocol: str | None
    low: int
    high: int
    cidrs: tuple[str, ...]

    @property
    def world(self) -> bool:
        """Tell whether the permission is certainly for every address, in one piece or in two halves."""
        return any(cidr in WORLD or cidr.endswith("/0") for cidr in self.cidrs) or {
            "0.0.0.0/1",
            "128.0.0.0/1",
        } <= set(self.cidrs)

    @property
    def all_traffic(self) -> bool:
        """Tell whether every protocol and port is meant."""
        return self.protocol in ("-1", "all")

    @property
    def every_port(self) -> bool:
        """Tell whether no port is left out, be it of one protocol."""
        return self.all_traffic or (self.low <= 0 and self.high >= _HIGHEST_PORT)

    def admits(self, port: int) -> bool:
        """Tell whether a TCP or UDP port is certainly admitted."""
        return self.all_traffic or (self.protocol not in _ICMP and self.low <= port <= self.high)

    def __str__(self) -> str:
        """Name the ports as a reader would."""
        if self.all_traffic:
            return "all traffic"
        return f"port {self.low}" if self.low == self.high else f"ports {self.low}-{self.high}"


def permissions(resource: Resource) -> Iterator[Permission]:
    """Yield the permissions that a group or a separate rule resource states."""
    if resource.type in (GROUP, DEFAULT_GROUP):
        for direction in ("ingress", "egress"):
            yield from (_permission(block, direction) for block in resource.blocks(direction))
    elif resource.type == "vpc/securityGroupIngressRule":
        yield _permission(resource, "ingress")
    elif resource.type == "vpc/securityGroupEgressRule":
        yield _permission(resource, "egress")
    elif resource.text("type") in ("ingress", "egress"):
        yield _permission(resource, resource.text("type") or "")


def rules_of(group: Resource, stack: Stack) -> Iterator[tuple[Resource, Permission]]:
    """Yield every permission of a group: its own and those of separate rule resources."""
    yield from ((group, permission) for permission in permissions(group))
    for kind in RULE_TYPES:
        for side in stack.sides(group, kind, "securityGroupId"):
            yield from ((side, permission) for permission in permissions(side))


def _permission(block: Block, direction: str) -> Permission:
    protocol = block.get("protocol") if block.peek("protocol") is not None else block.get("ipProtocol")
    low, high = block.number("fromPort"), block.number("toPort")
    unknown_ports = isinstance(block.peek("fromPort"), Unknown) or isinstance(block.peek("toPort"), Unknown)
    if unknown_ports:
        low, high = 1.0, 0.0  # admits nothing for certain
    if low == -1 and str(protocol) not in _ICMP:  # every port, as the console writes it
        low, high = 0.0, float(_HIGHEST_PORT)
    cidrs = [cidr for path in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6") for cidr in block.texts(path)]
    return Permission(
        block,
        direction,
        str(protocol) if isinstance(protocol, str | int) else None,
        int(low if low is not None else 0),
        int(high if high is not None else _HIGHEST_PORT),
        tuple(cidrs),
    )
