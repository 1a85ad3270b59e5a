"""Valkey as it is registered: TLS only, one user by IAM with three commands, redundant where the environment asks."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.cache import ACCESS_STRING, PORT, SWITCHED_OFF
from tests.unit.testkit import STACKS, Graph, whole

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
USER = "aws:elasticache/user:User"
RELEASE = "kubernetes:helm.sh/v3:Release"


def test_the_cache_is_encrypted_with_the_data_key_and_speaks_tls_only(graph: Graph):
    inputs = graph.one(GROUP).inputs
    assert inputs["atRestEncryptionEnabled"] is True
    assert inputs["kmsKeyId"] == "arn:aws:mock:::keys-data"
    assert inputs["transitEncryptionEnabled"] is True
    assert inputs["transitEncryptionMode"] == "required"
    assert not [key for key in inputs if key.startswith("authToken")]


def test_the_nodes_lie_in_the_data_subnets_and_admit_the_was_tier_and_the_bastion_alone(graph: Graph):
    inputs = graph.one(GROUP).inputs
    subnets = graph.one("aws:elasticache/subnetGroup:SubnetGroup")
    assert inputs["subnetGroupName"] == subnets.inputs["name"]
    assert all(subnet.startswith("network-data-") for subnet in subnets.inputs["subnetIds"])
    (group,) = inputs["securityGroupIds"]
    rules = graph.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    admitted = [one.inputs for one in rules if one.inputs["securityGroupId"] == group]
    bastion = {"access-sg-group-id"} if graph.exports["environment"] != "dev" else set[str]()
    assert {one["referencedSecurityGroupId"] for one in admitted} == {"was-cluster-eks-security-group", *bastion}
    assert {(one["fromPort"], one["toPort"]) for one in admitted} == {(PORT, PORT)} == {(inputs["port"],) * 2}


def test_the_version_does_not_move_by_itself(graph: Graph):
    inputs = graph.one(GROUP).inputs
    assert (inputs["engine"], inputs["engineVersion"]) == ("valkey", "8.2")
    assert inputs["autoMinorVersionUpgrade"] is False
    parameters = graph.one("aws:elasticache/parameterGroup:ParameterGroup").inputs
    assert inputs["parameterGroupName"] == parameters["name"]
    assert (parameters["family"], parameters["parameters"]) == (
        "valkey8",
        [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    )


def test_both_logs_go_to_encrypted_groups_that_exist_before(graph: Graph):
    cache = graph.one(GROUP)
    found = {one["logType"]: one["destination"] for one in cache.inputs["logDeliveryConfigurations"]}
    assert set(found) == {"slow-log", "engine-log"}
    awaited = {graph.at(urn).inputs.get("name") for urn in cache.dependencies}
    assert set(found.values()) <= awaited


@pytest.mark.parametrize(("stack", "nodes", "days"), [("dev", 1, 1), ("stg", 3, 7), ("prod", 3, 7)])
def test_nodes_failover_and_snapshots_follow_the_environment(stack: str, nodes: int, days: int):
    inputs = whole(stack).one(GROUP).inputs
    assert inputs["numCacheClusters"] == nodes
    assert inputs["automaticFailoverEnabled"] is inputs["multiAzEnabled"] is (nodes > 1)
    assert inputs["snapshotRetentionLimit"] == days


def test_only_one_user_can_log_in_and_nobody_has_a_password(graph: Graph):
    default, user = (graph.one(USER, name).inputs for name in ("cache-default-user", "cache-user"))
    assert (default["userName"], default["accessString"]) == ("default", SWITCHED_OFF)
    assert user["authenticationMode"] == {"type": "iam"}
    # ElastiCache demands it of users by IAM.
    assert user["userName"] == user["userId"]
    group = graph.one("aws:elasticache/userGroup:UserGroup").inputs
    assert set(group["userIds"]) == {default["userId"], user["userId"]}
    assert graph.one(GROUP).inputs["userGroupIds"] == [group["userGroupId"]]
    assert len(graph.of(USER)) == 2
    assert not [key for one in graph.of(USER) for key in one.inputs if key.startswith("passwords")]


@pytest.mark.parametrize("stack", STACKS)
def test_the_item_service_alone_gets_the_cache_and_may_log_in_to_exactly_it(stack: str):
    graph = whole(stack)
    user = graph.one(USER, "cache-user").inputs["userId"]
    for service in ("user", "item", "pay"):
        values = graph.one(RELEASE, f"was-{service}-release").inputs["values"]
        found = graph.one("aws:iam/rolePolicy:RolePolicy", f"was-{service}-waspod-policy").document("policy")
        logins = [one for one in found["Statement"] if one["Action"] == "elasticache:Connect"]
        if service != "item":
            assert "cache" not in values
            assert not logins
            continue
        assert values["cache"] == {
            "host": "master.cache-group.ab12cd.apn2.cache.amazonaws.com",
            "port": PORT,
            "username": user,
        }
        (login,) = logins
        assert [arn.rpartition(":")[0].rpartition(":")[2] for arn in login["Resource"]] == ["replicationgroup", "user"]
        assert [arn.rpartition(":")[2] for arn in login["Resource"]] == [
            graph.one(GROUP).inputs["replicationGroupId"],
            user,
        ]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[socket.socket]:
    """A real server of the same access rules, without any port, and a connection to it."""
    path = tmp_path / "server.sock"
    arguments = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("eady to accept connections" in line for line in process.stdout), "the server ended"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            yield connection
        process.terminate()


def ask(connection: socket.socket, command: str) -> str:
    connection.sendall(f"{command}\r\n".encode())
    return connection.recv(4096).decode()


def test_a_real_server_lets_the_user_read_and_write_menus_and_nothing_else(server: socket.socket):
    assert ask(server, f"ACL SETUSER item >token {ACCESS_STRING}") == "+OK\r\n"
    assert ask(server, "AUTH item token") == "+OK\r\n"
    assert ask(server, "SET menu:v1:1 x EX 50") == "+OK\r\n"
    assert ask(server, "GET menu:v1:1") == "$1\r\nx\r\n"
    assert ask(server, "SET theatres:v1 x EX 50") == "+OK\r\n"
    for refused in ("GET session:1", "SET x y", "DEL menu:v1:1", "KEYS *", "FLUSHALL", "CONFIG GET *", "ACL LIST"):
        assert ask(server, refused).startswith("-NOPERM"), refused


def test_a_real_server_refuses_the_switched_off_user(server: socket.socket):
    assert ask(server, f"ACL SETUSER nobody nopass {SWITCHED_OFF}") == "+OK\r\n"
    assert ask(server, "AUTH nobody anything").startswith("-WRONGPASS")
