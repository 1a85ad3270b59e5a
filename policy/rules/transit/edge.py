"""The edge in transit: CloudFront towards viewers and origins, response headers, certificates.

Owns the rules on TLS at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policy.frame.demands import demand, given, never, off
from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block, Unknown

from . import AREA

_MODERN: Final = ("TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
_YEAR: Final = 31_536_000


def _behaviors(distribution: Resource) -> Iterator[Block]:
    yield from distribution.blocks("defaultCacheBehavior")
    yield from distribution.blocks("orderedCacheBehaviors")


@AREA.rule(
    "cloudfront-viewers-use-https",
    title="Viewers reach CloudFront by HTTPS only",
    cause="allow-all serves login and payment pages over plain HTTP to whoever asks so.",
    remedy="Set viewer_protocol_policy to redirect-to-https or https-only in every behavior.",
    types=["cloudfront/distribution"],
    severity="high",
    controls=["FSBP CloudFront.3", "cdk-nag CFR4"],
    good=[sample("cloudfront/distribution", defaultCacheBehavior={"viewerProtocolPolicy": "redirect-to-https"})],
    bad=[
        sample("cloudfront/distribution", defaultCacheBehavior={"viewerProtocolPolicy": "allow-all"}),
        sample(
            "cloudfront/distribution",
            defaultCacheBehavior={"viewerProtocolPolicy": "https-only"},
            orderedCacheBehaviors=[{"pathPattern": "/pay/*", "viewerProtocolPolicy": "allow-all"}],
        ),
    ],
)
def cloudfront_viewers_use_https(distribution: Resource) -> Findings:
    """Look at every cache behavior."""
    for behavior in _behaviors(distribution):
        if behavior.text("viewerProtocolPolicy") == "allow-all":
            where = behavior.text("pathPattern") or "the default behavior"
            yield distribution.finding(f"{distribution.label}: {where} allows plain HTTP")


_CERTIFICATE: Final = {
    "acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1",
    "minimumProtocolVersion": "TLSv1.2_2021",
    "sslSupportMethod": "sni-only",
}

demand(
    AREA,
    "cloudfront-own-certificate",
    "cloudfront/distribution",
    "CloudFront serves our own certificate",
    wants=[off("viewerCertificate.cloudfrontDefaultCertificate"), given("viewerCertificate", _CERTIFICATE)],
    cause="The default certificate is for *.cloudfront.net and comes with TLS 1.0, whatever else is set.",
    remedy="Set viewer_certificate.acm_certificate_arn to a certificate for our names, in us-east-1.",
    severity="low",
    controls=["FSBP CloudFront.7"],
)
demand(
    AREA,
    "cloudfront-sni",
    "cloudfront/distribution",
    "CloudFront uses SNI",
    wants=[never("viewerCertificate.sslSupportMethod", "vip", good="sni-only")],
    cause="A dedicated address costs 600 USD a month and serves nobody but clients without SNI.",
    remedy="Set viewer_certificate.ssl_support_method=sni-only.",
    severity="low",
    controls=["FSBP CloudFront.8"],
)


@AREA.rule(
    "cloudfront-tls-version",
    title="CloudFront demands TLS 1.2",
    cause="TLS 1.0 and 1.1 are broken; with the default certificate CloudFront speaks both.",
    remedy="Set viewer_certificate.minimum_protocol_version=TLSv1.2_2021, with a certificate of our own.",
    types=["cloudfront/distribution"],
    severity="high",
    controls=["FSBP CloudFront.15", "cdk-nag CFR4"],
    good=[sample("cloudfront/distribution", viewerCertificate=_CERTIFICATE)],
    bad=[
        sample("cloudfront/distribution", viewerCertificate={"cloudfrontDefaultCertificate": True}),
        sample("cloudfront/distribution", enabled=True),
        sample(
            "cloudfront/distribution",
            viewerCertificate={**_CERTIFICATE, "minimumProtocolVersion": "TLSv1.1_2016"},
        ),
    ],
)
def cloudfront_tls_version(distribution: Resource) -> Findings:
    """Look at the version; without a certificate of ours it is the oldest."""
    certificates = distribution.blocks("viewerCertificate")
    if distribution.lacks("viewerCertificate"):
        certificates = [Block({"cloudfrontDefaultCertificate": True})]
    for certificate in certificates:
        version = certificate.get("minimumProtocolVersion")
        if certificate.is_true("cloudfrontDefaultCertificate"):
            yield distribution.finding(
                f"{distribution.label} uses CloudFront's default certificate, which means TLS 1.0"
            )
        elif not isinstance(version, Unknown) and version not in _MODERN:
            yield distribution.finding(f"{distribution.label} admits TLS below 1.2: minimumProtocolVersion {version}")


@AREA.rule(
    "cloudfront-origin-encrypted",
    title="CloudFront reaches its origins by HTTPS with TLS 1.2",
    cause="HTTPS for viewers and HTTP behind it only looks encrypted.",
    remedy="Set origin_protocol_policy=https-only and origin_ssl_protocols=['TLSv1.2'] on custom origins.",
    types=["cloudfront/distribution"],
    severity="high",
    controls=["FSBP CloudFront.9", "FSBP CloudFront.10", "cdk-nag CFR5"],
    good=[
        sample(
            "cloudfront/distribution",
            origins=[
                {
                    "originId": "alb",
                    "customOriginConfig": {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]},
                },
                {"originId": "vpc", "vpcOriginConfig": {"vpcOriginId": "vo_1"}},
            ],
        )
    ],
    bad=[
        sample(
            "cloudfront/distribution",
            origins=[{"originId": "alb", "customOriginConfig": {"originProtocolPolicy": "http-only"}}],
        ),
        sample(
            "cloudfront/distribution",
            origins=[{"originId": "alb", "customOriginConfig": {"originProtocolPolicy": "match-viewer"}}],
            defaultCacheBehavior={"viewerProtocolPolicy": "allow-all"},
        ),
        sample(
            "cloudfront/distribution",
            origins=[
                {
                    "originId": "alb",
                    "customOriginConfig": {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1"]},
                }
            ],
        ),
    ],
)
def cloudfront_origin_encrypted(distribution: Resource) -> Findings:
    """Look at custom origins; match-viewer is as good as the viewers' own policy."""
    open_to_http = any(item.text("viewerProtocolPolicy") == "allow-all" for item in _behaviors(distribution))
    for origin in distribution.blocks("origins"):
        for custom in origin.blocks("customOriginConfig"):
            policy = custom.text("originProtocolPolicy")
            if policy == "http-only" or (policy == "match-viewer" and open_to_http):
                yield distribution.finding(f"{distribution.label}: origin {origin.text('originId')} is reached by HTTP")
            old = [item for item in custom.texts("originSslProtocols") if item in ("SSLv3", "TLSv1", "TLSv1.1")]
            if old:
                yield distribution.finding(
                    f"{distribution.label}: origin {origin.text('originId')} admits {', '.join(old)}"
                )


