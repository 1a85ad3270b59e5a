"""Runs the jobs of a workflow as GitHub would: their conditions, matrices, outputs and steps, each on its own machine.

Owns what a job is; what its machine can do, and who it is in the account, is `machines.py`. Actions of the marketplace
are not run: `actions.py` has what stands for those that we use, and refuses any other.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from rehearsal.first_day.actions import act
from rehearsal.first_day.expressions import Value, fill, holds, value
from rehearsal.first_day.github import Event, GitHub, GitHubError, parse
from rehearsal.first_day.repository import BRANCH

if TYPE_CHECKING:
    from rehearsal.first_day.machines import Machine, Machines
    from rehearsal.first_day.shell import Result

_OUR_WORKFLOWS: Final = "./.github/workflows/"
_OUR_ACTIONS: Final = "./.github/actions/"
_STATUS: Final = re.compile(r"\b(always|cancelled|failure|success)\(")
"""A condition that asks for the status decides by itself whether a skipped or failed job is in the way."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A step of a job that was run."""

    job: str
    step: str
    commands: str
    who: str
    where: str
    result: Result


@dataclass(kw_only=True)
class _Run:
    """A workflow that is being run: its contexts, and what its jobs came to."""

    file: str
    definition: Mapping[str, Value]
    contexts: Mapping[str, Value]
    ended: dict[str, dict[str, Value]] = field(default_factory=dict[str, dict[str, Value]])

    def of(self, needs: list[str]) -> dict[str, Value]:
        """The contexts of a job that needs others."""
        return {**self.contexts, "needs": {name: self.ended[name] for name in needs}}


