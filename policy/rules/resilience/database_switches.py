"""Databases that leave something behind and stay current: final snapshots, their tags, upgrades, certificates.

Owns the demands on single properties of databases; spreading and retention are `databases.py`'s.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, never, off, on
from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample

from . import AREA

_DATABASES: Final = ("rds/cluster", "rds/instance")

demand(
    AREA,
    "rds-final-snapshot",
    _DATABASES,
    "A deleted database leaves a final snapshot",
    wants=[off("skipFinalSnapshot")],
    cause="The last snapshot is the only way back from a deletion that was meant but wrong.",
    remedy="Leave skip_final_snapshot off and name final_snapshot_identifier.",
    controls=["RDS.47"],
    when=lambda database: database.lacks("replicateSourceDb") and database.lacks("replicationSourceIdentifier"),
)
demand(
    AREA,
    "rds-snapshot-tags",
    _DATABASES,
    "Snapshots carry the database's tags",
    wants=[on("copyTagsToSnapshot")],
    cause="A snapshot without tags is in no backup plan and in no bill, and nobody dares to delete it.",
    remedy="Set copy_tags_to_snapshot=True.",
    severity="low",
    controls=["FSBP RDS.16", "FSBP RDS.17", "RDS.48"],
)
demand(
    AREA,
    "rds-certificate-current",
    ["rds/clusterInstance", "rds/instance"],
    "Databases use a current certificate authority",
    wants=[never("caCertIdentifier", "rds-ca-2019", "rds-ca-2015", good="rds-ca-rsa2048-g1")],
    cause="An expired authority breaks every TLS client at once.",
    remedy="Use rds-ca-rsa2048-g1 or later.",
)


@AREA.rule(
    "rds-upgrades",
    title="Databases take minor upgrades",
    cause="Minor versions carry the security fixes.",
    remedy="Leave auto_minor_version_upgrade on (or upgrade by plan with a waiver).",
    types=["rds/clusterInstance", "rds/instance"],
    controls=["FSBP RDS.13", "FSBP RDS.35", "cdk-nag RDSAutomaticMinorVersionUpgradeEnabled"],
    good=[sample("rds/clusterInstance", engine="aurora-mysql")],
    bad=[
        sample("rds/clusterInstance", autoMinorVersionUpgrade=False),
        sample("rds/instance", autoMinorVersionUpgrade=False),
    ],
)
def rds_upgrades(instance: Resource) -> Findings:
    """Look at the switch, on by default."""
    if instance.is_false("autoMinorVersionUpgrade"):
        yield instance.finding(f"{instance.label} takes no minor upgrades")
