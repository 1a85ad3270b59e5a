"""The expressions of GitHub's workflows, `${{ ... }}`: their values in the contexts of a job.

Owns the part of the language that our workflows use: literals, contexts with `.name`, `[index]` and `.*`, the operators
`! == != && ||`, and a few functions. Anything else is an error, never a guess. Source: GitHub's documentation,
"Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>\|\||&&|==|!=|[!().,*\[\]]))"
)
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


class ExpressionError(Exception):
    """The expression is not understood here; the message holds it."""


def fill(text: str, contexts: Mapping[str, Value]) -> str:
    """Return a text with its expressions replaced by their values."""
    return _HOLE.sub(lambda hole: _text(evaluate(hole[1], contexts)), text)


def value(text: str, contexts: Mapping[str, Value]) -> Value:
    """Return the value of a text that is one expression, or the text with its expressions replaced."""
    whole = _HOLE.fullmatch(text.strip())
    return evaluate(whole[1], contexts) if whole else fill(text, contexts)


def holds(condition: str, contexts: Mapping[str, Value]) -> bool:
    """Tell whether the `if` of a job or step is met; it needs no braces."""
    whole = _HOLE.fullmatch(condition.strip())
    return truthy(evaluate(whole[1] if whole else condition, contexts))


def truthy(value: Value) -> bool:
    """Tell whether a value counts as true: all do but false, null, 0 and the empty text."""
    return value not in (False, None, 0, "")


def evaluate(expression: str, contexts: Mapping[str, Value]) -> Value:
    """Return the value of an expression; raises `ExpressionError`."""
    parser = _Parser(_tokens(expression), expression, contexts)
    found = parser.either()
    parser.expect_end()
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at = list[tuple[str, str]](), 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ExpressionError(f"not understood: {expression.strip()!r} at {text[at:].strip()!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    source: str
    contexts: Mapping[str, Value]
    at: int = 0

    def either(self) -> Value:
        left = self.both()
        while self.take("||"):
            right = self.both()
            left = left if truthy(left) else right
        return left

    def both(self) -> Value:
        left = self.comparison()
        while self.take("&&"):
            right = self.comparison()
            left = right if truthy(left) else left
        return left

    def comparison(self) -> Value:
        left = self.negation()
        for sign in ("==", "!="):
            if self.take(sign):
                return _equal(left, self.negation()) is (sign == "==")
        return left

    def negation(self) -> Value:
        return not truthy(self.negation()) if self.take("!") else self.member()

    def member(self) -> Value:
        found, spread = self.primary(), False
        while True:
            if self.take("."):
                if self.take("*"):
                    found, spread = list(found.values()) if isinstance(found, dict) else found, True
                    continue
                name = self.next("name")
                found = (
                    [_get(item, name) for item in found] if spread and isinstance(found, list) else _get(found, name)
                )
            elif self.take("["):
                index = self.either()
                self.expect("]")
                found = _get(found, index)
            else:
                return found

    def primary(self) -> Value:
        if self.take("("):
            inner = self.either()
            self.expect(")")
            return inner
        kind, text = self.peek()
        self.at += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind != "name":
            raise self.error()
        if self.take("("):
            return self.call(text)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text not in self.contexts:
            raise ExpressionError(f"no context {text!r} in {self.source.strip()!r}")
        return self.contexts[text]

    def call(self, name: str) -> Value:
        arguments = list[Value]()
        while not self.take(")"):
            arguments.append(self.either())
            self.take(",")
        if name not in _FUNCTIONS:
            raise ExpressionError(f"no function {name!r} is known here, in {self.source.strip()!r}")
        return _FUNCTIONS[name](*arguments)

    def peek(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise self.error()
        return self.tokens[self.at]

    def take(self, sign: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == ("sign", sign)
        self.at += found
        return found

    def next(self, kind: str) -> str:
        found, text = self.peek()
        if found != kind:
            raise self.error()
        self.at += 1
        return text

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise self.error()

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            raise self.error()

    def error(self) -> ExpressionError:
        return ExpressionError(f"not understood: {self.source.strip()!r}")


def _get(value: Value, name: Value) -> Value:
    if isinstance(value, list):
        return value[name] if isinstance(name, int) and name < len(value) else None
    return value.get(str(name)) if isinstance(value, dict) else None


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return left == right


def _contains(search: Value, item: Value) -> Value:
    if isinstance(search, list):
        return any(_equal(one, item) for one in search)
    return _text(item).casefold() in _text(search).casefold()


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        raise ExpressionError(f"a list or an object where a text is wanted: {value!r}")
    return "" if value is None else str(value)


def _format(template: Value, *arguments: Value) -> Value:
    return re.sub(r"\{(\d+)\}", lambda hole: _text(arguments[int(hole[1])]), _text(template))


def _from_json(text: Value) -> Value:
    return cast("Value", json.loads(_text(text)))


def _starts_with(text: Value, start: Value) -> Value:
    return _text(text).casefold().startswith(_text(start).casefold())


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "always": lambda: True,
    "cancelled": lambda: False,
    "contains": _contains,
    "failure": lambda: False,
    "format": _format,
    "fromJSON": _from_json,
    "startsWith": _starts_with,
    "success": lambda: True,
}
