"""AWS Backup: every night what is tagged for it, in a vault that nobody empties early, and in another region.

Owns vaults, plans, the selections by tag, the roles for taking and restoring, restore tests and the alarms on failed
jobs. Does not own which resource is in which tier: each component tags its own.

Snapshots only: continuous backup of Aurora would take over the retention that the cluster sets itself. Locks are in
governance mode, which people with a right to may lift; compliance mode could never be undone, not even by AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.backup_alarms import BackupAlarms, BackupAlarmsArgs
from components.backup_role import backup_role
from components.database import Database
from components.keys import Keys
from components.network import Network
from components.notifications import Notifications
from components.restore_testing import RestoreTesting, RestoreTestingArgs
from components.role import Role
from components.stateful import beside_kept, keeping
from model import settings
from model.tags import BackupTier

_LONGEST_DAYS: Final = 365
"""A recovery point that a locked vault takes in cannot be shortened: nobody keeps one for ten years by a slip."""
_START_MINUTES: Final = 60
_COMPLETION_MINUTES: Final = 360
_OPTED_IN: Final = ("Aurora", "EBS", "EC2", "EFS", "S3")
_TIERS: Final = (BackupTier.DAILY, BackupTier.CRITICAL)


@dataclass(frozen=True, kw_only=True)
class BackupArgs:
    """What backups need.

    Attributes:
        settings: All settings of the stack.
        keys: The backup key encrypts the vault, its twin in the copies' region the other one.
        notifications: Told of failed jobs.
        network: Where restore tests restore to.
        database: In whose subnets.
    """

    settings: settings.Settings
    keys: Keys
    notifications: Notifications
    network: Network
    database: Database


class Backup(pulumi.ComponentResource):
    """One plan for each tier, with copies in another region for the critical one where the stack has them."""

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:backup:Backup", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        wanted = args.settings.backup
        vault = self._vault("home", args.keys.arns["backup"])
        copies = (
            self._vault("copy", args.keys.copies_arn, region=wanted.copy_region)
            if args.keys.copies_arn is not None
            else None
        )
        role = Role(f"{name}-role", backup_role(self._conventions, args.keys, restores=False), opts=self._child)
        opt_in = self._opt_in()
        for tier in _TIERS:
            plan = self._plan(tier, vault, copies if tier is BackupTier.CRITICAL else None)
            aws.backup.Selection(
                f"{name}-{tier}-selection",
                name=self._conventions.naming.name("bks", tier),
                plan_id=plan.id,
                iam_role_arn=role.arn,
                selection_tags=[{"type": "STRINGEQUALS", "key": "BackupTier", "value": tier.value}],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[*role.attachments, opt_in]),
            )
        if wanted.restore_tests:
            RestoreTesting(
                f"{name}-restore-tests",
                RestoreTestingArgs(
                    conventions=self._conventions,
                    keys=args.keys,
                    vault_arn=vault.arn,
                    vpc_id=args.network.vpc_id,
                    subnet_group_name=args.database.subnet_group_name,
                ),
                opts=self._child,
            )
        BackupAlarms(
            f"{name}-alarms",
            BackupAlarmsArgs(
                conventions=self._conventions, vault_name=vault.name, topic_arn=args.notifications.topic_arn
            ),
            opts=self._child,
        )
        self.register_outputs({"vaultArn": vault.arn})

    def _vault(self, role: str, key_arn: pulumi.Input[str], region: str | None = None) -> aws.backup.Vault:
        conventions = self._conventions
        physical = conventions.naming.name("bkv", role)
        vault = aws.backup.Vault(
            f"{self._name}-{role}-vault",
            name=physical,
            region=region,
            kms_key_arn=key_arn,
            # A disposable environment is torn down with its backups.
            force_destroy=conventions.disposable,
            tags=conventions.tagging.tags(physical, role),
            opts=keeping(conventions, self),
        )
        if not conventions.disposable:
            aws.backup.VaultLockConfiguration(
                f"{self._name}-{role}-lock",
                backup_vault_name=vault.name,
                region=region,
                min_retention_days=self._args.settings.backup.retention_days,
                max_retention_days=_LONGEST_DAYS,
                opts=beside_kept(conventions, self),
            )
        return vault

    def _opt_in(self) -> aws.backup.RegionSettings:
        return aws.backup.RegionSettings(
            f"{self._name}-opt-in",
            resource_type_opt_in_preference=dict.fromkeys(_OPTED_IN, True),
            # AWS adds types of its own accord, and a refresh would report each: a new one of ours takes a new name.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["resourceTypeOptInPreference"]),
        )

    def _plan(self, tier: BackupTier, vault: aws.backup.Vault, copies: aws.backup.Vault | None) -> aws.backup.Plan:
        conventions, days = self._conventions, self._args.settings.backup.retention_days
        physical = conventions.naming.name("bkp", tier)
        copy: aws.backup.PlanRuleCopyActionArgsDict | None = (
            {"destination_vault_arn": copies.arn, "lifecycle": {"delete_after": days}} if copies is not None else None
        )
        return aws.backup.Plan(
            f"{self._name}-{tier}-plan",
            name=physical,
            rules=[
                {
                    "rule_name": "nightly",
                    "target_vault_name": vault.name,
                    # After the databases' own backup and maintenance windows, which must not meet it.
                    "schedule": "cron(0 5 * * ? *)",
                    "schedule_expression_timezone": "Asia/Seoul",
                    "start_window": _START_MINUTES,
                    "completion_window": _COMPLETION_MINUTES,
                    "lifecycle": {"delete_after": days},
                    "copy_actions": [copy] if copy is not None else [],
                }
            ],
            tags=conventions.tagging.tags(physical, tier),
            opts=self._child,
        )
