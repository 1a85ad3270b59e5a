"""What of a resource is billed, and how much of it a month: one function for each type that has a price.

Owns quantities only. A charge names its price by key; whether there is one, and what it comes to, is for
`estimate.py`. Where something scales, the low end is its minimum all month and the high end its maximum all month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from operations.cost.nodes import nodes
from operations.cost.resources import Resource, Resources


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Units of one price a month, from `low` to `high`."""

    item: str
    price: str
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a rule may ask beside its resource."""

    stack: Resources
    hours: float
    usage: dict[str, float]
    node_type: str


Rule: TypeAlias = Callable[[Resource, Context], Iterator[Charge]]
RULES: Final[dict[str, Rule]] = {}


def _rule(*types: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(types, rule))
        return rule

    return register


def _fixed(item: str, price: str, units: float) -> Charge:
    return Charge(item=item, price=price, low=units, high=units)


def _flat(type_: str, item: str, price: str) -> None:
    """Declare a type that costs the same every month."""
    RULES[type_] = lambda _one, _context: iter([_fixed(item, price, 1)])


_flat("aws:kms/key:Key", "KMS keys", "kms-key")
_flat("aws:secretsmanager/secret:Secret", "secrets", "secret")
_flat("aws:route53/zone:Zone", "DNS zones", "dns-zone")
_flat("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms", "alarm")
_flat("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarms", "composite-alarm")
_flat("aws:cloudwatch/dashboard:Dashboard", "dashboards", "dashboard")


def _hourly(type_: str, item: str, price: str) -> None:
    """Declare a type that costs the same every hour."""
    RULES[type_] = lambda _one, context: iter([_fixed(item, price, context.hours)])


_hourly("aws:eks/cluster:Cluster", "EKS control planes", "eks-cluster")
_hourly("aws:ec2/vpcEncryptionControl:VpcEncryptionControl", "VPC encryption control", "vpc-encryption-control")
_hourly("aws:ec2/eip:Eip", "public addresses", "public-ipv4")
_hourly("aws:ec2clientvpn/networkAssociation:NetworkAssociation", "Client VPN", "vpn-association")


@_rule("aws:ec2/natGateway:NatGateway")
def _nat_gateway(_one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("NAT gateways", "nat-gateway", context.hours)
    yield _fixed("NAT traffic", "nat-traffic", context.usage["nat_gb_per_gateway"])


@_rule("aws:ec2/vpcEndpoint:VpcEndpoint")
def _endpoint(one: Resource, context: Context) -> Iterator[Charge]:
    if one.text("vpcEndpointType") == "Interface":
        yield _fixed("interface endpoints", "interface-endpoint", context.hours * (one.count("subnetIds") or 1))
        yield _fixed("endpoint traffic", "endpoint-traffic", context.usage["endpoint_gb_each"])


@_rule("aws:lb/loadBalancer:LoadBalancer")
def _load_balancer(one: Resource, context: Context) -> Iterator[Charge]:
    kind = "nlb-lcu" if one.text("loadBalancerType") == "network" else "alb-lcu"
    yield _fixed("load balancers", "load-balancer", context.hours)
    yield _fixed("load balancer capacity", kind, context.hours * context.usage[kind.replace("-", "_")])


@_rule("kubernetes:karpenter.sh/v1:NodePool")
def _node_pool(one: Resource, context: Context) -> Iterator[Charge]:
    low, high, disk_gib = nodes(one, context.stack, context.usage["node_cpu"], context.usage["node_memory_gib"])
    hours = {"low": low * context.hours, "high": high * context.hours}
    yield Charge(item="nodes", price=f"ec2-{context.node_type}", **hours)
    yield Charge(item="nodes, Auto Mode fee", price=f"auto-mode-{context.node_type}", **hours)
    yield Charge(item="nodes, disks", price="ebs-gp3", low=low * disk_gib, high=high * disk_gib)


@_rule("aws:ec2/instance:Instance")
def _instance(one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("instances", f"ec2-{_key(one.text('instanceType'))}", context.hours)
    disk = one.number("rootBlockDevice", "volumeSize")
    if disk is not None:
        yield _fixed("instances, disks", "ebs-gp3", disk)


@_rule("aws:ebs/volume:Volume")
def _volume(one: Resource, _context: Context) -> Iterator[Charge]:
    yield _fixed("volumes", f"ebs-{one.text('type') or 'gp3'}", one.number("size") or 0)


@_rule("aws:rds/clusterInstance:ClusterInstance")
def _database_instance(one: Resource, context: Context) -> Iterator[Charge]:
    kind = one.text("instanceClass")
    if kind != "db.serverless":
        yield _fixed("Aurora instances", f"aurora-{_key(kind)}", context.hours)
        return
    name = one.text("clusterIdentifier")
    clusters = context.stack.of("aws:rds/cluster:Cluster")
    cluster = next((other for other in clusters if other.text("clusterIdentifier") == name), one)
    low, high = (cluster.number("serverlessv2ScalingConfiguration", end) for end in ("minCapacity", "maxCapacity"))
    item, hours = "Aurora instances", context.hours
    # Without limits the capacity is unknown; a price that no table has says so.
    known = low is not None and high is not None
    price = "aurora-acu" if known else "aurora-acu-without-limits"
    yield Charge(item=item, price=price, low=(low or 0) * hours, high=(high or 0) * hours)


@_rule("aws:rds/cluster:Cluster")
def _database(one: Resource, context: Context) -> Iterator[Charge]:
    optimized = one.text("storageType") == "aurora-iopt1"
    storage = "aurora-storage-io-optimized" if optimized else "aurora-storage"
    yield _fixed("Aurora storage", storage, context.usage["aurora_storage_gb"])
    if not optimized:
        yield _fixed("Aurora requests", "aurora-io", context.usage["aurora_io_millions"])


@_rule("aws:appautoscaling/target:Target")
def _readers(one: Resource, context: Context) -> Iterator[Charge]:
    if one.text("scalableDimension") != "rds:cluster:ReadReplicaCount":
        return
    name = (one.text("resourceId") or "").removeprefix("cluster:")
    instances = context.stack.of("aws:rds/clusterInstance:ClusterInstance")
    members = [other for other in instances if other.text("clusterIdentifier") == name]
    kind = members[0].text("instanceClass") if members else None
    # The writer is no replica; the others are there all month and priced by themselves.
    readers = max(len(members) - 1, 0)
    low, high = (max((one.number(end) or 0) - readers, 0) for end in ("minCapacity", "maxCapacity"))
    hours = context.hours
    yield Charge(item="Aurora readers by load", price=f"aurora-{_key(kind)}", low=low * hours, high=high * hours)


@_rule("aws:elasticache/replicationGroup:ReplicationGroup")
def _cache(one: Resource, context: Context) -> Iterator[Charge]:
    price = _key(one.text("nodeType")) if one.text("engine") == "valkey" else f"redis-{_key(one.text('nodeType'))}"
    yield _fixed("cache nodes", price, context.hours * (one.number("numCacheClusters") or 1))


@_rule("aws:cloudwatch/logGroup:LogGroup")
def _log_group(_one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("log ingestion", "log-ingestion", context.usage["log_gb_per_group"])


@_rule("aws:s3/bucket:Bucket")
def _bucket(_one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("S3 storage", "s3-standard", context.usage["s3_gb_per_bucket"])


@_rule("aws:ecr/repository:Repository")
def _repository(_one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("image storage", "ecr-storage", context.usage["ecr_gb_per_repository"])


@_rule("aws:cloudfront/distribution:Distribution")
def _distribution(_one: Resource, context: Context) -> Iterator[Charge]:
    yield _fixed("CDN traffic", "cdn-traffic", context.usage["cdn_gb"])
    yield _fixed("CDN requests", "cdn-requests", context.usage["cdn_million_requests"])


@_rule("aws:wafv2/webAcl:WebAcl")
def _web_acl(one: Resource, context: Context) -> Iterator[Charge]:
    rules = one.blocks("rules")
    yield _fixed("firewall", "waf-acl", 1)
    yield _fixed("firewall", "waf-rule", len(rules))
    yield _fixed("firewall requests", "waf-requests", context.usage["waf_million_requests"])
    groups = [rule.text("statement", "managedRuleGroupStatement", "name") for rule in rules]
    if "AWSManagedRulesAntiDDoSRuleSet" in groups:
        yield _fixed("firewall, DDoS group", "waf-antiddos", 1)


def _key(kind: str | None) -> str:
    """Return the part of a price's key that names an instance type."""
    return (kind or "of-a-type-not-yet-known").replace(".", "-")
