"""What a preview would do to each resource, and whether state would be lost by it.

Owns the reading of steps: the three steps of a replacement are one change, and a change to what holds data stands out.
Does not own the look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rehearsal.outcome import UNKNOWN, Json, Step

Kind: TypeAlias = Literal["replace", "delete", "update", "create", "import", "other"]

STATEFUL: Final = frozenset(
    {
        "aws:backup/vault:Vault",
        "aws:ebs/volume:Volume",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:rds/cluster:Cluster",
        "aws:rds/clusterInstance:ClusterInstance",
        "aws:rds/globalCluster:GlobalCluster",
        "aws:rds/instance:Instance",
        "aws:route53/zone:Zone",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
        "eks:index:Cluster",
    }
)
"""What takes data, names or keys with it when it goes; whatever is protected counts as well."""

_KINDS: Final[Mapping[str, Kind]] = {
    "create": "create",
    "create-replacement": "replace",
    "delete": "delete",
    "delete-replaced": "replace",
    "import": "import",
    "import-replacement": "replace",
    "replace": "replace",
    "update": "update",
}
_NOTHING: Final = frozenset({"same", "read", "refresh", "remove-pending-replace"})
_SECRET: Final = re.compile(r"(?i)secret|passw|passphrase|token|credential|private|stringdata|^data\b")
_PATH: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property that differs; the values are None where they are structures or may be secret."""

    path: str
    forces: bool
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource."""

    kind: Kind
    urn: str
    type: str
    op: str
    stateful: bool
    retained: bool
    protected: bool
    differences: tuple[Difference, ...]

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def destroys(self) -> bool:
        """Whether the resource that is there now goes."""
        return self.kind in {"replace", "delete"}


def changes(steps: Iterable[Step]) -> list[Change]:
    """Return the changes: what destroys first, then by kind and URN."""
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        if step.op not in _NOTHING:
            by_urn.setdefault(step.urn, []).append(step)
    return sorted((_change(group) for group in by_urn.values()), key=_weight)


def _change(group: list[Step]) -> Change:
    kinds = {_KINDS.get(step.op, "other") for step in group}
    # The step with the most to say stands for all: of a replacement, the one that names what forces it.
    told = max(group, key=lambda step: (len(step.forcing), len(step.changed), step.op))
    kind: Kind = "replace" if "replace" in kinds else _KINDS.get(told.op, "other")
    return Change(
        kind=kind,
        urn=told.urn,
        type=told.type,
        op=told.op,
        stateful=told.type in STATEFUL or any(step.protected or step.retained for step in group),
        retained=any(step.retained for step in group),
        protected=any(step.protected for step in group),
        differences=tuple(_difference(path, told) for path in sorted(set(told.changed) | set(told.forcing))),
    )


def _weight(change: Change) -> tuple[bool, str, str]:
    return not change.destroys, change.kind, change.urn


def _difference(path: str, step: Step) -> Difference:
    hidden = _SECRET.search(path) is not None
    before, after = (None, None) if hidden else (_shown(step.before or {}, path), _shown(step.after or {}, path))
    return Difference(path=path, forces=path in step.forcing, before=before, after=after)


def _shown(inputs: Mapping[str, Json], path: str) -> str | None:
    value: Json = dict(inputs)
    for key, index, name in _PATH.findall(path):
        if isinstance(value, dict):
            value = value.get(key or name)
        elif isinstance(value, list) and index:
            value = value[int(index)] if int(index) < len(value) else None
        else:
            return None
    if isinstance(value, dict | list):
        return None
    if value is None:
        return "nothing"
    return "known after the update" if value == UNKNOWN else str(value)
