"""Operations of a rehearsal on small programs: results, settings, secrets and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.project_files import SEALED_VALUE, UnknownStackError
from rehearsal.session import RehearsalError
from rehearsal.tool_cache import try_lock

if TYPE_CHECKING:
    from tests.engine.conftest import Rehearse


def test_a_stack_is_made_kept_changed_and_destroyed(rehearse: Rehearse) -> None:
    rehearsal = rehearse("randoms")
    assert rehearsal.preview().changes == {"create": 4}
    first = rehearsal.up()
    assert (first.succeeded, first.changes) == (True, {"create": 4})
    before = rehearsal.outputs(show_secrets=True)
    second = rehearsal.up()
    assert (second.succeeded, second.changes, second.changed_steps) == (True, {"same": 4}, [])
    rehearsal.config = {"length": 20}
    changed = rehearsal.up()
    assert {step.name for step in changed.changed_steps} == {"password"}
    assert {step.op for step in changed.changed_steps} == {"create-replacement", "replace", "delete-replaced"}
    after = rehearsal.outputs(show_secrets=True)
    assert before["identifier"] == after["identifier"]
    assert len(str(after["password"])) == 20
    assert rehearsal.refresh().changed_steps == []
    assert rehearsal.destroy().changes == {"delete": 4}
    assert rehearsal.outputs() == {}


def test_settings_reach_the_program_as_with_the_plain_cli(rehearse: Rehearse) -> None:
    rehearsal = rehearse("settings", config={"size": 5})
    source = rehearsal.project / "Pulumi.test.yaml"
    before = source.read_text()
    assert rehearsal.up().succeeded
    outputs = rehearsal.outputs()
    assert outputs["greeting"] == "hello", "the default of the schema in Pulumi.yaml"
    assert outputs["size"] == 5, "the override"
    assert outputs["sealed"] == SEALED_VALUE, "what only an account's key can open"
    assert outputs["folder"] == "settings", "the program's folder is the working folder"
    assert source.read_text() == before, "the project's own files are never written"


def test_a_value_of_the_wrong_type_is_refused_by_the_schema(rehearse: Rehearse) -> None:
    outcome = rehearse("settings", config={"size": "large"}).preview()
    assert not outcome.succeeded
    assert "size" in outcome.errors[0]


def test_secrets_show_neither_in_outputs_nor_in_state(rehearse: Rehearse) -> None:
    rehearsal = rehearse("settings")
    outcome = rehearsal.up()
    assert rehearsal.outputs()["secret"] == "[secret]"
    assert rehearsal.outputs(show_secrets=True)["secret"] == "must-not-show"
    assert "must-not-show" not in f"{rehearsal.export()}{outcome}"


def test_a_refusal_by_the_program_is_its_one_line(rehearse: Rehearse) -> None:
    outcome = rehearse("broken", config={"kind": "refusal"}).preview()
    assert not outcome.succeeded
    assert outcome.errors == ["network.cidr: 10.0.0.0/8 is larger than /16; give a /16 or smaller"]


def test_a_bug_of_the_program_names_its_line_and_no_line_of_the_rehearsal(rehearse: Rehearse) -> None:
    (error,) = rehearse("broken", config={"kind": "bug"}).preview().errors
    assert "a-bug-of-the-program" in error
    assert "programs/broken/__main__.py" in error
    assert "language_host.py" not in error


def test_an_error_in_a_callback_fails_the_update(rehearse: Rehearse) -> None:
    rehearsal = rehearse("broken")
    assert rehearsal.preview().succeeded, "the value is unknown, the callback does not run"
    outcome = rehearsal.up()
    assert not outcome.succeeded
    assert "bad value of 4 digits" in outcome.errors[0]


def test_an_argument_out_of_range_is_refused_at_preview(rehearse: Rehearse) -> None:
    outcome = rehearse("refused").preview()
    assert not outcome.succeeded
    assert any("below the minimum 1" in error for error in outcome.errors)


def test_an_unknown_stack_is_named_with_those_that_exist(rehearse: Rehearse) -> None:
    rehearsal = rehearse("randoms")
    rehearsal.stack = "staging"
    with pytest.raises(UnknownStackError, match=r"'staging': no file Pulumi.staging.yaml; .*: test"):
        rehearsal.preview()


def test_two_rehearsals_of_one_stack_do_not_run_at_once(rehearse: Rehearse) -> None:
    rehearsal = rehearse("randoms")
    rehearsal.home.mkdir()
    with (rehearsal.home / "lock").open("w") as other:
        assert try_lock(other.fileno())
        with pytest.raises(RehearsalError, match="another rehearsal of test runs"):
            rehearsal.preview()


def test_a_mandatory_finding_fails_the_preview_with_the_rules_message(rehearse: Rehearse) -> None:
    outcome = rehearse("randoms", pack="strict", config={"length": 8}).preview()
    assert not outcome.succeeded
    (violation,) = outcome.mandatory_violations
    assert (violation.policy, violation.pack, violation.urn.rsplit("::", 1)[1]) == (
        "password-length",
        "strict",
        "password",
    )
    assert any("a password has at least 12 characters" in error for error in outcome.errors)


def test_an_advisory_finding_is_told_and_stops_nothing(rehearse: Rehearse) -> None:
    outcome = rehearse("randoms", pack="strict").preview()
    assert outcome.succeeded
    assert outcome.mandatory_violations == []
    assert [violation.policy for violation in outcome.violations] == ["no-identifier"]
    assert outcome.policies == {"password-length", "no-identifier"}
    assert outcome.policy_load_seconds > 0
