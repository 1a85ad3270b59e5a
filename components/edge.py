"""What the internet sees: one CloudFront distribution in front of the static files and the WEB tier.

Owns the viewers' certificate, the firewall, the private way to the ALB (a VPC origin), the way to the bucket, the
distribution, its access log and the site's names. Does not own the bucket (`storage`) nor the ALB (`web_tier`).

CloudFront is global and configured in us-east-1; only the log's bucket is at home.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.certificate import Certificate, CertificateArgs
from components.keys import Keys
from components.log_delivery import LogDelivery, LogDeliveryArgs
from components.storage import Storage
from components.was_tier import AJP_PORTS
from components.web_acl import WebAcl, WebAclArgs
from components.web_tier import WebTier
from model import settings
from model.conventions import EDGE_REGION
from model.headers import SecurityHeaders

VPC_ORIGIN: Final = 1
"""Number in the name of the way to the ALB: raise it with every change of what the VPC origin says.

CloudFront refuses to change one that a distribution uses: the new one is made beside it, under a name of its own.
"""
_FILES: Final = "files"
_STATIC: Final = "static"
_WEB: Final = "web"
# Policies that CloudFront manages, whose ids are the same in every account.
_CACHE_AS_TOLD: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_CACHE_NOTHING: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_SEND_ALL_BUT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""The ALB's certificate names the origin, so the viewer's Host header must not become the name of the connection."""
_READ: Final = ["GET", "HEAD", "OPTIONS"]
_ALL: Final = [*_READ, "PUT", "POST", "PATCH", "DELETE"]
_ORIGIN_SECONDS: Final = 30
"""The longest that a service may think, as httpd gives up then too."""


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """What the edge needs.

    Attributes:
        settings: All settings of the stack.
        keys: The edge key encrypts the firewall's log.
        storage: Static files, and the archive for the access log.
        web: The tier behind the VPC origin.
    """

    settings: settings.Settings
    keys: Keys
    storage: Storage
    web: WebTier


