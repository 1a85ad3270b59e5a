"""Privilege escalation: combinations of actions by which an identity gives itself more than it was given.

Owns the search for the known combinations (`methods.py`) over all statements that an identity holds. A grant counts
when it is wide (any resource, no narrowing condition) and no unconditional Deny takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .documents import Statement, matches
from .methods import METHODS, Method

NOT_LIMITING: Final = frozenset(
    {"aws:securetransport", "aws:multifactorauthpresent", "aws:currenttime", "aws:epochtime", "aws:tokenissuetime"}
)
"""Condition keys that say how or when, not what or whose."""


def is_limited(statement: Statement) -> bool:
    """Tell whether a condition narrows what the statement reaches (not only how or when it is used)."""
    return any(condition.key.lower() not in NOT_LIMITING for condition in statement.conditions)


def is_wide(statement: Statement) -> bool:
    """Tell whether the statement reaches all resources, or all of a kind such as every role."""
    if statement.not_resources:
        return True
    return any(item == "*" or item.endswith((":*", ":role/*", ":user/*", ":policy/*")) for item in statement.resources)


def grants(statements: Sequence[Statement], action: str) -> bool:
    """Tell whether an action is granted widely and not taken back."""
    denied = any(
        item.effect == "Deny" and item.covers(action) and item.is_for_everything and not item.conditions
        for item in statements
    )
    return not denied and any(
        item.allows and item.covers(action) and is_wide(item) and not is_limited(item) for item in statements
    )


def methods(statements: Sequence[Statement], boundary: Sequence[Statement] | None = None) -> list[Method]:
    """Return the methods that the statements together give.

    Args:
        statements: All statements of an identity.
        boundary: The statements of its permissions boundary, which must allow an action too.
    """
    return [
        method
        for method in METHODS
        if all(grants(statements, action) and _within(boundary, action) for action in method.actions)
    ]


def _within(boundary: Iterable[Statement] | None, action: str) -> bool:
    if boundary is None:
        return True
    items = list(boundary)
    denied = any(item.effect == "Deny" and item.covers(action) and not item.conditions for item in items)
    return not denied and any(item.allows and item.covers(action) for item in items)


def taken(statement: Statement, actions: Iterable[str]) -> list[str]:
    """Return those of the given actions (patterns allowed) that a statement's Action element takes in."""
    wanted = list(actions)
    return [
        action
        for action in wanted
        if statement.covers(action) or any(matches(action, given) for given in statement.actions)
    ]
