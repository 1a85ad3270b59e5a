"""What the pack prints: list, explanation, generated files, findings for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy.frame.rule import Rule
from policy.frame.runner import Outcome, Violation
from policy.reports import awsguard_pack, cli, examples, explain, machine, state


def test_the_reference_page_is_current(rules: dict[str, Rule]):
    assert explain.PAGE.read_text(encoding="utf-8") == explain.page(rules.values(), cli.stack_levels(rules))


def test_the_example_files_are_current(rules: dict[str, Rule]):
    written = {file.stem: file.read_text(encoding="utf-8") for file in cli.EXAMPLES.glob("*.json")}

    assert written == examples.files(rules.values())


def test_the_list_names_every_rule(rules: dict[str, Rule], capsys: pytest.CaptureFixture[str]):
    assert cli.main([]) == 0
    shown = capsys.readouterr().out
    assert all(f" {name} " in shown for name in rules)


def test_the_list_as_json_carries_the_metadata(rules: dict[str, Rule], capsys: pytest.CaptureFixture[str]):
    assert cli.main(["list", "--format", "json"]) == 0
    assert {item["id"] for item in json.loads(capsys.readouterr().out)} == set(rules)


def test_an_explanation_shows_cause_fix_and_both_kinds_of_examples(rule: Rule, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["explain", rule.id]) == 0
    shown = capsys.readouterr().out
    assert rule.cause in shown
    assert rule.remedy in shown
    assert shown.count("Found:\n") == len(rule.bad)
    assert shown.count("Passes:\n") == len(rule.good)


def test_an_unknown_rule_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["explain", "efs-encrypt"]) == 1
    assert "did you mean 'efs-encrypted'" in capsys.readouterr().err


def _export(tmp_path: Path, **inputs: object) -> Path:
    resource: dict[str, Any] = {
        "urn": "urn:pulumi:example::elsewhere::aws:ebs/volume:Volume::disk",
        "type": "aws:ebs/volume:Volume",
        "inputs": inputs,
        "outputs": inputs,
    }
    file = tmp_path / "stack.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": [resource]}}), encoding="utf-8")
    return file


def test_an_exported_stack_is_checked_in_each_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = _export(tmp_path, encrypted=False)

    assert cli.main(["check", str(file)]) == 1
    assert "ebs-volume-encrypted (mandatory)  urn:pulumi:example" in capsys.readouterr().out

    assert cli.main(["check", str(file), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["violations"]
    assert "ebs-volume-encrypted" in {item["rule"] for item in found}

    assert cli.main(["check", str(file), "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    declared = {item["id"] for item in run["tool"]["driver"]["rules"]}
    assert {item["ruleId"] for item in run["results"]} <= declared
    assert len(run["results"]) == len(found)


def test_advice_alone_is_shown_and_does_not_fail_a_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    key = "arn:aws:kms:ap-northeast-2:111122223333:key/1"
    file = _export(tmp_path, encrypted=True, kmsKeyId=key)

    assert cli.main(["check", str(file), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["violations"]
    assert {item["level"] for item in found} == {"advisory"}

    assert cli.main(["check", str(file), "--format", "sarif"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert {item["level"] for item in run["results"]} == {"note"}


@pytest.mark.parametrize(
    ("qualified", "file"),
    [
        ("aws:ebs/volume:Volume", "__main__.py"),
        (
            "fastorder:cluster:Cluster$fastorder:pod_identity:PodIdentity$aws:iam/role:Role",
            "components/pod_identity.py",
        ),
    ],
)
def test_sarif_names_the_source_of_the_innermost_component(qualified: str, file: str):
    urn = f"urn:pulumi:example::elsewhere::{qualified}::one"
    log = machine.sarif(Outcome(violations=[Violation("some-rule", urn, "found", "mandatory")]), {}, "1")

    (result,) = log["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == file
    assert (Path(__file__).parents[2] / file).is_file()


def test_a_sealed_secret_in_a_state_is_unknown_and_not_absent(tmp_path: Path):
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
    (record,) = state.records(_export(tmp_path, encrypted=secret).read_text(encoding="utf-8"))

    assert record["inputs"]["encrypted"] == examples.UNKNOWN_STRING_VALUE


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": null}'])
def test_a_file_that_is_no_stack_export_is_refused(text: str):
    with pytest.raises(state.StateError, match="not a stack export"):
        state.records(text)


def test_configuration_files_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "dev.json"
    file.write_text('{"no-such-rule": "advisory"}', encoding="utf-8")

    assert cli.main(["config", str(file)]) == 1
    assert "no-such-rule" in capsys.readouterr().err


def test_a_machine_without_node_is_told_why_awsguard_is_not_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(awsguard_pack.UnavailableError, match="node and npm"):
        awsguard_pack.install()


def test_the_lock_file_pins_awsguard_by_hash_and_names_no_registry():
    locked = json.loads((awsguard_pack.SOURCE / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert locked["node_modules/@pulumi/awsguard"]["version"] == awsguard_pack.VERSION
    assert [name for name, package in locked.items() if name and "integrity" not in package] == []
    assert [name for name, package in locked.items() if "resolved" in package] == []
