"""The Slack notifier against real servers: what people read, and what happens when Slack does not answer."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.slack_notifier.delivery import DeliveryError, deliver
from functions.slack_notifier.handler import handle
from functions.slack_notifier.messages import slack_message
from tests.functions.conftest import HOOK, Slack, Vault

ALARM: Final = {
    "AlarmName": "prod-common-alarm-datacpu-01",
    "AlarmDescription": "The writer is busy",
    "NewStateValue": "ALARM",
    "OldStateValue": "OK",
    "NewStateReason": "Threshold Crossed: 3 datapoints were greater than the threshold (80.0)",
    "Region": "Asia Pacific (Seoul)",
    "Trigger": {"MetricName": "CPUUtilization"},
}
COMPOSITE: Final = {
    "AlarmName": "prod-common-alarm-customers-01",
    "AlarmDescription": "Customers cannot order",
    "AlarmRule": 'ALARM("prod-common-alarm-webdown-01")',
    "NewStateValue": "ALARM",
    "NewStateReason": "arn:... transitioned to ALARM",
    "TriggeringChildren": [
        {
            "Arn": "arn:aws:cloudwatch:ap-northeast-2:333333333333:alarm:prod-common-alarm-webdown-01",
            "State": {"Value": "ALARM", "Timestamp": "2026-11-24T09:00:00.000+0000"},
        }
    ],
}
FAILOVER: Final = {
    "Event Source": "db-cluster",
    "Event Time": "2026-11-24 09:00:00.000",
    "Source ID": "prod-common-rds-data-01",
    "Event Message": "Completed failover to DB instance: prod-common-rdsi-data-02",
}
GUARDDUTY: Final = {
    "version": "0",
    "detail-type": "GuardDuty Finding",
    "source": "aws.guardduty",
    "account": "333333333333",
    "region": "ap-northeast-2",
    "detail": {
        "severity": 8,
        "title": "A pod asks a miner's domain",
        "description": "Pod was-pay queried <evil.example>",
    },
}
SECURITY_HUB: Final = {
    "detail-type": "Security Hub Findings - Imported",
    "source": "aws.securityhub",
    "account": "333333333333",
    "region": "ap-northeast-2",
    "detail": {
        "findings": [{"Title": "S3.8 failed", "Description": "A bucket is open", "Severity": {"Label": "CRITICAL"}}]
    },
}
ANOMALY: Final = {
    "accountId": "333333333333",
    "anomalyId": "1",
    "dimensionalValue": "Amazon CloudFront",
    "impact": {"totalImpact": 321.5},
    "anomalyDetailsLink": "https://console.aws.amazon.com/cost-management/home#/anomaly-detection/monitors",
}
BUDGET: Final = (
    "AWS Budget Notification November 24, 2026\n\nBudget Name: prod-common-budget-month-01\nActual: $5,100.00"
)
BACKUP: Final = "An AWS Backup job failed. Resource ARN : arn:aws:rds:ap-northeast-2:333333333333:cluster:x"


def notification(said: dict[str, Any] | str, subject: str | None = None) -> dict[str, Any]:
    text = said if isinstance(said, str) else json.dumps(said)
    return {"Type": "Notification", "MessageId": "m-1", "Subject": subject, "Message": text}


def event(said: dict[str, Any] | str, subject: str | None = None) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification(said, subject)}]}


def read(message: dict[str, Any]) -> tuple[str, str, str]:
    """Return title, text and color as a person sees them."""
    (attachment,) = message["attachments"]
    title, text = attachment["blocks"]
    return title["text"]["text"], text["text"]["text"], attachment["color"]


@pytest.mark.parametrize(
    ("said", "subject", "title", "words", "color"),
    [
        (ALARM, "ALARM", "ALARM: prod-common-alarm-datacpu-01", ["The writer is busy", "80.0", "Seoul"], "#d40e0d"),
        (ALARM | {"NewStateValue": "OK"}, "OK", "OK: prod-common-alarm-datacpu-01", ["Seoul"], "#2eb67d"),
        (
            COMPOSITE,
            "ALARM",
            "ALARM: prod-common-alarm-customers-01",
            ["• prod-common-alarm-webdown-01 ALARM"],
            "#d40e0d",
        ),
        (FAILOVER, "RDS", "RDS: prod-common-rds-data-01", ["Completed failover"], "#ecb22e"),
        (GUARDDUTY, None, "GuardDuty Finding: A pod asks a miner's domain", ["&lt;evil.example&gt;"], "#d40e0d"),
        (SECURITY_HUB, None, "Security Hub Findings - Imported: S3.8 failed", ["A bucket is open"], "#d40e0d"),
        (ANOMALY, None, "Cost anomaly: Amazon CloudFront", ["321.5", "https://console"], "#ecb22e"),
        (BUDGET, "AWS Budgets: over", "AWS Budgets: over", ["$5,100.00"], "#ecb22e"),
        (BACKUP, "Notification from AWS Backup", "Notification from AWS Backup", ["job failed"], "#ecb22e"),
        ("[1, 2]", None, "Notification", ["[1, 2]"], "#ecb22e"),
    ],
    ids=["alarm", "recovery", "composite", "rds", "guardduty", "security hub", "anomaly", "budget", "backup", "other"],
)
def test_slack_gets_what_a_person_must_know(
    slack: Slack, said: dict[str, Any] | str, subject: str | None, title: str, words: list[str], color: str
):
    handle(event(said, subject), None)
    (posted,) = slack.posted
    assert read(posted)[0] == title
    assert read(posted)[2] == color
    for word in words:
        assert word in read(posted)[1]


def test_a_mild_finding_is_no_red_one():
    mild = GUARDDUTY | {"detail": {"severity": 4.5, "title": "t", "description": "d"}}
    assert read(slack_message(notification(mild)))[2] == "#ecb22e"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "NewStateValue",
                    "TriggeringChildren",
                    "detail",
                    "findings",
                    "detail-type",
                    "anomalyId",
                    "severity",
                    "Severity",
                    "impact",
                    "State",
                    "Event Message",
                    "title",
                    "Subject",
                    "Arn",
                ]
            ),
            below,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text() | json_values.map(json.dumps), st.none() | st.text())
def test_whatever_a_sender_says_becomes_a_message_within_slacks_limits(text: str, subject: str | None):
    message = slack_message({"Message": text, "Subject": subject})
    title, body, _ = read(message)
    assert 1 <= len(title) <= 150
    assert 1 <= len(body) <= 3000
    assert "<" not in body
    json.dumps(message)


def test_a_long_message_is_cut_and_says_so():
    title, body, _ = read(slack_message(notification("x" * 9000, "y" * 900)))
    assert title.endswith("…")
    assert body.endswith("…")


def test_a_busy_slack_is_asked_again_when_it_says(slack: Slack):
    waited: list[float] = []
    slack.answers = [(429, "2"), 503]
    deliver(slack.url, {"text": "x"}, wait=waited.append)
    assert slack.calls == 3
    assert waited == [2.0, 3.0]
    assert slack.posted == [{"text": "x"}]


def test_slack_cannot_make_the_function_wait_past_its_timeout(slack: Slack):
    waited: list[float] = []
    slack.answers = [(429, "3600"), 500, 500]
    with pytest.raises(DeliveryError, match="Slack answered 500, three times"):
        deliver(slack.url, {"text": "x"}, wait=waited.append)
    assert sum(waited) <= 12


def test_a_message_that_slack_refuses_is_not_sent_again(slack: Slack):
    slack.answers = [400]
    with pytest.raises(DeliveryError, match="400"):
        handle(event(ALARM), None)
    assert slack.calls == 1


def test_an_unreachable_slack_ends_in_an_error_after_three_attempts():
    waited: list[float] = []
    with pytest.raises(DeliveryError, match="could not be reached"):
        deliver(f"https://127.0.0.1:1{HOOK}", {"text": "x"}, wait=waited.append)
    assert len(waited) == 2


def test_the_address_is_read_once_and_again_after_slack_refused_it(slack: Slack, vault: Vault):
    handle(event(ALARM), None)
    handle(event(ALARM), None)
    assert vault.asked == ["operations/slack-webhook"]
    good, vault.secret = vault.secret, f"{slack.url}-revoked"
    slack.answers = [410]
    with pytest.raises(DeliveryError):
        handle(event(ALARM), None)
    vault.secret = good
    handle(event(ALARM), None)
    assert len(vault.asked) == 2
    assert len(slack.posted) == 3


def test_an_address_without_tls_is_refused_before_anything_is_sent(slack: Slack, vault: Vault):
    vault.secret = slack.url.replace("https", "http")
    with pytest.raises(DeliveryError, match="store the webhook's address"):
        handle(event(ALARM), None)
    assert slack.calls == 0


@pytest.mark.parametrize("answer", [403, 500])
def test_the_address_is_in_no_log_and_no_error(
    slack: Slack, answer: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("functions.slack_notifier.delivery._WAITS", (0.0, 0.0))
    # The import linter, which other tests run, switches off every logger that it finds.
    monkeypatch.setattr(logging.getLogger("functions.slack_notifier.handler"), "disabled", False)
    slack.answers = [answer] * 3
    with caplog.at_level(logging.DEBUG, logger="functions"), pytest.raises(DeliveryError) as caught:
        handle(event(ALARM), None)
    assert caplog.records
    shown = "\n".join([caplog.text, str(caught.value), repr(caught.value)])
    assert "services/T0" not in shown
    assert caught.value.__suppress_context__
