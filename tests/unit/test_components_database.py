"""Aurora as it is registered: no password, TLS only, redundant and kept where the environment asks for it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rehearsal.aws.refusals import apply_types
from tests.unit.testkit import Graph, whole

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"


def test_nobody_holds_a_password_and_the_master_secret_is_under_our_key(graph: Graph):
    inputs = graph.one(CLUSTER).inputs
    assert inputs["manageMasterUserPassword"] is True
    assert inputs["masterUserSecretKmsKeyId"] == "arn:aws:mock:::keys-secrets"
    assert not [key for key in inputs if key.startswith("masterPassword")]
    assert inputs["iamDatabaseAuthenticationEnabled"] is True


def test_storage_and_insights_are_encrypted_with_the_data_key(graph: Graph):
    inputs = graph.one(CLUSTER).inputs
    assert inputs["storageEncrypted"] is True
    assert inputs["kmsKeyId"] == "arn:aws:mock:::keys-data"
    for one in graph.of(INSTANCE):
        assert one.inputs["performanceInsightsEnabled"] is True
        assert one.inputs["performanceInsightsKmsKeyId"] == "arn:aws:mock:::keys-data"


def test_connections_without_tls_are_refused_and_access_is_audited(graph: Graph):
    group = graph.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    parameters = {one["name"]: one["value"] for one in group.inputs["parameters"]}
    assert parameters["require_secure_transport"] == "ON"
    assert parameters["tls_version"] == "TLSv1.2,TLSv1.3"
    assert parameters["server_audit_logging"] == "1"
    assert {"CONNECT", "QUERY_DCL", "QUERY_DDL"} == set(parameters["server_audit_events"].split(","))
    assert graph.one(CLUSTER).inputs["dbClusterParameterGroupName"] == group.inputs["name"]


def test_every_parameter_is_applied_as_rds_applies_it(graph: Graph):
    group = graph.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs
    known = apply_types()[group["family"]]
    methods = {one["name"]: one["applyMethod"] for one in group["parameters"]}
    assert set(methods) <= set(known), "add what is missing to rehearsal/aws/parameters.toml, with its source"
    assert methods == {name: "pending-reboot" if known[name] == "static" else "immediate" for name in methods}


def test_the_version_does_not_move_by_itself(graph: Graph):
    cluster = graph.one(CLUSTER)
    for one in [cluster, *graph.of(INSTANCE)]:
        assert one.inputs["autoMinorVersionUpgrade"] is False
        assert one.inputs["engineVersion"] == "8.0.mysql_aurora.3.10.3"
    assert "availabilityZones" in cluster.ignore_changes
    assert "availabilityZones" not in cluster.inputs


def test_log_groups_exist_before_the_cluster_writes_to_them(graph: Graph):
    cluster = graph.one(CLUSTER)
    exported = {f"/aws/rds/cluster/{cluster.inputs['clusterIdentifier']}/{kind}"
                for kind in cluster.inputs["enabledCloudwatchLogsExports"]}  # fmt: skip
    awaited = {graph.at(urn).inputs.get("name") for urn in cluster.dependencies}
    assert len(exported) == 4
    assert exported <= awaited


def test_instances_are_private_monitored_and_in_the_data_subnets(graph: Graph):
    group = graph.one("aws:rds/subnetGroup:SubnetGroup")
    assert all(subnet.startswith("network-data-") for subnet in group.inputs["subnetIds"])
    attachment = "database-monitoring-AmazonRDSEnhancedMonitoringRole"
    for one in graph.of(INSTANCE):
        assert one.inputs["publiclyAccessible"] is False
        assert one.inputs["dbSubnetGroupName"] == group.inputs["name"]
        assert one.inputs["monitoringInterval"] == 60
        assert one.inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1"
        assert attachment in {graph.at(urn).name for urn in one.dependencies}


@pytest.mark.parametrize(("stack", "days", "instances"), [("dev", 7, 1), ("stg", 35, 3), ("prod", 35, 3)])
def test_backups_and_instances_follow_the_environment(stack: str, days: int, instances: int):
    graph = whole(stack)
    assert graph.one(CLUSTER).inputs["backupRetentionPeriod"] == days
    assert len(graph.of(INSTANCE)) == instances


def test_dev_is_serverless_and_pauses():
    graph = whole("dev")
    assert graph.one(CLUSTER).inputs["serverlessv2ScalingConfiguration"] == {
        "minCapacity": 0,
        "maxCapacity": 4,
        "secondsUntilAutoPause": 300,
    }
    assert graph.one(INSTANCE).inputs["instanceClass"] == "db.serverless"
    assert "finalSnapshotIdentifier" not in graph.one(CLUSTER).inputs
    assert not [one for one in graph if one.type.startswith("aws:appautoscaling")]


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_production_has_a_writer_and_readers_that_follow_it_and_scale(stack: str):
    graph = whole(stack)
    cluster = graph.one(CLUSTER)
    assert "serverlessv2ScalingConfiguration" not in cluster.inputs
    assert cluster.inputs["skipFinalSnapshot"] is False
    assert cluster.inputs["finalSnapshotIdentifier"] == f"{stack}-common-snap-datafinal-01"
    assert cluster.inputs["deleteAutomatedBackups"] is False
    assert {one.inputs["instanceClass"] for one in graph.of(INSTANCE)} == {"db.r7g.large"}
    writer = graph.one(INSTANCE, "database-instance-01")
    for name in ("database-instance-02", "database-instance-03"):
        assert writer.urn in graph.one(INSTANCE, name).dependencies
    scaled = graph.one("aws:appautoscaling/target:Target")
    # A target with too few readers makes some itself, which the ones still on their way then come on top of.
    assert {one.urn for one in graph.of(INSTANCE)} <= scaled.dependencies
    target = scaled.inputs
    assert target["resourceId"] == f"cluster:{cluster.inputs['clusterIdentifier']}"
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 6)
    policy = graph.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert policy["targetValue"] == 60


def test_snapshots_carry_the_tags_and_aws_backup_takes_the_cluster_not_its_instances(graph: Graph):
    for one in [graph.one(CLUSTER), *graph.of(INSTANCE)]:
        assert one.inputs["copyTagsToSnapshot"] is True
        assert one.inputs["tags"]["DataClass"] == "confidential"
        assert one.inputs["tags"]["BackupTier"] == ("critical" if one.type == CLUSTER else "none")


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_changes_of_the_scaling_target_come_one_after_the_other(stack: str):
    graph = whole(stack)
    changes = graph.of("aws:appautoscaling/policy:Policy", "aws:appautoscaling/scheduledAction:ScheduledAction")
    assert len(changes) > 2
    for earlier, later in pairwise(changes):
        # Two at a time are refused with ConcurrentUpdateException, which the provider does not try again.
        assert earlier.urn in later.dependencies


@pytest.mark.parametrize(("stack", "at_once"), [("dev", True), ("stg", False), ("prod", False)])
def test_what_restarts_a_store_waits_for_its_window_but_in_dev(stack: str, at_once: bool):
    graph = whole(stack)
    stores = graph.of(CLUSTER, INSTANCE, "aws:elasticache/replicationGroup:ReplicationGroup")
    assert {one.inputs["applyImmediately"] for one in stores} == {at_once}
