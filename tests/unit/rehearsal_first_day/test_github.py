"""GitHub's part: settings by `gh`, what a push starts, and what a job's token says."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.first_day.gh import main as gh
from rehearsal.first_day.github import Event, GitHub, serve_api
from rehearsal.first_day.repository import Repository
from rehearsal.first_day.workflows import matrices, wanted

if TYPE_CHECKING:
    from collections.abc import Generator

    from rehearsal.first_day.expressions import Value

_PUSHED = "on: { push: { branches: [main], paths: ['workloads/**'] } }\njobs: {}\n"
_BY_HAND = "on: { workflow_dispatch: { inputs: { stack: { default: dev } } } }\njobs: {}\n"


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    checkout = tmp_path / "checkout"
    workflows = checkout / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (checkout / "requirements-dev.txt").touch()
    (workflows / "images.yml").write_text(_PUSHED)
    (workflows / "drift.yml").write_text(_BY_HAND)
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)
    repository = Repository.of(checkout, tmp_path / "origin.git")
    return GitHub(repository=repository, name="kinoplex/fast-order", owner_id=7, repository_id=8)


@pytest.fixture(autouse=True)
def api(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with serve_api(github) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        monkeypatch.setenv("GITHUB_REPOSITORY", github.name)
        yield


def test_the_subject_of_a_token_carries_both_numbers(github: GitHub) -> None:
    assert github.subject("dev", "push") == "repo:kinoplex@7/fast-order@8:environment:dev"
    assert github.subject(None, "push") == "repo:kinoplex@7/fast-order@8:ref:refs/heads/main"
    assert github.subject(None, "pull_request") == "repo:kinoplex@7/fast-order@8:pull_request"


def test_gh_makes_environments_variables_and_runs(github: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert gh(["api", "repos/{owner}/{repo}", "--jq", ".owner.id"]) == 0
    assert capsys.readouterr().out == "7\n"
    assert gh(["variable", "set", "A", "--body", "1", "--env", "dev"]) == 1, "there is no such environment yet"
    environment = "repos/{owner}/{repo}/environments/dev"
    assert gh(["api", "--method", "PUT", environment, "--silent"]) == 0
    assert gh(["variable", "set", "A", "--body", "1", "--env", "dev"]) == 0
    assert gh(["variable", "set", "B", "--body", "2"]) == 0
    assert (github.environments["dev"].variables, github.variables) == ({"A": "1"}, {"B": "2"})
    assert gh(["workflow", "run", "drift.yml", "-f", "stack=prod"]) == 0
    assert github.asked() == [Event(workflow="drift.yml", name="workflow_dispatch", inputs={"stack": "prod"})]
    assert github.asked() == []
    assert gh(["workflow", "run", "images.yml"]) == 1
    assert gh(["workflow", "run", "drift.yml", "-f", "unknown=1"]) == 1
    assert "does not have 'workflow_dispatch' trigger" in capsys.readouterr().err


def test_an_environment_admits_every_branch_until_patterns_say_otherwise(github: GitHub) -> None:
    gh(["api", "--method", "PUT", "repos/{owner}/{repo}/environments/dev", "--silent"])
    assert github.environments["dev"].admits("feature")
    github.environments["dev"].rules = {"deployment_branch_policy": {"custom_branch_policies": True}}
    policies = "repos/{owner}/{repo}/environments/dev/deployment-branch-policies"
    gh(["api", "--method", "POST", policies, "-f", "name=main", "--silent"])
    assert [github.environments["dev"].admits(ref) for ref in ("main", "feature")] == [True, False]


@pytest.mark.parametrize(("path", "started"), [("workloads/web/Dockerfile", ["images.yml"]), ("README.md", [])])
def test_a_push_starts_the_workflows_whose_paths_it_touches(
    github: GitHub, tmp_path: Path, path: str, started: list[str]
) -> None:
    before, clone = github.repository.head, tmp_path / "clone"
    github.repository.clone(clone)
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    (clone / path).touch()
    for command in (["add", "."], ["commit", "-q", "-m", "Change"], ["push", "-q"]):
        subprocess.run(["git", "-C", str(clone), *command], check=True)
    assert [event.workflow for event in github.pushed(before)] == started


@pytest.mark.parametrize(
    ("condition", "result", "runs"),
    [
        ("true", "success", True),
        ("true", "skipped", False),
        ("true", "failure", False),
        ("${{ !cancelled() && needs.before.result != 'failure' }}", "skipped", True),
        ("${{ !cancelled() && needs.before.result != 'failure' }}", "failure", False),
    ],
)
def test_a_job_is_skipped_with_what_it_needs_unless_it_looks_at_the_status(
    condition: str, result: str, runs: bool
) -> None:
    contexts: dict[str, Value] = {"needs": {"before": {"result": result}}}
    assert wanted({"if": condition}, contexts) is runs


def test_a_matrix_multiplies_its_lists_and_adds_what_is_included() -> None:
    contexts: dict[str, Value] = {"vars": {"STACKS": '[{"stack": "dev"}]'}}
    both: dict[str, Value] = {"image": ["web", "was"], "row": "${{ fromJSON(vars.STACKS) }}"}
    assert len(matrices({"strategy": {"matrix": both}}, contexts)) == 2
    included: dict[str, Value] = {"include": "${{ fromJSON(vars.STACKS) }}"}
    assert matrices({"strategy": {"matrix": included}}, contexts) == [{"stack": "dev"}]
    assert matrices({}, contexts) == [{}]
