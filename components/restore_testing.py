"""Restore tests: once a month AWS Backup restores the newest backup of each kind and deletes what it made.

Owns the testing plan, what it restores and where, the role for it and the group around it. Does not own backups. A
backup that was never restored is a hope; how long a restore takes is the recovery time that the platform may promise.

AWS Backup would restore a database into the account's default VPC, which may be gone, and files under AWS's own key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.backup_role import backup_role
from components.keys import Keys
from components.role import Role
from components.security_group import SecurityGroup, SecurityGroupArgs
from model.conventions import Conventions
from model.tags import DataClass

_WINDOW_DAYS: Final = 7
_VALIDATION_HOURS: Final = 4
"""How long the restored copy stays for whoever wants to look at it, and is paid for."""


@dataclass(frozen=True, kw_only=True)
class RestoreTestingArgs:
    """What restore tests need.

    Attributes:
        conventions: Names and tags.
        keys: Keys of what is restored.
        vault_arn: Vault that is tested.
        vpc_id: Where a restored database lives.
        subnet_group_name: In which of its subnets.
    """

    conventions: Conventions
    keys: Keys
    vault_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_group_name: pulumi.Input[str]


class RestoreTesting(pulumi.ComponentResource):
    """One monthly test of the newest database and file-system backup."""

    def __init__(self, name: str, args: RestoreTestingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:restore_testing:RestoreTesting", name, None, opts)
        conventions = args.conventions
        role = Role(
            f"{name}-role",
            backup_role(conventions, args.keys, restores=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        plan = aws.backup.RestoreTestingPlan(
            f"{name}-plan",
            name=conventions.naming.underscored("rtp", "monthly"),
            # The first Sunday of the month at noon: nobody's peak, and someone is awake.
            schedule_expression="cron(0 12 ? * 1#1 *)",
            schedule_expression_timezone="Asia/Seoul",
            start_window_hours=4,
            recovery_point_selection={
                "algorithm": "LATEST_WITHIN_WINDOW",
                "include_vaults": [args.vault_arn],
                "recovery_point_types": ["SNAPSHOT"],
                "selection_window_days": _WINDOW_DAYS,
            },
            tags=conventions.tags("rtp", "monthly"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                conventions=conventions,
                role="restored",
                description="Restored databases, reached by nobody",
                vpc_id=args.vpc_id,
                data_class=DataClass.CONFIDENTIAL,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        places: Mapping[str, Mapping[str, pulumi.Input[str]]] = {
            # AWS Backup's name of the kind, and what it may not choose itself: keys that its guide lists as overridable
            # ("Restore testing inferred metadata"), and a list as a string of JSON, as it asks.
            "Aurora": {
                "dbSubnetGroupName": args.subnet_group_name,
                "vpcSecurityGroupIds": pulumi.Output.json_dumps([group.group_id]),
            },
            # Restored files get no mount target: nobody reaches them either.
            "EFS": {"kmsKeyId": args.keys.arns["data"]},
        }
        for kind, overrides in places.items():
            aws.backup.RestoreTestingSelection(
                f"{name}-{kind.lower()}",
                name=conventions.naming.underscored("rts", kind.lower()),
                restore_testing_plan_name=plan.name,
                protected_resource_type=kind,
                restore_metadata_overrides=overrides,
                protected_resource_arns=["*"],
                iam_role_arn=role.arn,
                validation_window_hours=_VALIDATION_HOURS,
                opts=pulumi.ResourceOptions(parent=self, depends_on=role.attachments),
            )
        self.register_outputs({})
