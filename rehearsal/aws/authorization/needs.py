"""Which actions an operation on a resource type takes: CloudFormation's handlers, corrected by `needs.toml`.

Owns the reading of both. Knows no resource and no caller. Roles that are passed, keys and service-linked roles depend
on what a resource holds: `calls.py` asks for those.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from rehearsal.aws.catalog import describe
from rehearsal.aws.replacement import handlers
from rehearsal.iam.catalog import exists

Operation = Literal["create", "read", "update", "delete"]
OPERATIONS: Final[tuple[Operation, ...]] = ("create", "read", "update", "delete")
_ASKED_BY_PROPERTY: Final = ("iam:PassRole", "iam:CreateServiceLinkedRole", "iam:GetRole")


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """What a service does, for its caller, with the key that a property holds."""

    property: str
    via: str
    actions: tuple[str, ...]
    reading: tuple[str, ...] = ()
    removing: tuple[str, ...] = ()

    def on(self, operation: Operation) -> tuple[str, ...]:
        """Return the actions of an operation."""
        return {"read": self.reading, "delete": self.removing}.get(operation, self.actions)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What is said of one type besides its actions."""

    linked: tuple[str, ...] = ()
    passes: Mapping[str, str] = field(default_factory=dict[str, str])
    keys: tuple[KeyUse, ...] = ()
    given: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()

    def absent(self, properties: Mapping[str, object], operation: Operation) -> tuple[str, ...]:
        """Return the patterns of actions that hang on properties which a resource does not have."""
        return tuple(
            pattern
            for name, actions, operations in self.given
            if not properties.get(name) and operation in operations
            for pattern in actions
        )


@cache
def needs(token: str) -> Needs:
    """Return what the table says of a type."""
    row = _rows().get(token, {})
    return Needs(
        linked=tuple(row.get("linked", ())),
        passes=row.get("passes", {}),
        keys=tuple(
            KeyUse(
                property=one["property"],
                via=one["via"],
                actions=tuple(one["actions"]),
                reading=tuple(one.get("reading", ())),
                removing=tuple(one.get("removing", ())),
            )
            for one in _table()["keys"]
            if one["type"] == token
        ),
        given=tuple(
            (one["property"], tuple(one["actions"]), tuple(one.get("operations", OPERATIONS)))
            for one in _table()["given"]
            if one["type"] == token
        ),
    )


@cache
def actions(token: str, operation: Operation) -> tuple[str, ...]:
    """Return the actions that an operation takes on any resource of a type, in order of their names.

    Making and changing read what came of it, as the provider does. An update asks whatever any update may need.
    """
    own = _own(token, operation)
    return tuple(sorted(own | _own(token, "read") if operation in ("create", "update") else own))


@cache
def function_actions(token: str) -> tuple[str, ...]:
    """Return the actions of a function of the provider; none for those that ask nothing or only who calls."""
    return next((tuple(one["actions"]) for one in _table()["functions"] if one["name"] == token), ())


@cache
def _own(token: str, operation: Operation) -> frozenset[str]:
    row = _rows().get(token, {})
    further = frozenset(row.get(operation, ()))
    if row.get("alone"):
        return further
    unused = [*row.get("never", ()), *(row.get("never_on_create", ()) if operation == "create" else ())]
    unused += [
        pattern
        for one in _table()["never"]
        if operation in one.get("operations", OPERATIONS)
        for pattern in one["actions"]
    ]
    # The key of a key's own type is no key of another service.
    unused += _ASKED_BY_PROPERTY if token.startswith("aws:kms/") else (*_ASKED_BY_PROPERTY, "kms:*")
    listed = handlers(describe(token).cloudformation).get(operation, ())
    return further | {one for one in listed if exists(one) and not any(fnmatchcase(one, item) for item in unused)}


@cache
def _rows() -> Mapping[str, Mapping[str, Any]]:
    return {row["type"]: row for row in _table()["types"]}


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "needs.toml").read_text(encoding="utf-8"))
