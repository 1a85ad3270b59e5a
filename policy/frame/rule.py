"""What a rule is: an identifier, its metadata, its check and the examples that document and test it.

Owns the registry. A rule is declared by decorating its check; the examples beside it are at once the documentation's
and the tests' (good ones must pass, bad ones must be found), so neither can drift from the rule. Does not run rules.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

from .resources import Finding, Resource, Stack, short_type
from .values import Value

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
Scope: TypeAlias = Literal["resource", "stack"]
Level: TypeAlias = Literal["mandatory", "advisory"]
Findings: TypeAlias = Iterator[Finding]
ALL_TYPES: Final = ("*",)
_ID: Final = re.compile(r"^[a-z][a-z0-9]+(-[a-z0-9]+)+$")


@dataclass(frozen=True)
class Ref:
    """In an example: a reference to another resource of the example, by logical name and output."""

    name: str
    output: str = "id"


ExampleValue: TypeAlias = "bool | int | float | str | Ref | Sequence[ExampleValue] | Mapping[str, ExampleValue] | None"


@dataclass(frozen=True)
class Sample:
    """In an example: one resource by short type (or full token), logical name and properties."""

    type: str
    name: str
    properties: Mapping[str, ExampleValue]
    protect: bool = False
    parent: str | None = None


def sample(
    type_: str,
    name: str = "example",
    /,
    *,
    protect: bool = False,
    child_of: str | None = None,
    **properties: ExampleValue,
) -> Sample:
    """Write an example resource: `sample("ebs/volume", encrypted=True)`; `child_of` names its parent."""
    return Sample(type_, name, properties, protect, child_of)


Example: TypeAlias = tuple[Sample, ...]


@dataclass(frozen=True)
class Run:
    """What a check may ask beside its resource: the stack around it and the rule's settings."""

    stack: Stack
    settings: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def number(self, name: str) -> float:
        """Return a numeric setting of the rule (numbers arrive as floats from the engine)."""
        value = self.settings.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            msg = f"setting {name!r} must be a number, got {value!r}: correct it in the policy configuration"
            raise TypeError(msg)
        return float(value)

    def texts(self, name: str) -> list[str]:
        """Return a setting of the rule that is a list of texts."""
        value = self.settings.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


OneArgument: TypeAlias = Callable[[Resource], Findings]
TwoArguments: TypeAlias = Callable[[Resource, Run], Findings]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the pack, with all that its documentation, the engine and the tests need."""

    id: str
    area: str
    title: str
    cause: str
    severity: Severity
    scope: Scope
    types: tuple[str, ...]
    controls: tuple[str, ...]
    remedy: str
    settings: Mapping[str, Value]
    good: tuple[Example, ...]
    bad: tuple[Example, ...]
    check: TwoArguments
    repair: Callable[[Resource], Mapping[str, Value]] | None

    @property
    def level(self) -> Level:
        """The level where no configuration says otherwise: what is good practice only does not stop a deployment."""
        return "advisory" if self.severity == "low" else "mandatory"

    def applies_to(self, token: str) -> bool:
        """Tell whether the rule looks at resources of this type token."""
        return self.types == ALL_TYPES or short_type(token) in self.types


_RULES: dict[str, Rule] = {}


def rules() -> dict[str, Rule]:
    """Return the registered rules by identifier, in the order of declaration."""
    return _RULES


@dataclass(frozen=True)
class Area:
    """A section of the pack: declares rules under its name."""

    name: str

    def rule(
        self,
        id_: str,
        *,
        title: str,
        cause: str,
        remedy: str,
        types: Iterable[str],
        good: Iterable[Sample | Example],
        bad: Iterable[Sample | Example],
        severity: Severity = "medium",
        controls: Iterable[str] = (),
        settings: Mapping[str, Value] | None = None,
        scope: Scope = "resource",
        repair: Callable[[Resource], Mapping[str, Value]] | None = None,
    ) -> Callable[[Callable[..., Findings]], Callable[..., Findings]]:
        """Register the decorated check.

        Args:
            id_: The rule's name in the engine, in configuration and in waivers.
            title: The rule as one sentence in the present tense.
            cause: Why it matters: what goes wrong without it.
            remedy: What to write instead.
            types: Short types of the resources to check; `ALL_TYPES` for every resource.
            good: Examples that pass.
            bad: Examples that the rule must find.
            severity: How bad a violation is. `low` is good practice: by such a violation alone nothing is lost, read or
                taken by others, so the rule is advisory until a stack's configuration says otherwise.
            controls: Identifiers of published controls that it answers.
            settings: The rule's settings and their defaults; configuration may override them.
            repair: Returns the properties to change at the level `remediate`; only where that is safe.
            scope: `stack` when the verdict needs other resources; the check then takes the run as well.

        Raises:
            ValueError: The identifier is taken, or not words joined by hyphens, or an example is missing.
        """

        def register(check: Callable[..., Findings]) -> Callable[..., Findings]:
            if id_ in _RULES or not _ID.match(id_):
                msg = f"rule id {id_!r} must be new, and lower-case words joined by hyphens"
                raise ValueError(msg)
            takes_run = len(inspect.signature(check).parameters) > 1
            full = cast("TwoArguments", check) if takes_run else _without_run(cast("OneArgument", check))
            _RULES[id_] = Rule(
                id=id_,
                area=self.name,
                title=title,
                cause=cause,
                severity=severity,
                scope=scope,
                types=tuple(types),
                controls=tuple(controls),
                remedy=remedy,
                settings=settings or {},
                good=_examples(id_, good),
                bad=_examples(id_, bad),
                check=full,
                repair=repair,
            )
            return check

        return register


def _without_run(check: OneArgument) -> TwoArguments:
    def full(resource: Resource, _run: Run) -> Findings:
        return check(resource)

    return full


def _examples(id_: str, examples: Iterable[Sample | Example]) -> tuple[Example, ...]:
    result = tuple((item,) if isinstance(item, Sample) else item for item in examples)
    if not result:
        msg = f"rule {id_!r} needs a good and a bad example"
        raise ValueError(msg)
    return result
