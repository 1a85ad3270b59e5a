"""The buckets of an environment.

Owns which buckets exist and who delivers into them. Does not own how a bucket is made safe (`secure_bucket`).

Two archives of logs, because they cannot be one: load balancers write their access logs, and S3 its own, only into
buckets that are encrypted with S3's key, while everything else is encrypted with ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.keys import Keys
from components.secure_bucket import SecureBucket, SecureBucketArgs, s3_delivers
from model import iam
from model.conventions import Conventions
from model.tags import DataClass


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What the buckets need.

    Attributes:
        conventions: Names, tags, protection.
        keys: The logs key encrypts the archive, the data key the static files.
        archive_days: How long logs are kept.
    """

    conventions: Conventions
    keys: Keys
    archive_days: int


class Storage(pulumi.ComponentResource):
    """Access logs (SSE-S3), the log archive and the static files (our keys)."""

    access_log_bucket: pulumi.Output[str]
    """Name of the bucket that receives access logs of load balancers and of S3 itself."""
    log_archive_arn: pulumi.Output[str]
    """ARN of the bucket that receives flow logs, CloudFront's access log and what CloudWatch archives."""
    static_files_bucket: pulumi.Output[str]
    """Name of the bucket that `operations.publish_static` fills."""
    static_files_domain: pulumi.Output[str]
    """Name by which CloudFront reads that bucket."""

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:storage:Storage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        access_logs = SecureBucket(
            f"{name}-access-logs",
            SecureBucketArgs(
                conventions=args.conventions,
                role="accesslogs",
                key_arn=None,
                expire_days=args.archive_days,
                access_log_bucket=None,
                statements=_access_log_deliveries(args.conventions),
            ),
            opts=child,
        )
        archive = SecureBucket(
            f"{name}-log-archive",
            SecureBucketArgs(
                conventions=args.conventions,
                role="logarchive",
                key_arn=args.keys.arns["logs"],
                expire_days=args.archive_days,
                access_log_bucket=access_logs.bucket_name,
                statements=_log_deliveries(args.conventions),
            ),
            opts=child,
        )
        static = SecureBucket(
            f"{name}-static-files",
            SecureBucketArgs(
                conventions=args.conventions,
                role="static",
                key_arn=args.keys.arns["data"],
                expire_days=None,
                access_log_bucket=access_logs.bucket_name,
                statements=_static_file_reads(args.conventions),
                served=True,
                data_class=DataClass.PUBLIC,
            ),
            opts=child,
        )
        self.static_files_bucket, self.static_files_domain = static.bucket_name, static.domain_name
        self.access_log_bucket = access_logs.bucket_name
        self.log_archive_arn = archive.arn
        self.register_outputs({"accessLogBucket": self.access_log_bucket, "logArchiveArn": self.log_archive_arn})


def _access_log_deliveries(conventions: Conventions) -> tuple[iam.Statement[str], ...]:
    arns, bucket = conventions.arns, conventions.naming.bucket("accesslogs")
    return (
        iam.Statement(
            sid="LoadBalancersDeliver",
            principal=iam.Principal.service("logdelivery.elasticloadbalancing.amazonaws.com"),
            actions=("s3:PutObject",),
            # The account in the path is what ties it to us: AWS's policy has no condition, and one whose key the
            # service does not send would refuse the log, and with it the load balancer.
            resources=(arns.bucket(bucket, f"alb/AWSLogs/{conventions.account_id}/*"),),
        ),
        s3_delivers(conventions, "accesslogs"),
    )


def _static_file_reads(conventions: Conventions) -> tuple[iam.Statement[str], ...]:
    arns, bucket = conventions.arns, conventions.naming.bucket("static")
    return (
        iam.Statement(
            sid="CloudFrontReads",
            principal=iam.Principal.service("cloudfront.amazonaws.com"),
            actions=("s3:GetObject",),
            resources=(arns.bucket(bucket, "*"),),
            # Any distribution of this account: the one that reads it is made after the bucket, and all are ours.
            condition={"ArnLike": {"aws:SourceArn": arns.distribution("*")}},
        ),
    )


def _log_deliveries(conventions: Conventions) -> tuple[iam.Statement[str], ...]:
    arns, bucket = conventions.arns, conventions.naming.bucket("logarchive")
    condition = {
        "StringEquals": {"aws:SourceAccount": conventions.account_id},
        "ArnLike": {"aws:SourceArn": conventions.log_sources},
    }
    principal = iam.Principal.service("delivery.logs.amazonaws.com")
    return (
        iam.Statement(
            sid="LogDeliveryWrites",
            principal=principal,
            actions=("s3:PutObject",),
            # Flow logs in partitions that Hive understands go below another folder than all others.
            resources=(
                arns.bucket(bucket, f"AWSLogs/{conventions.account_id}/*"),
                arns.bucket(bucket, f"AWSLogs/aws-account-id={conventions.account_id}/*"),
            ),
            condition=condition,
        ),
        iam.Statement(
            sid="LogDeliveryChecks",
            principal=principal,
            actions=("s3:GetBucketAcl", "s3:ListBucket"),
            resources=(arns.bucket(bucket),),
            condition=condition,
        ),
    )
