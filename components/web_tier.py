"""The WEB tier: an internal ALB with a certificate, and Apache httpd behind it.

Owns the certificate, the ALB and its name, the traffic rules between them and the pods, and the `web` workload.
Does not own the cluster it runs in nor what stands before it: CloudFront reaches the ALB by a VPC origin, so only
CloudFront's own address list is let in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.certificate import Certificate, CertificateArgs
from components.cluster import Cluster
from components.load_balancer import LoadBalancer, LoadBalancerArgs, TargetArgs
from components.network import Network
from components.registry import Registry
from components.security_group import Rule
from components.storage import Storage
from components.was_tier import WasTier
from components.workload import PodIdentity, Workload, WorkloadArgs, ajp_values
from model import settings
from model.subnets import Tier

HTTPD_PORT: Final = 8080
_HTTPS: Final = 443
_READINESS: Final = "/health/ready"
_CLOUDFRONT: Final = "com.amazonaws.global.cloudfront.origin-facing"


@dataclass(frozen=True, kw_only=True)
class WebTierArgs:
    """What the tier needs.

    Attributes:
        settings: All settings of the stack.
        cluster: Cluster for the web tier.
        network: VPC and subnets.
        storage: Receives the ALB's access logs.
        was: The services that mod_jk forwards to, with the secret they ask for.
        images: Registry that the pods' image comes from.
    """

    settings: settings.Settings
    cluster: Cluster
    network: Network
    storage: Storage
    was: WasTier
    images: Registry


class WebTier(pulumi.ComponentResource):
    """Apache httpd, reachable as `origin.<zone>` from CloudFront."""

    origin_name: pulumi.Output[str]
    """Name of the ALB in the public zone, which is on its certificate."""
    cluster: Cluster
    """Where it runs."""
    load_balancer: LoadBalancer
    """The ALB."""

    def __init__(self, name: str, args: WebTierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:web_tier:WebTier", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.cluster = args.cluster
        domain = args.settings.domain
        origin = f"origin.{domain.zone_name}"
        certificate = Certificate(
            f"{name}-origin",
            CertificateArgs(
                conventions=args.settings.conventions, role="origin", domain_name=origin, zone_id=domain.zone_id
            ),
            opts=child,
        )
        self.load_balancer = LoadBalancer(
            f"{name}-alb",
            LoadBalancerArgs(
                conventions=args.settings.conventions,
                kind="alb",
                role="web",
                description="ALB of the web tier, called by CloudFront over TLS",
                vpc_id=args.network.vpc_id,
                subnet_ids=args.network.subnet_ids[Tier.APP],
                targets=[
                    TargetArgs(
                        role="web",
                        cluster_name=args.cluster.cluster_name,
                        listener_port=_HTTPS,
                        port=HTTPD_PORT,
                        health_port=HTTPD_PORT,
                        health_path=_READINESS,
                    )
                ],
                certificate_arn=certificate.arn,
                access_log_bucket=args.storage.access_log_bucket,
            ),
            opts=child,
        )
        self._rules(name, args, child)
        record = aws.route53.Record(
            f"{name}-origin-record",
            zone_id=domain.zone_id,
            name=origin,
            type="A",
            aliases=[
                {
                    "name": self.load_balancer.dns_name,
                    "zone_id": self.load_balancer.zone_id,
                    "evaluate_target_health": True,
                }
            ],
            opts=child,
        )
        self.origin_name = record.name
        if args.settings.clusters.contents:
            self._workload(name, args, child)
        self.register_outputs({"originName": self.origin_name})

    def _rules(self, name: str, args: WebTierArgs, opts: pulumi.ResourceOptions) -> None:
        conventions, balancer = args.settings.conventions, self.load_balancer.security_group_id
        cloudfront = aws.ec2.get_managed_prefix_list_output(
            name=_CLOUDFRONT, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        Rule(
            conventions=conventions,
            group_id=balancer,
            role="webalb",
            description="TLS from CloudFront",
            port=_HTTPS,
            peer_prefix_list_id=cloudfront.id,
        ).admit(f"{name}-from-cloudfront", opts)
        Rule(
            conventions=conventions,
            group_id=balancer,
            role="webalb",
            description="To httpd",
            port=HTTPD_PORT,
            peer_group_id=args.cluster.security_group_id,
        ).release(f"{name}-to-httpd", opts)
        Rule(
            conventions=conventions,
            group_id=args.cluster.security_group_id,
            role="webpod",
            description="From the ALB to httpd",
            port=HTTPD_PORT,
            peer_group_id=balancer,
        ).admit(f"{name}-from-alb", opts)

    def _workload(self, name: str, args: WebTierArgs, opts: pulumi.ResourceOptions) -> None:
        cidrs = args.network.cidrs(Tier.APP)
        Workload(
            f"{name}-httpd",
            WorkloadArgs(
                stack=args.settings,
                cluster=args.cluster,
                namespace="web",
                release="web",
                chart=Path("workloads/web/chart"),
                image=args.images.repositories["web"],
                settings=args.settings.workloads.web,
                values={
                    "ajp": ajp_values(args.was.ajp_secret),
                    "workers": args.was.workers,
                    "network": {
                        "loadBalancerCidrs": cidrs,
                        "wasCidrs": cidrs,
                        "dnsCidr": f"{args.settings.clusters.dns_address}/32",
                    },
                },
                service_port=HTTPD_PORT,
                target=self.load_balancer.targets["web"],
                ajp_secret=args.was.ajp_secret,
                identities=[PodIdentity(service_account="web", role="webpod")],
            ),
            opts=opts,
        )
