"""The rules' examples as plain records, in a form that any policy pack can be run on.

Owns the way from `sample(...)` with references to what an engine would show: tokens, URNs, inputs, outputs and
property dependencies; references known or, as on a first preview, unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policy.frame.rule import Example, ExampleValue, Ref, Rule, Sample

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Record: TypeAlias = dict[str, Any]
_PREFIX = "urn:pulumi:example::examples::"


def token(kind: str) -> str:
    """Return the type token of a short type; a full token stays as it is."""
    if ":" in kind:
        return kind
    service, _, resource = kind.partition("/")
    return f"aws:{service}/{resource}:{resource[:1].upper()}{resource[1:]}"


def records(example: Example, *, references_known: bool = True) -> list[Record]:
    """Return the resources of an example as an engine would show them to a policy pack.

    Args:
        example: The samples.
        references_known: Whether values that come from other resources are known already.
    """
    urns = {item.name: _urn(item, example) for item in example}
    return [_record(item, urns, references_known=references_known) for item in example]


def case_file(rule: Rule) -> Record:
    """Return a rule's examples as one document: what is good, what is bad, resource by resource."""
    cases = [
        {"verdict": verdict, "resources": records(example)}
        for verdict, examples in (("good", rule.good), ("bad", rule.bad))
        for example in examples
    ]
    return {"rule": rule.id, "area": rule.area, "title": rule.title, "controls": list(rule.controls), "cases": cases}


def files(rules: Iterable[Rule]) -> dict[str, str]:
    """Return the text of the example file of each area: a JSON list of the documents of its rules."""
    by_area: dict[str, list[Record]] = {}
    for rule in rules:
        by_area.setdefault(rule.area, []).append(case_file(rule))
    return {area: f"{json.dumps(found, indent=1, ensure_ascii=False)}\n" for area, found in by_area.items()}


def output(name: str, attribute: str) -> str:
    """Return the value that an example's resource has for an output."""
    return f"arn:aws:example:ap-northeast-2:111122223333:{name}" if attribute.lower().endswith("arn") else f"{name}-id"


def _urn(item: Sample, example: Iterable[Sample]) -> str:
    parents = {other.name: other for other in example}
    chain = [token(item.type)]
    parent = item.parent
    while parent is not None:
        chain.insert(0, token(parents[parent].type))
        parent = parents[parent].parent
    return f"{_PREFIX}{'$'.join(chain)}::{item.name}"


def _record(item: Sample, urns: Mapping[str, str], *, references_known: bool) -> Record:
    references: dict[str, list[str]] = {}

    def realize(value: ExampleValue, path: str) -> Json:
        if isinstance(value, Ref):
            references.setdefault(path, []).append(urns[value.name])
            return output(value.name, value.output) if references_known else UNKNOWN_STRING_VALUE
        if isinstance(value, str | bool | int | float) or value is None:
            return value
        if isinstance(value, Mapping):
            return {key: realize(inner, path) for key, inner in value.items()}
        return [realize(inner, path) for inner in value]

    inputs: dict[str, Json] = {name: realize(value, name) for name, value in item.properties.items()}
    computed: dict[str, Json] = {name: output(item.name, name) for name in ("id", "arn")}
    if not references_known:
        computed = dict.fromkeys(computed, UNKNOWN_STRING_VALUE)
    return {
        "type": token(item.type),
        "name": item.name,
        "urn": urns[item.name],
        "inputs": inputs,
        "outputs": {**computed, **inputs},
        "propertyDependencies": references,
        "parent": urns[item.parent] if item.parent else "",
        "protect": item.protect,
    }
