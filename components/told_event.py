"""Events that people are told of: a rule on the account's own bus, its target, and an alarm on what got lost between.

Owns these three. Does not own which events matter, nor the topic and who may publish on it. EventBridge drops what a
topic refuses, and says so by a metric alone: hence the alarm, which reaches the same topic by another service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions

_SECONDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class ToldEventArgs:
    """Which events are told, and to whom.

    Attributes:
        conventions: Names and tags.
        role: Role part of the names; the alarm's has `lost` behind it.
        description: What the events say, in words.
        pattern: EventBridge's pattern of them.
        topic_arn: Topic in the rule's own region, the home one.
    """

    conventions: Conventions
    role: str
    description: str
    pattern: Mapping[str, object]
    topic_arn: pulumi.Input[str]


class ToldEvent(pulumi.ComponentResource):
    """One kind of event that goes to a topic as it is."""

    def __init__(self, name: str, args: ToldEventArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:told_event:ToldEvent", name, None, opts)
        child, conventions = pulumi.ResourceOptions(parent=self), args.conventions
        physical = conventions.naming.name("evr", args.role)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=physical,
            description=args.description,
            event_pattern=pulumi.Output.json_dumps(args.pattern),
            tags=conventions.tagging.tags(physical, args.role),
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target", rule=rule.name, target_id="operations", arn=args.topic_arn, opts=child
        )
        lost = f"{args.role}lost"
        alarm = conventions.naming.name("alarm", lost)
        aws.cloudwatch.MetricAlarm(
            f"{name}-lost",
            name=alarm,
            alarm_description=f"Was not delivered: {args.description}. Look for it where it came from; may EventBridge "
            "publish on the topic and use its key?",
            namespace="AWS/Events",
            metric_name="FailedInvocations",
            # Of the default bus: rules of others have a second dimension.
            dimensions={"RuleName": physical},
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=_SECONDS,
            evaluation_periods=1,
            # EventBridge reports failures, and never that there were none.
            treat_missing_data="notBreaching",
            alarm_actions=[args.topic_arn],
            tags=conventions.tagging.tags(alarm, lost),
            opts=child,
        )
        self.register_outputs({})
