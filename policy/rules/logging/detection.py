"""Detection of changes: what a trail is watched for, objects that are recorded, regions that are gathered.

Owns the rules that join a trail with filters, alarms and its bucket, and AWS Config across regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, Sample, sample
from policy.frame.values import Block, Unknown

from . import AREA

_WATCHED: Final = {
    "use of the root user": ("Root",),
    "calls that were refused": ("UnauthorizedOperation", "AccessDenied"),
    "logins without MFA": ("ConsoleLogin", "MFAUsed"),
    "changed IAM policies": ("AttachRolePolicy",),
    "changed trails": ("StopLogging",),
    "failed logins": ("ConsoleLogin", "Failed authentication"),
    "keys to be deleted": ("ScheduleKeyDeletion",),
    "changed bucket policies": ("PutBucketPolicy",),
    "changed AWS Config": ("StopConfigurationRecorder",),
    "changed security groups": ("AuthorizeSecurityGroupIngress",),
    "changed network ACLs": ("CreateNetworkAcl",),
    "changed gateways": ("InternetGateway",),
    "changed route tables": ("CreateRoute",),
    "changed VPCs": ("CreateVpc",),
}
"""What the CIS benchmark wants to be noticed, with words that the filter's pattern cannot do without."""

_GROUP: Final = "arn:aws:logs:ap-northeast-2:111122223333:log-group:trail:*"
_TOPIC: Final = "arn:aws:sns:ap-northeast-2:111122223333:prod-common-sns-alarm-01"


def _filters(names: list[str]) -> list[Sample]:
    return [
        sample(
            "cloudwatch/logMetricFilter",
            f"filter-{index}",
            logGroupName="trail",
            pattern=" && ".join(f"($.eventName = {word})" for word in _WATCHED[name]),
            metricTransformation={"name": f"watched-{index}", "namespace": "Trail", "value": "1"},
        )
        for index, name in enumerate(names)
    ]


@AREA.rule(
    "account-changes-watched",
    title="Changes of the account itself raise alarms",
    cause="An attacker's first steps (a stopped trail, an opened group, a new policy) stand in the trail, where nobody "
    "looks until it is too late.",
    remedy="Add a LogMetricFilter on the trail's log group and an alarm for each kind of change; leave kinds out by "
    "the setting `without` where Security Hub or EventBridge notices them.",
    types=["cloudtrail/trail"],
    scope="stack",
    severity="low",
    controls=["CloudWatch.1-14"],
    settings={"without": []},
    good=[
        (sample("cloudtrail/trail", "trail", cloudWatchLogsGroupArn=_GROUP), *_filters(list(_WATCHED))),
        sample("cloudtrail/trail", s3BucketName="prod-common-s3-cloudtrail-01"),
    ],
    bad=[
        (sample("cloudtrail/trail", "trail", cloudWatchLogsGroupArn=_GROUP),),
        (sample("cloudtrail/trail", "trail", cloudWatchLogsGroupArn=_GROUP), *_filters(list(_WATCHED)[1:])),
    ],
)
def account_changes_watched(trail: Resource, run: Run) -> Findings:
    """Search the patterns of all filters; event rules on the same calls count as well."""
    if trail.lacks("cloudWatchLogsGroupArn"):
        return
    filters = run.stack.of("cloudwatch/logMetricFilter")
    rules = run.stack.of("cloudwatch/eventRule")
    if not all(item.is_known("pattern") for item in filters) or not all(
        item.is_known("eventPattern") for item in rules
    ):
        return
    patterns = [str(item.get("pattern")) for item in filters] + [str(item.get("eventPattern")) for item in rules]
    missing = [
        name
        for name, words in _WATCHED.items()
        if name not in run.texts("without") and not any(all(word in text for word in words) for text in patterns)
    ]
    if missing:
        yield trail.finding(f"{trail.label}: nobody watches for {', '.join(missing)}")


