"""Resource properties as plain values in which an unknown is a value of its own.

Owns the way from the SDK's proxies (which raise when an unknown is touched, and so end a rule undecided) to plain
Python, and the questions that rules ask of a property. Every question has three answers: yes, no and not yet known;
the helpers answer yes only when it is certain and note each unknown that they met, so that a rule which could not
decide says so. Does not know resources or rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Self, TypeAlias, cast

from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)

_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_SENTINELS: Final = frozenset(
    {
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    }
)


class Unknown:
    """The type of the one value that a preview does not know yet."""

    def __new__(cls) -> Self:
        """Return the one instance, so that `is UNKNOWN` holds everywhere."""
        if "_instance" not in cls.__dict__:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        """Read well in a message and in a failing test."""
        return "<not yet known>"


UNKNOWN: Final = Unknown()
Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"

_met: ContextVar[list[str] | None] = ContextVar("unknowns met by the running rule", default=None)


@contextmanager
def noting_unknowns() -> Generator[list[str]]:
    """Collect the paths of unknown values that are asked for inside the block."""
    paths: list[str] = []
    token = _met.set(paths)
    try:
        yield paths
    finally:
        _met.reset(token)


def note_unknown(path: str) -> None:
    """Record that the running rule needed a value that is not known yet."""
    paths = _met.get()
    if paths is not None and path not in paths:
        paths.append(path)


def plain(value: object) -> Value:
    """Copy a property, proxied by the SDK or not, into plain values; what is no JSON value becomes its type's name."""
    if isinstance(value, str):
        return UNKNOWN if value in _SENTINELS else value
    if value is None or isinstance(value, bool | int | float | Unknown):
        return value
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        raw = mapping if isinstance(mapping, dict) else cast("dict[str, object]", mapping["__target"])
        return {str(key): plain(item) for key, item in raw.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        sequence = cast("Sequence[object]", value)
        items = sequence if isinstance(sequence, list | tuple) else _target(sequence)
        return [plain(item) for item in items]
    return f"<{type(value).__name__}>"


def _target(proxy: object) -> list[object]:
    return cast("dict[str, list[object]]", proxy)["__target"]


def parse_json(value: Value) -> Value:
    """Return the document that a JSON string holds; the value itself when it is a document already, None if broken.

    AWS refuses a comma after the last item; it is passed over here, since what else is wrong should be said too.
    """
    if not isinstance(value, str):
        return value
    for text in (value, _TRAILING_COMMA.sub(r"\1", value)):
        try:
            return plain(json.loads(text))
        except (ValueError, RecursionError):
            continue
    return None


def is_empty(value: Value) -> bool:
    """Tell whether a known value says nothing: absent, empty text, empty list or empty object."""
    return value is None or value in ("", [], {})


class Block:
    """An object among the properties, asked by dotted path; a single-item list on the way counts as its item."""

    __slots__ = ("path", "raw")

    def __init__(self, raw: Mapping[str, Value], path: str = "") -> None:
        self.raw = raw
        self.path = path

    def get(self, path: str) -> Value:
        """Return the value at `path`, None when absent; an unknown on the way is the answer, and is noted."""
        value = self.peek(path)
        if isinstance(value, Unknown):
            note_unknown(self.at(path))
        return value

    def peek(self, path: str) -> Value:
        """Return the value at `path` as `get` does, without noting an unknown: for questions that have another way."""
        value: Value = cast("Value", self.raw)
        for step in path.split("."):
            if isinstance(value, list):
                value = value[0] if value else None
            if isinstance(value, Unknown):
                break
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def at(self, path: str) -> str:
        """Return the full path of a property of this block, for messages."""
        return f"{self.path}.{path}" if self.path else path

    def lacks(self, path: str) -> bool:
        """Tell whether the property is certainly absent or empty."""
        return is_empty(self.get(path))

    def is_true(self, path: str) -> bool:
        """Tell whether the property is certainly true."""
        return _truth(self.get(path)) is True

    def not_true(self, path: str) -> bool:
        """Tell whether the property is certainly not true: absent, false or of a wrong type."""
        value = self.get(path)
        return not isinstance(value, Unknown) and _truth(value) is not True

    def is_false(self, path: str) -> bool:
        """Tell whether the property is certainly false; absent is not false, for what AWS turns on by itself."""
        return _truth(self.get(path)) is False

    def text(self, path: str) -> str | None:
        """Return the property when it is known text, else None."""
        value = self.get(path)
        return value if isinstance(value, str) else None

    def number(self, path: str) -> float | None:
        """Return the property when it is a known number (digits in text count), else None."""
        value = self.get(path)
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return float(value)
        return float(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None

    def below(self, path: str, minimum: float) -> bool:
        """Tell whether the property is certainly absent or less than `minimum`."""
        value = self.get(path)
        return not isinstance(value, Unknown) and (self.number(path) or 0) < minimum

    def texts(self, path: str) -> list[str]:
        """Return the known texts of a list property; a single text counts as a list of one."""
        return [item for item in self.items(path) if isinstance(item, str)]

    def items(self, path: str) -> list[Value]:
        """Return the known items of a list property, noting unknown ones; a single value is a list of one."""
        value = self.get(path)
        if value is None or isinstance(value, Unknown):
            return []
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, Unknown) for item in items):
            note_unknown(self.at(path))
        return [item for item in items if not isinstance(item, Unknown)]

    def blocks(self, path: str) -> list[Block]:
        """Return the known objects of a list property; a single object counts as a list of one."""
        return [
            Block(item, f"{self.at(path)}[{index}]")
            for index, item in enumerate(self.items(path))
            if isinstance(item, dict)
        ]

    def is_known(self, path: str) -> bool:
        """Tell whether the property, with all that it holds, is known (absent is known)."""
        if _holds_unknown(self.get(path)):
            note_unknown(self.at(path))
            return False
        return True


def _truth(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _holds_unknown(value: Value) -> bool:
    if isinstance(value, dict):
        return any(_holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_unknown(item) for item in value)
    return isinstance(value, Unknown)
