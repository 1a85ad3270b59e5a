"""The static files reach S3 with the right types, in the right order and only when they changed."""

from __future__ import annotations

import base64
import hashlib
import shutil
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from operations import publish_static

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Bucket:
    """What a small S3 on the loopback address holds: headers and bodies by path, and the order in which they came."""

    address: str = ""
    objects: dict[str, tuple[dict[str, str], bytes]] = field(default_factory=dict[str, tuple[dict[str, str], bytes]])
    puts: list[str] = field(default_factory=list[str])
    refuse: bool = False

    def main(self, folder: Path) -> int:
        return publish_static.main(["--bucket", "static", "--folder", str(folder), "--endpoint", self.address])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    held = Bucket()

    class S3(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            headers, body = held.objects.get(self.path, ({}, b""))
            self.send_response(200 if headers else 404)
            if headers and self.headers.get("x-amz-checksum-mode") == "ENABLED":
                self.send_header("x-amz-checksum-sha256", headers["x-amz-checksum-sha256"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            sound = base64.b64encode(hashlib.sha256(body).digest()).decode() == headers.get("x-amz-checksum-sha256")
            if sound and not held.refuse:
                held.objects[self.path] = headers, body
                held.puts.append(self.path.removeprefix("/static/"))
            self.send_response(200 if sound and not held.refuse else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), S3)
    held.address = f"http://127.0.0.1:{server.server_address[1]}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "for-the-test",
        "AWS_SECRET_ACCESS_KEY": "for-the-test",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "static"
    shutil.copytree(publish_static.FOLDER, copy)
    return copy


def test_every_file_of_the_web_tier_arrives_whole_and_the_page_arrives_last(bucket: Bucket, folder: Path):
    assert bucket.main(folder) == 0

    sent = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.removeprefix("/static/"): body for path, (_, body) in bucket.objects.items()} == sent
    assert bucket.puts[-1] == "index.html"


def test_types_and_cache_lifetimes_are_those_that_browsers_need(bucket: Bucket, folder: Path):
    bucket.main(folder)

    page, script = bucket.objects["/static/index.html"][0], bucket.objects["/static/app.js"][0]
    assert (page["content-type"], page["cache-control"]) == ("text/html; charset=utf-8", "no-cache")
    assert script["content-type"].startswith("text/javascript")
    assert "max-age=300" in script["cache-control"]


def test_only_what_changed_is_sent_again(bucket: Bucket, folder: Path, capsys: pytest.CaptureFixture[str]):
    bucket.main(folder)
    bucket.puts.clear()

    assert bucket.main(folder) == 0
    assert bucket.puts == []
    assert capsys.readouterr().out.endswith("nothing has changed\n")
    (folder / "app.css").write_text("body { color: black }")
    bucket.main(folder)
    assert bucket.puts == ["app.css"]


def test_a_refusal_by_s3_fails_the_command(bucket: Bucket, folder: Path, capsys: pytest.CaptureFixture[str]):
    bucket.refuse = True

    assert bucket.main(folder) == 1
    assert "PutObject" in capsys.readouterr().err


def test_a_folder_without_a_page_is_not_published(bucket: Bucket, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "notes.txt").write_text("not a site")

    assert bucket.main(tmp_path) == 1
    assert "--folder" in capsys.readouterr().err
    assert bucket.puts == []
