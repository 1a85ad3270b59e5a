"""Values for outputs that neither the inputs nor the table `types.toml` decide, guessed from their names and shapes.

Owns the conventions (`ownerId` is the account, `...Time` is a moment, an argument left out is empty). What it returns
is plausible, never verified: `fidelity.py` counts these properties as invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.aws.invention import Inventor
    from rehearsal.aws.shapes import Property
    from rehearsal.cloud import Json

_MOMENT = "2026-01-01T00:00:00Z"
_NOTHING: Mapping[str, Property] = {}
_BY_EXACT_NAME = {
    "ownerId": "{account}",
    "accountId": "{account}",
    "awsAccountId": "{account}",
    "registryId": "{account}",
    "availabilityZone": "{region}a",
    "publicIp": "203.0.113.10",
    "publicDns": "ec2-203-0-113-10.{region}.compute.amazonaws.com",
    "privateIp": "10.0.0.10",
    "status": "ACTIVE",
    "state": "available",
    "preferredBackupWindow": "16:00-16:30",
    "preferredMaintenanceWindow": "sun:17:00-sun:17:30",
    "maintenanceWindow": "sun:17:00-sun:18:00",
    "snapshotWindow": "16:00-17:00",
}
_BY_ENDING = (
    (("Arn",), ""),
    (("Date", "Time", "At", "Till"), _MOMENT),
    (("endpoint", "Endpoint", "dnsName", "DnsName", "domainName"), "{hex8}.{region}.amazonaws.com"),
    (("Url", "url"), "https://{hex8}.{region}.amazonaws.com"),
    (("Id", "Etag", "etag", "Token"), "{hex17}"),
)


def by_convention(
    objects: Mapping[str, Mapping[str, Property]],
    prop: Property,
    inventor: Inventor,
    *,
    known: bool,
    depth: int = 4,
) -> Json:
    """A value for an output.

    Args:
        objects: The nested shapes of the resource's outputs by name.
        prop: The output.
        inventor: What templates may refer to.
        known: Whether the output is also an argument, which then was left out.
        depth: How many levels of nested objects to fill.
    """
    kind, default = prop.shape.kind, prop.default
    if kind in {"integer", "number"}:
        return int(default) if default and default.lstrip("-").isdecimal() else 0
    if kind == "boolean":
        return default == "true"
    if kind == "list":
        return []
    if kind == "map":
        return {}
    if kind == "object":
        members = objects.get(prop.shape.object_name, _NOTHING) if depth else _NOTHING
        return {
            member.name: by_convention(objects, member, inventor, known=known, depth=depth - 1)
            for member in members.values()
            if member.required
        }
    return _invent_text(prop, inventor, known=known)


def _invent_text(prop: Property, inventor: Inventor, *, known: bool) -> str:
    if prop.name in _BY_EXACT_NAME:
        return inventor.text(_BY_EXACT_NAME[prop.name])
    if prop.default:
        return prop.default.strip('"')
    # An argument left out stays empty in the account; only what AWS always computes gets a value.
    if known:
        return ""
    for endings, template in _BY_ENDING:
        if prop.name.endswith(endings):
            return inventor.text(template)
    return ""
