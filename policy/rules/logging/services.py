"""Logs of services: Kubernetes, buckets, functions, topics, instances, experiments.

Owns the rules on what a service writes down about itself.
"""

from __future__ import annotations

import json
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import parse_json

from . import AREA

_CONTROL_PLANE: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_SNS_FEEDBACK: Final = ("lambdaSuccessFeedbackRoleArn", "sqsSuccessFeedbackRoleArn", "httpSuccessFeedbackRoleArn")


@AREA.rule(
    "eks-control-plane-logs",
    title="Clusters write all five control-plane logs",
    cause="Without audit and authenticator logs nobody can say who read which Secret.",
    remedy="Set enabled_cluster_log_types to api, audit, authenticator, controllerManager and scheduler.",
    types=["eks/cluster"],
    controls=["FSBP EKS.8", "cdk-nag EKS2"],
    good=[sample("eks/cluster", enabledClusterLogTypes=list(_CONTROL_PLANE))],
    bad=[sample("eks/cluster", enabledClusterLogTypes=["api", "audit"]), sample("eks/cluster", version="1.36")],
)
def eks_control_plane_logs(cluster: Resource) -> Findings:
    """Compare the list with the five."""
    if cluster.is_known("enabledClusterLogTypes"):
        missing = [name for name in _CONTROL_PLANE if name not in cluster.texts("enabledClusterLogTypes")]
        if missing:
            yield cluster.finding(f"{cluster.label} does not log {', '.join(missing)}")


def is_log_bucket(bucket: Resource, run: Run) -> bool:
    """Tell whether a bucket itself receives logs: logging it too would only make logs of logs."""
    stack = run.stack
    return bool(
        stack.sides(bucket, "s3/bucketLogging", "targetBucket")
        or stack.sides(bucket, "lb/loadBalancer", "accessLogs.bucket")
        or stack.sides(bucket, "ec2/flowLog", "logDestination")
        or stack.sides(bucket, "cloudtrail/trail", "s3BucketName")
        or stack.sides(bucket, "cfg/deliveryChannel", "s3BucketName")
        or stack.sides(bucket, "kinesis/firehoseDeliveryStream", "extendedS3Configuration.bucketArn")
        or stack.sides(bucket, "wafv2/webAclLoggingConfiguration", "logDestinationConfigs")
        or stack.sides(bucket, "cloudwatch/logDeliveryDestination", "deliveryDestinationConfiguration")
    )


@AREA.rule(
    "s3-access-logs",
    title="Buckets write access logs",
    cause="Reads of objects show in no other log unless a trail records data events.",
    remedy="Add a BucketLogging to the log bucket; buckets that receive logs are exempt.",
    types=["s3/bucket"],
    severity="low",
    scope="stack",
    controls=["FSBP S3.9", "cdk-nag S1", "AWSGuard s3-bucket-logging-enabled"],
    good=[
        (
            sample("s3/bucket", "static"),
            sample("s3/bucket", "logs"),
            sample("s3/bucketLogging", "static-logging", bucket=Ref("static"), targetBucket=Ref("logs")),
        )
    ],
    bad=[(sample("s3/bucket", "static"),)],
)
def s3_access_logs(bucket: Resource, run: Run) -> Findings:
    """Look for the side resource or the old inline one."""
    none = bucket.lacks("logging") and run.stack.lacks_side(bucket, "s3/bucketLogging", "bucket")
    if none and not is_log_bucket(bucket, run):
        yield bucket.finding(f"{bucket.label} writes no access logs")


@AREA.rule(
    "sns-delivery-logged",
    title="Topics log the status of deliveries",
    cause="A topic that cannot deliver says nothing; the alarm is simply not heard.",
    remedy="Set lambda_success_feedback_role_arn (or the one of the protocol used) and its failure twin.",
    types=["sns/topic"],
    severity="low",
    controls=["SNS.2"],
    good=[sample("sns/topic", lambdaSuccessFeedbackRoleArn="arn:aws:iam::111122223333:role/prod-common-role-sns-01")],
    bad=[sample("sns/topic", name="prod-common-sns-alarm-01")],
)
def sns_delivery_logged(topic: Resource) -> Findings:
    """Look for any feedback role."""
    if all(topic.lacks(path) for path in (*_SNS_FEEDBACK, "firehoseSuccessFeedbackRoleArn")):
        yield topic.finding(f"{topic.label} does not log deliveries")


