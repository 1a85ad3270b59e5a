"""Fixtures of the unit tests: the graph of each committed stack, built once, and a runtime reset per test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from pulumi.runtime import settings as runtime_settings

from tests.unit.testkit import ROOT, STACKS, Graph, whole


@pytest.fixture(autouse=True)
def _fresh_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """Give each test the checkout as working folder and leave neither loop nor monitor to the next."""
    monkeypatch.chdir(ROOT)
    yield
    runtime_settings.reset_options()
    asyncio.set_event_loop(asyncio.new_event_loop())


@pytest.fixture(params=STACKS)
def graph(request: pytest.FixtureRequest) -> Graph:
    """The whole program, once per committed stack."""
    return whole(request.param)


def pytest_configure(config: pytest.Config) -> None:
    """Silence the SDK, which warns of its own deprecated classes when it loads them."""
    config.addinivalue_line("filterwarnings", "ignore:.*deprecated:DeprecationWarning")
