"""Traffic logs: VPCs, load balancers, the CDN, the firewall, DNS and the VPN.

Owns the rules on who writes down which connection came from where.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_LOGS = "arn:aws:logs:ap-northeast-2:111122223333:log-group:prod-common-log-vpn-01"


@AREA.rule(
    "vpc-flow-logs",
    title="Every VPC has flow logs",
    cause="Without them nobody can say afterwards which host talked to whom; AJP traffic is seen nowhere else.",
    remedy="Add an ec2.FlowLog with traffic_type ALL for the VPC.",
    types=["ec2/vpc"],
    scope="stack",
    controls=["FSBP EC2.6", "cdk-nag VPC7"],
    good=[(sample("ec2/vpc", "main"), sample("ec2/flowLog", "flow", vpcId=Ref("main"), trafficType="ALL"))],
    bad=[
        (sample("ec2/vpc", "main"),),
        (sample("ec2/vpc", "main"), sample("ec2/flowLog", "flow", vpcId=Ref("main"), trafficType="ACCEPT")),
    ],
)
def vpc_flow_logs(vpc: Resource, run: Run) -> Findings:
    """Look for a flow log; one of accepted traffic only misses the scans."""
    sides = run.stack.sides(vpc, "ec2/flowLog", "vpcId")
    if not sides and run.stack.lacks_side(vpc, "ec2/flowLog", "vpcId"):
        yield vpc.finding(f"{vpc.label} has no flow log")
    if sides and all(side.text("trafficType") == "ACCEPT" for side in sides):
        yield vpc.finding(f"{vpc.label} logs accepted traffic only")


@AREA.rule(
    "lb-access-logs",
    title="Load balancers write access logs",
    cause="They alone show client, target and duration of each request when httpd did not answer.",
    remedy="Set access_logs with enabled=True and the log bucket. A network load balancer logs TLS listeners only: "
    "without one, flow logs stand in, and the rule knows that.",
    types=["lb/loadBalancer"],
    scope="stack",
    controls=["FSBP ELB.5", "cdk-nag ELB2", "AWSGuard elb-logging-enabled"],
    good=[
        sample("lb/loadBalancer", accessLogs={"bucket": "prod-common-s3-alb-01", "enabled": True}),
        (
            sample("lb/loadBalancer", "was", loadBalancerType="network", internal=True),
            sample("lb/listener", "ajp", loadBalancerArn=Ref("was", "arn"), protocol="TCP"),
        ),
    ],
    bad=[
        sample("lb/loadBalancer", loadBalancerType="application"),
        sample("lb/loadBalancer", accessLogs={"bucket": "prod-common-s3-alb-01", "enabled": False}),
        (
            sample("lb/loadBalancer", "edge", loadBalancerType="network"),
            sample("lb/listener", "tls", loadBalancerArn=Ref("edge", "arn"), protocol="TLS"),
        ),
    ],
)
def lb_access_logs(balancer: Resource, run: Run) -> Findings:
    """Look at the switch, and at the listeners of network load balancers."""
    if not balancer.is_known("loadBalancerType"):
        return
    listeners = run.stack.sides(balancer, "lb/listener", "loadBalancerArn")
    protocols = [listener.text("protocol") for listener in listeners if listener.is_known("protocol")]
    plain_network = balancer.text("loadBalancerType") == "network" and "TLS" not in protocols and bool(listeners)
    if balancer.not_true("accessLogs.enabled") and not plain_network:
        yield balancer.finding(f"{balancer.label} writes no access logs")


@AREA.rule(
    "cloudfront-logs",
    title="Distributions write access logs",
    cause="What WAF let through and the cache answered is written nowhere else.",
    remedy="Set logging_config, or deliver by a cloudwatch.LogDeliverySource (standard logging v2).",
    types=["cloudfront/distribution"],
    scope="stack",
    controls=["FSBP CloudFront.5", "cdk-nag CFR3", "Pulumi cloudfront-distribution-enable-access-logging"],
    good=[
        sample("cloudfront/distribution", loggingConfig={"bucket": "logs.s3.amazonaws.com"}),
        (
            sample("cloudfront/distribution", "edge"),
            sample("cloudwatch/logDeliverySource", "edge-logs", resourceArn=Ref("edge", "arn")),
        ),
    ],
    bad=[(sample("cloudfront/distribution", "edge"),)],
)
def cloudfront_logs(distribution: Resource, run: Run) -> Findings:
    """Look for either form of logging."""
    source = "cloudwatch/logDeliverySource"
    if distribution.lacks("loggingConfig") and run.stack.lacks_side(distribution, source, "resourceArn"):
        yield distribution.finding(f"{distribution.label} writes no access logs")


@AREA.rule(
    "waf-logs",
    title="Web ACLs write logs",
    cause="A blocked customer and an attack look the same without the log.",
    remedy="Add a wafv2.WebAclLoggingConfiguration.",
    types=["wafv2/webAcl"],
    scope="stack",
    controls=["WAF.11", "cdk-nag WAFv2LoggingEnabled"],
    good=[
        (
            sample("wafv2/webAcl", "edge"),
            sample("wafv2/webAclLoggingConfiguration", "edge-logs", resourceArn=Ref("edge", "arn")),
        )
    ],
    bad=[(sample("wafv2/webAcl", "edge"),)],
)
def waf_logs(acl: Resource, run: Run) -> Findings:
    """Look for the side resource."""
    if run.stack.lacks_side(acl, "wafv2/webAclLoggingConfiguration", "resourceArn"):
        yield acl.finding(f"{acl.label} writes no logs")


@AREA.rule(
    "waf-rules-measured",
    title="Web ACLs and their rules emit metrics",
    cause="Without metrics no alarm can tell that an attack runs or that a rule hits customers.",
    remedy="Set cloudwatch_metrics_enabled=True in every visibility_config.",
    types=["wafv2/webAcl", "wafv2/ruleGroup", "wafv2/webAclRule"],
    severity="low",
    controls=["WAF.12"],
    good=[sample("wafv2/webAcl", visibilityConfig={"cloudwatchMetricsEnabled": True, "metricName": "edge"})],
    bad=[
        sample("wafv2/webAcl", visibilityConfig={"cloudwatchMetricsEnabled": False, "metricName": "edge"}),
        sample(
            "wafv2/webAcl",
            visibilityConfig={"cloudwatchMetricsEnabled": True, "metricName": "edge"},
            rules=[{"name": "rate", "visibilityConfig": {"cloudwatchMetricsEnabled": False}}],
        ),
    ],
)
def waf_rules_measured(holder: Resource) -> Findings:
    """Look at the switch of the ACL and of each rule."""
    for block in [holder, *holder.blocks("rules")]:
        if block.is_false("visibilityConfig.cloudwatchMetricsEnabled"):
            name = holder.label if block is holder else block.text("name")
            yield holder.finding(f"{holder.label}: {name} emits no metrics")


def _is_public(zone: Resource, run: Run) -> bool:
    return zone.lacks("vpcs") and run.stack.lacks_side(zone, "route53/zoneAssociation", "zoneId")


@AREA.rule(
    "dns-queries-logged",
    title="Public zones log queries",
    cause="Queries show lookups of names that should not exist: a sign of malware and of forgotten records.",
    remedy="Add a route53.QueryLog for the zone (its log group lies in us-east-1).",
    types=["route53/zone"],
    severity="low",
    scope="stack",
    controls=["FSBP Route53.2"],
    good=[
        (sample("route53/zone", "public"), sample("route53/queryLog", "queries", zoneId=Ref("public"))),
        sample("route53/zone", vpcs=[{"vpcId": "vpc-1"}]),
        (
            sample("route53/zone", "inside"),
            sample("route53/zoneAssociation", "vpc", zoneId=Ref("inside"), vpcId="vpc-1"),
        ),
    ],
    bad=[(sample("route53/zone", "public", name="order.example.com"),)],
)
def dns_queries_logged(zone: Resource, run: Run) -> Findings:
    """Look at zones that are not private."""
    if _is_public(zone, run) and run.stack.lacks_side(zone, "route53/queryLog", "zoneId"):
        yield zone.finding(f"{zone.label} logs no queries")


@AREA.rule(
    "dns-signed",
    title="Public zones are signed",
    cause="Without DNSSEC a forged answer sends customers to somebody else's page.",
    remedy="Add a route53.HostedZoneDnsSec with a key-signing key.",
    types=["route53/zone"],
    severity="low",
    scope="stack",
    good=[
        (sample("route53/zone", "public"), sample("route53/hostedZoneDnsSec", "dnssec", hostedZoneId=Ref("public"))),
        sample("route53/zone", vpcs=[{"vpcId": "vpc-1"}]),
    ],
    bad=[(sample("route53/zone", "public", name="order.example.com"),)],
)
def dns_signed(zone: Resource, run: Run) -> Findings:
    """Look at zones that are not private."""
    if _is_public(zone, run) and run.stack.lacks_side(zone, "route53/hostedZoneDnsSec", "hostedZoneId"):
        yield zone.finding(f"{zone.label} is not signed")


@AREA.rule(
    "client-vpn-logs",
    title="The Client VPN logs connections",
    cause="Who was connected when is the first question after an incident.",
    remedy="Set connection_log_options with enabled=True and a log group.",
    types=["ec2clientvpn/endpoint"],
    controls=["FSBP EC2.51"],
    good=[sample("ec2clientvpn/endpoint", connectionLogOptions={"enabled": True, "cloudwatchLogGroup": _LOGS})],
    bad=[
        sample("ec2clientvpn/endpoint", connectionLogOptions={"enabled": False}),
        sample("ec2clientvpn/endpoint", splitTunnel=True),
    ],
)
def client_vpn_logs(endpoint: Resource) -> Findings:
    """Look at the switch."""
    if endpoint.not_true("connectionLogOptions.enabled"):
        yield endpoint.finding(f"{endpoint.label} logs no connections")
