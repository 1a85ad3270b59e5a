"""The first day on a real account, by the commands of the documents and the workflows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.cloud import Cloud
from rehearsal.first_day.day import Day, FirstDayError
from rehearsal.first_day.documents import Block
from rehearsal.first_day.plan import DAY

if TYPE_CHECKING:
    from rehearsal.toolchain import Toolchain

# A day is many deployments; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(2400)

_CHECKOUT = Path(__file__).parents[2]
_WORKFLOW = """
on: workflow_dispatch
jobs:
  only:
    runs-on: ubuntu-24.04
    environment: dev
    permissions: { id-token: write }
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: { aws-region: ap-northeast-2, role-to-assume: "arn:aws:iam::048271390556:role/dev-common-role-images-01" }
      - run: aws sts get-caller-identity
"""


_LOOK_INSIDE = """\
aws eks update-kubeconfig --name dev-common-eks-web-01 --alias web
kubectl --context web get deployments --namespace web"""


def _block(commands: str, *, who: str = "administrator", where: str = "office") -> Block:
    return Block(document="test", line=1, section="", commands=f"{commands}\n", who=who, where=where, stacks=())


@pytest.fixture
def small(toolchain: Toolchain, tmp_path: Path) -> Day:
    """The day of a repository with next to nothing in it, so that what comes before any deployment is quick to try."""
    checkout = tmp_path / "checkout"
    workflows = checkout / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (checkout / "requirements-dev.txt").touch()
    (workflows / "small.yml").write_text(_WORKFLOW)
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)
    return Day(stack="dev", home=tmp_path / "day", checkout=checkout, toolchain=toolchain)


def test_the_whole_first_day_of_dev(toolchain: Toolchain, tmp_path: Path) -> None:
    day = Day(stack="dev", home=tmp_path / "day", checkout=_CHECKOUT, toolchain=toolchain)
    with day.begun() as morning:
        day.follow(DAY[:2], morning)
        foundations = _things(day)
        day.follow(DAY[2:-1], morning)
        # What each step was allowed, others are not: a role of the pipeline to a person, an API server to anywhere.
        for block, said in (
            (_block("true", who="deployer"), "AccessDenied: .* not authorized to perform: sts:AssumeRole"),
            (_block(_LOOK_INSIDE, who="operator", where="hosted-runner"), "from hosted-runner: .*dial tcp .* timeout"),
        ):
            with pytest.raises(FirstDayError) as refusal:
                day.do("wrong", block, morning)
            assert re.search(said, str(refusal.value), re.DOTALL), refusal.value
        day.follow(DAY[-1:], morning)
    assert {done.chapter for done in day.steps} >= {chapter for chapter, _, _ in DAY}
    _looked_as_the_role_of_previews(day)
    assert _things(day) == foundations, "what is taken down leaves nothing but what bootstrap made"


def _things(day: Day) -> list[tuple[str, str]]:
    """What exists in the account, but for images, keys that wait to be deleted and the like, which no program made."""
    return [(thing.type, thing.id) for thing in Cloud(day.cloud).list() if thing.provider != "account"]


def test_the_first_day_of_prod(toolchain: Toolchain, tmp_path: Path) -> None:
    day = Day(stack="prod", home=tmp_path / "day", checkout=_CHECKOUT, toolchain=toolchain)
    # Its take-down deploys twice more and destroys everything: `make first-day STACK=prod` follows that too.
    day.pass_by([one for one in DAY if one[0] != "take-down"])
    _looked_as_the_role_of_previews(day)


def _looked_as_the_role_of_previews(day: Day) -> None:
    """What only reads the account is done with rights to read: preflight, preview and the nightly comparison."""
    who = {done.title: done.who for done in day.steps}
    for title in (
        "Say in the run's summary whether the account is ready",
        "Say in the run's summary what the deployment would do",
        "Compare, and write the issue",
    ):
        assert who[title] == f"{day.stack}-common-role-preview-01", title


@pytest.mark.parametrize(
    ("block", "said"),
    [
        # The variables that a reader forgot to export, and the line that wants them.
        (
            _block("true\necho $FORGOTTEN"),
            r"test:2: as administrator from office: `echo \$FORGOTTEN` failed:\n.*unbound",
        ),
        # The roles are bootstrap's: before it nobody can take one.
        (_block("true", who="operator"), "as operator from office: AccessDenied: .*there is no such role"),
        # Nobody has a session just because he may push.
        (_block("aws sts get-caller-identity", who="maintainer"), "Unable to locate credentials|InvalidClientTokenId"),
        (_block("gh workflow run other.yml", who="maintainer"), "there is no workflow other.yml on main"),
        # GitHub makes an environment that is named; whoever relies on that lets every branch in.
        (_block("gh workflow run small.yml", who="maintainer"), "there is no environment dev"),
        (
            _block("gh api --method PUT 'repos/{owner}/{repo}/environments/dev'; gh workflow run small.yml"),
            "AccessDenied: .*dev-common-role-images-01: there is no such role",
        ),
        # The bucket of the state is bootstrap's too.
        (
            _block("pulumi login 's3://dev-common-s3-state-01?region=ap-northeast-2'"),
            "NoSuchBucket|bucket does not exist",
        ),
    ],
)
def test_what_comes_too_early_is_refused_with_its_place_and_reason(small: Day, block: Block, said: str) -> None:
    with small.begun() as morning, pytest.raises(FirstDayError) as refusal:
        small.do("test", block, morning)
    assert re.search(said, str(refusal.value), re.DOTALL), refusal.value
