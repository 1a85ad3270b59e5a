"""Databases and caches that survive mistakes and zones.

Owns the rules on backups, protection, standby and upgrades of the data tier.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_DATABASES: Final = ("rds/cluster", "rds/instance")


def _is_replica(database: Resource) -> bool:
    return not database.lacks("replicateSourceDb") or not database.lacks("replicationSourceIdentifier")


@AREA.rule(
    "rds-backup-retained",
    title="Databases keep automatic backups long enough",
    cause="A wrong deployment is found days later; only a backup from before it brings the orders back.",
    remedy="Set backup_retention_period to the stack's minimum (setting `minimumDays`).",
    types=_DATABASES,
    severity="high",
    controls=["RDS.50", "FSBP RDS.11", "cdk-nag RDS13", "AWSGuard rds-instance-backup-enabled"],
    settings={"minimumDays": 7},
    good=[sample("rds/cluster", backupRetentionPeriod=35), sample("rds/instance", backupRetentionPeriod=7)],
    bad=[
        sample("rds/cluster", backupRetentionPeriod=1),
        sample("rds/instance", backupRetentionPeriod=0),
        sample("rds/cluster", engine="aurora-mysql"),
    ],
)
def rds_backup_retained(database: Resource, run: Run) -> Findings:
    """Compare the retention with the setting; a cluster without one keeps a day, an instance none."""
    if database.below("backupRetentionPeriod", run.number("minimumDays")) and not _is_replica(database):
        days = database.number("backupRetentionPeriod") or 0
        yield database.finding(
            f"{database.label} keeps backups {days:.0f} days, the least is {run.number('minimumDays'):.0f}"
        )


@AREA.rule(
    "rds-deletion-protected",
    title="Databases are protected from deletion",
    cause="A renamed resource is a deletion to Pulumi; the switch makes AWS refuse.",
    remedy="Set deletion_protection=True.",
    types=[*_DATABASES, "rds/globalCluster"],
    severity="high",
    controls=["FSBP RDS.7", "FSBP RDS.8", "cdk-nag RDS10"],
    good=[
        sample("rds/cluster", deletionProtection=True),
        sample("rds/instance", deletionProtection=True),
        sample("rds/globalCluster", deletionProtection=True),
    ],
    bad=[sample("rds/cluster", deletionProtection=False), sample("rds/instance"), sample("rds/globalCluster")],
)
def rds_deletion_protected(database: Resource) -> Findings:
    """Look at the switch."""
    if database.not_true("deletionProtection"):
        yield database.finding(f"{database.label} can be deleted")


@AREA.rule(
    "rds-several-zones",
    title="Databases run in several zones",
    cause="A zone fails about once in a few years, for hours; the standby takes over in a minute.",
    remedy="Set multi_az=True on instances; give Aurora clusters instances in two zones or more.",
    types=_DATABASES,
    severity="medium",
    scope="stack",
    controls=["FSBP RDS.5", "FSBP RDS.15", "cdk-nag RDS3", "AWSGuard rds-instance-multi-az-enabled"],
    good=[
        sample("rds/instance", multiAz=True),
        (
            sample("rds/cluster", "data", engine="aurora-mysql"),
            sample("rds/clusterInstance", "one", clusterIdentifier=Ref("data"), availabilityZone="ap-northeast-2a"),
            sample("rds/clusterInstance", "two", clusterIdentifier=Ref("data"), availabilityZone="ap-northeast-2b"),
        ),
    ],
    bad=[
        sample("rds/instance", engine="mysql"),
        sample("rds/cluster", availabilityZones=["ap-northeast-2a"]),
        (
            sample("rds/cluster", "data", engine="aurora-mysql"),
            sample("rds/clusterInstance", "one", clusterIdentifier=Ref("data")),
        ),
        (
            sample("rds/cluster", "data", engine="aurora-mysql"),
            sample("rds/clusterInstance", "one", clusterIdentifier=Ref("data"), availabilityZone="ap-northeast-2a"),
            sample("rds/clusterInstance", "two", clusterIdentifier=Ref("data"), availabilityZone="ap-northeast-2a"),
        ),
    ],
)
def rds_several_zones(database: Resource, run: Run) -> Findings:
    """Count instances and their zones."""
    if database.type == "rds/instance":
        if database.not_true("multiAz") and not _is_replica(database):
            yield database.finding(f"{database.label} has no standby in another zone")
        return
    zones = database.texts("availabilityZones")
    if len(zones) == 1 and database.is_known("availabilityZones"):
        yield database.finding(f"{database.label} lies in one zone")
    instances = run.stack.sides(database, "rds/clusterInstance", "clusterIdentifier")
    if len(instances) == 1:
        yield database.finding(f"{database.label} has one instance")
    placed = [item.text("availabilityZone") for item in instances]
    if len(instances) > 1 and all(placed) and len(set(placed)) == 1:
        yield database.finding(f"{database.label} has all instances in {placed[0]}")


@AREA.rule(
    "aurora-failover-target",
    title="An Aurora reader is ready to take over",
    cause="With every reader in a late promotion tier a failover may pick one of the wrong size.",
    remedy="Set promotion_tier to 0 or 1 on a reader in another zone.",
    types=["rds/cluster"],
    scope="stack",
    good=[
        (
            sample("rds/cluster", "data", engine="aurora-mysql"),
            sample("rds/clusterInstance", "one", clusterIdentifier=Ref("data"), promotionTier=0),
            sample("rds/clusterInstance", "two", clusterIdentifier=Ref("data"), promotionTier=1),
        )
    ],
    bad=[
        (
            sample("rds/cluster", "data", engine="aurora-mysql"),
            sample("rds/clusterInstance", "one", clusterIdentifier=Ref("data"), promotionTier=0),
            sample("rds/clusterInstance", "two", clusterIdentifier=Ref("data"), promotionTier=15),
        )
    ],
)
def aurora_failover_target(cluster: Resource, run: Run) -> Findings:
    """Look for a second instance of tier 0 or 1 (without a tier AWS uses 0)."""
    instances = run.stack.sides(cluster, "rds/clusterInstance", "clusterIdentifier")
    if len(instances) > 1 and all(item.is_known("promotionTier") for item in instances):
        ready = [item for item in instances if (item.number("promotionTier") or 0) <= 1]
        if len(ready) < 2:  # noqa: PLR2004 - the writer and one to take over
            yield cluster.finding(f"{cluster.label} has no reader of promotion tier 0 or 1")


@AREA.rule(
    "aurora-backtracks",
    title="Aurora MySQL clusters can be rewound",
    cause="Backtrack undoes a wrong statement in minutes; a restore takes the time of the whole volume.",
    remedy="Set backtrack_window in seconds (Aurora MySQL 2 and 3, not with Global Database).",
    types=["rds/cluster"],
    severity="low",
    controls=["FSBP RDS.14", "cdk-nag RDS14"],
    good=[
        sample("rds/cluster", engine="aurora-mysql", backtrackWindow=86400),
        sample("rds/cluster", engine="aurora-postgresql"),
    ],
    bad=[sample("rds/cluster", engine="aurora-mysql")],
)
def aurora_backtracks(cluster: Resource) -> Findings:
    """Look at the window of Aurora MySQL."""
    can = cluster.text("engine") == "aurora-mysql" and cluster.lacks("globalClusterIdentifier")
    if can and cluster.below("backtrackWindow", 1):
        yield cluster.finding(f"{cluster.label} has no backtrack window")
