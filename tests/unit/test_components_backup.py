"""Backups as they are registered: by tag, encrypted, locked and copied where the environment asks, and noticed."""

from __future__ import annotations

from typing import Final

import pytest

from tests.unit.testkit import STACKS, Graph, whole

VAULT: Final = "aws:backup/vault:Vault"
PLAN: Final = "aws:backup/plan:Plan"
LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
TESTS: Final = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
PRODUCTION: Final = ("stg", "prod")


def test_each_tier_of_the_tags_has_a_plan_that_selects_by_it(graph: Graph):
    for tier in ("daily", "critical"):
        selection = graph.one("aws:backup/selection:Selection", f"backup-{tier}-selection")
        assert selection.inputs["selectionTags"] == [{"type": "STRINGEQUALS", "key": "BackupTier", "value": tier}]
        assert selection.inputs["planId"] == f"backup-{tier}-plan-id"
        awaited = {graph.at(urn).type.rpartition(":")[2] for urn in selection.dependencies}
        assert {"RolePolicyAttachment", "RolePolicy", "RegionSettings"} <= awaited
    tiers = {one.inputs["tags"]["BackupTier"] for one in graph if one.inputs.get("tags", {}).get("BackupTier")}
    assert tiers == {"none", "critical"}


def test_what_must_survive_is_in_the_critical_plan(graph: Graph):
    critical = {one.type for one in graph if one.inputs.get("tags", {}).get("BackupTier") == "critical"}
    assert {"aws:rds/cluster:Cluster", "aws:efs/fileSystem:FileSystem"} <= critical


@pytest.mark.parametrize(("stack", "days"), [("dev", 7), ("stg", 35), ("prod", 35)])
def test_backups_are_snapshots_taken_nightly_and_kept_as_the_settings_say(stack: str, days: int):
    graph = whole(stack)
    for plan in graph.of(PLAN):
        (rule,) = plan.inputs["rules"]
        assert rule["targetVaultName"] == graph.one(VAULT, "backup-home-vault").inputs["name"]
        assert rule["lifecycle"] == {"deleteAfter": days}
        # Continuous backup would take Aurora's retention over.
        assert not rule.get("enableContinuousBackup")
        assert rule["completionWindow"] >= rule["startWindow"] + 60


@pytest.mark.parametrize("stack", PRODUCTION)
def test_critical_backups_are_copied_to_tokyo_under_a_key_there(stack: str):
    graph = whole(stack)
    copy = graph.one(VAULT, "backup-copy-vault")
    assert copy.inputs["region"] == "ap-northeast-1"
    assert copy.inputs["kmsKeyArn"] == "arn:aws:mock:::keys-copies"
    for suffix, type_ in (("", "key:Key"), ("-alias", "alias:Alias"), ("-policy", "keyPolicy:KeyPolicy")):
        assert graph.one(f"aws:kms/{type_}", f"keys-copies{suffix}").inputs["region"] == "ap-northeast-1"
    rules = {plan.name: plan.inputs["rules"][0].get("copyActions", []) for plan in graph.of(PLAN)}
    assert rules["backup-daily-plan"] == []
    assert rules["backup-critical-plan"] == [
        {"destinationVaultArn": "arn:aws:mock:::backup-copy-vault", "lifecycle": {"deleteAfter": 35}}
    ]


def test_dev_has_neither_copy_nor_lock_nor_restore_test():
    graph = whole("dev")
    assert [one.name for one in graph.of(VAULT)] == ["backup-home-vault"]
    assert graph.one(VAULT).inputs["forceDestroy"] is True
    assert not [one for one in graph if one.type in (LOCK, TESTS) or "copies" in one.name]


@pytest.mark.parametrize("stack", PRODUCTION)
def test_vaults_are_locked_so_that_people_may_lift_it_and_nobody_shortens_a_backup(stack: str):
    graph = whole(stack)
    locked = {one.inputs["backupVaultName"]: one.inputs for one in graph.of(LOCK)}
    assert set(locked) == {one.inputs["name"] for one in graph.of(VAULT)}
    for lock in locked.values():
        assert lock["minRetentionDays"] == 35
        # With it the lock could never be undone.
        assert "changeableForDays" not in lock
    assert not any(one.inputs["forceDestroy"] for one in graph.of(VAULT))


@pytest.mark.parametrize("stack", STACKS)
def test_the_home_vault_is_encrypted_by_the_backup_key(stack: str):
    assert whole(stack).one(VAULT, "backup-home-vault").inputs["kmsKeyArn"] == "arn:aws:mock:::keys-backup"


