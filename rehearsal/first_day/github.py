"""GitHub, as far as the first day needs it: its API for `gh` and for workflows, and which workflows an event starts.

Owns variables, environments with their rules, issues and dispatches. Does not run jobs (`workflows.py`). Reviewers are
kept and always agree: whom GitHub asks is its own affair, that it asks is checked by `operations.environments`.
Source of the paths and fields: GitHub's REST API, version 2022-11-28.
"""

from __future__ import annotations

import fnmatch
import json
import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias, cast
from urllib.parse import unquote, urlsplit

import yaml

from rehearsal.first_day.expressions import Value
from rehearsal.first_day.repository import BRANCH, Repository

Body: TypeAlias = "dict[str, Any]"

_WRITER: Final = "github-actions[bot]"
_ENVIRONMENT: Final = r"environments/(?P<name>[^/]+)"


class GitHubError(Exception):
    """GitHub refuses; the message says what and why."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What starts a workflow: its file, the event's name and the inputs of a dispatch."""

    workflow: str
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class Environment:
    """An environment: what it was made with, the refs that it admits and its variables."""

    rules: Body
    patterns: list[str] = field(default_factory=list[str])
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def admits(self, ref: str) -> bool:
        """Tell whether a job on a branch, or on the merge of a pull request, may use it."""
        policy = cast("dict[str, bool]", self.rules.get("deployment_branch_policy") or {})
        if not policy.get("custom_branch_policies"):
            return True
        return any(fnmatch.fnmatchcase(ref, pattern) for pattern in self.patterns)


