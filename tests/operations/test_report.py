"""The comment on a preview: what it says of made-up events, and its exit code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from operations import events
from operations.cost.difference import difference
from operations.cost.prices import load
from operations.report import __main__ as command
from operations.report.changes import STATEFUL, changes
from operations.report.comment import comment, marker
from policy.rules import load as load_rules
from tests.operations.engine_events import create, decided, lines, preview, replace, step, told, violation
from tests.unit.test_components_contracts import STATEFUL as BUILT_STATEFUL

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome

CLUSTER = "aws:rds/cluster:Cluster"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BUCKET = "aws:s3/bucket:Bucket"


def written(outcome: Outcome, **more: str) -> str:
    return comment(outcome, "prod", difference(outcome.steps, load(), "prod"), **more)  # pyright: ignore[reportArgumentType]


def test_lost_state_stands_first_with_the_property_that_forces_it_and_both_values():
    outcome = preview(
        create("aws:iam/role:Role", "new"),
        *replace(RULE, "from-anywhere", "cidrIpv4", "10.0.0.0/8", "10.1.0.0/16"),
        *replace(CLUSTER, "orders", "masterUsername", "admin", "root"),
    )
    text = written(outcome)
    assert "### 🚨 Preview of `prod`: 1 resource with state would be replaced or deleted" in text
    assert "**replace** `orders` `aws:rds/cluster:Cluster` — forced by `masterUsername`: `admin` → `root`" in text
    assert text.index("`orders`") < text.index("`from-anywhere`") < text.index("`new`")


def test_a_protected_or_retained_resource_counts_as_state_whatever_its_type():
    outcome = preview(
        step("delete", "aws:x/y:Z", "guarded", before={}, protect=True),
        step("delete", "aws:x/y:Z", "kept", before={}, retainOnDelete=True),
    )
    assert [(one.name, one.stateful) for one in changes(outcome.steps)] == [("guarded", True), ("kept", True)]
    assert "`guarded` `aws:x/y:Z` — protected: Pulumi refuses" in written(outcome)
    assert "`kept` `aws:x/y:Z` — kept in the cloud" in written(outcome)


def test_the_types_with_state_are_at_least_those_of_the_program_and_of_the_pack():
    of_the_pack = {
        f"aws:{one}:{one.split('/')[1][0].upper()}{one.split('/')[1][1:]}"
        for one in load_rules()["stateful-protected"].types
    }
    assert sorted((BUILT_STATEFUL | of_the_pack) - STATEFUL) == []


def test_a_violation_shows_rule_severity_resource_finding_and_once_per_rule_the_fix():
    message = "Buckets are private\nbucket 'a' is public\nFix: Block public access\n"
    outcome = preview(
        violation("s3-private", "a", message, severity="critical"),
        violation("s3-private", "b", message.replace("'a'", "'b'"), severity="critical"),
        violation("s3-tags", "c", "Tags\nbucket 'c' has none\nFix: Tag it", severity="low"),
        result="failed",
    )
    text = written(outcome, link_base="https://github.com/o/r/blob/abc/")
    assert "### ❌ Preview of `prod`: 3 policy violations" in text
    link = "https://github.com/o/r/blob/abc/docs/reference/policy-rules.md#s3-private"
    assert (
        f"- [s3-private]({link}) `critical` on `a`: `bucket 'a' is public`<br>Fix: `Block public access`\n"
        f"- [s3-private]({link}) `critical` on `b`: `bucket 'b' is public`\n"
    ) in text
    assert text.index("s3-private") < text.index("s3-tags")
    assert "Errors" not in text


def test_every_rule_of_the_pack_has_the_anchor_that_a_violation_links_to():
    page = (Path(__file__).parents[2] / "docs/reference/policy-rules.md").read_text(encoding="utf-8")
    anchors = set(re.findall(r"^### (\S+)$", page, re.MULTILINE))
    assert set(load_rules()) <= anchors


def test_advice_waivers_repairs_and_what_is_not_yet_known_have_sections_of_their_own():
    repair: dict[str, object] = {
        "resourceUrn": "urn:pulumi:prod::p::t::repaired",
        "policyName": "tags-complete",
        "before": {"name": "x"},
        "after": {"tags": {"Owner": "o"}, "name": "x"},
    }
    outcome = preview(
        violation("s3-advice", "a", "Advice\nbetter not\nFix: Do", level="advisory"),
        told("waived: rds-upgrades on *aws:rds*: pinned for a reason (owner platform-team, until 2027-11-30)\n"),
        {"policyRemediationEvent": repair},
        decided("waiting", passed=["s3-private"]),
        decided("settled", passed=["s3-private", "s3-key"]),
    )
    text = written(outcome)
    assert "### ✅ Preview of `prod`: no change" in text
    assert "Advice of policies (1)" in text
    assert "[rds-upgrades](docs/reference/policy-rules.md#rds-upgrades) `*aws:rds*: pinned for a reason (owner" in text
    assert "[tags-complete](docs/reference/policy-rules.md#tags-complete) set `tags` of `repaired`" in text
    assert "[s3-key](docs/reference/policy-rules.md#s3-key): `waiting`\n" in text


def test_a_preview_that_fails_otherwise_says_why():
    outcome = preview(told("the zone is not delegated", "error"), told("preview failed", "error"), result="failed")
    text = written(outcome)
    assert "### ❌ Preview of `prod` failed" in text
    assert "- `the zone is not delegated`" in text


def test_a_log_without_its_end_is_a_failure():
    outcome = events.read(lines(create(BUCKET, "a"))[:-1])
    assert not outcome.succeeded
    assert "the engine's events end before its summary" in written(outcome)


@pytest.mark.parametrize("path", ["password", "values.ajp.secret", "stringData.value", "environment.API_TOKEN"])
def test_values_of_what_may_be_secret_are_not_shown_even_if_the_engine_does_not_mask_them(path: str):
    keys = path.split(".")
    before: object = "hunter2"
    for key in reversed(keys):
        before = {key: before}
    assert isinstance(before, dict)
    outcome = preview(step("update", "aws:x/y:Z", "one", before=before, after={}, diff={path: "delete"}))
    text = written(outcome)
    assert f"`{path}`" in text
    assert "hunter2" not in text


def test_what_the_engine_masks_stays_masked():
    masked = step("update", "aws:x/y:Z", "one", before={"a": "[secret]"}, after={"a": "x"}, diff={"a": "update"})
    assert "`a`: `[secret]` → `x`" in written(preview(masked))


def test_an_operation_that_the_report_does_not_know_is_shown_by_its_name():
    assert "**other** `one` `aws:x/y:Z` (`vanish`)" in written(preview(step("vanish", "aws:x/y:Z", "one", before={})))


def test_nested_paths_lead_to_the_value():
    inputs = {"rules": [{"from": 80}], "tags": {"a.b": "old"}}
    new = {"rules": [{"from": 81}], "tags": {"a.b": "new"}}
    diff = {"rules[0].from": "update", 'tags["a.b"]': "update"}
    text = written(preview(step("update", "aws:x/y:Z", "one", before=inputs, after=new, diff=diff)))
    assert "`rules[0].from`: `80` → `81`" in text
    assert '`tags["a.b"]`: `old` → `new`' in text


@pytest.mark.parametrize("stack", ["a--b", "a --> b", "", "a`b", "prod\n"])
def test_a_stack_name_that_could_leave_the_marker_is_refused(stack: str):
    with pytest.raises(ValueError, match="stack"):
        marker(stack)


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (lines(create(BUCKET, "a")), 0),
        (lines(violation("s3-advice", "a", "x", level="advisory")), 0),
        (lines(violation("s3-private", "a", "x"), result="failed"), 1),
        (lines(told("broken", "error"), result="failed"), 1),
        (["Previewing update\n"], 2),
        (['{"cut": '], 2),
    ],
)
def test_the_exit_code_tells_whether_the_preview_may_pass(tmp_path: Path, log: list[str], code: int):
    file = tmp_path / "events"
    file.write_text("\n".join(log))
    assert command.main([str(file), "--stack", "prod", "--output", str(tmp_path / "comment.md")]) == code
    assert (tmp_path / "comment.md").exists() == (code != 2)
