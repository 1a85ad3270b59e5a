"""Logs of services beside the platform's own: a table of demanded values.

Owns the log switches of gateways, brokers, warehouses and jobs that a team may add to the platform.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, given, includes, never, not_off, on, one_of
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_AFTERWARDS: Final = "Without the log nobody can say afterwards who did what."
_GROUP: Final = "arn:aws:logs:ap-northeast-2:111122223333:log-group:prod-common-log-api-01"

demand(
    AREA,
    "api-access-logs",
    ["apigateway/stage", "apigatewayv2/stage"],
    "API stages write access logs",
    wants=[given("accessLogSettings.destinationArn", _GROUP)],
    cause=_AFTERWARDS,
    remedy="Set access_log_settings with destination_arn and format.",
    controls=["APIGateway.9", "cdk-nag APIG1"],
)
demand(
    AREA,
    "api-traced",
    "apigateway/stage",
    "API stages are traced",
    wants=[on("xrayTracingEnabled")],
    cause="A slow answer cannot be told from a slow function.",
    remedy="Set xray_tracing_enabled=True.",
    severity="low",
    controls=["APIGateway.3", "Pulumi apigateway-stage-enable-xray"],
)
demand(
    AREA,
    "api-execution-logs",
    "apigateway/methodSettings",
    "API methods log errors",
    wants=[one_of("settings.loggingLevel", "ERROR", "INFO", wrong="OFF")],
    cause="Access logs show that a request failed, execution logs why.",
    remedy="Set settings.logging_level to ERROR or INFO.",
    controls=["APIGateway.1", "cdk-nag APIG6"],
)
demand(
    AREA,
    "graphql-logs",
    "appsync/graphQLApi",
    "GraphQL APIs log fields and errors",
    wants=[one_of("logConfig.fieldLogLevel", "ERROR", "ALL", "INFO", "DEBUG", wrong="NONE")],
    cause=_AFTERWARDS,
    remedy="Set log_config with field_log_level ERROR or ALL and a role.",
    controls=["AppSync.2", "cdk-nag ASC3"],
)
demand(
    AREA,
    "classic-lb-logs",
    "elb/loadBalancer",
    "Classic load balancers write access logs",
    wants=[not_off("accessLogs.enabled"), given("accessLogs.bucket", "prod-common-s3-alb-01")],
    cause=_AFTERWARDS,
    remedy="Set access_logs with the log bucket.",
    controls=["ELB.5", "cdk-nag ELB2"],
)
demand(
    AREA,
    "mq-logs",
    "mq/broker",
    "Message brokers write general logs, and ActiveMQ audit logs",
    wants=[on("logs.general")],
    cause=_AFTERWARDS,
    remedy="Set logs.general=True (and logs.audit=True for ActiveMQ).",
    controls=["MQ.2"],
)
demand(
    AREA,
    "state-machine-logs",
    "sfn/stateMachine",
    "State machines log their executions",
    wants=[one_of("loggingConfiguration.level", "ALL", "ERROR", "FATAL", wrong="OFF")],
    cause="An execution that failed at night is gone from the console after 90 days.",
    remedy="Set logging_configuration with level ERROR or ALL and a log group.",
    controls=["StepFunctions.1", "cdk-nag SF1"],
)
demand(
    AREA,
    "state-machine-traced",
    "sfn/stateMachine",
    "State machines are traced",
    wants=[on("tracingConfiguration.enabled")],
    cause="Without traces nobody sees which of ten steps is slow.",
    remedy="Set tracing_configuration.enabled=True.",
    severity="low",
    controls=["cdk-nag SF2"],
)
demand(
    AREA,
    "graphql-traced",
    "appsync/graphQLApi",
    "GraphQL APIs are traced",
    wants=[on("xrayEnabled")],
    cause="Without traces nobody sees which resolver is slow.",
    remedy="Set xray_enabled=True.",
    severity="low",
)
demand(
    AREA,
    "build-logs",
    "codebuild/project",
    "Builds write logs",
    wants=[never("logsConfig.cloudwatchLogs.status", "DISABLED")],
    cause="What a build did with its credentials is seen nowhere else.",
    remedy="Leave logs_config.cloudwatch_logs at ENABLED.",
    controls=["CodeBuild.4"],
    when=lambda project: project.text("logsConfig.s3Logs.status") != "ENABLED",
)
demand(
    AREA,
    "emr-logs",
    "emr/cluster",
    "EMR clusters keep their logs",
    wants=[given("logUri", "s3://prod-common-s3-emr-01/logs/")],
    cause="A cluster that ended takes its logs along.",
    remedy="Set log_uri to the log bucket.",
    controls=["cdk-nag EMR2"],
)
demand(
    AREA,
    "container-insights",
    "ecs/cluster",
    "ECS clusters have Container Insights",
    wants=[one_of("settings[].value", "enabled", "enhanced", wrong="disabled")],
    cause="Without it CPU and memory of single tasks are not seen.",
    remedy="Add settings with name containerInsights and value enabled or enhanced.",
    severity="low",
    controls=["ECS.12", "cdk-nag ECS4"],
    base={"settings": [{"name": "containerInsights"}]},
)
demand(
    AREA,
    "accelerator-logs",
    "globalaccelerator/accelerator",
    "Accelerators write flow logs",
    wants=[on("attributes.flowLogsEnabled")],
    cause=_AFTERWARDS,
    remedy="Set attributes with flow_logs_enabled=True and a bucket.",
)
demand(
    AREA,
    "transfer-logs",
    "transfer/server",
    "Transfer servers log who fetched what",
    wants=[given("structuredLogDestinations", [f"{_GROUP}:*"])],
    cause=_AFTERWARDS,
    remedy="Set structured_log_destinations (or logging_role).",
    controls=["Transfer.3"],
    when=lambda server: server.lacks("loggingRole"),
)
demand(
    AREA,
    "classic-waf-logs",
    ["waf/webAcl", "wafregional/webAcl"],
    "Classic web ACLs write logs",
    wants=[given("loggingConfiguration.logDestination", "arn:aws:firehose:us-east-1:111122223333:deliverystream/aws")],
    cause="A blocked customer and an attack look the same without the log.",
    remedy="Set logging_configuration, or move to WAFv2.",
    controls=["WAF.1"],
)
demand(
    AREA,
    "vpn-tunnels-logged",
    "ec2/vpnConnection",
    "Site-to-site VPN tunnels write logs",
    wants=[
        on("tunnel1LogOptions.cloudwatchLogOptions.logEnabled"),
        on("tunnel2LogOptions.cloudwatchLogOptions.logEnabled"),
    ],
    cause="A tunnel that flaps at night is explained by its log only.",
    remedy="Set cloudwatch_log_options.log_enabled=True on both tunnels.",
    controls=["EC2.171"],
)
demand(
    AREA,
    "redshift-serverless-logs",
    "redshiftserverless/namespace",
    "Redshift namespaces export audit logs",
    wants=[includes("logExports", "connectionlog", "userlog")],
    cause=_AFTERWARDS,
    remedy="Set log_exports to connectionlog, userlog and useractivitylog.",
    controls=["RedshiftServerless.6"],
)


@AREA.rule(
    "redshift-logs",
    title="Redshift clusters write audit logs",
    cause=_AFTERWARDS,
    remedy="Add a redshift.Logging for the cluster.",
    types=["redshift/cluster"],
    scope="stack",
    controls=["Redshift.4", "cdk-nag RS5"],
    good=[
        (
            sample("redshift/cluster", "sales", clusterIdentifier="sales", nodeType="ra3.large"),
            sample("redshift/logging", "sales-logs", clusterIdentifier=Ref("sales")),
        )
    ],
    bad=[(sample("redshift/cluster", "sales", clusterIdentifier="sales", nodeType="ra3.large"),)],
)
def redshift_logs(cluster: Resource, run: Run) -> Findings:
    """Look for the side resource, or the block of earlier provider versions."""
    inline = cluster.not_true("logging.enable")
    if inline and run.stack.lacks_side(cluster, "redshift/logging", "clusterIdentifier"):
        yield cluster.finding(f"{cluster.label} writes no audit logs")


@AREA.rule(
    "msk-logs",
    title="Kafka brokers write logs",
    cause="A broker that lost its disk took its own log along.",
    remedy="Enable cloudwatch_logs, firehose or s3 in logging_info.broker_logs.",
    types=["msk/cluster"],
    controls=["cdk-nag MSK6"],
    good=[sample("msk/cluster", loggingInfo={"brokerLogs": {"cloudwatchLogs": {"enabled": True}}})],
    bad=[
        sample("msk/cluster", clusterName="prod-common-msk-events-01"),
        sample("msk/cluster", loggingInfo={"brokerLogs": {"s3": {"enabled": False}}}),
    ],
)
def msk_logs(cluster: Resource) -> Findings:
    """Look for one of the three ways."""
    if all(cluster.not_true(f"loggingInfo.brokerLogs.{way}.enabled") for way in ("cloudwatchLogs", "firehose", "s3")):
        yield cluster.finding(f"{cluster.label} writes no broker logs")


@AREA.rule(
    "opensearch-logs",
    title="Search domains publish logs",
    cause=_AFTERWARDS,
    remedy="Add log_publishing_options for ES_APPLICATION_LOGS and the slow logs.",
    types=["opensearch/domain", "elasticsearch/domain"],
    controls=["Opensearch.4", "ES.4", "cdk-nag OS9"],
    good=[
        sample(
            "opensearch/domain",
            logPublishingOptions=[{"logType": "ES_APPLICATION_LOGS", "cloudwatchLogGroupArn": _GROUP}],
        )
    ],
    bad=[
        sample("opensearch/domain", domainName="menu"),
        sample(
            "elasticsearch/domain",
            logPublishingOptions=[{"logType": "INDEX_SLOW_LOGS", "cloudwatchLogGroupArn": _GROUP, "enabled": False}],
        ),
    ],
)
def opensearch_logs(domain: Resource) -> Findings:
    """Look for a log that is on."""
    if domain.is_known("logPublishingOptions") and not _published(domain):
        yield domain.finding(f"{domain.label} publishes no logs")


def _published(domain: Resource) -> set[str | None]:
    return {item.text("logType") for item in domain.blocks("logPublishingOptions") if not item.is_false("enabled")}


@AREA.rule(
    "opensearch-audit-logs",
    title="Search domains publish audit logs",
    cause=_AFTERWARDS,
    remedy="Add log_publishing_options for AUDIT_LOGS; they need fine-grained access control.",
    types=["opensearch/domain", "elasticsearch/domain"],
    controls=["Opensearch.5", "ES.5"],
    good=[
        sample("opensearch/domain", logPublishingOptions=[{"logType": "AUDIT_LOGS", "cloudwatchLogGroupArn": _GROUP}])
    ],
    bad=[
        sample("opensearch/domain", domainName="menu"),
        sample(
            "elasticsearch/domain",
            logPublishingOptions=[{"logType": "ES_APPLICATION_LOGS", "cloudwatchLogGroupArn": _GROUP}],
        ),
    ],
)
def opensearch_audit_logs(domain: Resource) -> Findings:
    """Look for the one kind of log."""
    if domain.is_known("logPublishingOptions") and "AUDIT_LOGS" not in _published(domain):
        yield domain.finding(f"{domain.label} publishes no audit log")
