"""A writer of logs is refused where the bucket's policy does not say what its guide asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rehearsal.account.number import account_number
from rehearsal.aws.refusals import RefusedError

if TYPE_CHECKING:
    from conftest import Engine

    from rehearsal.cloud import Json, JsonObject

BUCKET = "logs-of-ours"
ACCOUNT = account_number()
BALANCER: JsonObject = {
    "name": "web",
    "internal": True,
    "subnets": ["a", "b"],
    "accessLogs": {"bucket": BUCKET, "prefix": "alb", "enabled": True},
}
FLOW_LOG: JsonObject = {
    "vpcId": "",
    "trafficType": "ALL",
    "logDestinationType": "s3",
    "logDestination": f"arn:aws:s3:::{BUCKET}",
    "destinationOptions": {"fileFormat": "parquet", "hiveCompatiblePartitions": True, "perHourPartition": True},
}


def admit(engine: Engine, service: str, folder: str, condition: Json = None, *, own_key: bool = False) -> None:
    statement: JsonObject = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/{folder}/*",
    }
    document = {
        "Version": "2012-10-17",
        "Statement": [{**statement, **({"Condition": condition} if condition else {})}],
    }
    engine.create("aws:s3/bucket:Bucket", "bucket", {"bucket": BUCKET})
    engine.create("aws:s3/bucketPolicy:BucketPolicy", "policy", {"bucket": BUCKET, "policy": json.dumps(document)})
    algorithm: JsonObject = {"sseAlgorithm": "aws:kms" if own_key else "AES256"}
    engine.create(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "encryption",
        {"bucket": BUCKET, "rules": [{"applyServerSideEncryptionByDefault": algorithm}]},
    )


def test_a_load_balancer_writes_where_its_service_may_put_objects_of_the_account(engine: Engine) -> None:
    admit(engine, "logdelivery.elasticloadbalancing.amazonaws.com", f"alb/AWSLogs/{ACCOUNT}")
    engine.create("aws:lb/loadBalancer:LoadBalancer", "web", BALANCER)


@pytest.mark.parametrize(
    ("service", "folder", "condition"),
    [
        ("logdelivery.elasticloadbalancing.amazonaws.com", f"AWSLogs/{ACCOUNT}", None),
        ("logdelivery.elasticloadbalancing.amazonaws.com", "alb/AWSLogs/999999999999", None),
        ("delivery.logs.amazonaws.com", f"alb/AWSLogs/{ACCOUNT}", None),
        (
            "logdelivery.elasticloadbalancing.amazonaws.com",
            f"alb/AWSLogs/{ACCOUNT}",
            {"StringEquals": {"aws:SourceAccount": "999999999999"}},
        ),
    ],
    ids=["another folder", "another account's folder", "another service", "another account by a condition"],
)
def test_a_load_balancer_is_refused_where_it_cannot_write(
    service: str, folder: str, condition: Json, engine: Engine
) -> None:
    admit(engine, service, folder, condition)
    with pytest.raises(RefusedError, match="Access Denied for bucket"):
        engine.create("aws:lb/loadBalancer:LoadBalancer", "web", BALANCER)


def test_a_load_balancer_is_refused_by_a_bucket_with_a_key_of_ours(engine: Engine) -> None:
    admit(engine, "logdelivery.elasticloadbalancing.amazonaws.com", f"alb/AWSLogs/{ACCOUNT}", own_key=True)
    with pytest.raises(RefusedError, match="has a KMS key"):
        engine.create("aws:lb/loadBalancer:LoadBalancer", "web", BALANCER)


def test_flow_logs_with_hive_folders_need_a_folder_of_their_own(engine: Engine) -> None:
    says: JsonObject = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:ap-northeast-2:{ACCOUNT}:*"},
    }
    network = engine.create("aws:ec2/vpc:Vpc", "net", {"cidrBlock": "10.0.0.0/16"})
    admit(engine, "delivery.logs.amazonaws.com", f"AWSLogs/{ACCOUNT}", says, own_key=True)
    flow_log = {**FLOW_LOG, "vpcId": network.id}
    with pytest.raises(RefusedError, match="aws-account-id"):
        engine.create("aws:ec2/flowLog:FlowLog", "flows", flow_log)
    engine.create("aws:ec2/flowLog:FlowLog", "flows", {**flow_log, "destinationOptions": {"fileFormat": "parquet"}})
