"""The opt-in repair of missing tags, through the SDK's own Remediate call."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policy.frame.rule import ExampleValue, Rule, Sample
from policy.frame.runner import Runner, resource_request
from policy.reports.examples import records

REMEDIATE = {"tags-complete": {"enforcementLevel": "remediate"}}


def _repaired(rule: Rule, configuration: dict[str, Any] | None, **properties: ExampleValue) -> list[dict[str, Any]]:
    runner = Runner([rule], configuration=configuration)
    (record,) = records((Sample("eks/cluster", "example", properties),))
    response = runner.remediate(resource_request(record))
    return [json_format.MessageToDict(item.properties) for item in response.remediations]


def test_tags_that_the_name_tells_are_added_and_no_other_is_touched(rules: dict[str, Rule]):
    (after,) = _repaired(
        rules["tags-complete"], REMEDIATE, name="prod-pay-eks-was-01", tags={"Owner": "pay", "System": "common"}
    )

    assert after["name"] == "prod-pay-eks-was-01"
    assert after["tags"] == {
        "Owner": "pay",
        "System": "common",
        "Name": "prod-pay-eks-was-01",
        "Environment": "prod",
        "Role": "was",
        "ManagedBy": "pulumi",
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "web"},
        {"name": "prod-pay-eks-was-01", "tags": UNKNOWN_STRING_VALUE},
        {"name": UNKNOWN_STRING_VALUE},
    ],
)
def test_nothing_is_invented(rules: dict[str, Rule], properties: dict[str, ExampleValue]):
    assert _repaired(rules["tags-complete"], REMEDIATE, **properties) == []


def test_nothing_is_repaired_unless_asked_for(rules: dict[str, Rule]):
    assert _repaired(rules["tags-complete"], None, name="prod-pay-eks-was-01") == []
