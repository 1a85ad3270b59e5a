"""What an operation of the engine did, read from its stream of JSON events.

Owns the translation of engine events (one JSON object a line, `apitype.EngineEvent`) into typed results. It judges
nothing but success: what a change or a violation means is for the caller.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Event: TypeAlias = "Mapping[str, Json]"

# Operations that change nothing that a user could see.
_UNCHANGED = frozenset({"same", "read", "refresh"})
_MANDATORY = "mandatory"
# The engine warns that a language host is not its own; in a rehearsal that is the intention.
_HOST_NOTICE = "using pulumi-language-python from $PATH"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a plan or an update: what happens to one resource."""

    urn: str
    op: str
    type: str
    changed: tuple[str, ...]
    """Paths of the properties that differ, as the engine shows them."""
    parent: str
    """URN of the parent; empty for what has none."""
    protected: bool
    retained: bool
    """Whether deleting it from the stack leaves it in the cloud."""

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rsplit("::", 1)[1]


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine, the program or a plugin."""

    severity: str
    message: str
    urn: str


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A policy's finding on a resource."""

    urn: str
    pack: str
    policy: str
    level: str
    message: str


@dataclass(kw_only=True)
class Outcome:
    """The result of one preview, update, refresh or destroy."""

    operation: str
    succeeded: bool = False
    steps: list[Step] = field(default_factory=list[Step])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    violations: list[Violation] = field(default_factory=list[Violation])
    policies: set[str] = field(default_factory=set[str])
    """Names of the policies that examined at least one resource."""
    failed_resources: list[str] = field(default_factory=list[str])
    said: str = ""
    """What the engine wrote besides events: the reason when it fails before the first event."""
    seconds: float = 0.0
    policy_load_seconds: float = 0.0
    """From the engine's announcement that it loads policy packs to the prelude of the operation."""

    @property
    def changes(self) -> Counter[str]:
        """How many resources there are of each operation (`create`, `update`, `same`, ...)."""
        return Counter(step.op for step in self.steps)

    @property
    def changed_steps(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.op not in _UNCHANGED]

    @property
    def mandatory_violations(self) -> list[Violation]:
        """The findings that stop an operation."""
        return [violation for violation in self.violations if violation.level == _MANDATORY]

    @property
    def errors(self) -> list[str]:
        """The reasons of a failure, each once: error messages, mandatory findings, or else the engine's last word.

        Empty after a success: an error told then is only that a busy machine's plugin took too long to take its leave.
        """
        if self.succeeded:
            return []
        found = [item.message.strip() for item in self.diagnostics if item.severity == "error"]
        # The engine closes a failure with `<operation> failed`; the reasons came before.
        found = [message for message in found if message not in {"preview failed", "update failed"}]
        found += [f"{item.policy}: {item.message.strip()}" for item in self.mandatory_violations]
        return list(dict.fromkeys(found)) or [self.said.strip()]


class OutcomeReader:
    """Folds events into an outcome; a preview that an update begins with is dropped when the update starts."""

    def __init__(self, outcome: Outcome, *, planning: bool) -> None:
        self._outcome = outcome
        self._planning = planning

    def read(self, event: Event) -> None:
        """Take one event in; kinds that say nothing about the outcome are passed over."""
        readers = {
            "resourcePreEvent": self._read_step,
            "resOutputsEvent": self._read_step,
            "resOpFailedEvent": self._read_failure,
            "diagnosticEvent": self._read_diagnostic,
            "policyEvent": self._read_violation,
            "policyAnalyzeSummaryEvent": self._read_policies,
            "policyAnalyzeStackSummaryEvent": self._read_policies,
        }
        for kind, reader in readers.items():
            if kind in event:
                reader(cast("dict[str, Json]", event[kind]))

    def _read_step(self, payload: dict[str, Json]) -> None:
        if bool(payload.get("planning")) is not self._planning:
            return
        metadata = cast("dict[str, Json]", payload["metadata"])
        detailed = cast("dict[str, Json] | None", metadata.get("detailedDiff")) or {}
        diffs = cast("list[str] | None", metadata.get("diffs")) or []
        state = cast("dict[str, Json] | None", metadata.get("new") or metadata.get("old")) or {}
        step = Step(
            urn=str(metadata["urn"]),
            op=str(metadata["op"]),
            type=str(metadata["type"]),
            changed=tuple(sorted(detailed or diffs)),
            parent=str(state.get("parent") or ""),
            protected=bool(state.get("protect")),
            retained=bool(state.get("retainOnDelete")),
        )
        # Each step is announced and then told again with its result; a refresh tells its true operation only then.
        superseded = {(step.urn, step.op), (step.urn, "refresh")}
        self._outcome.steps = [known for known in self._outcome.steps if (known.urn, known.op) not in superseded]
        self._outcome.steps.append(step)

    def _read_failure(self, payload: dict[str, Json]) -> None:
        metadata = cast("dict[str, Json]", payload["metadata"])
        self._outcome.failed_resources.append(str(metadata["urn"]))

    def _read_diagnostic(self, payload: dict[str, Json]) -> None:
        if payload.get("ephemeral") or payload["severity"] == "debug" or _HOST_NOTICE in str(payload["message"]):
            return
        diagnostic = Diagnostic(
            severity=str(payload["severity"]), message=str(payload["message"]), urn=str(payload.get("urn", ""))
        )
        self._outcome.diagnostics.append(diagnostic)

    def _read_violation(self, payload: dict[str, Json]) -> None:
        violation = Violation(
            urn=str(payload.get("resourceUrn", "")),
            pack=str(payload["policyPackName"]),
            policy=str(payload["policyName"]),
            level=str(payload["enforcementLevel"]),
            message=str(payload["message"]),
        )
        if violation not in self._outcome.violations:
            self._outcome.violations.append(violation)

    def _read_policies(self, payload: dict[str, Json]) -> None:
        for outcome in ("passed", "failed"):
            self._outcome.policies.update(cast("list[str] | None", payload.get(outcome)) or [])
