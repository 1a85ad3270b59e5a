"""Notifications as they are registered: encrypted, published to by named services of our account, heard by people."""

from __future__ import annotations

import pytest

from tests.unit.testkit import STACKS, Graph, whole

TOPIC = "aws:sns/topic:Topic"


def test_the_topic_is_encrypted_by_a_key_that_admits_its_publishers_for_topics_alone(graph: Graph):
    assert graph.one(TOPIC).inputs["kmsMasterKeyId"] == "arn:aws:mock:::keys-alerts"
    environment = graph.one(TOPIC).inputs["name"].partition("-")[0]
    found = graph.one("aws:kms/keyPolicy:KeyPolicy", "keys-alerts-policy").document("policy")["Statement"]
    (publishers,) = [one for one in found if "Service" in one["Principal"]]
    (topics,) = publishers["Condition"]["ArnLike"].values()
    assert topics.endswith(f":{environment}-*")
    assert publishers["Action"] == ["kms:GenerateDataKey*", "kms:Decrypt"]


def test_who_may_publish_may_use_the_key_and_speaks_for_our_account(graph: Graph):
    found = graph.one("aws:sns/topicPolicy:TopicPolicy").document("policy")["Statement"]
    allowed = [one for one in found if one["Effect"] == "Allow"]
    key = graph.one("aws:kms/keyPolicy:KeyPolicy", "keys-alerts-policy").document("policy")["Statement"]
    (publishers,) = [one["Principal"]["Service"] for one in key if "Service" in one["Principal"]]
    assert {one["Principal"]["Service"] for one in allowed} == set(publishers)
    for one in allowed:
        assert one["Action"] == "sns:Publish"
        assert one["Resource"].endswith(f":{graph.one(TOPIC).inputs['name']}")
        assert "aws:SourceAccount" in one["Condition"]["StringEquals"]
        assert "aws:SourceArn" in one["Condition"]["ArnLike"]


def test_failures_of_the_database_are_told_for_every_cluster_and_instance_once_publishing_works(graph: Graph):
    subscriptions = graph.of("aws:rds/eventSubscription:EventSubscription")
    assert {one.inputs["sourceType"] for one in subscriptions} == {"db-cluster", "db-instance"}
    for one in subscriptions:
        # Readers that autoscaling adds have no id to name.
        assert "sourceIds" not in one.inputs
        assert "failure" in one.inputs["eventCategories"]
        assert graph.one("aws:sns/topicPolicy:TopicPolicy").urn in one.dependencies


@pytest.mark.parametrize("stack", STACKS)
def test_production_tells_people(stack: str):
    mails = [
        one.inputs["endpoint"]
        for one in whole(stack)
        if one.type == "aws:sns/topicSubscription:TopicSubscription" and one.inputs["protocol"] == "email"
    ]
    assert mails == ([] if stack == "dev" else ["operations@fastorder.example"])
