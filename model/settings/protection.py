"""The area of the settings that says how hard it is to lose what an environment holds.

Owns the two switches and the confirmation that lifts one of them. Does not own which resource follows which switch:
that is each component's, by `Conventions`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import Field, model_validator

from model.naming import Environment
from model.settings.base import Section

_VALID_DAYS: Final = 7
"""How long a confirmation holds; ours: a snapshot, its copy and the departure of readers take hours, not weeks."""


class TakeDown(Section):
    """The confirmation that a protected environment is to go: who agreed, when, to what.

    Attributes:
        stack: The environment once more, so that no file is copied by mistake.
        day: When it was agreed, in UTC; it names the final snapshot, and a week later it holds no longer.
        agreed_by: Who agreed, as others will look for them.
    """

    stack: Environment
    day: Annotated[date, Field(examples=["'2026-12-31'"])]
    agreed_by: Annotated[str, Field(min_length=3, max_length=200, examples=["platform-team, ticket 1042"])]

    @model_validator(mode="after")
    def _is_fresh(self) -> TakeDown:
        age = (today() - self.day).days
        if not 0 <= age <= _VALID_DAYS:
            raise ValueError(
                f"was agreed on {self.day}, which is not within the last {_VALID_DAYS} days: "
                "remove it, or agree once more and write the day"
            )
        return self


class Protection(Section):
    """What outlives mistakes, and what outlives the environment.

    Attributes:
        enabled: Nothing that holds state goes by mistake: Pulumi's `protect`, the services' own deletion protection.
        disposable: What the environment holds may be destroyed for good with it: no final snapshot, keys gone within a
            week, buckets, vaults and repositories deleted with all that is in them. Off, they stay in the account.
        take_down: Lifts `enabled`, and nothing else.
    """

    enabled: bool
    disposable: bool
    take_down: TakeDown | None = None

    @property
    def in_force(self) -> bool:
        """Whether mistakes are refused now."""
        return self.enabled and self.take_down is None

    @model_validator(mode="after")
    def _one_intention(self) -> Protection:
        if self.enabled and self.disposable:
            raise ValueError("keeps by enabled what disposable gives away: set one of them to false")
        if self.take_down is not None and not self.enabled:
            raise ValueError("takeDown has nothing to lift, as enabled is false: remove it")
        return self


def today() -> date:
    """Return the day in UTC, as `date -u +%F` prints it."""
    return datetime.now(UTC).date()
