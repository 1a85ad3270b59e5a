"""The VPC of one environment: addresses, routes, ways out, and who may listen.

Owns the VPC, its subnets in stable slots, route tables, NAT gateways, VPC endpoints, the closed default security
group and the private zone; what is recorded of its traffic is `traffic_record`. Does not own security groups of
others, nor peering.

Public subnets hold NAT gateways and nothing else: users come through CloudFront's VPC origin, which needs an
internet gateway attached to the VPC but no public load balancer.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.endpoints import Endpoints, EndpointsArgs
from components.stateful import stateful
from components.storage import Storage
from components.traffic_record import record_traffic
from model import settings, subnets
from model.conventions import Conventions
from model.subnets import Tier


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What the network needs.

    Attributes:
        conventions: Names and tags.
        settings: CIDR, zones, NAT, endpoints.
        storage: Its log archive receives the flow logs.
    """

    conventions: Conventions
    settings: settings.Network
    storage: Storage


class Network(pulumi.ComponentResource):
    """One VPC with public, app and data subnets in every zone."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    subnet_ids: dict[Tier, list[pulumi.Output[str]]]
    """Ids by tier, in the order of the zones; usable once their routes exist."""
    nat_gateway_ids: dict[str, pulumi.Output[str]]
    """Ids by letter of their zone."""
    s3_prefix_list_id: pulumi.Output[str]
    """Addresses of S3, for whoever may not go elsewhere outside of the VPC."""
    private_zone_id: pulumi.Output[str]
    """Hosted zone `<env>.fastorder.internal`."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:network:Network", name, None, opts)
        self._name, self._conventions = name, args.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        self.plan = subnets.plan(args.settings.cidr, args.settings.availability_zones)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(args.settings.cidr),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._conventions.tags("vpc", "main"),
            opts=self._child,
        )
        self.vpc_id = vpc.id
        self._close_default_security_group()
        record_traffic(
            name,
            args.conventions,
            vpc_id=vpc.id,
            bucket_arn=args.storage.log_archive_arn,
            encryption=args.settings.encryption_control,
            opts=self._child,
        )
        gateway = aws.ec2.InternetGateway(
            f"{name}-igw", vpc_id=vpc.id, tags=self._conventions.tags("igw", "main"), opts=self._child
        )
        made = [self._subnet(planned) for planned in self.plan]
        public = self._route_public(gateway, made)
        nat = self._nat_gateways(args.settings.nat, made, public)
        self.nat_gateway_ids = {zone[-1]: gateway.id for zone, gateway in nat.items()}
        app = self._route_app(nat, made)
        data = self._route_data(made)
        self.subnet_ids = {Tier.PUBLIC: public.subnet_ids, Tier.APP: app.subnet_ids, Tier.DATA: data.subnet_ids}
        endpoints = Endpoints(
            f"{name}-endpoints",
            EndpointsArgs(
                conventions=args.conventions,
                vpc_id=vpc.id,
                vpc_cidr=str(args.settings.cidr),
                subnet_ids=self.subnet_ids[Tier.APP] if args.settings.interface_endpoints else [],
                route_table_ids=[*app.table_ids, *data.table_ids],
            ),
            opts=self._child,
        )
        self.s3_prefix_list_id = endpoints.s3_prefix_list_id
        zone = aws.route53.Zone(
            f"{name}-private-zone",
            name=args.conventions.naming.private_zone,
            comment="Names inside the VPC",
            vpcs=[{"vpc_id": vpc.id}],
            tags=self._conventions.tags("zone", "internal"),
            # Peered VPCs are associated from their own side, by resources that this list would undo.
            opts=stateful(args.conventions, self, ignore_changes=["vpcs"]),
        )
        self.private_zone_id = zone.zone_id
        self.register_outputs({"vpcId": self.vpc_id, "privateZoneId": self.private_zone_id})

    def cidrs(self, tier: Tier) -> list[str]:
        """Return the addresses of a tier's subnets, for rules that cannot name a group."""
        return [str(subnet.cidr) for subnet in subnets.of_tier(self.plan, tier)]

    def _close_default_security_group(self) -> None:
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default-sg",
            vpc_id=self.vpc_id,
            tags=self._conventions.tags("sg", "default"),
            opts=self._child,
        )

    def _subnet(self, planned: subnets.Subnet) -> _Subnet:
        made = aws.ec2.Subnet(
            f"{self._name}-{planned.tier}-{planned.zone[-1]}",
            vpc_id=self.vpc_id,
            cidr_block=str(planned.cidr),
            availability_zone=planned.zone,
            map_public_ip_on_launch=False,
            tags=self._conventions.tags("sbn", planned.tier, planned.sequence)
            | ({"kubernetes.io/role/internal-elb": "1"} if planned.tier is Tier.APP else {}),
            opts=self._child,
        )
        return _Subnet(planned, made)

    def _route_public(self, gateway: aws.ec2.InternetGateway, made: list[_Subnet]) -> _Routed:
        table = self._table(Tier.PUBLIC, 1)
        route = aws.ec2.Route(
            f"{self._name}-public-route",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._child,
        )
        return self._associate([(subnet, table) for subnet in made if subnet.planned.tier is Tier.PUBLIC], [route])

    def _nat_gateways(self, nat: str, made: list[_Subnet], public: _Routed) -> dict[str, aws.ec2.NatGateway]:
        homes = [subnet for subnet in made if subnet.planned.tier is Tier.PUBLIC]
        if nat == "single":
            homes = homes[:1]
        gateways: dict[str, aws.ec2.NatGateway] = {}
        for subnet in homes:
            letter, sequence = subnet.planned.zone[-1], subnet.planned.sequence
            address = aws.ec2.Eip(
                f"{self._name}-nat-eip-{letter}",
                domain="vpc",
                tags=self._conventions.tags("eip", "nat", sequence),
                opts=self._child,
            )
            gateways[subnet.planned.zone] = aws.ec2.NatGateway(
                f"{self._name}-nat-{letter}",
                allocation_id=address.allocation_id,
                subnet_id=subnet.made.id,
                tags=self._conventions.tags("nat", "egress", sequence),
                opts=pulumi.ResourceOptions(parent=self, depends_on=public.routes),
            )
        return gateways

    def _route_app(self, gateways: dict[str, aws.ec2.NatGateway], made: list[_Subnet]) -> _Routed:
        pairs: list[tuple[_Subnet, aws.ec2.RouteTable]] = []
        routes: list[pulumi.Resource] = []
        for subnet in (one for one in made if one.planned.tier is Tier.APP):
            table = self._table(Tier.APP, subnet.planned.sequence)
            gateway = gateways.get(subnet.planned.zone) or next(iter(gateways.values()))
            routes.append(
                aws.ec2.Route(
                    f"{self._name}-app-route-{subnet.planned.zone[-1]}",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=gateway.id,
                    opts=self._child,
                )
            )
            pairs.append((subnet, table))
        return self._associate(pairs, routes)

    def _route_data(self, made: list[_Subnet]) -> _Routed:
        table = self._table(Tier.DATA, 1)
        return self._associate([(subnet, table) for subnet in made if subnet.planned.tier is Tier.DATA], [])

    def _table(self, tier: Tier, sequence: int) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{tier}-routes-{sequence:02d}",
            vpc_id=self.vpc_id,
            tags=self._conventions.tags("rtb", tier, sequence),
            opts=self._child,
        )

    def _associate(self, pairs: list[tuple[_Subnet, aws.ec2.RouteTable]], routes: list[pulumi.Resource]) -> _Routed:
        ids: list[pulumi.Output[str]] = []
        for subnet, table in pairs:
            association = aws.ec2.RouteTableAssociation(
                f"{self._name}-{subnet.planned.tier}-{subnet.planned.zone[-1]}-routes",
                subnet_id=subnet.made.id,
                route_table_id=table.id,
                # Nobody may use a subnet before it is routed.
                opts=pulumi.ResourceOptions(parent=self, depends_on=routes),
            )
            ids.append(association.subnet_id.apply(_present))
        tables = list({id(table): table for _, table in pairs}.values())
        return _Routed(subnet_ids=ids, table_ids=[table.id for table in tables], routes=routes)


@dataclass(frozen=True)
class _Subnet:
    planned: subnets.Subnet
    made: aws.ec2.Subnet


@dataclass(frozen=True)
class _Routed:
    subnet_ids: list[pulumi.Output[str]]
    table_ids: list[pulumi.Output[str]]
    routes: list[pulumi.Resource]


def _present(subnet_id: str | None) -> str:
    if subnet_id is None:
        raise ValueError("a route table association has no subnet: it was made for a gateway")
    return subnet_id
