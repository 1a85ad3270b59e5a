"""Which environments on GitHub are refused, against a small GitHub on the loopback address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from operations import environments

PULLS = "refs/pull/*/merge"
CUSTOM = {"protected_branches": False, "custom_branch_policies": True}
REVIEWERS = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "Team"}]}
BRANCHES = {"type": "branch_policy"}


def environment(*branches: str, rules: tuple[dict[str, Any], ...] = (REVIEWERS, BRANCHES)) -> dict[str, Any]:
    guarded = {"deployment_branch_policy": CUSTOM, "can_admins_bypass": False}
    return {"protection_rules": list(rules), "branches": list(branches), **guarded}


GUARDED = {"prod": environment("main"), "prod-preview": environment(PULLS)}
SILENT = {key: value for key, value in environment(PULLS).items() if key != "can_admins_bypass"}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, Any]]]:
    """The environments of the small GitHub."""
    known: dict[str, dict[str, Any]] = {}

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer for-the-test"
            path = self.path.partition("?")[0].removeprefix("/repos/o/r/environments/").split("/")
            found = known.get(path[0])
            if found is not None and path[1:] == ["deployment-branch-policies"]:
                found = {"branch_policies": [{"name": name} for name in found["branches"]]}
            elif found is not None:
                found = {key: value for key, value in found.items() if key != "branches"}
            body = json.dumps(found or {"message": "Not Found"}).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name of the method it overrides
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
        monkeypatch.setenv("GITHUB_TOKEN", "for-the-test")
        yield known
        server.shutdown()


def test_guarded_environments_meet_no_objection(held: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]):
    held |= GUARDED
    assert environments.main(["prod"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "found", "reason"),
    [
        ("prod", None, "environment prod: there is none, and whichever job names it first makes it"),
        ("prod-preview", None, "environment prod-preview: there is none"),
        ("prod", environment(), "no pattern of its own; select main alone"),
        ("prod", environment("main", "release/*"), "are main, release/*; select main alone"),
        ("prod-preview", environment("main"), f"select {PULLS} alone"),
        ("prod", {**environment(), "deployment_branch_policy": None}, "no pattern of its own; select main alone"),
        (
            "prod",
            {
                **environment(),
                "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
            },
            "select main alone",
        ),
        ("prod", environment("main", rules=(BRANCHES,)), "environment prod: it asks nobody"),
        ("prod-preview", environment(PULLS, rules=()), "environment prod-preview: it asks nobody"),
        ("prod", environment("main", rules=({**REVIEWERS, "reviewers": []},)), "it asks nobody"),
        (
            "prod",
            {**environment("main"), "can_admins_bypass": True},
            "prod: GitHub does not say that administrators",
        ),
        (
            "prod",
            {**environment("main"), "can_admins_bypass": None},
            "prod: GitHub does not say that administrators",
        ),
        ("prod-preview", SILENT, "prod-preview: GitHub does not say that"),
    ],
)
def test_an_open_environment_is_refused(
    held: dict[str, dict[str, Any]],
    name: str,
    found: dict[str, Any] | None,
    reason: str,
    capsys: pytest.CaptureFixture[str],
):
    held |= GUARDED
    if found is None:
        del held[name]
    else:
        held[name] = found
    assert environments.main(["prod"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error title=environments::")
    assert reason in line


def test_dev_asks_nobody_and_still_admits_one_branch_alone(
    held: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
):
    held |= {
        "dev": {**environment("main", rules=()), "can_admins_bypass": True},
        "dev-preview": environment(PULLS, rules=()),
    }
    assert environments.main(["dev"]) == 0
    held["dev"] = environment("*", rules=())
    assert environments.main(["dev"]) == 1
    assert "select main alone" in capsys.readouterr().out


def test_without_a_workflow_around_it_nothing_is_taken_for_guarded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert environments.main(["prod"]) == 1
    assert "GITHUB_TOKEN" in capsys.readouterr().out
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    assert environments.main(["prod"]) == 1
    assert "GitHub: " in capsys.readouterr().out