@dataclass(kw_only=True)
class Workflows:
    """Runs workflows of one repository on machines."""

    github: GitHub
    machines: Machines
    artifacts: Path
    _event: str = field(default="", init=False)
    _runs: int = field(default=0, init=False)

    def run(self, event: Event) -> Generator[Ran]:
        """Run a workflow and yield each step as it ends; a job ends at its first step that fails.

        Raises:
            GitHubError: The workflow asks for what GitHub would refuse, or what has no stand-in here.
        """
        self._event, self._runs = event.name, self._runs + 1
        shutil.rmtree(self.artifacts, ignore_errors=True)
        yield from self._workflow(event.workflow, event.inputs)

    def _workflow(self, file: str, inputs: Mapping[str, str]) -> Generator[Ran]:
        definition = self.github.workflows()[file]
        run = _Run(file=file, definition=definition, contexts=self._contexts(inputs))
        for name, raw in cast("dict[str, dict[str, Value]]", definition["jobs"]).items():
            run.ended[name] = {"result": "skipped", "outputs": {}}
            given = raw.get("needs") or []
            contexts = run.of([given] if isinstance(given, str) else cast("list[str]", given))
            if wanted(raw, contexts):
                run.ended[name]["result"] = "success"
                for matrix in matrices(raw, contexts):
                    yield from self._one(run, name, raw, {**contexts, "matrix": matrix})

    def _one(self, run: _Run, name: str, raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> Generator[Ran]:
        uses = str(raw.get("uses") or "")
        if uses.startswith(_OUR_WORKFLOWS):
            inputs = {key: fill(text, contexts) for key, text in _texts(raw.get("with")).items()}
            yield from self._workflow(uses.removeprefix(_OUR_WORKFLOWS), inputs)
            return
        for ran in self._job(run, name, raw, contexts):
            yield ran
            if ran.result.code != 0:
                run.ended[name]["result"] = "failure"

    def _contexts(self, inputs: Mapping[str, str]) -> dict[str, Value]:
        about: dict[str, Value] = {
            "event": {},
            "event_name": self._event,
            "ref": f"refs/heads/{BRANCH}",
            "repository": self.github.name,
            "run_attempt": "1",
            "run_id": str(self._runs),
            "server_url": "https://github.com",
            "sha": self.github.repository.head,
            "token": "of-the-job",
        }
        return {"inputs": dict[str, Value](inputs), "github": about, "matrix": {}, "vars": self._variables(None)}

    def _variables(self, environment: str | None) -> dict[str, Value]:
        own = self.github.environments[environment].variables if environment else {}
        return {**self.github.variables, **own}

    def _job(self, run: _Run, name: str, raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> Iterator[Ran]:
        matrix = cast("Mapping[str, Value]", contexts["matrix"])
        told = [matrix["stack"]] if "stack" in matrix else list(matrix.values())
        title = f"{run.file} / {name}" + (f" ({', '.join(map(_short, told))})" if matrix else "")
        environment = self._environment(title, raw, contexts)
        rights = raw.get("permissions")
        machine = self.machines.start(
            job=title,
            label=fill(str(raw["runs-on"]), contexts).strip(),
            subject=self.github.subject(environment, self._event),
            token=isinstance(rights, dict) and rights.get("id-token") == "write",
        )
        inner: dict[str, Value] = {
            **contexts,
            "vars": self._variables(environment),
            "runner": {"temp": str(machine.scratch), "os": "Linux"},
            "steps": {},
        }
        shared = {**_texts(run.definition.get("env")), **_texts(raw.get("env"))}
        inner["env"] = {key: fill(text, inner) for key, text in shared.items()}
        yield from self._steps(title, cast("list[dict[str, Value]]", raw["steps"]), inner, machine)
        run.ended[name]["outputs"] = {key: fill(text, inner) for key, text in _texts(raw.get("outputs")).items()}

    def _environment(self, title: str, raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> str | None:
        given = raw.get("environment")
        if not given:
            return None
        name = fill(str(given["name"] if isinstance(given, dict) else given), contexts)
        # GitHub would make it, open to every branch: nobody may rely on that.
        if name not in self.github.environments:
            raise GitHubError(f"{title}: there is no environment {name}")
        if not self.github.environments[name].admits(BRANCH):
            raise GitHubError(f"{title}: Branch {BRANCH!r} is not allowed to deploy to {name}")
        return name

    def _steps(
        self, title: str, steps: list[dict[str, Value]], contexts: dict[str, Value], machine: Machine
    ) -> Iterator[Ran]:
        for step in steps:
            if not holds(str(step.get("if", "true")), contexts):
                continue
            uses = str(step.get("uses") or "")
            given = {key: fill(text, contexts) for key, text in _texts(step.get("with")).items()}
            if uses.startswith(_OUR_ACTIONS):
                yield from self._composite(title, uses, given, contexts, machine)
            elif uses:
                act(uses.partition("@")[0], given, machine, self.artifacts)
            else:
                ran = _run(title, step, contexts, machine)
                yield ran
                if ran.result.code != 0:
                    return

    def _composite(
        self, title: str, uses: str, given: Mapping[str, str], contexts: Mapping[str, Value], machine: Machine
    ) -> Iterator[Ran]:
        action = parse((machine.work / uses.removeprefix("./") / "action.yml").read_text())
        declared = cast("dict[str, dict[str, str]]", action["inputs"])
        missing = [key for key, one in declared.items() if one.get("required") == "true" and not given.get(key)]
        if missing or given.keys() - declared.keys():
            raise GitHubError(f"{title}: {uses} wants {', '.join(declared)}; given are {', '.join(given)}")
        inputs = {key: given.get(key, one.get("default", "")) for key, one in declared.items()}
        inner: dict[str, Value] = {**contexts, "inputs": dict[str, Value](inputs), "steps": {}}
        runs = cast("dict[str, Value]", action["runs"])
        yield from self._steps(title, cast("list[dict[str, Value]]", runs["steps"]), inner, machine)


def _run(title: str, step: Mapping[str, Value], contexts: dict[str, Value], machine: Machine) -> Ran:
    commands = fill(str(step["run"]), contexts)
    own = {key: fill(text, contexts) for key, text in _texts(step.get("env")).items()}
    outputs = machine.scratch / "outputs"
    outputs.unlink(missing_ok=True)
    environment = {**cast("Mapping[str, str]", contexts["env"]), **own, "GITHUB_OUTPUT": str(outputs)}
    result = machine.run(commands, environment, pipefail=step.get("shell") == "bash")
    if "id" in step:
        said = outputs.read_text().splitlines() if outputs.is_file() else []
        found: dict[str, Value] = {name: text for name, _, text in (line.partition("=") for line in said)}
        cast("dict[str, Value]", contexts["steps"])[str(step["id"])] = {"outputs": found}
    return Ran(
        job=title,
        step=str(step.get("name") or commands.strip().splitlines()[0]),
        commands=commands,
        who=machine.caller,
        where=machine.place,
        result=result,
    )


def wanted(raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> bool:
    """Tell whether a job runs, given its contexts, in which the jobs that it needs have their results."""
    condition = str(raw.get("if", "true"))
    needed = cast("dict[str, dict[str, Value]]", contexts["needs"])
    # Whoever needs a job that was skipped or failed is skipped too, unless its condition looks at the status itself.
    if not _STATUS.search(condition) and any(one["result"] != "success" for one in needed.values()):
        return False
    return holds(condition, contexts)


def matrices(raw: Mapping[str, Value], contexts: Mapping[str, Value]) -> list[dict[str, Value]]:
    """Return the contexts `matrix` of a job: one for each time that it runs."""
    strategy = raw.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [{}]
    filled = {key: value(item, contexts) if isinstance(item, str) else item for key, item in matrix.items()}
    included = cast("list[dict[str, Value]]", filled.pop("include", []))
    found = list[dict[str, Value]]([{}] if filled else [])
    for key, items in filled.items():
        found = [{**known, key: item} for known in found for item in cast("list[Value]", items)]
    return found + included


def _short(item: Value) -> str:
    return str(item.get("stack") or "") if isinstance(item, dict) else str(item)


def _texts(raw: Value) -> dict[str, str]:
    return {name: str(item) for name, item in raw.items()} if isinstance(raw, dict) else {}
