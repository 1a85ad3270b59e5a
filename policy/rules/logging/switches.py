"""Log switches of the platform's own kinds: functions, databases, trails.

Owns the demands on single properties; what joins resources is the other modules'.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, given, includes, least, not_off, off, on, one_of

from . import AREA

_INSTANCES: Final = ("rds/clusterInstance", "rds/instance")

demand(
    AREA,
    "lambda-traced",
    "lambda/function",
    "Functions are traced",
    wants=[one_of("tracingConfig.mode", "Active", wrong="PassThrough")],
    cause="A notifier that fails silently is found when an alarm did not arrive.",
    remedy="Set tracing_config.mode=Active.",
    severity="low",
    controls=["Lambda.7", "cdk-nag LambdaTracing", "Pulumi lambda-function-enable-tracing-config"],
)
demand(
    AREA,
    "lambda-logs-json",
    "lambda/function",
    "Functions log in JSON",
    wants=[one_of("loggingConfig.logFormat", "JSON", wrong="Text")],
    cause="Lines of free text cannot be counted, filtered or alarmed on.",
    remedy="Set logging_config.log_format=JSON.",
    severity="low",
    controls=["cdk-nag LambdaLogging"],
)
demand(
    AREA,
    "rds-performance-insights",
    _INSTANCES,
    "Database instances have Performance Insights",
    wants=[on("performanceInsightsEnabled")],
    cause="CPU alone does not tell which statement stalls the orders.",
    severity="low",
    remedy="Set performance_insights_enabled=True.",
    controls=["Pulumi rds-clusterinstance-enable-performance-insights"],
)
demand(
    AREA,
    "rds-enhanced-monitoring",
    _INSTANCES,
    "Database instances have enhanced monitoring",
    wants=[least("monitoringInterval", 1)],
    cause="The hypervisor's view hides which process of the instance takes memory.",
    severity="low",
    remedy="Set monitoring_interval (60 s or less) with a role.",
    controls=["FSBP RDS.6", "cdk-nag RDSEnhancedMonitoringEnabled"],
)
demand(
    AREA,
    "trail-on",
    "cloudtrail/trail",
    "Trails are on and record global services",
    wants=[not_off("enableLogging"), not_off("includeGlobalServiceEvents")],
    cause="What is not recorded did not happen, as far as anybody can prove.",
    remedy="Leave enable_logging and include_global_service_events on.",
    severity="high",
    controls=["FSBP CloudTrail.1"],
)
demand(
    AREA,
    "trail-every-region",
    "cloudtrail/trail",
    "Trails record every region",
    wants=[on("isMultiRegionTrail")],
    cause="An attacker works in the region that nobody looks at.",
    remedy="Set is_multi_region_trail=True.",
    severity="high",
    controls=["FSBP CloudTrail.1"],
)
demand(
    AREA,
    "trail-validated",
    "cloudtrail/trail",
    "Trails are validated",
    wants=[on("enableLogFileValidation")],
    cause="Without validation nobody can prove that no line is missing.",
    remedy="Set enable_log_file_validation=True.",
    severity="high",
    controls=["FSBP CloudTrail.4"],
)
demand(
    AREA,
    "trail-to-cloudwatch",
    "cloudtrail/trail",
    "Trails reach CloudWatch Logs",
    wants=[given("cloudWatchLogsGroupArn", "arn:aws:logs:ap-northeast-2:111122223333:log-group:trail:*")],
    cause="Files in a bucket raise no alarm.",
    remedy="Set cloud_watch_logs_group_arn with its role.",
    controls=["FSBP CloudTrail.5"],
)
for _log in ("dagProcessing", "scheduler", "task", "webserver", "worker"):
    demand(
        AREA,
        f"airflow-{_log.lower()}-logs",
        "mwaa/environment",
        f"Airflow writes its {_log} logs",
        wants=[on(f"loggingConfiguration.{_log}Logs.enabled")],
        cause="A task that failed at night is explained by its log only.",
        remedy=f"Set logging_configuration with enabled=True for {_log} logs.",
        severity="low",
    )
demand(
    AREA,
    "neptune-logs-exported",
    "neptune/cluster",
    "Neptune exports audit logs",
    wants=[includes("enableCloudwatchLogsExports", "audit")],
    cause="Without the log nobody can say afterwards who did what.",
    remedy="Set enable_cloudwatch_logs_exports to audit.",
    controls=["Neptune.2"],
)
demand(
    AREA,
    "docdb-logs-exported",
    "docdb/cluster",
    "DocumentDB exports audit logs",
    wants=[includes("enabledCloudwatchLogsExports", "audit")],
    cause="Without the log nobody can say afterwards who did what.",
    remedy="Set enabled_cloudwatch_logs_exports to audit (and profiler).",
    controls=["DocumentDB.4", "cdk-nag DOC5"],
)
demand(
    AREA,
    "api-logs-no-bodies",
    "apigateway/methodSettings",
    "API logs hold no request bodies",
    wants=[off("settings.dataTraceEnabled")],
    cause="Full traces write passwords and card numbers of customers into the log.",
    remedy="Leave settings.data_trace_enabled off.",
    severity="high",
)
