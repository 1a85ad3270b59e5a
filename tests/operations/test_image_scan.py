"""The wait for an image's scan and the verdict on it, from answers as the registry gives them.

The answers of both kinds of scan, and of scans that say they are done before they are, were recorded by others
(aws/aws-sdk#288 and #289, alexjurkiewicz/ecr-scan-image#45 and #51).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from operations import image_scan
from operations.aws_cli import Aws
from operations.image_scan import NotScannedError, Registry

DIGEST = "sha256:" + "7" * 64
NOT_FOUND = (
    "An error occurred (ScanNotFoundException) when calling the DescribeImageScanFindings operation: Image scan does "
    f"not exist for the image with '{{imageDigest:'{DIGEST}'}}' in the repository with name 'web'"
)
DENIED = (
    "An error occurred (AccessDeniedException) when calling the DescribeImageScanFindings operation: User is not "
    "authorized to perform: inspector2:ListCoverage"
)
COMPLETED = "2026-11-30T20:23:00.994000+00:00"


ASKED = ["--repository", "web", "--digest", DIGEST]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the AWS command is, and no other program but the shell's own."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-2")
    return tmp_path / "aws"


def script(command: Path, said: str) -> None:
    command.write_text(f"#!/bin/sh\necho \"$@\" >> {command.with_name('asked')}\ncat <<'E'\n{said}\nE\n")
    command.chmod(0o755)


def answer(status: str, **findings: object) -> str:
    return json.dumps(
        {
            "repositoryName": "web",
            "imageId": {"imageDigest": DIGEST},
            "imageScanStatus": {"status": status, "description": "Continuous scan is selected for image."},
            "imageScanFindings": {"findings": [], **findings},
        }
    )


def done(status: str, **counts: int) -> str:
    return answer(status, imageScanCompletedAt=COMPLETED, findingSeverityCounts=counts)


def registry(answers: Iterable[str]) -> tuple[Registry, list[float]]:
    """A registry that gives the answers one after the other, and the waits between them; no answer is an error."""
    given, waits = iter(answers), list[float]()

    def run(command: list[str]) -> tuple[int, str, str]:
        assert command[1:3] == ["ecr", "describe-image-scan-findings"]
        said = next(given)
        return (0, said, "") if said.startswith("{") else (254, "", said)

    return Registry(repository="web", aws=Aws("r", run), clock=lambda: sum(waits), sleep=waits.append), waits


@pytest.mark.parametrize(
    "status",
    [
        "COMPLETE",
        "ACTIVE",  # Inspector's: it never becomes COMPLETE
    ],
)
@pytest.mark.parametrize(
    ("counts", "code"), [({}, 0), ({"LOW": 3, "MEDIUM": 1}, 0), ({"HIGH": 1}, 1), ({"CRITICAL": 1, "LOW": 9}, 1)]
)
def test_dangerous_findings_refuse_the_image_by_either_kind_of_scan(
    command: Path, status: str, counts: dict[str, int], code: int
):
    script(command, done(status, **counts))
    assert image_scan.main(ASKED) == code


def test_a_scan_is_waited_for_until_it_was_completed():
    asked, waits = registry(
        [
            NOT_FOUND,  # right after the push
            answer("PENDING", enhancedFindings=[]),
            answer("IN_PROGRESS"),
            answer("COMPLETE"),  # said before Inspector's findings are there
            answer("ACTIVE"),
            done("ACTIVE", HIGH=2),
        ]
    )
    assert asked.findings(DIGEST) == {"HIGH": 2}
    assert len(waits) == 5


def test_a_scan_that_names_no_counts_is_counted_by_its_findings():
    enhanced = [{"severity": "HIGH"}, {"severity": "UNTRIAGED"}, {"severity": "HIGH"}]
    asked, _ = registry([answer("ACTIVE", imageScanCompletedAt=COMPLETED, enhancedFindings=enhanced)])
    assert asked.findings(DIGEST) == {"HIGH": 2, "UNTRIAGED": 1}


@pytest.mark.parametrize("said", [NOT_FOUND, answer("ACTIVE"), answer("PENDING")])
def test_the_wait_has_an_end_and_says_what_was_missing(said: str):
    def forever() -> Iterator[str]:
        while True:
            yield said

    asked, waits = registry(forever())
    with pytest.raises(NotScannedError, match=r"not completed within 3 minutes: the (registry knows no scan|scan's)"):
        asked.findings(DIGEST, limit_minutes=3)
    assert 170 <= sum(waits) <= 180


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (DENIED, r"inspector2:ListCoverage"),
        (answer("FAILED"), r"not scanned: FAILED"),
        (answer("UNSUPPORTED_IMAGE"), r"not scanned: UNSUPPORTED_IMAGE"),
        (answer("SCAN_ELIGIBILITY_EXPIRED"), r"not scanned"),
        ("{}", r"not scanned: unknown"),
        ("{", r"Expecting property name"),
    ],
)
def test_what_will_never_be_a_verdict_is_not_waited_for(said: str, reason: str):
    asked, waits = registry([said])
    with pytest.raises(NotScannedError, match=reason):
        asked.findings(DIGEST)
    assert waits == []


def test_the_command_says_what_it_found(command: Path, capsys: pytest.CaptureFixture[str]):
    script(command, done("ACTIVE", MEDIUM=4))
    assert image_scan.main(ASKED) == 0
    assert capsys.readouterr().out == "findings: 4 medium\n"
    asked = command.with_name("asked").read_text()
    assert f"--repository-name web --image-id imageDigest={DIGEST} --region ap-northeast-2" in asked


@pytest.mark.usefixtures("command")
def test_without_the_aws_command_the_image_was_not_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert image_scan.main(ASKED) == 2
    assert "aws: command not found" in capsys.readouterr().err
