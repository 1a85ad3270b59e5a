"""The account's own record and watch: trails, Config, GuardDuty, log groups, alarms, budgets.

Owns the rules on CloudWatch and the detecting services.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, not_off
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_FEATURES: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)
_FORENSIC_YEAR: Final = 365
_TOPIC: Final = "arn:aws:sns:ap-northeast-2:111122223333:prod-common-sns-alarm-01"


@AREA.rule(
    "log-group-retention",
    title="Log groups keep logs for a stated time of a year or more",
    cause="Without retention logs are kept, and paid, for ever; with a short one the intrusion found in spring "
    "began in logs that are gone.",
    remedy="Set retention_in_days to 365 or more (the setting `minimumDays` says otherwise for a stack).",
    types=["cloudwatch/logGroup"],
    controls=["CloudWatch.16", "cdk-nag CloudWatchLogGroupRetentionPeriod"],
    settings={"minimumDays": _FORENSIC_YEAR},
    good=[sample("cloudwatch/logGroup", retentionInDays=365), sample("cloudwatch/logGroup", retentionInDays=0)],
    bad=[sample("cloudwatch/logGroup", retentionInDays=7), sample("cloudwatch/logGroup", name="/app")],
)
def log_group_retention(group: Resource, run: Run) -> Findings:
    """Compare the retention with the setting; a 0 that is written down is a decision to keep logs for ever."""
    days = group.number("retentionInDays")
    if group.below("retentionInDays", run.number("minimumDays")) and days != 0:
        kept = "for a time that nobody chose" if days is None else f"{days:.0f} days"
        yield group.finding(f"{group.label} keeps logs {kept}, the least is {run.number('minimumDays'):.0f} days")


@AREA.rule(
    "alarm-acts",
    title="Alarms tell somebody",
    cause="An alarm without an action is a colour on a page that nobody looks at.",
    remedy="Set alarm_actions to the topic of its tier and leave actions_enabled on.",
    types=["cloudwatch/metricAlarm", "cloudwatch/compositeAlarm"],
    controls=["CloudWatch.15", "CloudWatch.17", "cdk-nag CloudWatchAlarmAction"],
    good=[sample("cloudwatch/metricAlarm", alarmActions=[_TOPIC])],
    bad=[
        sample("cloudwatch/metricAlarm", metricName="CPUUtilization"),
        sample("cloudwatch/metricAlarm", alarmActions=[_TOPIC], actionsEnabled=False),
    ],
)
def alarm_acts(alarm: Resource) -> Findings:
    """Look at the actions; an alarm of insufficient data counts as well."""
    if all(alarm.lacks(path) for path in ("alarmActions", "insufficientDataActions")):
        yield alarm.finding(f"{alarm.label} has no action")
    if alarm.is_false("actionsEnabled"):
        yield alarm.finding(f"{alarm.label} has its actions switched off")


@AREA.rule(
    "trail-bucket-guarded",
    title="The trail's bucket is private and logged",
    cause="Who can read or change the trail's bucket can hide what he did.",
    remedy="Give the bucket a public access block and a BucketLogging, or object lock.",
    types=["cloudtrail/trail"],
    severity="high",
    scope="stack",
    controls=["CloudTrail.6", "CloudTrail.7"],
    good=[
        (
            sample("s3/bucket", "trail-logs"),
            sample("s3/bucketPublicAccessBlock", "block", bucket=Ref("trail-logs"), blockPublicAcls=True),
            sample("s3/bucketLogging", "logging", bucket=Ref("trail-logs"), targetBucket="access-logs"),
            sample("cloudtrail/trail", "trail", s3BucketName=Ref("trail-logs")),
        )
    ],
    bad=[(sample("s3/bucket", "trail-logs"), sample("cloudtrail/trail", "trail", s3BucketName=Ref("trail-logs")))],
)
def trail_bucket_guarded(trail: Resource, run: Run) -> Findings:
    """Follow the trail to its bucket."""
    for bucket in run.stack.targets(trail, "s3BucketName", "s3/bucket"):
        if run.stack.lacks_side(bucket, "s3/bucketPublicAccessBlock", "bucket"):
            yield trail.finding(f"{trail.label}: {bucket.label} has no public access block")
        unlogged = run.stack.lacks_side(bucket, "s3/bucketLogging", "bucket")
        if unlogged and run.stack.lacks_side(bucket, "s3/bucketObjectLockConfiguration", "bucket"):
            yield trail.finding(f"{trail.label}: {bucket.label} is neither logged nor locked")


@AREA.rule(
    "config-records-everything",
    title="AWS Config records all resources and is switched on",
    cause="What is not recorded cannot be compared with yesterday.",
    remedy="Set recording_group.all_supported and include_global_resource_types; add a RecorderStatus that is on.",
    types=["cfg/recorder"],
    scope="stack",
    controls=["FSBP Config.1"],
    good=[
        (
            sample("cfg/recorder", "all", recordingGroup={"allSupported": True, "includeGlobalResourceTypes": True}),
            sample("cfg/recorderStatus", "on", name=Ref("all", "name"), isEnabled=True),
        )
    ],
    bad=[
        (sample("cfg/recorder", "all", recordingGroup={"allSupported": True}),),
        (
            sample(
                "cfg/recorder", "some", recordingGroup={"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
            ),
            sample("cfg/recorderStatus", "on", name=Ref("some", "name"), isEnabled=True),
        ),
        (
            sample("cfg/recorder", "all", recordingGroup={"allSupported": True}),
            sample("cfg/recorderStatus", "off", name=Ref("all", "name"), isEnabled=False),
        ),
    ],
)
def config_records_everything(recorder: Resource, run: Run) -> Findings:
    """Look at the group, and for a status that is on."""
    if recorder.is_false("recordingGroup.allSupported"):
        yield recorder.finding(f"{recorder.label} records some types only")
    if run.stack.lacks_side(recorder, "cfg/recorderStatus", "name"):
        yield recorder.finding(f"{recorder.label} is never switched on")
    for status in run.stack.sides(recorder, "cfg/recorderStatus", "name"):
        if status.not_true("isEnabled"):
            yield recorder.finding(f"{recorder.label} is switched off by {status.label}")


demand(
    AREA,
    "guardduty-on",
    "guardduty/detector",
    "GuardDuty is on",
    wants=[not_off("enable")],
    cause="A detector that is switched off finds nothing, and looks from afar like one that is on.",
    remedy="Leave enable on.",
    severity="high",
    controls=["FSBP GuardDuty.1"],
)


@AREA.rule(
    "guardduty-complete",
    title="GuardDuty has all protections",
    cause="Each protection watches another door: audit logs, runtime, volumes, logins, objects, functions.",
    remedy="Add a DetectorFeature, ENABLED, for each protection in the setting `features`.",
    types=["guardduty/detector"],
    severity="high",
    scope="stack",
    controls=["GuardDuty.5-13"],
    settings={"features": list(_FEATURES)},
    good=[
        (
            sample("guardduty/detector", "main", enable=True),
            *(
                sample("guardduty/detectorFeature", name.lower(), detectorId=Ref("main"), name=name, status="ENABLED")
                for name in _FEATURES
            ),
        )
    ],
    bad=[(sample("guardduty/detector", "main", enable=True),)],
)
def guardduty_complete(detector: Resource, run: Run) -> Findings:
    """Compare the enabled features with the list."""
    sides = run.stack.sides(detector, "guardduty/detectorFeature", "detectorId")
    if not sides and not run.stack.lacks_side(detector, "guardduty/detectorFeature", "detectorId"):
        return
    if not all(side.is_known("name") and side.is_known("status") for side in sides):
        return
    enabled = {side.text("name") for side in sides if side.text("status") == "ENABLED"}
    runtime = {"RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"}
    missing = [
        name for name in run.texts("features") if name not in enabled and not (name in runtime and enabled & runtime)
    ]
    if missing:
        yield detector.finding(f"{detector.label} lacks {', '.join(missing)}")


@AREA.rule(
    "budget-notifies",
    title="Budgets tell somebody",
    cause="A budget without a notification is read when the invoice is.",
    remedy="Add notifications with a threshold and subscribers.",
    types=["budgets/budget"],
    severity="low",
    good=[
        sample(
            "budgets/budget",
            notifications=[{"threshold": 80, "subscriberSnsTopicArns": [_TOPIC], "notificationType": "FORECASTED"}],
        )
    ],
    bad=[
        sample("budgets/budget", budgetType="COST"),
        sample("budgets/budget", notifications=[{"threshold": 80, "notificationType": "ACTUAL"}]),
    ],
)
def budget_notifies(budget: Resource) -> Findings:
    """Look for subscribers."""
    if budget.lacks("notifications"):
        yield budget.finding(f"{budget.label} tells nobody")
    for item in budget.blocks("notifications"):
        if item.lacks("subscriberSnsTopicArns") and item.lacks("subscriberEmailAddresses"):
            yield budget.finding(f"{budget.label} has a notification without subscribers")


@AREA.rule(
    "backup-vault-notifies",
    title="Failed backups are noticed",
    cause="Backups fail silently; the failure is found at the restore.",
    remedy="Add backup.VaultNotifications for failed jobs, or an event rule on Backup Job State Change.",
    types=["backup/vault"],
    scope="stack",
    good=[
        (
            sample("backup/vault", "home"),
            sample("backup/vaultNotifications", "failed", backupVaultName=Ref("home", "name"), snsTopicArn=_TOPIC),
        ),
        (
            sample("backup/vault", "home"),
            sample("cloudwatch/eventRule", "failed", eventPattern='{"source": ["aws.backup"]}'),
        ),
    ],
    bad=[(sample("backup/vault", "home"),)],
)
def backup_vault_notifies(vault: Resource, run: Run) -> Findings:
    """Look for notifications of the vault or an event rule for AWS Backup."""
    patterns = [rule.get("eventPattern") for rule in run.stack.of("cloudwatch/eventRule")]
    by_event = any(not isinstance(item, str) or "aws.backup" in item for item in patterns if item is not None)
    by_alarm = any(alarm.text("namespace") == "AWS/Backup" for alarm in run.stack.of("cloudwatch/metricAlarm"))
    silent = run.stack.lacks_side(vault, "backup/vaultNotifications", "backupVaultName")
    if silent and not by_event and not by_alarm:
        yield vault.finding(f"{vault.label}: nobody is told of failed jobs")
