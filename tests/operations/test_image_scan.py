"""The verdict on an image's scan, from answers in the registry's form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operations import image_scan


@pytest.mark.parametrize(
    ("status", "counts", "code"),
    [
        ("COMPLETE", {}, 0),
        ("COMPLETE", {"LOW": 3, "MEDIUM": 1}, 0),
        ("ACTIVE", {"HIGH": 1}, 1),
        ("COMPLETE", {"CRITICAL": 1}, 1),
        ("FAILED", {}, 2),
        ("PENDING", {}, 2),
    ],
)
def test_dangerous_findings_refuse_and_a_missing_scan_is_no_clean_one(
    tmp_path: Path, status: str, counts: dict[str, int], code: int
):
    file = tmp_path / "findings.json"
    answer = {"imageScanStatus": {"status": status}, "imageScanFindings": {"findingSeverityCounts": counts}}
    file.write_text(json.dumps(answer))
    assert image_scan.main([str(file)]) == code


def test_an_answer_without_findings_is_no_clean_scan(tmp_path: Path):
    file = tmp_path / "findings.json"
    file.write_text("{}")
    assert image_scan.main([str(file)]) == 2
