"""Report, cost and drift from the events of the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from operations import drift
from operations import events as event_log
from operations.cost import __main__ as cost
from operations.report import __main__ as report
from rehearsal.cloud import Cloud
from rehearsal.vantage.places import Place

if TYPE_CHECKING:
    from rehearsal.outcome import Event, Outcome
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import Rehearse, RehearseStack

pytestmark = pytest.mark.timeout(900)

_PACK = Path(__file__).parents[2] / "policy"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def logged(rehearsal: Rehearsal, file: Path, operation: Callable[[], Outcome]) -> Outcome:
    """Run an operation and keep the engine's events."""
    with file.open("w") as log:

        def write(event: Event) -> None:
            log.write(json.dumps(event) + "\n")

        rehearsal.on_event = write
        outcome = operation()
        rehearsal.on_event = None
    return outcome


def test_violations_of_a_program_are_reported_and_fail_the_report(rehearse: Rehearse, tmp_path: Path) -> None:
    rehearsal = rehearse("violating")
    rehearsal.policy_pack = _PACK
    file, page = tmp_path / "events", tmp_path / "page.md"
    outcome = logged(rehearsal, file, rehearsal.preview)
    assert report.main([str(file), "--stack", "test", "--output", str(page)]) == 1
    text = page.read_text()
    assert f"❌ Preview of `test`: {len(outcome.mandatory_violations)} policy violations" in text
    assert "[ebs-volume-encrypted](docs/reference/policy-rules.md#ebs-volume-encrypted)" in text
    assert "`ebs/volume 'disk' is stored unencrypted: encrypted is not true`<br>Fix: `Set encrypted=True" in text
    # Without its events the rehearsal says the same.
    assert event_log.load(file).violations == outcome.violations


@pytest.fixture(scope="module")
def dev(rehearse_stack: RehearseStack) -> Rehearsal:
    rehearsal = rehearse_stack("dev")
    assert rehearsal.up().succeeded
    return rehearsal


def test_the_report_of_an_update_shows_waivers_replacements_and_cost_and_no_secret(
    dev: Rehearsal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, page = tmp_path / "events", tmp_path / "page.md"
    dev.config = {"network": {"cidr": "10.98.0.0/16"}, "cache": {"nodes": 3}}
    outcome = logged(dev, file, dev.preview)
    dev.config = {}
    assert outcome.errors == []
    assert report.main([str(file), "--stack", "dev", "--output", str(page)]) == 0
    text = page.read_text()
    assert (
        "**replace** `network-vpc` `aws:ec2/vpc:Vpc` — forced by `cidrBlock`: `10.10.0.0/16` → `10.98.0.0/16`" in text
    )
    assert "[rds-upgrades](docs/reference/policy-rules.md#rds-upgrades) `*aws:rds/clusterInstance" in text
    # Two more nodes of 0.0192 USD, 730 hours a month.
    assert "- cache nodes: +$28.03, now $42.05" in text

    state = json.loads(dev._ask(["stack", "export", "--show-secrets"]))["deployment"]["resources"]  # pyright: ignore[reportPrivateUsage]
    password = next(
        one["outputs"]["result"] for one in state if one["type"] == "random:index/randomPassword:RandomPassword"
    )
    plain = json.loads(password["plaintext"])
    assert len(plain) == 40
    assert plain not in text
    assert plain not in file.read_text()

    assert cost.main([str(file), "--stack", "dev"]) == 0
    assert "by this preview: +$28.03" in capsys.readouterr().out


def test_what_was_changed_in_the_cloud_by_hand_is_drift_and_an_untouched_cloud_has_none(
    dev: Rehearsal, tmp_path: Path
) -> None:
    file, page = tmp_path / "events", tmp_path / "page.md"
    assert logged(dev, file, dev.drift).errors == []
    assert drift.main([str(file), "--stack", "dev", "--output", str(page)]) == 0
    assert "✅ `dev` is as it was deployed" in page.read_text()

    cloud = Cloud(dev.cloud)
    group, rule = cloud.list(_LOG_GROUP)[0], cloud.list("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")[0]
    cloud.change(group.type, group.id, "retentionInDays", 1, location=group.location)
    cloud.delete(rule.type, rule.id, location=rule.location)
    assert logged(dev, file, dev.drift).errors == []
    assert drift.main([str(file), "--stack", "dev", "--output", str(page)]) == 1
    text = page.read_text()
    assert "⚠️ `dev` has drifted: 2 resources" in text
    assert "`retentionInDays`: deployed `30`, now `1`" in text
    assert "Gone from the cloud (1)" in text

    # Telling changes neither side: it is told again.
    logged(dev, file, dev.drift)
    assert drift.main([str(file), "--stack", "dev", "--output", str(page)]) == 1
    assert page.read_text() == text

    # From a machine that reaches no cluster the night sees the same; what was done in them a deployment sees.
    pool = next(one for one in cloud.list(provider="kubernetes") if one.type.endswith(":NodePool"))
    cloud.change(pool.type, pool.id, "spec.limits.cpu", "999", location=pool.location, provider=pool.provider)
    dev.place = Place.HOSTED_RUNNER
    logged(dev, file, lambda: dev.drift("account"))
    dev.place = Place.ANYWHERE
    assert drift.main([str(file), "--stack", "dev", "--output", str(page)]) == 1
    assert page.read_text() == text
    logged(dev, file, lambda: dev.drift("clusters"))
    assert drift.main([str(file), "--stack", "dev", "--output", str(page)]) == 1
    text = page.read_text()
    assert "⚠️ `dev` has drifted: 1 resource\n" in text
    assert "`spec.limits.cpu`" in text


def test_the_night_asks_no_api_server_and_the_two_comparisons_miss_nothing(dev: Rehearsal) -> None:
    state: Any = dev.export()
    known = [one for one in state["deployment"]["resources"] if not one["type"].startswith("pulumi:")]
    in_clusters = {one["urn"] for one in known if one["type"].startswith("kubernetes:")}
    assert len(in_clusters) > 20
    assert {step.urn for step in dev.drift("clusters").steps if not step.type.startswith("pulumi:")} == in_clusters
    on_the_account = {step.urn for step in dev.drift("account").steps if not step.type.startswith("pulumi:")}
    assert on_the_account & in_clusters == set()
    assert {one["urn"] for one in known if one.get("custom")} <= on_the_account | in_clusters


def test_a_preview_needs_no_api_server_and_a_whole_comparison_does(dev: Rehearsal) -> None:
    # Hence previews of pull requests and the comparison of every night run on machines of GitHub's.
    dev.place = Place.HOSTED_RUNNER
    preview, compared = dev.preview(), dev.drift()
    dev.place = Place.ANYWHERE
    assert preview.errors == []
    assert preview.succeeded
    assert not compared.succeeded
    assert any("unreachable cluster" in error for error in compared.errors)
