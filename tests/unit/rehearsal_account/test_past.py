"""An account keeps its past, and AWS refuses because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.account import images
from rehearsal.account.past import Past, PastError, give_past, past_of
from rehearsal.account.refusals import unreserved_minimum, vcpus
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.refusals import RefusedError
from rehearsal.aws.wire import from_struct, to_struct
from rehearsal.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rehearsal.cloud import JsonObject

    Make = Callable[[str, str, JsonObject], str]

MONITOR = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
FUNCTION = "aws:lambda/function:Function"
CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
INSTANCE = "aws:ec2/instance:Instance"
REPOSITORY = "aws:ecr/repository:Repository"
SERVICE_MONITOR: JsonObject = {"name": "m", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"}


def maker(account: Path, past: str) -> Make:
    give_past(account, past)
    provider = AwsProvider(Cloud(account))
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": "ap-northeast-2"})))

    def make(token: str, name: str, arguments: JsonObject) -> str:
        urn = f"urn:pulumi:test::tiny::{token}::{name}"
        checked = provider.check(provider_pb2.CheckRequest(urn=urn, news=to_struct(arguments)))
        assert [failure.reason for failure in checked.failures] == []
        return provider.create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs)).id

    return make


@pytest.fixture
def new(tmp_path: Path) -> Make:
    return maker(tmp_path / "new", "new")


@pytest.fixture
def prepared(tmp_path: Path) -> Make:
    return maker(tmp_path / "prepared", "prepared")


def function(reserved: int) -> JsonObject:
    return {
        "name": f"f{reserved}",
        "role": "arn:aws:iam::123456789012:role/r",
        "reservedConcurrentExecutions": reserved,
        "runtime": "python3.14",
        "handler": "h.h",
        "s3Bucket": "bucket",
        "s3Key": "key",
    }


def test_a_past_is_given_once(tmp_path: Path) -> None:
    give_past(tmp_path, "new")
    give_past(tmp_path, "prepared")
    assert past_of(tmp_path).images == "none"
    assert past_of(tmp_path / "without").images == "any"


@pytest.mark.parametrize("text", ["images = 1", "", "images = [", "images = 'some'"])
def test_a_wrong_file_is_refused_with_what_is_allowed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(PastError, match=r"own\.toml"):
        give_past(tmp_path / "account", str(file))


def test_an_unknown_past_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PastError, match="write new, prepared or the path of a file"):
        give_past(tmp_path, "old")


def test_a_new_account_has_its_one_monitor_of_services_already(new: Make, prepared: Make) -> None:
    with pytest.raises(RefusedError, match="ValidationException: Limit exceeded on dimensional spend monitor creation"):
        new(MONITOR, "m", SERVICE_MONITOR)
    assert prepared(MONITOR, "m", SERVICE_MONITOR)
    with pytest.raises(RefusedError, match="Limit exceeded on dimensional"):
        prepared(MONITOR, "n", {**SERVICE_MONITOR, "name": "n"})


def test_no_execution_can_be_reserved_in_a_new_account(new: Make, prepared: Make) -> None:
    with pytest.raises(RefusedError, match=r"InvalidParameterValueException: .* below its minimum value of \[10\]"):
        new(FUNCTION, "f", function(1))
    assert new(FUNCTION, "free", function(-1))
    assert prepared(FUNCTION, "f", function(900))
    with pytest.raises(RefusedError, match=r"minimum value of \[100\]"):
        prepared(FUNCTION, "g", function(1))


def test_the_minimum_follows_the_quota() -> None:
    assert (unreserved_minimum(10), unreserved_minimum(1000)) == (10, 100)


def test_an_add_on_must_be_offered_for_the_clusters_version(prepared: Make) -> None:
    role: JsonObject = {"roleArn": "arn:aws:iam::123456789012:role/r", "vpcConfig": {"subnetIds": ["s"]}}
    prepared(CLUSTER, "c", {"name": "c", "version": "1.36", **role})
    addon: JsonObject = {"clusterName": "c", "addonName": "metrics-server"}
    assert prepared(ADDON, "good", {**addon, "addonVersion": "v0.9.0-eksbuild.11"})
    with pytest.raises(RefusedError, match="InvalidParameterException: Addon version specified is not supported"):
        prepared(ADDON, "old", {**addon, "addonVersion": "v0.8.0-eksbuild.2"})
    with pytest.raises(RefusedError, match=r"Addon nothing specified is not supported in 1\.36 kubernetes version"):
        prepared(ADDON, "none", {**addon, "addonName": "nothing"})
    with pytest.raises(RefusedError, match="No cluster found for name: d"):
        prepared(ADDON, "lost", {**addon, "clusterName": "d"})


def test_addresses_networks_and_processors_end_at_their_quotas(new: Make) -> None:
    for number in range(5):
        new("aws:ec2/eip:Eip", f"e{number}", {"domain": "vpc"})
    with pytest.raises(RefusedError, match="AddressLimitExceeded: The maximum number of addresses"):
        new("aws:ec2/eip:Eip", "last", {"domain": "vpc"})
    for number in range(4):
        new("aws:ec2/vpc:Vpc", f"v{number}", {"cidrBlock": "10.0.0.0/16"})
    with pytest.raises(RefusedError, match="VpcLimitExceeded"):
        new("aws:ec2/vpc:Vpc", "last", {"cidrBlock": "10.0.0.0/16"})
    new("aws:ec2/instance:Instance", "small", {"ami": "ami-1", "instanceType": "t4g.nano"})
    with pytest.raises(RefusedError, match="vCPU limit of 5 allows"):
        new("aws:ec2/instance:Instance", "large", {"ami": "ami-1", "instanceType": "m7g.xlarge"})


def test_vcpus_follow_the_size() -> None:
    sizes = {"t4g.nano": 2, "m7g.medium": 1, "m7g.large": 2, "m7g.xlarge": 4, "c7g.16xlarge": 64}
    assert {kind: vcpus(kind) for kind in sizes} == sizes


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("m7g.4xlarge", True), ("im4gn.4xlarge", True), ("is4gen.4xlarge", True), ("t3.2xlarge", True)]
    + [(f"{family}.4xlarge", False) for family in ("inf2", "trn1", "dl1", "hpc7g", "mac2", "g5", "p5", "x2idn", "u7i")],
)
def test_a_quota_counts_instances_of_its_families_alone(new: Make, kind: str, counts: bool) -> None:
    if counts:
        with pytest.raises(RefusedError, match="VcpuLimitExceeded"):
            new(INSTANCE, "i", {"ami": "ami-1", "instanceType": kind})
    else:
        new(INSTANCE, "i", {"ami": "ami-1", "instanceType": kind})


def _repository(make: Make, account: Path, **more: bool) -> tuple[Cloud, str]:
    make(REPOSITORY, "r", {"name": "web", "imageTagMutability": "IMMUTABLE", **more})
    return Cloud(account), "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web"


def _pod(image: str) -> JsonObject:
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}


def test_pods_of_a_new_account_miss_what_nobody_pushed(tmp_path: Path, new: Make) -> None:
    cloud, address = _repository(new, tmp_path / "new")
    past = past_of(cloud.folder)
    manifests = [_pod(f"{address}:1.0.0"), _pod("registry.k8s.io/kubectl:v1.36.0")]
    assert images.missing(cloud, past, manifests) == [f"{address}:1.0.0"]
    pushed = images.push(cloud, f"{address}:1.0.0")
    assert images.missing(cloud, past, manifests) == []
    assert images.missing(cloud, past, [_pod(f"{address}@{pushed.digest}")]) == []


def test_a_prepared_account_has_every_image_of_its_repositories(tmp_path: Path, prepared: Make) -> None:
    cloud, address = _repository(prepared, tmp_path / "prepared")
    past: Past = past_of(cloud.folder)
    assert images.missing(cloud, past, [_pod(f"{address}:1.0.0")]) == []
    elsewhere = address.replace("/web", "/unknown")
    assert images.missing(cloud, past, [_pod(f"{elsewhere}:1.0.0")]) == [f"{elsewhere}:1.0.0"]


def test_a_tag_is_pushed_once_and_only_where_there_is_a_repository(tmp_path: Path, new: Make) -> None:
    cloud, address = _repository(new, tmp_path / "new")
    assert images.push(cloud, f"{address}:1", "a") == images.push(cloud, f"{address}:1", "a")
    with pytest.raises(images.PushError, match="cannot be overwritten because the repository is immutable"):
        images.push(cloud, f"{address}:1", "b")
    with pytest.raises(images.PushError, match="The repository with name 'was' does not exist"):
        images.push(cloud, address.replace("/web", "/was") + ":1")
    with pytest.raises(images.PushError, match="name invalid"):
        images.push(cloud, address)


@pytest.mark.parametrize("force", [False, True])
def test_a_repository_with_images_goes_only_by_force(tmp_path: Path, new: Make, force: bool) -> None:
    cloud, address = _repository(new, tmp_path / "new", forceDelete=force)
    images.push(cloud, f"{address}:1")
    thing = cloud.list(REPOSITORY)[0]
    request = provider_pb2.DeleteRequest(
        id=thing.id, urn=f"urn:pulumi:test::tiny::{REPOSITORY}::r", properties=to_struct(thing.properties)
    )
    provider = AwsProvider(cloud)
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": "ap-northeast-2"})))
    if force:
        provider.delete(request)
        assert cloud.is_empty()
    else:
        with pytest.raises(RefusedError, match="RepositoryNotEmptyException"):
            provider.delete(request)
        assert from_struct(request.properties)["name"] == "web"
