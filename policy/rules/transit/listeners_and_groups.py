"""TLS of classic load balancers, API domains and warehouses, where a list or a document must be read.

Owns the rules that look into listeners and parameters; plain switches are `services.py`'s.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample

from . import AREA

_CLEAR: Final = "Whoever is in the network reads queries, answers and credentials on the way."
_ON: Final = ("1", "on", "true", "enabled", "tls1.2+", "tls1.3+", "fips-140-3")
_FORCING: Final = {
    "redshift/parameterGroup": "require_ssl",
    "docdb/clusterParameterGroup": "tls",
    "neptune/clusterParameterGroup": "neptune_enforce_ssl",
}
_ABSENT_IS_OFF: Final = ("redshift/parameterGroup",)
_OLD_PROTOCOLS: Final = ("Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1")
_PLAIN: Final = ("HTTP", "TCP")


@AREA.rule(
    "classic-lb-encrypted",
    title="Classic load balancers speak TLS to clients",
    cause="A plain listener carries session cookies and orders readable for anyone on the way.",
    remedy="Use lb_protocol https or ssl with a certificate, or an application load balancer.",
    types=["elb/loadBalancer"],
    severity="high",
    controls=["FSBP ELB.3", "FSBP ELB.2", "cdk-nag ELB5"],
    good=[
        sample(
            "elb/loadBalancer",
            listeners=[
                {
                    "instancePort": 8443,
                    "instanceProtocol": "https",
                    "lbPort": 443,
                    "lbProtocol": "https",
                    "sslCertificateId": "arn:aws:acm:ap-northeast-2:111122223333:certificate/1",
                }
            ],
        )
    ],
    bad=[
        sample(
            "elb/loadBalancer",
            listeners=[{"instancePort": 80, "instanceProtocol": "http", "lbPort": 80, "lbProtocol": "http"}],
        )
    ],
)
def classic_lb_encrypted(balancer: Resource) -> Findings:
    """Look at every listener."""
    for listener in balancer.blocks("listeners"):
        plain = (listener.text("lbProtocol") or "").upper() in _PLAIN
        if plain or (listener.is_known("lbProtocol") and listener.lacks("sslCertificateId")):
            yield balancer.finding(f"{balancer.label}: the listener on {listener.get('lbPort')} has no TLS")


@AREA.rule(
    "classic-lb-tls-version",
    title="Classic load balancers demand TLS 1.2",
    cause="SSL 3, TLS 1.0 and 1.1 are broken.",
    remedy="Turn on Protocol-TLSv1.2 only, or refer to ELBSecurityPolicy-TLS-1-2-2017-01.",
    types=["elb/sslNegotiationPolicy", "elb/loadBalancerPolicy"],
    severity="high",
    controls=["ELB.8"],
    good=[
        sample("elb/sslNegotiationPolicy", attributes=[{"name": "Protocol-TLSv1.2", "value": "true"}]),
        sample(
            "elb/loadBalancerPolicy",
            policyTypeName="SSLNegotiationPolicyType",
            policyAttributes=[{"name": "Reference-Security-Policy", "value": "ELBSecurityPolicy-TLS-1-2-2017-01"}],
        ),
    ],
    bad=[
        sample("elb/sslNegotiationPolicy", attributes=[{"name": "Protocol-TLSv1", "value": "true"}]),
        sample(
            "elb/loadBalancerPolicy",
            policyTypeName="SSLNegotiationPolicyType",
            policyAttributes=[{"name": "Reference-Security-Policy", "value": "ELBSecurityPolicy-2016-08"}],
        ),
    ],
)
def classic_lb_tls_version(policy: Resource) -> Findings:
    """Look at the protocols that are on, and at the policy referred to."""
    path = "attributes" if policy.type == "elb/sslNegotiationPolicy" else "policyAttributes"
    for attribute in policy.blocks(path):
        name, value = attribute.text("name") or "", attribute.text("value") or ""
        old_policy = name == "Reference-Security-Policy" and value and "TLS-1-2" not in value
        if old_policy or (name in _OLD_PROTOCOLS and value == "true"):
            yield policy.finding(f"{policy.label} admits {value if old_policy else name.removeprefix('Protocol-')}")


@AREA.rule(
    "parameter-group-forces-tls",
    title="Parameter groups of Redshift, DocumentDB and Neptune force TLS",
    cause=_CLEAR,
    remedy="Set require_ssl=true (Redshift), tls=enabled (DocumentDB), neptune_enforce_ssl=1 (Neptune).",
    types=list(_FORCING),
    severity="high",
    controls=["Redshift.2"],
    good=[
        sample("redshift/parameterGroup", parameters=[{"name": "require_ssl", "value": "true"}]),
        sample("docdb/clusterParameterGroup", parameters=[{"name": "audit_logs", "value": "enabled"}]),
    ],
    bad=[
        sample("redshift/parameterGroup", family="redshift-2.0"),
        sample("redshift/parameterGroup", parameters=[{"name": "require_ssl", "value": "false"}]),
        sample("docdb/clusterParameterGroup", parameters=[{"name": "tls", "value": "disabled"}]),
        sample("neptune/clusterParameterGroup", parameters=[{"name": "neptune_enforce_ssl", "value": "0"}]),
    ],
)
def parameter_group_forces_tls(group: Resource) -> Findings:
    """Look for the parameter; DocumentDB and Neptune have it on by themselves."""
    wanted = _FORCING[group.type]
    values = [item.get("value") for item in group.blocks("parameters") if item.text("name") == wanted]
    off = any(isinstance(value, str | int | float) and str(value).lower() not in _ON for value in values)
    missing = group.type in _ABSENT_IS_OFF and not values and group.is_known("parameters")
    if off or missing:
        yield group.finding(f"{group.label} does not turn {wanted} on")


@AREA.rule(
    "api-v2-domain-tls",
    title="HTTP and WebSocket API domains demand TLS 1.2",
    cause="TLS 1.0 and 1.1 are broken.",
    remedy="Set domain_name_configuration.security_policy=TLS_1_2.",
    types=["apigatewayv2/domainName"],
    severity="high",
    good=[sample("apigatewayv2/domainName", domainNameConfiguration={"securityPolicy": "TLS_1_2"})],
    bad=[sample("apigatewayv2/domainName", domainNameConfiguration={"securityPolicy": "TLS_1_0"})],
)
def api_v2_domain_tls(domain: Resource) -> Findings:
    """Look at the policy."""
    if domain.text("domainNameConfiguration.securityPolicy") == "TLS_1_0":
        yield domain.finding(f"{domain.label} admits TLS 1.0")
