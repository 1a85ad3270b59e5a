"""Queues that lose nothing.

Owns the rule on dead letters of queues; functions are `functions.py`'s.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA


@AREA.rule(
    "sqs-dead-letters",
    title="Queues have a dead-letter queue",
    cause="A message that cannot be handled comes back for ever, or vanishes after its retention.",
    severity="low",
    remedy="Set redrive_policy (or add a sqs.RedrivePolicy) to a dead-letter queue.",
    types=["sqs/queue"],
    scope="stack",
    controls=["cdk-nag SQS3"],
    good=[
        (
            sample("sqs/queue", "dead"),
            sample("sqs/queue", "orders"),
            sample(
                "sqs/redrivePolicy",
                "redrive",
                queueUrl=Ref("orders"),
                redrivePolicy='{"deadLetterTargetArn": "arn:aws:example:ap-northeast-2:111122223333:dead"}',
            ),
        ),
        sample("sqs/queue", redriveAllowPolicy='{"redrivePermission": "byQueue"}'),
    ],
    bad=[(sample("sqs/queue", "orders"),)],
)
def sqs_dead_letters(queue: Resource, run: Run) -> Findings:
    """Look for a redrive; a queue that is itself the dead end needs none."""
    is_dead_end = not queue.lacks("redriveAllowPolicy") or any(
        arn in (policy or "")
        for item in [*run.stack.of("sqs/queue"), *run.stack.of("sqs/redrivePolicy")]
        for policy in [item.text("redrivePolicy")]
        for arn in queue.identifiers
        if arn.startswith("arn:")
    )
    used = any(
        queue.urn in item.references.get(path, ())
        for item in run.stack.resources
        if item is not queue
        for path in ("deadLetterConfig", "redrivePolicy")
    )
    if is_dead_end or used or "dead" in queue.name or "dlq" in queue.name.lower():
        return
    if queue.lacks("redrivePolicy") and run.stack.lacks_side(queue, "sqs/redrivePolicy", "queueUrl"):
        yield queue.finding(f"{queue.label} has no dead-letter queue")
