"""Every rule on its own examples, through the engine's proxies: good, bad, unknown, waived."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policy.frame.rule import ALL_TYPES, Example, Rule
from policy.frame.runner import Runner
from policy.frame.waivers import Waiver, WaiverFile
from policy.reports.examples import Json, Record, records

DECIDED_WITHOUT_VALUES = {
    "iam-no-users",
    "iam-no-user-policies",
    "no-default-vpc",
    "stateful-protected",
    "asg-launch-template",
    "s3-no-website",
    "rds-master-secret-managed",
    "warehouse-password-managed",
}
"""Rules that need no value: the resource, an option of it, or a property's being given at all is the violation."""


def test_a_bad_example_is_found_with_the_rules_own_name_and_resource(rule: Rule, bad: Example):
    outcome = Runner([rule]).run(records(bad))

    assert outcome.rules == {rule.id}
    assert {item.urn for item in outcome.violations} <= {record["urn"] for record in records(bad)}
    assert not _failures(outcome.violations)


def test_a_bad_example_is_found_at_preview_when_its_references_are_unknown(rule: Rule, bad: Example):
    assert Runner([rule]).run(records(bad, references_known=False)).rules == {rule.id}


def test_a_good_example_passes(rule: Rule, good: Example):
    assert Runner([rule]).run(records(good)).violations == []


def test_a_good_example_passes_when_its_references_are_unknown(rule: Rule, good: Example):
    assert Runner([rule]).run(records(good, references_known=False)).violations == []


def test_a_good_example_passes_when_only_outputs_are_shown(rule: Rule, good: Example):
    assert Runner([rule]).run(records(good), inputs=False).violations == []


def test_unknown_properties_are_no_violation_and_are_reported_as_waiting(rule: Rule, bad: Example):
    outcome = Runner([rule]).run([_all_unknown(record, rule) for record in records(bad)])

    assert not _failures(outcome.violations)
    assert outcome.violations or outcome.waiting or rule.types == ALL_TYPES
    assert rule.scope == "stack" or rule.id in DECIDED_WITHOUT_VALUES or not outcome.violations


def test_any_single_unknown_never_makes_a_good_example_bad(rule: Rule, good: Example):
    runner = Runner([rule])
    for variant in _with_one_unknown(records(good)):
        assert runner.run(variant).violations == []


def test_a_waived_finding_is_not_a_violation(rule: Rule, bad: Example):
    waiver = Waiver(rule.id, "urn:pulumi:example::*", "needed by the test of waivers", "platform", date(9999, 1, 1))
    waived = Runner([rule], WaiverFile("examples", (waiver,)))

    assert waived.run(records(bad)).violations == []
    assert waived.session.used == {waiver}


def _failures(violations: list[Any]) -> list[Any]:
    return [item for item in violations if "the rule itself failed" in item.message]


def _all_unknown(record: Record, rule: Rule) -> Record:
    """Make every property unknown that any example of the rule sets on a resource of this type."""
    alike = [item for example in (*rule.good, *rule.bad) for item in records(example) if item["type"] == record["type"]]
    unknown = {name: UNKNOWN_STRING_VALUE for item in alike for name in item["inputs"]}
    computed = dict.fromkeys(record["outputs"], UNKNOWN_STRING_VALUE)
    return {**record, "inputs": {**unknown}, "outputs": {**computed, **unknown}}


def _with_one_unknown(resources: list[Record]) -> Iterator[list[Record]]:
    for index, record in enumerate(resources):
        for path in _paths(record["inputs"]):
            changed = copy.deepcopy(resources)
            for view in ("inputs", "outputs"):
                _replace(changed[index][view], path)
            yield changed


def _paths(value: Json, prefix: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        steps: list[tuple[str | int, Json]] = list(value.items())
    else:
        steps = list(enumerate(value)) if isinstance(value, list) else []
    for key, item in steps:
        yield (*prefix, key)
        yield from _paths(item, (*prefix, key))


def _replace(record: Record, path: tuple[str | int, ...]) -> None:
    owner: Any = record
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = UNKNOWN_STRING_VALUE
