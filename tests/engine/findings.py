"""What a run of the policy pack must come to, whatever the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome

# What the engine says of a policy that raised: it lets the resource pass and the operation succeed.
_UNDECIDED = "can't run policy"


def assert_clean(outcome: Outcome) -> None:
    """Nothing mandatory found, nothing left undecided, and the pack did run."""
    assert outcome.errors == []
    assert outcome.mandatory_violations == []
    assert [finding for finding in outcome.violations if _UNDECIDED in finding.message] == []
    assert len(outcome.policies) >= 15
