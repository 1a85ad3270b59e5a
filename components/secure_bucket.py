"""An S3 bucket with every side resource that makes it safe.

Owns the bucket, who owns its objects, the public access block, encryption, versions, lifecycle, access logging and
the policy. Does not own what is stored in it nor which services may deliver; those statements are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.readiness import once_made
from components.stateful import beside_kept, keeping
from model import iam
from model.conventions import Conventions
from model.tags import BackupTier, DataClass

_NONCURRENT_DAYS: Final = 30
_ABORT_UPLOAD_DAYS: Final = 7
_COLD_AFTER_DAYS: Final = 90
_COLD_WORTH_FROM_DAYS: Final = 180
"""Glacier Instant Retrieval bills at least 90 days: objects that live shorter are cheaper where they are."""


@dataclass(frozen=True, kw_only=True)
class SecureBucketArgs:
    """What a bucket keeps and for how long.

    Attributes:
        conventions: Names, tags, protection.
        role: Role part of the name.
        key_arn: Key of ours that encrypts it; None means SSE-S3, for receivers of logs whose services cannot use a key.
        expire_days: Age at which objects are deleted; None keeps them.
        access_log_bucket: Bucket that records who reads and writes; None for the bucket that receives these records.
        statements: Services that may deliver into it or read from it.
        served: Whether people read the objects all the time, so that cold storage would only cost.
        data_class: Of its objects.
        backup_tier: Of its objects.
    """

    conventions: Conventions
    role: str
    key_arn: pulumi.Input[str] | None
    expire_days: int | None
    access_log_bucket: pulumi.Input[str] | None
    statements: Sequence[iam.Statement[str]] = ()
    data_class: DataClass = DataClass.INTERNAL
    served: bool = False
    backup_tier: BackupTier = BackupTier.NONE


class SecureBucket(pulumi.ComponentResource):
    """One private, encrypted, versioned bucket that answers over TLS only."""

    bucket_name: pulumi.Output[str]
    """Name, available once the policy and the encryption are in force."""
    arn: pulumi.Output[str]
    """ARN, likewise."""
    domain_name: pulumi.Output[str]
    """Name of the bucket's own endpoint in its region, likewise."""

    def __init__(self, name: str, args: SecureBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:secure_bucket:SecureBucket", name, None, opts)
        conventions = args.conventions
        physical = conventions.naming.bucket(args.role)
        child = beside_kept(conventions, self)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=physical,
            # A disposable environment is torn down with its logs in it.
            force_destroy=conventions.disposable,
            tags=conventions.tagging.tags(
                physical, args.role, data_class=args.data_class, backup_tier=args.backup_tier
            ),
            opts=keeping(conventions, self),
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        encryption = _encryption(name, bucket, args.key_arn, child)
        aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        _lifecycle(name, bucket, args, child)
        if args.access_log_bucket is not None:
            aws.s3.BucketLogging(
                f"{name}-logging",
                bucket=bucket.bucket,
                target_bucket=args.access_log_bucket,
                target_prefix=f"s3/{physical}/",
                opts=child,
            )
        arns = conventions.arns
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=pulumi.Output.json_dumps(
                iam.document(
                    iam.deny_plain_transport(arns.bucket(physical), arns.bucket(physical, "*")), *args.statements
                )
            ),
            # S3 refuses two concurrent changes of a bucket's access settings with a conflict.
            opts=beside_kept(conventions, self, depends_on=[block]),
        )
        self.bucket_name = once_made(bucket.bucket, policy, encryption)
        self.arn = once_made(bucket.arn, policy, encryption)
        self.domain_name = once_made(bucket.bucket_regional_domain_name, policy, encryption)
        self.register_outputs({"bucketName": self.bucket_name, "arn": self.arn})


def s3_delivers(conventions: Conventions, role: str) -> iam.Statement[str]:
    """Let S3 write the access logs of the environment's buckets into the bucket with this role, below `s3/`."""
    arns, naming = conventions.arns, conventions.naming
    return iam.Statement(
        sid="S3Delivers",
        principal=iam.Principal.service("logging.s3.amazonaws.com"),
        actions=("s3:PutObject",),
        resources=(arns.bucket(naming.bucket(role), "s3/*"),),
        condition={
            "StringEquals": {"aws:SourceAccount": conventions.account_id},
            "ArnLike": {"aws:SourceArn": arns.bucket(f"{naming.environment}-*")},
        },
    )


def _encryption(
    name: str, bucket: aws.s3.Bucket, key_arn: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> aws.s3.BucketServerSideEncryptionConfiguration:
    return aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}
                if key_arn is None
                else {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
                # One data key per bucket instead of one per object: a hundredth of the calls to KMS.
                "bucket_key_enabled": key_arn is not None,
            }
        ],
        opts=opts,
    )


def _lifecycle(name: str, bucket: aws.s3.Bucket, args: SecureBucketArgs, opts: pulumi.ResourceOptions) -> None:
    expire_days = args.expire_days
    rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
        "id": "retention",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abort_incomplete_multipart_upload": {"days_after_initiation": _ABORT_UPLOAD_DAYS},
        "noncurrent_version_expiration": {"noncurrent_days": _NONCURRENT_DAYS},
    }
    if expire_days is not None:
        rule["expiration"] = {"days": expire_days}
    if not args.served and (expire_days is None or expire_days >= _COLD_WORTH_FROM_DAYS):
        rule["transitions"] = [{"days": _COLD_AFTER_DAYS, "storage_class": "GLACIER_IR"}]
    aws.s3.BucketLifecycleConfiguration(f"{name}-lifecycle", bucket=bucket.bucket, rules=[rule], opts=opts)
