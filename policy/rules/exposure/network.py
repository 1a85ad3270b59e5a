"""The network's own openings: network ACLs, default VPCs, public subnets, routes, endpoints, VPN.

Owns the rules on VPC resources other than security groups.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from policy.frame.resources import Resource, Stack
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block

from . import AREA
from .permissions import WORLD

_ENDPOINTS: Final = ("ecr.api", "ecr.dkr", "ssm", "ec2")
_NARROWEST_PEER: Final = 16


@AREA.rule(
    "no-default-vpc",
    title="Default VPCs are not used",
    cause="A default VPC has public subnets only: what is launched there by mistake is on the internet.",
    remedy="Place resources in the network component's subnets.",
    types=["ec2/defaultVpc", "ec2/defaultSubnet"],
    good=[sample("ec2/vpc", cidrBlock="10.0.0.0/16")],
    bad=[sample("ec2/defaultVpc"), sample("ec2/defaultSubnet", availabilityZone="ap-northeast-2a")],
)
def no_default_vpc(resource: Resource) -> Findings:
    """Find either."""
    yield resource.finding(f"{resource.label} adopts a default network")


@AREA.rule(
    "subnet-no-public-address",
    title="Subnets do not hand out public addresses",
    cause="Whatever starts in such a subnet is on the internet, meant or not.",
    remedy="Leave map_public_ip_on_launch off; NAT gateways and load balancers bring their own addresses.",
    types=["ec2/subnet"],
    severity="high",
    controls=["FSBP EC2.15", "cdk-nag VPCSubnetAutoAssignPublicIpDisabled"],
    good=[sample("ec2/subnet", cidrBlock="10.0.0.0/24")],
    bad=[sample("ec2/subnet", mapPublicIpOnLaunch=True)],
)
def subnet_no_public_address(subnet: Resource) -> Findings:
    """Look at the switch, off by default."""
    if subnet.is_true("mapPublicIpOnLaunch"):
        yield subnet.finding(f"{subnet.label} gives public addresses to what starts in it")


def _is_world_route(route: Block) -> bool:
    paths = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
    to_internet = not route.lacks("gatewayId") and (route.text("gatewayId") or "igw-").startswith("igw")
    return any(route.text(path) in WORLD for path in paths) and to_internet


def is_public(subnet: Resource, stack: Stack) -> bool:
    """Tell whether a subnet certainly is public: it hands out addresses or routes to an internet gateway."""
    if subnet.is_true("mapPublicIpOnLaunch"):
        return True
    for link in stack.sides(subnet, "ec2/routeTableAssociation", "subnetId"):
        for table in stack.targets(link, "routeTableId", "ec2/routeTable"):
            if any(_is_world_route(route) for route in table.blocks("routes")):
                return True
            if any(_to_gateway(route, stack) for route in stack.sides(table, "ec2/route", "routeTableId")):
                return True
    return False


def _to_gateway(route: Resource, stack: Stack) -> bool:
    gateway = stack.targets(route, "gatewayId", "ec2/internetGateway")
    literal = (route.text("gatewayId") or "").startswith("igw-")
    worldwide = any(route.text(path) in WORLD for path in ("destinationCidrBlock", "destinationIpv6CidrBlock"))
    return worldwide and (bool(gateway) or literal)


@AREA.rule(
    "private-subnet-without-internet-route",
    title="Only public subnets route to the internet gateway",
    cause="A data or application subnet with that route is one public address away from the internet.",
    remedy="Route 0.0.0.0/0 to the zone's NAT gateway; give the gateway route to public subnets only.",
    types=["ec2/subnet"],
    severity="high",
    scope="stack",
    controls=["cdk-nag VPCNoUnrestrictedRouteToIGW"],
    good=[
        (
            sample("ec2/internetGateway", "igw"),
            sample("ec2/routeTable", "table"),
            sample(
                "ec2/route",
                "out",
                routeTableId=Ref("table"),
                destinationCidrBlock=WORLD[0],
                gatewayId=Ref("igw"),
            ),
            sample("ec2/subnet", "public-a", tags={"Name": "prod-common-sbn-edge-pub-01"}),
            sample("ec2/routeTableAssociation", "link", subnetId=Ref("public-a"), routeTableId=Ref("table")),
        )
    ],
    bad=[
        (
            sample("ec2/internetGateway", "igw"),
            sample("ec2/routeTable", "table"),
            sample(
                "ec2/route",
                "out",
                routeTableId=Ref("table"),
                destinationCidrBlock=WORLD[0],
                gatewayId=Ref("igw"),
            ),
            sample("ec2/subnet", "data-a", tags={"Name": "prod-common-sbn-data-01"}),
            sample("ec2/routeTableAssociation", "link", subnetId=Ref("data-a"), routeTableId=Ref("table")),
        )
    ],
)
def private_subnet_without_internet_route(subnet: Resource, run: Run) -> Findings:
    """Compare what a subnet is called with where it routes."""
    called = f"{subnet.name} {subnet.text('tags.Name')} {subnet.text('tags.Role')}".lower()
    private = any(word in called for word in ("private", "data", "app", "db", "isolated", "intra"))
    if private and "pub" not in called and is_public(subnet, run.stack) and not subnet.is_true("mapPublicIpOnLaunch"):
        yield subnet.finding(f"{subnet.label} is called private and routes to the internet gateway")


@AREA.rule(
    "peering-route-narrow",
    title="Routes over a peering name the peer's network",
    cause="A wide route sends traffic meant for elsewhere into the other VPC, and lets its hosts answer.",
    remedy="Use the peer VPC's CIDR (at most /16) as destination.",
    types=["ec2/route", "ec2/routeTable"],
    good=[sample("ec2/route", vpcPeeringConnectionId="pcx-1", destinationCidrBlock="10.20.0.0/16")],
    bad=[
        sample("ec2/route", vpcPeeringConnectionId="pcx-1", destinationCidrBlock="10.0.0.0/8"),
        sample("ec2/route", vpcPeeringConnectionId="pcx-1", destinationIpv6CidrBlock=WORLD[1]),
        sample("ec2/routeTable", routes=[{"vpcPeeringConnectionId": "pcx-1", "cidrBlock": WORLD[0]}]),
    ],
)
def peering_route_narrow(holder: Resource) -> Findings:
    """Look at the prefix length of peering routes."""
    for route in [holder] if holder.type == "ec2/route" else holder.blocks("routes"):
        paths = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
        cidr = next((text for text in map(route.text, paths) if text), None)
        if cidr and not route.lacks("vpcPeeringConnectionId") and _prefix(cidr) < _NARROWEST_PEER:
            yield holder.finding(f"{holder.label} sends {cidr} over a peering")


def _prefix(cidr: str) -> int:
    try:
        return ipaddress.ip_network(cidr, strict=False).prefixlen
    except ValueError:
        return _NARROWEST_PEER


@AREA.rule(
    "vpc-has-interface-endpoints",
    title="VPCs reach ECR, Systems Manager and EC2 by interface endpoints",
    cause="Without endpoints images and sessions take the internet, and a policy cannot tie them to our VPC.",
    remedy="Add interface endpoints for ecr.api, ecr.dkr, ssm and ec2.",
    types=["ec2/vpc"],
    severity="low",
    scope="stack",
    controls=["FSBP EC2.10", "EC2.55", "EC2.56", "EC2.57"],
    settings={"services": list(_ENDPOINTS)},
    good=[
        (
            sample("ec2/vpc", "main"),
            *(
                sample(
                    "ec2/vpcEndpoint",
                    f"endpoint-{index}",
                    vpcId=Ref("main"),
                    serviceName=f"com.amazonaws.ap-northeast-2.{service}",
                )
                for index, service in enumerate(_ENDPOINTS)
            ),
        )
    ],
    bad=[
        (sample("ec2/vpc", "main"),),
        (
            sample("ec2/vpc", "main"),
            sample("ec2/vpcEndpoint", "s3", vpcId=Ref("main"), serviceName="com.amazonaws.ap-northeast-2.s3"),
        ),
    ],
)
def vpc_has_interface_endpoints(vpc: Resource, run: Run) -> Findings:
    """Compare the endpoints of a VPC with the setting `services`."""
    sides = run.stack.sides(vpc, "ec2/vpcEndpoint", "vpcId")
    if not all(side.is_known("serviceName") for side in sides):
        return
    if not sides and not run.stack.lacks_side(vpc, "ec2/vpcEndpoint", "vpcId"):
        return
    present = [side.text("serviceName") or "" for side in sides]
    missing = [name for name in run.texts("services") if not any(item.endswith(f".{name}") for item in present)]
    if missing:
        yield vpc.finding(f"{vpc.label} has no endpoint for {', '.join(missing)}")


@AREA.rule(
    "endpoint-service-needs-acceptance",
    title="Endpoint services accept connections by hand",
    cause="Without acceptance every account that is allowed, or everyone, connects unseen.",
    remedy="Set acceptance_required=True.",
    types=["ec2/vpcEndpointService"],
    good=[sample("ec2/vpcEndpointService", acceptanceRequired=True)],
    bad=[
        sample("ec2/vpcEndpointService", acceptanceRequired=False),
        sample("ec2/vpcEndpointService", acceptanceRequired=True, allowedPrincipals=["*"]),
    ],
)
def endpoint_service_needs_acceptance(service: Resource) -> Findings:
    """Look at acceptance and principals."""
    if service.not_true("acceptanceRequired"):
        yield service.finding(f"{service.label} accepts every connection")
    if "*" in service.texts("allowedPrincipals"):
        yield service.finding(f"{service.label} is offered to every account")


@AREA.rule(
    "client-vpn-authorization-narrow",
    title="Client VPN users reach named networks",
    cause="One stolen laptop then reaches the whole network, and through it the internet under our address.",
    remedy="Authorize the VPC's CIDR, or a group (access_group_id) for anything wider.",
    types=["ec2clientvpn/authorizationRule"],
    severity="high",
    good=[
        sample("ec2clientvpn/authorizationRule", targetNetworkCidr="10.0.0.0/16", authorizeAllGroups=True),
        sample("ec2clientvpn/authorizationRule", targetNetworkCidr=WORLD[0], accessGroupId="operators"),
    ],
    bad=[sample("ec2clientvpn/authorizationRule", targetNetworkCidr=WORLD[0], authorizeAllGroups=True)],
)
def client_vpn_authorization_narrow(rule: Resource) -> Findings:
    """Find everything for everybody."""
    if rule.text("targetNetworkCidr") in WORLD and rule.is_true("authorizeAllGroups"):
        yield rule.finding(f"{rule.label} lets every user reach everything")


@AREA.rule(
    "client-vpn-split-tunnel",
    title="The Client VPN carries only traffic for our networks",
    cause="Without split tunnel each operator's whole internet traffic leaves under our address.",
    remedy="Set split_tunnel=True.",
    types=["ec2clientvpn/endpoint"],
    severity="low",
    good=[sample("ec2clientvpn/endpoint", splitTunnel=True)],
    bad=[sample("ec2clientvpn/endpoint", description="operators")],
)
def client_vpn_split_tunnel(endpoint: Resource) -> Findings:
    """Look at the switch, off by default."""
    if endpoint.not_true("splitTunnel"):
        yield endpoint.finding(f"{endpoint.label} carries all traffic: splitTunnel is not true")
