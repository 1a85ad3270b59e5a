"""Backups: what is in a plan, where copies go, and who may delete them.

Owns the rules on AWS Backup and on file systems, which know their own backup too.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block

from . import AREA

_COLD_DAYS: Final = 90
_VAULT: Final = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:dr"


@AREA.rule(
    "efs-spread",
    title="File systems span zones",
    cause="A One Zone file system is lost with its zone.",
    remedy="Leave availability_zone_name out.",
    types=["efs/fileSystem"],
    controls=["EFS.7", "Pulumi efs-filesystem-disallow-single-availability-zone"],
    good=[sample("efs/fileSystem", encrypted=True)],
    bad=[sample("efs/fileSystem", availabilityZoneName="ap-northeast-2a")],
)
def efs_spread(files: Resource) -> Findings:
    """Look at the zone; one that is not known yet is a zone all the same."""
    if not files.lacks("availabilityZoneName") and files.is_known("availabilityZoneName"):
        yield files.finding(f"{files.label} lies in one zone")


@AREA.rule(
    "efs-backed-up",
    title="File systems are backed up",
    cause="What one process deletes is gone for all; replicas in other zones delete it too.",
    remedy="Add an efs.BackupPolicy that is ENABLED, or a backup selection.",
    types=["efs/fileSystem"],
    scope="stack",
    controls=["FSBP EFS.2", "cdk-nag EFSInBackupPlan"],
    good=[
        (
            sample("efs/fileSystem", "receipts"),
            sample("efs/backupPolicy", "on", fileSystemId=Ref("receipts"), backupPolicy={"status": "ENABLED"}),
        ),
        (
            sample("efs/fileSystem", "receipts", tags={"BackupTier": "daily"}),
            sample(
                "backup/selection",
                "daily",
                selectionTags=[{"type": "STRINGEQUALS", "key": "BackupTier", "value": "daily"}],
            ),
        ),
    ],
    bad=[
        (sample("efs/fileSystem", "receipts"),),
        (
            sample("efs/fileSystem", "receipts"),
            sample("efs/backupPolicy", "on", fileSystemId=Ref("receipts"), backupPolicy={"status": "DISABLED"}),
        ),
    ],
)
def efs_backed_up(files: Resource, run: Run) -> Findings:
    """Look for either way of backup."""
    policies = run.stack.sides(files, "efs/backupPolicy", "fileSystemId")
    off = run.stack.lacks_side(files, "efs/backupPolicy", "fileSystemId") or any(
        item.is_known("backupPolicy.status") and item.text("backupPolicy.status") != "ENABLED" for item in policies
    )
    if off and not is_selected(files, run):
        yield files.finding(f"{files.label} is not backed up")


def is_selected(resource: Resource, run: Run) -> bool:
    """Tell whether a backup selection of the stack takes a resource in, or may do so."""
    tags = resource.get("tags")
    if not resource.is_known("tags"):
        return True
    known = tags if isinstance(tags, dict) else {}
    for selection in run.stack.of("backup/selection"):
        if not selection.is_known("resources") or not selection.is_known("selectionTags"):
            return True
        if resource in run.stack.targets(selection, "resources", resource.type) or "*" in selection.texts("resources"):
            return True
        conditions: list[Block] = [*selection.blocks("selectionTags"), *selection.blocks("conditions")]
        for item in conditions:
            if item.text("key") and known.get(item.text("key") or "") == item.get("value"):
                return True
    return False


@AREA.rule(
    "in-backup-plan",
    title="Databases and volumes are in a backup plan",
    cause="Automatic backups die with the account's database service; the vault's copies do not.",
    remedy="Tag the resource with the BackupTier of a plan, or list its ARN in a backup.Selection.",
    types=["rds/cluster", "rds/instance", "ebs/volume"],
    severity="low",
    scope="stack",
    controls=["RDS.26", "EC2.28", "cdk-nag RDSInBackupPlan", "cdk-nag EC2EBSInBackupPlan"],
    good=[
        (
            sample("rds/cluster", "data", tags={"BackupTier": "critical"}),
            sample(
                "backup/selection",
                "critical",
                selectionTags=[{"type": "STRINGEQUALS", "key": "BackupTier", "value": "critical"}],
            ),
        ),
        (sample("ebs/volume", "disk"), sample("backup/selection", "all", resources=[Ref("disk", "arn")])),
    ],
    bad=[
        (sample("rds/cluster", "data"),),
        (
            sample("rds/cluster", "data", tags={"BackupTier": "none"}),
            sample(
                "backup/selection",
                "critical",
                selectionTags=[{"type": "STRINGEQUALS", "key": "BackupTier", "value": "critical"}],
            ),
        ),
    ],
)
def in_backup_plan(store: Resource, run: Run) -> Findings:
    """Look for a selection that takes the store in."""
    if not is_selected(store, run):
        yield store.finding(f"{store.label} is in no backup plan")


@AREA.rule(
    "backup-vault-locked",
    title="Backup vaults are locked",
    cause="Ransomware deletes the backups first; a locked vault refuses until the retention is over.",
    remedy="Add a backup.VaultLockConfiguration (governance mode: without changeable_for_days).",
    types=["backup/vault"],
    scope="stack",
    good=[
        (
            sample("backup/vault", "home"),
            sample("backup/vaultLockConfiguration", "lock", backupVaultName=Ref("home", "name"), minRetentionDays=7),
        )
    ],
    bad=[(sample("backup/vault", "home"),)],
)
def backup_vault_locked(vault: Resource, run: Run) -> Findings:
    """Look for the lock."""
    if run.stack.lacks_side(vault, "backup/vaultLockConfiguration", "backupVaultName"):
        yield vault.finding(f"{vault.label} is not locked: its backups can be deleted")


@AREA.rule(
    "backup-plan-copies",
    title="Backup plans copy to another region or account",
    cause="A backup in the region that failed helps nobody.",
    remedy="Add copy_actions to a vault in another region or account.",
    types=["backup/plan"],
    good=[sample("backup/plan", rules=[{"ruleName": "daily", "copyActions": [{"destinationVaultArn": _VAULT}]}])],
    bad=[sample("backup/plan", rules=[{"ruleName": "daily", "lifecycle": {"deleteAfter": 35}}])],
)
def backup_plan_copies(plan: Resource) -> Findings:
    """Look at every rule's copies."""
    if plan.is_known("rules") and all(rule.lacks("copyActions") for rule in plan.blocks("rules")):
        yield plan.finding(f"{plan.label} makes no copy in another region")


@AREA.rule(
    "backup-cold-storage-lasts",
    title="Backups stay in cold storage as long as they are paid for",
    cause="AWS refuses, or charges for, less than 90 days of cold storage.",
    remedy="Keep delete_after at least 90 days after cold_storage_after.",
    types=["backup/plan"],
    severity="low",
    good=[
        sample("backup/plan", rules=[{"ruleName": "daily", "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 365}}])
    ],
    bad=[
        sample("backup/plan", rules=[{"ruleName": "daily", "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 60}}])
    ],
)
def backup_cold_storage_lasts(plan: Resource) -> Findings:
    """Look at every rule's lifecycle."""
    for rule in plan.blocks("rules"):
        cold, end = rule.number("lifecycle.coldStorageAfter"), rule.number("lifecycle.deleteAfter")
        if cold is not None and end is not None and end < cold + _COLD_DAYS:
            yield plan.finding(
                f"{plan.label}: {rule.text('ruleName')} deletes {end - cold:.0f} days after cold storage"
            )
