"""Peak hours: pods and readers are there before the crowd, and what raises them may do nothing else."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.unit.testkit import Registration, whole

CRON_JOB: Final = "kubernetes:batch/v1:CronJob"
SCHEDULED: Final = "aws:appautoscaling/scheduledAction:ScheduledAction"
PEAKS: Final = {"web": (3, 6), "was-user": (2, 4), "was-item": (2, 6), "was-pay": (2, 6)}
EVENINGS, WEEKEND = "MON,TUE,WED,THU,FRI", "SAT,SUN"

pytestmark = pytest.mark.parametrize("stack", ["stg", "prod"])


def minimum(job: Registration) -> tuple[str, int]:
    """Return the autoscaler that a job changes, and the minimum that it sets."""
    (container,) = job.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    verb, kind, name, patch = container["args"]
    assert (verb, kind) == ("patch", "horizontalpodautoscaler")
    wanted = json.loads(patch.removeprefix("--patch="))
    return name, wanted["spec"]["minReplicas"]


def test_every_autoscaler_is_raised_in_each_window_and_lowered_after_it(stack: str):
    found: dict[str, dict[str, int]] = {name: {} for name in PEAKS}
    for job in whole(stack).of(CRON_JOB):
        name, value = minimum(job)
        assert job.inputs["spec"]["timeZone"] == "Asia/Seoul"
        found[name][job.inputs["spec"]["schedule"]] = value
    for name, (usual, peak) in PEAKS.items():
        assert found[name] == {
            f"*/10 17-21 * * {EVENINGS}": peak,
            f"0,10 22 * * {EVENINGS}": usual,
            f"*/10 10-21 * * {WEEKEND}": peak,
            f"0,10 22 * * {WEEKEND}": usual,
        }


def test_the_account_of_a_job_may_change_its_own_autoscaler_only(stack: str):
    graph = whole(stack)
    for role in graph.of("kubernetes:rbac.authorization.k8s.io/v1:Role"):
        name = role.inputs["metadata"]["name"].removesuffix("-peak")
        assert role.inputs["rules"] == [
            {
                "apiGroups": ["autoscaling"],
                "resources": ["horizontalpodautoscalers"],
                "resourceNames": [name],
                "verbs": ["get", "patch"],
            }
        ]
    bindings = graph.of("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert {one.inputs["roleRef"]["name"] for one in bindings} == {f"{name}-peak" for name in PEAKS}
    for one in bindings:
        (subject,) = one.inputs["subjects"]
        assert subject["name"] == one.inputs["roleRef"]["name"]
        assert subject["namespace"] == one.inputs["metadata"]["namespace"]


def test_a_job_waits_for_its_rights_and_for_the_release_with_the_autoscaler(stack: str):
    graph = whole(stack)
    for job in graph.of(CRON_JOB):
        types = {graph.at(urn).type.rpartition(":")[2] for urn in job.dependencies}
        assert {"RoleBinding", "NetworkPolicy", "Release"} <= types


def test_the_pods_of_a_job_reach_the_api_server_and_nothing_else(stack: str):
    graph = whole(stack)
    (vpc,) = {one.inputs["cidrBlock"] for one in graph.of("aws:ec2/vpc:Vpc")}
    policies = graph.of("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    assert len(policies) == len(PEAKS)
    for one in policies:
        spec = one.inputs["spec"]
        assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
        assert "ingress" not in spec
        (egress,) = spec["egress"]
        assert [peer["ipBlock"]["cidr"] for peer in egress["to"]] == [vpc, "172.20.0.0/16"]
        assert [port["port"] for port in egress["ports"]] == [443]


def test_readers_rise_and_fall_with_the_pods_and_an_update_leaves_a_raised_minimum_alone(stack: str):
    graph = whole(stack)
    found = {one.inputs["schedule"]: one.inputs["scalableTargetAction"]["minCapacity"] for one in graph.of(SCHEDULED)}
    assert found == {
        f"cron(0 17 ? * {EVENINGS} *)": 3,
        f"cron(0 22 ? * {EVENINGS} *)": 2,
        f"cron(0 10 ? * {WEEKEND} *)": 3,
        f"cron(0 22 ? * {WEEKEND} *)": 2,
    }
    assert {one.inputs["timezone"] for one in graph.of(SCHEDULED)} == {"Asia/Seoul"}
    assert {one.inputs["scalableTargetAction"]["maxCapacity"] for one in graph.of(SCHEDULED)} == {6}
    assert "minCapacity" in graph.one("aws:appautoscaling/target:Target").ignore_changes
