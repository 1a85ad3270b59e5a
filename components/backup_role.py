"""The roles that AWS Backup takes and restores with.

Owns what they may do: AWS's managed policies for the two jobs, and our keys, which those policies leave out. Does not
own who uses them.
"""

from __future__ import annotations

import pulumi

from components.keys import Keys
from components.role import RoleArgs
from model import iam
from model.conventions import Conventions


def backup_role(conventions: Conventions, keys: Keys, *, restores: bool) -> RoleArgs:
    """Return the role for taking backups and copying them, or the one for restoring them."""
    held = [keys.arns["data"], keys.arns["backup"]]
    if keys.copies_arn is not None and not restores:
        held.append(keys.copies_arn)
    return RoleArgs(
        conventions=conventions,
        role="restore" if restores else "backup",
        description="AWS Backup restores with it, in restore tests" if restores else "AWS Backup takes backups with it",
        trust=iam.trust(
            "backup.amazonaws.com", condition={"StringEquals": {"aws:SourceAccount": conventions.account_id}}
        ),
        managed_policies=[
            f"service-role/AWSBackupServiceRolePolicyFor{'Restores' if restores else 'Backup'}",
            f"AWSBackupServiceRolePolicyForS3{'Restore' if restores else 'Backup'}",
        ],
        statements=_key_statements(tuple(held)),
    )


def _key_statements(arns: tuple[pulumi.Output[str], ...]) -> list[iam.Statement[pulumi.Output[str]]]:
    return [
        iam.Statement(
            sid="UseKeys",
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
            resources=arns,
        ),
        iam.Statement(
            sid="LetServicesUseKeys",
            actions=("kms:CreateGrant",),
            resources=arns,
            # Storage services make the grant for their own copy; the role cannot hand a key to anyone itself.
            condition={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
