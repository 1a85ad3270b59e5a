"""Backup and resilience of services beside the platform's own: a table of demanded values.

Owns retention, protection, spreading and upgrades of stores that a team may add to the platform.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, given, least, not_off, on, one_of

from . import AREA

_MISTAKE: Final = "A wrong deployment is found days later; only a backup from before it brings the data back."
_RENAMED: Final = "A renamed resource is a deletion to Pulumi; the switch makes AWS refuse."
_FIXES: Final = "Minor versions carry the security fixes."
_WEEK: Final = 7

demand(
    AREA,
    "dynamodb-recoverable",
    "dynamodb/table",
    "Tables can be restored to a point in time",
    wants=[on("pointInTimeRecovery.enabled")],
    cause=_MISTAKE,
    remedy="Set point_in_time_recovery.enabled=True.",
    controls=["DynamoDB.2", "cdk-nag DDB3"],
)
demand(
    AREA,
    "dynamodb-deletion-protected",
    "dynamodb/table",
    "Tables are protected from deletion",
    wants=[on("deletionProtectionEnabled")],
    cause=_RENAMED,
    remedy="Set deletion_protection_enabled=True.",
    controls=["DynamoDB.6"],
)
demand(
    AREA,
    "keyspaces-recoverable",
    "keyspaces/table",
    "Keyspaces tables can be restored to a point in time",
    wants=[one_of("pointInTimeRecovery.status", "ENABLED", wrong="DISABLED")],
    cause=_MISTAKE,
    remedy="Set point_in_time_recovery.status=ENABLED.",
)
for _service, _controls in (("docdb", ("DocumentDB.2", "DocumentDB.5")), ("neptune", ("Neptune.5", "Neptune.4"))):
    demand(
        AREA,
        f"{_service}-backup-retained",
        f"{_service}/cluster",
        f"{'DocumentDB' if _service == 'docdb' else 'Neptune'} clusters keep backups a week",
        wants=[least("backupRetentionPeriod", _WEEK, default=1)],
        cause=_MISTAKE,
        remedy="Set backup_retention_period to 7 or more.",
        controls=[_controls[0]],
    )
    demand(
        AREA,
        f"{_service}-deletion-protected",
        f"{_service}/cluster",
        f"{'DocumentDB' if _service == 'docdb' else 'Neptune'} clusters are protected from deletion",
        wants=[on("deletionProtection")],
        cause=_RENAMED,
        remedy="Set deletion_protection=True.",
        controls=[_controls[1]],
    )
demand(
    AREA,
    "redshift-backup-retained",
    "redshift/cluster",
    "Redshift clusters keep snapshots a week",
    wants=[least("automatedSnapshotRetentionPeriod", _WEEK, default=1)],
    cause=_MISTAKE,
    remedy="Set automated_snapshot_retention_period to 7 or more.",
    controls=["Redshift.3"],
)
demand(
    AREA,
    "redshift-upgrades",
    "redshift/cluster",
    "Redshift clusters take version upgrades",
    wants=[not_off("allowVersionUpgrade")],
    cause=_FIXES,
    remedy="Leave allow_version_upgrade on.",
    controls=["Redshift.6", "cdk-nag RS9"],
)
demand(
    AREA,
    "user-pool-deletion-protected",
    "cognito/userPool",
    "User pools are protected from deletion",
    wants=[one_of("deletionProtection", "ACTIVE", wrong="INACTIVE")],
    cause="A deleted user pool takes every customer's login along, and there is no backup.",
    remedy="Set deletion_protection=ACTIVE.",
    severity="high",
)
demand(
    AREA,
    "ledger-deletion-protected",
    "qldb/ledger",
    "Ledgers are protected from deletion",
    wants=[not_off("deletionProtection")],
    cause=_RENAMED,
    remedy="Leave deletion_protection on.",
)
demand(
    AREA,
    "kinesis-retained",
    "kinesis/stream",
    "Streams keep records a week",
    wants=[least("retentionPeriod", 168, default=24)],
    cause="A consumer that is broken over a long weekend loses what came in.",
    remedy="Set retention_period to 168 hours or more.",
    severity="low",
    controls=["Kinesis.3"],
)
demand(
    AREA,
    "mq-spread",
    "mq/broker",
    "Message brokers have a standby in another zone",
    wants=[one_of("deploymentMode", "ACTIVE_STANDBY_MULTI_AZ", "CLUSTER_MULTI_AZ", wrong="SINGLE_INSTANCE")],
    cause="A single broker ends with its zone.",
    remedy="Set deployment_mode to ACTIVE_STANDBY_MULTI_AZ (RabbitMQ: CLUSTER_MULTI_AZ).",
    controls=["MQ.5", "MQ.6"],
)
demand(
    AREA,
    "mq-upgrades",
    "mq/broker",
    "Message brokers take minor upgrades",
    wants=[on("autoMinorVersionUpgrade")],
    cause=_FIXES,
    remedy="Set auto_minor_version_upgrade=True.",
    severity="low",
    controls=["MQ.3"],
)
demand(
    AREA,
    "dms-standby",
    "dms/replicationInstance",
    "Replication instances have a standby",
    wants=[on("multiAz")],
    cause="A replication that stops in the middle of a cut-over is begun again from the start.",
    remedy="Set multi_az=True.",
    severity="low",
)
demand(
    AREA,
    "dms-upgrades",
    "dms/replicationInstance",
    "Replication instances take minor upgrades",
    wants=[on("autoMinorVersionUpgrade")],
    cause=_FIXES,
    remedy="Set auto_minor_version_upgrade=True.",
    severity="low",
    controls=["DMS.6"],
)
demand(
    AREA,
    "fsx-backed-up",
    ["fsx/windowsFileSystem", "fsx/ontapFileSystem", "fsx/openZfsFileSystem"],
    "FSx file systems keep backups a week",
    wants=[least("automaticBackupRetentionDays", _WEEK, default=_WEEK)],
    cause=_MISTAKE,
    remedy="Set automatic_backup_retention_days to 7 or more.",
)
for _id, _want, _title, _cause, _control in (
    (
        "classic-lb-cross-zone",
        not_off("crossZoneLoadBalancing"),
        "Classic load balancers balance across zones",
        "A zone with few instances is overloaded while others idle.",
        "ELB.9",
    ),
    (
        "classic-lb-drains",
        on("connectionDraining"),
        "Classic load balancers drain connections",
        "Without draining a roll-out cuts customers off.",
        "ELB.7",
    ),
    (
        "classic-lb-health",
        given("healthCheck.target", "HTTPS:443/healthz"),
        "Classic load balancers check health",
        "Without a check customers are sent to instances that cannot answer.",
        "FSBP ELB.1",
    ),
):
    demand(
        AREA,
        _id,
        "elb/loadBalancer",
        _title,
        wants=[_want],
        cause=_cause,
        remedy=f"Set {_want.path}, or use an application load balancer.",
        controls=[_control],
    )
demand(
    AREA,
    "msk-monitored",
    "msk/cluster",
    "Kafka clusters report metrics per broker",
    wants=[
        one_of(
            "enhancedMonitoring",
            "PER_BROKER",
            "PER_TOPIC_PER_BROKER",
            "PER_TOPIC_PER_PARTITION",
            wrong="DEFAULT",
        )
    ],
    cause="Averages over the cluster hide the one broker whose disk is full.",
    remedy="Set enhanced_monitoring to PER_BROKER or finer.",
    severity="low",
    controls=["MSK.2"],
)
demand(
    AREA,
    "neptune-snapshot-tags",
    "neptune/cluster",
    "Neptune snapshots carry the cluster's tags",
    wants=[on("copyTagsToSnapshot")],
    cause="A snapshot without tags is in no backup plan and in no bill.",
    remedy="Set copy_tags_to_snapshot=True.",
    severity="low",
    controls=["Neptune.8"],
)
