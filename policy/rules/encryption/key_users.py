"""Keys and the services that must use them: a key whose policy keeps its users out drops alarms and logs silently.

Owns the rules that follow a resource to its key and read the key's policy, wherever it is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.iam.documents import Statement, statements

from . import AREA


def _key_policy(*services: str) -> str:
    statements_ = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        *[
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            }
            for service in services
        ],
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements_})


_DELIVERIES: Final = {
    "ec2/flowLog": ("logDestination", "delivery.logs."),
    "cfg/deliveryChannel": ("s3BucketName", "config."),
    "guardduty/publishingDestination": ("destinationArn", "guardduty."),
    "cloudtrail/trail": ("s3BucketName", "cloudtrail."),
}
"""Where a delivering resource names its bucket, and the service that writes there."""

_WRITERS: Final = {
    "cloudwatch/logGroup": ("logs.", "kmsKeyId", "CloudWatch Logs writes the group"),
    "cloudtrail/trail": ("cloudtrail.", "kmsKeyId", "CloudTrail writes the trail"),
}
"""Types whose own service encrypts with the key: service, property with the key, why."""

_PUBLISHERS: Final = {
    "sns/topic": (
        ("cloudwatch/metricAlarm", "alarmActions", "cloudwatch.", "alarms publish to the topic"),
        ("cloudwatch/metricAlarm", "okActions", "cloudwatch.", "alarms publish to the topic"),
        ("cloudwatch/eventTarget", "arn", "events.", "event rules publish to the topic"),
        ("backup/vaultNotifications", "snsTopicArn", "backup.", "AWS Backup publishes to the topic"),
        ("budgets/budget", "notifications", "budgets.", "budgets publish to the topic"),
    ),
    "sqs/queue": (
        ("sns/topicSubscription", "endpoint", "sns.", "a topic delivers to the queue"),
        ("cloudwatch/eventTarget", "arn", "events.", "event rules deliver to the queue"),
        ("s3/bucketNotification", "queues", "s3.", "a bucket notifies the queue"),
    ),
}
"""Types that others publish to: publishing type, its property, its service, why."""


def _users(resource: Resource, run: Run) -> Iterator[tuple[str, str, str]]:
    """Yield (service that must use the key, property with the key, why) for one resource."""
    if resource.type in _WRITERS:
        yield _WRITERS[resource.type]
    for kind, path, service, why in _PUBLISHERS.get(resource.type, ()):
        if run.stack.sides(resource, kind, path):
            yield service, "kmsMasterKeyId", why


def key_statements(key: Resource, run: Run) -> list[Statement] | None:
    """Return the statements of a key's policy wherever it is written; None when it is not known or the default."""
    sides = run.stack.sides(key, "kms/keyPolicy", "keyId")
    documents = [side.get("policy") for side in sides] or [key.get("policy")]
    found = [statement for document in documents for statement in statements(document)]
    return found or None


def _admits(found: list[Statement], service: str) -> bool:
    return any(
        statement.allows
        and (statement.partial or (statement.covers("kms:GenerateDataKey") or statement.covers("kms:Decrypt")))
        and any(
            principal.is_anyone or (principal.kind == "Service" and principal.value.startswith(service))
            for principal in statement.principals
        )
        for statement in found
    )


@AREA.rule(
    "kms-policy-admits-service",
    title="A key's policy lets the services that use it work",
    cause="A log group, topic or queue with a key that its service may not use fails at deployment, or worse, drops "
    "alarms silently.",
    remedy="Add a statement to the key policy for the service principal with kms:GenerateDataKey* and kms:Decrypt, "
    "limited by aws:SourceAccount or kms:EncryptionContext.",
    types=["cloudwatch/logGroup", "cloudtrail/trail", "sns/topic", "sqs/queue"],
    severity="high",
    scope="stack",
    good=[
        (
            sample("kms/key", "logs", policy=_key_policy("logs.ap-northeast-2.amazonaws.com")),
            sample("cloudwatch/logGroup", "app", kmsKeyId=Ref("logs", "arn")),
        ),
        (
            sample("kms/key", "alarm"),
            sample("kms/keyPolicy", "alarm-policy", keyId=Ref("alarm"), policy=_key_policy("cloudwatch.amazonaws.com")),
            sample("sns/topic", "alarms", kmsMasterKeyId=Ref("alarm")),
            sample("cloudwatch/metricAlarm", "errors", alarmActions=[Ref("alarms", "arn")]),
        ),
    ],
    bad=[
        (
            sample("kms/key", "logs", policy=_key_policy("s3.amazonaws.com")),
            sample("cloudwatch/logGroup", "app", kmsKeyId=Ref("logs", "arn")),
        ),
        (
            sample("kms/key", "alarm", policy=_key_policy()),
            sample("sns/topic", "alarms", kmsMasterKeyId=Ref("alarm")),
            sample("cloudwatch/metricAlarm", "errors", alarmActions=[Ref("alarms", "arn")]),
        ),
    ],
)
def kms_policy_admits_service(resource: Resource, run: Run) -> Findings:
    """Follow the key reference and read the key's policy."""
    for service, path, why in _users(resource, run):
        for key in run.stack.targets(resource, path, "kms/key"):
            found = key_statements(key, run)
            if found is not None and not _admits(found, service):
                yield resource.finding(
                    f"{resource.label}: {why}, but the policy of {key.label} does not admit {service}amazonaws.com"
                )


