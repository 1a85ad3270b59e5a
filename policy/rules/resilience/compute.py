"""Load balancers, clusters, instances and the network that survive a zone or a bad deployment.

Owns the rules on spreading and protection of compute; functions are `functions.py`'s, queues `queues.py`'s.
"""

from __future__ import annotations

import re
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Run, sample
from policy.frame.values import Block

from . import AREA

_OLDEST_KUBERNETES: Final = 35
_VERSION: Final = re.compile(r"1\.(\d+)")


@AREA.rule(
    "lb-deletion-protected",
    title="Load balancers are protected from deletion",
    cause="A renamed resource is a deletion to Pulumi, and the load balancer's name and addresses are gone with it.",
    severity="low",
    remedy="Set enable_deletion_protection=True.",
    types=["lb/loadBalancer"],
    controls=["FSBP ELB.6", "cdk-nag ELBDeletionProtectionEnabled", "AWSGuard elb-deletion-protection-enabled"],
    good=[sample("lb/loadBalancer", enableDeletionProtection=True)],
    bad=[sample("lb/loadBalancer", internal=True), sample("lb/loadBalancer", enableDeletionProtection=False)],
)
def lb_deletion_protected(balancer: Resource) -> Findings:
    """Look at the switch."""
    if balancer.not_true("enableDeletionProtection"):
        yield balancer.finding(f"{balancer.label} can be deleted")


@AREA.rule(
    "lb-target-health",
    title="Target groups check health",
    cause="Without a check the load balancer sends customers to pods that cannot answer.",
    remedy="Leave health_check enabled, with the path of readiness.",
    types=["lb/targetGroup"],
    good=[sample("lb/targetGroup", healthCheck={"enabled": True, "path": "/healthz"})],
    bad=[
        sample("lb/targetGroup", healthCheck={"enabled": False}),
        sample("lb/targetGroup", protocol="HTTP"),
    ],
)
def lb_target_health(group: Resource) -> Findings:
    """Look for a check that is on; functions as targets need none."""
    if group.text("targetType") == "lambda":
        return
    if group.lacks("healthCheck") or group.is_false("healthCheck.enabled"):
        yield group.finding(f"{group.label} does not check its targets")


@AREA.rule(
    "eks-version-supported",
    title="Clusters run a supported version",
    cause="A version out of standard support costs six times as much and ends in a forced upgrade.",
    remedy=f"Set version to 1.{_OLDEST_KUBERNETES} or later.",
    types=["eks/cluster"],
    controls=["FSBP EKS.2"],
    settings={"oldestMinor": _OLDEST_KUBERNETES},
    good=[sample("eks/cluster", version="1.36")],
    bad=[sample("eks/cluster", version="1.29")],
)
def eks_version_supported(cluster: Resource, run: Run) -> Findings:
    """Compare the version with the setting; without one AWS takes a current version."""
    match = _VERSION.fullmatch(cluster.text("version") or "")
    if match and int(match[1]) < run.number("oldestMinor"):
        yield cluster.finding(f"{cluster.label} runs {cluster.text('version')}, which is out of standard support")


@AREA.rule(
    "eks-deletion-protected",
    title="Clusters are protected from deletion",
    cause="With the cluster go its workloads, volumes and endpoint, and a rebuild takes the better part of an hour.",
    remedy="Set deletion_protection=True.",
    types=["eks/cluster"],
    good=[sample("eks/cluster", deletionProtection=True)],
    bad=[sample("eks/cluster", version="1.36"), sample("eks/cluster", deletionProtection=False)],
)
def eks_deletion_protected(cluster: Resource) -> Findings:
    """Look at the switch."""
    if cluster.not_true("deletionProtection"):
        yield cluster.finding(f"{cluster.label} can be deleted")


@AREA.rule(
    "eks-nodes-spread",
    title="Node groups and clusters span zones",
    cause="Pods cannot be spread over zones that have no nodes.",
    remedy="Give subnets of three zones (two in dev).",
    types=["eks/nodeGroup", "eks/cluster"],
    settings={"minimumSubnets": 2},
    good=[
        sample("eks/nodeGroup", subnetIds=["subnet-1", "subnet-2", "subnet-3"]),
        sample("eks/cluster", vpcConfig={"subnetIds": ["subnet-1", "subnet-2"]}),
    ],
    bad=[
        sample("eks/nodeGroup", subnetIds=["subnet-1"]),
        sample("eks/cluster", vpcConfig={"subnetIds": ["subnet-1"]}),
    ],
)
def eks_nodes_spread(place: Resource, run: Run) -> Findings:
    """Count the subnets, known or not."""
    value = place.get("subnetIds" if place.type == "eks/nodeGroup" else "vpcConfig.subnetIds")
    if isinstance(value, list) and len(value) < run.number("minimumSubnets"):
        yield place.finding(
            f"{place.label} has {len(value)} subnet(s), the least is {run.number('minimumSubnets'):.0f}"
        )


@AREA.rule(
    "nat-per-zone",
    title="Each zone has its own NAT gateway",
    cause="With one gateway its zone's outage cuts every private subnet off.",
    remedy="Make a NAT gateway in each public subnet and route each zone to its own; dev may share one.",
    types=["ec2/natGateway"],
    scope="stack",
    severity="low",
    good=[
        (
            sample("ec2/natGateway", "a", subnetId="subnet-1"),
            sample("ec2/natGateway", "b", subnetId="subnet-2"),
        )
    ],
    bad=[
        (
            sample("ec2/natGateway", "a", subnetId="subnet-1"),
            sample("ec2/natGateway", "b", subnetId="subnet-1"),
        ),
        (sample("ec2/natGateway", "a", subnetId="subnet-1"),),
    ],
)
def nat_per_zone(gateway: Resource, run: Run) -> Findings:
    """Count public gateways and their subnets; regional gateways span zones by themselves."""
    if gateway.text("connectivityType") == "private" or gateway.text("availabilityMode") == "regional":
        return
    all_gateways = [item for item in run.stack.of("ec2/natGateway") if item.text("connectivityType") != "private"]
    subnets = [item.text("subnetId") for item in all_gateways]
    if len(all_gateways) == 1:
        yield gateway.finding(f"{gateway.label} is the only NAT gateway")
    elif gateway.text("subnetId") and subnets.count(gateway.text("subnetId")) > 1:
        yield gateway.finding(f"{gateway.label} shares its subnet with another NAT gateway")


@AREA.rule(
    "cloudfront-origin-failover",
    title="Distributions can fail over to another origin",
    cause="With one origin its outage is the site's outage.",
    remedy="Add an origin group with a second origin (a static page in S3 is enough) for reading behaviors.",
    types=["cloudfront/distribution"],
    severity="low",
    controls=["FSBP CloudFront.4"],
    good=[sample("cloudfront/distribution", originGroups=[{"originId": "group"}])],
    bad=[sample("cloudfront/distribution", origins=[{"originId": "alb", "domainName": "web.example.com"}])],
)
def cloudfront_origin_failover(distribution: Resource) -> Findings:
    """Look for an origin group."""
    origins: list[Block] = distribution.blocks("origins")
    if distribution.lacks("originGroups") and origins:
        yield distribution.finding(f"{distribution.label} has no origin to fail over to")
