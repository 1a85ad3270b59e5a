"""The Slack notifier as it is registered: subscribed to every topic, alone with its rights, and losing nothing."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from typing import Any, Final

import pulumi
import pytest

from functions.slack_notifier import delivery
from tests.unit.testkit import ROOT, STACKS, Graph, run_main, stack_config, whole

FUNCTION: Final = "aws:lambda/function:Function"
PRODUCTION: Final = ("stg", "prod")


@pytest.fixture(params=PRODUCTION)
def production(request: pytest.FixtureRequest) -> Graph:
    return whole(request.param)


def test_without_a_secret_there_is_no_function():
    assert not [one for one in whole("dev") if "slack" in one.name]


def test_a_secret_that_is_named_switches_it_on():
    config = stack_config("dev") | {"fast-order:notifications": {"slackWebhookSecret": "team/hook"}}
    graph = run_main("dev", config)
    assert graph.one(FUNCTION).inputs["environment"] == {"variables": {"WEBHOOK_SECRET_NAME": "team/hook"}}
    assert "reservedConcurrentExecutions" not in graph.one(FUNCTION).inputs, "new accounts can reserve none"
    read = role_statements(graph)["ReadWebhook"]
    assert read["Resource"] == "arn:aws:secretsmanager:ap-northeast-2:111111111111:secret:team/hook-??????"


def role_statements(graph: Graph) -> dict[str, dict[str, Any]]:
    found = graph.one("aws:iam/rolePolicy:RolePolicy", "notifications-slack-role-policy").document("policy")
    return {one["Sid"]: one for one in found["Statement"]}


def test_every_topic_calls_it_and_nothing_else_may(production: Graph):
    topics = {f"arn:aws:mock:::{one.name}": one.inputs.get("region") for one in production.of("aws:sns/topic:Topic")}
    subscriptions = {
        one.inputs["topic"]: one.inputs.get("region")
        for one in production.of("aws:sns/topicSubscription:TopicSubscription")
        if one.inputs["protocol"] == "lambda"
    }
    assert subscriptions == topics
    permissions = production.of("aws:lambda/permission:Permission")
    assert {one.inputs["sourceArn"] for one in permissions} == set(topics)
    assert {one.inputs["principal"] for one in permissions} == {"sns.amazonaws.com"}
    # Documented for S3 and others whose ARNs hold no account; a condition that SNS does not meet would drop every call.
    assert not [one for one in permissions if "sourceAccount" in one.inputs]
    assert {one.inputs["function"] for one in permissions} == {production.one(FUNCTION).inputs["name"]}


def test_what_it_cannot_deliver_is_kept_encrypted_and_noticed(production: Graph):
    function, queue = production.one(FUNCTION).inputs, production.one("aws:sqs/queue:Queue").inputs
    assert function["deadLetterConfig"] == {"targetArn": "arn:aws:mock:::notifications-slack-undelivered"}
    assert queue["kmsMasterKeyId"] == "arn:aws:mock:::keys-alerts"
    assert queue["messageRetentionSeconds"] == 14 * 86400
    alarm = production.one("aws:cloudwatch/metricAlarm:MetricAlarm", "notifications-slack-failed").inputs
    assert alarm["dimensions"] == {"QueueName": queue["name"]}
    assert alarm["alarmActions"] == ["arn:aws:mock:::notifications-operations-topic"]
    retries = production.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs
    assert retries["maximumRetryAttempts"] == 2


def test_its_log_group_exists_before_it_and_its_rights_too(production: Graph):
    function = production.one(FUNCTION)
    group = production.one("aws:cloudwatch/logGroup:LogGroup", "notifications-slack-logs")
    assert function.inputs["loggingConfig"]["logGroup"] == group.inputs["name"]
    assert function.inputs["loggingConfig"]["logFormat"] == "JSON"
    rights = production.one("aws:iam/rolePolicy:RolePolicy", "notifications-slack-role-policy")
    assert {group.urn, rights.urn} <= function.dependencies


def test_it_reads_one_secret_and_decrypts_for_that_alone(production: Graph):
    found = role_statements(production)
    assert set(found) == {
        "WriteOwnLog",
        "SendTraces",
        "ReadWebhook",
        "DecryptWebhook",
        "DecryptOwnSettings",
        "KeepUndelivered",
        "EncryptUndelivered",
    }
    for sid in ("DecryptWebhook", "DecryptOwnSettings", "EncryptUndelivered"):
        assert found[sid]["Condition"]["StringEquals"]
    own = found["DecryptOwnSettings"]["Condition"]["StringEquals"]["kms:EncryptionContext:aws:lambda:FunctionArn"]
    assert own.endswith(f":function:{production.one(FUNCTION).inputs['name']}")


def test_its_limits_leave_room_for_every_attempt(production: Graph):
    longest = 3 * delivery.SECONDS + 2 * delivery.LONGEST_WAIT
    assert longest < production.one(FUNCTION).inputs["timeout"]
    assert production.one(FUNCTION).inputs["reservedConcurrentExecutions"] == 2


def test_the_package_holds_the_sources_and_nothing_else(monkeypatch: pytest.MonkeyPatch):
    archives: list[dict[str, Any]] = []
    original: Callable[..., None] = pulumi.AssetArchive.__init__

    def record(self: pulumi.AssetArchive, assets: dict[str, Any]) -> None:
        archives.append(assets)
        original(self, assets)

    monkeypatch.setattr(pulumi.AssetArchive, "__init__", record)
    graph = run_main("prod")
    # Components are made anew on each run, and the SDK copies archives while it sends them.
    assets = archives[0]
    assert all(set(one) == set(assets) for one in archives)
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "functions/slack_notifier").glob("*.py")}
    assert set(assets) == sources
    # Lambda's handler is looked up by this path inside the package.
    module, _, function = graph.one(FUNCTION).inputs["handler"].rpartition(".")
    source = ROOT / f"{module.replace('.', '/')}.py"
    assert str(source.relative_to(ROOT)) in sources
    assert re.search(rf"^def {function}\(", source.read_text(), re.MULTILINE)


@pytest.mark.parametrize("stack", STACKS)
def test_no_webhook_stands_in_code_or_settings(stack: str):
    texts = [str(one.raw) for one in whole(stack)]
    assert not [text for text in texts if "hooks.slack.com" in text]


def test_the_function_needs_no_package_beyond_lambdas_own():
    imported = {
        line.split()[1].partition(".")[0]
        for path in (ROOT / "functions").rglob("*.py")
        for line in path.read_text().splitlines()
        if re.match(r"(import|from) ", line)
    }
    assert imported - set(sys.stdlib_module_names) == {"botocore", "functions"}
    assert "botocore" not in {
        name.partition("=")[0]
        for name in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
