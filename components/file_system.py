"""EFS for the receipts: one folder that every pod of the pay service shares, whatever its zone.

Owns the file system, its mount targets, access point, policy and security group. Does not own the driver that mounts
it nor the role that the driver mounts with (the cluster's add-ons), nor backups (AWS Backup takes them by tag).

The policy allows one role, over TLS, through the one access point. It denies the rest too, because an
administrator's own rights would otherwise do for a mount of everything; and it must allow, since a policy that only
denies takes away what EFS grants by default.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.cluster import Cluster
from components.keys import Keys
from components.network import Network
from components.readiness import once_made
from components.security_group import SecurityGroup, SecurityGroupArgs
from components.stateful import stateful
from model import iam
from model.conventions import Conventions
from model.naming import System
from model.subnets import Tier
from model.tags import BackupTier, DataClass

PORT: Final = 2049
USER_SYSTEM: Final[System] = "pay"
"""The one service that writes and reads receipts."""
_USER: Final = 10001
"""User and group of the service's pods, as its chart sets them."""
_CLIENT_ACTIONS: Final = (
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "elasticfilesystem:ClientRootAccess",
)


@dataclass(frozen=True, kw_only=True)
class FileSystemArgs:
    """What the file system needs.

    Attributes:
        conventions: Names, tags, protection.
        network: VPC; a mount target stands in each data subnet.
        keys: The data key encrypts it.
        cluster: Cluster whose driver mounts it.

    Raises:
        ValueError: The cluster has no driver.
    """

    conventions: Conventions
    network: Network
    keys: Keys
    cluster: Cluster

    def __post_init__(self) -> None:
        """Refuse a cluster that could never mount it."""
        if self.cluster.addons.mount_role_arn is None:
            raise ValueError(f"{self.cluster.cluster_name} has no driver for EFS: set shares_files in its arguments")


class FileSystem(pulumi.ComponentResource):
    """One regional file system with one folder in it."""

    file_system_id: pulumi.Output[str]
    """Id, available once it can be mounted in every zone."""
    access_point_id: pulumi.Output[str]
    """The one way in."""
    security_group_id: pulumi.Output[str]
    """Group of the mount targets; who may connect is up to the tiers."""

    def __init__(self, name: str, args: FileSystemArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:file_system:FileSystem", name, None, opts)
        conventions, child = args.conventions, pulumi.ResourceOptions(parent=self)
        self.security_group_id = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                conventions=conventions,
                role="receipts",
                system=USER_SYSTEM,
                description="EFS, mounted by nodes of the was cluster and nobody else",
                vpc_id=args.network.vpc_id,
                data_class=DataClass.CONFIDENTIAL,
            ),
            opts=child,
        ).group_id
        files = aws.efs.FileSystem(
            f"{name}-files",
            creation_token=conventions.naming.name("efs", "receipts", system=USER_SYSTEM),
            encrypted=True,
            kms_key_id=args.keys.arns["data"],
            throughput_mode="elastic",
            # Customers read a receipt soon or not at all; one who comes back late pays the slow read once.
            lifecycle_policies=[
                {"transition_to_ia": "AFTER_30_DAYS"},
                {"transition_to_archive": "AFTER_90_DAYS"},
                {"transition_to_primary_storage_class": "AFTER_1_ACCESS"},
            ],
            tags=_tags(conventions, "efs"),
            opts=stateful(conventions, self),
        )
        targets = [
            aws.efs.MountTarget(
                f"{name}-target-{sequence:02d}",
                file_system_id=files.id,
                subnet_id=subnet_id,
                security_groups=[self.security_group_id],
                opts=child,
            )
            for sequence, subnet_id in enumerate(args.network.subnet_ids[Tier.DATA], start=1)
        ]
        point = aws.efs.AccessPoint(
            f"{name}-access-point",
            file_system_id=files.id,
            posix_user={"uid": _USER, "gid": _USER},
            root_directory={
                "path": "/receipts",
                "creation_info": {"owner_uid": _USER, "owner_gid": _USER, "permissions": "0750"},
            },
            tags=_tags(conventions, "efsap"),
            opts=child,
        )
        policy = aws.efs.FileSystemPolicy(
            f"{name}-policy",
            file_system_id=files.id,
            policy=pulumi.Output.all(files.arn, point.arn, args.cluster.addons.mount_role_arn).apply(_policy),
            opts=child,
        )
        self.file_system_id = once_made(files.id, policy, *targets)
        self.access_point_id = point.id
        self.register_outputs({"fileSystemId": self.file_system_id, "accessPointId": self.access_point_id})


def _tags(conventions: Conventions, resource: str) -> dict[str, str]:
    return conventions.tags(
        resource,
        "receipts",
        system=USER_SYSTEM,
        data_class=DataClass.CONFIDENTIAL,
        backup_tier=BackupTier.CRITICAL,
    )


def _policy(arns: list[str]) -> str:
    """Return the file system's policy, from the ARNs of file system, access point and mounting role."""
    files, point, role = arns
    through_point = {"elasticfilesystem:AccessPointArn": point}
    return json.dumps(
        iam.document(
            iam.Statement(
                sid="DriverMounts",
                principal=iam.Principal.aws(role),
                actions=("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
                resources=(files,),
                condition={
                    "StringEquals": through_point,
                    "Bool": {"aws:SecureTransport": "true", "elasticfilesystem:AccessedViaMountTarget": "true"},
                },
            ),
            iam.Statement(
                sid="DenyOtherWaysIn",
                effect="Deny",
                principal=iam.Principal.aws("*"),
                actions=_CLIENT_ACTIONS,
                resources=(files,),
                condition={"StringNotEquals": through_point},
            ),
            iam.deny_plain_transport(files, actions=("elasticfilesystem:*",)),
        )
    )
