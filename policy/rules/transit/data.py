"""Databases, caches and file systems in transit.

Owns the rules that make clients use TLS towards the data tier.
"""

from __future__ import annotations

import json
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.iam.documents import statements

from . import AREA

_ON: Final = ("1", "on", "true", "ON")
_FORCING: Final = {"mysql": "require_secure_transport", "mariadb": "require_secure_transport"}
_POSTGRES: Final = "rds.force_ssl"


def _forcing_parameter(engine: str) -> str | None:
    if "postgres" in engine or engine.startswith("sqlserver"):
        return _POSTGRES
    return next((name for part, name in _FORCING.items() if part in engine), None)


@AREA.rule(
    "elasticache-encrypted-in-transit",
    title="Caches speak TLS",
    cause="Cached menus and tokens would cross the network in clear, and AUTH tokens with them.",
    remedy="Set transit_encryption_enabled=True (and leave transit_encryption_mode at required).",
    types=["elasticache/replicationGroup", "elasticache/cluster"],
    severity="high",
    controls=["FSBP ElastiCache.5", "cdk-nag AEC3"],
    good=[
        sample("elasticache/replicationGroup", transitEncryptionEnabled=True),
        sample("elasticache/cluster", replicationGroupId="prod-common-redis-menu-01"),
    ],
    bad=[
        sample("elasticache/replicationGroup", transitEncryptionEnabled=False),
        sample("elasticache/replicationGroup", engine="valkey"),
        sample("elasticache/replicationGroup", transitEncryptionEnabled=True, transitEncryptionMode="preferred"),
        sample("elasticache/cluster", engine="redis"),
    ],
)
def elasticache_encrypted_in_transit(cache: Resource) -> Findings:
    """Judge the switch and the mode; a member of a replication group follows its group."""
    follows = "replicationGroupId" if cache.type == "elasticache/cluster" else "globalReplicationGroupId"
    if not cache.lacks(follows):
        return
    if cache.not_true("transitEncryptionEnabled"):
        yield cache.finding(f"{cache.label} speaks in clear: transitEncryptionEnabled is not true")
    elif cache.text("transitEncryptionMode") == "preferred":
        yield cache.finding(f"{cache.label} also accepts plain connections: transitEncryptionMode is preferred")


@AREA.rule(
    "rds-forces-tls",
    title="Databases refuse connections without TLS",
    cause="Without the parameter a client that does not ask for TLS sends credentials and orders in clear.",
    remedy="Give the cluster a parameter group with require_secure_transport=ON (MySQL) or "
    "rds.force_ssl=1 (PostgreSQL).",
    types=["rds/cluster", "rds/instance"],
    severity="high",
    scope="stack",
    controls=["RDS.38", "RDS.39", "FSBP RDS.44"],
    good=[
        (
            sample(
                "rds/clusterParameterGroup",
                "parameters",
                family="aurora-mysql8.0",
                parameters=[{"name": "require_secure_transport", "value": "ON"}],
            ),
            sample("rds/cluster", "data", engine="aurora-mysql", dbClusterParameterGroupName=Ref("parameters", "name")),
        ),
        sample("rds/cluster", engine="aurora-mysql", dbClusterParameterGroupName="made-by-another-team"),
    ],
    bad=[
        (sample("rds/cluster", "data", engine="aurora-mysql"),),
        (
            sample(
                "rds/clusterParameterGroup",
                "parameters",
                family="aurora-mysql8.0",
                parameters=[{"name": "require_secure_transport", "value": "OFF"}],
            ),
            sample("rds/cluster", "data", engine="aurora-mysql", dbClusterParameterGroupName=Ref("parameters", "name")),
        ),
        (
            sample("rds/parameterGroup", "parameters", family="mysql8.4", parameters=[]),
            sample("rds/instance", "data", engine="mysql", parameterGroupName=Ref("parameters", "name")),
        ),
    ],
)
def rds_forces_tls(database: Resource, run: Run) -> Findings:
    """Follow the database to its parameter group; the engines' defaults since PostgreSQL 15 are accepted."""
    path = "dbClusterParameterGroupName" if database.type == "rds/cluster" else "parameterGroupName"
    kind = "rds/clusterParameterGroup" if database.type == "rds/cluster" else "rds/parameterGroup"
    groups = run.stack.targets(database, path, kind)
    families = [family for family in (group.text("family") for group in groups) if family]
    engine = database.text("engine") or (families[0] if families and database.lacks("engine") else "")
    parameter = _forcing_parameter(engine)
    if parameter is None or (parameter == _POSTGRES and database.lacks(path)):
        return
    if database.lacks(path):
        yield database.finding(f"{database.label} has no parameter group that sets {parameter}")
    for group in groups:
        if group.is_known("parameters") and not _sets(group, parameter):
            yield database.finding(f"{database.label}: {group.label} does not turn {parameter} on")


