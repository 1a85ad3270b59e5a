"""Policies that refuse plain connections: buckets, topics, queues.

Owns one rule per kind, all of one shape: some policy attached to the resource denies when `aws:SecureTransport` is
false.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from policy.frame.resources import Resource
from policy.frame.rule import Example, ExampleValue, Findings, Ref, Run, Sample, Severity, sample
from policy.iam.documents import Statement, statements

from . import AREA


@dataclass(frozen=True)
class _Guarded:
    id: str
    type: str
    side: str
    path: str
    output: str
    action: str
    what: str
    controls: tuple[str, ...]
    severity: Severity = "medium"


_GUARDED = (
    _Guarded(
        "s3-bucket-tls-only",
        "s3/bucket",
        "s3/bucketPolicy",
        "bucket",
        "id",
        "s3:*",
        "Buckets",
        ("FSBP S3.5", "cdk-nag S10"),
        "high",
    ),
    _Guarded(
        "sns-topic-tls-only", "sns/topic", "sns/topicPolicy", "arn", "arn", "sns:Publish", "Topics", ("cdk-nag SNS3",)
    ),
    _Guarded(
        "sqs-queue-tls-only", "sqs/queue", "sqs/queuePolicy", "queueUrl", "id", "sqs:*", "Queues", ("cdk-nag SQS4",)
    ),
)


def _refuses_plain(found: list[Statement]) -> bool:
    """Tell whether some statement denies plain connections to everybody, for all that matters."""
    return any(
        statement.effect == "Deny"
        and (statement.partial or any(principal.is_anyone for principal in statement.principals))
        and "false" in statement.values_of("aws:SecureTransport")
        for statement in found
    )


def _check(guarded: _Guarded) -> Callable[[Resource, Run], Findings]:
    def check(resource: Resource, run: Run) -> Findings:
        sides = run.stack.sides(resource, guarded.side, guarded.path)
        holders = [*sides, resource]
        if not sides and not run.stack.lacks_side(resource, guarded.side, guarded.path):
            return
        if all(holder.is_known("policy") for holder in holders) and not any(
            _refuses_plain(statements(holder.get("policy"))) for holder in holders
        ):
            yield resource.finding(f"{resource.label} accepts plain HTTP: no policy denies aws:SecureTransport=false")

    return check


def _policy(guarded: _Guarded, value: str) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": guarded.action,
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": value}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _register(guarded: _Guarded) -> None:
    reference = Ref("guarded", guarded.output)

    def example(value: str) -> Example:
        policy: dict[str, ExampleValue] = {guarded.path: reference, "policy": _policy(guarded, value)}
        return (sample(guarded.type, "guarded"), Sample(guarded.side, "guarded-policy", policy))

    AREA.rule(
        guarded.id,
        title=f"{guarded.what} refuse requests without TLS",
        cause="AWS endpoints still answer plain HTTP; a client set up wrongly sends data and signatures in clear.",
        remedy=f"Attach a policy that denies {guarded.action} to everybody when aws:SecureTransport is false.",
        types=[guarded.type],
        severity=guarded.severity,
        scope="stack",
        controls=guarded.controls,
        good=[example("false")],
        bad=[(sample(guarded.type, "guarded"),), example("true")],
    )(_check(guarded))


for _guarded in _GUARDED:
    _register(_guarded)
