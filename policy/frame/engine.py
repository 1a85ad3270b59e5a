"""The pack as the Pulumi engine sees it: one policy per rule.

Owns the way from rules to SDK policies, so that every violation carries its rule's own name and every rule its own
level and settings. The last policy watches over the waivers themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from .evaluation import Verdict, evaluate
from .resources import Stack
from .rule import Rule
from .session import Session
from .values import Value, plain
from .waivers import stack_and_project

NAME = "fast-order"
WAIVERS = "waivers"


def policies(rules: dict[str, Rule], session: Session) -> list[Policy]:
    """Return the SDK policies of the pack: resource rules, then stack rules, then the check of the waivers."""
    ordered = sorted(rules.values(), key=lambda rule: rule.scope)
    return [*[_policy(rule, session) for rule in ordered], _waiver_policy(session)]


def _policy(rule: Rule, session: Session) -> Policy:
    schema = None
    if rule.settings:
        schema = PolicyConfigSchema({name: _schema(value) for name, value in rule.settings.items()})
    common = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": EnforcementLevel(rule.level),
        "config_schema": schema,
        "severity": Severity(rule.severity),
        "framework": PolicyComplianceFramework(name=", ".join(rule.controls)) if rule.controls else None,
        "tags": [rule.area],
        "remediation_steps": rule.remedy,
    }
    if rule.scope == "stack":
        return StackValidationPolicy(validate=_over_stack(rule, session), **common)  # pyright: ignore[reportArgumentType]
    validate, repair = _over_resource(rule, session), _repairing(rule, session)
    return ResourceValidationPolicy(validate=validate, remediate=repair, **common)  # pyright: ignore[reportArgumentType]


def _schema(value: Value) -> dict[str, object]:
    kind = "array" if isinstance(value, list) else "boolean" if isinstance(value, bool) else "number"
    return {"type": "string" if isinstance(value, str) else kind, "default": value}


def _over_resource(rule: Rule, session: Session) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        session.record(args, rule.id)
        if not rule.applies_to(args.resource_type):
            return
        resource = session.resource(args)
        verdict = evaluate(rule, [resource], Stack([resource]), _settings(args))
        _report(verdict, session, report)
        _say_undecided(verdict, session, args)

    return validate


def _over_stack(rule: Rule, session: Session) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = session.stack
        resources = stack.resources if rule.types == ("*",) else stack.of(*rule.types)
        verdict = evaluate(rule, resources, stack, _settings(args))
        _report(verdict, session, report)
        _say_undecided(verdict, session, args)

    return validate


def _repairing(rule: Rule, session: Session) -> Callable[[ResourceValidationArgs], Mapping[str, object] | None] | None:
    repair = rule.repair
    if repair is None:
        return None

    def remediate(args: ResourceValidationArgs) -> Mapping[str, object] | None:
        changes = dict(repair(session.resource(args)))
        properties = cast("MutableMapping[str, object]", args.props)
        for name, value in changes.items():  # the SDK's proxy takes single assignments only
            properties[name] = value
        return properties if changes else None

    return remediate


def _settings(args: ResourceValidationArgs | StackValidationArgs) -> dict[str, Value]:
    return {str(name): plain(value) for name, value in args.get_config().items()}


def _report(verdict: Verdict, session: Session, report: ReportViolation) -> None:
    for finding in session.unwaived(verdict.rule.id, verdict.findings):
        report(f"{finding.message}\nFix: {verdict.rule.remedy}", finding.urn)


def _say_undecided(verdict: Verdict, session: Session, args: ResourceValidationArgs | StackValidationArgs) -> None:
    """Tell the engine that the rule waits for values; only a preview has any, and a violation comes first."""
    if session.previewing and verdict.undecided and not verdict.findings:
        paths = sorted({path for paths in verdict.undecided.values() for path in paths})
        args.not_applicable(f"not yet known, decided at up: {', '.join(paths)}")


def index_policy(session: Session) -> Policy:
    """Return the policy that shows the session the stack; it finds nothing."""

    def validate(args: StackValidationArgs, _report: ReportViolation) -> None:
        session.index(args)

    return StackValidationPolicy(name="index", description="The stack is known", validate=validate)


def _waiver_policy(session: Session) -> Policy:
    def validate(_args: StackValidationArgs, report: ReportViolation) -> None:
        names = {stack_and_project(item.urn) for item in session.stack.resources}
        today = datetime.now(UTC).date()
        for waiver in sorted(session.used, key=str):
            sys.stderr.write(f"waived: {waiver}\n")
        for stack, project in sorted(names):
            for problem in session.waivers.problems(session.used, project, stack, today):
                report(problem, None)

    return StackValidationPolicy(
        name=WAIVERS,
        description="Waivers are current and needed",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.MEDIUM,
    )
