"""What a machine must have before the program runs on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations import deploy_guard, machine


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The AWS CLI of a machine that is fit, and nothing else on PATH."""
    folder = tmp_path / "only-aws"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    answer(folder / "aws", "aws-cli/2.31.4 Python/3.13.7 Linux/6.11 exe/x86_64.ubuntu.24")
    return folder / "aws"


def answer(cli: Path, version: str) -> None:
    cli.write_text(f"#!/bin/sh\necho '{version}'\n")
    cli.chmod(0o755)


@pytest.mark.parametrize(
    "version", ["aws-cli/1.24.0 Python/3.8", "aws-cli/1.46.3 Python/3.11", "aws-cli/2.7.0", "aws-cli/3.0.1"]
)
def test_a_machine_with_a_cli_that_is_new_enough_meets_no_objection(cli: Path, version: str):
    answer(cli, version)
    assert machine.main() == 0


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("aws-cli/1.23.13 Python/3.8", "the AWS CLI is 1.23, too old"),
        ("aws-cli/2.6.4 Python/3.9", "the AWS CLI is 2.6, too old"),
        ("something else", "does not say which AWS CLI"),
    ],
)
def test_an_older_cli_is_refused(cli: Path, version: str, reason: str, capsys: pytest.CaptureFixture[str]):
    answer(cli, version)
    assert machine.main() == 1
    assert reason in capsys.readouterr().err


def test_a_machine_without_the_cli_is_refused(cli: Path, capsys: pytest.CaptureFixture[str]):
    cli.unlink()
    assert machine.main() == 1
    assert (
        "aws: not found on PATH, and the eks component needs the AWS CLI even for a preview" in capsys.readouterr().err
    )


def test_a_deployment_asks_the_same(cli: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cli.unlink()

    def no_answer(*_: object) -> str:
        return ""

    monkeypatch.setattr(deploy_guard, "_git", no_answer)
    assert any(line.startswith("aws: not found") for line in deploy_guard.objections(tmp_path, "dev"))