@AREA.rule(
    "metric-filter-alarmed",
    title="Metrics made from logs have an alarm",
    cause="A counted event that raises no alarm is found by whoever writes the report afterwards.",
    remedy="Add a MetricAlarm on the filter's metric name and namespace.",
    types=["cloudwatch/logMetricFilter"],
    scope="stack",
    controls=["CloudWatch.1-14"],
    good=[
        (
            *_filters(["changed trails"]),
            sample("cloudwatch/metricAlarm", "alarm", metricName="watched-0", namespace="Trail", alarmActions=[_TOPIC]),
        )
    ],
    bad=[
        (*_filters(["changed trails"]),),
        (
            *_filters(["changed trails"]),
            sample("cloudwatch/metricAlarm", "alarm", metricName="other", namespace="Trail", alarmActions=[_TOPIC]),
        ),
    ],
)
def metric_filter_alarmed(counted: Resource, run: Run) -> Findings:
    """Look for an alarm on the metric, alone or in a metric expression."""
    name = counted.text("metricTransformation.name")
    alarms = run.stack.of("cloudwatch/metricAlarm")
    if name is None or not all(_metrics_are_known(alarm) for alarm in alarms):
        return
    if name not in {found for alarm in alarms for found in _metrics(alarm)}:
        yield counted.finding(f"{counted.label}: no alarm looks at its metric {name}")


def _metrics_are_known(alarm: Resource) -> bool:
    """Tell whether the names are known; dimensions may be known later."""
    listed, queries = alarm.get("metricQueries"), alarm.blocks("metricQueries")
    complete = len(queries) == len(listed) if isinstance(listed, list) else not isinstance(listed, Unknown)
    return complete and all(item.is_known("metric.metricName") for item in queries) and alarm.is_known("metricName")


def _metrics(alarm: Resource) -> Iterator[str | None]:
    yield alarm.text("metricName")
    yield from (query.text("metric.metricName") for query in alarm.blocks("metricQueries"))


