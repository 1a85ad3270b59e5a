"""What the schema, actionlint and zizmor do not see of the workflows: rights, limits, and commands that exist.

`make lint` runs those three.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final, cast

import pytest
import yaml

from model.naming import Naming
from model.rights.identities import DEPLOYER_ROLE, IMAGES_ROLE, PREVIEW_ROLE
from operations import environments, stacks
from rehearsal.pulumi_engine import VERSION
from rehearsal.session import IN_CLUSTERS
from tests.unit.test_bootstrap import bootstrap
from tests.unit.testkit import whole

CHECKOUT = Path(__file__).parents[2]
GITHUB: Final = CHECKOUT / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
PAGE: Final = CHECKOUT / "docs" / "reference" / "pipeline.md"
STACKS = ("dev", "stg", "prod")
CREDENTIALS = "aws-actions/configure-aws-credentials"
SESSION = "./.github/actions/session"
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"
HOSTED: Final = frozenset({"ubuntu-24.04", "ubuntu-24.04-arm"})
SESSION_SECONDS: Final = 3600
"""What the credentials action asks for by itself."""


def parsed(file: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    document = yaml.safe_load(file.read_text())
    return {("on" if key is True else key): value for key, value in document.items()}


def with_inputs(value: Any, inputs: dict[str, str]) -> Any:  # noqa: ANN401 - any part of a step
    if isinstance(value, dict):
        return {key: with_inputs(one, inputs) for key, one in cast("dict[str, Any]", value).items()}
    return (
        re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found[1]], value) if isinstance(value, str) else value
    )


def steps_of(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The job's steps, with those of our own actions in their place."""
    found: list[dict[str, Any]] = []
    for step in job.get("steps", []):
        if not step.get("uses", "").startswith("./"):
            found.append(step)
            continue
        action = parsed(CHECKOUT / step["uses"] / "action.yml")
        defaults = {name: one.get("default", "") for name, one in action["inputs"].items()}
        required = {name for name, one in action["inputs"].items() if one.get("required")}
        assert required <= {*step["with"]} <= {*action["inputs"]}
        found += [with_inputs(one, {**defaults, **step["with"]}) for one in action["runs"]["steps"]]
    return found


