"""The alarms of `model.observation` as resources, and the one that speaks for customers.

Owns who hears of which. What customers feel (errors, slowness, a service without a pod) comes together in one
composite alarm, because one trouble sets several of these off: its message names them, and they send nothing
themselves. Causes, such as a busy writer, are told one by one. Recovery is told where customers felt it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.notifications import Notifications
from model.conventions import EDGE_REGION, Conventions
from model.observation import Watch

_CUSTOMERS: Final = "customers"
_COMPARISONS: Final = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """What the alarms watch, and whom they tell.

    Attributes:
        conventions: Names and tags.
        notifications: The topics.
        watches: One alarm each.
    """

    conventions: Conventions
    notifications: Notifications
    watches: Sequence[Watch[pulumi.Input[str]]]


class Alarms(pulumi.ComponentResource):
    """One alarm for each watch, and one for all that customers feel."""

    customers_arn: pulumi.Output[str]
    """The alarm that customers are affected: what a drill or an experiment stops at."""
    home_arns: list[str]
    """ARNs of all alarms of the home region, known before anything exists."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:alarms:Alarms", name, None, opts)
        self._name, self._args = name, args
        made = {watch.role: self._alarm(watch) for watch in args.watches}
        self.customers_arn = self._composite([made[watch.role] for watch in args.watches if watch.customers])
        self.home_arns = [
            args.conventions.arns.of("cloudwatch", f"alarm:{self._physical(role)}")
            for role in (_CUSTOMERS, *(watch.role for watch in args.watches if not watch.edge))
        ]
        self.register_outputs({"customersArn": self.customers_arn})

    def _physical(self, role: str) -> str:
        return self._args.conventions.naming.name("alarm", role)

    def _alarm(self, watch: Watch[pulumi.Input[str]]) -> aws.cloudwatch.MetricAlarm:
        told = self._args.notifications
        topic = told.edge_topic_arn if watch.edge else told.topic_arn
        physical, single = self._physical(watch.role), watch.expression is None
        metric = next(iter(watch.metrics.values()))
        percentile = metric.statistic.startswith("p")
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{watch.role}",
            name=physical,
            region=EDGE_REGION if watch.edge else None,
            alarm_description=watch.remedy,
            namespace=metric.namespace if single else None,
            metric_name=metric.name if single else None,
            dimensions=metric.dimensions if single else None,
            statistic=metric.statistic if single and not percentile else None,
            extended_statistic=metric.statistic if single and percentile else None,
            # A percentile of a handful of requests at night says nothing.
            evaluate_low_sample_count_percentiles="ignore" if single and percentile else None,
            period=watch.seconds if single else None,
            metric_queries=None if single else _queries(watch),
            comparison_operator=_COMPARISONS[watch.comparison],
            threshold=watch.threshold,
            evaluation_periods=watch.periods,
            treat_missing_data=watch.missing,
            alarm_actions=None if watch.customers else [topic],
            ok_actions=[topic] if watch.edge else None,
            tags=self._args.conventions.tagging.tags(physical, watch.role),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _composite(self, felt: Sequence[aws.cloudwatch.MetricAlarm]) -> pulumi.Output[str]:
        physical, topic = self._physical(_CUSTOMERS), self._args.notifications.topic_arn
        names = [alarm.name for alarm in felt]
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name}-{_CUSTOMERS}",
            alarm_name=physical,
            alarm_description="Customers cannot order, or only slowly: begin with docs/runbooks/customers-affected.md.",
            alarm_rule=pulumi.Output.all(*names).apply(_any_of),
            alarm_actions=[topic],
            ok_actions=[topic],
            tags=self._args.conventions.tagging.tags(physical, _CUSTOMERS),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn


def _queries(watch: Watch[pulumi.Input[str]]) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict]:
    queries: list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict] = [
        {
            "id": id_,
            "return_data": False,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": metric.dimensions,
                "stat": metric.statistic,
                "period": watch.seconds,
            },
        }
        for id_, metric in watch.metrics.items()
    ]
    return [*queries, {"id": "judged", "expression": watch.expression, "label": watch.title, "return_data": True}]


def _any_of(names: list[str]) -> str:
    return " OR ".join(f'ALARM("{name}")' for name in names)
