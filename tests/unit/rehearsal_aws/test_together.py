"""What several callers do to one account at once never leaves what AWS would not have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pulumi.runtime.proto import provider_pb2

from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.refusals import RefusedError
from rehearsal.aws.wire import to_struct
from rehearsal.cloud import Cloud
from tests.unit.rehearsal_aws.conftest import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.cloud import JsonObject
    from tests.unit.rehearsal_aws.conftest import Made

_VPC, _SUBNET, _QUEUE = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:sqs/queue:Queue"
_ROUNDS = 40


def _engine(folder: Path) -> Engine:
    """A provider of its own, as each plugin process has one, over the same account."""
    cloud = Cloud(folder)
    provider = AwsProvider(cloud)
    settings: JsonObject = {"region": "ap-northeast-2"}
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct(settings)))
    return Engine(provider, cloud)


def test_no_child_is_made_under_a_parent_that_is_going(tmp_path: Path) -> None:
    first, second = _engine(tmp_path), _engine(tmp_path)

    def settle(network: Made) -> bool:
        try:
            second.create(_SUBNET, "s", {"vpcId": network.id, "cidrBlock": "10.0.0.0/24"})
        except RefusedError:
            return False
        return True

    def leave(network: Made) -> bool:
        try:
            first.delete(network)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for round_ in range(_ROUNDS):
            network = first.create(_VPC, f"v{round_}", {"cidrBlock": "10.0.0.0/16"})
            settled, left = pool.submit(settle, network), pool.submit(leave, network)
            assert settled.result() is not left.result(), "one of them comes first, and the other is refused"
            for child in first.cloud.list(_SUBNET):
                assert first.cloud.find(str(child.properties["vpcId"])), "an orphan"
                first.cloud.delete(_SUBNET, child.id, location=child.location)
            if not left.result():
                first.delete(network)


def test_two_changes_of_one_resource_are_both_there(tmp_path: Path) -> None:
    first, second = _engine(tmp_path), _engine(tmp_path)
    before: JsonObject = {"name": "q", "delaySeconds": 0, "maxMessageSize": 2048}
    made = first.create(_QUEUE, "q", before)
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(1, _ROUNDS):
            both = (
                pool.submit(first.update, made, before | {"delaySeconds": round_}),
                pool.submit(second.update, made, before | {"maxMessageSize": 2048 + round_}),
            )
            for one in both:
                one.result()
            there = first.read(made)[1]
            assert (there["delaySeconds"], there["maxMessageSize"]) == (round_, 2048 + round_)