def _sets(group: Resource, parameter: str) -> bool:
    values = [item.get("value") for item in group.blocks("parameters") if item.text("name") == parameter]
    if not values:
        return parameter == _POSTGRES and (group.text("family") or "").rstrip("0123456789").endswith("postgres")
    return all(str(value) in _ON for value in values)


@AREA.rule(
    "rds-parameter-group-keeps-tls",
    title="Parameter groups do not turn forced TLS off",
    cause="The group may be used by a database of another stack, which then accepts plain connections.",
    remedy="Set require_secure_transport=ON or rds.force_ssl=1, or leave the parameter out where the default is on.",
    types=["rds/clusterParameterGroup", "rds/parameterGroup"],
    severity="high",
    controls=["RDS.38", "RDS.39"],
    good=[sample("rds/clusterParameterGroup", parameters=[{"name": "require_secure_transport", "value": "ON"}])],
    bad=[
        sample("rds/clusterParameterGroup", parameters=[{"name": "require_secure_transport", "value": "OFF"}]),
        sample("rds/parameterGroup", parameters=[{"name": "rds.force_ssl", "value": "0"}]),
    ],
)
def rds_parameter_group_keeps_tls(group: Resource) -> Findings:
    """Look for the parameters with an off value."""
    for item in group.blocks("parameters"):
        value = item.get("value")
        forces = item.text("name") in ("require_secure_transport", _POSTGRES)
        if forces and isinstance(value, str | int | float) and str(value).removesuffix(".0") not in _ON:
            yield group.finding(f"{group.label} turns {item.text('name')} off")


@AREA.rule(
    "rds-proxy-requires-tls",
    title="Database proxies require TLS",
    cause="A proxy that accepts plain connections undoes the database's own demand.",
    remedy="Set require_tls=True.",
    types=["rds/proxy"],
    severity="high",
    controls=["FSBP RDS.43"],
    good=[sample("rds/proxy", requireTls=True)],
    bad=[sample("rds/proxy", requireTls=False), sample("rds/proxy", name="prod-common-rdsp-data-01")],
)
def rds_proxy_requires_tls(proxy: Resource) -> Findings:
    """Judge the switch, off by default."""
    if proxy.not_true("requireTls"):
        yield proxy.finding(f"{proxy.label} accepts plain connections: requireTls is not true")


_DENY_PLAIN = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@AREA.rule(
    "efs-tls-only",
    title="File systems refuse mounts without TLS",
    cause="NFS is unencrypted by itself: receipts would cross the network in clear.",
    remedy="Add an EFS FileSystemPolicy that denies when aws:SecureTransport is false (and grants client access, "
    "since a policy of only Deny removes the default).",
    types=["efs/fileSystem"],
    severity="high",
    scope="stack",
    good=[
        (
            sample("efs/fileSystem", "receipts", encrypted=True),
            sample(
                "efs/fileSystemPolicy",
                "receipts-policy",
                fileSystemId=Ref("receipts"),
                policy=json.dumps({"Statement": [_DENY_PLAIN]}),
            ),
        )
    ],
    bad=[
        (sample("efs/fileSystem", "receipts", encrypted=True),),
        (
            sample("efs/fileSystem", "receipts", encrypted=True),
            sample(
                "efs/fileSystemPolicy",
                "receipts-policy",
                fileSystemId=Ref("receipts"),
                policy=json.dumps({"Statement": [{**_DENY_PLAIN, "Effect": "Allow", "Condition": {}}]}),
            ),
        ),
    ],
)
def efs_tls_only(files: Resource, run: Run) -> Findings:
    """Look for the Deny in the file system's policy, or an Allow that demands TLS."""
    policies = run.stack.sides(files, "efs/fileSystemPolicy", "fileSystemId")
    known = [item for item in policies if item.is_known("policy")]
    if run.stack.lacks_side(files, "efs/fileSystemPolicy", "fileSystemId"):
        yield files.finding(f"{files.label} has no policy that refuses mounts without TLS")
    for policy in known:
        found = statements(policy.get("policy"))
        denies = any(item.effect == "Deny" and "false" in item.values_of("aws:SecureTransport") for item in found)
        allows = [item for item in found if item.allows]
        demands = bool(allows) and all("true" in item.values_of("aws:SecureTransport") for item in allows)
        if not denies and not demands and not any(item.partial for item in found):
            yield files.finding(f"{files.label}: {policy.label} does not refuse mounts without TLS")
