"""Functions and queues that lose nothing and take no more than their share.

Owns the rules on dead letters, limits and runtimes.
"""

from __future__ import annotations

import re
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_OLD_RUNTIMES: Final = re.compile(
    r"^(python2\.7|python3\.[6-9]|nodejs(?:4\.3|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x)?|ruby2\.\d|ruby3\.2|java8"
    r"|go1\.x|dotnetcore\d\.\d|dotnet[567]|provided)$"
)


@AREA.rule(
    "lambda-bounded",
    title="Functions have a dead-letter target, a concurrency limit and a supported runtime",
    cause="A notifier that fails three times loses the alarm; an unlimited function takes the account's concurrency; "
    "an old runtime gets no fixes.",
    remedy="Set dead_letter_config, reserved_concurrent_executions and a current runtime.",
    types=["lambda/function"],
    controls=["FSBP Lambda.2", "cdk-nag LambdaDLQ", "cdk-nag LambdaConcurrency", "cdk-nag L1"],
    good=[
        sample(
            "lambda/function",
            runtime="python3.13",
            reservedConcurrentExecutions=5,
            deadLetterConfig={"targetArn": "arn:aws:sqs:ap-northeast-2:111122223333:prod-common-sqs-dead-01"},
        )
    ],
    bad=[
        sample("lambda/function", runtime="python3.13", reservedConcurrentExecutions=5),
        sample("lambda/function", runtime="python3.13", deadLetterConfig={"targetArn": "arn:aws:sqs:x:1:dead"}),
        sample(
            "lambda/function",
            runtime="python3.8",
            reservedConcurrentExecutions=5,
            deadLetterConfig={"targetArn": "arn:aws:sqs:x:1:dead"},
        ),
    ],
)
def lambda_bounded(function: Resource) -> Findings:
    """Look at the three."""
    if function.lacks("deadLetterConfig.targetArn"):
        yield function.finding(f"{function.label} loses events that fail")
    if function.lacks("reservedConcurrentExecutions") or function.number("reservedConcurrentExecutions") == -1:
        yield function.finding(f"{function.label} may take the account's whole concurrency")
    if _OLD_RUNTIMES.match(function.text("runtime") or ""):
        yield function.finding(f"{function.label} runs on {function.text('runtime')}, which gets no fixes")


@AREA.rule(
    "sqs-dead-letters",
    title="Queues have a dead-letter queue",
    cause="A message that cannot be handled comes back for ever, or vanishes after its retention.",
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
