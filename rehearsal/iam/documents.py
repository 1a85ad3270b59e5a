"""Policy documents, read once and asked often.

Owns the elements of a statement in every spelling that IAM accepts, and whether a statement takes in a request. Does
not put statements together to a verdict (`evaluation.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from rehearsal.iam import patterns
from rehearsal.iam.conditions import Test
from rehearsal.iam.patterns import Context, UnresolvedError

_WITH_VARIABLES: Final = "2012-10-17"


class DocumentError(ValueError):
    """A policy document that IAM would refuse; the message says which element."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; an element that it does not have is empty."""

    label: str
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    tests: tuple[Test, ...] = ()
    variables: bool = True

    def names(self, action: str) -> bool:
        """Tell whether Action or NotAction takes in the action."""
        if self.not_actions:
            return not any(patterns.action_matches(pattern, action) for pattern in self.not_actions)
        return any(patterns.action_matches(pattern, action) for pattern in self.actions)

    def reaches(self, resource: str, context: Context) -> bool:
        """Tell whether Resource or NotResource takes in the resource; a trust policy has neither and reaches all."""
        if self.not_resources:
            # A variable without a value leaves open what is excluded, so the statement takes in nothing.
            return not any(self._matches(one, resource, context) in (True, None) for one in self.not_resources)
        return not self.resources or any(self._matches(one, resource, context) for one in self.resources)

    def unmet(self, context: Context) -> Test | None:
        """Return the first condition that a request does not meet, or None."""
        return next((test for test in self.tests if not test.holds(context)), None)

    def _matches(self, pattern: str, resource: str, context: Context) -> bool | None:
        try:
            return patterns.resource_matches(patterns.resolved(pattern, context if self.variables else None), resource)
        except UnresolvedError:
            return None if patterns.resource_matches((patterns.opened(pattern),), resource) else False


@dataclass(frozen=True)
class Policy:
    """A document with the name that messages call it by."""

    name: str
    statements: tuple[Statement, ...]
    _named: dict[str, tuple[Statement, ...]] = field(default_factory=dict[str, tuple[Statement, ...]], compare=False)

    @classmethod
    def of(cls, name: str, document: str | Mapping[str, Any]) -> Policy:
        """Read a document, JSON text or object. Raises `DocumentError` for what IAM would refuse."""
        try:
            content: Any = json.loads(document) if isinstance(document, str) else document
            statements: Any = content["Statement"]
            variables = content.get("Version") == _WITH_VARIABLES
            listed = cast("list[Any]", statements if isinstance(statements, list) else [statements])
            return cls(name, tuple(_statement(one, index, variables=variables) for index, one in enumerate(listed)))
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise DocumentError(f"{name}: {error}") from error

    def naming(self, action: str) -> tuple[Statement, ...]:
        """Return the statements that name the action, whatever else they ask."""
        found = self._named.get(action)
        if found is None:
            found = self._named[action] = tuple(one for one in self.statements if one.names(action))
        return found


def _statement(raw: Mapping[str, Any], index: int, *, variables: bool) -> Statement:
    effect = raw["Effect"]
    if effect not in ("Allow", "Deny"):
        raise DocumentError(f"Effect {effect!r} is neither Allow nor Deny")
    if ("Action" in raw) == ("NotAction" in raw):
        raise DocumentError("a statement has either Action or NotAction")
    condition: Mapping[str, Mapping[str, Any]] = raw.get("Condition", {})
    return Statement(
        label=str(raw.get("Sid") or f"number {index + 1}"),
        allows=effect == "Allow",
        actions=_texts(raw.get("Action", ())),
        not_actions=_texts(raw.get("NotAction", ())),
        resources=_texts(raw.get("Resource", ())),
        not_resources=_texts(raw.get("NotResource", ())),
        principals=_principals(raw.get("Principal")),
        tests=tuple(
            Test(operator=operator, key=key, values=_texts(values), variables=variables)
            for operator, keys in condition.items()
            for key, values in keys.items()
        ),
        variables=variables,
    )


def _principals(raw: str | Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    if raw is None:
        return {}
    return {"AWS": (raw,)} if isinstance(raw, str) else {kind: _texts(names) for kind, names in raw.items()}


def _texts(value: object) -> tuple[str, ...]:
    listed = cast("list[object]", value if isinstance(value, list | tuple) else [value])
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)
