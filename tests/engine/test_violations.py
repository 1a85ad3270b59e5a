"""The project's own pack on programs that violate it: a small one, and our own platform with every rule violated."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from policy.frame import waivers
from policy.frame.resources import Finding
from policy.rules import load
from rehearsal.session import Rehearsal
from tests.engine import seeds

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome, Violation
    from rehearsal.toolchain import Toolchain
    from tests.engine.conftest import Rehearse

_CHECKOUT = Path(__file__).parents[2]
_PACK = _CHECKOUT / "policy"
_PROJECT = "seeded"
_RULES = load()


def test_a_violating_resource_fails_the_preview_with_the_rules_message_and_fix(rehearse: Rehearse) -> None:
    rehearsal = rehearse("violating")
    rehearsal.policy_pack = _PACK
    outcome = rehearsal.preview()
    assert not outcome.succeeded
    found = {(finding.policy, finding.urn.rsplit("::", 1)[1]): finding for finding in outcome.mandatory_violations}
    disk = found["ebs-volume-encrypted", "disk"]
    assert "ebs/volume 'disk' is stored unencrypted" in disk.message
    assert "Fix: Set encrypted=True" in disk.message
    assert ("sg-no-admin-from-anywhere", "everyone") in found
    assert any(error.startswith("ebs-volume-encrypted: ") for error in outcome.errors)


def test_an_update_stops_at_a_violation_before_the_resource_exists(rehearse: Rehearse) -> None:
    rehearsal = rehearse("violating")
    rehearsal.policy_pack = _PACK
    assert not rehearsal.up().succeeded
    state = rehearsal.export()["deployment"]
    assert "aws:ebs/volume:Volume" not in str(state)


class Seeded(NamedTuple):
    """A preview with seeds, and the label in the names of each rule's resources."""

    outcome: Outcome
    labels: dict[str, str]


@pytest.fixture(scope="module", params=["beside", "alone"])
def seeded(request: pytest.FixtureRequest, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """Preview prod with all seeds; a project of another name has no waivers, and each rule its own level."""
    alone = request.param == "alone"
    folder = tmp_path_factory.mktemp(_PROJECT)
    labels = seeds.write(_RULES, folder / "seeds.json", alone=alone)
    settings = yaml.safe_load((_CHECKOUT / "Pulumi.yaml").read_text())
    settings |= {"name": _PROJECT}
    shutil.copy(Path(__file__).parent / "programs" / "seeded" / "__main__.py", folder)
    (folder / "functions").symlink_to(_CHECKOUT / "functions")  # the engine looks for sources beside the program
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    stack = (_CHECKOUT / "Pulumi.prod.yaml").read_text().replace("fast-order:", f"{_PROJECT}:")
    (folder / "Pulumi.prod.yaml").write_text(stack)
    rehearsal = Rehearsal(
        project=folder,
        stack="prod",
        home=folder / "home",
        toolchain=toolchain,
        policy_pack=_PACK,
        config={
            "seeds:file": str(folder / "seeds.json"),
            **({"aws:region": "ap-northeast-2"} if alone else {"seeds:checkout": str(_CHECKOUT)}),
        },
    )
    return Seeded(rehearsal.preview(), labels)


def test_every_rule_has_a_seed_and_every_seed_a_rule() -> None:
    beside, alone = seeds.chosen_examples(alone=False), seeds.chosen_examples(alone=True)
    assert {*beside, *alone} == set(_RULES)
    assert len(beside) + len(alone) == len(_RULES)


@pytest.mark.timeout(600)
def test_the_seeded_platform_fails_by_violations_alone(seeded: Seeded) -> None:
    assert not seeded.outcome.succeeded
    by_rule = tuple(f"{rule}: " for rule in _RULES)
    assert [error for error in seeded.outcome.errors if not error.startswith(by_rule)] == []
    assert [finding for finding in seeded.outcome.violations if "can't run policy" in finding.message] == []


def test_each_violation_is_reported_at_preview_by_its_rule_and_resource(seeded: Seeded) -> None:
    found = [(finding, label) for finding in seeded.outcome.violations for label in _label(finding.urn)]
    reported = {(finding.policy, label) for finding, label in found}
    assert sorted(set(seeded.labels.items()) - reported) == []
    levels = {(finding.policy, finding.level) for finding, label in found if label == seeded.labels.get(finding.policy)}
    assert levels == {(name, _RULES[name].level) for name in seeded.labels}


def test_nothing_but_the_seeds_and_what_is_waived_is_reported(seeded: Seeded) -> None:
    own = waivers.load(_RULES)
    # Some seeds spoil what they belong to, such as a second policy of a file system; the finding then names them.
    others = [finding for finding in seeded.outcome.violations if not _label(finding.urn)]
    others = [finding for finding in others if "seed" not in finding.message]
    unexplained = [
        f"{finding.policy} on {finding.urn}"
        for finding in others
        if not any(waiver.covers(finding.policy, _said(finding)) for waiver in own.waivers)
    ]
    assert unexplained == []


def _said(violation: Violation) -> Finding:
    """Return the rule's own words: the engine puts the title before and the pack the remedy after them."""
    return Finding(violation.urn, violation.message.splitlines()[1])


def _label(urn: str) -> list[str]:
    """Return the label of the seed that a resource belongs to, none for the platform's own."""
    return re.findall(r"\bseed\d+(?=-)", urn.rsplit("::", 1)[1])
