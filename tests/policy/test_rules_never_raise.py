"""Fuzzing: whatever a property holds, a rule neither raises nor calls an unknown a violation."""

from __future__ import annotations

import copy
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policy.frame.rule import Example, Rule
from policy.frame.runner import Runner
from policy.reports.examples import records
from policy.rules import load

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hidden"}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 70000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "*", "true", "[", "{}", '{"Statement": 3}', '{"Statement": [null, {"Action": {}}]}', "é"]),
    st.just(UNKNOWN_STRING_VALUE),
    st.builds(lambda: dict(SECRET)),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "type", "Statement"]), inner),
    max_leaves=6,
)
EXAMPLES = [(rule, example) for rule in load().values() for example in (*rule.good, *rule.bad)]


@st.composite
def _broken_examples(draw: st.DrawFn) -> tuple[Rule, list[dict[str, Any]]]:
    """Draw an example of some rule with one to three values, at any depth, replaced or removed."""
    rule, example = draw(st.sampled_from(EXAMPLES))
    resources = copy.deepcopy(records(example, references_known=draw(st.booleans())))
    for _ in range(draw(st.integers(1, 3))):
        record = draw(st.sampled_from(resources))
        owner, keys = record["inputs"], list(record["inputs"])
        while keys:
            key = draw(st.sampled_from(keys))
            deeper = _keys(owner[key])
            if deeper and draw(st.booleans()):
                owner, keys = owner[key], deeper
                continue
            owner[key] = draw(ANYTHING)
            break
        record["outputs"] = {**record["outputs"], **record["inputs"]}
    return rule, resources


def _keys(value: Any) -> list[Any]:  # noqa: ANN401 - JSON of any shape
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return [] if mapping.keys() >= SECRET.keys() else list(mapping)
    return list(range(len(cast("list[Any]", value)))) if isinstance(value, list) else []


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_broken_examples(), st.booleans())
def test_no_rule_fails_on_broken_values(broken: tuple[Rule, list[dict[str, Any]]], inputs: bool):
    rule, resources = broken
    outcome = Runner([rule]).run(resources, inputs=inputs)

    assert [item.message for item in outcome.violations if "the rule itself failed" in item.message] == []


def test_no_rule_fails_on_resources_with_nothing_in_them(rule: Rule):
    for example in (*rule.good, *rule.bad):
        nothing: dict[str, Any] = {"inputs": {}, "outputs": {}, "propertyDependencies": {}}
        bare = [{**record, **nothing} for record in records(example)]
        outcome = Runner([rule]).run(bare)
        assert [item for item in outcome.violations if "the rule itself failed" in item.message] == []


def test_no_rule_fails_on_a_urn_of_another_form(rule: Rule, bad: Example):
    odd = [{**record, "urn": f"urn:{index}", "parent": "urn:?"} for index, record in enumerate(records(bad))]
    free: dict[str, Any] = {"propertyDependencies": {}}
    outcome = Runner([rule]).run([{**record, **free} for record in odd])

    assert [item for item in outcome.violations if "the rule itself failed" in item.message] == []
