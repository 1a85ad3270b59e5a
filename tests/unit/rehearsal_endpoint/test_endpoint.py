"""The endpoint answers AWS's own client library as S3 and KMS would, and asks for each request whether it may be."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - botocore has none
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]
from botocore.session import Session  # pyright: ignore[reportMissingTypeStubs]

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.endpoint.refusal import Refusal
from rehearsal.endpoint.server import serve

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

_REGION = "ap-northeast-2"
_KEY_ARN = f"arn:aws:kms:{_REGION}:482713905561:key/11111111-2222-3333-4444-555555555555"


class _Rights:
    """Writes down what is asked, and refuses what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.contexts: dict[str, Mapping[str, str | Sequence[str]]] = {}
        self.refused: set[str] = set()

    def __call__(self, caller: str, action: str, resource: str, context: Mapping[str, str | Sequence[str]]) -> None:
        self.asked.append((caller, action, resource))
        self.contexts[action] = context
        if action in self.refused:
            raise Refusal(
                403, "AccessDenied", f"{caller} is not authorized to perform: {action} on resource: {resource}"
            )


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    cloud = Cloud(tmp_path / "cloud")
    things = (
        ("aws:kms/key:Key", _KEY_ARN[-36:], {"arn": _KEY_ARN}),
        ("aws:kms/alias:Alias", "alias/state", {"targetKeyId": _KEY_ARN[-36:]}),
        ("aws:s3/bucket:Bucket", "states", {"arn": "arn:aws:s3:::states", "bucket": "states"}),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "states",
            {"bucket": "states", "rules": [{"applyServerSideEncryptionByDefault": {"kmsMasterKeyId": _KEY_ARN}}]},
        ),
    )
    for kind, identifier, properties in things:
        cloud.create(
            CloudObject(provider="aws", type=kind, location=_REGION, id=identifier, properties=properties)  # pyright: ignore[reportArgumentType] - literals
        )
    return cloud


@pytest.fixture
def rights() -> _Rights:
    return _Rights()


@pytest.fixture
def address(cloud: Cloud, rights: _Rights) -> Generator[str]:
    with serve(cloud, {"ASIAKNOWN": "somebody"}.get, rights) as address:
        yield address


def _client(service: str, address: str, key: str = "ASIAKNOWN") -> Any:  # noqa: ANN401 - botocore has no types
    return Session().create_client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        service,
        region_name=_REGION,
        endpoint_url=address,
        aws_access_key_id=key,
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}),
    )


def test_objects_are_kept_listed_copied_and_deleted(address: str) -> None:
    s3 = _client("s3", address)
    s3.put_object(Bucket="states", Key=".pulumi/a b+c.json", Body=b"first")
    s3.put_object(Bucket="states", Key=".pulumi/deep/d.json", Body=io.BytesIO(b"second"))
    s3.copy_object(Bucket="states", Key="copy", CopySource={"Bucket": "states", "Key": ".pulumi/a b+c.json"})
    assert s3.get_object(Bucket="states", Key="copy")["Body"].read() == b"first"
    listed = s3.list_objects_v2(Bucket="states", Prefix=".pulumi/", Delimiter="/")
    assert [item["Key"] for item in listed["Contents"]] == [".pulumi/a b+c.json"]
    assert [item["Prefix"] for item in listed["CommonPrefixes"]] == [".pulumi/deep/"]
    s3.delete_object(Bucket="states", Key="copy")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="states", Key="copy")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.list_objects_v2(Bucket="others")


def test_a_bucket_under_a_key_asks_that_key_on_the_callers_behalf(address: str, rights: _Rights) -> None:
    s3 = _client("s3", address)
    s3.put_object(Bucket="states", Key="a", Body=b"1")
    assert rights.asked == [
        ("somebody", "s3:PutObject", "arn:aws:s3:::states/a"),
        ("somebody", "kms:GenerateDataKey", _KEY_ARN),
    ]
    assert rights.contexts["kms:GenerateDataKey"] == {
        "kms:ViaService": f"s3.{_REGION}.amazonaws.com",
        "kms:ResourceAliases": ["alias/state"],
        "aws:RequestedRegion": _REGION,
    }
    rights.refused = {"kms:Decrypt"}
    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        s3.get_object(Bucket="states", Key="a")


def test_who_may_not_list_is_not_told_what_is_missing(address: str, rights: _Rights) -> None:
    rights.refused = {"s3:ListBucket"}
    with pytest.raises(ClientError, match="AccessDenied"):
        _client("s3", address).get_object(Bucket="states", Key="nothing")


def test_a_key_opens_what_it_sealed(address: str, rights: _Rights) -> None:
    kms = _client("kms", address)
    sealed = kms.encrypt(KeyId="alias/state", Plaintext=b"secret")["CiphertextBlob"]
    assert b"secret" not in sealed
    assert rights.contexts["kms:Encrypt"]["kms:RequestAlias"] == "alias/state"
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=sealed[:-8])
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.encrypt(KeyId="alias/other", Plaintext=b"secret")


def test_an_access_key_that_nobody_was_given_is_refused(address: str) -> None:
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        _client("s3", address, "ASIAFOREIGN").list_objects_v2(Bucket="states")
