"""Remediation of missing tags: fills in what the resource's own name and stack already say.

Owns the opt-in repair of `tags-complete`, active only at enforcement level `remediate`. It adds and never changes a
tag, and invents none: owner, cost center, data class and backup tier stay a person's decision.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy.conventions import names, tags
from policy.frame.resources import Resource
from policy.frame.values import Value


def missing_tags(resource: Resource) -> Mapping[str, Value]:
    """Return the property to change, `tags` with additions; empty when nothing can be added with certainty."""
    current = resource.get("tags")
    listed = not isinstance(current, dict) and current is not None
    if resource.type not in tags.taggable() or listed or not resource.is_known("tags"):
        return {}
    present: dict[str, Value] = dict(current) if isinstance(current, dict) else {}
    path = names.name_property(resource.type)
    name = (resource.text(path) if path else None) or present.get("Name")
    derived = _from_name(resource, name) if isinstance(name, str) else {}
    added = {key: value for key, value in derived.items() if not present.get(key)}
    return {"tags": {**present, **added}} if added else {}


def _from_name(resource: Resource, name: str) -> dict[str, Value]:
    plain = name.removeprefix("alias/").removeprefix("aws-waf-logs-")
    if names.violations(resource.type, name) or "/" in plain:
        return {}
    environment, system, _, role, *_ = plain.replace("_", "-").split("-")
    return {"Name": name, "Environment": environment, "System": system, "Role": role, "ManagedBy": "pulumi"}
