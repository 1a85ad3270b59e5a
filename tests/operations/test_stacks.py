"""The variable that tells the pipeline which stacks have an account, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from operations import stacks

ROW = {"stack": "dev", "account": "498273610554", "backend": "s3://dev-state-7?region=r&awssdk=v2", "runner": "vpc-dev"}
OTHER = {**ROW, "stack": "prod"}


def test_a_whole_row_becomes_the_steps_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    outputs = tmp_path / "outputs"
    outputs.write_text("before=1\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("STACKS", json.dumps([OTHER, ROW]))
    assert stacks.main(["dev"]) == 0
    assert outputs.read_text() == (
        "before=1\naccount=498273610554\nbackend=s3://dev-state-7?region=r&awssdk=v2\nrunner=vpc-dev\n"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", 'has 0 rows with "stack": "dev"'),
        ("[", "is no JSON"),
        ("{}", "has 0 rows"),
        (json.dumps([OTHER]), "has 0 rows"),
        (json.dumps([ROW, ROW]), "has 2 rows"),
        (json.dumps([{**ROW, "runner": ""}]), 'runner is "" instead of the label'),
        (json.dumps([{key: ROW[key] for key in ("stack", "account", "backend")}]), "runner is null instead of"),
        (json.dumps([{**ROW, "runner": "ubuntu-24.04\naccount=1"}]), "runner is"),
        (json.dumps([{**ROW, "account": 498273610554}]), "account is 498273610554 instead of"),
        (json.dumps([{**ROW, "backend": "file://~"}]), "backend is"),
    ],
)
def test_what_is_missing_or_odd_is_named_before_anything_is_touched(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("STACKS", text)
    assert stacks.main(["dev"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("::error title=STACKS::the variable STACKS")
    assert reason in told
    assert told.count("\n") == 1
    assert not outputs.exists()


@given(some.text(), some.sampled_from(sorted(stacks.KEYS)))
def test_no_value_can_write_another_output(value: str, key: str):
    try:
        taken = stacks.row(json.dumps([{**ROW, key: value}]), "dev")
    except ValueError:
        return
    assert all("\n" not in one and "\r" not in one for one in taken.values())
