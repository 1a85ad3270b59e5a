"""The simulated cloud keeps, finds, changes and forgets objects as a real account would."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rehearsal.cloud import AlreadyExistsError, Cloud, CloudObject, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

VPC = "aws:ec2/vpc:Vpc"


def vpc(identifier: str, **properties: str) -> CloudObject:
    return CloudObject(provider="aws", type=VPC, location="ap-northeast-2", id=identifier, properties=dict(properties))


def test_an_object_survives_the_process_that_made_it(tmp_path: Path) -> None:
    Cloud(tmp_path).create(vpc("vpc-1", cidrBlock="10.0.0.0/16"))
    program = (
        "import sys, pathlib, json; from rehearsal.cloud import Cloud;"
        "print(json.dumps([o.properties for o in Cloud(pathlib.Path(sys.argv[1])).list()]))"
    )
    seen = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)
    assert json.loads(seen.stdout) == [{"cidrBlock": "10.0.0.0/16"}]


def test_a_physical_name_is_unique_per_type_and_location(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    role = CloudObject(provider="aws", type="role", location="", id="a", name="app", properties={})
    cloud.create(role)
    with pytest.raises(AlreadyExistsError, match="app already exists"):
        cloud.create(CloudObject(provider="aws", type="role", location="", id="b", name="app", properties={}))
    cloud.create(CloudObject(provider="aws", type="role", location="elsewhere", id="a", name="app", properties={}))


def test_a_reference_is_found_until_its_owner_is_gone(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    thing = CloudObject(provider="aws", type=VPC, location="r", id="vpc-1", properties={}, references=("sg-default",))
    cloud.create(thing)
    assert [found.id for found in cloud.find("sg-default")] == ["vpc-1"]
    assert [found.id for found in cloud.find("vpc-1")] == ["vpc-1"]
    cloud.delete(VPC, "vpc-1", location="r")
    assert cloud.find("sg-default") == []
    assert cloud.is_empty()


def test_a_change_behind_pulumis_back_reaches_nested_properties(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    cloud.create(
        CloudObject(provider="aws", type=VPC, location="", id="x", properties={"rules": [{"port": 80}], "tags": {}})
    )
    cloud.change(VPC, "x", "rules[0].port", 443)
    cloud.change(VPC, "x", "tags.Owner", "nobody")
    found = cloud.get(VPC, "x")
    assert found is not None
    assert found.properties == {"rules": [{"port": 443}], "tags": {"Owner": "nobody"}}


def test_a_missing_object_or_step_is_refused_by_name(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    with pytest.raises(NotFoundError, match="vpc-9"):
        cloud.delete(VPC, "vpc-9")
    cloud.create(vpc("vpc-1"))
    with pytest.raises(NotFoundError, match="rules"):
        cloud.change(VPC, "vpc-1", "rules[0].port", 1, location="ap-northeast-2")


def test_a_put_replaces_properties_and_references(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    before = CloudObject(provider="aws", type=VPC, location="", id="x", properties={"a": 1}, references=("old",))
    cloud.create(before)
    cloud.put(CloudObject(provider="aws", type=VPC, location="", id="x", properties={"a": 2}, references=("new",)))
    assert cloud.find("old") == []
    assert cloud.find("new")[0].properties == {"a": 2}


def test_the_folder_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASTORDER_CLOUD_DIR", raising=False)
    with pytest.raises(KeyError, match="FASTORDER_CLOUD_DIR is not set"):
        Cloud.from_environment()
