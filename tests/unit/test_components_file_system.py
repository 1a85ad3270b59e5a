"""The receipts' file system: encrypted, in every zone, mounted by one role over TLS through one access point."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from components.cluster import Cluster, ClusterArgs
from components.file_system import PORT, FileSystemArgs
from components.keys import Keys, KeysArgs
from components.network import Network, NetworkArgs
from components.storage import Storage, StorageArgs
from model import settings
from tests.unit.testkit import PROJECT, STACKS, Graph, run, stack_config, whole

FILES: Final = "aws:efs/fileSystem:FileSystem"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"


def test_the_file_system_is_encrypted_with_the_data_key_and_spans_every_zone(graph: Graph):
    inputs = graph.one(FILES).inputs
    assert inputs["encrypted"] is True
    assert inputs["kmsKeyId"] == "arn:aws:mock:::keys-data"
    assert "availabilityZoneName" not in inputs
    targets = graph.of("aws:efs/mountTarget:MountTarget")
    data = {f"{one.name}-id" for one in graph.of("aws:ec2/subnet:Subnet") if one.inputs["tags"]["Role"] == "data"}
    assert {one.inputs["subnetId"] for one in targets} == data
    assert len(targets) == len(data)


def test_nfs_is_admitted_from_the_was_cluster_alone(graph: Graph):
    (group,) = {group for one in graph.of("aws:efs/mountTarget:MountTarget") for group in one.inputs["securityGroups"]}
    rules = graph.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    (rule,) = [one.inputs for one in rules if one.inputs["securityGroupId"] == group]
    assert rule["referencedSecurityGroupId"] == "was-cluster-eks-security-group"
    assert (rule["fromPort"], rule["toPort"]) == (PORT, PORT)


def statements(graph: Graph) -> dict[str, dict[str, Any]]:
    found = graph.one("aws:efs/fileSystemPolicy:FileSystemPolicy").document("policy")["Statement"]
    return {one["Sid"]: one for one in found}


def test_the_policy_allows_the_drivers_role_through_the_access_point_and_nothing_else(graph: Graph):
    found = statements(graph)
    (allowed,) = [one for one in found.values() if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"AWS": "arn:aws:mock:::was-cluster-addons-efsnode-role"}
    assert "elasticfilesystem:ClientRootAccess" not in allowed["Action"]
    assert allowed["Condition"]["StringEquals"] == {
        "elasticfilesystem:AccessPointArn": "arn:aws:mock:::receipts-access-point"
    }
    assert allowed["Condition"]["Bool"]["aws:SecureTransport"] == "true"


def test_the_policy_denies_plain_transport_and_every_other_way_in_even_to_administrators(graph: Graph):
    found = statements(graph)
    plain, others = found["DenyPlainTransport"], found["DenyOtherWaysIn"]
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert "elasticfilesystem:ClientMount" in others["Action"]
    assert set(others["Condition"]) == {"StringNotEquals"}
    for one in (plain, others):
        assert (one["Effect"], one["Principal"]) == ("Deny", "*")


def test_the_access_point_enforces_the_pods_user_and_a_folder_of_its_own(graph: Graph):
    point = graph.one("aws:efs/accessPoint:AccessPoint").inputs
    assert point["posixUser"] == {"uid": 10001, "gid": 10001}
    assert point["rootDirectory"]["path"] == "/receipts"
    assert point["rootDirectory"]["creationInfo"] == {"ownerUid": 10001, "ownerGid": 10001, "permissions": "0750"}


@pytest.mark.parametrize("stack", STACKS)
def test_pay_alone_gets_the_receipts_once_they_can_be_mounted(stack: str):
    graph = whole(stack)
    for service in ("user", "item", "pay"):
        release = graph.one(RELEASE, f"was-{service}-release")
        if service != "pay":
            assert "receipts" not in release.inputs["values"]
            continue
        assert release.inputs["values"]["receipts"] == {
            "fileSystemId": "receipts-files-id",
            "accessPointId": "receipts-access-point-id",
        }
        awaited = {graph.at(urn).type.rpartition(":")[2] for urn in release.dependencies}
        assert {"FileSystemPolicy", "MountTarget", "AccessPoint"} <= awaited


@pytest.mark.parametrize("stack", STACKS)
def test_the_drivers_pods_start_after_their_role_is_associated_and_only_where_files_are_shared(stack: str):
    graph = whole(stack)
    accounts = {one.name: one for one in graph.of("aws:eks/podIdentityAssociation:PodIdentityAssociation")}
    association = accounts["was-cluster-addons-efsnode-identity"]
    assert association.inputs["serviceAccount"] == "efs-csi-node-sa"
    assert "web-cluster-addons-efsnode-identity" not in accounts
    (driver,) = [one for one in graph.of("aws:eks/addon:Addon") if one.inputs["addonName"] == "aws-efs-csi-driver"]
    assert association.urn in driver.dependencies
    assert not [one for one in graph.under("was-cluster-addons-efsnode") if one.type.startswith("aws:iam/rolePolicy")]


def test_a_cluster_without_the_driver_is_refused():
    config = {key.removeprefix(f"{PROJECT}:"): json.dumps(value) for key, value in stack_config("dev").items()}
    stack = settings.load("dev", config)

    def program() -> None:
        keys = Keys("keys", KeysArgs(conventions=stack.conventions))
        storage = Storage("storage", StorageArgs(conventions=stack.conventions, keys=keys, archive_days=30))
        network = Network(
            "network", NetworkArgs(conventions=stack.conventions, settings=stack.network, storage=storage)
        )
        cluster = Cluster("web", ClusterArgs(settings=stack, role="web", network=network, keys=keys))
        with pytest.raises(ValueError, match="dev-common-eks-web-01 has no driver for EFS: set shares_files"):
            FileSystemArgs(conventions=stack.conventions, network=network, keys=keys, cluster=cluster)

    run(program)
