"""Customer-managed KMS keys, one per purpose, so that rights and losses stay apart.

Owns the keys, their aliases and their policies. A policy is a resource of its own, because it may have to name what
is made with the key. Does not own which resource uses which key.

`data` encrypts Aurora, cache, file system, static files and the volumes of nodes and pods, `logs` log groups and log
archives, `secrets` the secrets of Kubernetes and Secrets Manager, `images` the container images, `alerts` what topics
hold, `edge` the log of CloudFront's firewall and the topic beside it, in us-east-1, `backup` the backup vault, and
`copies` what another region holds of vault and images. Each policy hands the key to the account's IAM policies and
opens it to the AWS services that use it on their own account; roles get their rights by their own policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import pulumi
import pulumi_aws as aws

from components.readiness import once_made
from components.stateful import beside_kept, keeping
from model import iam
from model.conventions import EDGE_REGION, Conventions
from model.tags import DataClass

Purpose: TypeAlias = Literal["data", "logs", "secrets", "images", "alerts", "edge", "backup", "copies"]

_ENVELOPE_ACTIONS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
_DELETION_DAYS: Final = {"disposable": 7, "kept": 30}
"""KMS waits 7 to 30 days before a key and all that it encrypts is lost."""

_USES: Final[dict[Purpose, tuple[str, DataClass]]] = {
    "data": ("Aurora, cache, file system, volumes of nodes and pods", DataClass.CONFIDENTIAL),
    "logs": ("Log groups and log archives", DataClass.INTERNAL),
    "secrets": ("Secrets of Kubernetes and Secrets Manager", DataClass.SECRET),
    "images": ("Container images", DataClass.INTERNAL),
    "alerts": ("Topics that tell operations", DataClass.INTERNAL),
    "edge": ("Logs of the firewall, topic for alarms of the edge", DataClass.INTERNAL),
    "backup": ("Backups", DataClass.CONFIDENTIAL),
    "copies": ("Copies of backups and images from the home region", DataClass.CONFIDENTIAL),
}


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What keys need.

    Attributes:
        conventions: Names, tags, protection.
        copy_region: Where copies of backups and images go, if anywhere.
    """

    conventions: Conventions
    copy_region: str | None = None


class Keys(pulumi.ComponentResource):
    """The keys of one environment: at home but for the edge's, and for the copies', where it has copies."""

    arns: dict[Purpose, pulumi.Output[str]]
    """ARN of each key by purpose, available once its policy is in force."""
    copies_arn: pulumi.Output[str] | None
    """ARN of the key in the copies' region, likewise."""

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:keys:Keys", name, None, opts)
        purposes: tuple[Purpose, ...] = get_args(Purpose)
        self.arns = {
            purpose: self._key(name, purpose, args.conventions, EDGE_REGION if purpose == "edge" else None)
            for purpose in purposes
            if purpose != "copies"
        }
        self.copies_arn = (
            self._key(name, "copies", args.conventions, args.copy_region) if args.copy_region is not None else None
        )
        self.register_outputs({f"{purpose}KeyArn": arn for purpose, arn in self.arns.items()})

    def _key(
        self, name: str, purpose: Purpose, conventions: Conventions, region: str | None = None
    ) -> pulumi.Output[str]:
        use, data_class = _USES[purpose]
        key = aws.kms.Key(
            f"{name}-{purpose}",
            region=region,
            description=f"{use} ({conventions.naming.environment})",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=_DELETION_DAYS["disposable" if conventions.disposable else "kept"],
            tags=conventions.tags("kms", purpose, data_class=data_class),
            opts=keeping(conventions, self),
        )
        child = beside_kept(conventions, self)
        aws.kms.Alias(
            f"{name}-{purpose}-alias",
            region=region,
            name=conventions.naming.key_alias(purpose),
            target_key_id=key.key_id,
            opts=child,
        )
        policy = aws.kms.KeyPolicy(
            f"{name}-{purpose}-policy",
            region=region,
            key_id=key.key_id,
            policy=pulumi.Output.json_dumps(iam.document(*_statements(purpose, conventions))),
            opts=child,
        )
        # Users of the key start only when its policy admits their service.
        return once_made(key.arn, policy)


def _statements(purpose: Purpose, conventions: Conventions) -> list[iam.Statement[str]]:
    own = iam.this_resource("IamPoliciesDecide", "kms:*", principal=iam.Principal.aws(conventions.arns.account_root()))
    match purpose:
        case "data":
            return [own, _static_files_are_read(conventions)]
        case "logs":
            return [own, _log_groups_encrypt(conventions, conventions.region), _log_delivery_encrypts(conventions)]
        case "alerts":
            return [
                own,
                _publishers_encrypt(conventions, "cloudwatch", "events.rds", "budgets", "events", "costalerts"),
            ]
        case "edge":
            return [
                own,
                _log_groups_encrypt(conventions, EDGE_REGION),
                _publishers_encrypt(conventions, "cloudwatch", region=EDGE_REGION),
            ]
        case "secrets" | "images" | "backup" | "copies":
            return [own]


def _static_files_are_read(conventions: Conventions) -> iam.Statement[str]:
    bucket = conventions.arns.bucket(conventions.naming.bucket("static"))
    return iam.this_resource(
        "CloudFrontReadsStaticFiles",
        "kms:Decrypt",
        principal=iam.Principal.service("cloudfront.amazonaws.com"),
        condition={
            "ArnLike": {"aws:SourceArn": conventions.arns.distribution("*")},
            # S3 names the bucket with every use of its bucket key: no other data opens.
            "StringEquals": {"kms:EncryptionContext:aws:s3:arn": bucket},
        },
    )


def _log_groups_encrypt(conventions: Conventions, region: str) -> iam.Statement[str]:
    groups = conventions.arns.of("logs", "log-group:*", region=region)
    return iam.this_resource(
        "CloudWatchLogsEncrypts",
        *_ENVELOPE_ACTIONS,
        principal=iam.Principal.service(f"logs.{region}.amazonaws.com"),
        condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )


def _log_delivery_encrypts(conventions: Conventions) -> iam.Statement[str]:
    return iam.this_resource(
        "LogDeliveryEncrypts",
        *_ENVELOPE_ACTIONS,
        principal=iam.Principal.service("delivery.logs.amazonaws.com"),
        condition={
            "StringEquals": {"aws:SourceAccount": conventions.account_id},
            "ArnLike": {"aws:SourceArn": conventions.log_sources},
        },
    )


def _publishers_encrypt(conventions: Conventions, *services: str, region: str | None = None) -> iam.Statement[str]:
    topics = conventions.arns.of("sns", f"{conventions.naming.environment}-*", region=region)
    return iam.this_resource(
        "PublishersEncrypt",
        "kms:GenerateDataKey*",
        "kms:Decrypt",
        principal=iam.Principal.service(*(f"{service}.amazonaws.com" for service in services)),
        # Not aws:SourceAccount nor aws:SourceArn: by SNS's guide they keep EventBridge out. That SNS names the topic
        # with every use of the key others saw for EventBridge and CloudWatch; no guide says it (unverified).
        condition={"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
    )
