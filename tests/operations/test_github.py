"""Comments and issues by marker, against a small GitHub on the loopback address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from operations import github

BOT = "github-actions[bot]"


@dataclass
class Server:
    """What the small GitHub holds, and which calls changed it."""

    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list[tuple[str, str, dict[str, Any]]])
    refuse: bool = False

    def hold(self, body: str | None, login: str = BOT) -> int:
        number = len(self.items) + 1
        self.items.append({"id": number, "number": number, "user": {"login": login}, "body": body, "html_url": "u"})
        return number


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    held = Server()

    class Api(BaseHTTPRequestHandler):
        def answer(self, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(403 if held.refuse else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            page = int(self.path.rpartition("page=")[2])
            assert self.headers["Authorization"] == "Bearer for-the-test"
            self.answer(held.items[100 * (page - 1) : 100 * page])

        def change(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held.calls.append((self.command, self.path.removeprefix("/repos/o/r/"), body))
            self.answer({"html_url": "https://address"})

        def do_POST(self) -> None:
            self.change()

        def do_PATCH(self) -> None:
            self.change()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    service = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{service.server_address[1]}")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_TOKEN", "for-the-test")
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    yield held
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.md"
    file.write_text("<!-- of prod -->\nnew\n")
    return file


def comment(page: Path) -> int:
    return github.main(["comment", str(page), "--pull", "7"])


def issue(page: Path, *more: str) -> int:
    return github.main(["issue", str(page), "--title", "Drift", *more])


def test_the_first_page_becomes_a_comment(server: Server, page: Path, capsys: pytest.CaptureFixture[str]):
    assert comment(page) == 0
    assert server.calls == [("POST", "issues/7/comments", {"body": page.read_text()})]
    assert capsys.readouterr().out == "https://address\n"


def test_later_pages_edit_the_comment_of_their_marker_even_behind_a_hundred_others(server: Server, page: Path):
    for _ in range(130):
        server.hold("talk", "someone")
    server.hold("<!-- of dev -->\nold")
    number = server.hold("<!-- of prod -->\r\nold")
    assert comment(page) == 0
    assert server.calls == [("PATCH", f"issues/comments/{number}", {"body": page.read_text()})]


def test_a_marker_that_someone_else_wrote_is_not_edited(server: Server, page: Path):
    server.hold("<!-- of prod -->\nmine", "someone")
    server.hold(None)
    assert comment(page) == 0
    assert [call[0] for call in server.calls] == ["POST"]


def test_drift_has_one_open_issue_that_is_edited_and_closed(server: Server, page: Path):
    assert issue(page, "--close") == 0
    assert server.calls == []
    assert issue(page) == 0
    number = server.hold("<!-- of prod -->\nold")
    assert issue(page) == 0
    assert issue(page, "--close") == 0
    body = page.read_text()
    assert server.calls == [
        ("POST", "issues", {"title": "Drift", "body": body}),
        ("PATCH", f"issues/{number}", {"title": "Drift", "body": body}),
        ("PATCH", f"issues/{number}", {"title": "Drift", "body": body, "state": "closed"}),
    ]


def test_a_refusal_fails_the_command_without_the_token_in_its_words(
    server: Server, page: Path, capsys: pytest.CaptureFixture[str]
):
    server.refuse = True
    assert comment(page) == 1
    said = capsys.readouterr().err
    assert "403" in said
    assert "for-the-test" not in said


def test_outside_a_workflow_the_command_says_what_is_missing(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert comment(page) == 1
    assert "GITHUB_TOKEN" in capsys.readouterr().err
