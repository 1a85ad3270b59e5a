"""Each of the project's stacks, planned and deployed with the policy pack: nothing mandatory found, nothing undecided.

The plan's resource graph is compared with the committed one here, as it is already at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.graph import draw

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import CompareGraph, RehearseStack

# The shared deployments count as part of the first test; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(900)

# What the engine says of a policy that raised: it lets the resource pass and the operation succeed.
_UNDECIDED = "can't run policy"


@pytest.fixture(scope="module", params=["dev", "stg", "prod"])
def rehearsal(rehearse_stack: RehearseStack, request: pytest.FixtureRequest) -> Rehearsal:
    return rehearse_stack(request.param, policies=True)


@pytest.fixture(scope="module")
def plan(rehearsal: Rehearsal) -> Outcome:
    return rehearsal.preview()


def test_the_plan_meets_every_policy(plan: Outcome) -> None:
    _assert_clean(plan)


def test_the_graph_of_the_plan_is_the_committed_one(
    rehearsal: Rehearsal, plan: Outcome, compare_graph: CompareGraph
) -> None:
    compare_graph(rehearsal.stack, draw(plan.steps))


def test_the_deployment_meets_every_policy_once_all_values_are_known(rehearsal: Rehearsal) -> None:
    _assert_clean(rehearsal.up())


def _assert_clean(outcome: Outcome) -> None:
    assert outcome.errors == []
    assert outcome.mandatory_violations == []
    assert [finding for finding in outcome.violations if _UNDECIDED in finding.message] == []
    assert len(outcome.policies) >= 15, "the pack ran"
