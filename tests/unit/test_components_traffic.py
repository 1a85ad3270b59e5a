"""Load balancers and workloads: internal, bound to their cluster, in the order that loses no request."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pytest

from components.load_balancer import DEREGISTRATION_SECONDS
from components.workload import checksum
from tests.unit.testkit import ROOT, STACKS, Graph, plain_texts, whole

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
RELEASES: Final = {"web": "web-httpd", "was-user": "was-user", "was-item": "was-item", "was-pay": "was-pay"}


def test_both_load_balancers_are_internal_and_in_every_app_subnet(graph: Graph):
    app = {f"{one.name}-id" for one in graph.of("aws:ec2/subnet:Subnet") if one.inputs["tags"]["Role"] == "app"}
    for one in graph.of("aws:lb/loadBalancer:LoadBalancer"):
        assert one.inputs["internal"] is True
        assert set(one.inputs["subnets"]) == app
        assert len(one.inputs["securityGroups"]) == 1
        assert one.inputs["enableZonalShift"] is True


def test_the_alb_is_strict_and_logged(graph: Graph):
    alb = graph.one("aws:lb/loadBalancer:LoadBalancer", "web-alb-alb").inputs
    assert alb["loadBalancerType"] == "application"
    assert alb["dropInvalidHeaderFields"] is True
    assert alb["desyncMitigationMode"] == "strictest"
    assert alb["accessLogs"]["enabled"] is True
    bucket = graph.one("aws:s3/bucket:Bucket", "storage-access-logs-bucket").inputs["bucket"]
    assert alb["accessLogs"]["bucket"] == bucket
    listener = graph.one("aws:lb/listener:Listener", "web-alb-web-listener").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    assert listener["certificateArn"]


def test_the_nlb_crosses_zones_and_outlasts_idle_ajp_connections(graph: Graph):
    nlb = graph.one("aws:lb/loadBalancer:LoadBalancer", "was-nlb-nlb").inputs
    assert nlb["loadBalancerType"] == "network"
    assert nlb["enableCrossZoneLoadBalancing"] is True
    for service, port in {"user": 8009, "item": 8010, "pay": 8011}.items():
        listener = graph.one("aws:lb/listener:Listener", f"was-nlb-was{service}-listener").inputs
        assert (listener["port"], listener["protocol"]) == (port, "TCP")
        assert listener["tcpIdleTimeoutSeconds"] > 300
        assert "sslPolicy" not in listener
        group = graph.one(TARGET_GROUP, f"was-nlb-was{service}-tg").inputs
        assert (group["port"], group["protocol"], group["healthCheck"]["port"]) == (port, "TCP", "8081")
        assert group["connectionTermination"] is True


def test_target_groups_are_tagged_with_the_cluster_whose_pods_may_join(graph: Graph):
    for one in graph.of(TARGET_GROUP):
        environment, _, _, role, _ = one.inputs["tags"]["Name"].split("-")
        assert one.inputs["tags"]["eks:eks-cluster-name"] == f"{environment}-common-eks-{role[:3]}-01"
        assert one.inputs["targetType"] == "ip"
        assert one.inputs["deregistrationDelay"] == DEREGISTRATION_SECONDS
        # A listener holds the old one until it has the new, whose name differs where what forces it does.
        assert not one.delete_before_replace


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_waits_for_all_that_its_pods_need(graph: Graph, release: str):
    name = RELEASES[release]
    awaited = {(graph.at(urn).type.rpartition(":")[2], graph.at(urn).name) for urn in release_of(graph, release)}
    assert {
        ("Namespace", f"{name}-namespace"),
        ("Secret", f"{name}-ajp-secret"),
        ("TargetGroupBinding", f"{name}-binding"),
    } <= awaited
    cluster = "web" if release == "web" else "was"
    accounts = {"webpod"} if cluster == "web" else {"waspod", "wasmigrate"}
    assert {("PodIdentityAssociation", f"{name}-{account}-identity") for account in accounts} <= awaited
    assert ("NodePool", f"{cluster}-cluster-nodes-pool") in awaited
    assert ("Addon", f"{cluster}-cluster-addons-metrics-server") in awaited
    if cluster == "was":
        assert {("RolePolicy", f"{name}-{account}-policy") for account in accounts} <= awaited
        assert ("ClusterInstance", "database-instance-01") in awaited


def test_pay_is_installed_after_item_whose_schema_holds_the_prices(graph: Graph):
    assert graph.one(RELEASE, "was-item-release").urn in release_of(graph, "was-pay")
    assert graph.one(RELEASE, "was-item-release").urn not in release_of(graph, "was-user")


def release_of(graph: Graph, release: str) -> frozenset[str]:
    return graph.one(RELEASE, f"{RELEASES[release]}-release").dependencies


def test_a_release_is_atomic_forgets_old_values_and_sees_an_edited_chart(graph: Graph):
    for one in graph.of(RELEASE):
        assert one.inputs["resetValues"] is True
        assert one.inputs["atomic"] is True
        assert one.inputs["values"]["chartChecksum"] == checksum(ROOT / one.inputs["chart"])
        assert one.inputs["values"]["serviceAccountName"] == one.inputs["name"]


def test_a_release_is_rolled_by_a_new_ajp_secret_but_neither_plan_nor_state_shows_the_checksum(graph: Graph):
    (secret,) = {one.inputs["stringData"]["secret"] for one in graph.of("kubernetes:core/v1:Secret")}
    digest = hashlib.sha256(secret.encode()).hexdigest()
    for one in graph.of(RELEASE):
        found = one.inputs["values"]["ajp"]["secretChecksum"]
        assert digest.startswith(found)
        assert len(found) == 16
        assert not [text for text in plain_texts(one.raw) if found in text]


def test_a_binding_joins_the_service_to_its_group_after_the_listener_and_writes_no_rules(graph: Graph):
    for one in graph.of("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"):
        spec = one.inputs["spec"]
        assert set(spec) == {"targetType", "targetGroupARN", "serviceRef"}
        (listener,) = [graph.at(urn) for urn in one.dependencies if "listener" in graph.at(urn).type]
        assert listener.inputs["defaultActions"][0]["targetGroupArn"] == spec["targetGroupARN"]
        assert spec["serviceRef"]["name"] == one.inputs["metadata"]["name"]


def test_namespaces_are_restricted_and_gate_pods_on_the_load_balancer(graph: Graph):
    namespaces = graph.of("kubernetes:core/v1:Namespace")
    assert {one.inputs["metadata"]["name"] for one in namespaces} == {"web", "user", "item", "pay"}
    for one in namespaces:
        labels = one.inputs["metadata"]["labels"]
        assert labels["eks.amazonaws.com/pod-readiness-gate-inject"] == "enabled"
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_pod_identity_role_is_trusted_for_one_service_account_of_one_cluster(graph: Graph):
    for one in graph.of("aws:eks/podIdentityAssociation:PodIdentityAssociation"):
        role = graph.one("aws:iam/role:Role", f"{one.name.removesuffix('-identity')}-role")
        (statement,) = role.document("assumeRolePolicy")["Statement"]
        assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        condition = statement["Condition"]
        assert condition["StringEquals"]["aws:RequestTag/kubernetes-namespace"] == one.inputs["namespace"]
        assert condition["StringEquals"]["aws:RequestTag/kubernetes-service-account"] == one.inputs["serviceAccount"]
        assert condition["ArnEquals"]["aws:SourceArn"].endswith(f":cluster/{one.inputs['clusterName']}")


@pytest.mark.parametrize("stack", STACKS)
def test_mod_jk_gets_one_host_per_zone(stack: str):
    graph = whole(stack)
    zones = sorted({one.inputs["availabilityZone"] for one in graph.of("aws:ec2/subnet:Subnet")})
    workers = graph.one(RELEASE, "web-httpd-release").inputs["values"]["workers"]
    assert {service: one["port"] for service, one in workers.items()} == {"user": 8009, "item": 8010, "pay": 8011}
    for one in workers.values():
        assert one["hosts"] == [f"{zone}.was-nlb-nlb.elb.amazonaws.com" for zone in zones]


@pytest.mark.parametrize(("stack", "idle"), [("dev", 0), ("stg", 2), ("prod", 2)])
def test_services_log_in_as_themselves_and_let_dev_pause(stack: str, idle: int):
    graph = whole(stack)
    for service in ("user", "item", "pay"):
        database = graph.one(RELEASE, f"was-{service}-release").inputs["values"]["database"]
        assert (database["name"], database["username"], database["minimumIdle"]) == (service, service, idle)
        found = graph.one("aws:iam/rolePolicy:RolePolicy", f"was-{service}-waspod-policy").document("policy")
        (statement,) = [one for one in found["Statement"] if one["Action"] == "rds-db:connect"]
        assert statement["Resource"].endswith(f":dbuser:cluster-ABCDEF/{service}")


@pytest.mark.parametrize("stack", STACKS)
def test_a_migration_job_reads_the_master_secret_and_nothing_else(stack: str):
    graph = whole(stack)
    for service in ("user", "item", "pay"):
        secret = graph.one(RELEASE, f"was-{service}-release").inputs["values"]["database"]["adminSecretArn"]
        read, decrypt = graph.one("aws:iam/rolePolicy:RolePolicy", f"was-{service}-wasmigrate-policy").document(
            "policy"
        )["Statement"]
        assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", secret)
        assert decrypt["Action"] == "kms:Decrypt"
        assert decrypt["Condition"]["StringEquals"]["kms:ViaService"] == "secretsmanager.ap-northeast-2.amazonaws.com"


def test_the_checksum_follows_content_and_names_of_all_files(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.yaml").write_text("a: 1")
    first = checksum(tmp_path)
    assert checksum(tmp_path) == first
    (tmp_path / "templates" / "one.yaml").write_text("a: 2")
    second = checksum(tmp_path)
    (tmp_path / "templates" / "one.yaml").rename(tmp_path / "templates" / "two.yaml")
    third = checksum(tmp_path)
    (tmp_path / "templates" / "two.yaml").rename(tmp_path / "two.yaml")
    assert len({first, second, third, checksum(tmp_path)}) == 4


def test_a_folder_without_a_chart_is_refused(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="holds no chart: correct the path"):
        checksum(tmp_path)


@pytest.mark.parametrize("stack", STACKS)
def test_pods_of_other_namespaces_reach_no_address_of_the_data_tier(stack: str):
    graph = whole(stack)
    policy = graph.one("kubernetes:networking.k8s.aws/v1alpha1:ClusterNetworkPolicy").inputs["spec"]
    # A namespace's own policies come after this tier and cannot allow what it denies.
    assert policy["tier"] == "Admin"
    (excepted,) = policy["subject"]["namespaces"]["matchExpressions"]
    services = {one.inputs["namespace"] for one in graph.of(RELEASE)} - {"web"}
    assert (excepted["key"], excepted["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert set(excepted["values"]) == services
    (rule,) = policy["egress"]
    (peer,) = rule["to"]
    data = {
        one.inputs["cidrBlock"] for one in graph.of("aws:ec2/subnet:Subnet") if one.inputs["tags"]["Role"] == "data"
    }
    assert (rule["action"], set(peer["networks"]), "ports" in rule) == ("Deny", data, False)
