"""The end of a resource: what stands in its way besides other resources, and what AWS keeps of it.

Owns contents that forbid a deletion (objects of a bucket, recovery points of a vault), final snapshots, and keys that
wait for their end. Does not own deletion protection and dependents (`world.py`), nor images (`rehearsal/account`).

What is kept is no resource of Pulumi's: it is stored under the provider `account`, where people's commands find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rehearsal.cloud import AlreadyExistsError, CloudObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rehearsal.cloud import Cloud, JsonObject

KEPT: Final = "account"
"""Provider of what exists in the account and is no resource of a program."""
SNAPSHOT: Final = "rds:ClusterSnapshot"
RECOVERY_POINT: Final = "backup:RecoveryPoint"
PENDING_KEY: Final = "kms:PendingKey"
_LONGEST_WINDOW_DAYS: Final = 30


def end(cloud: Cloud, thing: CloudObject, given: JsonObject) -> str | None:
    """Say why AWS refuses a deletion, error code first, or else leave what it keeps; None means that it agrees.

    The resource itself is the caller's to remove.

    Args:
        cloud: The account.
        thing: The resource as it is.
        given: The provider's knowledge of it, where its own switches such as `forceDestroy` stand.
    """
    rule = _RULES.get(thing.type)
    return rule(cloud, thing, given) if rule else None


def folder_of_objects(cloud: Cloud, bucket: str) -> Path:
    """Where the bytes of a bucket's objects are."""
    return cloud.folder / "objects" / bucket


def _bucket(cloud: Cloud, thing: CloudObject, given: JsonObject) -> str | None:
    folder = folder_of_objects(cloud, thing.id)
    held = list(folder.iterdir()) if folder.is_dir() else []
    if held and given.get("forceDestroy") is not True:
        return (
            "BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket."
        )
    for file in held:
        file.unlink()
    return None


def _vault(cloud: Cloud, thing: CloudObject, given: JsonObject) -> str | None:
    name = thing.properties.get("name")
    held = [
        one
        for one in cloud.list(RECOVERY_POINT, location=thing.location, provider=KEPT)
        if one.properties.get("backupVaultName") == name
    ]
    if held and given.get("forceDestroy") is not True:
        return (
            f"InvalidRequestException: Backup vault cannot be deleted because it contains {len(held)} recovery points"
        )
    for one in held:
        cloud.delete(one.type, one.id, location=one.location, provider=KEPT)
    return None


def _database_cluster(cloud: Cloud, thing: CloudObject, given: JsonObject) -> str | None:
    if given.get("skipFinalSnapshot") is True:
        return None
    name = given.get("finalSnapshotIdentifier")
    if not name:
        # The provider's own words: it asks RDS only after this.
        return "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false: set it first"
    snapshot = CloudObject(
        provider=KEPT,
        type=SNAPSHOT,
        location=thing.location,
        id=str(name),
        properties={"cluster": thing.id, "key": thing.properties.get("kmsKeyId") or ""},
    )
    try:
        cloud.create(snapshot)
    except AlreadyExistsError:
        return (
            "DBClusterSnapshotAlreadyExistsFault: Cannot create the cluster snapshot because one with the identifier "
            f"{name} already exists."
        )
    return None


def _key(cloud: Cloud, thing: CloudObject, given: JsonObject) -> str | None:
    days = given.get("deletionWindowInDays") or _LONGEST_WINDOW_DAYS
    properties: JsonObject = {
        "keyState": "PendingDeletion",
        "pendingWindowInDays": days,
        "arn": thing.properties["arn"],
    }
    cloud.create(
        CloudObject(provider=KEPT, type=PENDING_KEY, location=thing.location, id=thing.id, properties=properties)
    )
    return None


_RULES: Final[Mapping[str, Callable[[Cloud, CloudObject, JsonObject], str | None]]] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:backup/vault:Vault": _vault,
    "aws:rds/cluster:Cluster": _database_cluster,
    "aws:kms/key:Key": _key,
}