WORKFLOWS = {file.stem: parsed(file) for file in FILES}
JOBS = {f"{name}: {job}": body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
STEPS = {f"{name} {number}": step for name, job in JOBS.items() for number, step in enumerate(steps_of(job))}
RUNS = {name: step["run"] for name, step in STEPS.items() if "run" in step}


def uses(job: dict[str, Any], action: str) -> bool:
    return any(step.get("uses", "").startswith(f"{action}@") for step in steps_of(job))


def called(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The jobs of the workflow that the job calls, if it calls one."""
    return WORKFLOWS[Path(job["uses"]).stem]["jobs"] if "uses" in job else {}


def role_of(job: dict[str, Any]) -> dict[str, Any]:
    """What the job asks of the credentials action."""
    (step,) = [one for one in steps_of(job) if one.get("uses", "").startswith(f"{CREDENTIALS}@")]
    return step["with"]


ON_AN_ACCOUNT = {name: job for name, job in JOBS.items() if uses(job, CREDENTIALS)}


def test_the_four_duties_have_a_workflow():
    assert {*WORKFLOWS} == {"pull-request", "preview-stack", "deploy", "deploy-stack", "drift", "images"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_workflow_gives_rights_to_all_its_jobs(name: str):
    assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize("name", JOBS)
def test_every_job_states_its_rights_and_its_time(name: str):
    job = JOBS[name]
    assert "permissions" in job
    assert "uses" in job or 0 < job["timeout-minutes"] <= 120


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if "steps" in job])
def test_a_job_with_an_account_cannot_write_to_the_repository_and_no_other_job_gets_a_token(name: str):
    rights = JOBS[name]["permissions"]
    assert (rights.get("id-token") == "write") == (name in ON_AN_ACCOUNT)
    if name in ON_AN_ACCOUNT:
        assert rights == {"contents": "read", "id-token": "write"}
    assert rights.get("contents") == "read"
    assert len([right for right in rights.values() if right == "write"]) <= 1


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if "uses" in job])
def test_a_job_that_calls_a_workflow_has_its_jobs_rights_and_no_more(name: str):
    rights = [right for job in called(JOBS[name]).values() for right in job["permissions"].items()]
    assert sorted({*rights}) == sorted(JOBS[name]["permissions"].items())


def test_forks_get_no_credentials_and_no_run_of_theirs_gets_ours():
    text = "".join(file.read_text() for file in FILES)
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "secrets." not in text
    for name, job in JOBS.items():
        if name.startswith("pull-request: ") and job["permissions"].get("id-token"):
            assert SAME_REPOSITORY in job["if"]
    assert WORKFLOWS["preview-stack"]["on"].keys() == {"workflow_call"}
    callers = {name for name, job in JOBS.items() if job.get("uses", "").endswith("/preview-stack.yml")}
    assert callers == {"pull-request: preview"}
    uploads = [step for step in STEPS.values() if "upload-sarif" in step.get("uses", "")]
    assert uploads
    assert all(SAME_REPOSITORY in step["if"] for step in uploads)


@pytest.mark.parametrize("file", [*FILES, *ACTIONS], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_action_is_pinned_by_its_whole_commit_with_its_version_beside_it(file: Path):
    for line in file.read_text().splitlines():
        if found := re.match(r"\s*(?:- )?uses: (.*)", line):
            pinned = re.fullmatch(r"[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", found[1])
            assert pinned or found[1].startswith("./.github/"), line


def test_an_action_has_the_same_commit_everywhere():
    pins = {step["uses"] for step in STEPS.values() if "uses" in step}
    assert not any(pin.startswith("./") for pin in pins)
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
    for name, job in jobs.items():
        assert f"contains(fromJSON(vars.STACKS || '[]').*.stack, '{name}')" in job["if"]
        # GitHub skips what needs a skipped job, unless its condition asks how the others ended.
        assert "needs" not in job or "!failure() && !cancelled() && " in job["if"]


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


def test_each_job_on_an_account_assumes_the_role_for_its_duty():
    duties = {
        "preview-stack: preview": PREVIEW_ROLE,
        "deploy-stack: preview": PREVIEW_ROLE,
        "drift: compare": PREVIEW_ROLE,
        "deploy-stack: deploy": DEPLOYER_ROLE,
        "images: push": IMAGES_ROLE,
    }
    assert {*ON_AN_ACCOUNT} == {*duties}
    for name, job in ON_AN_ACCOUNT.items():
        arn = role_of(job)["role-to-assume"]
        stack, account = re.findall(r"\$\{\{ .*? \}\}", arn)[::-1]
        assert stack.endswith(".stack }}")
        assert account.endswith(".account }}")
        for known in STACKS:
            role = Naming(known, "111111111111", "ap-northeast-2").name("role", duties[name])
            assert arn.replace(stack, known).replace(account, "1") == f"arn:aws:iam::1:role/{role}"


@pytest.mark.parametrize("stack", STACKS)
def test_the_deployer_role_is_the_one_that_the_stack_expects(stack: str):
    account = yaml.safe_load((CHECKOUT / f"Pulumi.{stack}.yaml").read_text())["config"]["fast-order:account"]
    role = role_of(JOBS["deploy-stack: deploy"])["role-to-assume"]
    role = role.replace("${{ needs.row.outputs.account }}", account["id"])
    assert role.replace("${{ inputs.stack }}", stack) == account["deployerRoleArn"]


@pytest.mark.parametrize("name", ON_AN_ACCOUNT)
def test_no_job_outlives_its_rights(name: str):
    job = ON_AN_ACCOUNT[name]
    assert job["timeout-minutes"] * 60 <= int(role_of(job).get("role-duration-seconds", SESSION_SECONDS))


def test_a_deployment_has_two_hours():
    # A first deployment of prod takes half an hour on its critical path alone, and is followed by a preview.
    assert JOBS["deploy-stack: deploy"]["timeout-minutes"] == 120


@pytest.mark.parametrize("stack", STACKS)
def test_no_job_asks_for_a_longer_session_than_its_role_gives(stack: str):
    given = {one.inputs["name"]: one.inputs["maxSessionDuration"] for one in bootstrap(stack).of("aws:iam/role:Role")}
    for job in ON_AN_ACCOUNT.values():
        asked = role_of(job)
        role = re.sub(r"\$\{\{ [^}]*\.stack \}\}", stack, asked["role-to-assume"]).rpartition("/")[2]
        assert int(asked.get("role-duration-seconds", SESSION_SECONDS)) <= given[role]


def test_a_pull_requests_code_gets_an_account_only_from_an_environment_of_its_own():
    # Whoever runs code with the preview role may read the state, secrets included: reviewers are asked first.
    of_pulls = [job for name, job in ON_AN_ACCOUNT.items() if name.startswith(("pull-request: ", "preview-stack: "))]
    assert [job["environment"] for job in of_pulls] == ["${{ inputs.stack }}-preview"]


def test_each_environment_gives_one_kind_of_right():
    assert {name: job["environment"] for name, job in JOBS.items() if "environment" in job} == {
        "preview-stack: preview": "${{ inputs.stack }}-preview",
        "deploy-stack: deploy": "${{ inputs.stack }}",
        "images: push": "${{ matrix.row.stack }}",
    }


def test_what_the_branch_alone_is_believed_for_runs_from_the_branch_alone():
    # Without an environment GitHub names the branch: such jobs stand in workflows that no pull request starts.
    for name, job in ON_AN_ACCOUNT.items():
        if "environment" not in job:
            assert role_of(job)["role-to-assume"].endswith(f"-{PREVIEW_ROLE}-01")
            workflow = name.split(":", 1)[0]
            started = {
                event
                for starter in (workflow, *(one for one, body in WORKFLOWS.items() if workflow in str(body["jobs"])))
                for event in WORKFLOWS[starter]["on"]
            }
            assert started <= {"workflow_call", "push", "schedule", "workflow_dispatch"}


@pytest.mark.parametrize("name", [name for name in JOBS if name != "deploy-stack: deploy"])
def test_only_a_deployment_runs_on_a_machine_that_someone_chooses(name: str):
    job = JOBS[name]
    assert "uses" in job or job["runs-on"] in HOSTED


def test_a_deployment_has_no_machine_by_default_and_one_of_codebuild_gets_its_label():
    runner = " ".join(JOBS["deploy-stack: deploy"]["runs-on"].split())
    assert runner == (
        "${{ startsWith(needs.row.outputs.runner, 'codebuild-') && "
        "format('{0}-{1}-{2}', needs.row.outputs.runner, github.run_id, github.run_attempt) || "
        "needs.row.outputs.runner }}"
    )
    assert not any("RUNNER_" in str(job.get("with")) for job in JOBS.values())


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_the_runner_that_the_stack_makes_takes_a_deployment_and_outlives_it(stack: str):
    made = {one.type: one.inputs for one in whole(stack) if one.type.startswith("aws:codebuild/")}
    project, webhook = made["aws:codebuild/project:Project"], made["aws:codebuild/webhook:Webhook"]
    assert project["buildTimeout"] > JOBS["deploy-stack: deploy"]["timeout-minutes"]
    filters = {one["type"]: one["pattern"] for one in webhook["filterGroups"][0]["filters"]}
    named = {name for name, workflow in WORKFLOWS.items() if re.search(filters["WORKFLOW_NAME"], workflow["name"])}
    assert named == {"deploy", "deploy-stack"}
    row = {"stack": stack, "account": "1" * 12, "backend": "s3://state", "runner": f"codebuild-{project['name']}"}
    assert stacks.row(json.dumps([row]), stack)["runner"] == f"codebuild-{stack}-common-cb-runner-01"
    assert f"`codebuild-{stack}-common-cb-runner-01`".replace(stack, "<stack>") in PAGE.read_text()


def test_nothing_is_touched_before_the_stacks_row_and_its_environments_were_found_in_order():
    runs = [step["run"] for step in JOBS["deploy-stack: row"]["steps"] if "run" in step]
    assert runs == ['python3 -m operations.stacks "$STACK"', 'python3 -m operations.environments "$STACK"']
    assert JOBS["deploy-stack: preview"]["needs"] == "row"
    assert JOBS["deploy-stack: deploy"]["needs"] == ["row", "preview"]


def test_the_environments_are_those_that_the_check_looks_at():
    named = {JOBS[name]["environment"] for name in ("preview-stack: preview", "deploy-stack: deploy")}
    assert {one.replace("${{ inputs.stack }}", "{stack}") for one in named} == {*environments.ADMITTED}
    assert environments.ADMITTED["{stack}"] in WORKFLOWS["deploy"]["on"]["push"]["branches"]
    assert {*WORKFLOWS["pull-request"]["on"]} == {"pull_request"}


def test_reviewers_of_a_deployment_see_what_it_would_do():
    preview = JOBS["deploy-stack: preview"]
    assert "environment" not in preview
    (run,) = [step["run"] for step in preview["steps"] if "pulumi preview" in step.get("run", "")]
    assert "operations.report" in run
    assert "GITHUB_STEP_SUMMARY" in run


@pytest.mark.parametrize("name", ON_AN_ACCOUNT)
def test_no_job_on_an_account_takes_what_another_run_left_behind(name: str):
    assert not uses(ON_AN_ACCOUNT[name], "actions/cache")
    for step in steps_of(ON_AN_ACCOUNT[name]):
        if "download-artifact@" in step.get("uses", ""):
            assert "run-id" not in step["with"]


def test_the_program_runs_on_no_machine_that_lacks_something():
    for name, job in ON_AN_ACCOUNT.items():
        runs = [step.get("run", "") for step in steps_of(job)]
        if any("pulumi " in run for run in runs):
            first = next(number for number, run in enumerate(runs) if "pulumi " in run)
            assert ".venv/bin/python -m operations.machine" in runs[:first], name


def test_no_workflow_names_a_profile_of_the_machine():
    # The eks component would write it into the kubeconfig, and two resources would change with whoever deploys.
    assert "AWS_PROFILE" not in "".join(file.read_text() for file in [*FILES, *ACTIONS])


def refreshes(name: str) -> str:
    (run,) = [run for step, run in RUNS.items() if step.startswith(name) and "pulumi refresh" in run]
    return run


def test_the_night_compares_the_account_and_a_deployment_the_clusters():
    assert f"--exclude '{IN_CLUSTERS}'" in refreshes("drift: compare")
    assert f"--target '{IN_CLUSTERS}'" in refreshes("deploy-stack: deploy")
    assert all("--preview-only" in run for run in RUNS.values() if "pulumi refresh" in run)


def test_images_are_pushed_by_a_merge_and_by_hand_from_the_branch_alone():
    assert {*WORKFLOWS["images"]["on"]} == {"push", "workflow_dispatch"}
    assert WORKFLOWS["images"]["on"]["push"]["branches"] == ["main"]
    assert "github.ref == 'refs/heads/main'" in JOBS["images: push"]["if"]


def test_no_commit_goes_without_its_images_because_another_waits_for_its_reviewers():
    assert WORKFLOWS["images"]["concurrency"]["group"] == "images-${{ github.sha }}"


def test_a_scan_is_waited_for_by_what_knows_inspectors_status():
    runs = "".join(run for name, run in RUNS.items() if name.startswith("images: push"))
    assert "ecr wait" not in runs
    assert 'python3 -m operations.image_scan --repository "$REPOSITORY" --digest "$DIGEST"' in runs


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if "run" in step])
def test_no_value_of_github_is_pasted_into_a_script(name: str):
    assert "${{" not in STEPS[name]["run"]


@pytest.mark.parametrize("name", RUNS)
def test_every_script_is_one_that_bash_can_read(name: str):
    checked = subprocess.run(["bash", "-n"], input=RUNS[name], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    if "|" in re.sub(r"\|\||'[^']*'", "", RUNS[name]):
        assert STEPS[name].get("shell") == "bash", "without it a pipe's verdict is that of its last command"
