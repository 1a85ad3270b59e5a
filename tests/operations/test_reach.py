"""Whether a machine and its caller get into the clusters that a deployment is about to fill."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from operations.aws_cli import Aws
from operations.reach import objections
from rehearsal.account.past import give_past
from rehearsal.cloud import Cloud, CloudObject, JsonObject
from rehearsal.plugins import write_launcher

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = {"web": "prod-web", "was": "prod-was"}
_ROLE = "arn:aws:iam::498273610554:role/deployer"
_SESSION = "arn:aws:sts::498273610554:assumed-role/deployer/job"


@dataclass
class Machine:
    """A machine with the rehearsal's curl, on which the AWS CLI and Pulumi answer for two clusters."""

    cloud: Cloud
    folder: Path
    names: dict[str, str] = field(default_factory=lambda: dict(_NAMES))
    pauses: list[float] = field(default_factory=list[float])

    def objections(self) -> list[str]:
        return list(objections(self.folder, "prod", Aws("ap-northeast-2", self._aws), self.pauses.append))

    def _aws(self, command: list[str]) -> tuple[int, str, str]:
        _, service, operation, *rest = command
        answers: dict[str, Any] = {
            "eks get-token": {"status": {"token": "k8s-aws-v1.aHR0cHM6Ly9zdHM"}},
            "sts get-caller-identity": {"Arn": _SESSION},
        }
        if operation == "describe-cluster":
            found = self.cloud.get("aws:eks/cluster:Cluster", rest[1], location="ap-northeast-2")
            if found is None:
                return (
                    254,
                    "",
                    "An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation",
                )
            authority = {"data": "QSBjZXJ0aWZpY2F0ZQ=="}
            answers["eks describe-cluster"] = {
                "cluster": {"endpoint": found.properties["endpoint"], "certificateAuthority": authority}
            }
        return 0, json.dumps(answers[f"{service} {operation}"]), ""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    tools = tmp_path / "bin"
    write_launcher(tools / "curl", module="rehearsal.vantage.curl")
    (tools / "pulumi").write_text(f"#!/bin/sh\necho '{json.dumps(_NAMES)}'\n")
    (tools / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FASTORDER_CLOUD_DIR", str(tmp_path / "cloud"))
    monkeypatch.setenv("FASTORDER_CALLER", "deployer")
    cloud = Cloud(tmp_path / "cloud")
    for name in _NAMES.values():
        vpc: JsonObject = {"endpointPublicAccess": False, "endpointPrivateAccess": True, "subnetIds": []}
        _put(cloud, "cluster:Cluster", name, {"name": name, "endpoint": f"https://{name}", "vpcConfig": vpc})
        entry: JsonObject = {"clusterName": name, "principalArn": _ROLE}
        _put(cloud, "accessEntry:AccessEntry", name, entry)
        policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        rights: JsonObject = {**entry, "policyArn": policy, "accessScope": {"type": "cluster"}}
        _put(cloud, "accessPolicyAssociation:AccessPolicyAssociation", name, rights)
    return Machine(cloud, tmp_path)


def _put(cloud: Cloud, kind: str, identity: str, properties: JsonObject) -> None:
    token = f"aws:eks/{kind}"
    cloud.create(CloudObject(provider="aws", type=token, location="ap-northeast-2", id=identity, properties=properties))


def _past(machine: Machine, refusals: int) -> None:
    give_past(machine.cloud.folder, "prepared")
    file = machine.cloud.folder / "past.toml"
    file.write_text(file.read_text().replace("before_entries = 0", f"before_entries = {refusals}"))


def test_a_caller_that_is_let_in_waits_for_nothing(machine: Machine) -> None:
    assert machine.objections() == []
    assert machine.pauses == []


def test_an_entry_that_has_not_reached_the_server_yet_is_waited_for(machine: Machine) -> None:
    _past(machine, refusals=3)
    assert machine.objections() == []
    assert machine.pauses == [1, 2, 4, 1, 2, 4], "three refusals of each cluster, asked again ever more slowly"


def test_an_entry_that_never_comes_is_told_with_cluster_identity_limit_and_fix(machine: Machine) -> None:
    machine.cloud.delete("aws:eks/accessEntry:AccessEntry", "prod-was", location="ap-northeast-2")
    (said,) = machine.objections()
    assert said.startswith(
        f"clusters: the API server of was (prod-was) answers 401 to {_SESSION}, still after 120 seconds: it has no "
        "access entry; deploy as account.deployerRoleArn or a role of clusters.adminRoleArns"
    )
    assert sum(machine.pauses) == 120


def test_an_entry_without_its_policy_is_no_entry_that_is_enough(machine: Machine) -> None:
    machine.cloud.delete(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "prod-web", location="ap-northeast-2"
    )
    (said,) = machine.objections()
    assert f"of web (prod-web) answers 403 to {_SESSION}, still after 120 seconds" in said
    assert "no access policy that lets it list namespaces" in said


def test_a_server_that_does_not_answer_here_is_told_at_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTORDER_PLACE", "office")
    web, was = machine.objections()
    assert web.startswith("clusters: the API server of web (prod-web) does not answer here (curl: (28) dial tcp ")
    assert "clusters.publicEndpointCidrs" in was
    assert machine.pauses == []


def test_a_cluster_that_aws_does_not_know_is_still_to_be_made(machine: Machine) -> None:
    machine.cloud.delete("aws:eks/cluster:Cluster", "prod-web", location="ap-northeast-2")
    (said,) = machine.objections()
    assert said.startswith("clusters: prod-web is not there yet")
