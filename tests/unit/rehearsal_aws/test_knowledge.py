"""The table of AWS knowledge names only things that exist in the packages beside it."""

from __future__ import annotations

import re

import pytest

from rehearsal.aws import sdk
from rehearsal.aws.catalog import describe
from rehearsal.aws.invention import TEMPLATE_WORDS
from rehearsal.aws.knowledge import knowledge, known_tokens
from rehearsal.aws.limits import operation_exists

WORD = re.compile(r"\{(\w+)(?::[\w-]+)?\}")
INVENTED = re.compile(r"(hex|HEX|alnum|ALNUM|digits)\d+(_\w+)?")


@pytest.mark.parametrize("token", known_tokens())
def test_entry_agrees_with_the_packages(token: str) -> None:
    entry, resource = knowledge(token), describe(token)
    names = set(resource.inputs) | set(resource.outputs)
    assert {path.split(".")[0] for path in entry.limits} <= set(resource.inputs)
    assert set(entry.outputs) <= set(resource.outputs)
    assert entry.operation is None or operation_exists(entry.operation)
    assert entry.cloudformation is None or resource.cloudformation == entry.cloudformation
    for template in filter(None, (entry.id, entry.arn, entry.unique, *map(str, entry.outputs.values()))):
        for word in WORD.findall(template):
            assert word in names or word in TEMPLATE_WORDS or INVENTED.fullmatch(word), f"{word} in {template}"


def test_a_type_the_sdk_does_not_have_is_refused() -> None:
    with pytest.raises(sdk.UnknownTypeError, match="aws:ec2/vpc:Vcp"):
        describe("aws:ec2/vpc:Vcp")


def test_each_source_of_replacement_rules_is_used() -> None:
    assert describe("aws:ec2/vpc:Vpc").replacement["cidrBlock"] == "CloudFormation"
    assert describe("aws:elasticache/replicationGroup:ReplicationGroup").replacement["snapshotName"] == "docstring"
    assert describe("aws:s3/bucketPolicy:BucketPolicy").replacement["bucket"] in {"convention", "CloudFormation"}


def test_limits_come_from_the_service_models() -> None:
    limit = describe("aws:fsx/backup:Backup").limits["fileSystemId"]
    assert (limit.minimum, limit.maximum) == (11, 21)
    assert limit.source == "botocore fsx CreateBackup"
