"""Buckets and keys as they are registered: private, encrypted, versioned, open to their services alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, TypeVar

import pulumi
import pytest

from components.secure_bucket import SecureBucket, SecureBucketArgs
from model import settings
from tests.unit.testkit import PROJECT, STACKS, Graph, assert_outputs, run, stack_config, whole

T = TypeVar("T")
KEY_SERVICES: Final[dict[str, set[str]]] = {
    "data": {"cloudfront.amazonaws.com"},
    "logs": {"logs.ap-northeast-2.amazonaws.com", "delivery.logs.amazonaws.com"},
    "secrets": set(),
    "images": set(),
    "alerts": {f"{one}.amazonaws.com" for one in ("cloudwatch", "events.rds", "budgets", "events", "costalerts")},
    "backup": set(),
    "edge": {"logs.us-east-1.amazonaws.com", "cloudwatch.amazonaws.com"},
}
RECEIVERS: Final = ("storage-access-logs", "storage-log-archive")
BUCKETS: Final = (*RECEIVERS, "storage-static-files")
SIDES: Final = (
    "BucketOwnershipControls",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "BucketLifecycleConfiguration",
    "BucketPolicy",
)


def side(graph: Graph, name: str, kind: str) -> dict[str, Any]:
    (found,) = [one for one in graph.under(name) if one.type.endswith(f":{kind}")]
    return found.inputs


def statements(graph: Graph, type_: str, name: str) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in graph.one(type_, name).document("policy")["Statement"]}


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("bucket", BUCKETS)
def test_every_bucket_has_all_its_side_resources(graph: Graph, bucket: str):
    physical = graph.one("aws:s3/bucket:Bucket", f"{bucket}-bucket").inputs["bucket"]
    for kind in SIDES:
        assert side(graph, bucket, kind)["bucket"] == physical
    assert side(graph, bucket, "BucketOwnershipControls")["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    block = side(graph, bucket, "BucketPublicAccessBlock")
    assert [block[flag] for flag in block if flag != "bucket"] == [True] * 4
    assert side(graph, bucket, "BucketVersioning")["versioningConfiguration"] == {"status": "Enabled"}


def test_no_bucket_stands_outside_of_the_helper(graph: Graph):
    helpers = {one.name for one in graph.of("fastorder:secure_bucket:SecureBucket")}
    assert {graph.at(one.parent).name for one in graph.of("aws:s3/bucket:Bucket")} == helpers == set(BUCKETS)


def test_the_archive_is_under_our_key_and_access_logs_under_the_key_their_writers_can_use(graph: Graph):
    def encryption(bucket: str) -> dict[str, Any]:
        (rule,) = side(graph, bucket, "BucketServerSideEncryptionConfiguration")["rules"]
        return rule["applyServerSideEncryptionByDefault"]

    assert encryption("storage-log-archive") == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": "arn:aws:mock:::keys-logs",
    }
    assert encryption("storage-static-files")["kmsMasterKeyId"] == "arn:aws:mock:::keys-data"
    assert encryption("storage-access-logs") == {"sseAlgorithm": "AES256"}


def test_static_files_are_read_by_distributions_of_this_account_alone_and_never_grow_cold(graph: Graph):
    found = statements(graph, "aws:s3/bucketPolicy:BucketPolicy", "storage-static-files-policy")
    assert found.pop("DenyPlainTransport")["Effect"] == "Deny"
    (read,) = found.values()
    bucket = graph.one("aws:s3/bucket:Bucket", "storage-static-files-bucket").inputs
    assert (read["Principal"], read["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert read["Resource"] == f"arn:aws:s3:::{bucket['bucket']}/*"
    account = bucket["bucket"].split("-")[5]
    assert read["Condition"] == {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{account}:distribution/*"}}
    (rule,) = side(graph, "storage-static-files", "BucketLifecycleConfiguration")["rules"]
    assert "transitions" not in rule
    assert "expiration" not in rule


SAYS: Final = {
    # Deliverer -> what a bucket's policy asks of it, as its guides show it, read in copies of AWS's pages.
    # VPC user guide, "Amazon S3 bucket permissions for flow logs"; CloudFront developer guide, "Standard logging (v2)";
    # CloudWatch Logs user guide, "Logs sent to Amazon S3", which asks a key's policy for the same two.
    "delivery.logs.amazonaws.com": {"aws:SourceAccount", "aws:SourceArn"},
    # S3 user guide, on server access logging.
    "logging.s3.amazonaws.com": {"aws:SourceAccount", "aws:SourceArn"},
}


@pytest.mark.parametrize("bucket", RECEIVERS)
def test_plain_transport_is_denied_and_deliveries_are_bound_to_our_account(graph: Graph, bucket: str):
    found = statements(graph, "aws:s3/bucketPolicy:BucketPolicy", f"{bucket}-policy")
    deny = found.pop("DenyPlainTransport")
    arn = f"arn:aws:s3:::{graph.one('aws:s3/bucket:Bucket', f'{bucket}-bucket').inputs['bucket']}"
    assert (deny["Effect"], deny["Principal"], deny["Resource"]) == ("Deny", "*", [arn, f"{arn}/*"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert found
    account = graph.one("aws:s3/bucket:Bucket", f"{bucket}-bucket").inputs["bucket"].split("-")[5]
    balancers = found.pop("LoadBalancersDeliver", None)
    if bucket == "storage-access-logs":
        # AWS documents no condition for them, but the account in the path.
        assert balancers == {
            "Sid": "LoadBalancersDeliver",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{arn}/alb/AWSLogs/{account}/*",
        }
    for one in found.values():
        asked = {key: values for conditions in one["Condition"].values() for key, values in conditions.items()}
        assert asked.keys() == SAYS[one["Principal"]["Service"]]
        assert account in str(asked)


def test_flow_logs_may_be_written_where_hive_partitions_put_them(graph: Graph):
    flow = graph.one("aws:ec2/flowLog:FlowLog")
    assert flow.inputs["destinationOptions"]["hiveCompatiblePartitions"] is True
    found = statements(graph, "aws:s3/bucketPolicy:BucketPolicy", "storage-log-archive-policy")
    assert any("/AWSLogs/aws-account-id=" in one for one in found["LogDeliveryWrites"]["Resource"])


@pytest.mark.parametrize("stack", STACKS)
def test_keys_rotate_have_an_alias_and_open_only_to_the_services_of_their_purpose(stack: str):
    graph = whole(stack)
    for purpose, services in KEY_SERVICES.items():
        assert graph.one("aws:kms/key:Key", f"keys-{purpose}").inputs["enableKeyRotation"] is True
        assert graph.one("aws:kms/alias:Alias", f"keys-{purpose}-alias").inputs["targetKeyId"] == f"keys-{purpose}-key"
        found = statements(graph, "aws:kms/keyPolicy:KeyPolicy", f"keys-{purpose}-policy")
        root = found.pop("IamPoliciesDecide")
        assert root["Principal"]["AWS"].endswith(":root")
        assert {name for one in found.values() for name in many(one["Principal"]["Service"])} == services
        for one in found.values():
            assert "kms:*" not in one["Action"]
            assert one["Condition"]


def bucket_of(expire_days: int | None) -> tuple[Graph, dict[str, Any]]:
    """Return the graph of one bucket and its single lifecycle rule."""
    config = {key.removeprefix(f"{PROJECT}:"): _json(value) for key, value in stack_config("dev").items()}
    conventions = settings.load("dev", config).conventions

    def program() -> None:
        args = SecureBucketArgs(
            conventions=conventions, role="test", key_arn=None, expire_days=expire_days, access_log_bucket=None
        )
        bucket = SecureBucket("one", args)
        assert_outputs("name", _named, bucket.bucket_name, bucket.arn)

    graph = run(program)
    (rule,) = side(graph, "one", "BucketLifecycleConfiguration")["rules"]
    return graph, rule


def _named(values: list[str]) -> None:
    assert values == ["dev-common-s3-test-01-111111111111-ap-northeast-2", "arn:aws:mock:::one-bucket"]


def _json(value: object) -> str:
    return json.dumps(value)


@pytest.mark.parametrize(("days", "expires", "cools"), [(90, True, False), (400, True, True), (None, False, True)])
def test_objects_cool_only_if_they_live_long_enough_to_pay_for_it(days: int | None, expires: bool, cools: bool):
    _, rule = bucket_of(days)
    assert ("expiration" in rule) is expires
    assert ("transitions" in rule) is cools
    assert rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"] == 7
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == 30


def test_a_check_of_outputs_that_never_runs_is_an_error():
    """Guards `assert_outputs` itself: an unknown value skips the check without any other sign."""

    def program() -> None:
        unknown = pulumi.Output[str](set(), _resolved("x"), _resolved(value=False))
        assert_outputs("never", _named, unknown)

    with pytest.raises(AssertionError, match="checks that never ran: never"):
        run(program)


async def _later(value: T) -> T:
    return value


def _resolved(value: T) -> asyncio.Future[T]:
    return asyncio.ensure_future(_later(value))
