"""AWS Backup: the types that the account has opted in to, and recovery points, which tests put there."""

from __future__ import annotations

from typing import Any, Final

from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.aws.endings import KEPT, RECOVERY_POINT

_VAULT: Final = "aws:backup/vault:Vault"
_SETTINGS: Final = "aws:backup/regionSettings:RegionSettings"
# Types that AWS Backup's region settings name (API reference, DescribeRegionSettings), as far as we use them.
_TYPES: Final = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")


def _settings(call: Call) -> dict[str, Any]:
    chosen = {name: name in call.past.backup_types for name in _TYPES}
    for one in call.cloud.list(_SETTINGS, location=call.region):
        given = one.properties.get("resourceTypeOptInPreference")
        chosen |= {name: value is True for name, value in given.items()} if isinstance(given, dict) else {}
    return {"ResourceTypeOptInPreference": chosen, "ResourceTypeManagementPreference": {}}


def _points(call: Call) -> dict[str, Any]:
    vault = call.text("BackupVaultName")
    if call.one(_VAULT, "name", vault) is None:
        raise ApiError("ResourceNotFoundException", f"Backup vault {vault} does not exist.")
    points = call.cloud.list(RECOVERY_POINT, location=call.region, provider=KEPT)
    return {
        "RecoveryPoints": [
            {"RecoveryPointArn": call.arn("backup", f"recovery-point:{one.id}"), "BackupVaultName": vault}
            for one in points
            if one.properties["backupVaultName"] == vault
        ]
    }


ANSWERS = {
    "backup:DescribeRegionSettings": Answer(action="backup:DescribeRegionSettings", reply=_settings),
    "backup:ListRecoveryPointsByBackupVault": Answer(
        action="backup:ListRecoveryPointsByBackupVault",
        reply=_points,
        resource=lambda call: call.arn("backup", f"backup-vault:{call.text('BackupVaultName')}"),
    ),
}
