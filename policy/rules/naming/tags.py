"""Tags: the nine required ones on everything that takes tags, with the values that the project knows.

Owns the rules; keys, values and the list of taggable types are `conventions/tags.py`'s. Tags that the provider adds
by default count (`tagsAll`).
"""

from __future__ import annotations

from policy.conventions import tags
from policy.frame.resources import Resource
from policy.frame.rule import ALL_TYPES, Findings, sample
from policy.frame.values import Unknown, Value

from . import AREA
from .remedies import missing_tags

_COMPLETE = {
    "Name": "prod-pay-eks-was-01",
    "Environment": "prod",
    "System": "pay",
    "Role": "was",
    "Owner": "platform",
    "CostCenter": "fast-order",
    "DataClass": "internal",
    "BackupTier": "none",
    "ManagedBy": "pulumi",
}


def _tags(resource: Resource) -> dict[str, Value] | None:
    """Return the tags of a resource, None when they are not known yet."""
    result: dict[str, Value] = {}
    for path in ("tags", "tagsAll"):
        value = resource.get(path)
        if isinstance(value, Unknown):
            return None
        if isinstance(value, dict):
            result |= value
        for item in resource.blocks(path) if isinstance(value, list) else []:
            key = item.text("key")
            if key:
                result[key] = item.get("value")
    return result


@AREA.rule(
    "tags-complete",
    title="Everything that takes tags carries the nine required tags",
    cause="Backup plans, cost reports and access conditions select by tag: what is not tagged is not backed up, "
    "not booked and not found.",
    remedy="Pass the tags of the tagging module; it fills all nine keys.",
    types=ALL_TYPES,
    severity="low",
    controls=["EC2.33-52", "RDS.28-33", "EKS.6-7"],
    repair=missing_tags,
    good=[sample("eks/cluster", tags=_COMPLETE), sample("eks/cluster", tagsAll=_COMPLETE)],
    bad=[sample("eks/cluster"), sample("eks/cluster", tags={"Name": "prod-pay-eks-was-01"})],
)
def tags_complete(resource: Resource) -> Findings:
    """Compare the keys of tags and provider default tags with the required ones."""
    if resource.type not in tags.taggable():
        return
    present = _tags(resource)
    if present is None:
        return
    missing = [key for key in tags.REQUIRED if not present.get(key)]
    if missing:
        yield resource.finding(f"{resource.label} lacks the tags {', '.join(missing)}")


@AREA.rule(
    "tags-have-known-values",
    title="Tags have the values that the project knows",
    cause="A backup plan that selects BackupTier=critical misses BackupTier=Critical without a word.",
    remedy="Use one of the allowed values, in this spelling.",
    types=ALL_TYPES,
    severity="low",
    good=[sample("eks/cluster", tags=_COMPLETE)],
    bad=[
        sample("eks/cluster", tags={**_COMPLETE, "Environment": "production"}),
        sample("eks/cluster", tags={**_COMPLETE, "BackupTier": "Critical"}),
    ],
)
def tags_have_known_values(resource: Resource) -> Findings:
    """Compare values with the closed lists, and Environment with the stack."""
    if resource.type not in tags.taggable():
        return
    present = _tags(resource) or {}
    for key, allowed in tags.ALLOWED.items():
        value = present.get(key)
        if isinstance(value, str) and value not in allowed:
            yield resource.finding(f"{resource.label}: tag {key} is {value!r}, allowed are {', '.join(allowed)}")
    environment = present.get("Environment")
    if isinstance(environment, str) and resource.stack in tags.ALLOWED["Environment"] and environment != resource.stack:
        yield resource.finding(f"{resource.label}: tag Environment is {environment!r} in stack {resource.stack}")
