"""Whether an API server of EKS can be reached from a place, by the rules that stand in the simulated account.

Owns how EKS exposes an endpoint: to listed addresses of the internet, and inside the VPC through interfaces that carry
the cluster's security group. Routing, network ACLs and peering are taken as open. Does not own what happens then.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import TYPE_CHECKING, Final

from rehearsal.vantage.places import Machine, Place, address_of, machines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.cloud import Cloud, CloudObject, Json, JsonObject

_PORT: Final = 443
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_ANY_PROTOCOL: Final = "-1"
_EVERYWHERE: Final = IPv4Network("0.0.0.0/0")
_PUBLIC_ADDRESS: Final = IPv4Address("192.0.2.80")
"""What the endpoint's name resolves to on the internet; of a documentation block, as nobody calls it."""
_INTERFACE: Final = 14
"""Which address of a subnet the endpoint's interface has; any but the five that AWS keeps."""


def obstacle(cloud: Cloud, cluster: CloudObject, place: Place) -> str | None:
    """What a client at the place is told when it dials the cluster's endpoint, or None when it gets through."""
    if place is Place.ANYWHERE:
        return None
    settings = cluster.properties["vpcConfig"]
    vpc: JsonObject = settings if isinstance(settings, dict) else {}
    address = address_of(place)
    if address is not None:
        return None if _listed(vpc, address) else _silence(_PUBLIC_ADDRESS if _public(vpc) else _inside(cloud, vpc))
    callers = machines(cloud, place)
    if not callers:
        return f"nothing in the account has the tag Role of a {place.value}, so nobody can call from there"
    if vpc.get("endpointPrivateAccess") is not True:
        # Through a NAT gateway, whose address this module does not look up.
        return None if _listed(vpc, None) else _silence(_PUBLIC_ADDRESS)
    group = str(vpc.get("clusterSecurityGroupId"))
    met = any(_admitted(cloud, group, caller) and _released(cloud, group, vpc, caller) for caller in callers)
    return None if met else _silence(_inside(cloud, vpc))


def _public(vpc: JsonObject) -> bool:
    """Whether the endpoint is on the internet at all; AWS's default, where a program says nothing."""
    return vpc.get("endpointPublicAccess") is not False


def _listed(vpc: JsonObject, address: IPv4Address | None) -> bool:
    """Whether an address of the internet gets in; None stands for one that is on no list."""
    blocks = [IPv4Network(str(block)) for block in _list(vpc.get("publicAccessCidrs"))] or [_EVERYWHERE]
    return _public(vpc) and any(block == _EVERYWHERE or (address is not None and address in block) for block in blocks)


def _admitted(cloud: Cloud, group: str, caller: Machine) -> bool:
    return any(
        rule.get("referencedSecurityGroupId") in caller.groups
        or any(network.subnet_of(block) for block in _blocks(rule) for network in caller.networks)
        for rule in _rules(cloud, _INGRESS, {group})
    )


def _released(cloud: Cloud, group: str, vpc: JsonObject, caller: Machine) -> bool:
    endpoint = _inside(cloud, vpc)
    return any(
        rule.get("referencedSecurityGroupId") == group or any(endpoint in block for block in _blocks(rule))
        for rule in _rules(cloud, _EGRESS, caller.groups)
    )


def _rules(cloud: Cloud, kind: str, groups: set[str] | frozenset[str]) -> Iterator[JsonObject]:
    """Every rule of the groups that is about HTTPS."""
    for thing in cloud.list(kind):
        rule = thing.properties
        if rule.get("securityGroupId") not in groups:
            continue
        if rule.get("ipProtocol") == _ANY_PROTOCOL or _covers(rule.get("fromPort"), rule.get("toPort")):
            yield rule


def _covers(first: Json, last: Json) -> bool:
    return isinstance(first, int | float) and isinstance(last, int | float) and first <= _PORT <= last


def _blocks(rule: JsonObject) -> Iterator[IPv4Network]:
    if block := rule.get("cidrIpv4"):
        network = ip_network(str(block))
        if isinstance(network, IPv4Network):
            yield network


def _inside(cloud: Cloud, vpc: JsonObject) -> IPv4Address:
    """Address of the endpoint's interface in the first of the cluster's subnets."""
    for subnet_id in _list(vpc.get("subnetIds")):
        for subnet in cloud.find(str(subnet_id)):
            if block := subnet.properties.get("cidrBlock"):
                return IPv4Network(str(block)).network_address + _INTERFACE
    return _PUBLIC_ADDRESS


def _silence(address: IPv4Address) -> str:
    """A security group drops what it does not admit, so the client waits until its own time is up."""
    return f"dial tcp {address}:{_PORT}: i/o timeout"


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
