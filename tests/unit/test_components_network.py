"""The network as it is registered: routes, ways out, who may talk to whom."""

from __future__ import annotations

import json
import re
from typing import Final

import pulumi
import pytest

from components.traffic_record import record_traffic
from model import settings
from model.settings.areas import REGIONS_WITHOUT_ENCRYPTION_CONTROL
from rehearsal.aws import regions
from tests.unit.testkit import STACKS, Graph, Registration, run, stack_config, whole

INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
CONTROL: Final = "aws:ec2/vpcEncryptionControl:VpcEncryptionControl"
PEERS: Final = ("referencedSecurityGroupId", "prefixListId", "cidrIpv4", "cidrIpv6")


def subnets(graph: Graph, tier: str) -> list[Registration]:
    return [one for one in graph.of("aws:ec2/subnet:Subnet") if one.inputs["tags"]["Role"] == tier]


def routes(graph: Graph, subnet: Registration) -> list[Registration]:
    """Return the routes of the one table that a subnet is associated with."""
    tables = [
        one.inputs["routeTableId"]
        for one in graph.of("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if one.inputs["subnetId"] == f"{subnet.name}-id"
    ]
    assert len(tables) == 1, f"{subnet.name} is associated {len(tables)} times"
    return [one for one in graph.of("aws:ec2/route:Route") if one.inputs["routeTableId"] == tables[0]]


@pytest.mark.parametrize(("stack", "zones", "gateways"), [("dev", 2, 1), ("stg", 3, 3), ("prod", 3, 3)])
def test_every_tier_has_a_subnet_per_zone_and_nat_follows_the_environment(stack: str, zones: int, gateways: int):
    graph = whole(stack)
    for tier in ("public", "app", "data"):
        assert len({one.inputs["availabilityZone"] for one in subnets(graph, tier)}) == zones
    nats = graph.of("aws:ec2/natGateway:NatGateway")
    assert len(nats) == len(graph.of("aws:ec2/eip:Eip")) == gateways
    assert {one.inputs["subnetId"] for one in nats} <= {f"{one.name}-id" for one in subnets(graph, "public")}


def test_data_subnets_have_no_way_out(graph: Graph):
    for subnet in subnets(graph, "data"):
        assert routes(graph, subnet) == []


def test_public_subnets_route_to_the_internet_gateway_and_hand_out_no_addresses(graph: Graph):
    for subnet in subnets(graph, "public"):
        (route,) = routes(graph, subnet)
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert route.inputs["gatewayId"] == "network-igw-id"
    assert {one.inputs["mapPublicIpOnLaunch"] for one in graph.of("aws:ec2/subnet:Subnet")} == {False}


@pytest.mark.parametrize("stack", STACKS)
def test_app_subnets_leave_through_nat_in_production_through_their_own_zones(stack: str):
    graph = whole(stack)
    zone_of_nat = {
        f"{nat.name}-id": subnet.inputs["availabilityZone"]
        for nat in graph.of("aws:ec2/natGateway:NatGateway")
        for subnet in subnets(graph, "public")
        if nat.inputs["subnetId"] == f"{subnet.name}-id"
    }
    for subnet in subnets(graph, "app"):
        (route,) = routes(graph, subnet)
        assert "gatewayId" not in route.inputs
        zone = zone_of_nat[route.inputs["natGatewayId"]]
        assert stack == "dev" or zone == subnet.inputs["availabilityZone"]


def test_no_security_group_has_inline_rules_and_the_default_one_admits_nothing(graph: Graph):
    for one in graph.of("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"):
        assert not {"ingress", "egress"} & one.inputs.keys()
    graph.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert all(len(one.inputs["description"]) > 10 for one in graph.of("aws:ec2/securityGroup:SecurityGroup"))


def test_every_rule_is_described_has_one_peer_and_one_tcp_port(graph: Graph):
    for one in graph.of(INGRESS, EGRESS):
        assert one.inputs["description"]
        # EC2's own alphabet for descriptions of rules.
        assert re.fullmatch(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}", one.inputs["description"])
        assert len([peer for peer in PEERS if one.inputs.get(peer)]) == 1, one.name
        assert one.inputs["ipProtocol"] == "tcp"
        assert one.inputs["fromPort"] == one.inputs["toPort"]


def test_nobody_is_admitted_from_everywhere_and_no_rule_goes_everywhere(graph: Graph):
    open_rules = [
        one.name for one in graph.of(INGRESS, EGRESS) for peer in PEERS if str(one.inputs.get(peer, "")).endswith("/0")
    ]
    # GitHub and the registries of packages have no list of addresses that an operator could keep.
    assert set(open_rules) <= {"runner-to-https"}


def test_no_rule_is_given_twice(graph: Graph):
    """EC2 refuses a second rule of the same group, direction, port and peer."""
    for direction in (INGRESS, EGRESS):
        seen = [
            (one.inputs["securityGroupId"], one.inputs["fromPort"], *(one.inputs.get(peer) for peer in PEERS))
            for one in graph.of(direction)
        ]
        assert len(seen) == len(set(seen))


def test_the_database_is_reached_by_the_was_tier_and_the_bastion_alone(graph: Graph):
    rules = [one for one in graph.of(INGRESS) if one.inputs["securityGroupId"] == "database-sg-group-id"]
    bastion = {"access-sg-group-id"} if graph.exports["environment"] != "dev" else set[str]()
    assert {one.inputs["referencedSecurityGroupId"] for one in rules} == {"was-cluster-eks-security-group", *bastion}
    assert {one.inputs["fromPort"] for one in rules} == {3306}
    assert not [one for one in graph.of(EGRESS) if one.inputs["securityGroupId"] == "database-sg-group-id"]


def test_the_alb_is_reached_by_cloudfront_alone(graph: Graph):
    (rule,) = [one for one in graph.of(INGRESS) if one.inputs["securityGroupId"] == "web-alb-sg-group-id"]
    assert rule.inputs["prefixListId"] == "pl-cloudfront"
    assert rule.inputs["fromPort"] == 443


def test_the_alb_adds_nothing_to_whom_cloudfront_saw(graph: Graph):
    (alb,) = [one for one in graph.of("aws:lb/loadBalancer:LoadBalancer") if one.name == "web-alb-alb"]
    assert alb.inputs["xffHeaderProcessingMode"] == "preserve"


def test_ajp_flows_from_httpd_through_the_nlb_to_the_pods_on_one_port_per_service(graph: Graph):
    def ports(direction: str, group: str, peer: str) -> set[int]:
        return {
            one.inputs["fromPort"]
            for one in graph.of(direction)
            if one.inputs["securityGroupId"] == group and one.inputs.get("referencedSecurityGroupId") == peer
        }

    ajp, health = {8009, 8010, 8011}, {8081}
    assert ports(INGRESS, "was-nlb-sg-group-id", "web-cluster-eks-security-group") == ajp
    assert ports(EGRESS, "was-nlb-sg-group-id", "was-cluster-eks-security-group") == ajp | health
    assert ports(INGRESS, "was-cluster-eks-security-group", "was-nlb-sg-group-id") == ajp | health


@pytest.mark.parametrize(("stack", "count"), [("dev", 0), ("stg", 13), ("prod", 13)])
def test_aws_apis_are_reached_privately_in_production(stack: str, count: int):
    graph = whole(stack)
    endpoints = graph.of("aws:ec2/vpcEndpoint:VpcEndpoint")
    gateway = [one for one in endpoints if one.inputs["vpcEndpointType"] == "Gateway"]
    interface = [one for one in endpoints if one.inputs["vpcEndpointType"] == "Interface"]
    assert [one.inputs["serviceName"] for one in gateway] == ["com.amazonaws.ap-northeast-2.s3"]
    assert len(interface) == count
    for one in interface:
        assert one.inputs["privateDnsEnabled"] is True
        assert len(one.inputs["subnetIds"]) == 3
        assert one.inputs["securityGroupIds"] == ["network-endpoints-sg-group-id"]


def test_every_private_route_table_reaches_s3_without_nat(graph: Graph):
    (gateway,) = [
        one for one in graph.of("aws:ec2/vpcEndpoint:VpcEndpoint") if one.inputs["vpcEndpointType"] == "Gateway"
    ]
    private = {
        f"{one.name}-id" for one in graph.of("aws:ec2/routeTable:RouteTable") if one.inputs["tags"]["Role"] != "public"
    }
    assert set(gateway.inputs["routeTableIds"]) == private


def test_all_traffic_is_recorded_in_the_archive(graph: Graph):
    flow = graph.one("aws:ec2/flowLog:FlowLog")
    assert flow.inputs["trafficType"] == "ALL"
    assert flow.inputs["logDestination"] == "arn:aws:mock:::storage-log-archive-bucket"


@pytest.mark.parametrize("stack", STACKS)
def test_no_stack_pays_for_encryption_control_that_its_region_does_not_have(stack: str):
    graph = whole(stack)
    assert not [one for one in graph if one.type == CONTROL]
    assert "logFormat" not in graph.one("aws:ec2/flowLog:FlowLog").inputs


def test_encryption_control_reports_into_the_flow_log():
    config = {key.partition(":")[2]: json.dumps(value) for key, value in stack_config("dev").items()}

    def program() -> None:
        record_traffic(
            "network",
            settings.load("dev", config).conventions,
            vpc_id="vpc-1",
            bucket_arn="arn:aws:s3:::archive",
            encryption=True,
            opts=pulumi.ResourceOptions(),
        )

    graph = run(program)
    assert graph.one(CONTROL).inputs["mode"] == "monitor"
    flow = graph.one("aws:ec2/flowLog:FlowLog")
    # AWS's fourteen usual fields, what the control says, and where such a flow went.
    fields = flow.inputs["logFormat"].split(" ")
    assert len(fields) == len(set(fields)) == 17
    assert {"${srcaddr}", "${action}", "${traffic-path}", "${flow-direction}", "${encryption-status}"} < set(fields)
    assert flow.delete_before_replace


def test_the_regions_without_encryption_control_are_those_of_cloudformations_lists():
    every = [one.stem for one in (regions.schemas() / "providers").glob("*-*-[1-9].json")]
    without = {region for region in every if "AWS::EC2::VPCEncryptionControl" not in regions.types(region)}
    assert without == REGIONS_WITHOUT_ENCRYPTION_CONTROL


def test_the_private_zone_leaves_associations_of_peers_alone(graph: Graph):
    zone = graph.one("aws:route53/zone:Zone")
    assert zone.ignore_changes == ("vpcs",)