@AREA.rule(
    "cloudfront-vpc-origin-encrypted",
    title="VPC origins are reached by HTTPS with TLS 1.2",
    cause="The way from the edge into the VPC crosses AWS's network, not ours.",
    remedy="Set origin_protocol_policy=https-only and origin_ssl_protocols to TLSv1.2 only.",
    types=["cloudfront/vpcOrigin"],
    severity="high",
    controls=["FSBP CloudFront.9", "FSBP CloudFront.10"],
    good=[
        sample(
            "cloudfront/vpcOrigin",
            vpcOriginEndpointConfig={
                "originProtocolPolicy": "https-only",
                "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
        )
    ],
    bad=[
        sample("cloudfront/vpcOrigin", vpcOriginEndpointConfig={"originProtocolPolicy": "http-only"}),
        sample(
            "cloudfront/vpcOrigin",
            vpcOriginEndpointConfig={
                "originProtocolPolicy": "https-only",
                "originSslProtocols": {"items": ["TLSv1", "TLSv1.2"], "quantity": 2},
            },
        ),
    ],
)
def cloudfront_vpc_origin_encrypted(origin: Resource) -> Findings:
    """Look at the endpoint's protocol and versions."""
    if origin.text("vpcOriginEndpointConfig.originProtocolPolicy") in ("http-only", "match-viewer"):
        yield origin.finding(f"{origin.label} may be reached by plain HTTP")
    versions = origin.texts("vpcOriginEndpointConfig.originSslProtocols.items")
    if any(version != "TLSv1.2" for version in versions):
        yield origin.finding(f"{origin.label} admits {', '.join(versions)}")


@AREA.rule(
    "response-headers-hsts",
    title="Responses carry Strict-Transport-Security",
    cause="Without HSTS a browser's first request of each visit goes out in plain HTTP and can be taken over.",
    remedy="Set security_headers_config.strict_transport_security with a max age of a year, include_subdomains and "
    "override.",
    types=["cloudfront/responseHeadersPolicy"],
    good=[
        sample(
            "cloudfront/responseHeadersPolicy",
            securityHeadersConfig={
                "strictTransportSecurity": {
                    "accessControlMaxAgeSec": _YEAR,
                    "includeSubdomains": True,
                    "override": True,
                }
            },
        )
    ],
    bad=[
        sample("cloudfront/responseHeadersPolicy", securityHeadersConfig={"frameOptions": {"frameOption": "DENY"}}),
        sample(
            "cloudfront/responseHeadersPolicy",
            securityHeadersConfig={"strictTransportSecurity": {"accessControlMaxAgeSec": 300, "override": True}},
        ),
    ],
)
def response_headers_hsts(policy: Resource) -> Findings:
    """Look for the header and its age."""
    if policy.below("securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec", _YEAR):
        yield policy.finding(f"{policy.label} sets no Strict-Transport-Security of a year")


@AREA.rule(
    "client-vpn-transport",
    title="The Client VPN authenticates by certificate or SAML over UDP 443",
    cause="Directory passwords alone are guessed; other transports and ports are slower or blocked in hotels.",
    remedy="Use certificate-authentication or federated-authentication, transport_protocol udp, vpn_port 443.",
    types=["ec2clientvpn/endpoint"],
    good=[
        sample(
            "ec2clientvpn/endpoint",
            authenticationOptions=[{"type": "federated-authentication"}],
            transportProtocol="udp",
            vpnPort=443,
        )
    ],
    bad=[
        sample("ec2clientvpn/endpoint", authenticationOptions=[{"type": "directory-service-authentication"}]),
        sample(
            "ec2clientvpn/endpoint",
            authenticationOptions=[{"type": "certificate-authentication"}],
            transportProtocol="tcp",
        ),
    ],
)
def client_vpn_transport(endpoint: Resource) -> Findings:
    """Look at authentication, protocol and port; udp and 443 are the defaults."""
    kinds = [item.get("type") for item in endpoint.blocks("authenticationOptions")]
    if kinds and all(kind == "directory-service-authentication" for kind in kinds):
        yield endpoint.finding(f"{endpoint.label} authenticates by directory password only")
    if endpoint.text("transportProtocol") == "tcp":
        yield endpoint.finding(f"{endpoint.label} uses tcp")
    port = endpoint.number("vpnPort")
    if port not in (None, 443):
        yield endpoint.finding(f"{endpoint.label} uses port {port:.0f}")
