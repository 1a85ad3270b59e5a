"""The monthly cost of made-up stacks, against sums made by hand from the price table."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import cost
from operations.cost import __main__ as command
from operations.cost.charges import RULES
from operations.cost.difference import difference
from operations.cost.estimate import Amount, Estimate
from operations.cost.prices import PriceError, load
from tests.operations.engine_events import create, lines, preview, replace, step

PRICES = load()
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
CLUSTER = "aws:rds/cluster:Cluster"
DETECTOR = "aws:guardduty/detector:Detector"
RELEASE = "kubernetes:helm.sh/v3:Release"


def estimated(*made: dict[str, object], stack: str = "prod") -> Estimate:
    return difference(preview(*made).steps, PRICES, stack).after


def ends(found: Estimate, item: str) -> tuple[float, float]:
    return found.items[item].low, found.items[item].high


def release(name: str, low: int, high: int, cpu: str, memory: str, provider: str = "was") -> dict[str, object]:
    values = {"replicas": {"min": low, "max": high}, "resources": {"cpu": cpu, "memory": memory}}
    return create(RELEASE, name, provider, values=values)


def pool(cpu_limit: str, provider: str = "was") -> dict[str, object]:
    return create("kubernetes:karpenter.sh/v1:NodePool", "pool", provider, spec={"limits": {"cpu": cpu_limit}})


def zones(*names: str) -> list[dict[str, object]]:
    return [create("aws:ec2/subnet:Subnet", name, availabilityZone=name) for name in names]


def test_what_runs_all_month_costs_its_hours():
    found = estimated(
        *(create("aws:eks/cluster:Cluster", name) for name in ("web", "was")),
        *(create("aws:ec2/natGateway:NatGateway", name) for name in "abc"),
        create("aws:ec2/vpcEndpoint:VpcEndpoint", "logs", vpcEndpointType="Interface", subnetIds=["a", "b", "c"]),
        create("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", vpcEndpointType="Gateway"),
        create("aws:ec2/vpcEncryptionControl:VpcEncryptionControl", "control", mode="monitor"),
    )
    assert {name: (round(one.low, 2), round(one.high, 2)) for name, one in found.items.items()} == {
        "EKS control planes": (146.00, 146.00),  # 2 x 730 h x 0.10
        "NAT gateways": (129.21, 129.21),  # 3 x 730 h x 0.059
        "NAT traffic": (8.85, 8.85),  # 3 x 50 GB x 0.059
        "interface endpoints": (28.47, 28.47),  # 3 zones x 730 h x 0.013
        "endpoint traffic": (0.05, 0.05),  # 5 GB x 0.01
        "VPC encryption control": (153.30, 153.30),  # 730 h x 0.21
    }
    assert found.total.low == pytest.approx(465.88)
    assert found.unpriced == {}


def test_serverless_aurora_is_a_range_of_its_capacity():
    found = estimated(
        create(
            CLUSTER, "db", clusterIdentifier="db", serverlessv2ScalingConfiguration={"minCapacity": 0, "maxCapacity": 4}
        ),
        create(INSTANCE, "one", clusterIdentifier="db", instanceClass="db.serverless"),
        stack="dev",
    )
    assert found.items["Aurora instances"] == Amount(low=0, high=584)  # 4 ACU x 730 h x 0.20
    assert found.items["Aurora storage"].high == pytest.approx(1.20)  # 10 GB x 0.12
    assert found.items["Aurora requests"].high == pytest.approx(0.24)  # 1 million x 0.24


def test_readers_that_scaling_may_add_are_the_upper_end():
    found = estimated(
        *(create(INSTANCE, name, clusterIdentifier="db", instanceClass="db.r7g.large") for name in "abc"),
        create("aws:appautoscaling/target:Target", "readers", resourceId="cluster:db",
               scalableDimension="rds:cluster:ReadReplicaCount", minCapacity=2, maxCapacity=6),
    )  # fmt: skip
    assert found.items["Aurora instances"].low == pytest.approx(729.27)  # 3 x 730 h x 0.333
    # 6 readers at most, 2 of the 3 instances are readers already: 4 x 730 h x 0.333
    assert ends(found, "Aurora readers by load") == pytest.approx((0, 972.36))


def test_nodes_follow_the_requests_of_their_own_clusters_pods():
    found = estimated(
        *zones("a", "b"),
        pool("200"),
        release("item", 2, 20, "500m", "1Gi"),
        release("pay", 1, 4, "1", "512Mi"),
        release("httpd", 90, 90, "8", "8Gi", "web"),
    )
    # least: 2 vCPU over 1.7 a node = 2 nodes; most: 14 vCPU over 1.7 = 9 nodes; 730 h x 0.1003
    assert ends(found, "nodes") == pytest.approx((146.438, 658.971))
    assert found.items["nodes, Auto Mode fee"].high == pytest.approx(78.84)  # 9 x 730 h x 0.0120


def test_pods_that_must_spread_need_a_node_in_each_zone():
    found = estimated(*zones("a", "b", "c"), pool("200"), release("httpd", 3, 3, "100m", "128Mi"))
    assert found.items["nodes"].low == pytest.approx(3 * 730 * 0.1003)


def test_a_pool_never_grows_over_its_own_limit():
    found = estimated(*zones("a"), pool("16"), release("item", 1, 1000, "1", "1Gi"))
    assert found.items["nodes"].high == pytest.approx(8 * 730 * 0.1003)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (create(DETECTOR, "a"), "billed by use, or not known"),
        (create(INSTANCE, "a", instanceClass="db.x9z.huge"), "no price for aurora-db-x9z-huge"),
        (create(INSTANCE, "a", instanceClass="db.serverless"), "no price for aurora-acu-without-limits"),
        (create(INSTANCE, "a"), "no price for aurora-of-a-type-not-yet-known"),
        (create("aws:eks/cluster:Cluster", "a", region="ap-northeast-1"), "eks-cluster in ap-northeast-1"),
    ],
)
def test_what_has_no_price_is_named_and_not_zero(made: dict[str, object], reason: str):
    found = estimated(made)
    assert found.items == {}
    (what,) = found.unpriced
    assert reason in what


def test_a_firewall_costs_its_rules_and_the_group_against_floods():
    groups = ("AWSManagedRulesSQLiRuleSet", "AWSManagedRulesAntiDDoSRuleSet")
    rules = [{"statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}}} for name in groups]
    found = estimated(create("aws:wafv2/webAcl:WebAcl", "acl", region="us-east-1", rules=rules))
    assert ends(found, "firewall") == (7, 7)  # the ACL 5, two rules 1 each
    assert ends(found, "firewall, DDoS group") == (20, 20)


def test_prices_that_hold_everywhere_hold_in_other_regions():
    assert estimated(create("aws:kms/key:Key", "a", region="us-east-1")).total == Amount(low=1, high=1)


def test_a_replacement_counts_once_and_a_deletion_not_at_all():
    key = "aws:kms/key:Key"
    found = difference(
        preview(
            *replace(key, "replaced", "a", "x", "y"),
            step("delete", key, "gone", before={}),
            step("same", key, "same", before={}, after={}),
            create(key, "new"),
        ).steps,
        PRICES,
        "prod",
    )
    assert found.before.total == Amount(low=3, high=3)
    assert found.after.total == Amount(low=3, high=3)
    assert not found.changed


def test_the_difference_is_told_by_item_with_what_is_missing_from_it():
    steps = preview(create("aws:kms/key:Key", "a"), create(DETECTOR, "b")).steps
    found = difference(steps, PRICES, "prod")
    assert found.summary == "+$1.00, now $1.00; incomplete, see what is not priced"
    assert found.lines() == [
        f"- not priced, so missing from the sum: `{DETECTOR}: billed by use, or not known to the estimate` (1)",
        "- KMS keys: +$1.00, now $1.00",
    ]


def test_a_change_between_a_priced_and_an_unpriced_type_is_no_saving_in_silence():
    cache = "aws:elasticache/replicationGroup:ReplicationGroup"
    known, unknown = ({"engine": "valkey", "nodeType": kind} for kind in ("cache.t4g.micro", "cache.x9z.huge"))
    found = difference(preview(step("update", cache, "cache", before=known, after=unknown)).steps, PRICES, "prod")
    assert found.summary == "-$14.02, now $0.00; incomplete, see what is not priced"


amounts = st.floats(-1e6, 1e6).map(lambda value: round(value, 2))


@given(amounts, amounts, amounts, amounts)
def test_adding_and_taking_away_an_amount_gives_the_amount_before(a: float, b: float, c: float, d: float):
    one, other = Amount(low=a, high=b), Amount(low=c, high=d)
    back = one + other - other
    assert back.low == pytest.approx(one.low, abs=1e-6)
    assert back.high == pytest.approx(one.high, abs=1e-6)


def test_every_price_has_a_dated_source_and_is_used_by_a_rule():
    assert all(price.usd > 0 and price.source.as_of <= date(2026, 11, 24) for price in PRICES.prices.values())
    sources = "".join(file.read_text() for file in Path(cost.__file__).parent.glob("*.py"))
    by_type = ("ec2-", "aurora-db-", "cache-", "auto-mode-", "ebs-", "alb-lcu", "nlb-lcu")
    assert [key for key in PRICES.prices if not key.startswith(by_type) and f'"{key}"' not in sources] == []


def test_no_type_is_both_free_and_priced():
    # A node pool is billed by its nodes; the other Kubernetes objects are what runs on them.
    assert [type_ for type_ in RULES if PRICES.is_free(type_)] == ["kubernetes:karpenter.sh/v1:NodePool"]


def test_a_usage_figure_without_a_default_is_refused(tmp_path: Path):
    usage = tmp_path / "usage.toml"
    usage.write_text("[default]\nnode_cpu = 1\n[dev]\nnode_cup = 2\n")
    with pytest.raises(PriceError, match="node_cup"):
        load(usage=usage)


def test_a_price_without_a_known_source_is_refused(tmp_path: Path):
    folder = Path(cost.__file__).parent
    table = tomllib.loads((folder / "prices.toml").read_text())
    assert "rumor" not in table["sources"]
    broken = tmp_path / "prices.toml"
    broken.write_text((folder / "prices.toml").read_text().replace('source = "tokyo"', 'source = "rumor"'))
    with pytest.raises(PriceError, match="rumor"):
        load(prices=broken)


def test_the_command_prints_items_total_and_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "events"
    file.write_text("\n".join(lines(create("aws:kms/key:Key", "a"), create("aws:x/y:Z", "b"))))
    assert command.main([str(file), "--stack", "prod"]) == 0
    printed = capsys.readouterr().out
    assert "KMS keys" in printed
    assert "not priced: aws:x/y:Z: billed by use, or not known to the estimate (1)" in printed
    assert "total: $1.00" in printed
