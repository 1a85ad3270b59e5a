"""What GitHub knows of the repository: variables, environments, and which workflows an event starts.

Owns the answers to the `gh` commands of the documents. Does not run jobs (`workflows.py`).
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import yaml

from rehearsal.first_day.expressions import Value
from rehearsal.first_day.repository import BRANCH, Repository

REQUESTS: Final = "FASTORDER_GITHUB"
"""Variable that names the file in which `gh` leaves what it was asked."""
_ENVIRONMENT = re.compile(r"^/?repos/[^/]+/[^/]+/environments/(?P<name>[^/]+)$")


class GitHubError(Exception):
    """GitHub refuses; the message says what and why."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What starts a workflow: its file, the event's name and the inputs of a dispatch."""

    workflow: str
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class GitHub:
    """The repository's settings, which people change by `gh`.

    Attributes:
        repository: What has been pushed.
        name: Owner and name.
        identity: Numbers of owner and repository, which newer repositories have in the subjects of their tokens.
        variables: Of the repository.
        environments: Variables of each environment.
    """

    repository: Repository
    name: str
    identity: tuple[str, str] | None = None
    variables: dict[str, str] = field(default_factory=dict[str, str])
    environments: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def asked(self, requests: Path) -> list[Event]:
        """Take in what `gh` was asked in a block, and return the workflows that it started."""
        if not requests.is_file():
            return []
        events = list[Event]()
        for line in requests.read_text().splitlines():
            request = cast("dict[str, str]", json.loads(line))
            if request["kind"] == "environment":
                self.environments.setdefault(request["name"], {})
            elif request["kind"] == "variable":
                self._set(request["name"], request["value"], request["environment"])
            else:
                events.append(self._dispatch(request))
        requests.unlink()
        return events

    def pushed(self, since: str) -> list[Event]:
        """Return the workflows that a push to `main` starts, given the commit before."""
        changed = self.repository.changed(since)
        found = list[Event]()
        for file, workflow in self.workflows().items():
            push = _triggers(workflow).get("push")
            if push is None or BRANCH not in cast("list[str]", push.get("branches") or []):
                continue
            paths = cast("list[str]", push.get("paths") or [])
            if not paths or any(_selects(pattern, path) for pattern in paths for path in changed):
                found.append(Event(workflow=file, name="push"))
        return found

    def workflows(self) -> dict[str, dict[str, Value]]:
        """Return the workflows on `main` by file name."""
        return {
            name.rsplit("/", 1)[1]: cast("dict[str, Value]", yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - BaseLoader makes texts only
            for name, text in self.repository.files(".github/workflows").items()
        }

    def subject(self, environment: str | None, event: str) -> str:
        """Return the subject of the identity token of a job."""
        owner, _, repository = self.name.partition("/")
        name = f"{owner}@{self.identity[0]}/{repository}@{self.identity[1]}" if self.identity else self.name
        if environment:
            return f"repo:{name}:environment:{environment}"
        return f"repo:{name}:pull_request" if event == "pull_request" else f"repo:{name}:ref:refs/heads/{BRANCH}"

    def _set(self, name: str, value: str, environment: str) -> None:
        if environment and environment not in self.environments:
            raise GitHubError(
                f"gh variable set {name}: HTTP 404: there is no environment {environment}; create it first"
            )
        (self.environments[environment] if environment else self.variables)[name] = value

    def _dispatch(self, request: Mapping[str, str]) -> Event:
        workflow = self.workflows().get(request["workflow"])
        if workflow is None:
            raise GitHubError(f"gh workflow run: there is no workflow {request['workflow']} on {BRANCH}")
        dispatch = _triggers(workflow).get("workflow_dispatch")
        if dispatch is None:
            raise GitHubError(f"gh workflow run {request['workflow']}: it has no workflow_dispatch trigger")
        known = cast("dict[str, dict[str, str]]", dispatch.get("inputs") or {})
        given = cast("dict[str, str]", json.loads(request["inputs"]))
        if unknown := given.keys() - known.keys():
            raise GitHubError(f"gh workflow run {request['workflow']}: unexpected inputs {', '.join(sorted(unknown))}")
        return Event(
            workflow=request["workflow"],
            name="workflow_dispatch",
            inputs={name: given.get(name, item.get("default", "")) for name, item in known.items()},
        )


def _triggers(workflow: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    triggers = workflow["on"]
    if isinstance(triggers, str):
        return {triggers: {}}
    if isinstance(triggers, list):
        return {str(name): {} for name in triggers}
    return {name: item if isinstance(item, dict) else {} for name, item in cast("dict[str, Value]", triggers).items()}


def _selects(pattern: str, path: str) -> bool:
    return fnmatch.fnmatchcase(path, pattern.replace("**", "*"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The `gh` of the rehearsal: takes the commands that the documents use, and leaves them for the day to answer."""
    parser = argparse.ArgumentParser(prog="gh")
    areas = parser.add_subparsers(dest="area", required=True)
    variable = areas.add_parser("variable").add_subparsers(dest="verb", required=True).add_parser("set")
    variable.add_argument("name")
    variable.add_argument("--body", "-b", required=True)
    variable.add_argument("--env", "-e", default="")
    run = areas.add_parser("workflow").add_subparsers(dest="verb", required=True).add_parser("run")
    run.add_argument("workflow")
    run.add_argument("--field", "--raw-field", "-f", "-F", action="append", default=[])
    api = areas.add_parser("api")
    api.add_argument("--method", "-X", required=True, choices=["PUT"])
    api.add_argument("path")
    options = parser.parse_args(arguments)
    request: dict[str, str]
    if options.area == "variable":
        request = {"kind": "variable", "name": options.name, "value": options.body, "environment": options.env}
    elif options.area == "workflow":
        inputs = dict(item.split("=", 1) for item in options.field)
        request = {"kind": "run", "workflow": options.workflow, "inputs": json.dumps(inputs)}
    else:
        match = _ENVIRONMENT.match(options.path)
        if match is None:
            parser.error(f"the rehearsal's gh knows no {options.path}")
        request = {"kind": "environment", "name": match["name"]}
    with Path(os.environ[REQUESTS]).open("a") as requests:
        requests.write(json.dumps(request) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
