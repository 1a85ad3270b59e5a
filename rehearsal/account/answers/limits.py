"""Quotas, and what counts against them: service quotas, Lambda's concurrency, monitors of cost."""

from __future__ import annotations

import uuid
from typing import Any, Final

from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.account.past import grant
from rehearsal.account.refusals import CONCURRENCY

_FUNCTION: Final = "aws:lambda/function:Function"
_MONITOR: Final = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"


def _quota(call: Call) -> dict[str, Any]:
    service, code = call.text("ServiceCode"), call.text("QuotaCode")
    value = call.past.quotas.get(f"{service}/{code}")
    if value is None:
        raise ApiError(
            "NoSuchResourceException", "The request failed because the specified service quota does not exist"
        )
    arn = call.arn("servicequotas", f"{service}/{code}")
    return {"Quota": {"ServiceCode": service, "QuotaCode": code, "QuotaArn": arn, "Value": float(value)}}


def _ask_for_more(call: Call) -> dict[str, Any]:
    service, code, value = call.text("ServiceCode"), call.text("QuotaCode"), float(call.arguments["DesiredValue"])
    if value <= _quota(call)["Quota"]["Value"]:
        raise ApiError(
            "IllegalArgumentException", "You must provide a quota value greater than the current quota value"
        )
    # AWS answers first and grants later, after hours or days; nobody waits for that in a rehearsal.
    grant(call.cloud.folder, f"{service}/{code}", value)
    asked = {"ServiceCode": service, "QuotaCode": code, "DesiredValue": value, "Status": "PENDING"}
    return {"RequestedQuota": {"Id": uuid.uuid5(uuid.NAMESPACE_DNS, f"{service}/{code}").hex, **asked}}


def _concurrency(call: Call) -> dict[str, Any]:
    limit = int(call.past.quotas[CONCURRENCY])
    functions = call.cloud.list(_FUNCTION, location=call.region)
    taken = sum(max(0, int(str(one.properties.get("reservedConcurrentExecutions") or 0))) for one in functions)
    return {
        "AccountLimit": {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": limit - taken},
        "AccountUsage": {"FunctionCount": len(functions), "TotalCodeSize": 0},
    }


def monitor_arn(account: str, name: str) -> str:
    """ARN of a monitor that the account had before."""
    return f"arn:aws:ce::{account}:anomalymonitor/{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}.{account}')}"


def _monitors(call: Call) -> dict[str, Any]:
    kind = {"MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    found: list[dict[str, Any]] = [
        {"MonitorArn": monitor_arn(call.account, name), "MonitorName": name, **kind}
        for name in call.past.anomaly_monitors
    ]
    for one in call.cloud.list(_MONITOR):
        values = one.properties
        made = {"MonitorArn": values["arn"], "MonitorName": values["name"], "MonitorType": values["monitorType"]}
        found.append({**made, **({"MonitorDimension": dim} if (dim := values.get("monitorDimension")) else {})})
    return {"AnomalyMonitors": found}


ANSWERS = {
    "service-quotas:GetServiceQuota": Answer(
        action="servicequotas:GetServiceQuota",
        reply=_quota,
        resource=lambda call: call.arn("servicequotas", f"{call.text('ServiceCode')}/{call.text('QuotaCode')}"),
    ),
    "service-quotas:RequestServiceQuotaIncrease": Answer(
        action="servicequotas:RequestServiceQuotaIncrease",
        reply=_ask_for_more,
        resource=lambda call: call.arn("servicequotas", f"{call.text('ServiceCode')}/{call.text('QuotaCode')}"),
    ),
    "lambda:GetAccountSettings": Answer(action="lambda:GetAccountSettings", reply=_concurrency),
    "ce:GetAnomalyMonitors": Answer(
        action="ce:GetAnomalyMonitors",
        reply=_monitors,
        resource=lambda call: f"arn:aws:ce::{call.account}:anomalymonitor/*",
    ),
}
