"""Single switches of load balancers and distributions that keep malformed and unwanted requests out.

Owns the demands on single properties; what joins resources is `edge.py`'s.
"""

from __future__ import annotations

from policy.frame.demands import demand, given, never, on
from policy.frame.resources import Resource

from . import AREA


def _is_application(balancer: Resource) -> bool:
    """Tell whether a load balancer is certainly an application load balancer, which is the default."""
    return balancer.is_known("loadBalancerType") and balancer.text("loadBalancerType") in (None, "application")


demand(
    AREA,
    "alb-drops-invalid-headers",
    "lb/loadBalancer",
    "Application load balancers drop invalid headers",
    wants=[on("dropInvalidHeaderFields")],
    cause="Invalid headers are how a request is smuggled past httpd's checks.",
    remedy="Set drop_invalid_header_fields=True.",
    controls=["FSBP ELB.4", "cdk-nag ALBHttpDropInvalidHeaderEnabled"],
    base={"loadBalancerType": "application"},
    when=_is_application,
)
demand(
    AREA,
    "alb-refuses-ambiguous-requests",
    ["lb/loadBalancer", "elb/loadBalancer"],
    "Load balancers refuse ambiguous requests",
    wants=[never("desyncMitigationMode", "monitor", good="strictest")],
    cause="Ambiguous lengths are how a request is smuggled past httpd's checks.",
    remedy="Leave desync_mitigation_mode at defensive or strictest.",
    controls=["FSBP ELB.12", "FSBP ELB.14"],
)
demand(
    AREA,
    "cloudfront-root-object",
    "cloudfront/distribution",
    "Distributions have a root object",
    wants=[given("defaultRootObject", "index.html")],
    cause="Without a root object / can list the bucket.",
    remedy="Set default_root_object.",
    severity="low",
    controls=["FSBP CloudFront.1"],
)
demand(
    AREA,
    "cloudfront-response-headers",
    "cloudfront/distribution",
    "Distributions set response headers",
    wants=[given("defaultCacheBehavior.responseHeadersPolicyId", "p-1")],
    cause="Without these headers browsers allow framing and sniffing.",
    remedy="Set response_headers_policy_id in the default behavior.",
    severity="low",
    base={"defaultCacheBehavior": {"viewerProtocolPolicy": "https-only"}},
    when=lambda distribution: not distribution.lacks("defaultCacheBehavior"),
)
