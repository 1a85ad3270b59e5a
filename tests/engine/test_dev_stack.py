"""The life of the dev stack on the real engine, as its deployer: plan, deploy, repeat, change, drift, destroy.

The tests share one deployment and run in this order; each leaves it as it found it, but the last.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.authorization.caller import identity_of
from rehearsal.aws.authorization.record import read
from rehearsal.aws.endings import KEPT, PENDING_KEY
from rehearsal.cloud import Cloud
from rehearsal.iam import Request, decide
from rehearsal.iam.evaluation import context
from tests.engine.findings import assert_clean
from tests.engine.graph import draw

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from rehearsal.session import Rehearsal
    from tests.engine.conftest import CompareGraph, RehearseStack

# The shared deployments count as part of the first test; on a busy machine they take minutes.
pytestmark = pytest.mark.timeout(900)

_CHECKOUT = Path(__file__).parents[2]
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_LISTENER = "aws:lb/listener:Listener"
_RECORD = "aws:route53/record:Record"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_REPOSITORY = "aws:ecr/repository:Repository"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_CACHE_USER = "aws:elasticache/user:User"
_REGION = "ap-northeast-2"
_SERVICES = ("user", "item", "pay")
_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@pytest.fixture(scope="module")
def dev(rehearse_stack: RehearseStack) -> Rehearsal:
    return rehearse_stack("dev", as_deployer=True)


@pytest.fixture(scope="module")
def foundations(dev: Rehearsal) -> list[str]:
    """What bootstrap made, which outlives the stack."""
    return existing(dev)


@pytest.fixture(scope="module")
def plan(dev: Rehearsal, foundations: list[str]) -> Outcome:
    assert foundations != []
    return dev.preview()


@pytest.fixture(scope="module")
def deployment(dev: Rehearsal, plan: Outcome) -> Outcome:
    assert plan.errors == []
    outcome = dev.up()
    # The pack has seen all values by now; what follows is about the engine and the cloud.
    dev.policy_pack = None
    return outcome


def test_the_plan_meets_every_policy(plan: Outcome) -> None:
    assert_clean(plan)


def test_the_graph_of_the_plan_is_the_committed_one(plan: Outcome, compare_graph: CompareGraph) -> None:
    compare_graph("dev", draw(plan.steps))


def test_the_deployment_meets_every_policy_once_all_values_are_known(deployment: Outcome) -> None:
    assert_clean(deployment)


def test_the_deployment_makes_what_the_plan_announced(plan: Outcome, deployment: Outcome) -> None:
    assert deployment.changes == plan.changes
    assert {step.urn for step in deployment.steps} == {step.urn for step in plan.steps}


def test_what_is_made_carries_the_stacks_own_account(dev: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    registries = {str(thing.properties["repositoryUrl"]) for thing in Cloud(dev.cloud).list(_REPOSITORY)}
    assert {url.split(".")[0] for url in registries} == {"111111111111"}
    assert "123456789012" not in str([thing.properties for thing in Cloud(dev.cloud).list()])


def test_pods_may_what_their_service_asks_and_nothing_of_the_others(dev: Rehearsal, deployment: Outcome) -> None:
    """Each pod's role as it stands in the account, its boundary included, asked what the pods ask of AWS."""
    assert deployment.errors == []
    cloud, account = Cloud(dev.cloud), "111111111111"
    (database,), (cache,) = cloud.list("aws:rds/cluster:Cluster"), cloud.list(_CACHE)
    resource_id = database.properties["clusterResourceId"]
    secret = re.search(r"arn:aws:secretsmanager:[^']+", str(database.properties["masterUserSecrets"]))
    assert secret is not None
    users = [one for one in cloud.list(_CACHE_USER) if one.properties["userName"] != "default"]
    logins = {f"arn:aws:rds-db:{_REGION}:{account}:dbuser:{resource_id}/{one}": one for one in _SERVICES}
    asked = [
        *((f"{service}-role-waspod", "rds-db:connect", arn) for arn, service in logins.items()),
        *(("item-role-waspod", "elasticache:Connect", str(one.properties["arn"])) for one in (cache, *users)),
        *((f"{one}-role-wasmigrate", "secretsmanager:GetSecretValue", secret[0]) for one in _SERVICES),
    ]
    pods = [f"{service}-role-{kind}" for service in _SERVICES for kind in ("waspod", "wasmigrate")]
    for pod in (*pods, "common-role-webpod"):
        identity = identity_of(f"dev-{pod}-01", cloud, account)
        for action, resource in dict.fromkeys((action, resource) for _, action, resource in asked):
            request = Request(action=action, resource=resource, context=context({"aws:RequestedRegion": _REGION}))
            assert bool(decide(identity, request)) == ((pod, action, resource) in asked), (
                f"{pod}: {action} on {resource}"
            )


