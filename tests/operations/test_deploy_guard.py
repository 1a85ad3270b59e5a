"""What stands between `make deploy` and a real account."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from operations.deploy_guard import main, objections

_CHECKOUT = Path(__file__).parents[2]
_READY = """config:
  fast-order:account:
    # 111111111111 was the placeholder
    id: "498273610554"
  fast-order:domain:
    zoneName: fastorder.kr
  fast-order:clusters:
    publicEndpointCidrs: [121.78.40.0/24]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean checkout on main of a stack that is ready, with a CLI that is logged in to a bucket."""
    folder = tmp_path / "project"
    folder.mkdir()
    for stack in ("dev", "prod"):
        (folder / f"Pulumi.{stack}.yaml").write_text(_READY)
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *command], check=True)
    cli = tmp_path / "bin"
    cli.mkdir()
    _script(cli / "pulumi", "echo 'Backend URL: s3://a-bucket'")
    _script(cli / "pulumi-language-python", "exit 0")
    _script(cli / "aws", "echo aws-cli/2.31.4")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("PATH", f"{cli}{os.pathsep}{Path(shutil.which('git') or '').parent}")
    return folder


def _script(file: Path, body: str) -> None:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def test_a_ready_stack_meets_no_objection(project: Path) -> None:
    assert list(objections(project, "prod")) == []
    assert main(["--stack", "prod", "--project", str(project)]) == 0


@pytest.mark.parametrize(
    ("real", "placeholder"),
    [
        ("498273610554", "111111111111"),
        ("498273610554", "123456789012"),
        ("fastorder.kr", "dev.fastorder.example"),
        ("fastorder.kr", "example.com"),
        ("121.78.40.0", "203.0.113.0"),
    ],
)
def test_a_placeholder_is_refused_with_its_line(project: Path, real: str, placeholder: str) -> None:
    (project / "Pulumi.dev.yaml").write_text(_READY.replace(real, placeholder))
    found = [line for line in objections(project, "dev") if line.startswith("Pulumi.dev.yaml:")]
    assert len(found) == 1
    assert f"{placeholder} is a placeholder" in found[0]


@pytest.mark.parametrize("stack", ["dev", "stg", "prod"])
def test_the_committed_stack_files_are_refused_until_someone_fills_them_in(stack: str) -> None:
    assert any("is a placeholder" in line for line in objections(_CHECKOUT, stack))


def test_a_missing_cli_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").unlink()
    assert any("install the Pulumi CLI" in line for line in objections(project, "dev"))


def test_a_cli_without_its_language_host_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi-language-python").unlink()
    assert any(line.startswith("pulumi-language-python: not found") for line in objections(project, "dev"))


@pytest.mark.parametrize("answer", ["exit 255", "echo 'Backend URL: file://~'"])
def test_a_cli_without_a_shared_backend_is_refused(project: Path, tmp_path: Path, answer: str) -> None:
    _script(tmp_path / "bin" / "pulumi", answer)
    assert any("run `pulumi login" in line for line in objections(project, "dev"))


def test_changes_that_are_not_committed_are_refused(project: Path) -> None:
    (project / "__main__.py").touch()
    assert any("not committed" in line for line in objections(project, "dev"))


def test_prod_is_deployed_from_main_only(project: Path) -> None:
    subprocess.run(["git", "-C", str(project), "switch", "-q", "-c", "feature"], check=True)
    assert list(objections(project, "dev")) == []
    assert any("prod is deployed from branch main, this is feature" in line for line in objections(project, "prod"))


def test_an_unknown_stack_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "qa", "--project", str(project)]) == 1
    assert "Pulumi.qa.yaml: there is no such stack file" in capsys.readouterr().err
