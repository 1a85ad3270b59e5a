"""STG and PROD on the real engine: each meets the policies and is stable, and STG is PROD but for its names.

The tests share one deployment of each stack.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.authorization.caller import identity_of
from rehearsal.aws.authorization.lives import lives
from rehearsal.aws.authorization.record import read
from rehearsal.aws.endings import KEPT, RECOVERY_POINT, SNAPSHOT, folder_of_objects
from rehearsal.cloud import Cloud, CloudObject
from rehearsal.iam.reduction import judge
from rehearsal.vantage.places import Place
from tests.engine.findings import assert_clean
from tests.engine.graph import draw, flatten

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import CompareGraph, RehearseStack

# The shared deployments count as part of the first test; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(900)

_STACKS = ("stg", "prod")
# What may differ in value, by the end of its path, with the reason. Everything else must be equal once the name of the
# environment, its zone, its account number and its address block are taken out.
_MAY_DIFFER = {".zoneId": "the public zone that bootstrap made in the account"}
# What a lifted protection changes.
_LIFTED = {
    "aws:rds/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:ec2/instance:Instance",
    "aws:eks/cluster:Cluster",
}
# What stays in the account of a stack that is taken down.
_STAYS = {
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:kms/key:Key",
    "aws:kms/alias:Alias",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:ecr/repository:Repository",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:backup/vault:Vault",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
}
_ASKED_ELSEWHERE = {
    # Words of the deployer's policies that no operation on a resource asks, and who does.
    "UseState s3:GetObject": "the engine's backend, which is a folder here",
    "UseState s3:DeleteObject": "the engine's backend",
    "UseState s3:PutObject": "the engine's backend",
    "OpenState kms:Decrypt": "the engine's secrets provider",
    "OpenState kms:Encrypt": "the engine's secrets provider",
    "OpenState kms:GenerateDataKey": "the engine's secrets provider",
    "PublishStaticFiles s3:GetObject": "publishing",
    "PublishStaticFiles s3:PutObject": "publishing",
    "ChangeNetwork ec2:CreateVpcEncryptionControl": "network.encryptionControl, in regions that have it",
    "ChangeNetwork ec2:ModifyVpcEncryptionControl": "network.encryptionControl",
    "ChangeNetwork ec2:GetVpcResourcesBlockingEncryptionEnforcement": "network.encryptionControl, before it enforces",
    "ChangeNetwork ec2:DeleteVpcEncryptionControl": "network.encryptionControl",
    "ReadPlatform lambda:GetAccountSettings*": "the preflight",
    "ReadPlatform route53:GetDNSSEC*": "the preflight: is the zone's signature trusted",
    "ReadPlatform servicequotas:GetServiceQuota*": "the preflight",
    "ReadPlatform secretsmanager:DescribeSecret*": "the preflight: is the Slack webhook there",
}
_ENVIRONMENT = re.compile(r"\b(stg|prod)(?=\b|[-_/A-Z])|(?<=[-_/])(stg|prod)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def rehearsals(rehearse_stack: RehearseStack) -> dict[str, Rehearsal]:
    return {stack: rehearse_stack(stack, as_deployer=stack == "prod") for stack in _STACKS}


@pytest.fixture(scope="module")
def foundations(rehearsals: dict[str, Rehearsal]) -> list[CloudObject]:
    """What bootstrap made of prod, which no deployer may touch."""
    return Cloud(rehearsals["prod"].cloud).list(provider="aws")


@pytest.fixture(scope="module")
def plans(rehearsals: dict[str, Rehearsal]) -> dict[str, Outcome]:
    return {stack: rehearsal.preview() for stack, rehearsal in rehearsals.items()}


@pytest.fixture(scope="module")
def first_passes(
    rehearsals: dict[str, Rehearsal], plans: dict[str, Outcome], foundations: list[CloudObject]
) -> list[Outcome]:
    """Prod as it is first made by a runner of GitHub's: its empty clusters, and what becomes of filling them."""
    assert plans["prod"].errors == []
    assert foundations != []
    prod = rehearsals["prod"]
    # The plan has met the pack, and so will the deployment.
    pack, prod.policy_pack = prod.policy_pack, None
    prod.place, prod.config = Place.HOSTED_RUNNER, {"clusters": {"contents": False}}
    empty = prod.up()
    prod.config = {}
    refused = prod.up()
    prod.place, prod.policy_pack = Place.VPC_RUNNER, pack
    return [empty, refused]


