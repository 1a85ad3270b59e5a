"""Logs and metrics of the data tier: exported, really produced, watched.

Owns the rules on what databases and caches write down about themselves.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Unknown

from . import AREA

_EVENT_SOURCES: Final = {"rds/cluster": "db-cluster", "rds/instance": "db-instance", "rds/proxy": "db-proxy"}
_DATABASE_LOGS: Final = {
    "mysql": ("audit", "error", "slowquery"),
    "mariadb": ("audit", "error", "slowquery"),
    "postgres": ("postgresql",),
}


@AREA.rule(
    "rds-logs-exported",
    title="Databases export their logs",
    cause="Logs on the instance vanish with it, and the audit log is the record of who read customers' data.",
    remedy="Set enabled_cloudwatch_logs_exports to audit, error and slowquery (MySQL) or postgresql.",
    types=["rds/cluster", "rds/instance"],
    controls=["FSBP RDS.34", "FSBP RDS.37", "RDS.45", "FSBP RDS.9", "FSBP RDS.36", "cdk-nag RDS16"],
    good=[
        sample("rds/cluster", engine="aurora-mysql", enabledCloudwatchLogsExports=["audit", "error", "slowquery"]),
        sample("rds/instance", engine="postgres", enabledCloudwatchLogsExports=["postgresql", "upgrade"]),
    ],
    bad=[
        sample("rds/cluster", engine="aurora-mysql"),
        sample("rds/cluster", engine="aurora-mysql", enabledCloudwatchLogsExports=["error"]),
        sample("rds/instance", engine="postgres"),
    ],
)
def rds_logs_exported(database: Resource) -> Findings:
    """Compare the exports with what the engine can write."""
    engine = database.text("engine") or ""
    wanted = next((names for part, names in _DATABASE_LOGS.items() if part in engine), ())
    if database.is_known("enabledCloudwatchLogsExports"):
        # Instances need a plug-in for audit logs; Aurora has them by itself.
        possible = [name for name in wanted if name != "audit" or database.type == "rds/cluster"]
        if not wanted and database.lacks("enabledCloudwatchLogsExports"):
            yield database.finding(f"{database.label} exports no logs")
        missing = [name for name in possible if name not in database.texts("enabledCloudwatchLogsExports")]
        if missing:
            yield database.finding(f"{database.label} does not export {', '.join(missing)}")


@AREA.rule(
    "rds-audit-produced",
    title="Exported audit and slow-query logs are switched on in the parameter group",
    cause="An exported log that the engine does not write is an empty log group and a false comfort.",
    remedy="Set server_audit_logging=1 with server_audit_events (Aurora MySQL), slow_query_log=1; log_statement for "
    "PostgreSQL.",
    types=["rds/cluster"],
    scope="stack",
    controls=["RDS.45", "FSBP RDS.36", "cdk-nag AuroraMySQLLogging"],
    good=[
        (
            sample(
                "rds/clusterParameterGroup",
                "parameters",
                parameters=[
                    {"name": "server_audit_logging", "value": "1"},
                    {"name": "slow_query_log", "value": "1"},
                ],
            ),
            sample(
                "rds/cluster",
                "data",
                engine="aurora-mysql",
                enabledCloudwatchLogsExports=["audit", "slowquery"],
                dbClusterParameterGroupName=Ref("parameters", "name"),
            ),
        )
    ],
    bad=[
        (
            sample("rds/clusterParameterGroup", "parameters", parameters=[{"name": "slow_query_log", "value": "1"}]),
            sample(
                "rds/cluster",
                "data",
                engine="aurora-mysql",
                enabledCloudwatchLogsExports=["audit", "slowquery"],
                dbClusterParameterGroupName=Ref("parameters", "name"),
            ),
        )
    ],
)
def rds_audit_produced(database: Resource, run: Run) -> Findings:
    """Follow the cluster to its parameter group."""
    exported = database.texts("enabledCloudwatchLogsExports")
    if "mysql" not in (database.text("engine") or ""):
        return
    producing = {"audit": "server_audit_logging", "slowquery": "slow_query_log"}
    for group in run.stack.targets(database, "dbClusterParameterGroupName", "rds/clusterParameterGroup"):
        if not group.is_known("parameters"):
            continue
        values = {item.text("name"): str(item.get("value")).lower() for item in group.blocks("parameters")}
        for log, parameter in producing.items():
            if log in exported and values.get(parameter) not in ("1", "on", "true"):
                yield database.finding(f"{database.label} exports {log}, but {group.label} does not set {parameter}")


@AREA.rule(
    "rds-events-subscribed",
    title="Somebody is told of database events",
    cause="A failover or a full disk is an event before it is an outage.",
    remedy="Add an rds.EventSubscription for the cluster and its instances.",
    types=list(_EVENT_SOURCES),
    severity="low",
    scope="stack",
    controls=["FSBP RDS.19", "FSBP RDS.20", "RDS.21", "RDS.22"],
    good=[
        (sample("rds/cluster", "data"), sample("rds/eventSubscription", "events", snsTopic="arn:aws:sns:x:1:ops")),
        (
            sample("rds/proxy", "pool"),
            sample("rds/eventSubscription", "events", sourceType="db-proxy", sourceIds=[Ref("pool")]),
        ),
    ],
    bad=[
        (sample("rds/proxy", "pool"),),
        (sample("rds/cluster", "data"),),
        (sample("rds/cluster", "data"), sample("rds/eventSubscription", "events", enabled=False)),
        (sample("rds/cluster", "data"), sample("rds/eventSubscription", "events", sourceType="db-snapshot")),
    ],
)
def rds_events_subscribed(database: Resource, run: Run) -> Findings:
    """Look for an enabled subscription to sources of this kind, all or this one."""
    for item in run.stack.of("rds/eventSubscription"):
        kind = item.get("sourceType")
        of_kind = kind is None or isinstance(kind, Unknown) or kind == _EVENT_SOURCES[database.type]
        meant = item.lacks("sourceIds") or not item.is_known("sourceIds")
        named = database in run.stack.targets(item, "sourceIds", database.type)
        if not item.is_false("enabled") and of_kind and (meant or named):
            return
    yield database.finding(f"{database.label}: nobody is told of its events")


@AREA.rule(
    "elasticache-logs",
    title="Caches deliver slow and engine logs",
    cause="A slow command is what makes a cache slower than the database it relieves.",
    remedy="Set log_delivery_configurations for slow-log and engine-log.",
    types=["elasticache/replicationGroup"],
    severity="low",
    good=[
        sample(
            "elasticache/replicationGroup",
            logDeliveryConfigurations=[{"logType": "slow-log"}, {"logType": "engine-log"}],
        )
    ],
    bad=[
        sample("elasticache/replicationGroup", engine="valkey"),
        sample("elasticache/replicationGroup", logDeliveryConfigurations=[{"logType": "slow-log"}]),
    ],
)
def elasticache_logs(cache: Resource) -> Findings:
    """Look for both kinds."""
    kinds = [item.text("logType") for item in cache.blocks("logDeliveryConfigurations")]
    missing = [name for name in ("slow-log", "engine-log") if name not in kinds]
    if missing and cache.is_known("logDeliveryConfigurations"):
        yield cache.finding(f"{cache.label} does not deliver {', '.join(missing)}")
