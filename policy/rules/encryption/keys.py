"""Customer-managed keys: that data is encrypted with a key of ours and not with one that AWS shares out.

Owns one rule per kind of resource, all of one shape, hence a table. An AWS-managed key cannot be restricted, shared
with the DR region, or switched off in an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policy.frame.resources import Resource
from policy.frame.rule import ExampleValue, Findings, Sample
from policy.frame.values import Block

from . import AREA

KEY_ARN = "arn:aws:kms:ap-northeast-2:111122223333:key/0f2d1c3b-4a59-4e6f-8a7b-9c0d1e2f3a4b"


@dataclass(frozen=True)
class _Keyed:
    id: str
    type: str
    path: str
    what: str
    controls: tuple[str, ...] = ()
    base: Mapping[str, ExampleValue] = field(default_factory=dict[str, ExampleValue])
    only_if: str = ""


_KEYED = (
    _Keyed("ebs-volume-customer-key", "ebs/volume", "kmsKeyId", "EBS volumes", base={"encrypted": True}),
    _Keyed("rds-cluster-customer-key", "rds/cluster", "kmsKeyId", "Aurora clusters", base={"storageEncrypted": True}),
    _Keyed("rds-instance-customer-key", "rds/instance", "kmsKeyId", "RDS instances", base={"storageEncrypted": True}),
    _Keyed("rds-snapshot-copy-key", "rds/snapshotCopy", "kmsKeyId", "Copied database snapshots", ("FSBP RDS.4",)),
    _Keyed(
        "rds-cluster-snapshot-copy-key",
        "rds/clusterSnapshotCopy",
        "kmsKeyId",
        "Copied cluster snapshots",
        ("FSBP RDS.4",),
    ),
    _Keyed(
        "rds-performance-insights-key",
        "rds/clusterInstance",
        "performanceInsightsKmsKeyId",
        "Performance Insights",
        base={"performanceInsightsEnabled": True},
        only_if="performanceInsightsEnabled",
    ),
    _Keyed(
        "rds-instance-performance-insights-key",
        "rds/instance",
        "performanceInsightsKmsKeyId",
        "Performance Insights of instances",
        base={"performanceInsightsEnabled": True},
        only_if="performanceInsightsEnabled",
    ),
    _Keyed("rds-activity-stream-key", "rds/clusterActivityStream", "kmsKeyId", "Database activity streams"),
    _Keyed(
        "elasticache-customer-key",
        "elasticache/replicationGroup",
        "kmsKeyId",
        "Cache replication groups",
        base={"atRestEncryptionEnabled": True},
    ),
    _Keyed("efs-customer-key", "efs/fileSystem", "kmsKeyId", "File systems", ("FSBP EFS.8",), base={"encrypted": True}),
    _Keyed("backup-vault-customer-key", "backup/vault", "kmsKeyArn", "Backup vaults", ("FSBP Backup.1",)),
    _Keyed(
        "secret-customer-key", "secretsmanager/secret", "kmsKeyId", "Secrets", ("cdk-nag SecretsManagerUsingKMSKey",)
    ),
    _Keyed("sqs-customer-key", "sqs/queue", "kmsMasterKeyId", "Queues", ("FSBP SQS.1", "cdk-nag SQS2")),
    _Keyed("sns-customer-key", "sns/topic", "kmsMasterKeyId", "Topics", ("SNS.1", "cdk-nag SNSEncryptedKMS")),
    _Keyed(
        "log-group-customer-key",
        "cloudwatch/logGroup",
        "kmsKeyId",
        "Log groups",
        ("cdk-nag CloudWatchLogGroupEncrypted",),
    ),
    _Keyed(
        "cloudtrail-customer-key",
        "cloudtrail/trail",
        "kmsKeyId",
        "Trails",
        ("FSBP CloudTrail.2", "cdk-nag CloudTrailEncryptionEnabled"),
    ),
    _Keyed(
        "lambda-environment-key",
        "lambda/function",
        "kmsKeyArn",
        "Environment variables of functions",
        base={"environment": {"variables": {"LOG_LEVEL": "info"}}},
        only_if="environment.variables",
    ),
    _Keyed("ssm-parameter-customer-key", "ssm/parameter", "keyId", "Secure parameters", base={"type": "SecureString"}),
)


def lacks_customer_key(block: Block, path: str) -> bool:
    """Tell whether a key property certainly names no customer-managed key."""
    return block.lacks(path) or "alias/aws/" in (block.text(path) or "")


def _check(keyed: _Keyed) -> Callable[[Resource], Findings]:
    def check(resource: Resource) -> Findings:
        if keyed.only_if and (resource.lacks(keyed.only_if) or resource.is_false(keyed.only_if)):
            return
        if keyed.type == "ssm/parameter" and resource.text("type") != "SecureString":
            return
        if lacks_customer_key(resource, keyed.path):
            yield resource.finding(f"{resource.label} has no customer-managed key: {keyed.path} names none")

    return check


def _register(keyed: _Keyed) -> None:
    ours: dict[str, ExampleValue] = {**keyed.base, keyed.path: KEY_ARN}
    shared: dict[str, ExampleValue] = {**keyed.base, keyed.path: "alias/aws/service"}
    AREA.rule(
        keyed.id,
        title=f"{keyed.what} use a customer-managed key",
        cause="An AWS-managed key has a policy that nobody can narrow, cannot be used from another account or "
        "region, and cannot be disabled when its data must be shut off.",
        remedy=f"Set {keyed.path} to the key of the data's purpose.",
        types=[keyed.type],
        controls=keyed.controls,
        good=[Sample(keyed.type, "example", ours)],
        bad=[Sample(keyed.type, "example", keyed.base), Sample(keyed.type, "example", shared)],
    )(_check(keyed))


for _keyed in _KEYED:
    _register(_keyed)
