"""Where Pulumi keeps the state of an account: one bucket, its access log, and the key of state and secrets.

Owns the three. Does not own who may use them: the rights of deployer and preview say so (`model/rights`).
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from components.readiness import once_made
from components.secure_bucket import SecureBucket, SecureBucketArgs, s3_delivers
from components.stateful import beside_kept, keeping
from model import iam
from model.conventions import Conventions
from model.rights.identities import STATE_ROLE
from model.tags import DataClass

_LOGS: Final = "statelogs"
_LOG_DAYS: Final = 400
"""A year to look back into after an incident, and a month more to notice it."""


class State(pulumi.ComponentResource):
    """A bucket that keeps every version of the state, under a key of its own."""

    backend: pulumi.Output[str]
    """What `pulumi login` takes."""
    secrets_provider: pulumi.Output[str]
    """What `pulumi stack init --secrets-provider` takes."""

    def __init__(self, name: str, conventions: Conventions, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:state:State", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = aws.kms.Key(
            f"{name}-key",
            description=f"State of Pulumi and the secrets in it ({conventions.naming.environment})",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=30,
            tags=conventions.tags("kms", STATE_ROLE, data_class=DataClass.SECRET),
            opts=keeping(conventions, self),
        )
        alias = aws.kms.Alias(
            f"{name}-key-alias",
            name=conventions.naming.key_alias(STATE_ROLE),
            target_key_id=key.key_id,
            opts=beside_kept(conventions, self),
        )
        policy = aws.kms.KeyPolicy(
            f"{name}-key-policy",
            key_id=key.key_id,
            policy=pulumi.Output.json_dumps(
                iam.document(
                    iam.this_resource(
                        "IamPoliciesDecide", "kms:*", principal=iam.Principal.aws(conventions.arns.account_root())
                    )
                )
            ),
            opts=beside_kept(conventions, self),
        )
        logs = SecureBucket(
            f"{name}-logs",
            SecureBucketArgs(
                conventions=conventions,
                role=_LOGS,
                # S3 writes access logs only into buckets that are encrypted with its own key.
                key_arn=None,
                expire_days=_LOG_DAYS,
                access_log_bucket=None,
                statements=(s3_delivers(conventions, _LOGS),),
            ),
            opts=child,
        )
        bucket = SecureBucket(
            f"{name}-bucket",
            SecureBucketArgs(
                conventions=conventions,
                role=STATE_ROLE,
                key_arn=once_made(key.arn, policy),
                expire_days=None,
                access_log_bucket=logs.bucket_name,
                served=True,
                data_class=DataClass.SECRET,
            ),
            opts=child,
        )
        region = conventions.region
        self.backend = pulumi.Output.concat("s3://", bucket.bucket_name, f"?region={region}&awssdk=v2")
        self.secrets_provider = pulumi.Output.concat("awskms://", alias.name, f"?region={region}")
        self.register_outputs({"backend": self.backend, "secretsProvider": self.secrets_provider})