@dataclass(kw_only=True)
class GitHub:
    """The repository's settings, which people change by `gh`.

    Attributes:
        repository: What has been pushed.
        name: Owner and name.
        owner_id: Number of the owner.
        repository_id: Number of the repository.
    """

    repository: Repository
    name: str
    owner_id: int
    repository_id: int
    variables: dict[str, str] = field(default_factory=dict[str, str])
    environments: dict[str, Environment] = field(default_factory=dict[str, Environment])
    issues: list[Body] = field(default_factory=list[Body])
    _dispatched: list[Event] = field(default_factory=list[Event])

    def asked(self) -> list[Event]:
        """Return the workflows that were dispatched since the last call."""
        events, self._dispatched = self._dispatched, []
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
            name.rsplit("/", 1)[1]: parse(text) for name, text in self.repository.files(".github/workflows").items()
        }

    def subject(self, environment: str | None, event: str) -> str:
        """Return the subject of the identity token of a job, with both numbers as newer repositories have them."""
        owner, _, repository = self.name.partition("/")
        name = f"{owner}@{self.owner_id}/{repository}@{self.repository_id}"
        if environment:
            return f"repo:{name}:environment:{environment}"
        return f"repo:{name}:pull_request" if event == "pull_request" else f"repo:{name}:ref:refs/heads/{BRANCH}"

    def answer(self, method: str, path: str, body: Body) -> tuple[int, object]:
        """Answer a request of the API below the repository's own path: status and content."""
        for wanted, pattern, handler in self._routes():
            match = re.fullmatch(pattern, path)
            if wanted == method and match:
                try:
                    return handler(body, **{name: unquote(text) for name, text in match.groupdict().items()})
                except GitHubError as error:
                    return 422, {"message": str(error)}
        return 404, {"message": "Not Found"}

    def _routes(self) -> tuple[tuple[str, str, Callable[..., tuple[int, object]]], ...]:
        return (
            ("GET", r"", self._about),
            ("PUT", _ENVIRONMENT, self._make_environment),
            ("GET", _ENVIRONMENT, self._environment),
            ("POST", f"{_ENVIRONMENT}/deployment-branch-policies", self._admit),
            ("GET", f"{_ENVIRONMENT}/deployment-branch-policies", self._admitted),
            ("POST", f"{_ENVIRONMENT}/variables", self._set),
            ("POST", r"actions/variables", self._set),
            ("POST", r"actions/workflows/(?P<workflow>[^/]+)/dispatches", self._dispatch),
            ("GET", r"issues", self._open_issues),
            ("POST", r"issues", self._open_issue),
            ("PATCH", r"issues/(?P<number>\d+)", self._change_issue),
        )

    def _about(self, _: Body) -> tuple[int, object]:
        return 200, {"id": self.repository_id, "full_name": self.name, "owner": {"id": self.owner_id}}

    def _make_environment(self, body: Body, name: str) -> tuple[int, object]:
        known = self.environments.get(name)
        self.environments[name] = Environment(
            rules=body, patterns=known.patterns if known else [], variables=known.variables if known else {}
        )
        return self._environment({}, name)

    def _environment(self, _: Body, name: str) -> tuple[int, object]:
        found = self.environments.get(name)
        if found is None:
            return 404, {"message": "Not Found"}
        reviewers = cast("list[object]", found.rules.get("reviewers") or [])
        about: Body = {
            "name": name,
            "can_admins_bypass": found.rules.get("can_admins_bypass", True),
            "deployment_branch_policy": found.rules.get("deployment_branch_policy"),
        }
        about["protection_rules"] = [{"type": "required_reviewers", "reviewers": reviewers}] if reviewers else []
        return 200, about

    def _admit(self, body: Body, name: str) -> tuple[int, object]:
        if name not in self.environments:
            return 404, {"message": "Not Found"}
        self.environments[name].patterns.append(str(body["name"]))
        return 200, {"name": body["name"]}

    def _admitted(self, _: Body, name: str) -> tuple[int, object]:
        patterns = self.environments[name].patterns
        return 200, {"branch_policies": [{"name": pattern} for pattern in patterns]}

    def _set(self, body: Body, name: str = "") -> tuple[int, object]:
        if name and name not in self.environments:
            return 404, {"message": f"there is no environment {name}"}
        (self.environments[name].variables if name else self.variables)[str(body["name"])] = str(body["value"])
        return 201, {}

    def _open_issues(self, _: Body) -> tuple[int, object]:
        return 200, [one for one in self.issues if one["state"] == "open"]

    def _open_issue(self, body: Body) -> tuple[int, object]:
        number = len(self.issues) + 1
        page = {"number": number, "state": "open", "user": {"login": _WRITER}, "html_url": f"issue {number}"}
        self.issues.append({**page, **body})
        return 201, self.issues[-1]

    def _change_issue(self, body: Body, number: str) -> tuple[int, object]:
        self.issues[int(number) - 1] |= body
        return 200, self.issues[int(number) - 1]

    def _dispatch(self, body: Body, workflow: str) -> tuple[int, object]:
        found = self.workflows().get(workflow)
        if found is None:
            return 404, {"message": f"there is no workflow {workflow} on {BRANCH}"}
        dispatch = _triggers(found).get("workflow_dispatch")
        if dispatch is None:
            raise GitHubError(f"Workflow {workflow} does not have 'workflow_dispatch' trigger")
        known = cast("dict[str, dict[str, str]]", dispatch.get("inputs") or {})
        given = cast("dict[str, str]", body.get("inputs") or {})
        if unknown := given.keys() - known.keys():
            raise GitHubError(f"Unexpected inputs provided: {sorted(unknown)}")
        inputs = {name: given.get(name, item.get("default", "")) for name, item in known.items()}
        self._dispatched.append(Event(workflow=workflow, name="workflow_dispatch", inputs=inputs))
        return 204, {}


@contextmanager
def serve_api(github: GitHub) -> Generator[str]:
    """Serve the API on the loopback address and yield its own."""
    root = f"/repos/{github.name}"

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Keep silent."""

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = cast("Body", json.loads(self.rfile.read(length) or b"{}"))
            path = urlsplit(self.path).path
            inside = path == root or path.startswith(f"{root}/")
            status, content = (
                github.answer(self.command, path.removeprefix(root).lstrip("/"), body)
                if inside
                else (404, {"message": "Not Found"})
            )
            answer = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = _handle  # noqa: N815 - the names are the library's

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def parse(text: str) -> dict[str, Value]:
    """Return a workflow or an action, every scalar in it as text."""
    return cast("dict[str, Value]", yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - it makes texts only


def _triggers(workflow: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    triggers = workflow["on"]
    if isinstance(triggers, str):
        return {triggers: {}}
    if isinstance(triggers, list):
        return {str(name): {} for name in triggers}
    return {name: item if isinstance(item, dict) else {} for name, item in cast("dict[str, Value]", triggers).items()}


def _selects(pattern: str, path: str) -> bool:
    return fnmatch.fnmatchcase(path, pattern.replace("**", "*"))
