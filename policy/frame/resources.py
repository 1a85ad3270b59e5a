"""Resources of one run and the references between them.

Owns the short type names rules are written in, the view of one resource (what was asked for, and what came out) and
the index of a stack that answers "which side resource belongs to this one". A reference counts by the engine's
property dependencies first, so that it is followed at preview too, when its value is unknown; then by value. Does not
know rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from .values import Block, Unknown, Value, is_empty, note_unknown

_TOKEN: Final = re.compile(r"^aws:([^/]+)/([^:]+):[^:]+$")
_SAME_SERVICE: Final = {"alb": "lb", "elasticloadbalancingv2": "lb", "applicationloadbalancing": "lb", "elb": "elb"}
_IDENTIFIERS: Final = ("id", "arn", "name", "bucket", "identifier", "clusterIdentifier", "keyId", "url", "aliasArn")
_URN_PARTS: Final = 4


@lru_cache(maxsize=4096)
def short_type(token: str) -> str:
    """Return `service/resource` of an AWS type token, the token itself otherwise; old spellings count as today's.

    pulumi-aws has `lb` and `alb` for the same resources and kept `...V2` names of the S3 resources.
    """
    match = _TOKEN.match(token)
    if match is None:
        return token
    service, resource = match.groups()
    if service == "s3":
        resource = resource.removesuffix("V2")
    return f"{_SAME_SERVICE.get(service, service)}/{resource}"


@dataclass(frozen=True)
class Finding:
    """One violation: what is wrong with which resource, said so that the reader can act."""

    urn: str
    message: str


class Resource(Block):
    """One resource: `raw` is what was asked for; `outputs` is what came out, unknown at preview where AWS decides."""

    __slots__ = (
        "_identifiers",
        "dependencies",
        "name",
        "outputs",
        "parent",
        "protect",
        "references",
        "token",
        "type",
        "urn",
    )

    def __init__(
        self,
        token: str,
        name: str,
        urn: str,
        properties: Mapping[str, Value],
        *,
        outputs: Mapping[str, Value] | None = None,
        references: Mapping[str, tuple[str, ...]] | None = None,
        dependencies: Iterable[str] = (),
        parent: str | None = None,
        protect: bool = False,
    ) -> None:
        super().__init__(properties)
        self.token = token
        self.type = short_type(token)
        self.name = name
        self.urn = urn
        self.outputs = properties if outputs is None else outputs
        self.references = references or {}
        self.dependencies = frozenset(dependencies)
        self.parent = parent
        self.protect = protect
        self._identifiers: frozenset[str] | None = None

    @property
    def stack(self) -> str:
        """The stack's name, as the URN carries it; empty for a URN of another form."""
        parts = self.urn.split("::")
        return parts[0].rpartition(":")[2] if len(parts) == _URN_PARTS else ""

    @property
    def label(self) -> str:
        """How messages name this resource: its type and logical name."""
        return f"{self.type} {self.name!r}"

    def finding(self, message: str) -> Finding:
        """Report a violation on this resource."""
        return Finding(self.urn, message)

    @property
    def identifiers(self) -> frozenset[str]:
        """The known values by which another resource may refer to this one."""
        if self._identifiers is None:
            values = [view.get(key) for view in (self.raw, self.outputs) for key in _IDENTIFIERS]
            self._identifiers = frozenset(value for value in values if isinstance(value, str) and value)
        return self._identifiers


@dataclass
class Stack:
    """All resources of one run, indexed by type and URN; built once, read by every rule."""

    resources: list[Resource]
    by_urn: dict[str, Resource] = field(init=False)
    _by_type: dict[str, list[Resource]] = field(init=False)
    _links: dict[tuple[str, str, str], list[tuple[Resource, list[Resource]]]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the resources."""
        self.by_urn = {resource.urn: resource for resource in self.resources}
        self._by_type = defaultdict(list)
        self._links = {}
        for resource in self.resources:
            self._by_type[resource.type].append(resource)

    def of(self, *types: str) -> list[Resource]:
        """Return the resources of the given short types."""
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    def targets(self, source: Resource, path: str, *types: str) -> list[Resource]:
        """Follow a reference, single or in a list, to resources of this stack; unknown ends are noted."""
        value = source.peek(path)
        if is_empty(value):
            return []
        candidates = self.of(*types)
        texts = set(_texts(value))
        found = [item for item in candidates if not texts.isdisjoint(item.identifiers)]
        open_end = _has_unknown(value)
        if not found or open_end:
            tracked = source.references.get(path.split(".", maxsplit=1)[0], ())
            found += [item for item in candidates if item.urn in tracked and item not in found]
        if not found and open_end:
            found = [item for item in candidates if item.urn in source.dependencies]
            if not found and not source.references and len(candidates) == 1:
                found = candidates
        if not found and open_end:
            note_unknown(source.at(path))
        return found

    def lacks_side(self, target: Resource, kind: str, path: str) -> bool:
        """Tell whether certainly no resource of type `kind` refers to `target` by `path`.

        A side resource whose reference cannot be told yet may be the one: then the answer is no, and is noted.
        """
        if self.sides(target, kind, path):
            return False
        return all(to or not _has_unknown(side.peek(path)) for side, to in self._links[kind, path, target.type])

    def sides(self, target: Resource, kind: str, path: str) -> list[Resource]:
        """Return the resources of type `kind` whose property `path` refers to `target`.

        A side resource whose reference cannot be told yet is noted: its absence here is then no proof.
        """
        key = (kind, path, target.type)
        if key not in self._links:
            self._links[key] = [(side, self.targets(side, path, target.type)) for side in self.of(kind)]
        for side, to in self._links[key]:
            if not to and _has_unknown(side.peek(path)):
                note_unknown(f"{path} of {side.label}")
        return [side for side, to in self._links[key] if target in to]


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return []


def _has_unknown(value: Value) -> bool:
    if isinstance(value, list):
        return any(_has_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(_has_unknown(item) for item in value.values())
    return isinstance(value, Unknown)
