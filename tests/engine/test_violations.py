"""The project's own pack on a program that violates it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.conftest import Rehearse

_PACK = Path(__file__).parents[2] / "policy"


def test_a_violating_resource_fails_the_preview_with_the_rules_message_and_fix(rehearse: Rehearse) -> None:
    rehearsal = rehearse("violating")
    rehearsal.policy_pack = _PACK
    outcome = rehearsal.preview()
    assert not outcome.succeeded
    found = {(finding.policy, finding.urn.rsplit("::", 1)[1]): finding for finding in outcome.mandatory_violations}
    disk = found["ebs-volume-encrypted", "disk"]
    assert "ebs/volume 'disk' is stored unencrypted" in disk.message
    assert "Fix: Set encrypted=True" in disk.message
    assert ("sg-no-admin-from-anywhere", "everyone") in found
    assert any(error.startswith("ebs-volume-encrypted: ") for error in outcome.errors)


def test_an_update_stops_at_a_violation_before_the_resource_exists(rehearse: Rehearse) -> None:
    rehearsal = rehearse("violating")
    rehearsal.policy_pack = _PACK
    assert not rehearsal.up().succeeded
    state = rehearsal.export()["deployment"]
    assert "aws:ebs/volume:Volume" not in str(state)
