"""The edge: load balancers and CloudFront, and names that point at nothing of ours.

Owns the rules on what stands before the platform.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_HIJACKABLE: Final = (
    ".elb.amazonaws.com",
    ".cloudfront.net",
    ".elasticbeanstalk.com",
    ".s3.amazonaws.com",
)
_S3: Final = (".s3.", ".s3-")


def without_web_acl(front: Resource, run: Run) -> bool:
    """Tell whether certainly no web ACL, classic ones included, is associated with a resource."""
    kinds = ("wafv2/webAclAssociation", "wafregional/webAclAssociation")
    return all(run.stack.lacks_side(front, kind, "resourceArn") for kind in kinds)


@AREA.rule(
    "lb-internal",
    title="Load balancers beside CloudFront are internal",
    cause="CloudFront reaches ours by a VPC origin: a public load balancer is a way around WAF and CDN.",
    remedy="Set internal=True; a load balancer that must face the internet needs a waiver.",
    types=["lb/loadBalancer"],
    severity="low",
    scope="stack",
    good=[
        (sample("lb/loadBalancer", "web", internal=True), sample("cloudfront/distribution", "edge", enabled=True)),
        sample("lb/loadBalancer", internal=False),
    ],
    bad=[
        (sample("lb/loadBalancer", "web", internal=False), sample("cloudfront/distribution", "edge", enabled=True)),
        (sample("lb/loadBalancer", "web"), sample("cloudfront/distribution", "edge", enabled=True)),
    ],
)
def lb_internal(balancer: Resource, run: Run) -> Findings:
    """Look at the switch; without it the load balancer is public, which is right where there is no CloudFront."""
    if balancer.not_true("internal") and run.stack.of("cloudfront/distribution"):
        yield balancer.finding(f"{balancer.label} faces the internet")


@AREA.rule(
    "public-alb-behind-waf",
    title="Public load balancers stand behind a WAF",
    cause="Without WAF, SQL injection and floods reach httpd unfiltered.",
    remedy="Add a wafv2.WebAclAssociation for the load balancer.",
    types=["lb/loadBalancer"],
    severity="high",
    scope="stack",
    controls=["ELB.16", "cdk-nag ALBWAFEnabled"],
    good=[
        (
            sample("lb/loadBalancer", "web", internal=False),
            sample("wafv2/webAclAssociation", "web-waf", resourceArn=Ref("web", "arn")),
        ),
        (
            sample("lb/loadBalancer", "web", internal=False),
            sample("wafregional/webAclAssociation", "web-waf", resourceArn=Ref("web", "arn"), webAclId="a1"),
        ),
        sample("lb/loadBalancer", internal=True),
    ],
    bad=[(sample("lb/loadBalancer", "web", loadBalancerType="application", internal=False),)],
)
def public_alb_behind_waf(balancer: Resource, run: Run) -> Findings:
    """Look for an association of public application load balancers."""
    kind = balancer.text("loadBalancerType") if balancer.is_known("loadBalancerType") else "unknown"
    public = kind in (None, "application") and balancer.not_true("internal")
    if public and without_web_acl(balancer, run):
        yield balancer.finding(f"{balancer.label} is public and has no web ACL")


@AREA.rule(
    "cloudfront-behind-waf",
    title="CloudFront distributions have a web ACL",
    cause="The distribution is the platform's only door: DDoS, injection and reputation rules belong there.",
    remedy="Set web_acl_id to the WAFv2 web ACL's ARN (scope CLOUDFRONT, us-east-1).",
    types=["cloudfront/distribution"],
    severity="high",
    controls=["FSBP CloudFront.6", "cdk-nag CFR2", "Pulumi cloudfront-distribution-configure-waf"],
    good=[sample("cloudfront/distribution", webAclId="arn:aws:wafv2:us-east-1:111122223333:global/webacl/main/1")],
    bad=[sample("cloudfront/distribution", enabled=True)],
)
def cloudfront_behind_waf(distribution: Resource) -> Findings:
    """Look for the web ACL."""
    if distribution.lacks("webAclId"):
        yield distribution.finding(f"{distribution.label} has no web ACL")


@AREA.rule(
    "cloudfront-origin-access-control",
    title="S3 origins are reached by origin access control",
    cause="Otherwise the bucket must be public, and everybody can go past CloudFront and WAF.",
    remedy="Set origin_access_control_id on each S3 origin.",
    types=["cloudfront/distribution"],
    severity="high",
    controls=["FSBP CloudFront.13", "FSBP CloudFront.16", "cdk-nag CFR7"],
    good=[
        sample(
            "cloudfront/distribution",
            origins=[
                {"domainName": "static.s3.ap-northeast-2.amazonaws.com", "originAccessControlId": "E1"},
                {"domainName": "web.example.com", "customOriginConfig": {"originProtocolPolicy": "https-only"}},
            ],
        )
    ],
    bad=[
        sample("cloudfront/distribution", origins=[{"domainName": "static.s3.ap-northeast-2.amazonaws.com"}]),
        sample(
            "cloudfront/distribution",
            origins=[
                {
                    "domainName": "static.s3.amazonaws.com",
                    "s3OriginConfig": {"originAccessIdentity": "origin-access-identity/cloudfront/E1"},
                }
            ],
        ),
    ],
)
def cloudfront_origin_access_control(distribution: Resource) -> Findings:
    """Look at origins that are buckets, by name or because they have no other configuration."""
    for origin in distribution.blocks("origins"):
        name = origin.text("domainName") or ""
        bucket = any(part in name for part in _S3) or not origin.lacks("s3OriginConfig")
        website = "s3-website" in name
        if bucket and not website and origin.lacks("originAccessControlId"):
            yield distribution.finding(f"{distribution.label}: bucket origin {name or ''} has no origin access control")


@AREA.rule(
    "cloudfront-geo-restricted",
    title="Distributions serve the countries of the business",
    cause="Theatres stand in one country; most attacks come from elsewhere.",
    remedy="Set restrictions.geo_restriction to a whitelist of countries, or raise this with the owner of the market.",
    types=["cloudfront/distribution"],
    severity="low",
    controls=["cdk-nag CFR1"],
    good=[
        sample(
            "cloudfront/distribution",
            restrictions={"geoRestriction": {"restrictionType": "whitelist", "locations": ["KR"]}},
        )
    ],
    bad=[sample("cloudfront/distribution", restrictions={"geoRestriction": {"restrictionType": "none"}})],
)
def cloudfront_geo_restricted(distribution: Resource) -> Findings:
    """Look at the restriction."""
    if distribution.text("restrictions.geoRestriction.restrictionType") == "none":
        yield distribution.finding(f"{distribution.label} serves every country")


@AREA.rule(
    "record-not-dangling",
    title="DNS records point at resources of the stack",
    cause="A record to a load balancer, address or bucket that is gone can be taken over by whoever gets that name.",
    remedy="Refer to the resource's output instead of writing the name; remove the record with its target.",
    types=["route53/record"],
    severity="medium",
    scope="stack",
    good=[
        (
            sample("lb/loadBalancer", "web", internal=True),
            sample("route53/record", "order", type="A", aliases=[{"name": Ref("web", "dnsName"), "zoneId": "Z1"}]),
        ),
        sample("route53/record", type="TXT", records=["v=spf1 -all"]),
        sample("route53/record", type="A", records=["10.0.0.4"]),
    ],
    bad=[
        sample(
            "route53/record",
            type="A",
            aliases=[{"name": "old-alb-123.ap-northeast-2.elb.amazonaws.com", "zoneId": "Z1"}],
        ),
        sample("route53/record", type="CNAME", records=["d111111abcdef8.cloudfront.net"]),
        sample("route53/record", type="A", records=["52.95.110.1"]),
    ],
)
def record_not_dangling(record: Resource, run: Run) -> Findings:
    """Look for names that AWS gives out again, and public addresses, written as literals."""
    tracked = any(record.references.get(path) for path in ("aliases", "records"))
    if tracked or record.text("type") not in ("A", "AAAA", "CNAME"):
        return
    names = [alias.text("name") or "" for alias in record.blocks("aliases")] + record.texts("records")
    for name in names:
        foreign = name not in run.stack.texts
        if foreign and (name.rstrip(".").endswith(_HIJACKABLE) or _is_public_address(name)):
            yield record.finding(f"{record.label} points at {name}, which no resource of this stack owns")


def _is_public_address(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_global
    except ValueError:
        return False
