"""Runs the pack without an engine: protocol messages in, violations out, through the SDK's own analyzer and proxies.

Owns what tests, the benchmark and `python -m policy check` share. Records have the form that `reports/examples.py`
writes: type, name, urn, inputs, outputs, propertyDependencies, parent, protect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel

from . import engine, server
from .rule import Rule
from .session import Session
from .waivers import WaiverFile

Record: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Violation:
    """One violation as the engine would show it."""

    rule: str
    urn: str
    message: str
    level: str


@dataclass
class Outcome:
    """What came back: violations, rules that wait for values (`rule: reason`), waivers that were used."""

    violations: list[Violation] = field(default_factory=list[Violation])
    waiting: list[str] = field(default_factory=list[str])
    waived: list[str] = field(default_factory=list[str])

    @property
    def mandatory(self) -> list[Violation]:
        """The violations that stop a deployment."""
        return [item for item in self.violations if item.level == "mandatory"]

    @property
    def rules(self) -> set[str]:
        """Names of the violated rules."""
        return {item.rule for item in self.violations}

    def add(self, response: proto.AnalyzeResponse, urn: str = "") -> None:
        """Take over a response; the engine itself knows which resource it asked about."""
        self.violations += [
            Violation(item.policyName, item.urn or urn, item.message, server.LEVEL_NAMES[item.enforcementLevel])
            for item in response.diagnostics
        ]
        self.waiting += [f"{item.policy_name}: {item.reason}" for item in response.not_applicable]


class Runner:
    """The pack behind the SDK's servicer, with all of its rules or some."""

    def __init__(
        self,
        rules: Iterable[Rule],
        waivers: WaiverFile | None = None,
        *,
        previewing: bool = True,
        configuration: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        chosen = {rule.id: rule for rule in rules}
        self.session = Session(waivers or WaiverFile("", ()), previewing=previewing)
        servicer = server.servicer_class(chosen, self.session, {})
        policies = engine.policies(chosen, self.session)
        self._servicer = servicer(engine.NAME, "0.0.1", policies, EnforcementLevel.MANDATORY)
        if configuration:
            self._servicer.Configure(_configuration(configuration), None)

    def remediate(self, request: proto.AnalyzeRequest) -> proto.RemediateResponse:
        """Ask for repairs of one resource, which only rules at the level `remediate` give."""
        return self._servicer.Remediate(request, None)

    def run(self, resources: Iterable[Record], *, inputs: bool = True) -> Outcome:
        """Show the inputs one by one and all outputs at the end, as the engine does; or only the outputs."""
        outcome = Outcome()
        shown = list(resources)
        for record in shown if inputs else ():
            outcome.add(self._servicer.Analyze(resource_request(record), None), record["urn"])
        outcome.add(self._servicer.AnalyzeStack(stack_request(shown), None))
        outcome.waived = sorted(str(waiver) for waiver in self.session.used)
        return outcome


def _configuration(levels: Mapping[str, Mapping[str, Any]]) -> proto.ConfigureAnalyzerRequest:
    request = proto.ConfigureAnalyzerRequest()
    for name, settings in levels.items():
        config = request.policyConfig[name]
        config.enforcementLevel = server.PROTO_LEVELS[settings.get("enforcementLevel", "mandatory")]
        config.properties.update({key: value for key, value in settings.items() if key != "enforcementLevel"})
    return request


def _options(record: Record) -> proto.AnalyzerResourceOptions:
    return proto.AnalyzerResourceOptions(protect=record["protect"], parent=record["parent"])


def resource_request(record: Record) -> proto.AnalyzeRequest:
    """Return the engine's question about one resource's inputs."""
    request = proto.AnalyzeRequest(
        type=record["type"], name=record["name"], urn=record["urn"], options=_options(record)
    )
    request.properties.SetInParent()  # the engine sends them even when there are none
    request.properties.update(record["inputs"])
    return request


def stack_request(records: Iterable[Record]) -> proto.AnalyzeStackRequest:
    """Return the engine's question about all resources' outputs."""
    stack = proto.AnalyzeStackRequest()
    for record in records:
        _add(stack, record)
    return stack


def _add(stack: proto.AnalyzeStackRequest, record: Record) -> None:
    item = stack.resources.add(
        type=record["type"],
        name=record["name"],
        urn=record["urn"],
        parent=record["parent"],
        options=_options(record),
    )
    item.properties.SetInParent()
    item.properties.update(record["outputs"])
    for name, urns in record["propertyDependencies"].items():
        item.propertyDependencies[name].urns.extend(urns)
        item.dependencies.extend(urns)
