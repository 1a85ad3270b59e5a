"""What stands between `make deploy` and a real account."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from operations.deploy_guard import main, objections

_CHECKOUT = Path(__file__).parents[2]
_DIGEST = f"sha256:{'5' * 64}"
_READY = """config:
  fast-order:account:
    # 111111111111 was the placeholder
    id: "498273610554"
    deployerRoleArn: arn:aws:iam::498273610554:role/deployer
  fast-order:ownership: { owner: platform-team, costCenter: cc-fastorder }
  fast-order:domain: { zoneId: Z0123456789ABC, zoneName: fastorder.kr }
  fast-order:network: { cidr: 10.10.0.0/16 }
  fast-order:notifications: { emails: [ops@fastorder.kr] }
  fast-order:workloads:
    web: { imageTag: 1.2.0 }
    user: { imageTag: 1.3.0 }
    item: { imageTag: 1.3.0 }
    pay: { imageTag: 1.3.1 }
"""
_BY_DIGEST = re.sub(r"(imageTag: [0-9.]+)", rf"\1@{_DIGEST}", _READY)
_DEV = """  fast-order:clusters:
    publicEndpointCidrs: [121.78.40.0/24]
"""
_NOT_THERE = "An error occurred (ImageNotFoundException) when calling the DescribeImages operation: no"
_AWS = """case "$1 $2" in
    "eks describe-cluster") cat "$(dirname "$0")/cluster" ;;
    "eks get-token") echo '{"status": {"token": "k8s-aws-v1.x"}}' ;;
    "sts get-caller-identity") echo '{"Arn": "arn:aws:sts::498273610554:assumed-role/deployer/me"}' ;;
    "ecr "*) REGISTRY ;;
esac"""
_PULUMI = """case "$1 $3" in
    "stack clusters") echo '{"web": "WEB", "was": "WAS"}' ;;
    *) echo 'Backend URL: s3://a-bucket' ;;
esac"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean checkout on main of a stack that is ready, with a CLI that is logged in to a bucket."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.dev.yaml").write_text(_READY + _DEV)
    (folder / "Pulumi.prod.yaml").write_text(_BY_DIGEST)
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *command], check=True)
    cli = tmp_path / "bin"
    cli.mkdir()
    _script(cli / "pulumi", _PULUMI)
    _script(cli / "curl", "echo 200")
    (cli / "cluster").write_text('{"cluster": {"endpoint": "https://API", "certificateAuthority": {"data": ""}}}')
    _script(cli / "pulumi-language-python", "exit 0")
    _aws(tmp_path, f'echo "$@" >> {tmp_path}/asked; echo "$TAGS"')
    monkeypatch.setenv("TAGS", json.dumps({"imageDetails": [{"imageTags": ["1.2.0", "1.3.0", "1.3.1"]}]}))
    monkeypatch.setenv("PATH", f"{cli}{os.pathsep}{Path(shutil.which('git') or '').parent}")
    return folder


def _aws(folder: Path, body: str) -> None:
    version = 'if [ "$1" = --version ]; then echo aws-cli/2.31.4; exit; fi'
    _script(folder / "bin" / "aws", f"{version}; {_AWS.replace('REGISTRY', body)}")


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
    (project / "Pulumi.dev.yaml").write_text((_READY + _DEV).replace(real, placeholder))
    found = [line for line in objections(project, "dev") if line.startswith("Pulumi.dev.yaml:")]
    assert found
    assert all(f"{placeholder} is a placeholder" in line for line in found)


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


@pytest.mark.parametrize(("stack", "image"), [("dev", "imageTag={}"), ("prod", f"imageDigest={_DIGEST}")])
def test_the_registry_is_asked_for_every_image_of_the_clusters(
    project: Path, tmp_path: Path, stack: str, image: str
) -> None:
    assert list(objections(project, stack)) == []
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 3, "one for web, one for each version of was"
    for repository, tag in (("web", "1.2.0"), ("was", "1.3.0"), ("was", "1.3.1")):
        call = f"ecr describe-images --repository-name {stack}-common-ecr-{repository}-01 --image-ids"
        assert any(line.startswith(f"{call} {image.format(tag)} --region ap-northeast-2") for line in asked)


