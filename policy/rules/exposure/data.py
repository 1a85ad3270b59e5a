"""Data stores: databases, caches, file systems, snapshots and documents that must not be public.

Owns the rules on data outside buckets.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA
from .network import is_public

_WELL_KNOWN: Final = ("admin", "administrator", "root", "master", "postgres", "mysql", "sa", "awsuser", "user")


@AREA.rule(
    "rds-not-public",
    title="Databases have no public address",
    cause="A database on the internet is found by scanners the same day.",
    remedy="Leave publicly_accessible off; applications and operators reach it inside the VPC.",
    types=["rds/clusterInstance", "rds/instance"],
    severity="critical",
    controls=["FSBP RDS.2", "AWSGuard rds-instance-public-access", "cdk-nag RDSInstancePublicAccess"],
    good=[sample("rds/clusterInstance", publiclyAccessible=False), sample("rds/clusterInstance")],
    bad=[sample("rds/clusterInstance", publiclyAccessible=True), sample("rds/instance", publiclyAccessible=True)],
)
def rds_not_public(instance: Resource) -> Findings:
    """Look at the switch."""
    if instance.is_true("publiclyAccessible"):
        yield instance.finding(f"{instance.label} has a public address")


@AREA.rule(
    "data-not-in-public-subnet",
    title="Databases, caches and mount targets lie in private subnets",
    cause="In a public subnet one changed switch or security group puts the data on the internet.",
    remedy="Use the data tier's subnets, which have no route to the internet gateway.",
    types=["rds/subnetGroup", "elasticache/subnetGroup", "efs/mountTarget"],
    severity="high",
    scope="stack",
    controls=["RDS.46", "FSBP EFS.6", "FSBP ElastiCache.7"],
    good=[(sample("ec2/subnet", "data-a"), sample("rds/subnetGroup", "data", subnetIds=[Ref("data-a")]))],
    bad=[
        (
            sample("ec2/subnet", "edge-a", mapPublicIpOnLaunch=True),
            sample("rds/subnetGroup", "data", subnetIds=[Ref("edge-a")]),
        ),
        (
            sample("ec2/internetGateway", "igw"),
            sample("ec2/subnet", "edge-a"),
            sample("ec2/routeTable", "table", routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": Ref("igw")}]),
            sample("ec2/routeTableAssociation", "link", subnetId=Ref("edge-a"), routeTableId=Ref("table")),
            sample("efs/mountTarget", "mount", subnetId=Ref("edge-a")),
        ),
    ],
)
def data_not_in_public_subnet(place: Resource, run: Run) -> Findings:
    """Follow subnets to their routes."""
    path = "subnetId" if place.type == "efs/mountTarget" else "subnetIds"
    for subnet in run.stack.targets(place, path, "ec2/subnet"):
        if is_public(subnet, run.stack):
            yield place.finding(f"{place.label} uses {subnet.label}, which is public")


@AREA.rule(
    "snapshots-not-public",
    title="Snapshots, images and documents are not shared with everybody",
    cause="A public snapshot is a copy of the disk for the whole world; crawlers fetch them within hours.",
    remedy="Share with named accounts.",
    types=[
        "rds/snapshot",
        "rds/clusterSnapshot",
        "rds/snapshotCopy",
        "rds/clusterSnapshotCopy",
        "ec2/snapshotCreateVolumePermission",
        "ec2/amiLaunchPermission",
        "ssm/document",
        "ssm/serviceSetting",
    ],
    severity="critical",
    controls=["FSBP RDS.1", "FSBP SSM.4", "FSBP SSM.7"],
    good=[
        sample("rds/clusterSnapshot", sharedAccounts=["444455556666"]),
        sample("ssm/document", permissions={"type": "Share", "account_ids": "444455556666"}),
    ],
    bad=[
        sample("rds/clusterSnapshot", sharedAccounts=["all"]),
        sample("ec2/amiLaunchPermission", group="all"),
        sample("ec2/snapshotCreateVolumePermission", accountId="all"),
        sample("ssm/document", permissions={"type": "Share", "account_ids": "All"}),
        sample(
            "ssm/serviceSetting", settingId="/ssm/documents/console/public-sharing-permission", settingValue="Enable"
        ),
    ],
)
def snapshots_not_public(resource: Resource) -> Findings:
    """Look for the word that means everybody in each kind."""
    paths = ("sharedAccounts", "group", "accountId", "permissions.account_ids", "permissions.accountIds")
    if any(text.lower() == "all" for path in paths for text in resource.texts(path)):
        yield resource.finding(f"{resource.label} is shared with everybody")
    public_documents = (resource.text("settingId") or "").endswith("/ssm/documents/console/public-sharing-permission")
    if public_documents and resource.text("settingValue") == "Enable":
        yield resource.finding(f"{resource.label} lets documents be shared with everybody")


@AREA.rule(
    "rds-admin-name-unusual",
    title="Master users have no well-known name",
    cause="Guessing a password starts with knowing the user.",
    remedy="Choose a master_username of the project's own.",
    types=["rds/cluster", "rds/instance"],
    severity="low",
    controls=["FSBP RDS.24", "FSBP RDS.25"],
    good=[sample("rds/cluster", masterUsername="fastorderops")],
    bad=[sample("rds/cluster", masterUsername="admin"), sample("rds/instance", username="postgres")],
)
def rds_admin_name_unusual(database: Resource) -> Findings:
    """Compare with the usual names."""
    for path in ("masterUsername", "username"):
        if (database.text(path) or "").lower() in _WELL_KNOWN:
            yield database.finding(f"{database.label}: {path} is {database.text(path)!r}, which everybody tries first")


@AREA.rule(
    "data-store-port-unusual",
    title="Databases and caches do not listen on the default port",
    cause="Worms and scripts try default ports only; another port keeps the noise out of the logs.",
    remedy="Set port to another one and open that in the security groups.",
    types=["rds/cluster", "rds/instance", "elasticache/replicationGroup"],
    severity="low",
    controls=["FSBP RDS.23", "cdk-nag RDS11", "cdk-nag AEC5"],
    good=[
        sample("rds/cluster", engine="aurora-mysql", port=3307),
        sample("rds/instance", engine="postgres", port=5433),
        sample("elasticache/replicationGroup", engine="valkey", port=6380),
    ],
    bad=[
        sample("rds/cluster", engine="aurora-mysql", port=3306),
        sample("rds/instance", engine="postgres"),
        sample("elasticache/replicationGroup", engine="valkey", port=6379),
    ],
)
def data_store_port_unusual(store: Resource) -> Findings:
    """Compare with the defaults; no port means the default."""
    if not store.is_known("port"):
        return
    engine = store.text("engine") or ""
    port = store.number("port")
    default = 5432 if "postgres" in engine else 6379 if store.type.startswith("elasticache") else 3306
    if port in (None, default):
        yield store.finding(f"{store.label} listens on the default port {default}")


@AREA.rule(
    "elasticache-own-subnets",
    title="Caches lie in a subnet group of ours",
    cause="The default subnet group spans every subnet of the default VPC, public ones included.",
    remedy="Set subnet_group_name to the data tier's group.",
    types=["elasticache/replicationGroup", "elasticache/cluster"],
    severity="medium",
    controls=["FSBP ElastiCache.7", "cdk-nag AEC1"],
    good=[sample("elasticache/replicationGroup", subnetGroupName="prod-common-csg-data-01")],
    bad=[
        sample("elasticache/replicationGroup", engine="valkey"),
        sample("elasticache/cluster", subnetGroupName="default"),
    ],
)
def elasticache_own_subnets(cache: Resource) -> Findings:
    """Look for a group; a member of a replication group follows it."""
    member = cache.type == "elasticache/cluster" and not cache.lacks("replicationGroupId")
    if not member and (cache.lacks("subnetGroupName") or cache.text("subnetGroupName") == "default"):
        yield cache.finding(f"{cache.label} lies in the default subnet group")


@AREA.rule(
    "elasticache-authenticates",
    title="Caches know their clients",
    cause="Without users or AUTH everything that reaches the port reads and flushes the cache.",
    remedy="Set user_group_ids to a user group (IAM users where possible), or auth_token.",
    types=["elasticache/replicationGroup"],
    severity="high",
    controls=["FSBP ElastiCache.6", "cdk-nag AEC6"],
    good=[sample("elasticache/replicationGroup", userGroupIds=["prod-common-cug-menu-01"])],
    bad=[sample("elasticache/replicationGroup", engine="valkey")],
)
def elasticache_authenticates(cache: Resource) -> Findings:
    """Look for either."""
    if cache.lacks("userGroupIds") and cache.lacks("authToken") and cache.lacks("globalReplicationGroupId"):
        yield cache.finding(f"{cache.label} answers anyone who reaches its port")
