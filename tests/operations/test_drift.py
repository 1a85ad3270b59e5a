"""Drift as an issue: its text, its fingerprint and the exit code, from made-up events."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations import drift
from operations.report.changes import changes
from tests.operations.engine_events import lines, preview, step, told

GROUP = "aws:cloudwatch/logGroup:LogGroup"


def changed(days: int) -> dict[str, object]:
    return step(
        "update",
        GROUP,
        "group",
        before={"retentionInDays": 30},
        after={"retentionInDays": days},
        diff={"retentionInDays": "update"},
    )


GONE = step("delete", "aws:s3/bucket:Bucket", "bucket", before={})
SAME = step("same", GROUP, "other", before={}, after={})


def test_the_issue_names_what_is_gone_and_what_was_changed_to_what():
    text = drift.issue(preview(changed(1), GONE, SAME), "prod")
    assert text.startswith("<!-- fast-order drift of prod -->\n### ⚠️ `prod` has drifted: 2 resources\n")
    assert "Gone from the cloud (1)\n\n- `bucket` `aws:s3/bucket:Bucket`" in text
    assert f"Changed in the cloud (1)\n\n- `group` `{GROUP}` `retentionInDays`: deployed `30`, now `1`" in text
    assert "`other`" not in text


def test_without_drift_the_issue_says_so():
    assert "✅ `prod` is as it was deployed" in drift.issue(preview(SAME), "prod")


def test_the_fingerprint_is_of_the_properties_and_not_of_their_values():
    def of(*events: dict[str, object]) -> str:
        return drift.fingerprint(changes(preview(*events).steps))

    assert of(changed(1), GONE) == of(GONE, changed(2))
    assert of(changed(1)) != of(changed(1), GONE)


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (lines(SAME), 0),
        (lines(changed(1)), 1),
        (lines(told("no credentials", "error"), result="failed"), 2),
        (lines(SAME)[:-1], 2),
        (["nothing"], 2),
    ],
)
def test_the_exit_code_tells_drift_from_not_knowing(tmp_path: Path, log: list[str], code: int):
    file = tmp_path / "events"
    file.write_text("\n".join(log))
    assert drift.main([str(file), "--stack", "prod", "--output", str(tmp_path / "issue.md")]) == code
