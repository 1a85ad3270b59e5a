"""Running rules: one rule over one resource or over a stack, with unknowns and failures accounted for.

Owns the promise that a rule neither raises nor passes by accident: an unknown is "not yet known" and never an
exception, and a check that fails inside is itself reported as a violation, since the engine would abort or, worse,
downgrade it. Does not know the engine or waivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .resources import Finding, Resource, Stack
from .rule import Rule, Run
from .values import Value, noting_unknowns


@dataclass
class Verdict:
    """What one rule says: its violations, and what it could not decide yet, by resource."""

    rule: Rule
    findings: list[Finding] = field(default_factory=list[Finding])
    undecided: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def evaluate(
    rule: Rule, resources: Iterable[Resource], stack: Stack, settings: Mapping[str, Value] | None = None
) -> Verdict:
    """Run `rule` over `resources` of `stack`; settings override the rule's defaults."""
    verdict = Verdict(rule)
    run = Run(stack, {**rule.settings, **(settings or {})})
    for resource in resources:
        if not rule.applies_to(resource.token):
            continue
        with noting_unknowns() as unknowns:
            found = _run(rule, resource, run)
        verdict.findings += found
        if unknowns and not found:
            verdict.undecided[resource.urn] = unknowns
    return verdict


def _run(rule: Rule, resource: Resource, run: Run) -> list[Finding]:
    try:
        return list(rule.check(resource, run))
    except Exception as error:  # noqa: BLE001 - whatever a check raises must be seen as a violation, not end the run
        return [
            resource.finding(
                f"the rule itself failed on {resource.label}: {type(error).__name__}: {error}. "
                "Nothing was decided; this is a defect of the rule, or a wrong setting in its configuration."
            )
        ]
