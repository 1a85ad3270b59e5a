"""A stack's resources as the cost rules see them: type, inputs, and the neighbors that a price depends on.

Owns reading Pulumi's inputs without trusting them: what is unknown at preview or of another form is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rehearsal.outcome import UNKNOWN, Json, Step

_SUFFIXES: Final = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource with its inputs."""

    urn: str
    type: str
    inputs: Mapping[str, Json]
    provider: str = ""

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def region(self) -> str:
        """The AWS region that the inputs name; empty for the provider's own."""
        return self.text("region") or ""

    def get(self, *path: str) -> Json:
        """Return the value at a path, None where there is none or it is not yet known."""
        value: Json = dict(self.inputs)
        for part in path:
            if not isinstance(value, dict):
                return None
            value = value.get(part)
        return None if value == UNKNOWN else value

    def text(self, *path: str) -> str | None:
        """Return the value at a path if it is a text."""
        value = self.get(*path)
        return value if isinstance(value, str) else None

    def number(self, *path: str) -> float | None:
        """Return the value at a path if it is a number."""
        value = self.get(*path)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def count(self, *path: str) -> int | None:
        """Return the length of the list at a path."""
        value = self.get(*path)
        return len(value) if isinstance(value, list) else None

    def blocks(self, *path: str) -> list[Resource]:
        """Return the parts of the list at a path, each to be asked like the resource itself."""
        value = self.get(*path)
        parts = value if isinstance(value, list) else []
        return [replace(self, inputs=part) for part in parts if isinstance(part, dict)]

    def quantity(self, *path: str) -> float | None:
        """Return the Kubernetes quantity at a path (`250m`, `1Gi`) as a plain number."""
        text = str(self.get(*path) or "")
        suffix = next((one for one in _SUFFIXES if text.endswith(one)), "")
        try:
            return float(text.removesuffix(suffix)) * _SUFFIXES.get(suffix, 1)
        except ValueError:
            return None


@dataclass(frozen=True)
class Resources:
    """All resources of a stack at one moment."""

    all: tuple[Resource, ...]
    by_type: Mapping[str, list[Resource]] = field(default_factory=dict[str, list[Resource]])

    @classmethod
    def before(cls, steps: Iterable[Step]) -> Resources:
        """Return what is there before a preview's steps."""
        return cls._of({step.urn: (step, step.before) for step in steps if step.before is not None})

    @classmethod
    def after(cls, steps: Iterable[Step]) -> Resources:
        """Return what is there after them."""
        return cls._of({step.urn: (step, step.after) for step in steps if step.after is not None})

    @classmethod
    def _of(cls, chosen: Mapping[str, tuple[Step, Mapping[str, Json]]]) -> Resources:
        found = tuple(
            Resource(urn=urn, type=step.type, inputs=inputs, provider=step.provider)
            for urn, (step, inputs) in sorted(chosen.items())
        )
        by_type: dict[str, list[Resource]] = {}
        for resource in found:
            by_type.setdefault(resource.type, []).append(resource)
        return cls(found, by_type)

    def of(self, type_: str) -> list[Resource]:
        """Return the resources of a type, in order of their URNs."""
        return self.by_type.get(type_, [])
