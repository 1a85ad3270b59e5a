"""Keys and state: what a deployment may do with KMS and with Pulumi's bucket, and what nobody may do to either.

Owns the statements about encryption keys, the state's bucket and its key. Does not own the documents that they are put
together to.

A service that encrypts with a key of ours uses it with the caller's rights, so whoever makes an encrypted resource must
be allowed to use the key, on the way through that service. Which one calls what is in the permissions of AWS's schemas
(`handlers` of AWS::Backup::BackupVault, AWS::ElastiCache::ReplicationGroup, AWS::Lambda::Function, ...) and, for the
root volume of an instance, in the EBS guide ("Requirements for Amazon EBS encryption").
"""

from __future__ import annotations

from typing import Final

from model.conventions import Conventions
from model.iam import Statement
from model.rights.identities import STATE_ROLE

_AT_HOME: Final = (
    "backup",
    "ec2",
    "ecr",
    "elasticache",
    "elasticfilesystem",
    "lambda",
    "rds",
    "s3",
    "secretsmanager",
)
"""Services that use our keys in the home region when something is made or changed."""
_ABROAD: Final = ("backup", "ecr")
"""Likewise in the recovery region: the copies' vault, and the twins of the registry's repositories."""


def used(conventions: Conventions, recovery_region: str) -> tuple[Statement[str], ...]:
    """Allow services to use keys of ours while they make what they encrypt."""
    home = conventions.region
    keys = tuple(conventions.arns.of("kms", "key/*", region=region) for region in sorted({home, recovery_region}))
    return (
        Statement(
            sid="LetServicesUseKeys",
            actions=(
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
                "kms:RetireGrant",
            ),
            resources=keys,
            # On the way through a service that gives no more than its own rights do.
            condition={
                "StringEquals": {
                    "kms:ViaService": [
                        *(f"{name}.{home}.amazonaws.com" for name in _AT_HOME),
                        *(f"{name}.{recovery_region}.amazonaws.com" for name in _ABROAD),
                    ]
                }
            },
        ),
        Statement(
            sid="LetServicesKeepKeys",
            # Without kms:GrantIsForAWSResource: EKS sends it as false, and CreateCluster would fail (EKS user guide,
            # "Considerations for Kubernetes security"). Aliases and tags of a new key count only minutes later (KMS
            # guide, "ABAC for KMS"), so they cannot narrow it either. Who may write key policies gains nothing by it.
            actions=("kms:CreateGrant",),
            resources=keys,
        ),
    )


def seen(conventions: Conventions) -> Statement[str]:
    """Allow reading a function's environment, which Lambda decrypts with the reader's rights."""
    return Statement(
        sid="SeeFunctions",
        actions=("kms:Decrypt",),
        resources=(conventions.arns.of("kms", "key/*"),),
        condition={"StringEquals": {"kms:ViaService": f"lambda.{conventions.region}.amazonaws.com"}},
    )


def state(conventions: Conventions, *, write: bool) -> tuple[Statement[str], ...]:
    """Allow reading the state and the secrets in it, and writing it.

    Pulumi locks the state with an object of its own only where it writes (its `backend/diy`), so reading is enough for
    a preview and for the comparison of a refresh.
    """
    arns, naming = conventions.arns, conventions.naming
    bucket = naming.bucket(STATE_ROLE)
    encrypt = ("kms:Encrypt", "kms:GenerateDataKey") if write else ()
    change = ("s3:DeleteObject", "s3:PutObject") if write else ()
    return (
        # Whoever has this may read all buckets' settings as well, which takes in s3:ListBucket.
        Statement(sid="UseState", actions=("s3:GetObject", *change), resources=(arns.bucket(bucket, "*"),)),
        Statement(
            sid="OpenState",
            actions=("kms:Decrypt", *encrypt),
            resources=(arns.of("kms", "key/*"),),
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": naming.key_alias(STATE_ROLE)}},
        ),
    )


def kept(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Deny whatever would lose the state, its history or its key, or hand the key to somebody."""
    arns, naming = conventions.arns, conventions.naming
    return (
        Statement(
            sid="KeepStateBucket",
            effect="Deny",
            actions=("s3:DeleteBucket*", "s3:DeleteObjectVersion*", "s3:PutBucket*", "s3:PutEnc*", "s3:PutLife*"),
            # The bucket and what is in it.
            resources=(arns.bucket(f"{naming.bucket(STATE_ROLE)}*"),),
        ),
        Statement(
            sid="KeepStateKey",
            effect="Deny",
            actions=(
                "kms:CreateGrant",
                "kms:DeleteAlias",
                "kms:Disable*",
                "kms:Put*",
                "kms:Schedule*",
                "kms:UpdateAlias",
            ),
            resources=(arns.of("kms", "key/*"),),
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": naming.key_alias(STATE_ROLE)}},
        ),
    )
