"""Engine events written by hand, in the engine's form, for tests of what reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from operations import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rehearsal.outcome import Outcome

STACK = "prod"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:{STACK}::fast-order::{type_}::{name}"


def step(
    op: str,
    type_: str,
    name: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    diff: Mapping[str, str] | None = None,
    provider: str = "",
    **options: object,
) -> dict[str, object]:
    """Write a step: inputs before and after, and the kind of difference by property path."""
    state = {"type": type_, "urn": urn(type_, name), "parent": "", "provider": provider, **options}
    metadata = {
        "op": op,
        "urn": urn(type_, name),
        "type": type_,
        "old": None if before is None else {**state, "inputs": before},
        "new": None if after is None else {**state, "inputs": after},
        "detailedDiff": None if diff is None else {path: {"diffKind": kind} for path, kind in diff.items()},
    }
    return {"resourcePreEvent": {"metadata": metadata, "planning": True}}


def create(type_: str, name: str, provider: str = "", /, **inputs: object) -> dict[str, object]:
    return step("create", type_, name, after=inputs, provider=provider)


def replace(type_: str, name: str, path: str, before: object, after: object) -> list[dict[str, object]]:
    """Write the three steps of a replacement."""
    old, new, diff = {path: before}, {path: after}, {path: "update-replace"}
    return [
        step("create-replacement", type_, name, before=old, after=new, diff=diff),
        step("replace", type_, name, before=old, after=new, diff=diff),
        step("delete-replaced", type_, name, before=old),
    ]


def violation(
    rule: str, name: str, message: str, *, level: str = "mandatory", severity: str = "high"
) -> dict[str, object]:
    return {
        "policyEvent": {
            "resourceUrn": urn("aws:s3/bucket:Bucket", name) if name else "",
            "message": message,
            "policyName": rule,
            "policyPackName": "fast-order",
            "enforcementLevel": level,
            "severity": severity,
        }
    }


def told(message: str, severity: str = "info#err") -> dict[str, object]:
    return {"diagnosticEvent": {"message": message, "severity": severity}}


def decided(name: str, *, passed: Sequence[str], failed: Sequence[str] = ()) -> dict[str, object]:
    return {
        "policyAnalyzeSummaryEvent": {
            "resourceUrn": urn("aws:s3/bucket:Bucket", name),
            "passed": [*passed],
            "failed": [*failed],
        }
    }


def lines(*told_events: Mapping[str, object], result: str = "succeeded") -> list[str]:
    """Return the log of a preview that ends with a result."""
    return [json.dumps(event) for event in (*told_events, {"summaryEvent": {"result": result}})]


def preview(*told_events: Mapping[str, object], result: str = "succeeded") -> Outcome:
    return events.read(lines(*told_events, result=result))
