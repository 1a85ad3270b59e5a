"""Saved questions to the logs, for whoever an alarm has called.

Owns the questions. Fluent Bit puts what a container writes as JSON under `log_processed`: httpd writes a line per
request (`workloads/web/httpd/logging.conf`), the services Elastic's common schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LogGroups:
    """Names of the log groups that are asked.

    Attributes:
        applications: Of both clusters' containers.
        control_planes: Of both clusters.
        slow_statements: Of Aurora.
        audit: Of Aurora.
        firewall: Of the web ACL, in us-east-1.
    """

    applications: Sequence[str]
    control_planes: Sequence[str]
    slow_statements: str
    audit: str
    firewall: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """One saved question.

    Attributes:
        role: Role part of its name.
        log_groups: Whom it asks.
        text: In the language of Logs Insights.
        edge: Whether it is in us-east-1.
    """

    role: str
    log_groups: Sequence[str]
    text: str
    edge: bool = False


def queries(groups: LogGroups) -> tuple[Query, ...]:
    """Return all saved questions of an environment."""
    return (
        Query(role="errors", log_groups=groups.applications, text=_ERRORS),
        Query(role="slowpaths", log_groups=groups.applications, text=_SLOW_PATHS),
        Query(role="slowstatements", log_groups=[groups.slow_statements], text=_SLOW_STATEMENTS),
        Query(role="failedlogins", log_groups=[groups.audit], text=_FAILED_LOGINS),
        Query(role="refusedcalls", log_groups=groups.control_planes, text=_REFUSED_CALLS),
        Query(role="firewall", log_groups=[groups.firewall], text=_FIREWALL, edge=True),
    )


_ERRORS = """\
fields @timestamp, kubernetes.namespace_name, kubernetes.pod_name, log_processed.path, log_processed.status,
  coalesce(log_processed.message, log) as said
| filter log_processed.log.level = "ERROR" or log_processed.status >= 500
| sort @timestamp desc
| limit 200"""

_SLOW_PATHS = """\
filter ispresent(log_processed.ms)
| stats count(*) as answers, pct(log_processed.ms, 95) as p95, max(log_processed.ms) as slowest by log_processed.path
| sort p95 desc
| limit 50"""

_SLOW_STATEMENTS = """\
parse @message "Query_time: * Lock_time: * Rows_sent: * Rows_examined: *\\n" as seconds, locked, sent, examined
| sort seconds desc
| display @timestamp, seconds, examined, sent, @message
| limit 50"""

_FAILED_LOGINS = """\
filter @message like /FAILED_CONNECT/
| parse @message "*,*,*,*,*" as at, instance, user, client, rest
| stats count(*) as failed by user, client
| sort failed desc"""

_REFUSED_CALLS = """\
filter @logStream like /kube-apiserver-audit/ and responseStatus.code = 403
| stats count(*) as refused by user.username, verb, objectRef.resource, objectRef.namespace
| sort refused desc"""

_FIREWALL = """\
filter action = "BLOCK"
| stats count(*) as blocked by terminatingRuleId, httpRequest.clientIp, httpRequest.country, httpRequest.uri
| sort blocked desc
| limit 100"""