class Edge(pulumi.ComponentResource):
    """The site, at the name of the public zone."""

    address: pulumi.Output[str]
    """Where people order."""
    distribution_id: pulumi.Output[str]
    """Id of the distribution."""
    firewall: WebAcl
    """What stands before it."""

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:edge:Edge", name, None, opts)
        self._name, self._args = name, args
        self._conventions = args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        self.firewall = WebAcl(
            f"{name}-firewall",
            WebAclArgs(conventions=self._conventions, settings=args.settings.edge, key_arn=args.keys.arns["edge"]),
            opts=self._child,
        )
        distribution = self._distribution()
        self.distribution_id = distribution.id
        LogDelivery(
            f"{name}-access-log",
            LogDeliveryArgs(
                conventions=self._conventions,
                role="site",
                region=EDGE_REGION,
                log_type="ACCESS_LOGS",
                resource_arn=distribution.arn,
                bucket_arn=args.storage.log_archive_arn,
                suffix_path="/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}",
            ),
            opts=self._child,
        )
        domain = args.settings.domain
        records = [
            aws.route53.Record(
                f"{name}-{kind.lower()}-record",
                zone_id=domain.zone_id,
                name=domain.zone_name,
                type=kind,
                aliases=[
                    {
                        "name": distribution.domain_name,
                        "zone_id": distribution.hosted_zone_id,
                        "evaluate_target_health": False,  # CloudFront has no health that Route 53 could ask for
                    }
                ],
                opts=self._child,
            )
            for kind in ("A", "AAAA")
        ]
        self.address = pulumi.Output.concat("https://", records[0].name, "/")
        self.register_outputs({"address": self.address})

    def _distribution(self) -> aws.cloudfront.Distribution:
        args, conventions = self._args, self._conventions
        domain, edge = args.settings.domain, args.settings.edge
        physical = conventions.naming.name("cdn", "site", public=True)
        certificate = Certificate(
            f"{self._name}-site",
            CertificateArgs(
                conventions=conventions,
                role="site",
                domain_name=domain.zone_name,
                zone_id=domain.zone_id,
                region=EDGE_REGION,
            ),
            opts=self._child,
        )
        headers = self._headers()
        static: aws.cloudfront.DistributionDefaultCacheBehaviorArgsDict = {
            "target_origin_id": _FILES,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": _READ,
            "cached_methods": _READ,
            "cache_policy_id": _CACHE_AS_TOLD,
            "response_headers_policy_id": headers.id,
            "compress": True,
        }
        return aws.cloudfront.Distribution(
            f"{self._name}-distribution",
            enabled=True,
            comment=physical,
            aliases=[domain.zone_name],
            default_root_object="index.html",
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=edge.price_class,
            web_acl_id=self.firewall.arn,
            origins=self._origins(),
            origin_groups=[
                {
                    # httpd has the same files: it answers while the bucket is empty or S3 is ill.
                    "origin_id": _FILES,
                    "failover_criteria": {"status_codes": [403, 404, 500, 502, 503, 504]},
                    "members": [{"origin_id": _STATIC}, {"origin_id": _WEB}],
                }
            ],
            default_cache_behavior=static,
            ordered_cache_behaviors=[
                {
                    "path_pattern": f"/{service}/*",
                    "target_origin_id": _WEB,
                    # An order that came over plain HTTP must fail loudly, not be sent twice.
                    "viewer_protocol_policy": "https-only",
                    "allowed_methods": _ALL,
                    "cached_methods": _READ,
                    "cache_policy_id": _CACHE_NOTHING,
                    "origin_request_policy_id": _SEND_ALL_BUT_HOST,
                    "response_headers_policy_id": headers.id,
                    "compress": True,
                }
                for service in AJP_PORTS
            ],
            restrictions={
                "geo_restriction": {
                    "restriction_type": "whitelist" if edge.countries else "none",
                    "locations": list(edge.countries),
                }
            },
            viewer_certificate={
                "acm_certificate_arn": certificate.arn,
                "ssl_support_method": "sni-only",
                "minimum_protocol_version": "TLSv1.2_2021",
            },
            tags=conventions.tagging.tags(physical, "site"),
            opts=self._child,
        )

    def _origins(self) -> list[aws.cloudfront.DistributionOriginArgsDict]:
        args, naming = self._args, self._conventions.naming
        access = aws.cloudfront.OriginAccessControl(
            f"{self._name}-bucket-access",
            name=naming.name("oac", _STATIC),
            description="CloudFront signs its reads of the static files",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        name = naming.name("vpco", _WEB, VPC_ORIGIN)
        inside = aws.cloudfront.VpcOrigin(
            f"{self._name}-alb-access",
            vpc_origin_endpoint_config={
                "name": name,
                "arn": args.web.load_balancer.arn,
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            tags=self._conventions.tagging.tags(name, _WEB),
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["vpcOriginEndpointConfig"]),
        )
        return [
            {
                "origin_id": _STATIC,
                "domain_name": args.storage.static_files_domain,
                "origin_access_control_id": access.id,
            },
            {
                "origin_id": _WEB,
                "domain_name": args.web.origin_name,
                "vpc_origin_config": {
                    "vpc_origin_id": inside.id,
                    "origin_read_timeout": _ORIGIN_SECONDS,
                    "origin_keepalive_timeout": 5,
                },
            },
        ]

    def _headers(self) -> aws.cloudfront.ResponseHeadersPolicy:
        # One source for what httpd and CloudFront send.
        headers = SecurityHeaders.read(Path("workloads/web/httpd/headers.conf"))
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            name=self._conventions.naming.name("rhp", "site"),
            comment="Security headers, the same that httpd sends",
            security_headers_config={
                "content_security_policy": {
                    "content_security_policy": headers.content_security_policy,
                    "override": True,
                },
                "strict_transport_security": {
                    "access_control_max_age_sec": headers.transport_security_seconds,
                    "include_subdomains": True,
                    "override": True,
                },
                "content_type_options": {"override": True},
                "referrer_policy": {"referrer_policy": headers.referrer_policy, "override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
            },
            custom_headers_config={"items": _custom(headers.others)},
            opts=self._child,
        )


def _custom(headers: Mapping[str, str]) -> list[aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgsDict]:
    return [{"header": name, "value": value, "override": True} for name, value in headers.items()]
