"""The budget as it is registered: told before the money is spent, to the topic that people hear."""

from __future__ import annotations

from typing import Final

from tests.unit.testkit import Graph, run_main, stack_config

TOPIC: Final = "arn:aws:mock:::notifications-operations-topic"
MONTH: Final = "aws:budgets/budget:Budget"


def test_people_hear_of_the_months_cost_before_and_when_it_is_spent(graph: Graph):
    budget = graph.one(MONTH).inputs
    assert (budget["timeUnit"], budget["limitUnit"], budget["budgetType"]) == ("MONTHLY", "USD", "COST")
    assert not [key for key in budget if key.startswith("costFilter")]
    said = {(one["notificationType"], one["threshold"]) for one in budget["notifications"]}
    assert ("FORECASTED", 100) in said
    assert ("ACTUAL", 80) in said
    # The service's limit for one budget.
    assert len(said) <= 5
    assert all(one["subscriberSnsTopicArns"] == [TOPIC] for one in budget["notifications"])


def test_an_unusual_cost_of_any_service_is_told_at_once(graph: Graph):
    subscription = graph.one("aws:costexplorer/anomalySubscription:AnomalySubscription").inputs
    assert subscription["subscribers"] == [{"type": "SNS", "address": TOPIC}]
    # Other frequencies are refused for topics.
    assert subscription["frequency"] == "IMMEDIATE"
    assert subscription["monitorArnLists"] == ["arn:aws:mock:::budget-services"]
    assert graph.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor").inputs["monitorDimension"] == "SERVICE"


def test_a_monitor_that_the_account_had_is_used_instead_of_a_second_one():
    had = "arn:aws:ce::111111111111:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef"
    config = stack_config("dev") | {"fast-order:budget": {"anomalyMonitorArn": had}}
    graph = run_main("dev", config)
    assert "aws:costexplorer/anomalyMonitor:AnomalyMonitor" not in {one.type for one in graph}
    subscription = graph.one("aws:costexplorer/anomalySubscription:AnomalySubscription").inputs
    assert subscription["monitorArnLists"] == [had]


def test_the_topic_admits_both_before_they_name_it(graph: Graph):
    policy = graph.one("aws:sns/topicPolicy:TopicPolicy", "notifications-operations-policy")
    principals = {
        one["Principal"]["Service"] for one in policy.document("policy")["Statement"] if one["Principal"] != "*"
    }
    assert {"budgets.amazonaws.com", "costalerts.amazonaws.com"} <= principals
    for one in graph.of(MONTH, "aws:costexplorer/anomalySubscription:AnomalySubscription"):
        assert policy.urn in one.dependencies


def test_the_limits_are_the_settings():
    config = stack_config("dev") | {"fast-order:budget": {"monthlyUsd": 123, "anomalyUsd": 45}}
    graph = run_main("dev", config)
    assert graph.one(MONTH).inputs["limitAmount"] == "123"
    expression = graph.one("aws:costexplorer/anomalySubscription:AnomalySubscription").inputs["thresholdExpression"]
    assert expression["dimension"]["values"] == ["45"]
