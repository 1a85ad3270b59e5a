"""Buckets and image repositories that keep what they hold, and protection of all that holds state.

Owns the rules on versions, lifecycles and protection; backups are `backups.py`'s.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_LOCK: Final = "s3/bucketObjectLockConfiguration"
_LIFECYCLE: Final = "s3/bucketLifecycleConfiguration"
_STATEFUL: Final = (
    "rds/cluster",
    "rds/instance",
    "s3/bucket",
    "efs/fileSystem",
    "kms/key",
    "ecr/repository",
    "backup/vault",
    "route53/zone",
)


@AREA.rule(
    "s3-versioned",
    title="Buckets keep versions",
    cause="Without versions an overwritten or deleted object is gone, whoever did it.",
    remedy="Add a BucketVersioning with status Enabled.",
    types=["s3/bucket"],
    scope="stack",
    controls=["S3.14", "cdk-nag S3BucketVersioningEnabled"],
    good=[
        (
            sample("s3/bucket", "static"),
            sample("s3/bucketVersioning", "v", bucket=Ref("static"), versioningConfiguration={"status": "Enabled"}),
        )
    ],
    bad=[
        (sample("s3/bucket", "static"),),
        (
            sample("s3/bucket", "static"),
            sample("s3/bucketVersioning", "v", bucket=Ref("static"), versioningConfiguration={"status": "Suspended"}),
        ),
    ],
)
def s3_versioned(bucket: Resource, run: Run) -> Findings:
    """Look for the side resource and its status, or the old inline one."""
    sides = run.stack.sides(bucket, "s3/bucketVersioning", "bucket")
    if bucket.not_true("versioning.enabled") and run.stack.lacks_side(bucket, "s3/bucketVersioning", "bucket"):
        yield bucket.finding(f"{bucket.label} keeps no versions")
    for side in sides:
        status = "versioningConfiguration.status"
        if side.is_known(status) and side.text(status) != "Enabled":
            yield bucket.finding(f"{bucket.label} keeps no versions: {side.label} is {side.text(status)}")


@AREA.rule(
    "s3-lifecycle",
    title="Buckets have a lifecycle",
    cause="Old versions and objects that nobody reads cost money for ever.",
    remedy="Add a BucketLifecycleConfiguration with noncurrent_version_expiration.",
    types=["s3/bucket"],
    severity="low",
    scope="stack",
    controls=["FSBP S3.13", "S3.10"],
    good=[(sample("s3/bucket", "static"), sample(_LIFECYCLE, "lifecycle", bucket=Ref("static")))],
    bad=[(sample("s3/bucket", "static"),)],
)
def s3_lifecycle(bucket: Resource, run: Run) -> Findings:
    """Look for either form."""
    if bucket.lacks("lifecycleRules") and run.stack.lacks_side(bucket, _LIFECYCLE, "bucket"):
        yield bucket.finding(f"{bucket.label} has no lifecycle")


@AREA.rule(
    "s3-broken-uploads-expire",
    title="Lifecycles end broken uploads",
    cause="The parts of an upload that broke off cost money for ever and are shown in no list.",
    remedy="Set abort_incomplete_multipart_upload in a rule that is enabled.",
    types=[_LIFECYCLE],
    severity="low",
    good=[
        sample(
            _LIFECYCLE,
            rules=[{"id": "a", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}],
        )
    ],
    bad=[
        sample(_LIFECYCLE, rules=[{"id": "tidy", "status": "Enabled", "expiration": {"days": 365}}]),
        sample(
            _LIFECYCLE,
            rules=[{"id": "a", "status": "Disabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}],
        ),
    ],
)
def s3_broken_uploads_expire(lifecycle: Resource) -> Findings:
    """Look at the rules that are on."""
    rules = [rule for rule in lifecycle.blocks("rules") if rule.text("status") != "Disabled"]
    if lifecycle.is_known("rules") and all(rule.lacks("abortIncompleteMultipartUpload") for rule in rules):
        yield lifecycle.finding(f"{lifecycle.label} leaves broken uploads for ever")


@AREA.rule(
    "s3-replicated",
    title="Buckets with data that must survive a region are replicated",
    cause="A bucket lies in one region; a region's outage takes it away.",
    remedy="Add a BucketReplicationConfig to a bucket in the DR region (needs versioning), or tag BackupTier below "
    "critical.",
    types=["s3/bucket"],
    severity="low",
    scope="stack",
    controls=["S3.7", "Pulumi s3-bucket-enable-replication-configuration"],
    good=[
        sample("s3/bucket", tags={"BackupTier": "daily"}),
        (
            sample("s3/bucket", "receipts", tags={"BackupTier": "critical"}),
            sample("s3/bucketReplicationConfig", "copy", bucket=Ref("receipts")),
        ),
    ],
    bad=[(sample("s3/bucket", "receipts", tags={"BackupTier": "critical"}),)],
)
def s3_replicated(bucket: Resource, run: Run) -> Findings:
    """Look at buckets of the critical tier in their home region."""
    critical = bucket.text("tags.BackupTier") == "critical"
    target = bool(run.stack.sides(bucket, "s3/bucketReplicationConfig", "rules"))
    if critical and not target and run.stack.lacks_side(bucket, "s3/bucketReplicationConfig", "bucket"):
        yield bucket.finding(f"{bucket.label} is critical and not replicated")


@AREA.rule(
    "s3-object-lock-retains",
    title="Object lock has a default retention",
    cause="A lock without a default protects only objects whose writer asked for it, which none does.",
    remedy="Set rule.default_retention with mode and days in the BucketObjectLockConfiguration.",
    types=["s3/bucketObjectLockConfiguration", "s3/bucket"],
    scope="stack",
    controls=["S3.15", "cdk-nag S3BucketDefaultLockEnabled"],
    good=[
        sample("s3/bucketObjectLockConfiguration", rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}),
        sample("s3/bucket", bucket="prod-common-s3-static-01"),
    ],
    bad=[
        sample("s3/bucketObjectLockConfiguration", objectLockEnabled="Enabled"),
        (sample("s3/bucket", "receipts", objectLockEnabled=True),),
    ],
)
def s3_object_lock_retains(store: Resource, run: Run) -> Findings:
    """Look for a default in either place."""
    if store.type == "s3/bucketObjectLockConfiguration":
        if store.lacks("rule.defaultRetention.mode"):
            yield store.finding(f"{store.label} has no default retention")
        return
    locked = store.is_true("objectLockEnabled") or not store.lacks("objectLockConfiguration")
    if locked and store.lacks("objectLockConfiguration.rule") and run.stack.lacks_side(store, _LOCK, "bucket"):
        yield store.finding(f"{store.label} has object lock without a default retention")


@AREA.rule(
    "s3-emptied-by-hand-only",
    title="Buckets are not emptied by a deployment",
    cause="force_destroy deletes all objects and versions when the resource is renamed.",
    remedy="Leave force_destroy off; empty a bucket by hand when it is meant.",
    types=["s3/bucket", "ecr/repository", "backup/vault"],
    severity="high",
    good=[sample("s3/bucket", forceDestroy=False)],
    bad=[sample("s3/bucket", forceDestroy=True), sample("ecr/repository", forceDelete=True)],
)
def s3_emptied_by_hand_only(store: Resource) -> Findings:
    """Look at the switch of each kind."""
    if store.is_true("forceDestroy") or store.is_true("forceDelete"):
        yield store.finding(f"{store.label} is emptied when it is deleted")


@AREA.rule(
    "stateful-protected",
    title="Resources that hold state are protected in Pulumi",
    cause="protect makes a destroy or replacement of data an error before anything is called.",
    remedy="Set ResourceOptions(protect=True) through the stateful helper.",
    types=list(_STATEFUL),
    severity="low",
    good=[sample("rds/cluster", protect=True), sample("s3/bucket", protect=True)],
    bad=[sample("rds/cluster"), sample("backup/vault")],
)
def stateful_protected(resource: Resource) -> Findings:
    """Look at the resource option, which is always known."""
    if not resource.protect:
        yield resource.finding(f"{resource.label} holds state and is not protected")