@AREA.rule(
    "ec2-detailed-monitoring",
    title="Instances report every minute",
    cause="Five-minute averages hide the minute in which the bastion or runner was overloaded.",
    remedy="Set monitoring=True.",
    types=["ec2/instance", "ec2/launchTemplate"],
    severity="low",
    controls=["cdk-nag EC28", "AWSGuard ec2-instance-detailed-monitoring-enabled"],
    good=[sample("ec2/instance", monitoring=True)],
    bad=[
        sample("ec2/instance", instanceType="t4g.small"),
        sample("ec2/launchTemplate", monitoring={"enabled": False}),
    ],
)
def ec2_detailed_monitoring(instance: Resource) -> Findings:
    """Look at the switch, which a launch template has one level deeper."""
    switch = "monitoring.enabled" if instance.type == "ec2/launchTemplate" else "monitoring"
    if instance.not_true(switch) and instance.lacks("launchTemplate"):
        yield instance.finding(f"{instance.label} reports every five minutes only")


@AREA.rule(
    "fis-experiment-bounded",
    title="Experiments have a stop condition and a log",
    cause="An experiment without a stop condition runs on while customers suffer.",
    remedy="Add a stop_conditions entry with source aws:cloudwatch:alarm, and log_configuration.",
    types=["fis/experimentTemplate"],
    severity="high",
    good=[
        sample(
            "fis/experimentTemplate",
            stopConditions=[{"source": "aws:cloudwatch:alarm", "value": "arn:aws:cloudwatch:x:1:alarm:p95"}],
            logConfiguration={"logSchemaVersion": 2},
        )
    ],
    bad=[
        sample("fis/experimentTemplate", stopConditions=[{"source": "none"}], logConfiguration={"logSchemaVersion": 2}),
        sample("fis/experimentTemplate", stopConditions=[{"source": "aws:cloudwatch:alarm", "value": "a"}]),
    ],
)
def fis_experiment_bounded(template: Resource) -> Findings:
    """Look at both."""
    sources = [item.text("source") for item in template.blocks("stopConditions") if item.is_known("source")]
    if template.is_known("stopConditions") and "aws:cloudwatch:alarm" not in sources:
        yield template.finding(f"{template.label} has no stop condition")
    if template.lacks("logConfiguration"):
        yield template.finding(f"{template.label} writes no log")


@AREA.rule(
    "ssm-automation-logged",
    title="Automations write logs, sessions are recorded",
    cause="What an automation did to a host is otherwise gone when it ends.",
    remedy="Set the service setting automation/customer-script-log-destination to CloudWatch; name a log group or "
    "bucket in the session document.",
    types=["ssm/serviceSetting", "ssm/document"],
    severity="low",
    controls=["FSBP SSM.6"],
    good=[
        sample(
            "ssm/serviceSetting",
            settingId="/ssm/automation/customer-script-log-destination",
            settingValue="CloudWatch",
        ),
        sample(
            "ssm/document",
            documentType="Session",
            content=json.dumps({"inputs": {"cloudWatchLogGroupName": "sessions"}}),
        ),
    ],
    bad=[
        sample("ssm/serviceSetting", settingId="/ssm/automation/customer-script-log-destination", settingValue="None"),
        sample("ssm/document", documentType="Session", content=json.dumps({"inputs": {"kmsKeyId": "alias/x"}})),
    ],
)
def ssm_automation_logged(resource: Resource) -> Findings:
    """Look at the setting, or at the session document's inputs."""
    setting = (resource.text("settingId") or "").endswith("customer-script-log-destination")
    if setting and resource.is_known("settingValue") and resource.text("settingValue") != "CloudWatch":
        yield resource.finding(f"{resource.label}: automation scripts write no log")
    content = parse_json(resource.get("content"))
    if resource.text("documentType") == "Session" and isinstance(content, dict):
        inputs = content.get("inputs")
        places = inputs if isinstance(inputs, dict) else {}
        if not places.get("cloudWatchLogGroupName") and not places.get("s3BucketName"):
            yield resource.finding(f"{resource.label}: sessions are not recorded")
