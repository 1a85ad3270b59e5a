"""The texts of policies that match other texts: wildcards, ARNs and variables.

Owns how `*`, `?` and `${...}` are read, which differs between an action, a resource, a text and an ARN in a condition.
Source: IAM user guide, "Policy elements: Resource", "Condition operators" and "Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

Context = Mapping[str, tuple[str, ...]]
"""The values of each context key of a request, the key's name in lower case."""

_ARN_PARTS: Final = 6
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_DEFAULT: Final = re.compile(r"([^,]+?)\s*,\s*'([^']*)'\s*")
_LITERALS: Final = frozenset("*?$")


class UnresolvedError(Exception):
    """A variable stands for a key that the request does not have, and has no default."""


def resolved(text: str, context: Context | None) -> tuple[str, ...]:
    """Return the text in pieces: pattern, literal, pattern, literal, ...: what a variable stands for is no pattern.

    Args:
        text: A pattern.
        context: Values of the variables; None where the policy's version knows no variables.

    Raises:
        UnresolvedError: The request has no single value for a variable.
    """
    if context is None or "${" not in text:
        return (text,)
    pieces: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        pieces += [text[end : match.start()], _value(match[1], context)]
        end = match.end()
    return (*pieces, text[end:])


def plain(text: str, context: Context | None) -> str:
    """Return the text with its variables filled, for a comparison without wildcards."""
    return "".join(resolved(text, context))


def opened(arn: str) -> str:
    """Return the pattern that takes in whatever an ARN could mean whose variables have no value."""
    parts = _VARIABLE.sub("*", arn).split(":", _ARN_PARTS - 1)
    return ":".join([*parts[: _ARN_PARTS - 1], "*"])


@lru_cache(maxsize=65536)
def matches(pieces: tuple[str, ...], value: str) -> bool:
    """Tell whether a text matches, where `*` takes in anything: texts in conditions."""
    return _compiled(pieces, "any").fullmatch(value) is not None


@lru_cache(maxsize=65536)
def resource_matches(pieces: tuple[str, ...], value: str) -> bool:
    """Tell whether a resource matches: a `*` passes a colon only where it ends a part of the ARN, and in the last."""
    return _compiled(pieces, "segment").fullmatch(value) is not None


@lru_cache(maxsize=65536)
def arn_matches(pieces: tuple[str, ...], value: str) -> bool:
    """Tell whether an ARN in a condition matches, each of its six parts by itself."""
    if value.count(":") < _ARN_PARTS - 1:
        return False
    parts = _arn_parts(pieces)
    values = value.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and all(matches(part, text) for part, text in zip(parts, values, strict=True))


@lru_cache(maxsize=65536)
def action_matches(pattern: str, action: str) -> bool:
    """Tell whether an action matches; the case of letters does not count."""
    return _compiled((pattern.lower(),), "any").fullmatch(action.lower()) is not None


def _value(expression: str, context: Context) -> str:
    if expression in _LITERALS:
        return expression
    with_default = _DEFAULT.fullmatch(expression)
    key, default = (with_default[1], with_default[2]) if with_default else (expression, None)
    values = context.get(key.strip().lower(), ())
    if len(values) == 1:
        return values[0]
    if default is None:
        raise UnresolvedError(key)
    return default


@lru_cache(maxsize=65536)
def _compiled(pieces: tuple[str, ...], kind: str) -> re.Pattern[str]:
    whole, text = "".join(pieces), list[str]()
    at = 0
    for index, piece in enumerate(pieces):
        for character in piece:
            at += 1
            beyond = kind == "any" or whole[at : at + 1] in ("", ":") or whole.count(":", 0, at) >= _ARN_PARTS - 1
            wild = {"*": ".*" if beyond else "[^:]*", "?": "." if beyond else "[^:]"}
            text.append(re.escape(character) if index % 2 else wild.get(character, re.escape(character)))
    return re.compile("".join(text), re.DOTALL)


def _arn_parts(pieces: Sequence[str]) -> list[tuple[str, ...]]:
    """Cut a resolved pattern at the first five colons of its patterns and literals alike."""
    parts: list[list[str]] = [[]]
    for index, piece in enumerate(pieces):
        first, *others = piece.split(":", _ARN_PARTS - len(parts))
        parts[-1].append(first)
        # A part begins with a pattern, so a literal needs an empty one before it.
        parts += [["", other] if index % 2 else [other] for other in others]
    return [tuple(part) for part in parts]
