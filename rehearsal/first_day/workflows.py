"""Runs the jobs of a workflow as GitHub would: their conditions, matrices and steps, each job on a machine of its own.

Owns what a job is; what its machine can do, and who it is in the account, is `machines.py`. The marketplace's actions
are not run: `_ACTIONS` says for each that we use what stands for it here, and any other is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rehearsal.first_day.expressions import Value, fill, holds, value
from rehearsal.first_day.github import Event, GitHub, GitHubError

if TYPE_CHECKING:
    from rehearsal.first_day.machines import Machine, Machines
    from rehearsal.first_day.shell import Result

# Jobs that only write to GitHub's own pages; tests/operations/test_github.py holds what they run against its API.
_WRITES_TO_GITHUB = frozenset({"issues", "pull-requests"})
_OURS = "./.github/workflows/"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A step of a job that was run."""

    workflow: str
    job: str
    step: str
    commands: str
    who: str
    where: str
    result: Result


@dataclass(frozen=True, kw_only=True)
class _Job:
    name: str
    definition: Mapping[str, Value]
    contexts: Mapping[str, Value]
    environment: Mapping[str, str]


@dataclass(kw_only=True)
class Workflows:
    """Runs workflows of one repository on machines."""

    github: GitHub
    machines: Machines
    artifacts: Path
    _event: str = field(default="", init=False)

    def run(self, event: Event) -> Generator[Ran]:
        """Run a workflow and yield each step as it ends; stops at the first that fails.

        Raises:
            GitHubError: The workflow asks for what GitHub would refuse, or what has no stand-in here.
        """
        self._event = event.name
        shutil.rmtree(self.artifacts, ignore_errors=True)
        yield from self._workflow(event.workflow, event.inputs, {})

    def _workflow(self, file: str, inputs: Mapping[str, str], callers: Mapping[str, Value]) -> Generator[Ran]:
        workflow = self.github.workflows()[file]
        contexts = self._contexts(inputs) | dict(callers)
        done = dict[str, bool]()
        for name, raw in cast("dict[str, dict[str, Value]]", workflow["jobs"]).items():
            needs = raw.get("needs") or []
            wanted = [needs] if isinstance(needs, str) else cast("list[str]", needs)
            if not all(done[need] for need in wanted) or not self._wanted(raw, contexts | self._needs(wanted)):
                done[name] = False
                continue
            done[name] = True
            for matrix in _matrices(raw, contexts):
                job = contexts | {"matrix": matrix}
                uses = str(raw.get("uses") or "")
                if uses.startswith(_OURS):
                    given = cast("dict[str, str]", raw.get("with") or {})
                    filled = {key: fill(text, job) for key, text in given.items()}
                    yield from self._workflow(uses.removeprefix(_OURS), filled, {})
                    continue
                where = f"{file} / {name}" + (f" ({', '.join(map(str, matrix.values()))})" if matrix else "")
                shared = _texts(workflow.get("env"))
                yield from self._job(_Job(name=where, definition=raw, contexts=job, environment=shared))

    def _needs(self, wanted: Sequence[str]) -> dict[str, Value]:
        return {"needs": {name: {"result": "success", "outputs": {}} for name in wanted}}

    def _wanted(self, raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> bool:
        rights = raw.get("permissions")
        if isinstance(rights, dict) and any(rights.get(name) == "write" for name in _WRITES_TO_GITHUB):
            return False
        return holds(str(raw.get("if", "true")), contexts)

    def _contexts(self, inputs: Mapping[str, str]) -> dict[str, Value]:
        head = self.github.repository.head
        return {
            "inputs": dict[str, Value](inputs),
            "vars": dict[str, Value](self.github.variables),
            "github": {
                "event_name": self._event,
                "ref": "refs/heads/main",
                "ref_name": "main",
                "repository": self.github.name,
                "run_id": "1",
                "server_url": "https://github.com",
                "sha": head,
                "token": "",
                "workflow": "",
            },
            "needs": {},
            "matrix": {},
        }

    def _job(self, job: _Job) -> Iterator[Ran]:
        raw = job.definition.get("environment")
        named = fill(str(raw["name"] if isinstance(raw, dict) else raw), job.contexts) if raw else None
        if named is not None and named not in self.github.environments:
            raise GitHubError(f"{job.name}: there is no environment {named}, so its variables are empty; create it")
        variables = self.github.variables | (self.github.environments[named] if named else {})
        contexts = {**job.contexts, "vars": dict[str, Value](variables)}
        label = fill(str(job.definition["runs-on"]), contexts)
        rights = job.definition.get("permissions")
        machine = self.machines.start(
            job=job.name,
            label=label,
            subject=self.github.subject(named, self._event),
            token=isinstance(rights, dict) and rights.get("id-token") == "write",
        )
        contexts |= {"runner": {"temp": str(machine.scratch), "os": "Linux"}, "job": {"status": "success"}}
        environment = {**job.environment, **_texts(job.definition.get("env"))}
        contexts["env"] = {name: fill(text, contexts) for name, text in environment.items()}
        contexts["steps"] = {}
        for step in cast("list[dict[str, Value]]", job.definition["steps"]):
            if not holds(str(step.get("if", "true")), contexts):
                continue
            ran = self._step(job.name, step, contexts, machine)
            if ran is None:
                continue
            yield ran
            if ran.result.code != 0:
                return

    def _step(self, job: str, step: Mapping[str, Value], contexts: Mapping[str, Value], machine: Machine) -> Ran | None:
        if "uses" in step:
            given = {name: fill(text, contexts) for name, text in _texts(step.get("with")).items()}
            _act(str(step["uses"]).partition("@")[0], given, machine, self.artifacts)
            return None
        commands = fill(str(step["run"]), contexts)
        own = {name: fill(text, contexts) for name, text in _texts(step.get("env")).items()}
        environment = cast("Mapping[str, str]", contexts["env"])
        result = machine.run(commands, {**environment, **own}, pipefail=step.get("shell") == "bash")
        return Ran(
            workflow=job.partition(" / ")[0],
            job=job,
            step=str(step.get("name") or commands.strip().splitlines()[0]),
            commands=commands,
            who=machine.caller,
            where=machine.place,
            result=result,
        )


def _matrices(raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> list[dict[str, Value]]:
    strategy = raw.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [{}]
    found: list[dict[str, Value]] = [{}]
    for name, raw_values in matrix.items():
        if name == "include":
            continue
        values = value(raw_values, contexts) if isinstance(raw_values, str) else raw_values
        found = [{**known, name: item} for known in found for item in cast("list[Value]", values)]
    if "include" in matrix:
        included = matrix["include"]
        values = value(included, contexts) if isinstance(included, str) else included
        found = [item for item in found if item] + [dict(item) for item in cast("list[dict[str, Value]]", values)]
    return found


def _act(action: str, given: Mapping[str, str], machine: Machine, artifacts: Path) -> None:
    if action == "actions/checkout":
        machine.check_out()
    elif action == "pulumi/actions":
        machine.install_pulumi(given["pulumi-version"])
    elif action == "aws-actions/configure-aws-credentials":
        machine.sign_in(given["role-to-assume"], given["aws-region"], int(given.get("role-duration-seconds") or 3600))
    elif action == "actions/upload-artifact":
        _upload(given, machine.work, artifacts)
    elif action == "actions/download-artifact":
        target = machine.work / given.get("path", ".")
        pattern = given.get("name") or given["pattern"]
        found = sorted(artifacts.glob(pattern))
        if not found:
            raise GitHubError(f"download-artifact: there is no artifact {pattern}")
        for artifact in found:
            shutil.copytree(artifact, target, dirs_exist_ok=True)
    else:
        raise GitHubError(f"the rehearsal has no stand-in for the action {action}: add one to workflows.py")


def _upload(given: Mapping[str, str], work: Path, artifacts: Path) -> None:
    found = sorted(work.glob(given["path"]))
    if not found:
        if given.get("if-no-files-found") == "error":
            raise GitHubError(f"upload-artifact: no file {given['path']} was found")
        return
    folder = artifacts / given["name"]
    folder.mkdir(parents=True, exist_ok=True)
    for file in found:
        shutil.copy(file, folder)


def _texts(raw: Value) -> dict[str, str]:
    return {name: str(item) for name, item in raw.items()} if isinstance(raw, dict) else {}
