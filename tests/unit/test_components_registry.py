"""Repositories as they are registered: immutable, encrypted, scanned, cleaned up, and copied where backups are."""

from __future__ import annotations

import json
from typing import Final

import pytest

from operations.program import settings_of
from tests.unit.testkit import ROOT, STACKS, Graph, whole

REPOSITORY: Final = "aws:ecr/repository:Repository"
LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION: Final = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
RELEASES: Final = {"web": ["web-httpd-release"], "was": ["was-user-release", "was-item-release", "was-pay-release"]}
PRODUCTION: Final = ("stg", "prod")


def test_no_image_can_change_under_its_tag_and_each_is_scanned(graph: Graph):
    for repository in graph.of(REPOSITORY):
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def test_images_are_encrypted_with_the_key_of_their_region(graph: Graph):
    keys = {None: "arn:aws:mock:::keys-images", "ap-northeast-1": "arn:aws:mock:::keys-copies"}
    for repository in graph.of(REPOSITORY):
        (encryption,) = repository.inputs["encryptionConfigurations"]
        assert encryption == {"encryptionType": "KMS", "kmsKey": keys[repository.inputs.get("region")]}


@pytest.mark.parametrize(("stack", "versions"), [("dev", 30), ("stg", 100), ("prod", 100)])
def test_every_repository_drops_rests_of_pushes_and_the_oldest_versions(stack: str, versions: int):
    graph = whole(stack)
    cleaned = [(one.inputs["repository"], one.inputs.get("region")) for one in graph.of(LIFECYCLE)]
    assert sorted(cleaned, key=str) == sorted(
        [(one.inputs["name"], one.inputs.get("region")) for one in graph.of(REPOSITORY)], key=str
    )
    for lifecycle in graph.of(LIFECYCLE):
        untagged, tagged = (rule["selection"] for rule in json.loads(lifecycle.inputs["policy"])["rules"])
        assert (untagged["tagStatus"], untagged["countType"]) == ("untagged", "sinceImagePushed")
        assert tagged["tagPatternList"] == ["*"]
        assert (tagged["countType"], tagged["countNumber"]) == ("imageCountMoreThan", versions)


@pytest.mark.parametrize("stack", PRODUCTION)
def test_every_image_has_a_twin_in_tokyo_that_exists_before_replication(stack: str):
    graph = whole(stack)
    homes = {one.inputs["name"] for one in graph.of(REPOSITORY) if "region" not in one.inputs}
    twins = [one for one in graph.of(REPOSITORY) if one.inputs.get("region") == "ap-northeast-1"]
    assert {one.inputs["name"] for one in twins} == homes
    replication = graph.one(REPLICATION)
    (rule,) = replication.inputs["replicationConfiguration"]["rules"]
    assert rule["destinations"] == [
        {"region": "ap-northeast-1", "registryId": "2" * 12 if stack == "stg" else "3" * 12}
    ]
    assert {(one["filter"], one["filterType"]) for one in rule["repositoryFilters"]} == {
        (name, "PREFIX_MATCH") for name in homes
    }
    awaited = {graph.at(urn).name for urn in replication.dependencies}
    assert awaited == {"registry-web-copy", "registry-was-copy"}


def test_dev_keeps_its_images_at_home():
    graph = whole("dev")
    assert [one for one in graph if one.type == REPLICATION] == []
    assert {one.inputs.get("region") for one in graph.of(REPOSITORY)} == {None}


@pytest.mark.parametrize("stack", STACKS)
def test_each_release_runs_the_image_of_its_repository(stack: str):
    graph = whole(stack)
    for image, releases in RELEASES.items():
        repository = graph.one(REPOSITORY, f"registry-{image}")
        for release in releases:
            found = graph.one("kubernetes:helm.sh/v3:Release", release)
            address = f"repository-of-{repository.name}"
            image_of = found.inputs["values"]["image"]
            assert (image_of["repository"], image_of["tag"]) == (address, "1.0.0")
            assert ("digest" in image_of) is (stack != "dev"), "what is deployed by digest cannot be another image"
            assert repository.urn in found.dependencies


@pytest.mark.parametrize("stack", STACKS)
def test_the_tools_ask_for_images_in_the_repositories_that_the_program_makes(stack: str):
    made = {one.inputs["name"] for one in whole(stack).of(REPOSITORY)}
    assert {repository for repository, _ in settings_of(ROOT, stack).images()} == made
