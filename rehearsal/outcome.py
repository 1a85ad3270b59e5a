"""What an operation of the engine did, read from its stream of JSON events.

Owns the translation of engine events (one JSON object a line, `apitype.EngineEvent`) into typed results. It judges
nothing but success: what a change or a violation means is for the caller. The stream of a real account's engine is the
same, so the reports in `operations/` read it by this module too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Event: TypeAlias = "Mapping[str, Json]"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that is not known yet, in events and to plugins alike.

It is `pulumi.runtime.rpc.UNKNOWN`, which is slow to import.
"""

# Operations that change nothing that a user could see.
_UNCHANGED = frozenset({"same", "read", "refresh"})
_MANDATORY = "mandatory"
_WAIVED_PREFIX = "waived: "
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
    forcing: tuple[str, ...] = ()
    """Those of them for which the provider replaces the resource."""
    before: Mapping[str, Json] | None = field(default=None, repr=False, compare=False)
    after: Mapping[str, Json] | None = field(default=None, repr=False, compare=False)
    """Inputs before and after; None where the resource does not exist then. The engine masks secrets in them."""
    parent: str
    """URN of the parent; empty for what has none."""
    provider: str = ""
    """Reference of the provider that makes it: its URN and id; empty for components."""
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
    severity: str = ""


@dataclass(frozen=True, kw_only=True)
class Remediation:
    """What a policy at the level `remediate` rewrote in a resource's inputs."""

    urn: str
    policy: str
    changed: tuple[str, ...]
    """Names of the inputs that it set, changed or removed."""


@dataclass(kw_only=True)
class Outcome:
    """The result of one preview, update, refresh or destroy."""

    operation: str
    succeeded: bool = False
    steps: list[Step] = field(default_factory=list[Step])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    violations: list[Violation] = field(default_factory=list[Violation])
    remediations: list[Remediation] = field(default_factory=list[Remediation])
    policies: set[str] = field(default_factory=set[str])
    """Names of the policies that examined at least one resource."""
    decided: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By URN, the policies on single resources that passed or failed there."""
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
    def waived(self) -> list[str]:
        """The waivers that were used, each as the pack tells it: `rule on resource: reason (owner, until)`."""
        said = [item.message.strip() for item in self.diagnostics]
        return sorted({line.removeprefix(_WAIVED_PREFIX) for line in said if line.startswith(_WAIVED_PREFIX)})

    @property
    def undecided(self) -> list[tuple[str, str]]:
        """Policies that wait for a value, with the URN of the resource that has it, in order.

        The engine does not tell them; they are missing where every other resource has passed or failed them. Policies
        on the whole stack are told once, so one of them that waits cannot be seen here.
        """
        everywhere = set[str]().union(*self.decided.values())
        return sorted((policy, urn) for urn, decided in self.decided.items() for policy in everywhere - decided)

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
            "policyRemediationEvent": self._read_remediation,
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
        keys = cast("list[str] | None", metadata.get("keys")) or []
        old = cast("dict[str, Json] | None", metadata.get("old")) or {}
        new = cast("dict[str, Json] | None", metadata.get("new")) or {}
        state = new or old
        step = Step(
            urn=str(metadata["urn"]),
            op=str(metadata["op"]),
            type=str(metadata["type"]),
            changed=tuple(sorted(detailed or diffs)),
            forcing=tuple(sorted({path for path, diff in detailed.items() if _replaces(diff)} or keys)),
            before=cast("dict[str, Json] | None", old.get("inputs")) or {} if old else None,
            after=cast("dict[str, Json] | None", new.get("inputs")) or {} if new else None,
            parent=str(state.get("parent") or ""),
            provider=str(state.get("provider") or ""),
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
            severity=str(payload.get("severity", "")),
        )
        if violation not in self._outcome.violations:
            self._outcome.violations.append(violation)

    def _read_remediation(self, payload: dict[str, Json]) -> None:
        before = cast("dict[str, Json] | None", payload.get("before")) or {}
        after = cast("dict[str, Json] | None", payload.get("after")) or {}
        changed = tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
        remediation = Remediation(
            urn=str(payload.get("resourceUrn", "")), policy=str(payload["policyName"]), changed=changed
        )
        if remediation not in self._outcome.remediations:
            self._outcome.remediations.append(remediation)

    def _read_policies(self, payload: dict[str, Json]) -> None:
        found = {
            policy
            for outcome in ("passed", "failed")
            for policy in cast("list[str] | None", payload.get(outcome)) or []
        }
        self._outcome.policies |= found
        if "resourceUrn" in payload:
            self._outcome.decided.setdefault(str(payload["resourceUrn"]), set()).update(found)


def _replaces(diff: Json) -> bool:
    return isinstance(diff, dict) and str(diff.get("diffKind", "")).endswith("-replace")
