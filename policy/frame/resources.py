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
from functools import cached_property, lru_cache
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
            known = {value for value in values if isinstance(value, str) and value}
            if self.type == "s3/bucket":
                known |= {f"arn:aws:s3:::{value}" for value in known if ":" not in value}
            self._identifiers = frozenset(known)
        return self._identifiers


@dataclass
class _Links:
    """Who refers to whom by one property: sides by target URN, and sides whose target cannot be told yet."""

    by_target: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    loose: list[Resource] = field(default_factory=list[Resource])


class Stack:
    """All resources of one run, indexed by type, URN, identifier and reference; read by every rule."""

    def __init__(self, resources: list[Resource]) -> None:
        self.resources = resources
        self._by_urn = {resource.urn: resource for resource in resources}
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._by_identifier: dict[str, dict[str, list[Resource]]] = {}
        self._links: dict[tuple[str, str, str], _Links] = {}
        for resource in resources:
            self._by_type[resource.type].append(resource)

    def of(self, *types: str) -> list[Resource]:
        """Return the resources of the given short types."""
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    @cached_property
    def texts(self) -> frozenset[str]:
        """Every known text among the outputs of the stack, for rules that ask whether somebody owns a name."""
        return frozenset(
            value for resource in self.resources for value in resource.outputs.values() if isinstance(value, str)
        )

    def targets(self, source: Resource, path: str, kind: str) -> list[Resource]:
        """Follow a reference, single or in a list, to resources of type `kind`; unknown ends are noted."""
        value = source.peek(path)
        if is_empty(value):
            return []
        found = self._named(kind, _texts(value))
        open_end = _has_unknown(value)
        if not found or open_end:
            found += self._among(kind, source.references.get(path.split(".", maxsplit=1)[0], ()), found)
        if not found and open_end:
            found = self._among(kind, source.dependencies, ())
            if not found and not source.references and len(self._by_type.get(kind, ())) == 1:
                found = self.of(kind)
        if not found and open_end:
            note_unknown(source.at(path))
        return found

    def lacks_side(self, target: Resource, kind: str, path: str) -> bool:
        """Tell whether certainly no resource of type `kind` refers to `target` by `path`.

        A side resource whose reference cannot be told yet may be the one: then the answer is no, and is noted.
        """
        return not self.sides(target, kind, path) and not self._linked(kind, path, target.type).loose

    def sides(self, target: Resource, kind: str, path: str) -> list[Resource]:
        """Return the resources of type `kind` whose property `path` refers to `target`.

        A side resource whose reference cannot be told yet is noted: its absence here is then no proof.
        """
        links = self._linked(kind, path, target.type)
        for side in links.loose:
            note_unknown(f"{path} of {side.label}")
        return list(links.by_target.get(target.urn, ()))

    def _linked(self, kind: str, path: str, target_kind: str) -> _Links:
        key = (kind, path, target_kind)
        if key not in self._links:
            links = self._links[key] = _Links()
            for side in self.of(kind):
                to = self.targets(side, path, target_kind)
                for target in to:
                    links.by_target[target.urn].append(side)
                if not to and _has_unknown(side.peek(path)):
                    links.loose.append(side)
        return self._links[key]

    def _named(self, kind: str, texts: list[str]) -> list[Resource]:
        if kind not in self._by_identifier:
            index = self._by_identifier[kind] = defaultdict(list)
            for resource in self.of(kind):
                for identifier in resource.identifiers:
                    index[identifier].append(resource)
        found = [resource for text in texts for resource in self._by_identifier[kind].get(text, ())]
        return list(dict.fromkeys(found))

    def _among(self, kind: str, urns: Iterable[str], known: Iterable[Resource]) -> list[Resource]:
        resources = [self._by_urn[urn] for urn in urns if urn in self._by_urn]
        return [item for item in resources if item.type == kind and item not in known]


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
