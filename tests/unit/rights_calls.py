"""The calls that deployments of the program make, for the tests of the rights: every operation on every resource.

Owns the way from what the program registers to requests that policies can be judged by: ARNs where the mocks have
none, the children of the clusters' component, and roles and keys as they would stand in the account. Which calls an
operation makes is the rehearsal's knowledge (`rehearsal/aws/authorization`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rehearsal.aws.authorization.arns import Place
from rehearsal.aws.authorization.calls import Subject, function_requests, requests
from rehearsal.aws.authorization.needs import OPERATIONS
from rehearsal.cloud import Cloud, CloudObject
from rehearsal.iam import Request
from tests.unit.testkit import Graph, Json, whole

REGION: Final = "ap-northeast-2"
ACCOUNTS: Final = {"dev": "111111111111", "stg": "222222222222", "prod": "333333333333"}
FUNCTIONS: Final = ("aws:ec2/getManagedPrefixList:getManagedPrefixList",)
"""What the program asks the provider beside making resources, but for the parameter in `parameters`."""
_MOCK: Final = "arn:aws:mock:::"


@cache
def calls(stack: str) -> tuple[tuple[str, Request], ...]:
    """Return every call of making, reading, changing and deleting each resource of a stack, each with its operation."""
    with TemporaryDirectory() as folder:
        cloud, subjects = Cloud(Path(folder)), list(_subjects(stack))
        for token, place, name in subjects:
            _exists(cloud, token, place, name)
        found = [
            (f"{operation} {token}", request)
            for token, place, _ in subjects
            for operation in OPERATIONS
            for request in requests(operation, Subject(token=token, place=place, cloud=cloud))
        ]
        nothing = Place(account=ACCOUNTS[stack], region=REGION, identifier="", properties={})
        found += [
            (token, request)
            for token in FUNCTIONS
            for request in function_requests(token, Subject(token=token, place=nothing, cloud=cloud))
        ]
    return tuple(found)


def _subjects(stack: str) -> Iterator[tuple[str, Place, str]]:
    graph = whole(stack)
    known = _arns(graph, ACCOUNTS[stack])
    for token, name, inputs in _resources(graph):
        properties = _with_arns(inputs, known)
        region = str(properties.get("region") or REGION)
        identifier = known.get(f"{_MOCK}{name}", f"{name}-id")
        if identifier.startswith("arn:"):
            properties["arn"] = identifier
        place = Place(account=ACCOUNTS[stack], region=region, identifier=identifier, properties=properties)
        yield token, place, name


def _resources(graph: Graph) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for one in graph:
        if one.type.startswith("aws:"):
            yield one.type, one.name, dict(one.inputs)
        elif one.type == "eks:index:Cluster":
            yield from _children(one.name, one.inputs)


def _children(name: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What pulumi-eks makes of a cluster, which no mock shows."""
    cluster, tags = inputs["name"], inputs["tags"]
    # The mocks hand over the role itself.
    role = f"{name.removesuffix('-eks')}-cluster-role-role"
    yield (
        "aws:eks/cluster:Cluster",
        f"{name}-cluster",
        {
            "name": cluster,
            "tags": tags,
            "roleArn": f"{_MOCK}{role}",
            "computeConfig": {"nodeRoleArn": inputs["autoMode"]["computeConfig"]["nodeRoleArn"]},
            "encryptionConfig": {"provider": {"keyArn": inputs["encryptionConfigKeyArn"]}},
        },
    )
    for key, entry in inputs["accessEntries"].items():
        principal = {"clusterName": cluster, "principalArn": entry["principalArn"]}
        yield "aws:eks/accessEntry:AccessEntry", f"{name}-{key}", principal | {"tags": tags}
        yield "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", f"{name}-{key}-policy", principal


def _arns(graph: Graph, account: str) -> dict[str, str]:
    """What AWS would call the things that our policies tell apart by ARN: keys, roles and buckets."""
    found: dict[str, str] = {}
    for one in graph:
        region = one.inputs.get("region") or REGION
        arn = {
            "aws:kms/key:Key": f"arn:aws:kms:{region}:{account}:key/{one.name}",
            "aws:iam/role:Role": f"arn:aws:iam::{account}:role/{one.inputs.get('name')}",
            "aws:s3/bucket:Bucket": f"arn:aws:s3:::{one.inputs.get('bucket')}",
        }.get(one.type)
        if arn is not None:
            found[f"{_MOCK}{one.name}"] = arn
    return found


def _with_arns(value: Json, known: Mapping[str, str]) -> Json:
    if isinstance(value, Mapping):
        return {key: _with_arns(one, known) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_with_arns(one, known) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return known.get(value, value) if isinstance(value, str) else value


def _exists(cloud: Cloud, token: str, place: Place, name: str) -> None:
    cloud.create(
        CloudObject(
            provider="aws",
            type=token,
            location=place.region,
            id=place.identifier,
            properties=json.loads(json.dumps(place.properties, default=str)),
            references=(f"{_MOCK}{name}",),
        )
    )
