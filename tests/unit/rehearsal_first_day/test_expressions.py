"""Expressions of workflows have the values that GitHub's documentation gives them, and unknown ones are refused."""

from __future__ import annotations

import pytest

from rehearsal.first_day.expressions import ExpressionError, Value, evaluate, fill, holds, value

_CONTEXTS: dict[str, Value] = {
    "github": {"ref": "refs/heads/main", "event": {"pull_request": {"number": 7}}},
    "vars": {"STACKS": '[{"stack": "dev", "runner": ""}, {"stack": "prod", "runner": "inside"}]', "EMPTY": ""},
    "matrix": {"runner": "", "stack": "dev"},
    "needs": {"build": {"result": "success"}},
}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/heads/MAIN'", True),
        ("github.ref != 'refs/heads/main' || !vars.STACKS", False),
        ("matrix.runner || 'ubuntu-24.04'", "ubuntu-24.04"),
        ("vars.STACKS && github.event.pull_request.number", 7),
        ("contains(fromJSON(vars.STACKS || '[]').*.stack, 'prod')", True),
        ("contains(fromJSON(vars.NOT_THERE || '[]').*.stack, 'prod')", False),
        ("fromJSON(vars.STACKS)[1]['runner']", "inside"),
        ("!cancelled() && needs.build.result != 'skipped'", True),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("format('{0}-{1}', matrix.stack, 'preview')", "dev-preview"),
        ("'it''s'", "it's"),
        ("vars.missing.deeper", None),
        ("(vars.EMPTY || null) == null", True),
    ],
)
def test_values(expression: str, wanted: Value) -> None:
    assert evaluate(expression, _CONTEXTS) == wanted


def test_texts_are_filled_and_conditions_need_no_braces() -> None:
    assert fill("${{ matrix.stack }}-common-${{ vars.missing }}-01", _CONTEXTS) == "dev-common--01"
    assert value("${{ fromJSON(vars.STACKS)[0] }}", _CONTEXTS) == {"stack": "dev", "runner": ""}
    assert holds("vars.STACKS", _CONTEXTS)
    assert not holds("${{ vars.EMPTY }}", _CONTEXTS)


@pytest.mark.parametrize("wrong", ["a ==", "unknown.name", "hashFiles('x')", "1 < 2", "github.ref 'x'", "("])
def test_what_is_not_understood_is_refused(wrong: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(wrong, _CONTEXTS)
