"""Whom the platform tells: a topic for operations at home and one for the edge, their subscribers, RDS events.

Owns the topics, who may publish to them, the e-mail subscriptions and the subscription to RDS events. Does not own
what publishes later: alarms and backups stand in their own components and name a topic.

CloudFront and its firewall report in us-east-1 only, and an alarm reaches no topic of another region: hence two.
An e-mail address gets nothing until its owner has confirmed the mail that AWS sends for each subscription.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.keys import Keys, Purpose
from components.readiness import once_made
from components.slack_notifier import SlackNotifier, SlackNotifierArgs
from model import iam, settings
from model.conventions import EDGE_REGION

_EVENTS: Final = {
    # Categories that ask a person to look. RDS's list for each kind of source also has what happens by intent.
    "db-cluster": ("failover", "failure", "global-failover", "maintenance", "notification"),
    "db-instance": ("availability", "failure", "low storage", "maintenance", "recovery", "security"),
}


@dataclass(frozen=True, kw_only=True)
class NotificationsArgs:
    """What notifications need.

    Attributes:
        settings: All settings of the stack; who is told is one of them.
        keys: Encrypt the topics (alerts at home, edge in us-east-1) and what the notifier for Slack keeps.
    """

    settings: settings.Settings
    keys: Keys


class Notifications(pulumi.ComponentResource):
    """Two topics for the people who operate the platform."""

    topic_arn: pulumi.Output[str]
    """Topic at home, available once its policy lets services publish."""
    edge_topic_arn: pulumi.Output[str]
    """Topic in us-east-1, likewise."""

    def __init__(self, name: str, args: NotificationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:notifications:Notifications", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        conventions = args.settings.conventions
        arns, ours = conventions.arns, {"StringEquals": {"aws:SourceAccount": conventions.account_id}}
        # Of each publisher no more is asked than its own documentation shows: of a key that it does not send, SNS says
        # nothing, and what it tells is lost.
        self.topic_arn = self._topic(
            "operations",
            "alerts",
            {
                "cloudwatch": _speaking_of(arns.of("cloudwatch", "alarm:*")),
                "events.rds": {**ours, **_speaking_of(arns.of("rds", "*"))},
                "budgets": {**ours, **_speaking_of(arns.worldwide("budgets", "*"))},
                "costalerts": ours,
                # EventBridge's guide forbids conditions in the policies of topics.
                "events": {},
            },
        )
        self.edge_topic_arn = self._topic(
            "edge",
            "edge",
            {"cloudwatch": _speaking_of(arns.of("cloudwatch", "alarm:*", region=EDGE_REGION))},
            region=EDGE_REGION,
        )
        self._database_events()
        if args.settings.notifications.slack_webhook_secret is not None:
            self._slack(args.settings.notifications.slack_webhook_secret)
        self.register_outputs({"topicArn": self.topic_arn, "edgeTopicArn": self.edge_topic_arn})

    def _topic(
        self,
        role: str,
        key: Purpose,
        publishers: Mapping[str, iam.Condition],
        *,
        region: str | None = None,
    ) -> pulumi.Output[str]:
        """Make a topic on which services, by the start of their principal, may publish on a condition of each."""
        conventions, name = self._args.settings.conventions, f"{self._name}-{role}"
        physical = conventions.naming.name("sns", role)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=physical,
            region=region,
            display_name=f"Fast Order {conventions.naming.environment}",
            kms_master_key_id=self._args.keys.arns[key],
            tags=conventions.tagging.tags(physical, role),
            opts=self._child,
        )
        arn = conventions.arns.of("sns", physical, region=region)
        policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            region=region,
            policy=pulumi.Output.json_dumps(
                iam.document(
                    *(_publishes(service, arn, condition) for service, condition in publishers.items()),
                    iam.deny_plain_transport(arn, actions=("sns:Publish",)),
                )
            ),
            opts=self._child,
        )
        for sequence, email in enumerate(self._args.settings.notifications.emails, start=1):
            aws.sns.TopicSubscription(
                f"{name}-email-{sequence:02d}",
                region=region,
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=self._child,
            )
        return once_made(topic.arn, policy)

    def _slack(self, secret_name: str) -> None:
        SlackNotifier(
            f"{self._name}-slack",
            SlackNotifierArgs(
                conventions=self._args.settings.conventions,
                keys=self._args.keys,
                secret_name=secret_name,
                executions=self._args.settings.notifications.slack_executions,
                topics={"operations": (self.topic_arn, None), "edge": (self.edge_topic_arn, EDGE_REGION)},
                alarm_topic_arn=self.topic_arn,
            ),
            opts=self._child,
        )

    def _database_events(self) -> None:
        conventions = self._args.settings.conventions
        for source, categories in _EVENTS.items():
            role = source.replace("-", "")
            physical = conventions.naming.name("rdsev", role)
            aws.rds.EventSubscription(
                f"{self._name}-{source}-events",
                name=physical,
                sns_topic=self.topic_arn,
                source_type=source,
                # No ids: readers that autoscaling adds are sources too, and the account holds one environment.
                event_categories=list(categories),
                tags=conventions.tagging.tags(physical, role),
                opts=self._child,
            )


def _speaking_of(source_arn: str) -> iam.Condition:
    """Bind to what is spoken of, whose ARN names our account."""
    return {"ArnLike": {"aws:SourceArn": source_arn}}


def _publishes(service: str, topic_arn: str, condition: iam.Condition) -> iam.Statement[str]:
    return iam.Statement(
        sid=f"{service.rpartition('.')[2].capitalize()}Publishes",
        principal=iam.Principal.service(f"{service}.amazonaws.com"),
        actions=("sns:Publish",),
        resources=(topic_arn,),
        condition=condition,
    )
