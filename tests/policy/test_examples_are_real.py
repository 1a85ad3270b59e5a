"""The rules speak of types, properties and values that the AWS SDK has: a misspelt one would never match."""

from __future__ import annotations

from typing import Any

import pytest

from policy.frame.resources import short_type
from policy.frame.rule import ALL_TYPES, Rule
from policy.reports.examples import records, token
from rehearsal.aws.checking import check
from rehearsal.aws.sdk import UnknownTypeError, read_resource_type, registry

KNOWN = {short_type(item) for item in registry()}
DELIBERATELY_WRONG = {
    "tags-complete",  # `tagsAll` is what the provider adds to the checked inputs, not an argument
}


def test_every_type_that_a_rule_looks_at_exists(rule: Rule):
    assert rule.types == ALL_TYPES or set(rule.types) <= KNOWN


def test_examples_use_properties_and_values_that_exist(rule: Rule):
    examples = (*rule.good, *rule.bad)
    wrong = [problem for example in examples for record in records(example) for problem in _problems(record)]

    assert rule.id in DELIBERATELY_WRONG or wrong == []


def _problems(record: dict[str, Any]) -> list[str]:
    if not record["type"].startswith("aws:"):
        return []
    try:
        resource = read_resource_type(record["type"])
    except UnknownTypeError:
        pytest.fail(f"{record['type']} is no type of the SDK")
    failures = [str(failure.reason) for failure in check(resource, record["inputs"])]
    return [f"{record['type']}: {text}" for text in failures if "required" not in text.lower()]


def test_short_types_become_tokens():
    assert token("ebs/volume") == "aws:ebs/volume:Volume"