@AREA.rule(
    "trail-object-events",
    title="A trail records who reads and writes objects",
    cause="Management events tell who made a bucket, not who copied the receipts out of it.",
    remedy="Add event_selectors with data_resources AWS::S3::Object, or advanced_event_selectors for them.",
    types=["cloudtrail/trail"],
    severity="low",
    controls=["S3.22", "S3.23"],
    good=[
        sample(
            "cloudtrail/trail",
            eventSelectors=[
                {"readWriteType": "All", "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}
            ],
        ),
        sample(
            "cloudtrail/trail",
            advancedEventSelectors=[
                {"fieldSelectors": [{"field": "resources.type", "equals": ["AWS::S3::Object"]}]},
            ],
        ),
    ],
    bad=[
        sample("cloudtrail/trail", s3BucketName="prod-common-s3-cloudtrail-01"),
        sample("cloudtrail/trail", eventSelectors=[{"readWriteType": "All", "includeManagementEvents": True}]),
    ],
)
def trail_object_events(trail: Resource) -> Findings:
    """Look at both kinds of selectors."""
    if not trail.is_known("eventSelectors") or not trail.is_known("advancedEventSelectors"):
        return
    kinds = [
        item.text("type") for selector in trail.blocks("eventSelectors") for item in selector.blocks("dataResources")
    ]
    advanced = [
        value
        for selector in trail.blocks("advancedEventSelectors")
        for item in selector.blocks("fieldSelectors")
        for value in item.texts("equals")
    ]
    if "AWS::S3::Object" not in (*kinds, *advanced):
        yield trail.finding(f"{trail.label} records no reads and writes of objects")


@AREA.rule(
    "trail-bucket-undeletable",
    title="The trail's objects cannot be deleted by one stolen session",
    cause="Whoever took over an administrator deletes the log of how he did it.",
    remedy="Give the trail's bucket object lock, or versioning with MFA delete (only the root user can set it).",
    types=["cloudtrail/trail"],
    severity="low",
    scope="stack",
    controls=["S3.15", "S3.20"],
    good=[
        (
            sample("s3/bucket", "trail-logs"),
            sample("s3/bucketObjectLockConfiguration", "lock", bucket=Ref("trail-logs")),
            sample("cloudtrail/trail", "trail", s3BucketName=Ref("trail-logs")),
        ),
        (
            sample("s3/bucket", "trail-logs"),
            sample(
                "s3/bucketVersioning",
                "versions",
                bucket=Ref("trail-logs"),
                versioningConfiguration={"status": "Enabled", "mfaDelete": "Enabled"},
            ),
            sample("cloudtrail/trail", "trail", s3BucketName=Ref("trail-logs")),
        ),
    ],
    bad=[
        (
            sample("s3/bucket", "trail-logs"),
            sample(
                "s3/bucketVersioning",
                "versions",
                bucket=Ref("trail-logs"),
                versioningConfiguration={"status": "Enabled", "mfaDelete": "Disabled"},
            ),
            sample("cloudtrail/trail", "trail", s3BucketName=Ref("trail-logs")),
        )
    ],
)
def trail_bucket_undeletable(trail: Resource, run: Run) -> Findings:
    """Follow the trail to its bucket, and the bucket to lock and versioning."""
    for bucket in run.stack.targets(trail, "s3BucketName", "s3/bucket"):
        unlocked = bucket.not_true("objectLockEnabled") and run.stack.lacks_side(
            bucket, "s3/bucketObjectLockConfiguration", "bucket"
        )
        versions: list[Block] = [*run.stack.sides(bucket, "s3/bucketVersioning", "bucket")]
        guarded = any(
            item.text("versioningConfiguration.mfaDelete") == "Enabled"
            or not item.is_known("versioningConfiguration.mfaDelete")
            for item in versions
        )
        if unlocked and not guarded and not bucket.is_true("versioning.mfaDelete"):
            yield trail.finding(f"{trail.label}: {bucket.label} has neither object lock nor MFA delete")


@AREA.rule(
    "config-gathered",
    title="AWS Config is gathered from every region",
    cause="What happens in the region that nobody uses is seen only where all regions come together.",
    remedy="Set all_regions=True in the aggregator; add an aggregator where recorders run in several regions.",
    types=["cfg/configurationAggregator", "cfg/recorder"],
    scope="stack",
    severity="low",
    controls=["FSBP Config.1"],
    good=[
        sample(
            "cfg/configurationAggregator",
            accountAggregationSource={"accountIds": ["111122223333"], "allRegions": True},
        ),
        sample("cfg/recorder", region="ap-northeast-2"),
    ],
    bad=[
        sample(
            "cfg/configurationAggregator",
            accountAggregationSource={"accountIds": ["111122223333"], "regions": ["ap-northeast-2"]},
        ),
        sample("cfg/configurationAggregator", organizationAggregationSource={"allRegions": False, "roleArn": "arn:r"}),
        (
            sample("cfg/recorder", "home", region="ap-northeast-2"),
            sample("cfg/recorder", "disaster", region="ap-northeast-1"),
        ),
    ],
)
def config_gathered(item: Resource, run: Run) -> Findings:
    """Look at the aggregator's regions, or for an aggregator where recorders run in several."""
    if item.type == "cfg/configurationAggregator":
        for path in ("accountAggregationSource", "organizationAggregationSource"):
            if any(source.not_true("allRegions") for source in item.blocks(path)):
                yield item.finding(f"{item.label} leaves regions out: allRegions is not true")
        return
    regions = {recorder.text("region") for recorder in run.stack.of("cfg/recorder")}
    if len(regions) > 1 and not run.stack.of("cfg/configurationAggregator"):
        yield item.finding(f"{item.label}: recorders run in several regions, and nothing gathers them")