@pytest.fixture(scope="module")
def deployments(rehearsals: dict[str, Rehearsal], first_passes: list[Outcome]) -> dict[str, Outcome]:
    assert first_passes[0].errors == []
    outcomes = {stack: rehearsal.up() for stack, rehearsal in rehearsals.items()}
    for rehearsal in rehearsals.values():
        # The pack has seen all values by now; what follows is about the engine and the cloud.
        rehearsal.policy_pack, rehearsal.place = None, Place.ANYWHERE
    return outcomes


@pytest.mark.parametrize("stack", _STACKS)
def test_the_plan_meets_every_policy(plans: dict[str, Outcome], stack: str) -> None:
    assert_clean(plans[stack])


@pytest.mark.parametrize("stack", _STACKS)
def test_the_graph_of_the_plan_is_the_committed_one(
    plans: dict[str, Outcome], stack: str, compare_graph: CompareGraph
) -> None:
    compare_graph(stack, draw(plans[stack].steps))


def test_a_first_pass_needs_no_api_server_and_the_second_needs_a_machine_in_the_vpc(
    first_passes: list[Outcome], deployments: dict[str, Outcome]
) -> None:
    empty, refused = first_passes
    assert empty.errors == []
    assert [step.type for step in empty.steps if step.type.startswith("kubernetes:")] == []
    unreachable = "configured Kubernetes cluster is unreachable: unable to load schema information from the API server"
    assert refused.errors
    assert all(error.startswith(unreachable) and error.endswith(":443: i/o timeout") for error in refused.errors)
    assert deployments["prod"].errors == []


@pytest.mark.parametrize("stack", _STACKS)
def test_the_deployment_meets_every_policy_once_all_values_are_known(
    deployments: dict[str, Outcome], stack: str
) -> None:
    assert_clean(deployments[stack])


@pytest.mark.parametrize("stack", _STACKS)
def test_a_second_deployment_changes_nothing(
    rehearsals: dict[str, Rehearsal], deployments: dict[str, Outcome], stack: str
) -> None:
    assert deployments[stack].errors == []
    second = rehearsals[stack].up()
    assert second.errors == []
    assert second.changed_steps == []


