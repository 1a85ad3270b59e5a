"""Platforms as careful teams build them, in a style that is not ours: the pack must have nothing to say about them.

Guards against false alarms. Names and tags are this project's convention, so the rules of the area `naming` are left
out; everything else counts, advice too. That the pack does look at these platforms is shown by taking things away.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.frame.rule import Example, ExampleValue, Ref, Rule, Sample
from policy.frame.runner import Outcome, Runner
from policy.reports.examples import Json, Record, records

FOLDER = Path(__file__).parent / "platforms"
PLATFORMS = sorted(FOLDER.glob("*.yaml"))
LEAST_FOUND = 1 / 4
"""A name, a size or a port can be left out without harm; a quarter of the properties is the least that rules need."""

_EVERY = 3
"""Taking away each property takes minutes; one in three tells as much."""
_REFERENCE = re.compile(r"\$\{([\w-]+)\.(\w+)\}")


@pytest.fixture(scope="module")
def pack(rules: dict[str, Rule]) -> Runner:
    return Runner(rule for rule in rules.values() if rule.area != "naming")


def test_there_are_platforms():
    assert len(PLATFORMS) >= 5


@pytest.mark.parametrize("file", PLATFORMS, ids=lambda file: file.stem)
@pytest.mark.parametrize("references_known", [True, False])
def test_nothing_is_found_in_a_well_made_platform(file: Path, pack: Runner, *, references_known: bool):
    outcome = pack.run(records(_platform(file), references_known=references_known))

    assert _said(outcome) == []


@pytest.mark.parametrize("file", PLATFORMS, ids=lambda file: file.stem)
def test_nothing_is_found_when_only_outputs_are_shown(file: Path, pack: Runner):
    assert _said(pack.run(records(_platform(file)), inputs=False)) == []


@pytest.mark.parametrize("file", PLATFORMS, ids=lambda file: file.stem)
def test_much_of_what_is_taken_away_is_missed(file: Path, pack: Runner):
    spoiled = list(_without_one_property(records(_platform(file))))[::_EVERY]
    found = [pack.run(variant).violations for variant in spoiled]

    assert sum(map(bool, found)) >= LEAST_FOUND * len(found)


def _said(outcome: Outcome) -> list[str]:
    return [f"{item.rule} on {item.urn.rsplit('::', 1)[1]}: {item.message}" for item in outcome.violations]


def _platform(file: Path) -> Example:
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(
        Sample(
            item["type"],
            name,
            {key: _value(value) for key, value in item["properties"].items()},
            protect=item.get("protect", False),
        )
        for name, item in document.items()
    )


def _value(value: Json) -> ExampleValue:
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item) for item in value]
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return Ref(*reference.groups()) if reference else value


def _without_one_property(resources: list[Record]) -> Iterator[list[Record]]:
    for index, record in enumerate(resources):
        for name in record["inputs"]:
            changed = copy.deepcopy(resources)
            for view in ("inputs", "outputs"):
                changed[index][view].pop(name, None)
            changed[index]["propertyDependencies"].pop(name, None)
            yield changed
