"""What the schema, actionlint and zizmor do not see of the workflows: rights, limits, and commands that exist.

`make lint` runs those three.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.naming import Naming
from model.rights.identities import PREVIEW_ROLE
from rehearsal.pulumi_engine import VERSION

CHECKOUT = Path(__file__).parents[2]
FILES = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
STACKS = ("dev", "stg", "prod")
CREDENTIALS = "aws-actions/configure-aws-credentials"
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"


def parsed(file: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    document = yaml.safe_load(file.read_text())
    return {("on" if key is True else key): value for key, value in document.items()}


WORKFLOWS = {file.stem: parsed(file) for file in FILES}
JOBS = {f"{name}: {job}": body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
STEPS = {f"{name} {number}": step for name, job in JOBS.items() for number, step in enumerate(job.get("steps", []))}
RUNS = {name: step["run"] for name, step in STEPS.items() if "run" in step}


def uses(job: dict[str, Any], action: str) -> bool:
    return any(step.get("uses", "").startswith(f"{action}@") for step in job.get("steps", []))


def test_the_four_duties_have_a_workflow():
    assert {*WORKFLOWS} == {"pull-request", "deploy", "deploy-stack", "drift", "images"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_workflow_gives_rights_to_all_its_jobs(name: str):
    assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize("name", JOBS)
def test_every_job_states_its_rights_and_its_time(name: str):
    job = JOBS[name]
    assert "permissions" in job
    assert "uses" in job or 0 < job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", JOBS)
def test_a_job_with_an_account_cannot_write_to_the_repository_and_no_other_job_gets_a_token(name: str):
    job = JOBS[name]
    rights = job["permissions"]
    reaches_account = uses(job, CREDENTIALS) or job.get("uses", "").endswith("deploy-stack.yml")
    assert (rights.get("id-token") == "write") == reaches_account
    if reaches_account:
        assert rights == {"contents": "read", "id-token": "write"}
    assert rights.get("contents") == "read"
    assert len([right for right in rights.values() if right == "write"]) <= 1


def test_forks_get_no_credentials_and_no_run_of_theirs_gets_ours():
    text = "".join(file.read_text() for file in FILES)
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "secrets." not in text
    for name, job in JOBS.items():
        if name.startswith("pull-request: ") and job["permissions"].get("id-token"):
            assert SAME_REPOSITORY in job["if"]
    uploads = [step for step in STEPS.values() if "upload-sarif" in step.get("uses", "")]
    assert uploads
    assert all(SAME_REPOSITORY in step["if"] for step in uploads)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_whole_commit_with_its_version_beside_it(file: Path):
    for line in file.read_text().splitlines():
        if found := re.match(r"\s*(?:- )?uses: (.*)", line):
            pinned = re.fullmatch(r"[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", found[1])
            assert pinned or found[1].startswith("./.github/workflows/"), line


def test_an_action_has_the_same_commit_everywhere():
    pins = {step["uses"] for step in STEPS.values() if "uses" in step}
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if "checkout@" in step.get("uses", "")])
def test_no_checkout_leaves_its_token_behind(name: str):
    assert STEPS[name]["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", ["deploy-stack", "drift", "images"])
def test_what_changes_an_account_or_tells_of_it_is_never_cancelled_half_way(name: str):
    assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] is False


def test_a_stack_is_deployed_once_at_a_time_from_the_environment_of_its_name_in_order():
    workflow = WORKFLOWS["deploy-stack"]
    assert workflow["concurrency"]["group"] == "deploy-${{ inputs.stack }}"
    assert workflow["jobs"]["deploy"]["environment"] == "${{ inputs.stack }}"
    jobs = WORKFLOWS["deploy"]["jobs"]
    assert [(name, job["with"]["stack"], job.get("needs")) for name, job in jobs.items()] == [
        ("dev", "dev", None),
        ("stg", "stg", "dev"),
        ("prod", "prod", "stg"),
    ]
    assert WORKFLOWS["deploy"]["on"] == {"push": {"branches": ["main"]}}


def test_every_make_target_that_a_step_names_exists():
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*)(?= |:)", makefile, re.MULTILINE))
    named = {
        word
        for run in [*RUNS.values(), (CHECKOUT / ".ci" / "run").read_text()]
        for line in re.findall(r"^\s*make (.*)$", run, re.MULTILINE)
        for word in re.split(r" [|>&]", line)[0].split()
        if not word.startswith("--") and "=" not in word
    }
    assert {"setup", "deploy", "report", "sarif"} <= named
    assert named - targets == set()


def test_every_module_that_a_step_runs_exists():
    named = {module for run in RUNS.values() for module in re.findall(r"-m ([\w.]+)", run)}
    assert {"operations.report", "operations.drift", "operations.github"} <= named
    assert [module for module in named if importlib.util.find_spec(module) is None] == []


def test_the_engine_is_the_one_that_the_rehearsal_runs():
    versions = {step["with"]["pulumi-version"] for step in STEPS.values() if "pulumi/actions" in step.get("uses", "")}
    assert versions == {VERSION}


def test_previews_and_drift_assume_the_role_that_bootstrap_makes_for_them():
    roles = {
        step["with"]["role-to-assume"].rpartition("/")[2]
        for name, step in STEPS.items()
        if CREDENTIALS in step.get("uses", "") and name.startswith(("pull-request", "drift"))
    }
    made = {Naming(stack, "111111111111", "ap-northeast-2").name("role", PREVIEW_ROLE) for stack in STACKS}
    assert {role.replace("${{ matrix.stack }}", stack) for role in roles for stack in STACKS} == made


@pytest.mark.parametrize("stack", STACKS)
def test_the_deployer_role_is_the_one_that_the_stack_expects(stack: str):
    account = yaml.safe_load((CHECKOUT / f"Pulumi.{stack}.yaml").read_text())["config"]["fast-order:account"]
    (step,) = [
        step for step in WORKFLOWS["deploy-stack"]["jobs"]["deploy"]["steps"] if CREDENTIALS in step.get("uses", "")
    ]
    role = step["with"]["role-to-assume"].replace("${{ vars.ACCOUNT }}", account["id"])
    assert role.replace("${{ inputs.stack }}", stack) == account["deployerRoleArn"]
