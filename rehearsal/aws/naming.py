"""Invents physical names the way the official provider does: `<logical name>-<7 hex digits>`, kept across updates.

Owns which property of a type is named by itself and how. Names that the program gives are not touched; their limits are
checked elsewhere (`checking.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.aws.checking import Failure
from rehearsal.aws.knowledge import NameRule, knowledge

if TYPE_CHECKING:
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import JsonObject

_RANDOM_DIGITS = 7


@dataclass(frozen=True, kw_only=True)
class Autonaming:
    """The stack's `pulumi:autonaming` setting for one resource, as the engine passes it on."""

    disabled: bool = False
    enforced: bool = False
    proposed: str = ""


def named_property(resource: ResourceType) -> str | None:
    """The property that gets an invented name when the program gives none; None for types that are not named so."""
    rule = knowledge(resource.token).name or NameRule()
    prop = resource.inputs.get(rule.property)
    return rule.property if prop and not prop.required and prop.shape.kind == "string" else None


def name_failure_or_value(
    resource: ResourceType, inputs: JsonObject, old: JsonObject, logical_name: str, seed: bytes, setting: Autonaming
) -> Failure | tuple[str, str] | None:
    """The property and its invented name, a refusal, or None when there is nothing to invent."""
    name = named_property(resource)
    if name is None or inputs.get(name) is not None or inputs.get(_prefix_property(name)) is not None:
        return None
    rule = knowledge(resource.token).name or NameRule()
    before = old.get(name)
    defaults = old.get("__defaults")
    if isinstance(before, str) and isinstance(defaults, list) and name in defaults:
        return name, before
    if setting.disabled:
        return Failure(
            name, f"{name} is not given and automatic naming is disabled (pulumi:autonaming): set {name} explicitly"
        )
    if setting.proposed:
        invented = setting.proposed
    else:
        digits = hashlib.sha256(seed or logical_name.encode()).hexdigest()[:_RANDOM_DIGITS]
        invented = rule.template.replace("{autoname}", f"{rule.prefix}{logical_name}-{digits}")
    if rule.lower:
        invented = invented.lower()
    if len(invented) > rule.maximum:
        return Failure(
            name, f"{name} would be {invented!r}, {len(invented)} characters; the maximum is {rule.maximum}: set {name}"
        )
    return name, invented


def _prefix_property(name: str) -> str:
    return f"{name}Prefix"
