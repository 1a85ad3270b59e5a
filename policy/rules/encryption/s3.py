"""Bucket encryption: which key a bucket's objects get by default.

Owns the rules that join a bucket with its encryption side resource. S3 encrypts every object anyway; the question is
the key. Load balancers and S3's own access logging can write only to SSE-S3 buckets: the rules know them by the
references in the stack.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block

from . import AREA
from .keys import KEY_ARN

_KMS = ("aws:kms", "aws:kms:dsse")
_SIDE = "s3/bucketServerSideEncryptionConfiguration"
_BUCKET = sample("s3/bucket", "logs", bucket="prod-common-s3-logs-01")


def _encryption_rules(bucket: Resource, run: Run) -> list[Block]:
    sides = run.stack.sides(bucket, _SIDE, "bucket")
    inline = bucket.blocks("serverSideEncryptionConfiguration.rule") + bucket.blocks(
        "serverSideEncryptionConfiguration.rules"
    )
    return [rule for side in sides for rule in side.blocks("rules")] + inline


def _only_sse_s3_is_possible(bucket: Resource, run: Run) -> bool:
    return bool(
        run.stack.sides(bucket, "lb/loadBalancer", "accessLogs.bucket")
        or run.stack.sides(bucket, "lb/loadBalancer", "connectionLogs.bucket")
        or run.stack.sides(bucket, "s3/bucketLogging", "targetBucket")
    )


@AREA.rule(
    "s3-bucket-customer-key",
    title="Buckets encrypt with a customer-managed key",
    cause="With SSE-S3 or the AWS-managed key, permission to read the object is all that is needed; a key of ours "
    "is a second lock with its own policy and its own log.",
    remedy="Add BucketServerSideEncryptionConfiguration with sse_algorithm='aws:kms' and kms_master_key_id; only "
    "load-balancer and S3 access logs must stay SSE-S3, and the rule knows those by their references.",
    types=["s3/bucket"],
    scope="stack",
    controls=["S3.17", "cdk-nag S3DefaultEncryptionKMS"],
    good=[
        (
            _BUCKET,
            sample(
                _SIDE,
                "encryption",
                bucket=Ref("logs"),
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN}}],
            ),
        ),
        (
            _BUCKET,
            sample(
                _SIDE,
                "encryption",
                bucket=Ref("logs"),
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            ),
            sample("lb/loadBalancer", "web", accessLogs={"bucket": Ref("logs"), "enabled": True}),
        ),
    ],
    bad=[
        (_BUCKET,),
        (
            _BUCKET,
            sample(
                _SIDE,
                "encryption",
                bucket=Ref("logs"),
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            ),
        ),
        (
            _BUCKET,
            sample(
                _SIDE,
                "encryption",
                bucket=Ref("logs"),
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
            ),
        ),
    ],
)
def s3_bucket_customer_key(bucket: Resource, run: Run) -> Findings:
    """Look at the default encryption of a bucket, wherever it is set."""
    settings = _encryption_rules(bucket, run)
    if not settings and _is_decided(bucket, run) and not _only_sse_s3_is_possible(bucket, run):
        yield bucket.finding(f"{bucket.label} has no default encryption with a key of ours")
    for setting in settings:
        algorithm = setting.text("applyServerSideEncryptionByDefault.sseAlgorithm")
        known = setting.is_known("applyServerSideEncryptionByDefault.sseAlgorithm")
        if known and algorithm not in _KMS and not _only_sse_s3_is_possible(bucket, run):
            yield bucket.finding(f"{bucket.label} encrypts with {algorithm or 'SSE-S3'} and not with a key of ours")
        elif algorithm in _KMS:
            key = "applyServerSideEncryptionByDefault.kmsMasterKeyId"
            if setting.lacks(key) or "alias/aws/" in (setting.text(key) or ""):
                yield bucket.finding(f"{bucket.label} encrypts with the AWS-managed key: kmsMasterKeyId names none")


def _is_decided(bucket: Resource, run: Run) -> bool:
    """Tell whether the absence of a setting is certain: no side resource of this bucket has unknown rules."""
    sides = run.stack.sides(bucket, _SIDE, "bucket")
    if not sides and not run.stack.lacks_side(bucket, _SIDE, "bucket"):
        return False
    return all(side.is_known("rules") for side in sides)


@AREA.rule(
    "s3-bucket-key-enabled",
    title="Buckets with a customer key use an S3 Bucket Key",
    cause="Without a bucket key every object costs a call to KMS: money, and a request quota shared with the "
    "database and the secrets.",
    remedy="Set bucket_key_enabled=True in the encryption rule.",
    types=[_SIDE],
    severity="low",
    good=[
        sample(
            _SIDE,
            rules=[
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN},
                    "bucketKeyEnabled": True,
                }
            ],
        ),
        sample(_SIDE, rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]),
    ],
    bad=[
        sample(
            _SIDE,
            rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN}}],
        )
    ],
)
def s3_bucket_key_enabled(side: Resource) -> Findings:
    """Look at every encryption rule that uses KMS."""
    for rule in side.blocks("rules"):
        if rule.text("applyServerSideEncryptionByDefault.sseAlgorithm") == "aws:kms" and rule.not_true(
            "bucketKeyEnabled"
        ):
            yield side.finding(f"{side.label} uses KMS without bucketKeyEnabled")
