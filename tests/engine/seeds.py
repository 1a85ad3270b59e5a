"""One violation per rule, made from the rules' documented bad examples: what the seeded platform sows.

Owns which example is a rule's seed (`programs/seeded/seeds.yaml`), and its completion where the program has no resource
of the type: what an example leaves out is filled with the least that the AWS types demand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import yaml

from policy.conventions.names import name_property
from policy.frame.rule import Ref
from policy.reports.examples import token
from rehearsal.aws.catalog import describe
from rehearsal.aws.facts.conditions import holds

if TYPE_CHECKING:
    from policy.frame.rule import Example, ExampleValue, Rule, Sample
    from rehearsal.aws.facts.grammar import TypeFacts
    from rehearsal.aws.shapes import Property, ResourceType, Shape

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FILE = Path(__file__).parent / "programs" / "seeded" / "seeds.yaml"
_REFERENCE = "$resource"
_WORDS = {
    "bucketarn": "arn:aws:s3:::seed",
    "componentarn": "arn:aws:imagebuilder:ap-northeast-2:aws:component/seed/x.x.x",
    "resourcearn": "arn:aws:kinesis:ap-northeast-2:111122223333:stream/seed",
    "workteamarn": "arn:aws:sagemaker:ap-northeast-2:111122223333:workteam/seed",
    "humantaskuiarn": "arn:aws:sagemaker:ap-northeast-2:111122223333:human-task-ui/seed",
    "s3uri": "s3://seed/",
    "s3outputpath": "s3://seed/",
    "subnetid": "subnet-1",
    "securitygroupid": "sg-1",
    "arn": "arn:aws:iam::111122223333:role/seed",
    "cidr": "10.99.0.0/16",
    "email": "seed@example.com",
    "policy": "{}",
    "document": "{}",
    "region": "ap-northeast-2",
    "zone": "ap-northeast-2a",
    "account": "111122223333",
    "filesystemid": "fs-0123456789abcdef0",
    "role": "arn:aws:iam::111122223333:role/seed",
}


def chosen_examples(*, alone: bool) -> dict[str, int]:
    """Read which bad example of each rule is its seed, of those that stand alone or of those beside the platform."""
    table: dict[str, dict[str, int]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return table["alone" if alone else "beside"]


def write(rules: Mapping[str, Rule], file: Path, *, alone: bool) -> dict[str, str]:
    """Write the seeds of all rules for the seeded program; return the label in its resources' names, by rule."""
    chosen = chosen_examples(alone=alone)
    # A label is a number and not the rule's name, as some rules read names.
    labels = {name: f"seed{number}" for number, name in enumerate(chosen, start=1) if name in rules}
    seeds = [_seed(rules[name], chosen[name], label) for name, label in labels.items()]
    file.write_text(json.dumps({"seeds": seeds}), encoding="utf-8")
    return labels


def _seed(rule: Rule, chosen: int, label: str) -> dict[str, Json]:
    example = rule.bad[chosen]
    return {"label": label, "resources": [_resource(sample, example, rule) for sample in example]}


def _resource(sample: Sample, example: Example, rule: Rule) -> dict[str, Json]:
    kind = token(sample.type)
    properties = {key: _plain(value) for key, value in sample.properties.items()}
    good = {key for alike in rule.good for other in alike if other.type == sample.type for key in other.properties}
    aws = describe(kind) if kind.startswith("aws:") else None
    demanded = {prop.name for prop in aws.inputs.values() if prop.required} if aws else set[str]()
    outputs = {ref.output for other in example for ref in _references(other.properties) if ref.name == sample.name}
    known = aws.facts if aws else None
    completed = _members(aws, aws.inputs, properties, "") if aws else properties
    if aws and known:
        completed = _together(aws, known, completed)
    return {
        "type": kind,
        "name": sample.name,
        "parent": sample.parent,
        "protect": sample.protect,
        "given": list[Json](properties),
        "called": name_property(sample.type),
        "unset": list[Json](sorted((good | _rivals(known, properties)) - set(properties) - demanded)),
        "outputs": list[Json](sorted(outputs - {"id"})),
        "properties": completed,
    }


def _rivals(known: TypeFacts | None, given: Mapping[str, Json]) -> set[str]:
    """Return the arguments that cannot stand beside the given ones, which a copied resource may have."""
    rivals: set[str] = set()
    for rule in known.combinations if known else ():
        for group in (rule.conflicts, rule.exactly_one):
            rivals |= set(group) if any(name in given for name in group) else set()
        asked: dict[str, Any] = {name: wanted for name, wanted in rule.when.items() if name in given}
        if asked and holds(asked, cast("Any", dict(given))) is True:
            rivals |= set(rule.forbidden)
    return rivals - set(given)


def _together(resource: ResourceType, known: TypeFacts, properties: dict[str, Json]) -> dict[str, Json]:
    """Return the properties with what the provider demands of the whole: one of several, or one beside another."""
    result = dict(properties)
    for rule in known.combinations:
        if rule.within or rule.stage != "plan" or holds(rule.when, cast("Any", result)) is not True:
            continue
        missing = [
            group[0] for group in (rule.exactly_one, rule.at_least_one) if group and not set(group) & result.keys()
        ]
        for name in (*missing, *(name for name in rule.required if name not in result)):
            if name in resource.inputs:
                result[name] = _least(resource, resource.inputs[name].shape, name, name)
    limit = resource.limits.get("name")
    if "name" not in result and limit and limit.pattern and not re.fullmatch(limit.pattern, "seed1-example-0123456"):
        result["name"] = "seed"
    return result


def _plain(value: ExampleValue) -> Json:
    if isinstance(value, Ref):
        return {_REFERENCE: value.name, "$output": value.output}
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]


def _references(value: ExampleValue) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, str | bool | int | float) or value is None:
        return []
    items = value.values() if isinstance(value, Mapping) else value
    return [ref for item in items for ref in _references(item)]


def _members(
    resource: ResourceType, members: Mapping[str, Property], given: Mapping[str, Json], path: str
) -> dict[str, Json]:
    """Return the properties with every missing required one, at any depth, given a value that AWS's limits admit."""
    result = {
        key: _value(resource, members[key].shape, value, f"{path}{key}") if key in members else value
        for key, value in given.items()
    }
    for prop in members.values():
        if prop.required and result.get(prop.name) is None:
            result[prop.name] = _least(resource, prop.shape, prop.name, f"{path}{prop.name}")
    return result


def _value(resource: ResourceType, shape: Shape, value: Json, path: str) -> Json:
    if isinstance(value, list) and shape.item:
        return [_value(resource, shape.item, item, f"{path}[]") for item in value]
    if isinstance(value, dict) and shape.kind == "object" and _REFERENCE not in value:
        return _members(resource, resource.input_objects.get(shape.object_name, {}), value, f"{path}.")
    return value


def _least(resource: ResourceType, shape: Shape, name: str, path: str) -> Json:
    limit = resource.limits.get(path)
    minimum = int(limit.minimum) if limit and limit.minimum else 0
    if shape.kind == "list":
        return [_least(resource, shape.item, name, f"{path}[]")] * max(minimum, 1) if shape.item else []
    if shape.kind == "object":
        return _members(resource, resource.input_objects.get(shape.object_name, {}), {}, f"{path}.")
    others: dict[str, Any] = {"map": {}, "boolean": False, "integer": minimum or 1, "number": minimum or 1}
    if shape.kind in others:
        return cast("Json", others[shape.kind])
    if limit and limit.values:
        return limit.values[0]
    return next((text for part, text in _WORDS.items() if part in name.lower()), "seed").ljust(minimum, "x")
