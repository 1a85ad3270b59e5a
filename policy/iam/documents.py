"""Policy documents as statements, with what is not yet known kept apart.

Owns parsing of identity, trust and resource policies in every spelling that IAM accepts (single text or list, JSON
text or object). Does not judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from policy.frame.resources import Resource
from policy.frame.values import Block, Unknown, Value, parse_json

IDENTITY_TYPES: Final = (
    "iam/policy",
    "iam/rolePolicy",
    "iam/userPolicy",
    "iam/groupPolicy",
    "iam/role",
    "ssoadmin/permissionSetInlinePolicy",
)
_DOCUMENT_PATHS: Final = {"ssoadmin/permissionSetInlinePolicy": "inlinePolicy"}


@dataclass(frozen=True)
class Principal:
    """One entry of a Principal element: its kind (`AWS`, `Service`, `Federated`, `*`) and value."""

    kind: str
    value: str

    @property
    def is_anyone(self) -> bool:
        """Tell whether everybody is meant, or a name in every account."""
        return self.kind in ("AWS", "*") and (self.value == "*" or self.value.startswith(("arn:aws:iam::*:", "*:")))


@dataclass(frozen=True)
class Condition:
    """One key of a Condition element: `StringEquals`, `aws:SourceArn`, its values."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def negates(self) -> bool:
        """Tell whether the operator excludes its values instead of demanding them."""
        return "not" in self.operator.lower()


@dataclass(frozen=True)
class Statement:
    """One statement; lists hold the known texts, `partial` tells that some of it is not known yet."""

    label: str
    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[Principal, ...]
    not_principals: tuple[Principal, ...]
    conditions: tuple[Condition, ...]
    partial: bool

    @property
    def allows(self) -> bool:
        """Tell whether the statement grants (a misspelt effect is refused by IAM and grants nothing)."""
        return self.effect == "Allow"

    def covers(self, action: str) -> bool:
        """Tell whether the statement's Action or NotAction element takes in an action."""
        if self.actions:
            return any(matches(pattern, action) for pattern in self.actions)
        return bool(self.not_actions) and not any(matches(pattern, action) for pattern in self.not_actions)

    @property
    def is_for_everything(self) -> bool:
        """Tell whether the statement's resources are certainly all there are."""
        return bool(self.not_resources) or "*" in self.resources

    def values_of(self, key: str) -> tuple[str, ...]:
        """Return what the conditions demand of a key, compared without regard to case; negations do not count."""
        wanted = key.lower()
        return tuple(
            value
            for condition in self.conditions
            if condition.key.lower() == wanted and not condition.negates
            for value in condition.values
        )


def matches(pattern: str, action: str) -> bool:
    """Tell whether an action pattern of a policy takes in an action (case does not count in IAM actions)."""
    return fnmatchcase(action.lower(), pattern.lower())


def statements(document: Value) -> list[Statement]:
    """Return the known statements of a document; an unknown or broken one has none."""
    parsed = parse_json(document)
    if not isinstance(parsed, dict):
        return []
    blocks = Block(parsed).blocks("Statement")
    return [_statement(block, index) for index, block in enumerate(blocks, start=1)]


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """Yield the statements that a resource of `IDENTITY_TYPES` grants to an identity."""
    if resource.type == "iam/role":
        for inline in resource.blocks("inlinePolicies"):
            yield from statements(inline.get("policy"))
        return
    yield from statements(resource.get(_DOCUMENT_PATHS.get(resource.type, "policy")))


def _statement(block: Block, index: int) -> Statement:
    sid = block.text("Sid")
    return Statement(
        label=f"statement {index}" + (f" ({sid})" if sid else ""),
        effect=block.text("Effect") or "",
        actions=tuple(block.texts("Action")),
        not_actions=tuple(block.texts("NotAction")),
        resources=tuple(block.texts("Resource")),
        not_resources=tuple(block.texts("NotResource")),
        principals=_principals(block, "Principal"),
        not_principals=_principals(block, "NotPrincipal"),
        conditions=_conditions(block.get("Condition")),
        partial=not all(block.is_known(key) for key in block.raw),
    )


def _principals(block: Block, key: str) -> tuple[Principal, ...]:
    value = block.get(key)
    if isinstance(value, str):
        return (Principal("*", value),)
    if not isinstance(value, dict):
        return ()
    entries = Block(value, key)
    return tuple(Principal(kind, text) for kind in value for text in _literal(entries, kind))


def _literal(block: Block, key: str) -> list[str]:
    value = block.raw.get(key)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _conditions(value: Value) -> tuple[Condition, ...]:
    if not isinstance(value, dict):
        return ()
    found: list[Condition] = []
    for operator, keys in value.items():
        for key, wanted in keys.items() if isinstance(keys, dict) else ():
            items = wanted if isinstance(wanted, list) else [wanted]
            known = tuple(_spelt(item) for item in items if not isinstance(item, Unknown))
            found.append(Condition(operator, key, known))
    return tuple(found)


def _spelt(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
