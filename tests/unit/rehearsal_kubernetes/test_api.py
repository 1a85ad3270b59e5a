"""The client of an API server: what it does when the server asks to be asked again."""

from __future__ import annotations

import time
from email.message import Message
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from rehearsal.controlplane.place import Place
from rehearsal.kubernetes.api import Api, ApiError

if TYPE_CHECKING:
    from pathlib import Path


class Response:
    """What the client reads of an answer."""

    def __init__(self, status: int, body: bytes, **headers: str) -> None:
        self.status, self.reason, self.headers = status, "", Message()
        for name, value in headers.items():
            self.headers[name.replace("_", "-")] = value
        self.read = BytesIO(body).read


BUSY = b'{"kind":"Status","message":"storage is (re)initializing","reason":"TooManyRequests"}'


def ask(folder: Path, monkeypatch: pytest.MonkeyPatch, answers: list[Response]) -> tuple[object, list[float]]:
    """Let a server give these answers; return the last one and how long the client waited before each."""
    place = Place(folder / "one")
    place.create(name="one", version="1.36", region="ap-northeast-2", service_range="172.20.0.0/16")
    waited: list[float] = []
    monkeypatch.setattr(Api, "_send", staticmethod(lambda *_: answers.pop(0)))
    monkeypatch.setattr(time, "sleep", waited.append)
    return Api(place.configuration("admin")).get("/version"), waited


def test_a_busy_server_is_asked_again_after_the_time_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Response(429, BUSY, Retry_After="1"), Response(503, b"", Retry_After="2"), Response(200, b'{"a": 1}')]
    assert ask(tmp_path, monkeypatch, answers) == ({"a": 1}, [1, 2])


def test_a_server_that_stays_busy_is_given_up_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Response(429, BUSY, Retry_After="1") for _ in range(11)]
    with pytest.raises(ApiError, match="initializing"):
        ask(tmp_path, monkeypatch, answers)
    assert len(answers) == 1


def test_a_refusal_without_a_time_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Response(429, BUSY), Response(200, b"{}")]
    with pytest.raises(ApiError, match="initializing"):
        ask(tmp_path, monkeypatch, answers)
    assert len(answers) == 1
