"""Gives the tests every rule, alone or with each of its examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.frame.rule import Rule
from policy.rules import load

RULES = load()


@pytest.fixture(scope="session")
def rules() -> dict[str, Rule]:
    return RULES


@pytest.fixture
def repository() -> Path:
    return Path(__file__).resolve().parents[2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `rule`, or a `rule` with one of its examples, once for each."""
    for kind in ("bad", "good"):
        if kind in metafunc.fixturenames:
            cases = [
                (rule, example) for rule in RULES.values() for example in (rule.bad if kind == "bad" else rule.good)
            ]
            metafunc.parametrize(("rule", kind), cases, ids=[rule.id for rule, _ in cases])
            return
    if "rule" in metafunc.fixturenames:
        metafunc.parametrize("rule", RULES.values(), ids=list(RULES))
