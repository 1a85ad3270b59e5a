"""RDS and ElastiCache: engines on offer, and snapshots that people take by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rehearsal.account import offers
from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.cloud import CloudObject, JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable

_CLUSTER: Final = "aws:rds/cluster:Cluster"
_PROVIDER: Final = "account"
_SNAPSHOT: Final = "rds:ClusterSnapshot"


def _engines(listed: str) -> Callable[[Call], dict[str, Any]]:
    def reply(call: Call) -> dict[str, Any]:
        engine, wanted = call.text("Engine"), call.text("EngineVersion")
        versions = [one for one in offers.engine_versions(engine) if wanted in ("", one)]
        return {listed: [{"Engine": engine, "EngineVersion": one} for one in versions]}

    return reply


def _options(call: Call) -> dict[str, Any]:
    engine, version, wanted = call.text("Engine"), call.text("EngineVersion"), call.text("DBInstanceClass")
    if version and version not in offers.engine_versions(engine):
        raise ApiError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")
    zones = [{"Name": f"{call.region}{letter}"} for letter in "acd"]
    return {
        "OrderableDBInstanceOptions": [
            {"Engine": engine, "EngineVersion": version, "DBInstanceClass": one, "AvailabilityZones": zones}
            for one in offers.database_classes(engine)
            if wanted in ("", one)
        ]
    }


def _snapshot(call: Call) -> dict[str, Any]:
    cluster = call.text("DBClusterIdentifier")
    found = call.one(_CLUSTER, "clusterIdentifier", cluster)
    if found is None:
        raise ApiError("DBClusterNotFoundFault", f"DBCluster {cluster} not found.", 404)
    key = str(found.properties.get("kmsKeyId") or "")
    return _keep(call, call.text("DBClusterSnapshotIdentifier"), cluster, key)


def _copy(call: Call) -> dict[str, Any]:
    name = call.text("SourceDBClusterSnapshotIdentifier").rsplit(":", 1)[-1]
    source = call.cloud.get(_SNAPSHOT, name, location=call.region, provider=_PROVIDER)
    if source is None:
        raise ApiError("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot {name} not found.", 404)
    key = call.text("KmsKeyId") or str(source.properties["key"])
    return _keep(call, call.text("TargetDBClusterSnapshotIdentifier"), str(source.properties["cluster"]), key)


def _keep(call: Call, name: str, cluster: str, key: str) -> dict[str, Any]:
    if call.cloud.get(_SNAPSHOT, name, location=call.region, provider=_PROVIDER):
        raise ApiError("DBClusterSnapshotAlreadyExistsFault", f"DBClusterSnapshot {name} already exists.")
    properties: JsonObject = {"cluster": cluster, "key": key}
    call.cloud.create(
        CloudObject(provider=_PROVIDER, type=_SNAPSHOT, location=call.region, id=name, properties=properties)
    )
    return {"DBClusterSnapshot": _shown(call, name, properties)}


def _list(call: Call) -> dict[str, Any]:
    wanted, cluster = call.text("DBClusterSnapshotIdentifier"), call.text("DBClusterIdentifier")
    found = [
        _shown(call, one.id, one.properties)
        for one in call.cloud.list(_SNAPSHOT, location=call.region, provider=_PROVIDER)
        if wanted in ("", one.id) and cluster in ("", one.properties["cluster"])
    ]
    if wanted and not found:
        raise ApiError("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot {wanted} not found.", 404)
    return {"DBClusterSnapshots": found}


def _shown(call: Call, name: str, properties: JsonObject) -> dict[str, Any]:
    return {
        "DBClusterSnapshotIdentifier": name,
        "DBClusterSnapshotArn": call.arn("rds", f"cluster-snapshot:{name}"),
        "DBClusterIdentifier": properties["cluster"],
        "KmsKeyId": properties["key"],
        "Status": "available",
        "SnapshotType": "manual",
        "Engine": "aurora-mysql",
        "StorageEncrypted": True,
        "PercentProgress": 100,
    }


def _snapshot_arn(parameter: str) -> Callable[[Call], str]:
    return lambda call: call.arn("rds", f"cluster-snapshot:{call.text(parameter).rsplit(':', 1)[-1]}")


ANSWERS = {
    "rds:DescribeDBEngineVersions": Answer(action="rds:DescribeDBEngineVersions", reply=_engines("DBEngineVersions")),
    "rds:DescribeOrderableDBInstanceOptions": Answer(action="rds:DescribeOrderableDBInstanceOptions", reply=_options),
    "elasticache:DescribeCacheEngineVersions": Answer(
        action="elasticache:DescribeCacheEngineVersions", reply=_engines("CacheEngineVersions")
    ),
    "rds:CreateDBClusterSnapshot": Answer(
        action="rds:CreateDBClusterSnapshot",
        reply=_snapshot,
        resource=_snapshot_arn("DBClusterSnapshotIdentifier"),
    ),
    "rds:CopyDBClusterSnapshot": Answer(
        action="rds:CopyDBClusterSnapshot",
        reply=_copy,
        resource=_snapshot_arn("TargetDBClusterSnapshotIdentifier"),
    ),
    "rds:DescribeDBClusterSnapshots": Answer(
        action="rds:DescribeDBClusterSnapshots",
        reply=_list,
        resource=_snapshot_arn("DBClusterSnapshotIdentifier"),
    ),
}
