"""Encryption switches: resources that AWS leaves unencrypted unless one property is true.

Aurora Serverless v1 is always encrypted.

Owns one rule per kind of storage, all of one shape, hence a table. Which key is used is `keys.py`'s question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from policy.frame.resources import Resource
from policy.frame.rule import ExampleValue, Findings, Sample, Severity

from . import AREA


@dataclass(frozen=True)
class _Switch:
    id: str
    type: str
    path: str
    what: str
    controls: tuple[str, ...]
    unless: tuple[str, ...] = ()
    default_on: bool = False
    severity: Severity = "high"


_SWITCHES = (
    _Switch("ebs-volume-encrypted", "ebs/volume", "encrypted", "EBS volumes", ("FSBP EC2.3", "cdk-nag EC26")),
    _Switch("ebs-snapshot-copy-encrypted", "ebs/snapshotCopy", "encrypted", "Snapshot copies", ("FSBP EC2.3",)),
    _Switch("ami-copy-encrypted", "ec2/amiCopy", "encrypted", "Image copies", ("FSBP EC2.3",)),
    _Switch(
        "ebs-default-encryption",
        "ebs/encryptionByDefault",
        "enabled",
        "New EBS volumes",
        ("FSBP EC2.7",),
        default_on=True,
    ),
    _Switch(
        "rds-cluster-encrypted",
        "rds/cluster",
        "storageEncrypted",
        "Aurora clusters",
        ("FSBP RDS.27", "cdk-nag RDS2"),
        ("snapshotIdentifier", "replicationSourceIdentifier", "restoreToPointInTime"),
    ),
    _Switch(
        "rds-instance-encrypted",
        "rds/instance",
        "storageEncrypted",
        "RDS instances",
        ("FSBP RDS.3", "cdk-nag RDS2"),
        ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime"),
    ),
    _Switch(
        "rds-global-cluster-encrypted",
        "rds/globalCluster",
        "storageEncrypted",
        "Global databases",
        (),
        ("sourceDbClusterIdentifier",),
    ),
    _Switch(
        "elasticache-encrypted-at-rest",
        "elasticache/replicationGroup",
        "atRestEncryptionEnabled",
        "Cache replication groups",
        ("FSBP ElastiCache.4", "cdk-nag AEC3"),
        ("globalReplicationGroupId", "snapshotName", "snapshotArns"),
    ),
    _Switch("efs-encrypted", "efs/fileSystem", "encrypted", "File systems", ("FSBP EFS.1", "cdk-nag EFS1")),
)


def _check(switch: _Switch) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        # What is restored or copied from elsewhere has the encryption of its source.
        inherited = any(not resource.lacks(path) for path in switch.unless)
        inherited = inherited or resource.text("engineMode") == "serverless"
        off = resource.is_false(switch.path) if switch.default_on else resource.not_true(switch.path)
        if off and not inherited:
            yield resource.finding(f"{resource.label} is stored unencrypted: {switch.path} is not true")

    return check


def _register(switch: _Switch) -> None:
    on: dict[str, ExampleValue] = {switch.path: True}
    off: dict[str, ExampleValue] = {switch.path: False}
    bad = [Sample(switch.type, "example", off)]
    if not switch.default_on:
        bad.append(Sample(switch.type, "example", {}))
    AREA.rule(
        switch.id,
        title=f"{switch.what} are encrypted",
        cause="Whoever gets hold of the storage, a snapshot or a discarded disk reads the data; most of these "
        "switches cannot be turned on later without a copy and a replacement.",
        remedy=f"Set {switch.path}=True and name the key of the data's purpose.",
        types=[switch.type],
        severity=switch.severity,
        controls=switch.controls,
        good=[Sample(switch.type, "example", on)],
        bad=bad,
    )(_check(switch))


for _switch in _SWITCHES:
    _register(_switch)
