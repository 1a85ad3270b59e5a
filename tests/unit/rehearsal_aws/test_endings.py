"""What goes goes as on AWS: not with things in it, not without its last snapshot, and keys not at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.endings import KEPT, PENDING_KEY, RECOVERY_POINT, SNAPSHOT, folder_of_objects
from rehearsal.aws.refusals import RefusedError
from rehearsal.cloud import CloudObject

if TYPE_CHECKING:
    from conftest import Engine

    from rehearsal.cloud import Json, JsonObject

BUCKET = "aws:s3/bucket:Bucket"
VAULT = "aws:backup/vault:Vault"
KEY = "aws:kms/key:Key"
CLUSTER = "aws:rds/cluster:Cluster"
REGION = "ap-northeast-2"


def database(**more: Json) -> JsonObject:
    return {"clusterIdentifier": "prod-db", "engine": "aurora-mysql", "masterUsername": "admin", **more}


def kept(engine: Engine, kind: str) -> dict[str, JsonObject]:
    return {one.id: one.properties for one in engine.cloud.list(kind, provider=KEPT)}


def fill(engine: Engine, bucket: str) -> None:
    folder = folder_of_objects(engine.cloud, bucket)
    folder.mkdir(parents=True)
    (folder / "log").write_text("who came")


def store(engine: Engine, vault: str) -> None:
    engine.cloud.create(
        CloudObject(
            provider=KEPT, type=RECOVERY_POINT, location=REGION, id="point", properties={"backupVaultName": vault}
        )
    )


def test_a_bucket_with_objects_goes_only_by_force_and_takes_them_along(engine: Engine) -> None:
    made = engine.create(BUCKET, "b", {"bucket": "some-logs"})
    fill(engine, made.id)
    with pytest.raises(RefusedError, match="BucketNotEmpty"):
        engine.delete(made)
    engine.delete(engine.update(made, {"bucket": "some-logs", "forceDestroy": True}))
    assert engine.cloud.is_empty()
    assert list(folder_of_objects(engine.cloud, made.id).iterdir()) == []


def test_a_vault_with_recovery_points_goes_only_by_force_and_takes_them_along(engine: Engine) -> None:
    made = engine.create(VAULT, "v", {"name": "vault"})
    store(engine, "another")
    engine.delete(made)
    made = engine.create(VAULT, "v", {"name": "another"})
    with pytest.raises(RefusedError, match="contains 1 recovery points"):
        engine.delete(made)
    engine.delete(engine.update(made, {"name": "another", "forceDestroy": True}))
    assert engine.cloud.is_empty()


def test_a_database_leaves_a_snapshot_under_its_key_unless_it_is_told_not_to(engine: Engine) -> None:
    key = engine.create(KEY, "k", {})
    made = engine.create(
        CLUSTER, "db", database(finalSnapshotIdentifier="last", kmsKeyId=key.state["arn"], storageEncrypted=True)
    )
    engine.delete(made)
    (snapshot,) = kept(engine, SNAPSHOT).values()
    assert snapshot == {"cluster": "prod-db", "key": key.state["arn"]}
    engine.delete(engine.create(CLUSTER, "db", database(skipFinalSnapshot=True)))
    assert set(kept(engine, SNAPSHOT)) == {"last"}


def test_a_database_is_not_deleted_without_the_name_of_its_last_snapshot(engine: Engine) -> None:
    made = engine.create(CLUSTER, "db", database())
    with pytest.raises(RefusedError, match="final_snapshot_identifier is required"):
        engine.delete(made)


def test_a_snapshots_name_is_used_once(engine: Engine) -> None:
    engine.delete(engine.create(CLUSTER, "db", database(finalSnapshotIdentifier="last")))
    again = engine.create(CLUSTER, "db", database(finalSnapshotIdentifier="last"))
    with pytest.raises(RefusedError, match=r"DBClusterSnapshotAlreadyExistsFault.*last already exists"):
        engine.delete(again)
    assert engine.cloud.get(CLUSTER, "prod-db", location=REGION)


def test_a_key_waits_as_long_as_it_says_before_it_is_gone(engine: Engine) -> None:
    engine.delete(engine.create(KEY, "week", {"deletionWindowInDays": 7}))
    engine.delete(engine.create(KEY, "default", {}))
    assert sorted(str(one["pendingWindowInDays"]) for one in kept(engine, PENDING_KEY).values()) == ["30", "7"]
    assert {str(one["keyState"]) for one in kept(engine, PENDING_KEY).values()} == {"PendingDeletion"}


@pytest.mark.parametrize(("force", "goes"), [(True, True), (False, False)])
def test_a_global_database_made_of_a_cluster_goes_only_by_force(engine: Engine, force: bool, goes: bool) -> None:
    cluster = engine.create(CLUSTER, "db", database())
    source: JsonObject = {"sourceDbClusterIdentifier": cluster.state["arn"], "forceDestroy": force}
    made = engine.create("aws:rds/globalCluster:GlobalCluster", "g", {"globalClusterIdentifier": "all", **source})
    if goes:
        engine.delete(made)
        return
    with pytest.raises(RefusedError, match="first member is still in it"):
        engine.delete(made)


def test_a_role_that_a_policy_lists_among_others_does_not_go(engine: Engine) -> None:
    trust = '{"Version":"2012-10-17","Statement":[]}'
    role = engine.create("aws:iam/role:Role", "r", {"name": "r", "assumeRolePolicy": trust})
    listed: JsonObject = {"name": "p", "roles": ["r"], "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    engine.create("aws:iam/policyAttachment:PolicyAttachment", "p", listed)
    with pytest.raises(RefusedError, match="DependencyViolation"):
        engine.delete(role)