def test_a_second_deployment_changes_nothing(dev: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    second = dev.up()
    assert second.errors == []
    assert second.changed_steps == []
    assert second.changes["same"] == deployment.changes["create"]


def test_a_refresh_of_an_untouched_cloud_reports_nothing(dev: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    refresh = dev.refresh()
    assert refresh.errors == []
    assert refresh.changed_steps == []


def test_a_changed_setting_updates_what_it_concerns_and_nothing_else(dev: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    dev.config = {"logs": {"retentionDays": 5}}
    changed = dev.preview()
    dev.config = {}
    assert changed.errors == []
    assert {(step.op, step.type, step.changed) for step in changed.changed_steps} == {
        ("update", _LOG_GROUP, ("retentionInDays",))
    }


def test_a_refresh_reports_what_was_changed_outside_and_an_update_puts_it_back(
    dev: Rehearsal, deployment: Outcome
) -> None:
    assert deployment.errors == []
    cloud = Cloud(dev.cloud)
    group, rule = cloud.list(_LOG_GROUP)[0], cloud.list(_RULE)[0]
    cloud.change(group.type, group.id, "retentionInDays", 1, location=group.location)
    cloud.delete(rule.type, rule.id, location=rule.location)

    drift = dev.refresh()
    assert drift.errors == []
    assert sorted((step.op, step.type) for step in drift.changed_steps) == [("delete", _RULE), ("update", _LOG_GROUP)]
    repair = dev.up()
    assert repair.errors == []
    assert sorted((step.op, step.type) for step in repair.changed_steps) == [("create", _RULE), ("update", _LOG_GROUP)]
    assert cloud.list(_LOG_GROUP)[0].properties["retentionInDays"] == group.properties["retentionInDays"]
    assert dev.refresh().changed_steps == []


def test_what_others_point_to_can_be_changed_although_its_name_is_ours(
    dev: Rehearsal, deployment: Outcome, tmp_path: Path
) -> None:
    assert deployment.errors == []
    cloud = Cloud(dev.cloud)
    proofs = {record.id for record in cloud.list(_RECORD)}
    dev.project, dev.config = _edited(tmp_path), {"edited:checkout": str(_CHECKOUT), "edge": {"antiDdos": True}}
    edited = dev.up()
    dev.project, dev.config = _CHECKOUT, {}
    assert edited.errors == []
    replaced = {step.type for step in edited.changed_steps if step.op in ("create-replacement", "replace")}
    assert replaced == {
        _TARGET_GROUP,
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        "aws:cloudwatch/logDelivery:LogDelivery",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    }
    groups = {group.id: group.properties["port"] for group in cloud.list(_TARGET_GROUP)}
    assert sorted(map(str, groups.values())) == ["8109", "8110", "8111", "8180"]
    forwards = [str(listener.properties["defaultActions"]) for listener in cloud.list(_LISTENER)]
    assert all(sum(group in forward for forward in forwards) == 1 for group in groups)
    assert {record.id for record in cloud.list(_RECORD)} == proofs, "the records that prove domains must outlive keys"


def _edited(folder: Path) -> Path:
    """Make a project whose program is ours after some edits."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(_CHECKOUT / name, folder)
    shutil.copy(Path(__file__).parent / "programs" / "edited" / "__main__.py", folder)
    for sources in ("functions", "workloads"):
        (folder / sources).symlink_to(_CHECKOUT / sources)  # the engine looks for them beside the program
    return folder


def test_a_destroyed_stack_leaves_the_foundations_and_keys_that_wait_for_their_end(
    dev: Rehearsal, deployment: Outcome, foundations: list[str]
) -> None:
    assert deployment.errors == []
    assert existing(dev) != foundations
    destruction = dev.destroy()
    assert destruction.errors == []
    assert existing(dev) == foundations
    # KMS lets no key go at once.
    kept = [thing for thing in Cloud(dev.cloud).list() if thing.provider == KEPT]
    assert {(thing.type, thing.properties["pendingWindowInDays"]) for thing in kept} == {(PENDING_KEY, 7)}


def test_all_of_it_was_done_as_the_deployer_and_nothing_was_refused(dev: Rehearsal, deployment: Outcome) -> None:
    assert deployment.errors == []
    assert dev.calls is not None
    calls = read(dev.calls)
    assert {(call.caller, call.allowed) for call in calls} == {("dev-common-role-deployer-01", True)}
    assert {call.operation for call in calls} >= {"create", "read", "update"}


def existing(rehearsal: Rehearsal) -> list[str]:
    return [f"{thing.type} {thing.id}" for thing in Cloud(rehearsal.cloud).list() if thing.provider != KEPT]
