"""Load balancers in transit: what listeners speak, with which TLS policy, and what targets get.

Owns the rules on listeners and target groups. AJP between the tiers is plain TCP on an internal network load
balancer, guarded by a shared secret and security groups: a TCP listener on an internal NLB is by design no finding.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_WEAK: Final = ("ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-2015", "ELBSecurityPolicy-TLS-1-0", "-TLS-1-1-")
_TLS12: Final = ("TLS-1-2", "TLS13-1-2", "TLS13-1-3", "FS-1-2")


def _only_redirects(listener: Resource) -> bool:
    actions = listener.blocks("defaultActions")
    return bool(actions) and all(
        (action.text("type") == "redirect" and action.get("redirect.protocol") in ("HTTPS", "#{protocol}"))
        or action.text("type") == "fixed-response"
        for action in actions
        if action.is_known("type")
    )


@AREA.rule(
    "lb-listener-encrypted",
    title="HTTP listeners only redirect to HTTPS",
    cause="A plain listener carries session cookies and orders readable for anyone on the way.",
    remedy="Make the listener HTTPS with a certificate; keep HTTP only with a redirect to HTTPS.",
    types=["lb/listener"],
    severity="high",
    controls=[
        "FSBP ELB.1",
        "FSBP ELB.18",
        "cdk-nag ALBHttpToHttpsRedirection",
        "AWSGuard alb-http-to-https-redirection",
    ],
    good=[
        sample("lb/listener", protocol="HTTPS", certificateArn="arn:aws:acm:ap-northeast-2:111122223333:certificate/1"),
        sample(
            "lb/listener",
            protocol="HTTP",
            port=80,
            defaultActions=[
                {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
            ],
        ),
        sample("lb/listener", protocol="TCP", port=8009, defaultActions=[{"type": "forward"}]),
    ],
    bad=[
        sample("lb/listener", protocol="HTTP", port=80, defaultActions=[{"type": "forward"}]),
        sample(
            "lb/listener",
            protocol="HTTP",
            defaultActions=[{"type": "redirect", "redirect": {"protocol": "HTTP", "statusCode": "HTTP_301"}}],
        ),
    ],
)
def lb_listener_encrypted(listener: Resource) -> Findings:
    """Judge HTTP listeners of application load balancers."""
    if listener.text("protocol") != "HTTP" or not listener.is_known("defaultActions"):
        return
    if not _only_redirects(listener):
        yield listener.finding(f"{listener.label} serves plain HTTP and does not only redirect to HTTPS")


@AREA.rule(
    "nlb-public-listener-encrypted",
    title="Internet-facing network load balancers speak TLS",
    cause="TCP on the internet is readable and changeable; inside the VPC it is the tiers' own protocol.",
    remedy="Use protocol TLS with a certificate, or make the load balancer internal.",
    types=["lb/listener"],
    severity="high",
    scope="stack",
    controls=["FSBP ELB.18"],
    good=[
        (
            sample("lb/loadBalancer", "was", loadBalancerType="network", internal=True),
            sample("lb/listener", "ajp", loadBalancerArn=Ref("was", "arn"), protocol="TCP", port=8009),
        )
    ],
    bad=[
        (
            sample("lb/loadBalancer", "was", loadBalancerType="network", internal=False),
            sample("lb/listener", "ajp", loadBalancerArn=Ref("was", "arn"), protocol="TCP", port=8009),
        )
    ],
)
def nlb_public_listener_encrypted(listener: Resource, run: Run) -> Findings:
    """Follow a TCP listener to its load balancer."""
    if listener.text("protocol") not in ("TCP", "UDP", "TCP_UDP") or listener.number("port") == 443:  # noqa: PLR2004
        return
    for balancer in run.stack.targets(listener, "loadBalancerArn", "lb/loadBalancer"):
        if balancer.not_true("internal"):
            yield listener.finding(f"{listener.label} speaks {listener.text('protocol')} on public {balancer.label}")


@AREA.rule(
    "lb-listener-tls-policy",
    title="Listeners demand TLS 1.2 or later",
    cause="TLS 1.0 and 1.1 are broken; the default policy of an older listener still speaks them.",
    remedy="Set ssl_policy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or its successor.",
    types=["lb/listener"],
    severity="high",
    controls=["FSBP ELB.17", "Pulumi lb-listener-configure-secure-tls"],
    good=[sample("lb/listener", protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06")],
    bad=[
        sample("lb/listener", protocol="HTTPS", sslPolicy="ELBSecurityPolicy-2016-08"),
        sample("lb/listener", protocol="TLS", sslPolicy="ELBSecurityPolicy-TLS-1-1-2017-01"),
        sample("lb/listener", protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS13-1-0-2021-06"),
        sample("lb/listener", protocol="HTTPS", port=443),
    ],
)
def lb_listener_tls_policy(listener: Resource) -> Findings:
    """Judge the policy's name, which AWS builds from the versions it admits."""
    if listener.text("protocol") not in ("HTTPS", "TLS") or not listener.is_known("sslPolicy"):
        return
    policy = listener.text("sslPolicy") or ""
    if not any(part in policy for part in _TLS12) or any(part in policy for part in _WEAK):
        yield listener.finding(f"{listener.label} admits TLS below 1.2: sslPolicy is {policy or 'the old default'}")


@AREA.rule(
    "lb-target-encrypted",
    title="Targets behind a TLS listener are not spoken to in plain HTTP across networks",
    cause="TLS that ends at the load balancer leaves the rest of the way open to whoever is in the network.",
    remedy="Use protocol HTTPS towards the targets; pods reached by IP inside the cluster's own subnets are exempt.",
    types=["lb/targetGroup"],
    severity="low",
    controls=["FSBP ELB.18"],
    good=[
        sample("lb/targetGroup", protocol="HTTPS", targetType="instance"),
        sample("lb/targetGroup", protocol="HTTP", targetType="ip"),
        sample("lb/targetGroup", protocol="TCP", targetType="ip"),
    ],
    bad=[sample("lb/targetGroup", protocol="HTTP", targetType="instance"), sample("lb/targetGroup", protocol="HTTP")],
)
def lb_target_encrypted(group: Resource) -> Findings:
    """Judge HTTP towards instances; `instance` is the default target type."""
    to_instances = group.is_known("targetType") and group.text("targetType") in (None, "instance")
    if group.text("protocol") == "HTTP" and to_instances:
        yield group.finding(f"{group.label} speaks plain HTTP to instances")
