"""The first day on a real account, by the commands of the documents and the workflows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.first_day.day import Day
from rehearsal.first_day.plan import DAY

if TYPE_CHECKING:
    from rehearsal.toolchain import Toolchain

# A day is many deployments; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(1800)

_CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize("stack", ["dev"])
def test_every_documented_step_of_the_day_succeeds(toolchain: Toolchain, tmp_path: Path, stack: str) -> None:
    day = Day(stack=stack, home=tmp_path / "day", checkout=_CHECKOUT, toolchain=toolchain)
    day.pass_by(DAY)
    assert {done.chapter for done in day.steps} == {chapter for chapter, _, _ in DAY}
