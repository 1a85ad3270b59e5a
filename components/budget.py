"""What the account may cost, and who hears that it costs more.

Owns the monthly budget with its warnings and the search for anomalies in each service's cost. Does not own the topic,
nor a monitor that the account had before: AWS admits one for services, and makes it by itself in many accounts.
Both look at the whole account, as it holds one environment; an organization would put budgets of all its accounts
into the one that pays. Neither stops anything: the brakes are the limits of node pools and readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.notifications import Notifications
from model import settings

_WARNINGS: Final[tuple[tuple[Literal["ACTUAL", "FORECASTED"], int], ...]] = (
    # Half of the money in the first half of the month is the rule; earlier, somebody should look.
    ("ACTUAL", 50),
    ("ACTUAL", 80),
    ("ACTUAL", 100),
    # The only warning that comes before the money is spent.
    ("FORECASTED", 100),
)
"""What is compared with the limit, and percent of it. AWS allows five for each budget."""


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """What the budget needs.

    Attributes:
        settings: All settings of the stack; the limits are some of them.
        notifications: Whom to tell.
    """

    settings: settings.Settings
    notifications: Notifications


class Budget(pulumi.ComponentResource):
    """The budget of one environment."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:budget:Budget", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        self._monthly()
        self._anomalies()
        self.register_outputs({})

    def _monthly(self) -> None:
        conventions = self._args.settings.conventions
        aws.budgets.Budget(
            f"{self._name}-month",
            name=conventions.naming.name("budget", "month"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(self._args.settings.budget.monthly_usd),
            limit_unit="USD",
            notifications=[
                {
                    "notification_type": kind,
                    "threshold": percent,
                    "threshold_type": "PERCENTAGE",
                    "comparison_operator": "GREATER_THAN",
                    "subscriber_sns_topic_arns": [self._args.notifications.topic_arn],
                }
                for kind, percent in _WARNINGS
            ],
            tags=conventions.tags("budget", "month"),
            opts=self._child,
        )

    def _anomalies(self) -> None:
        conventions = self._args.settings.conventions
        aws.costexplorer.AnomalySubscription(
            f"{self._name}-anomalies",
            name=conventions.naming.name("costsub", "services"),
            # The one frequency that speaks to topics.
            frequency="IMMEDIATE",
            monitor_arn_lists=[self._monitor_arn()],
            subscribers=[{"type": "SNS", "address": self._args.notifications.topic_arn}],
            threshold_expression={
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "match_options": ["GREATER_THAN_OR_EQUAL"],
                    "values": [str(self._args.settings.budget.anomaly_usd)],
                }
            },
            tags=conventions.tags("costsub", "services"),
            opts=self._child,
        )

    def _monitor_arn(self) -> pulumi.Input[str]:
        conventions, existing = self._args.settings.conventions, self._args.settings.budget.anomaly_monitor_arn
        if existing is not None:
            return existing
        return aws.costexplorer.AnomalyMonitor(
            f"{self._name}-services",
            name=conventions.naming.name("costmon", "services"),
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
            tags=conventions.tags("costmon", "services"),
            opts=self._child,
        ).arn
