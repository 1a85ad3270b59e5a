"""Whom the platform tells: one topic for operations, its subscribers, and the database's events on it.

Owns the topic, who may publish to it, the e-mail subscriptions and the subscription to RDS events. Does not own what
publishes later: alarms and backups stand in their own components and name the topic.

An e-mail address gets nothing until its owner has confirmed the mail that AWS sends when the subscription is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.keys import Keys
from components.readiness import once_made
from model import iam, settings
from model.conventions import Conventions

_EVENTS: Final = {
    # Categories that ask a person to look. RDS's list for each kind of source also has what happens by intent.
    "db-cluster": ("failover", "failure", "global-failover", "maintenance", "notification"),
    "db-instance": ("availability", "failure", "low storage", "maintenance", "recovery", "security"),
}
_PUBLISHERS: Final = {
    # Service principal: service in the ARNs of what it speaks of.
    "cloudwatch.amazonaws.com": "cloudwatch",
    "events.rds.amazonaws.com": "rds",
}


@dataclass(frozen=True, kw_only=True)
class NotificationsArgs:
    """What notifications need.

    Attributes:
        settings: All settings of the stack; who is told is one of them.
        keys: The alerts key encrypts the topic.
    """

    settings: settings.Settings
    keys: Keys


class Notifications(pulumi.ComponentResource):
    """One topic for the people who operate the platform."""

    topic_arn: pulumi.Output[str]
    """Topic, available once its policy lets services publish."""

    def __init__(self, name: str, args: NotificationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:notifications:Notifications", name, None, opts)
        conventions, child = args.settings.conventions, pulumi.ResourceOptions(parent=self)
        physical = conventions.naming.name("sns", "operations")
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=physical,
            display_name=f"Fast Order {conventions.naming.environment}",
            kms_master_key_id=args.keys.arns["alerts"],
            tags=conventions.tagging.tags(physical, "operations"),
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(_policy(conventions, conventions.arns.of("sns", physical))),
            opts=child,
        )
        self.topic_arn = once_made(topic.arn, policy)
        for sequence, email in enumerate(args.settings.notifications.emails, start=1):
            aws.sns.TopicSubscription(
                f"{name}-email-{sequence:02d}", topic=topic.arn, protocol="email", endpoint=email, opts=child
            )
        for source, categories in _EVENTS.items():
            role = source.replace("-", "")
            event_name = conventions.naming.name("rdsev", role)
            aws.rds.EventSubscription(
                f"{name}-{source}-events",
                name=event_name,
                sns_topic=self.topic_arn,
                source_type=source,
                # No ids: readers that autoscaling adds are sources too, and the account holds one environment.
                event_categories=list(categories),
                tags=conventions.tagging.tags(event_name, role),
                opts=child,
            )
        self.register_outputs({"topicArn": self.topic_arn})


def _policy(conventions: Conventions, topic_arn: str) -> dict[str, object]:
    return iam.document(
        *(
            iam.Statement(
                sid=f"{service.capitalize()}Publishes",
                principal=iam.Principal.service(principal),
                actions=("sns:Publish",),
                resources=(topic_arn,),
                condition={
                    "StringEquals": {"aws:SourceAccount": conventions.account_id},
                    "ArnLike": {"aws:SourceArn": conventions.arns.of(service, "*")},
                },
            )
            for principal, service in _PUBLISHERS.items()
        ),
        iam.deny_plain_transport(topic_arn, actions=("sns:Publish",)),
    )
