"""The bootstrap project on the real engine: it meets the platform's own policies, and a second run changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from rehearsal.session import Rehearsal
from tests.engine.findings import assert_clean

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from rehearsal.project_files import Yaml
    from rehearsal.toolchain import Toolchain

_CHECKOUT = Path(__file__).parents[2]
_PEOPLE: Final[dict[str, Yaml]] = {
    # In dev operators deploy, so their role is the widest that there is.
    "dev": [
        "arn:aws:iam::111111111111:user/kim",
        "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Operators_*",
    ],
    "prod": [],
}


@pytest.fixture(scope="module", params=["dev", "prod"])
def rehearsal(
    request: pytest.FixtureRequest, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsal:
    return Rehearsal(
        project=_CHECKOUT / "bootstrap",
        stack=request.param,
        home=tmp_path_factory.mktemp("bootstrap"),
        toolchain=toolchain,
        policy_pack=_CHECKOUT / "policy",
        config={"fast-order-bootstrap:operators": {"principalArns": _PEOPLE[request.param]}},
    )


@pytest.fixture(scope="module")
def deployment(rehearsal: Rehearsal) -> Outcome:
    assert_clean(rehearsal.preview())
    return rehearsal.up()


def test_the_foundations_meet_every_policy_before_and_after(deployment: Outcome) -> None:
    assert_clean(deployment)


def test_a_second_run_changes_nothing_and_says_what_stacks_need(rehearsal: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    second = rehearsal.up()
    assert (second.errors, second.changed_steps) == ([], [])
    outputs = rehearsal.outputs()
    assert set(outputs) == {"backend", "secretsProvider", "roleArns", "zoneId", "nameServers", "delegationSigner"}
    assert set(cast("dict[str, str]", outputs["roleArns"])) == {"deployer", "images", "operator", "preview"}
    assert str(outputs["backend"]).startswith(f"s3://{rehearsal.stack}-common-s3-state-01-")


def test_foundations_are_not_destroyed_by_mistake(rehearsal: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    destruction = rehearsal.destroy()
    assert not destruction.succeeded
    assert any("because it is protected" in error for error in destruction.errors)
