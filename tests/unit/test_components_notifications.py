"""Notifications as they are registered: encrypted, published to by named services of our account, heard by people."""

from __future__ import annotations

from typing import Final

import pytest

from tests.unit.testkit import STACKS, Graph, whole

TOPIC: Final = "aws:sns/topic:Topic"
POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
TOPICS: Final = {"operations": ("alerts", None), "edge": ("edge", "us-east-1")}
"""Topic: its key and its region."""
SENDS: Final = {
    # type -> argument that names the topic
    "aws:cloudwatch/metricAlarm:MetricAlarm": "alarmActions",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmActions",
    "aws:rds/eventSubscription:EventSubscription": "snsTopic",
    "aws:cloudwatch/eventTarget:EventTarget": "arn",
}

_ACCOUNT: Final = "aws:SourceAccount"
SAYS: Final[dict[str, set[str]]] = {
    # Publisher -> what a topic's policy asks of it, all of it in the document beside it, read in copies of AWS's pages.
    # Knowledge center, "SNS notification for a CloudWatch alarm trigger": no account, which the ARN names anyhow.
    "cloudwatch.amazonaws.com": {"aws:SourceArn"},
    # RDS user guide, "Granting permissions to publish notifications to an Amazon SNS topic".
    "events.rds.amazonaws.com": {_ACCOUNT, "aws:SourceArn"},
    # Cost Management user guide, "Creating an Amazon SNS topic for budget notifications".
    "budgets.amazonaws.com": {_ACCOUNT, "aws:SourceArn"},
    # The same, "... for anomaly notifications"; the subscription's ARN could be asked for too.
    "costalerts.amazonaws.com": {_ACCOUNT},
    # EventBridge user guide, "Using resource-based policies": no Condition in policies of topics.
    "events.amazonaws.com": set(),
}


@pytest.mark.parametrize("role", TOPICS)
def test_each_topic_is_encrypted_by_a_key_that_admits_its_publishers_for_topics_alone(graph: Graph, role: str):
    purpose, region = TOPICS[role]
    topic = graph.one(TOPIC, f"notifications-{role}-topic").inputs
    assert (topic["kmsMasterKeyId"], topic.get("region")) == (f"arn:aws:mock:::keys-{purpose}", region)
    found = graph.one("aws:kms/keyPolicy:KeyPolicy", f"keys-{purpose}-policy").document("policy")["Statement"]
    (publishers,) = [one for one in found if one["Sid"] == "PublishersEncrypt"]
    # SNS developer guide, "Managing Amazon SNS encryption keys": aws:SourceAccount and aws:SourceArn in a key's policy
    # keep EventBridge out of encrypted topics.
    assert publishers["Condition"].keys() == {"ArnLike"}
    ((named, topics),) = publishers["Condition"]["ArnLike"].items()
    assert named == "kms:EncryptionContext:aws:sns:topicArn"
    environment = topic["name"].partition("-")[0]
    assert topics.endswith(f":{environment}-*")
    assert topics.split(":")[3] == (region or "ap-northeast-2")
    assert publishers["Action"] == ["kms:GenerateDataKey*", "kms:Decrypt"]


@pytest.mark.parametrize("role", TOPICS)
def test_who_may_publish_may_use_the_key_and_is_asked_for_no_more_than_it_says(graph: Graph, role: str):
    purpose, region = TOPICS[role]
    found = graph.one(POLICY, f"notifications-{role}-policy").document("policy")["Statement"]
    allowed = [one for one in found if one["Effect"] == "Allow"]
    key = graph.one("aws:kms/keyPolicy:KeyPolicy", f"keys-{purpose}-policy").document("policy")["Statement"]
    (publishers,) = [one["Principal"]["Service"] for one in key if one["Sid"] == "PublishersEncrypt"]
    names = [publishers] if isinstance(publishers, str) else publishers
    assert {one["Principal"]["Service"] for one in allowed} == set(names) <= set(SAYS)
    topic = graph.one(TOPIC, f"notifications-{role}-topic").inputs["name"]
    for one in allowed:
        assert one["Action"] == "sns:Publish"
        assert one["Resource"].endswith(f":{topic}")
        assert one["Resource"].split(":")[3] == (region or "ap-northeast-2")
        asked = {key for conditions in one.get("Condition", {}).values() for key in conditions}
        assert asked == SAYS[one["Principal"]["Service"]]


def test_whatever_sends_names_a_topic_of_its_own_region_and_waits_for_its_policy(graph: Graph):
    senders = [one for one in graph if one.type in SENDS and SENDS[one.type] in one.inputs]
    assert {one.type for one in senders} == set(SENDS)
    for one in senders:
        role = "edge" if one.inputs.get("region") == "us-east-1" else "operations"
        topic = f"arn:aws:mock:::notifications-{role}-topic"
        assert one.inputs[SENDS[one.type]] in (topic, [topic])
        assert one.inputs.get("okActions") in (None, [topic])
        assert graph.one(POLICY, f"notifications-{role}-policy").urn in one.dependencies


def test_failures_of_the_database_are_told_for_every_cluster_and_instance(graph: Graph):
    subscriptions = graph.of("aws:rds/eventSubscription:EventSubscription")
    assert {one.inputs["sourceType"] for one in subscriptions} == {"db-cluster", "db-instance"}
    for one in subscriptions:
        # Readers that autoscaling adds have no id to name.
        assert "sourceIds" not in one.inputs
        assert "failure" in one.inputs["eventCategories"]


@pytest.mark.parametrize("stack", STACKS)
def test_production_tells_people_by_every_topic(stack: str):
    mails = {
        one.inputs["topic"]: one.inputs["endpoint"]
        for one in whole(stack)
        if one.type == SUBSCRIPTION and one.inputs["protocol"] == "email"
    }
    assert mails == {
        f"arn:aws:mock:::notifications-{role}-topic": "operations@fastorder.example"
        for role in (TOPICS if stack != "dev" else {})
    }