def test_the_deployer_has_the_rights_that_the_life_of_its_stack_asks_and_few_besides(
    rehearsals: dict[str, Rehearsal],
    deployments: dict[str, Outcome],
    foundations: list[CloudObject],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each word of its policies is taken away, and judged by what was asked and what a change or an end would ask."""
    prod = rehearsals["prod"]
    assert deployments["prod"].errors == []
    assert prod.calls is not None
    asked = read(prod.calls)
    assert {(call.caller, call.allowed) for call in asked} == {(prod.caller, True)}

    account = "333333333333"
    monkeypatch.setenv("FASTORDER_ACCOUNT", account)
    cloud, known = Cloud(prod.cloud), {f"{thing.type} {thing.id}" for thing in foundations}
    later = [call for call in lives(cloud, prod.caller, region="ap-northeast-2") if call.subject not in known]
    found = judge(identity_of(prod.caller, cloud, account), [call.request for call in (*asked, *later)])
    assert found.refused == ()
    idle = {f"{statement} {action}" for statement, action in found.idle}
    assert idle == set(_ASKED_ELSEWHERE)
    assert found.share >= 0.95


def test_a_protected_stack_is_not_destroyed_by_mistake_not_even_in_part(
    rehearsals: dict[str, Rehearsal], deployments: dict[str, Outcome]
) -> None:
    assert deployments["prod"].errors == []
    before = Cloud(rehearsals["prod"].cloud).list()
    destruction = rehearsals["prod"].destroy()
    assert not destruction.succeeded
    assert any("cannot be deleted\nbecause it is protected" in error for error in destruction.errors)
    assert Cloud(rehearsals["prod"].cloud).list() == before


def test_stg_equals_prod_but_for_names_and_addresses(
    rehearsals: dict[str, Rehearsal], deployments: dict[str, Outcome]
) -> None:
    assert [outcome.errors for outcome in deployments.values()] == [[], []]
    stg, prod = (
        {_neutral(path): _neutral(text) for path, text in flatten(rehearsals[stack].export()).items()}
        for stack in _STACKS
    )
    assert sorted(stg.keys() ^ prod.keys()) == [], "inputs that only one of them has"
    different = {path: (stg[path], prod[path]) for path in stg if stg[path] != prod[path]}
    excused = {path: end for path in different for end in _MAY_DIFFER if path.endswith(end)}
    assert {path: values for path, values in different.items() if path not in excused} == {}
    assert set(excused.values()) == set(_MAY_DIFFER), "an allowed difference that is none"


def test_a_stack_that_is_taken_down_as_the_runbook_says_leaves_what_it_promises(
    rehearsals: dict[str, Rehearsal], deployments: dict[str, Outcome], foundations: list[CloudObject]
) -> None:
    assert deployments["prod"].errors == []
    founded = {_key(one) for one in foundations}
    prod, cloud, day = rehearsals["prod"], Cloud(rehearsals["prod"].cloud), datetime.now(UTC).date()
    _fill(cloud)
    prod.config = {"protection": {"takeDown": {"stack": "prod", "day": day.isoformat(), "agreedBy": "the tests"}}}
    lifted = prod.up()
    assert lifted.errors == []
    assert {(step.op, step.type) for step in lifted.changed_steps} == {("update", type_) for type_ in _LIFTED}
    safe = {_key(one): one.properties for one in cloud.list() if one.type in _STAYS and _key(one) not in founded}

    prod.place, prod.config = Place.VPC_RUNNER, {**prod.config, "clusters": {"contents": False}}
    assert prod.up().errors == []
    # What is left needs no API server: whoever destroys it must not stand in what goes.
    prod.place = Place.OFFICE
    assert prod.destroy().errors == []
    stayed = [one for one in cloud.list() if one.provider != KEPT and _key(one) not in founded]
    assert {_key(one): one.properties for one in stayed} == safe
    assert {one.type for one in stayed} == _STAYS
    left = {one.type: one for one in cloud.list(provider=KEPT)}
    assert left.keys() == {SNAPSHOT, RECOVERY_POINT}
    # Not only is it there: the key that opens it is, too.
    assert left[SNAPSHOT].id == f"prod-common-snap-datafinal{day:%Y%m%d}-01"
    assert [one.type for one in cloud.find(str(left[SNAPSHOT].properties["key"]))] == ["aws:kms/key:Key"]
    assert all(list(folder_of_objects(cloud, one.id).iterdir()) for one in cloud.list("aws:s3/bucket:Bucket"))


def _fill(cloud: Cloud) -> None:
    """Put something into every bucket and every vault, as a day of use does."""
    for bucket in cloud.list("aws:s3/bucket:Bucket"):
        folder = folder_of_objects(cloud, bucket.id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "object").write_text("somebody's")
    for vault in cloud.list("aws:backup/vault:Vault"):
        cloud.create(
            CloudObject(
                provider=KEPT,
                type=RECOVERY_POINT,
                location=vault.location,
                id="point",
                properties={"backupVaultName": vault.properties["name"]},
            )
        )


def _key(one: CloudObject) -> tuple[str, str, str]:
    return (one.type, one.location, one.id)


def _neutral(text: str) -> str:
    """Take out what an environment is called, its zone, its account and its address block."""
    # Production has the zone's plain name.
    named = re.sub(r"(ENV\.)?fastorder\.example", "ZONE", _ENVIRONMENT.sub("ENV", text))
    return re.sub(r"\b10\.[23]0\.", "10.BLOCK.", re.sub(r"\b(2{12}|3{12})\b", "ACCOUNT", named))
