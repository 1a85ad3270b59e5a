"""Hosts, groups of hosts and load balancers: protected from mistakes, spread over zones, current.

Owns the demands on single properties; what follows a reference is `compute.py`'s.
"""

from __future__ import annotations

from policy.frame.demands import Want, demand, not_off, on
from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block

from . import AREA


def _given(block: Block, rest: str) -> bool:
    return not block.lacks(rest)


def _alone(block: Block, rest: str) -> bool:
    value = block.get(rest)
    return isinstance(value, list) and len(value) == 1


demand(
    AREA,
    "ec2-termination-protected",
    "ec2/instance",
    "Instances cannot be terminated by mistake",
    wants=[on("disableApiTermination")],
    cause="One wrong selection in the console ends the bastion with its logs.",
    remedy="Set disable_api_termination=True.",
    severity="low",
    controls=["cdk-nag EC29"],
)
demand(
    AREA,
    "ec2-ebs-optimized",
    "ec2/instance",
    "Instances have bandwidth of their own to their disks",
    wants=[not_off("ebsOptimized")],
    cause="Disk traffic otherwise competes with the network.",
    remedy="Leave ebs_optimized on.",
    severity="low",
)
demand(
    AREA,
    "asg-launch-template",
    "autoscaling/group",
    "Auto Scaling groups use launch templates",
    wants=[Want("launchConfiguration", _given, good=None, bad=("old",), says="is set")],
    cause="Launch configurations are closed to new features, IMDSv2 defaults among them.",
    remedy="Use launch_template.",
    controls=["FSBP AutoScaling.9"],
)
demand(
    AREA,
    "asg-spread",
    "autoscaling/group",
    "Auto Scaling groups span zones",
    wants=[
        Want("vpcZoneIdentifiers", _alone, good=["subnet-1", "subnet-2"], bad=(["subnet-1"],), says="names one subnet"),
        Want("availabilityZones", _alone, good=None, bad=(["ap-northeast-2a"],), says="names one zone"),
    ],
    cause="A group in one zone ends with it.",
    remedy="Use subnets of two zones or more.",
    controls=["FSBP AutoScaling.2", "cdk-nag AS2"],
)
demand(
    AREA,
    "lb-spread",
    "lb/loadBalancer",
    "Load balancers stand in two zones or more",
    wants=[
        Want("subnets", _alone, good=["subnet-1", "subnet-2"], bad=(["subnet-1"],), says="names one subnet"),
        Want("subnetMappings", _alone, good=None, bad=([{"subnetId": "subnet-1"}],), says="names one subnet"),
    ],
    cause="A load balancer in one zone ends with it.",
    remedy="Give subnets of two zones or more.",
    controls=["FSBP ELB.13"],
)
demand(
    AREA,
    "lb-cross-zone",
    "lb/loadBalancer",
    "Network and gateway load balancers balance across zones",
    wants=[on("enableCrossZoneLoadBalancing")],
    cause="Without it a zone with few pods is overloaded while others idle.",
    remedy="Set enable_cross_zone_load_balancing=True; application load balancers always do.",
    base={"loadBalancerType": "network"},
    when=lambda balancer: balancer.text("loadBalancerType") in ("network", "gateway"),
)


@AREA.rule(
    "asg-health-by-lb",
    title="Auto Scaling groups behind a load balancer use its health check",
    cause="A group that looks at the instance only keeps broken applications.",
    remedy="Set health_check_type=ELB.",
    types=["autoscaling/group"],
    controls=["FSBP AutoScaling.1"],
    good=[
        sample("autoscaling/group", targetGroupArns=["arn:tg"], healthCheckType="ELB"),
        sample("autoscaling/group", launchTemplate={"id": "lt-1"}),
    ],
    bad=[
        sample("autoscaling/group", targetGroupArns=["arn:tg"]),
        sample("autoscaling/group", loadBalancers=["web"], healthCheckType="EC2"),
    ],
)
def asg_health_by_lb(group: Resource) -> Findings:
    """Look at the check of groups with targets."""
    balanced = not group.lacks("targetGroupArns") or not group.lacks("loadBalancers")
    known = group.is_known("healthCheckType") and group.is_known("targetGroupArns")
    if balanced and known and group.text("healthCheckType") != "ELB":
        yield group.finding(f"{group.label} ignores the load balancer's health check")
