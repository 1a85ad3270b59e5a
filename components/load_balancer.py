"""A load balancer that Pulumi owns, with the target groups that a cluster's pods join by themselves.

Owns the balancer, its security group, listeners and target groups. Does not own who registers in a target group:
EKS Auto Mode does, for a TargetGroupBinding, and only in groups that carry the name of its cluster as a tag.

Both kinds are internal. The ALB speaks HTTPS to CloudFront's VPC origin; the NLB passes AJP connections, one
listener per service, across zones, so that the loss of a zone strands no httpd.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.security_group import SecurityGroup, SecurityGroupArgs
from model.conventions import Conventions
from model.naming import System

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
FORWARDED_FOR: Final[str] = "preserve"
"""What an ALB does to X-Forwarded-For: nothing, so that its last address is the viewer's, as CloudFront wrote it.

Otherwise the ALB would add the address that CloudFront calls from. AWS's guide says of VPC origins both that they have
an interface in our subnets and that security groups must admit CloudFront's public addresses: httpd need not know.
"""
DEREGISTRATION_SECONDS: Final = 30
"""How long a leaving pod still gets its open requests; the charts keep pods alive longer than this."""
AJP_IDLE_SECONDS: Final = 600
"""Idle AJP connections live shorter than this in mod_jk (300 s) and Tomcat, so the NLB never cuts one silently."""


@dataclass(frozen=True, kw_only=True)
class TargetArgs:
    """Pods behind one listener.

    Attributes:
        role: Role part of the target group's name.
        cluster_name: Cluster whose pods may join.
        listener_port: Port that clients call.
        port: Port of the pods.
        health_port: Port that is asked for health.
        health_path: HTTP path that answers 200 when the pod is ready.
        system: Service it belongs to.
    """

    role: str
    cluster_name: str
    listener_port: int
    port: int
    health_port: int
    health_path: str
    system: System = "common"


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """One balancer.

    Attributes:
        conventions: Names, tags, protection.
        kind: `alb` for HTTPS, `nlb` for TCP.
        role: `web` or `was`.
        description: Who calls whom, for the security group.
        vpc_id: VPC.
        subnet_ids: App subnets, one per zone.
        targets: One listener and target group each.
        certificate_arn: For an ALB.
        access_log_bucket: For an ALB; an NLB logs TLS listeners only, flow logs cover it.
    """

    conventions: Conventions
    kind: Literal["alb", "nlb"]
    role: str
    description: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    targets: Sequence[TargetArgs]
    certificate_arn: pulumi.Input[str] | None = None
    access_log_bucket: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class Target:
    """A target group that pods may join once its listener exists."""

    arn: pulumi.Output[str]
    metric_name: pulumi.Output[str]
    listener: aws.lb.Listener = field(repr=False)


class LoadBalancer(pulumi.ComponentResource):
    """One internal load balancer."""

    arn: pulumi.Output[str]
    """ARN, available once it can be called."""
    metric_name: pulumi.Output[str]
    """Name under which it reports its metrics: the last part of the ARN, as of its target groups."""
    dns_name: pulumi.Output[str]
    """Name that AWS gives it."""
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    security_group_id: pulumi.Output[str]
    """Group of the balancer."""
    targets: dict[str, Target]
    """Target groups by role."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:load_balancer:LoadBalancer", name, None, opts)
        self._name, self._args = name, args
        group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                conventions=args.conventions,
                role=f"{args.role}{args.kind}",
                description=args.description,
                vpc_id=args.vpc_id,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.security_group_id = group.group_id
        balancer = self._application() if args.kind == "alb" else self._network()
        self.arn, self.metric_name = balancer.arn, balancer.arn_suffix
        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self.targets = {target.role: self._target(balancer, target) for target in args.targets}
        self.register_outputs({"dnsName": self.dns_name, "securityGroupId": self.security_group_id})

    def zonal_hosts(self, zones: Sequence[str]) -> list[pulumi.Output[str]]:
        """Return the name of the balancer's address in each zone.

        mod_jk resolves a name once and keeps one address: it gets one worker per zone instead.
        """
        return [pulumi.Output.concat(zone, ".", self.dns_name) for zone in zones]

    def _application(self) -> aws.lb.LoadBalancer:
        args, name = self._args, self._args.conventions.naming.name("alb", self._args.role)
        return aws.lb.LoadBalancer(
            f"{self._name}-alb",
            name=name,
            load_balancer_type="application",
            internal=True,
            security_groups=[self.security_group_id],
            subnets=list(args.subnet_ids),
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=args.conventions.protect,
            enable_zonal_shift=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            preserve_host_header=True,
            xff_header_processing_mode=FORWARDED_FOR,
            # Longer than CloudFront keeps its connections (5 s by default), so CloudFront closes first.
            idle_timeout=60,
            access_logs={"bucket": args.access_log_bucket, "prefix": "alb", "enabled": True}
            if args.access_log_bucket is not None
            else None,
            tags=args.conventions.tagging.tags(name, args.role),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _network(self) -> aws.lb.LoadBalancer:
        args, name = self._args, self._args.conventions.naming.name("nlb", self._args.role)
        return aws.lb.LoadBalancer(
            f"{self._name}-nlb",
            name=name,
            load_balancer_type="network",
            internal=True,
            # A network load balancer made without a group can never get one.
            security_groups=[self.security_group_id],
            subnets=list(args.subnet_ids),
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=args.conventions.protect,
            enable_zonal_shift=True,
            dns_record_client_routing_policy="any_availability_zone",
            tags=args.conventions.tagging.tags(name, args.role),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _target(self, balancer: aws.lb.LoadBalancer, target: TargetArgs) -> Target:
        conventions, http = self._args.conventions, self._args.kind == "alb"
        # The port is part of the name: a group cannot change it, and a listener holds the old one until it has the new.
        name = conventions.naming.name("tg", f"{target.role}{target.port}", system=target.system)
        tags = conventions.tagging.tags(name, target.role, system=target.system)
        group = aws.lb.TargetGroup(
            f"{self._name}-{target.role}-tg",
            name=name,
            vpc_id=self._args.vpc_id,
            target_type="ip",
            protocol="HTTP" if http else "TCP",
            port=target.port,
            deregistration_delay=DEREGISTRATION_SECONDS,
            # Cuts AJP connections to a pod that has left, which clients would otherwise keep using.
            connection_termination=None if http else True,
            preserve_client_ip=None if http else "false",
            load_balancing_algorithm_type="least_outstanding_requests" if http else None,
            health_check={
                "enabled": True,
                "protocol": "HTTP",
                "port": str(target.health_port),
                "path": target.health_path,
                "matcher": "200",
                "interval": 10,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 2,
            },
            # Auto Mode's managed policy registers pods only where this tag names their cluster.
            tags=tags | {"eks:eks-cluster-name": target.cluster_name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        listener = aws.lb.Listener(
            f"{self._name}-{target.role}-listener",
            load_balancer_arn=balancer.arn,
            port=target.listener_port,
            protocol="HTTPS" if http else "TCP",
            ssl_policy=TLS_POLICY if http else None,
            certificate_arn=self._args.certificate_arn,
            tcp_idle_timeout_seconds=None if http else AJP_IDLE_SECONDS,
            routing_http_response_server_enabled=False if http else None,
            default_actions=[{"type": "forward", "target_group_arn": group.arn}],
            tags=tags | {"Name": conventions.naming.name("lsn", target.role, system=target.system)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return Target(arn=group.arn, metric_name=group.arn_suffix, listener=listener)
