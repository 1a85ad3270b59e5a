"""Records that a side resource or a parameter switches on: firewalls, statements of databases, notices of changes.

Owns the rules of that shape which belong to no other module's subject.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, given
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_TOPIC: Final = "arn:aws:sns:ap-northeast-2:111122223333:prod-common-sns-alarm-01"
_GROUPS: Final = {
    "rds/cluster": ("dbClusterParameterGroupName", "rds/clusterParameterGroup"),
    "rds/instance": ("parameterGroupName", "rds/parameterGroup"),
}
_STATEMENTS: Final = ("log_statement", "log_min_duration_statement")

demand(
    AREA,
    "stack-changes-notified",
    "cloudformation/stack",
    "CloudFormation stacks tell of their changes",
    wants=[given("notificationArns", [_TOPIC])],
    cause="A template that fails half-way leaves resources that nobody planned.",
    remedy="Set notification_arns to a topic of operations.",
    severity="low",
    controls=["CloudFormation.1"],
)
demand(
    AREA,
    "trail-notifies",
    "cloudtrail/trail",
    "Trails tell of every delivery",
    wants=[given("snsTopicName", "prod-common-sns-trail-01")],
    cause="A trail that has stopped delivering is noticed by the silence of its topic only.",
    remedy="Set sns_topic_name, or alarm on the age of the trail's last delivery (with a waiver).",
    severity="low",
)


@AREA.rule(
    "firewall-logs",
    title="Network firewalls write logs",
    cause="A firewall without a log cannot show what it refused, or let through.",
    remedy="Add a networkfirewall.LoggingConfiguration for FLOW and ALERT logs.",
    types=["networkfirewall/firewall"],
    scope="stack",
    controls=["NetworkFirewall.2"],
    good=[
        (
            sample("networkfirewall/firewall", "edge"),
            sample("networkfirewall/loggingConfiguration", "logs", firewallArn=Ref("edge", "arn")),
        )
    ],
    bad=[sample("networkfirewall/firewall", vpcId="vpc-1")],
)
def firewall_logs(firewall: Resource, run: Run) -> Findings:
    """Look for the configuration."""
    if run.stack.lacks_side(firewall, "networkfirewall/loggingConfiguration", "firewallArn"):
        yield firewall.finding(f"{firewall.label} writes no logs")


@AREA.rule(
    "docdb-audit-produced",
    title="DocumentDB writes audit logs",
    cause="An exported log that the engine does not write is an empty log group and a false comfort.",
    remedy="Set the parameter audit_logs to enabled.",
    types=["docdb/clusterParameterGroup"],
    controls=["DocumentDB.4"],
    good=[sample("docdb/clusterParameterGroup", parameters=[{"name": "audit_logs", "value": "enabled"}])],
    bad=[
        sample("docdb/clusterParameterGroup", family="docdb5.0"),
        sample("docdb/clusterParameterGroup", parameters=[{"name": "audit_logs", "value": "disabled"}]),
    ],
)
def docdb_audit_produced(group: Resource) -> Findings:
    """Look for the parameter, off by default."""
    values = [item.text("value") for item in group.blocks("parameters") if item.text("name") == "audit_logs"]
    if group.is_known("parameters") and (not values or values[0] in ("disabled", "none")):
        yield group.finding(f"{group.label} does not turn audit_logs on")


@AREA.rule(
    "rds-statements-logged",
    title="PostgreSQL logs statements",
    cause="Without statements the log tells that somebody was connected, and not what was read.",
    remedy="Give the database a parameter group with log_statement (ddl or mod) and log_min_duration_statement.",
    types=list(_GROUPS),
    severity="low",
    scope="stack",
    controls=["FSBP RDS.36", "FSBP RDS.37"],
    good=[
        (
            sample(
                "rds/clusterParameterGroup",
                "parameters",
                parameters=[
                    {"name": "log_statement", "value": "ddl"},
                    {"name": "log_min_duration_statement", "value": "1000"},
                ],
            ),
            sample(
                "rds/cluster",
                "data",
                engine="aurora-postgresql",
                dbClusterParameterGroupName=Ref("parameters", "name"),
            ),
        ),
        sample("rds/instance", engine="mysql"),
    ],
    bad=[
        sample("rds/instance", engine="postgres"),
        (
            sample("rds/parameterGroup", "parameters", parameters=[{"name": "log_statement", "value": "all"}]),
            sample("rds/instance", "data", engine="postgres", parameterGroupName=Ref("parameters", "name")),
        ),
    ],
)
def rds_statements_logged(database: Resource, run: Run) -> Findings:
    """Follow the database to its parameter group; the default group logs no statements."""
    if "postgres" not in (database.text("engine") or ""):
        return
    path, kind = _GROUPS[database.type]
    if database.lacks(path):
        yield database.finding(f"{database.label} has no parameter group that sets {' and '.join(_STATEMENTS)}")
    for group in run.stack.targets(database, path, kind):
        names = {item.text("name") for item in group.blocks("parameters")}
        missing = [name for name in _STATEMENTS if name not in names]
        if missing and group.is_known("parameters"):
            yield database.finding(f"{database.label}: {group.label} does not set {', '.join(missing)}")