@AREA.rule(
    "delivery-bucket-key-usable",
    title="Buckets that AWS services deliver into use a key which those services may use",
    cause="The AWS-managed key aws/s3 cannot admit a delivery service: flow logs, Config and GuardDuty findings are "
    "then dropped without an error in the stack.",
    remedy="Encrypt the bucket with a customer key whose policy admits the delivering service principal.",
    types=["ec2/flowLog", "cfg/deliveryChannel", "guardduty/publishingDestination", "cloudtrail/trail"],
    severity="high",
    scope="stack",
    good=[
        (
            sample("kms/key", "logs", policy=_key_policy("delivery.logs.amazonaws.com")),
            sample("s3/bucket", "flow"),
            sample(
                "s3/bucketServerSideEncryptionConfiguration",
                "flow-encryption",
                bucket=Ref("flow"),
                rules=[
                    {
                        "applyServerSideEncryptionByDefault": {
                            "sseAlgorithm": "aws:kms",
                            "kmsMasterKeyId": Ref("logs", "arn"),
                        }
                    }
                ],
            ),
            sample("ec2/flowLog", "vpc", logDestinationType="s3", logDestination=Ref("flow", "arn")),
        )
    ],
    bad=[
        (
            sample("kms/key", "logs", policy=_key_policy()),
            sample("s3/bucket", "flow"),
            sample(
                "s3/bucketServerSideEncryptionConfiguration",
                "flow-encryption",
                bucket=Ref("flow"),
                rules=[
                    {
                        "applyServerSideEncryptionByDefault": {
                            "sseAlgorithm": "aws:kms",
                            "kmsMasterKeyId": Ref("logs", "arn"),
                        }
                    }
                ],
            ),
            sample("ec2/flowLog", "vpc", logDestinationType="s3", logDestination=Ref("flow", "arn")),
        ),
        (
            sample("s3/bucket", "flow"),
            sample(
                "s3/bucketServerSideEncryptionConfiguration",
                "flow-encryption",
                bucket=Ref("flow"),
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
            ),
            sample("ec2/flowLog", "vpc", logDestinationType="s3", logDestination=Ref("flow", "arn")),
        ),
    ],
)
def delivery_bucket_key_usable(delivery: Resource, run: Run) -> Findings:
    """Follow delivery to bucket, bucket to key, and read the key's policy."""
    path, service = _DELIVERIES[delivery.type]
    for bucket in run.stack.targets(delivery, path, "s3/bucket"):
        for side in run.stack.sides(bucket, "s3/bucketServerSideEncryptionConfiguration", "bucket"):
            for rule in side.blocks("rules"):
                if rule.text("applyServerSideEncryptionByDefault.sseAlgorithm") != "aws:kms":
                    continue
                if rule.lacks("applyServerSideEncryptionByDefault.kmsMasterKeyId"):
                    yield delivery.finding(f"{delivery.label}: {bucket.label} uses aws/s3, which no service may use")
                    continue
                for key in run.stack.targets(side, "rules", "kms/key"):
                    found = key_statements(key, run)
                    if found is not None and not _admits(found, service):
                        yield delivery.finding(
                            f"{delivery.label}: the policy of {key.label}, which encrypts {bucket.label}, does not "
                            f"admit {service}amazonaws.com"
                        )
