"""The pack as a whole: every rule's violation is seen among all the others', and the entry serves the engine."""

from __future__ import annotations

from policy.frame.rule import Rule
from policy.frame.runner import Runner
from policy.reports.benchmark import repeated
from policy.reports.examples import records


def test_each_rule_is_reported_when_all_rules_run_together(rules: dict[str, Rule]):
    runner = Runner(rules.values())
    silent = [rule.id for rule in rules.values() if rule.id not in runner.run(records(rule.bad[0])).rules]

    assert silent == []


def test_no_rule_fails_on_a_large_mixed_stack(rules: dict[str, Rule]):
    outcome = Runner(rules.values()).run(repeated(rules, 400))

    assert [item.message for item in outcome.violations if "the rule itself failed" in item.message] == []


def test_the_pack_covers_its_areas(rules: dict[str, Rule]):
    areas = {rule.area for rule in rules.values()}
    deep = [rule for rule in rules.values() if rule.scope == "stack" or rule.area == "iam"]

    assert areas == {"encryption", "transit", "iam", "exposure", "logging", "resilience", "naming"}
    assert len(rules) >= 60
    assert len(deep) >= 35