@pytest.mark.parametrize("stack", PRODUCTION)
def test_database_and_files_are_restored_every_month_by_a_role_that_takes_no_backups(stack: str):
    graph = whole(stack)
    selections = graph.of(TESTS)
    assert {one.inputs["protectedResourceType"] for one in selections} == {"Aurora", "EFS"}
    assert {one.inputs["iamRoleArn"] for one in selections} == {"arn:aws:mock:::backup-restore-tests-role-role"}
    plan = graph.one("aws:backup/restoreTestingPlan:RestoreTestingPlan").inputs
    assert plan["name"] == f"{stack}_common_rtp_monthly_01"
    assert plan["recoveryPointSelection"]["includeVaults"] == ["arn:aws:mock:::backup-home-vault"]
    attached = {
        one.name.rpartition("-")[2] for one in graph.under("backup") if one.type.endswith(":RolePolicyAttachment")
    }
    assert attached == {
        f"AWSBackupServiceRolePolicyFor{job}" for job in ("Backup", "S3Backup", "Restores", "S3Restore")
    }


@pytest.mark.parametrize("stack", PRODUCTION)
def test_what_is_restored_as_a_test_stands_in_our_subnets_closed_and_under_our_key(stack: str):
    graph = whole(stack)
    places = {one.inputs["protectedResourceType"]: one.inputs["restoreMetadataOverrides"] for one in graph.of(TESTS)}
    group = graph.one("aws:ec2/securityGroup:SecurityGroup", "backup-restore-tests-sg-group")
    assert places == {
        "Aurora": {
            "dbSubnetGroupName": graph.one("aws:rds/subnetGroup:SubnetGroup").inputs["name"],
            "vpcSecurityGroupIds": f'["{group.name}-id"]',
        },
        "EFS": {"kmsKeyId": "arn:aws:mock:::keys-data"},
    }
    rules = [one for one in graph if one.type.startswith("aws:vpc/securityGroup")]
    assert f"{group.name}-id" not in {rule.inputs["securityGroupId"] for rule in rules}
    assert f"{group.name}-id" not in {rule.inputs.get("referencedSecurityGroupId") for rule in rules}


def test_a_failed_job_and_a_day_without_backup_are_told(graph: Graph):
    alarms = {
        one.inputs["metricName"]: one.inputs
        for one in graph.under("backup")
        if one.type == "aws:cloudwatch/metricAlarm:MetricAlarm" and one.inputs["namespace"] == "AWS/Backup"
    }
    vault = graph.one(VAULT, "backup-home-vault").inputs["name"]
    for alarm in alarms.values():
        assert alarm["dimensions"] == {"BackupVaultName": vault}
        assert alarm["alarmActions"] == ["arn:aws:mock:::notifications-operations-topic"]
    missing = alarms.pop("NumberOfBackupJobsCompleted")
    assert (missing["comparisonOperator"], missing["treatMissingData"]) == ("LessThanThreshold", "breaching")
    assert missing["period"] == 86400
    assert {one["treatMissingData"] for one in alarms.values()} == {"notBreaching"}
    # By this vault, AWS counts backup jobs; copies by that of their destination, and of restores it names none.
    assert set(alarms) == {"NumberOfBackupJobsFailed", "NumberOfBackupJobsExpired"}


def test_a_failed_copy_and_a_failed_restore_are_told_as_events(graph: Graph):
    patterns = [one.document("eventPattern") for one in graph.under("backup") if one.type.endswith(":EventRule")]
    assert all(one["source"] == ["aws.backup"] for one in patterns)
    # AWS Backup calls it a state in one event and a status in the other; a wrong key would match nothing.
    assert {one["detail-type"][0]: one["detail"] for one in patterns} == {
        "Copy Job State Change": {"state": ["FAILED"]},
        "Restore Job State Change": {"status": ["FAILED", "ABORTED"]},
    }


def test_the_roles_use_the_keys_of_what_they_back_up_and_no_other(graph: Graph):
    held = {"arn:aws:mock:::keys-data", "arn:aws:mock:::keys-backup"}
    if any(one.name == "keys-copies" for one in graph):
        held.add("arn:aws:mock:::keys-copies")
    use, grant = graph.one("aws:iam/rolePolicy:RolePolicy", "backup-role-policy").document("policy")["Statement"]
    assert set(use["Resource"]) == set(grant["Resource"]) == held
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
