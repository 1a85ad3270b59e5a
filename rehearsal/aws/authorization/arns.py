"""The resource that a call acts on, as an ARN.

Owns the match between the ARNs that AWS documents for an action and what a resource holds: its own ARN, those that it
points to, and names in its properties. Where AWS chooses the id and nothing tells it, the id of the resource stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from rehearsal.aws.invention import PARTITION
from rehearsal.iam.catalog import resource_arns

if TYPE_CHECKING:
    from rehearsal.cloud import Json, JsonObject

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
# Properties that hold what a variable of an ARN stands for, where the names do not tell.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "BucketName": ("bucket",),
    "RoleNameWithPath": ("role", "roleName"),
    "KeyId": ("keyId", "targetKeyId"),
    "RepositoryName": ("repository", "repositoryName"),
    "ClusterName": ("clusterName",),
    "FunctionName": ("functionName",),
    "LogGroupName": ("logGroupName",),
    "HostedZoneId": ("hostedZoneId", "zoneId"),
    "BackupVaultName": ("backupVaultName",),
    "RestoreTestingPlanName": ("restoreTestingPlanName",),
    "FileSystemId": ("fileSystemId",),
    "DetectorId": ("detectorId",),
    "SecurityGroupId": ("securityGroupId",),
    "InstanceProfileNameWithPath": ("iamInstanceProfile", "name"),
}
# Parameters that AWS publishes belong to no account (Systems Manager user guide, "Calling AMI public parameters").
_PUBLIC_PARAMETERS: Final = "/aws/service/"
_WHOLE: Final = re.compile(r"arn:[^:]+:[a-z0-9-]+:[^:]*:[^:]*:\S+")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an operation happens: account and region, and the resource with its id and properties."""

    account: str
    region: str
    identifier: str
    properties: JsonObject

    def arns(self) -> tuple[str, ...]:
        """Return the ARNs that the resource has, its own first."""
        own = [text for text in (self.properties.get("arn"), self.identifier) if isinstance(text, str)]
        return tuple(one for one in dict.fromkeys([*own, *_texts(self.properties)]) if _WHOLE.fullmatch(one))


def resource_of(action: str, place: Place) -> str:
    """Return the ARN that an action acts on, or `*` for an action that acts on none."""
    # A bucket's own ARN has no account; access points, which share its actions, have one.
    patterns = sorted(resource_arns(action), key=lambda pattern: ":s3:" in pattern and ":s3:::" not in pattern)
    if not patterns:
        return "*"
    if place.identifier.startswith(_PUBLIC_PARAMETERS):
        return f"arn:{PARTITION}:ssm:{place.region}::parameter{place.identifier}"
    arns = place.arns()
    for arn in arns:
        if any(_shape(pattern).fullmatch(arn) for pattern in patterns):
            return arn
    filled = [_fill(pattern, place) for pattern in patterns]
    return next((arn for arn, whole in filled if whole), filled[0][0])


def held(properties: JsonObject, path: str) -> tuple[str, ...]:
    """Return the texts at a path such as `rootBlockDevice.kmsKeyId`, through lists."""
    values: list[Json] = [properties]
    for step in path.split("."):
        values = [value.get(step) for value in _flat(values) if isinstance(value, dict)]
    return tuple(value for value in _flat(values) if isinstance(value, str) and value)


def paths(properties: JsonObject, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return each text with its path."""
    for name, value in properties.items():
        for one in _flat([value]):
            if isinstance(one, dict):
                yield from paths(one, f"{prefix}{name}.")
            elif isinstance(one, str):
                yield f"{prefix}{name}", one


def _flat(values: list[Json]) -> list[Json]:
    return [inner for value in values for inner in (_flat(value) if isinstance(value, list) else [value])]


def _texts(properties: JsonObject) -> Iterator[str]:
    return (text for _, text in paths(properties))


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    pieces = _VARIABLE.split(pattern)
    wild = [re.escape(piece) if index % 2 == 0 else "[^:]*" for index, piece in enumerate(pieces)]
    # The last variable takes the rest: object keys and log streams have colons and slashes.
    return re.compile("".join(wild))


def _fill(pattern: str, place: Place) -> tuple[str, bool]:
    whole = True

    def value(match: re.Match[str]) -> str:
        nonlocal whole
        name = match[1]
        fixed = {"Partition": PARTITION, "Account": place.account, "Region": place.region}.get(name)
        if fixed is not None:
            return fixed
        stated = _NAMES.get(name, (name[0].lower() + name[1:],))
        found = next((str(value) for one in stated if (value := place.properties.get(one))), None)
        whole = whole and found is not None
        return found or place.identifier.rsplit(":", 1)[-1].rsplit("/", 1)[-1] or "new"

    return _VARIABLE.sub(value, pattern), whole
