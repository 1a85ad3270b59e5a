"""Whether whoever writes a log may write where it is told to.

Owns what each writer of logs into S3 is called, where it puts its objects and what it says of itself, as its own guide
has it, and the answer of the bucket's policy. Does not own the policy language (`rehearsal/iam`). The guides: "Enable
access logs for your Application Load Balancer", "Publish flow logs to Amazon S3", "Logs sent to Amazon S3" (vended).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number
from rehearsal.iam.documents import Policy
from rehearsal.iam.evaluation import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Cloud, Json, JsonObject

_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_VENDED = "aws:cloudwatch/logDelivery:LogDelivery"
_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
_DELIVERY = "delivery.logs.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Writing:
    """One object that a service wants to put: `says` are the condition keys that its requests carry."""

    service: str
    bucket: str
    key: str
    says: Mapping[str, str] = field(default_factory=dict[str, str])
    own_key: bool = True
    """Whether it can write into a bucket that is encrypted with a key of ours."""


def refusal(cloud: Cloud, token: str, inputs: JsonObject, region: str) -> str | None:
    """Why a log would not be written, in AWS's words; None where it would, or where there is none."""
    writing = _writing(cloud, token, inputs, region)
    if writing is None or not any(thing.id == writing.bucket for thing in cloud.list("aws:s3/bucket:Bucket")):
        return None
    if not writing.own_key and "aws:kms" in str(_side(cloud, _ENCRYPTION, writing.bucket)):
        return f"Access Denied for bucket: {writing.bucket} has a KMS key, which {writing.service} cannot use"
    document = _side(cloud, _POLICY, writing.bucket).get("policy")
    target = f"arn:aws:s3:::{writing.bucket}/{writing.key}"
    statements = Policy.of(writing.bucket, str(document)).naming("s3:PutObject") if document else ()
    said = context({"aws:SecureTransport": "true", **writing.says})
    for statement in statements:
        admitted = writing.service in statement.principals.get("Service", ())
        if statement.allows and admitted and statement.reaches(target, said) and not statement.unmet(said):
            return None
    return f"Access Denied for bucket: the policy of {writing.bucket} does not let {writing.service} put {target}"


def _writing(cloud: Cloud, token: str, inputs: JsonObject, region: str) -> Writing | None:
    account = account_number()
    if token == _BALANCER:
        logs = _object(inputs.get("accessLogs"))
        if not logs.get("enabled"):
            return None
        # Its guide shows no condition, and names the account in the path as what ties it to us. Others rely on the two
        # keys; whether its requests carry them is unverified, so that a condition that names us is not refused.
        folder = "/".join(part for part in (str(logs.get("prefix") or ""), f"AWSLogs/{account}") if part)
        return Writing(
            service="logdelivery.elasticloadbalancing.amazonaws.com",
            bucket=str(logs.get("bucket")),
            key=f"{folder}/ELBAccessLogTestFile",
            says={
                "aws:SourceAccount": account,
                "aws:SourceArn": f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/",
            },
            own_key=False,
        )
    says = {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}
    if token == _FLOW_LOG and inputs.get("logDestinationType") == "s3":
        hive = _object(inputs.get("destinationOptions")).get("hiveCompatiblePartitions")
        folder = f"aws-account-id={account}/aws-service=vpcflowlogs" if hive else f"{account}/vpcflowlogs"
        arn = {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"}
        return Writing(
            service=_DELIVERY, bucket=_bucket(inputs.get("logDestination")), key=f"AWSLogs/{folder}/x", says=says | arn
        )
    if token == _VENDED:
        found = [
            one for one in cloud.list(_DESTINATION) if one.properties.get("arn") == inputs["deliveryDestinationArn"]
        ]
        target = _object(found[0].properties.get("deliveryDestinationConfiguration")) if found else {}
        arn = {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:delivery-source:{inputs.get('deliverySourceName')}"}
        bucket = str(target.get("destinationResourceArn") or "")
        if bucket.startswith("arn:aws:s3:::"):
            return Writing(service=_DELIVERY, bucket=_bucket(bucket), key=f"AWSLogs/{account}/x", says=says | arn)
    return None


def _side(cloud: Cloud, token: str, bucket: str) -> JsonObject:
    found = [thing.properties for thing in cloud.list(token) if thing.properties.get("bucket") == bucket]
    return found[0] if found else {}


def _bucket(arn: Json) -> str:
    return str(arn).removeprefix("arn:aws:s3:::").partition("/")[0]


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