def test_an_image_that_nobody_pushed_is_named_with_what_to_do(project: Path, tmp_path: Path) -> None:
    _aws(tmp_path, f'case "$*" in *imageTag=1.3.1*) echo "{_NOT_THERE}" >&2; exit 254;; esac; echo "$TAGS"')
    (said,) = objections(project, "dev")
    assert said.startswith("images: dev-common-ecr-was-01:1.3.1 was not pushed; deploy once with clusters.contents")
    _aws(tmp_path, f'echo "{_NOT_THERE}" >&2; exit 254')
    assert f"images: prod-common-ecr-was-01:1.3.1@{_DIGEST} was not pushed" in "\n".join(objections(project, "prod"))


@pytest.mark.parametrize(
    ("by_tag", "named"),
    [
        ('echo \'{"imageDetails": [{"imageDigest": "sha256:6"}]}\'', "sha256:6"),
        (f'echo "{_NOT_THERE}" >&2; exit 254', "no image"),
    ],
)
def test_a_digest_that_its_tag_does_not_name_is_refused(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_tag: str, named: str
) -> None:
    monkeypatch.setenv("TAGS", json.dumps({"imageDetails": [{"imageTags": ["1.2.0", "1.3.0"]}]}))
    _aws(tmp_path, f'case "$*" in *imageTag=1.3.1*) {by_tag} ;; *) echo "$TAGS" ;; esac')
    (said,) = objections(project, "prod")
    assert said.startswith(
        f"images: prod-common-ecr-was-01:1.3.1@{_DIGEST} is not what the tag names, which is {named};"
    )


def test_a_registry_that_does_not_answer_is_no_clean_one(project: Path, tmp_path: Path) -> None:
    denied = "An error occurred (AccessDeniedException) when calling the DescribeImages operation: no"
    _aws(tmp_path, f'echo "{denied}" >&2; exit 254')
    assert any(line.startswith("images: the registry could not be asked") for line in objections(project, "prod"))
    (tmp_path / "bin" / "aws").unlink()
    assert any("command not found" in line for line in objections(project, "prod"))


def test_a_pass_without_pods_needs_no_image(project: Path, tmp_path: Path) -> None:
    first = _READY + "  fast-order:clusters: { contents: false }\n"
    (project / "Pulumi.prod.yaml").write_text(first)
    subprocess.run(
        ["git", "-C", str(project), "-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qam", "x"],
        check=True,
    )
    _aws(tmp_path, "exit 1")
    assert list(objections(project, "prod")) == []


def test_settings_that_the_program_refuses_are_refused_here(project: Path) -> None:
    (project / "Pulumi.dev.yaml").write_text(_READY + _DEV + "  fast-order:netwrok: {}\n")
    assert any("did you mean network?" in line for line in objections(project, "dev"))


@pytest.mark.parametrize("answer", ["exit 255", "echo nonsense", "echo '{}'"])
def test_contents_before_the_clusters_are_refused_and_a_first_pass_is_not(
    project: Path, tmp_path: Path, answer: str
) -> None:
    _script(tmp_path / "bin" / "pulumi", _PULUMI.replace("""echo '{"web": "WEB", "was": "WAS"}'""", answer))
    (found,) = objections(project, "prod")
    assert "a cluster of prod is not there yet" in found
    assert "deploy once with `clusters: { contents: false }`" in found
    (project / "Pulumi.prod.yaml").write_text(_READY + "  fast-order:clusters: { contents: false }\n")
    assert [line for line in objections(project, "prod") if line.startswith("clusters")] == []
