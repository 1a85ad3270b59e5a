"""STG and PROD on the real engine: each is stable and cannot be destroyed, and STG is PROD but for its names.

The tests share one deployment of each stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from rehearsal.cloud import Cloud
from tests.engine.graph import flatten

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import RehearseStack

# The shared deployments count as part of the first test; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(900)

_STACKS = ("stg", "prod")
# What may differ in value, by the end of its path, with the reason. Everything else must be equal once the name of the
# environment, its account number and its address block are taken out.
_MAY_DIFFER = {".zoneId": "the public zone that bootstrap made in the account"}
_ENVIRONMENT = re.compile(r"\b(stg|prod)(?=\b|[-_/A-Z])|(?<=[-_/])(stg|prod)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Deployed:
    """A stack with the outcome of its deployment."""

    rehearsal: Rehearsal
    deployment: Outcome


@pytest.fixture(scope="module")
def deployed(rehearse_stack: RehearseStack) -> dict[str, Deployed]:
    rehearsals = {stack: rehearse_stack(stack) for stack in _STACKS}
    return {stack: Deployed(rehearsal, rehearsal.up()) for stack, rehearsal in rehearsals.items()}


@pytest.mark.parametrize("stack", _STACKS)
def test_a_second_deployment_changes_nothing(deployed: dict[str, Deployed], stack: str) -> None:
    assert deployed[stack].deployment.errors == []
    second = deployed[stack].rehearsal.up()
    assert second.errors == []
    assert second.changed_steps == []


def test_a_protected_stack_is_not_destroyed_by_mistake_not_even_in_part(deployed: dict[str, Deployed]) -> None:
    prod = deployed["prod"].rehearsal
    before = Cloud(prod.cloud).list()
    destruction = prod.destroy()
    assert not destruction.succeeded
    assert any("cannot be deleted\nbecause it is protected" in error for error in destruction.errors)
    assert Cloud(prod.cloud).list() == before


def test_stg_equals_prod_but_for_names_and_addresses(deployed: dict[str, Deployed]) -> None:
    assert all(stack.deployment.succeeded for stack in deployed.values())
    stg, prod = (
        {_neutral(path): _neutral(text) for path, text in flatten(deployed[stack].rehearsal.export()).items()}
        for stack in _STACKS
    )
    assert sorted(stg.keys() ^ prod.keys()) == [], "inputs that only one of them has"
    different = {path: (stg[path], prod[path]) for path in stg if stg[path] != prod[path]}
    excused = {path: end for path in different for end in _MAY_DIFFER if path.endswith(end)}
    assert {path: values for path, values in different.items() if path not in excused} == {}
    assert set(excused.values()) == set(_MAY_DIFFER), "an allowed difference that is none"


def _neutral(text: str) -> str:
    """Take out what an environment is called, its account and its address block."""
    named = _ENVIRONMENT.sub("ENV", text)
    return re.sub(r"\b10\.[23]0\.", "10.BLOCK.", re.sub(r"\b(2{12}|3{12})\b", "ACCOUNT", named))
