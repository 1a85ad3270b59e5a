"""Which API servers a place reaches, and what a caller may do there."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Final

import pytest

from rehearsal.cloud import Cloud, CloudObject, JsonObject
from rehearsal.kubernetes.cluster import Reference, RefusedError, UnreachableError
from rehearsal.kubernetes.connection import approach
from rehearsal.kubernetes.explanations import explained
from rehearsal.kubernetes.guarded import GuardedCluster
from rehearsal.kubernetes.helm_types import Install
from rehearsal.kubernetes.simulated_helm import SimulatedCluster
from rehearsal.vantage import curl
from rehearsal.vantage.access import ForbiddenError, UnknownCallerError, access_of
from rehearsal.vantage.network import obstacle
from rehearsal.vantage.places import VARIABLE, Place

if TYPE_CHECKING:
    from pathlib import Path

_OFFICE_ONLY: Final = ["203.0.113.0/24"]
_RULE: Final[JsonObject] = {"securityGroupId": "sg-cluster", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
_OUT: Final[JsonObject] = {**_RULE, "securityGroupId": "sg-runner", "cidrIpv4": "0.0.0.0/0"}
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_PROJECT: Final = "aws:codebuild/project:Project"
_RUNNER: Final[JsonObject] = {
    "tags": {"Role": "runner"},
    "vpcConfig": {"securityGroupIds": ["sg-runner"], "subnets": ["subnet-1"]},
}
_BASTION: Final[JsonObject] = {
    "tags": {"Role": "bastion"},
    "vpcSecurityGroupIds": ["sg-runner"],
    "privateIp": "10.0.0.9",
}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setenv("FASTORDER_CLOUD_DIR", str(tmp_path / "cloud"))
    cloud = Cloud(tmp_path / "cloud")
    _put(cloud, "aws:ec2/subnet:Subnet", "subnet-1", {"cidrBlock": "10.0.0.0/24"})
    return cloud


def _put(cloud: Cloud, kind: str, identity: str, properties: JsonObject) -> CloudObject:
    thing = CloudObject(provider="aws", type=kind, location="ap-northeast-2", id=identity, properties=properties)
    cloud.create(thing)
    return thing


def _cluster(cloud: Cloud, **network: object) -> CloudObject:
    shown = {"endpointPrivateAccess": True, "endpointPublicAccess": False, "subnetIds": ["subnet-1"], **network}
    vpc: JsonObject = json.loads(json.dumps({**shown, "clusterSecurityGroupId": "sg-cluster"}))
    properties: JsonObject = {"name": "small", "version": "1.36", "endpoint": "https://API", "vpcConfig": vpc}
    return _put(cloud, "aws:eks/cluster:Cluster", "small", properties)


@pytest.mark.parametrize(
    ("place", "listed", "reached"),
    [
        (Place.ANYWHERE, [], True),
        (Place.OFFICE, [], False),
        (Place.OFFICE, _OFFICE_ONLY, True),
        (Place.HOSTED_RUNNER, _OFFICE_ONLY, False),
        (Place.HOSTED_RUNNER, ["0.0.0.0/0"], True),
        (Place.VPC_RUNNER, _OFFICE_ONLY, False),
    ],
)
def test_a_public_endpoint_answers_the_addresses_on_its_list(
    cloud: Cloud, place: Place, listed: list[str], reached: bool
) -> None:
    cluster = _cluster(cloud, endpointPublicAccess=bool(listed), publicAccessCidrs=listed or None)
    assert (obstacle(cloud, cluster, place) is None) is reached


@pytest.mark.parametrize(
    ("machine", "rule", "out", "reached"),
    [
        (_RUNNER, {"referencedSecurityGroupId": "sg-runner"}, _OUT, True),
        (_RUNNER, {"referencedSecurityGroupId": "sg-other"}, _OUT, False),
        (_RUNNER, {"cidrIpv4": "10.0.0.0/16"}, _OUT, True),
        (_RUNNER, {"cidrIpv4": "10.0.0.0/28"}, _OUT, False),
        (_RUNNER, {"referencedSecurityGroupId": "sg-runner", "fromPort": 8080, "toPort": 8080}, _OUT, False),
        (_RUNNER, {"referencedSecurityGroupId": "sg-runner"}, {**_OUT, "cidrIpv4": "10.9.0.0/24"}, False),
        (_RUNNER, None, _OUT, False),
        (_BASTION, {"cidrIpv4": "10.0.0.9/32"}, _OUT, True),
        (_BASTION, {"cidrIpv4": "10.0.0.8/32"}, _OUT, False),
        (None, {"cidrIpv4": "10.0.0.0/16"}, _OUT, False),
    ],
)
def test_a_private_endpoint_answers_whom_its_group_admits_and_who_may_call_out(
    cloud: Cloud, machine: JsonObject | None, rule: JsonObject | None, out: JsonObject, reached: bool
) -> None:
    cluster = _cluster(cloud)
    if machine is not None:
        _put(cloud, _PROJECT if machine is _RUNNER else "aws:ec2/instance:Instance", "machine", machine)
    if rule is not None:
        _put(cloud, _INGRESS, "in", {**_RULE, **rule})
    _put(cloud, _EGRESS, "out", out)
    place = Place.BASTION if machine is _BASTION else Place.VPC_RUNNER
    assert (obstacle(cloud, cluster, place) is None) is reached


def _kubeconfig() -> JsonObject:
    user: JsonObject = {"exec": {"command": "aws", "args": ["eks", "get-token", "--cluster-name", "small"]}}
    return {
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [{"name": "aws", "user": user}],
    }


def test_a_server_out_of_reach_is_told_as_the_official_provider_does(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cluster(cloud)
    assert approach(_kubeconfig()) is None
    monkeypatch.setenv(VARIABLE, Place.HOSTED_RUNNER.value)
    reason = (
        'unable to load schema information from the API server: Get "https://API/openapi/v2?timeout=32s": '
        "dial tcp 10.0.0.14:443: i/o timeout"
    )
    urn = "urn:pulumi:dev::fast-order::kubernetes:core/v1:Namespace::web"
    with pytest.raises(UnreachableError) as error, explained("create", urn):
        approach(_kubeconfig())
    assert str(error.value) == f"configured Kubernetes cluster is unreachable: {reason}"
    release = "urn:pulumi:dev::fast-order::kubernetes:helm.sh/v3:Release::web"
    with pytest.raises(UnreachableError) as error, explained("update", release):
        approach(_kubeconfig())
    assert str(error.value) == f"can't update Helm Release with unreachable cluster: {reason}"


def _entry(cloud: Cloud, role: str, policy: str | None, scope: JsonObject | None = None) -> None:
    principal: JsonObject = {"clusterName": "small", "principalArn": f"arn:aws:iam::111111111111:role/path/{role}"}
    _put(cloud, "aws:eks/accessEntry:AccessEntry", role, principal)
    if policy:
        arn = f"arn:aws:eks::aws:cluster-access-policy/{policy}"
        rights: JsonObject = {**principal, "policyArn": arn, "accessScope": scope or {"type": "cluster"}}
        _put(cloud, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", role, rights)


def test_a_caller_without_an_entry_is_asked_for_credentials(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    _cluster(cloud)
    _entry(cloud, "deployer", "AmazonEKSClusterAdminPolicy")
    monkeypatch.setenv("FASTORDER_CALLER", "stranger")
    with pytest.raises(UnreachableError, match="asked for the client to provide credentials"):
        approach(_kubeconfig())
    with pytest.raises(UnknownCallerError):
        access_of(cloud, "other", "deployer")


@pytest.mark.parametrize(
    ("policy", "verb", "group", "resource", "allowed"),
    [
        ("AmazonEKSClusterAdminPolicy", "create", "karpenter.sh", "nodepools", True),
        ("AmazonEKSViewPolicy", "get", "", "configmaps", True),
        ("AmazonEKSViewPolicy", "get", "", "secrets", False),
        ("AmazonEKSViewPolicy", "create", "", "configmaps", False),
        ("AmazonEKSViewPolicy", "get", "eks.amazonaws.com", "nodeclasses", False),
        ("AmazonEKSAdminViewPolicy", "list", "", "secrets", True),
        ("AmazonEKSAdminViewPolicy", "patch", "", "secrets", False),
        ("AmazonEKSEditPolicy", "create", "", "secrets", True),
        ("AmazonEKSEditPolicy", "create", "rbac.authorization.k8s.io", "roles", False),
        ("AmazonEKSAdminPolicy", "create", "rbac.authorization.k8s.io", "roles", True),
        ("AmazonEKSAdminPolicy", "create", "", "namespaces", False),
        (None, "get", "", "configmaps", False),
    ],
)
def test_an_access_policy_allows_what_its_documentation_lists(
    cloud: Cloud, policy: str | None, verb: str, group: str, resource: str, allowed: bool
) -> None:
    _entry(cloud, "somebody", policy)
    rights = access_of(cloud, "small", "somebody")
    if allowed:
        rights.require(verb, group, resource)
    else:
        with pytest.raises(ForbiddenError, match=f"cannot {verb} resource"):
            rights.require(verb, group, resource)


def test_a_policy_for_namespaces_holds_in_those_only(cloud: Cloud) -> None:
    _entry(cloud, "somebody", "AmazonEKSEditPolicy", {"type": "namespace", "namespaces": ["user"]})
    rights = access_of(cloud, "small", "somebody")
    rights.require("create", "", "configmaps", namespace="user")
    with pytest.raises(ForbiddenError, match='in the namespace "pay"'):
        rights.require("create", "", "configmaps", namespace="pay")


def test_a_viewer_sees_objects_and_neither_changes_them_nor_reads_secrets_and_releases(cloud: Cloud) -> None:
    _cluster(cloud)
    _entry(cloud, "viewer", "AmazonEKSViewPolicy")
    inner = SimulatedCluster(cloud, "small")
    seen = GuardedCluster(inner, access_of(cloud, "small", "viewer"))
    map_: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "default"}}
    inner.create(map_, upsert=False)
    assert seen.get(Reference.of(map_)) is not None
    with pytest.raises(ForbiddenError, match=r'^configmaps is forbidden: User "arn:aws:sts::.*cannot create resource'):
        seen.create(map_, upsert=False)
    with pytest.raises(
        ForbiddenError, match=r'^configmaps "x" is forbidden: .* cannot delete resource "configmaps" in'
    ):
        seen.delete(Reference.of(map_))
    with pytest.raises(ForbiddenError, match=r'^secrets "x" is forbidden'):
        seen.get(Reference.of({**map_, "kind": "Secret"}))
    with pytest.raises(ForbiddenError, match=r"^query: failed to query with labels: secrets is forbidden"):
        seen.release("default", "web")


def test_an_administrator_by_entry_may_do_everything(cloud: Cloud) -> None:
    _cluster(cloud)
    _entry(cloud, "deployer", "AmazonEKSClusterAdminPolicy")
    mine = GuardedCluster(SimulatedCluster(cloud, "small"), access_of(cloud, "small", "deployer"))
    space: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "small"}}
    mine.create(space, upsert=False)
    mine.update(space, {**space, "metadata": {"name": "small", "labels": {"a": "b"}}})
    assert mine.release("small", "web") is None
    with pytest.raises(RefusedError, match="release not loaded"):
        mine.uninstall(Install(name="web", namespace="small", values={}))
    mine.delete(Reference.of(space))


_ASKS: Final = ["--silent", "--max-time", "10", "--config", "-", "--output", "/dev/null", "--write-out", "%{http_code}"]


@pytest.mark.parametrize(
    ("place", "server", "token", "code", "said"),
    [
        (Place.ANYWHERE, "https://API", "k8s-aws-v1.abc", 0, "200"),
        (Place.ANYWHERE, "https://API", "", 0, "401"),
        (Place.ANYWHERE, "https://elsewhere", "k8s-aws-v1.abc", 6, ""),
        (Place.OFFICE, "https://API", "k8s-aws-v1.abc", 28, ""),
    ],
)
def test_the_machines_curl_answers_by_server_place_and_token(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    place: Place, server: str, token: str, code: int, said: str,
) -> None:  # fmt: skip
    _cluster(cloud)
    monkeypatch.setenv(VARIABLE, place.value)
    monkeypatch.setattr("sys.stdin", io.StringIO(f'header = "Authorization: Bearer {token}"\n'))
    asked = [*_ASKS, "--cacert", os.devnull, f"{server}/api/v1/namespaces?limit=1"]
    assert curl.main(asked) == code
    assert capsys.readouterr().out == said
