"""The stand-in against cases whose outcome somebody read in the provider's own source, apart from the facts.

`provider_cases.json` holds, by type, arguments that the provider refuses together and changes with what it does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.aws.arguments import Origin, Settings, checked
from rehearsal.aws.catalog import describe
from rehearsal.aws.diffing import difference
from rehearsal.aws.facts.changes import decisions
from rehearsal.aws.facts.combinations import refusals

if TYPE_CHECKING:
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import JsonObject

_CASES: dict[str, Any] = json.loads((Path(__file__).parent / "provider_cases.json").read_text(encoding="utf-8"))
_SETTINGS, _ORIGIN = Settings(region="ap-northeast-2"), Origin(logical_name="x")


def _of(kind: str) -> list[Any]:
    return [
        pytest.param(token, case, id=f"{token.rsplit(':', 1)[1]}: {case.get('rule') or case.get('case')}")
        for token, kinds in _CASES.items()
        for case in kinds[kind]
    ]


@pytest.mark.parametrize(("token", "case"), _of("combinations"))
def test_arguments_that_the_provider_refuses_together(token: str, case: dict[str, Any]) -> None:
    resource = describe(token)
    assert resource.facts is not None
    inputs, failures = checked(resource, case["refused"], {}, _SETTINGS, _ORIGIN)
    # The cases give what the rule is about only, so what else is required is not there.
    reasons = [failure.reason for failure in failures if "is required" not in failure.reason]
    assert reasons or list(refusals(resource.facts, "create", inputs, case["refused"]))


@pytest.mark.parametrize(("token", "case"), _of("changes"))
def test_changes(token: str, case: dict[str, Any]) -> None:
    resource = describe(token)
    old, _ = checked(resource, case["old"], {}, _SETTINGS, _ORIGIN)
    new, _ = checked(resource, case["new"], old, _SETTINGS, _ORIGIN)
    assert _outcome(resource, old, new) == case["does"]


def _outcome(resource: ResourceType, old: JsonObject, new: JsonObject) -> str:
    found = difference(resource, old, new)
    changed = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    late = decisions(resource.facts, "update", old, new, changed).values()
    if found.refusals:
        return "refused"
    if found.replaces:
        return "replace"
    if found.changes and any(one.does == "refuse" for one in late):
        return "update-refused"
    return "update" if found.changes else "none"
