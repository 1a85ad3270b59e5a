"""The frame: levels, waivers, rule registration, failing checks, the stack index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policy.frame import levels, waivers
from policy.frame.resources import Finding, Resource, Stack
from policy.frame.rule import Area, Findings, Rule, Run, sample
from policy.frame.runner import Runner, resource_request
from policy.frame.session import Session
from policy.frame.values import UNKNOWN, Block, plain
from policy.frame.waivers import Waiver, WaiverFile
from policy.reports import taggable
from policy.reports.examples import records


def _finds_nothing(_resource: Resource) -> Findings:
    return iter(())


UNENCRYPTED = records((sample("ebs/volume", encrypted=False),))


def test_the_list_of_taggable_types_is_current(repository: Path):
    file = repository / "policy" / "conventions" / "taggable.txt"

    assert file.read_text(encoding="utf-8") == taggable.render()


def test_a_level_file_with_an_unknown_rule_is_refused_with_the_nearest_name(rules: dict[str, Rule]):
    with pytest.raises(levels.LevelError, match=r"'rds-cluster-encryptd'.*'rds-cluster-encrypted'"):
        levels.parse('{"rds-cluster-encryptd": "advisory"}', rules, "dev.json")


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"efs-encrypted": "optional"}',
        '{"efs-encrypted": {"enforcementLevel": "never"}}',
        '{"efs-encrypted": {"days": 3}}',
    ],
)
def test_a_level_file_with_a_wrong_level_or_setting_is_refused(rules: dict[str, Rule], text: str):
    with pytest.raises(levels.LevelError, match=r"dev\.json"):
        levels.parse(text, rules, "dev.json")


def test_every_level_file_of_the_pack_is_valid(rules: dict[str, Rule]):
    for stack in ("dev", "stg", "prod"):
        assert (levels.FOLDER / f"{stack}.json").is_file()
        levels.load(stack, rules)


def test_the_engine_is_refused_a_configuration_with_an_unknown_rule(rules: dict[str, Rule]):
    with pytest.raises(levels.LevelError, match="no-such-rule"):
        Runner(rules.values(), configuration={"no-such-rule": {}})


def test_a_disabled_rule_reports_nothing(rules: dict[str, Rule]):
    rule = rules["ebs-volume-encrypted"]
    disabled = Runner([rule], configuration={rule.id: {"enforcementLevel": "disabled"}})

    assert disabled.run(UNENCRYPTED).violations == []
    assert Runner([rule]).run(UNENCRYPTED).rules == {rule.id}


def test_good_practice_is_advisory_and_everything_else_mandatory(rules: dict[str, Rule]):
    assert {rule.level for rule in rules.values() if rule.severity == "low"} == {"advisory"}
    assert {rule.level for rule in rules.values() if rule.severity != "low"} == {"mandatory"}


def test_a_rules_own_level_reaches_the_engine(rule: Rule):
    assert {item.level for item in Runner([rule]).run(records(rule.bad[0])).violations} == {rule.level}


def test_all_makes_good_practice_mandatory_and_a_rules_own_entry_comes_first(rules: dict[str, Rule]):
    advisory, other = rules["sg-described"], rules["ebs-volume-encrypted"]
    chosen = {advisory.id: advisory, other.id: other}
    configured = levels.expand({"all": "mandatory", other.id: {"enforcementLevel": "advisory"}}, chosen)
    found = Runner(chosen.values(), configuration=configured).run([*records(advisory.bad[0]), *UNENCRYPTED])

    assert {(item.rule, item.level) for item in found.violations} == {
        (advisory.id, "mandatory"),
        (other.id, "advisory"),
    }


def test_our_own_stacks_are_held_to_everything_but_what_their_files_say(rules: dict[str, Rule]):
    for stack in ("dev", "stg", "prod"):
        configured = levels.load(stack, rules)
        assert {levels.of_rule(rule, configured) for name, rule in rules.items() if name not in configured} == {
            "mandatory"
        }


def test_level_files_are_for_our_own_project_only(rules: dict[str, Rule]):
    session = Session(waivers.load(rules))

    assert session.levels(session.waivers.project, "dev", rules) == levels.load("dev", rules)
    assert session.levels("another", "dev", rules) == {}


def test_a_check_that_fails_inside_is_a_violation_and_not_the_end_of_the_run(rules: dict[str, Rule]):
    def broken(_resource: Resource, _run: Run) -> Iterator[Finding]:
        raise RuntimeError("no such key")

    (violation,) = Runner([replace(rules["ebs-volume-encrypted"], check=broken)]).run(UNENCRYPTED).violations

    assert "the rule itself failed" in violation.message
    assert "no such key" in violation.message


def test_a_rule_id_can_be_taken_only_once():
    with pytest.raises(ValueError, match="must be new"):
        Area("encryption").rule(
            "ebs-volume-encrypted", title="", cause="", remedy="", types=[], good=[sample("a/b")], bad=[sample("a/b")]
        )(_finds_nothing)


def test_a_rule_without_examples_is_refused():
    with pytest.raises(ValueError, match="needs a good and a bad example"):
        Area("encryption").rule("new-rule", title="", cause="", remedy="", types=[], good=[], bad=[])(_finds_nothing)


GOOD_WAIVER = {
    "rule": "efs-encrypted",
    "resource": "urn:*::legacy",
    "reason": "holds only public price lists",
    "owner": "platform",
    "expires": "2099-01-01",
}


def _file(tmp_path: Path, entry: dict[str, object]) -> Path:
    path = tmp_path / "waivers.yaml"
    lines = "\n".join(f"    {key}: {json.dumps(value) if key != 'expires' else value}" for key, value in entry.items())
    path.write_text(f"project: fast-order\nwaivers:\n  -\n{lines}\n", encoding="utf-8")
    return path


def test_a_complete_waiver_is_read(tmp_path: Path, rules: dict[str, Rule]):
    (waiver,) = waivers.load(rules, _file(tmp_path, {**GOOD_WAIVER, "stacks": ["dev"]})).waivers

    assert waiver.covers("efs-encrypted", Finding("urn:x::legacy", "anything"))
    assert not waiver.covers("efs-encrypted", Finding("urn:x::other", "anything"))
    assert waiver.is_for("dev")
    assert not waiver.is_for("prod")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": ""}, "missing"),
        ({"reason": "because"}, "say why"),
        ({"owner": ""}, "missing"),
        ({"rule": "no-such"}, "no rule"),
        ({"expires": "soon"}, "must be a date"),
        ({"because": "x"}, "unknown"),
        ({"stacks": "dev"}, "must be a list"),
    ],
)
def test_an_incomplete_waiver_is_refused(tmp_path: Path, rules: dict[str, Rule], change: dict[str, object], said: str):
    with pytest.raises(waivers.WaiverError, match=said):
        waivers.load(rules, _file(tmp_path, {**GOOD_WAIVER, **change}))


def test_the_packs_own_waiver_file_is_valid(rules: dict[str, Rule]):
    assert waivers.load(rules).project == "fast-order"


def _waiver(resource: str = "urn:pulumi:example::*", expires: date = date(9999, 1, 1)) -> Waiver:
    return Waiver("ebs-volume-encrypted", resource, "holds only public price lists", "platform", expires)


def test_an_expired_waiver_fails_the_run(rules: dict[str, Rule]):
    file = WaiverFile("examples", (_waiver(expires=date(2020, 1, 1)),))
    outcome = Runner([rules["ebs-volume-encrypted"]], file).run(UNENCRYPTED)

    assert outcome.rules == {"waivers"}
    assert "expired on 2020-01-01" in outcome.violations[0].message


def test_a_waiver_that_matches_nothing_fails_the_run(rules: dict[str, Rule]):
    file = WaiverFile("examples", (_waiver("urn:pulumi:example::*::gone"),))
    outcome = Runner([rules["ebs-volume-encrypted"]], file).run(UNENCRYPTED)

    assert outcome.rules == {"ebs-volume-encrypted", "waivers"}


def test_waivers_of_another_project_are_silent(rules: dict[str, Rule]):
    file = WaiverFile("elsewhere", (_waiver("urn:pulumi:example::*::gone"),))

    assert Runner([rules["ebs-volume-encrypted"]], file).run(UNENCRYPTED).rules == {"ebs-volume-encrypted"}


def test_a_waiver_covers_nothing_outside_its_project_and_stacks(rules: dict[str, Rule]):
    rule = rules["ebs-volume-encrypted"]
    everywhere = Waiver(rule.id, "*", "holds only public price lists", "platform", date(9999, 1, 1))
    elsewhere = Waiver(rule.id, "*", "holds only public price lists", "platform", date(9999, 1, 1), stacks=("prod",))

    assert Runner([rule], WaiverFile("fast-order", (everywhere,))).run(UNENCRYPTED).rules == {rule.id}
    assert Runner([rule], WaiverFile("examples", (elsewhere,))).run(UNENCRYPTED).rules == {rule.id}
    assert Runner([rule], WaiverFile("examples", (everywhere,))).run(UNENCRYPTED).rules == set()


def test_used_waivers_are_listed(rules: dict[str, Rule], capsys: pytest.CaptureFixture[str]):
    Runner([rules["ebs-volume-encrypted"]], WaiverFile("examples", (_waiver(),))).run(UNENCRYPTED)

    assert "waived: ebs-volume-encrypted on urn:pulumi:example::*" in capsys.readouterr().err


def test_proxied_properties_become_plain_values_with_unknowns():
    proxied = unknown_checking_proxy({"a": [{"b": UNKNOWN_STRING_VALUE}], "c": 1})

    assert plain(proxied) == {"a": [{"b": UNKNOWN}], "c": 1}


def test_a_block_answers_yes_only_when_it_is_certain():
    block = Block({"on": True, "off": False, "later": UNKNOWN, "list": [{"x": 3}]})

    assert block.is_true("on")
    assert block.not_true("off")
    assert block.not_true("missing")
    assert not block.not_true("later")
    assert not block.is_false("missing")
    assert not block.lacks("later")
    assert block.number("list.x") == 3
    assert not block.below("later", 5)


def test_a_reference_is_followed_by_value_or_by_property_dependency():
    bucket = Resource("aws:s3/bucket:Bucket", "b", "urn:b", {"bucket": "logs"})
    other = Resource("aws:s3/bucket:Bucket", "o", "urn:o", {"bucket": "other"})
    by_value = Resource("aws:s3/bucketAcl:BucketAcl", "v", "urn:v", {"bucket": "logs"})
    by_urn = Resource(
        "aws:s3/bucketAcl:BucketAcl", "u", "urn:u", {"bucket": UNKNOWN}, references={"bucket": ("urn:b",)}
    )
    stack = Stack([bucket, other, by_value, by_urn])

    assert stack.sides(bucket, "s3/bucketAcl", "bucket") == [by_value, by_urn]
    assert stack.sides(other, "s3/bucketAcl", "bucket") == []


def test_verdicts_do_not_stick_when_a_urn_comes_back_with_other_contents(rules: dict[str, Rule]):
    rule = rules["s3-bucket-customer-key"]
    runner = Runner([rule])
    for example, expected in ((rule.bad[0], {rule.id}), (rule.good[0], set[str]()), (rule.bad[0], {rule.id})):
        assert runner.run(records(example)).rules == expected
        assert runner.run(records(example), inputs=False).rules == expected


def test_inputs_recorded_for_another_resource_of_the_same_urn_are_not_used(rules: dict[str, Rule]):
    rule = rules["block-devices-encrypted"]
    runner = Runner([rule, rules["ec2-detailed-monitoring"]])
    (old,) = records((sample("ec2/instance", instanceType="t4g.small", rootBlockDevice={"encrypted": False}),))
    new = records((sample("ec2/instance", instanceType="t4g.micro", rootBlockDevice={"encrypted": True}),))
    runner._servicer.Analyze(resource_request(old), None)  # pyright: ignore[reportPrivateUsage]

    assert rule.id not in runner.run(new, inputs=False).rules
