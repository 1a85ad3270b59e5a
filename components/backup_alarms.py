"""Who hears of backups that are missing: of jobs that failed, and of a day without any that succeeded.

Owns the thresholds and their reasons. Does not own who hears of them. Backups fail silently, and a plan whose tags
select nothing fails without any failed job: hence the second kind.

Backup jobs are counted by vault: AWS Backup's guide names vault and type of resource as examples of dimensions, and
failures of one vault as an example of an alarm. It spells neither, so that `BackupVaultName`, which others use alone,
is unverified. Copies and restores are told as events: a copy counts for its destination's vault, in another region,
and a restore's vault is not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.told_event import ToldEvent, ToldEventArgs
from model.conventions import Conventions

_FAILED: Final = {
    "backupfailed": ("NumberOfBackupJobsFailed", "A backup failed: look at its message in the vault's jobs"),
    "backupexpired": (
        "NumberOfBackupJobsExpired",
        "A backup did not start in its window: too many jobs, or no right to",
    ),
}
_TOLD: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    "copyfailed": (
        "A copy to the other region failed, whose loss would lose this day",
        {"detail-type": ["Copy Job State Change"], "detail": {"state": ["FAILED"]}},
    ),
    # The only one of the job events that calls its state a status.
    "restorefailed": (
        "A restore failed, so that the backup may be worthless",
        {"detail-type": ["Restore Job State Change"], "detail": {"status": ["FAILED", "ABORTED"]}},
    ),
}
_HOUR: Final = 3600
_DAY: Final = 86400


@dataclass(frozen=True, kw_only=True)
class BackupAlarmsArgs:
    """What the alarms watch.

    Attributes:
        conventions: Names and tags.
        vault_name: Vault whose jobs count.
        topic_arn: Topic that is told.
    """

    conventions: Conventions
    vault_name: pulumi.Input[str]
    topic_arn: pulumi.Input[str]


class BackupAlarms(pulumi.ComponentResource):
    """One alarm, or one kind of event, for each way in which a backup is missing."""

    def __init__(self, name: str, args: BackupAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:backup_alarms:BackupAlarms", name, None, opts)
        self._name, self._args = name, args
        for role, (metric, description) in _FAILED.items():
            self._alarm(role, metric, description, "GreaterThanOrEqualToThreshold", _HOUR, missing="notBreaching")
        self._alarm(
            "backupmissing",
            "NumberOfBackupJobsCompleted",
            "No backup succeeded for a day: do the tags still select what matters?",
            "LessThanThreshold",
            _DAY,
            missing="breaching",
        )
        for role, (description, pattern) in _TOLD.items():
            ToldEvent(
                f"{name}-{role}",
                ToldEventArgs(
                    conventions=args.conventions,
                    role=role,
                    description=description,
                    pattern={"source": ["aws.backup"], **pattern},
                    topic_arn=args.topic_arn,
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

    def _alarm(self, role: str, metric: str, description: str, comparison: str, seconds: int, *, missing: str) -> None:
        conventions = self._args.conventions
        physical = conventions.naming.name("alarm", role)
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{role}",
            name=physical,
            alarm_description=description,
            namespace="AWS/Backup",
            metric_name=metric,
            dimensions={"BackupVaultName": self._args.vault_name},
            statistic="Sum",
            comparison_operator=comparison,
            threshold=1,
            period=seconds,
            evaluation_periods=1,
            treat_missing_data=missing,
            alarm_actions=[self._args.topic_arn],
            tags=conventions.tagging.tags(physical, role),
            opts=pulumi.ResourceOptions(parent=self),
        )
