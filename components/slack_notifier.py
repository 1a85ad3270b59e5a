"""Slack: the function that puts what the topics say into a channel.

Owns the function, its role, log group, dead-letter queue with its alarm, and its subscriptions. The code is
`functions/slack_notifier`. Does not own the secret with the webhook's address: people make it by hand, so that it
stands in no code and no state.

The function stands outside the VPC: what tells that NAT is broken must not go through NAT. It serves the topic of
us-east-1 too, since SNS delivers to functions of other regions. SNS itself tries for days to hand a message over;
what the function fails to deliver three times is kept in the queue, and the alarm on it is told by e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from components.keys import Keys
from components.log_group import log_group
from components.role import Role, RoleArgs
from model import iam
from model.conventions import Conventions

SOURCES: Final = Path("functions/slack_notifier")
_ROLE: Final = "slack"
_SECONDS: Final = 45
"""Three attempts of five seconds, the waits between them, and the start."""
_TRY_FOR_SECONDS: Final = 3600
_KEEP_SECONDS: Final = 14 * 86400
"""The longest that a queue keeps."""


@dataclass(frozen=True, kw_only=True)
class SlackNotifierArgs:
    """What the notifier needs.

    Attributes:
        conventions: Names and tags.
        keys: Encrypt its log (logs), its settings (secrets) and what it could not deliver (alerts).
        secret_name: Secret with the webhook's address, encrypted by our key for secrets.
        executions: How many run at once, reserved for it; None shares the account's.
        topics: ARN of each topic by its role, and its region, None for the home region.
        alarm_topic_arn: Who hears that it fails.
    """

    conventions: Conventions
    keys: Keys
    secret_name: str
    executions: int | None
    topics: Mapping[str, tuple[pulumi.Output[str], str | None]]
    alarm_topic_arn: pulumi.Input[str]


class SlackNotifier(pulumi.ComponentResource):
    """One function, subscribed to every topic."""

    def __init__(self, name: str, args: SlackNotifierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:slack_notifier:SlackNotifier", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        queue = self._undelivered()
        function = self._function(queue)
        for role, (topic_arn, region) in args.topics.items():
            admitted = aws.lambda_.Permission(
                f"{name}-{role}-permission",
                statement_id=f"{role.capitalize()}TopicCalls",
                action="lambda:InvokeFunction",
                function=function.name,
                principal="sns.amazonaws.com",
                # The topic's ARN holds the account; SNS is not documented to send it apart.
                source_arn=topic_arn,
                opts=self._child,
            )
            aws.sns.TopicSubscription(
                f"{name}-{role}-subscription",
                region=region,
                topic=topic_arn,
                protocol="lambda",
                endpoint=function.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[admitted]),
            )
        self.register_outputs({})

    def _tags(self, resource: str) -> dict[str, str]:
        return self._conventions.tags(resource, _ROLE)

    def _undelivered(self) -> aws.sqs.Queue:
        conventions, physical = self._conventions, self._conventions.naming.name("sqs", _ROLE)
        queue = aws.sqs.Queue(
            f"{self._name}-undelivered",
            name=physical,
            kms_master_key_id=self._args.keys.arns["alerts"],
            message_retention_seconds=_KEEP_SECONDS,
            tags=self._tags("sqs"),
            opts=self._child,
        )
        aws.sqs.QueuePolicy(
            f"{self._name}-undelivered-policy",
            queue_url=queue.id,
            policy=pulumi.Output.json_dumps(
                iam.document(iam.deny_plain_transport(conventions.arns.of("sqs", physical), actions=("sqs:*",)))
            ),
            opts=self._child,
        )
        alarm = conventions.naming.name("alarm", "slackfailed")
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-failed",
            name=alarm,
            alarm_description="Slack did not get what stands in the queue: the log says why; is the secret right?",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": physical},
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=300,
            evaluation_periods=1,
            # A queue that nobody used for hours reports nothing.
            treat_missing_data="notBreaching",
            alarm_actions=[self._args.alarm_topic_arn],
            tags=conventions.tagging.tags(alarm, "slackfailed"),
            opts=self._child,
        )
        return queue

    def _function(self, queue: aws.sqs.Queue) -> aws.lambda_.Function:
        conventions, keys = self._conventions, self._args.keys
        physical, path = conventions.naming.name("fn", _ROLE), conventions.naming.log_group(_ROLE)
        logs = log_group(
            f"{self._name}-logs", path, _ROLE, conventions=conventions, key_arn=keys.arns["logs"], opts=self._child
        )
        role = Role(f"{self._name}-role", self._role(physical, path), opts=self._child)
        function = aws.lambda_.Function(
            f"{self._name}-function",
            name=physical,
            description="Puts what the topics say into a Slack channel",
            runtime="python3.14",
            architectures=["arm64"],
            handler="functions.slack_notifier.handler.handle",
            code=pulumi.AssetArchive(
                {f"{SOURCES}/{file.name}": pulumi.FileAsset(str(file)) for file in sorted(SOURCES.glob("*.py"))}
            ),
            role=role.arn,
            timeout=_SECONDS,
            memory_size=256,
            reserved_concurrent_executions=self._args.executions,
            environment={"variables": {"WEBHOOK_SECRET_NAME": self._args.secret_name}},
            kms_key_arn=keys.arns["secrets"],
            dead_letter_config={"target_arn": queue.arn},
            logging_config={"log_format": "JSON", "log_group": logs.name, "application_log_level": "INFO"},
            tracing_config={"mode": "Active"},
            tags=self._tags("fn"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.attachments),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self._name}-retries",
            function_name=function.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=_TRY_FOR_SECONDS,
            opts=self._child,
        )
        return function

    def _role(self, function_name: str, log_path: str) -> RoleArgs:
        arns, keys = self._conventions.arns, self._args.keys
        queue_arn = arns.of("sqs", self._conventions.naming.name("sqs", _ROLE))
        statements: list[iam.Statement[str] | iam.Statement[pulumi.Output[str]]] = [
            iam.Statement(
                sid="WriteOwnLog",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(arns.of("logs", f"log-group:{log_path}:log-stream:*"),),
            ),
            iam.without_resources(
                "SendTraces",
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                reason="X-Ray knows no resource for traces",
            ),
            iam.Statement(
                sid="ReadWebhook",
                actions=("secretsmanager:GetSecretValue",),
                # Secrets Manager adds a hyphen and six characters to the name.
                resources=(arns.of("secretsmanager", f"secret:{self._args.secret_name}-??????"),),
            ),
            iam.Statement(
                sid="DecryptWebhook",
                actions=("kms:Decrypt",),
                resources=(keys.arns["secrets"],),
                condition={
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{self._conventions.region}.amazonaws.com"}
                },
            ),
            iam.Statement(
                sid="DecryptOwnSettings",
                actions=("kms:Decrypt",),
                resources=(keys.arns["secrets"],),
                condition={
                    "StringEquals": {
                        "kms:EncryptionContext:aws:lambda:FunctionArn": arns.of("lambda", f"function:{function_name}")
                    }
                },
            ),
            iam.Statement(sid="KeepUndelivered", actions=("sqs:SendMessage",), resources=(queue_arn,)),
            iam.Statement(
                sid="EncryptUndelivered",
                actions=("kms:GenerateDataKey", "kms:Decrypt"),
                resources=(keys.arns["alerts"],),
                condition={"StringEquals": {"kms:ViaService": f"sqs.{self._conventions.region}.amazonaws.com"}},
            ),
        ]
        return RoleArgs(
            conventions=self._conventions,
            role="slacknotifier",
            description="The function that posts to Slack reads the webhook's address with it and writes its log",
            # Lambda sends neither account nor ARN when it assumes a function's role.
            trust=iam.trust("lambda.amazonaws.com"),
            statements=statements,
        )
