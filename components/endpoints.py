"""Private ways to AWS's own services, so that calls to them neither cross NAT nor leave the VPC.

Owns the gateway endpoint for S3 (free, always on), the interface endpoints and their security group. Does not own
the decision to pay for interface endpoints: about 10 USD a month each per zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.security_group import Rule, SecurityGroup, SecurityGroupArgs
from model.conventions import Conventions

_HTTPS: Final = 443

_SERVICES: Final = (
    "ecr.api",
    "ecr.dkr",
    "sts",
    "logs",
    "monitoring",
    "ec2",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "ssm",
    "ssmmessages",
    "kms",
    "secretsmanager",
)
"""What nodes, pods and the bastion call: images, credentials, logs, metrics, the cluster API, sessions, keys."""


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Where the endpoints stand.

    Attributes:
        conventions: Names and tags.
        vpc_id: VPC.
        vpc_cidr: Who may call them.
        subnet_ids: Subnets of the interface endpoints, one per zone; none means no interface endpoints.
        route_table_ids: Tables that get a route to S3.
    """

    conventions: Conventions
    vpc_id: pulumi.Input[str]
    vpc_cidr: str
    subnet_ids: Sequence[pulumi.Input[str]]
    route_table_ids: Sequence[pulumi.Input[str]]


class Endpoints(pulumi.ComponentResource):
    """S3 by gateway; further services by interface where the environment pays for it."""

    s3_prefix_list_id: pulumi.Output[str]
    """Addresses of S3 in this region: its gateway has none in the VPC, so a rule that goes no further forbids S3."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:endpoints:Endpoints", name, None, opts)
        conventions = args.conventions
        child = pulumi.ResourceOptions(parent=self)
        gateway = aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{conventions.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(args.route_table_ids),
            tags=conventions.tags("vpce", "s3"),
            opts=child,
        )
        self.s3_prefix_list_id = gateway.prefix_list_id
        if args.subnet_ids:
            group = SecurityGroup(
                f"{name}-sg",
                SecurityGroupArgs(
                    conventions=conventions,
                    role="endpoint",
                    description="Interface endpoints, called over TLS from inside the VPC",
                    vpc_id=args.vpc_id,
                ),
                opts=child,
            )
            Rule(
                conventions=conventions,
                group_id=group.group_id,
                role="endpoint",
                description="TLS from everything in the VPC",
                port=_HTTPS,
                peer_cidr=args.vpc_cidr,
            ).admit(f"{name}-https", child)
            for service in _SERVICES:
                aws.ec2.VpcEndpoint(
                    f"{name}-{service.replace('.', '-')}",
                    vpc_id=args.vpc_id,
                    service_name=f"com.amazonaws.{conventions.region}.{service}",
                    vpc_endpoint_type="Interface",
                    private_dns_enabled=True,
                    subnet_ids=list(args.subnet_ids),
                    security_group_ids=[group.group_id],
                    tags=conventions.tags("vpce", service.replace(".", "").replace("-", "")),
                    opts=child,
                )
        self.register_outputs({})
