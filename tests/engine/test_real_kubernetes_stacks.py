"""DEV, STG and PROD in real API servers: releases deployed, pods ready, bindings at the right target groups.

The tests of a stack share one deployment of it, so they run stack after stack.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.cloud import Cloud
from rehearsal.controlplane.lifecycle import clusters, place_of
from rehearsal.kubernetes.api import Api
from rehearsal.plugins import Kubernetes
from rehearsal.session import Rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.cloud import JsonObject
    from rehearsal.outcome import Outcome
    from rehearsal.toolchain import Toolchain

_CHECKOUT = Path(__file__).parents[2]
_RELEASE = "kubernetes:helm.sh/v3:Release"
_BINDINGS = "/apis/eks.amazonaws.com/v1/targetgroupbindings"
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
# name of the bound Service, and the port that its target group must have
_BOUND = {"web": 8080, "was-user": 8009, "was-item": 8010, "was-pay": 8011}

# Two clusters and the whole program: minutes on a busy machine.
pytestmark = [pytest.mark.clusters, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=["dev", "stg", "prod"])
def stack(
    request: pytest.FixtureRequest, real_toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsal:
    name = str(request.param)
    return Rehearsal(
        project=_CHECKOUT,
        stack=name,
        home=tmp_path_factory.mktemp(f"{name}-real"),
        toolchain=real_toolchain,
        policy_pack=_CHECKOUT / "policy",
        kubernetes=Kubernetes.REAL,
    )


@pytest.fixture(scope="module")
def deployment(stack: Rehearsal) -> Iterator[Outcome]:
    """The deployed stack; its clusters run until the last test has ended."""
    outcome = stack.up()
    with clusters(stack.cloud):
        yield outcome


@pytest.fixture(scope="module")
def servers(stack: Rehearsal, deployment: Outcome) -> dict[str, Api]:
    assert deployment.errors == []
    names = cast("dict[str, str]", stack.outputs()["clusters"])
    return {tier: Api(place_of(stack.cloud, name).configuration("admin")) for tier, name in names.items()}


def test_every_release_is_deployed_and_helm_agrees_with_the_state(stack: Rehearsal, servers: dict[str, Api]) -> None:
    listed: dict[str, tuple[str, str]] = {}
    for name in cast("dict[str, str]", stack.outputs()["clusters"]).values():
        kubeconfig = str(place_of(stack.cloud, name).kubeconfig)
        command = [str(stack.toolchain.helm), "list", "-A", "--output", "json", "--kubeconfig", kubeconfig]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        listed |= {item["name"]: (item["status"], item["revision"]) for item in json.loads(answer)}
    resources = cast("list[JsonObject]", cast("JsonObject", stack.export()["deployment"])["resources"])
    kept = [cast("JsonObject", item["outputs"]) for item in resources if item["type"] == _RELEASE]
    status = [cast("JsonObject", outputs["status"]) for outputs in kept]
    assert listed == {str(item["name"]): (str(item["status"]), str(item["revision"])) for item in status}
    assert {str(item["status"]) for item in status} == {"deployed"}
    assert set(listed) >= set(_BOUND)


def test_every_pod_is_ready_in_a_namespace_that_takes_restricted_pods_only(servers: dict[str, Api]) -> None:
    for api in servers.values():
        pods = cast("list[JsonObject]", api.get("/api/v1/pods")["items"])
        assert pods
        assert [_name(pod) for pod in pods if not _is_ready_or_done(pod)] == []
        for namespace in {str(cast("JsonObject", pod["metadata"])["namespace"]) for pod in pods}:
            metadata = cast("JsonObject", api.get(f"/api/v1/namespaces/{namespace}")["metadata"])
            labels = cast("JsonObject", metadata["labels"])
            assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_binding_points_at_the_target_group_of_its_port_in_its_own_cluster(
    stack: Rehearsal, servers: dict[str, Api]
) -> None:
    groups = {str(thing.properties["arn"]): thing.properties for thing in Cloud(stack.cloud).list(_TARGET_GROUP)}
    names = cast("dict[str, str]", stack.outputs()["clusters"])
    bound: dict[str, int] = {}
    for tier, api in servers.items():
        for binding in cast("list[JsonObject]", api.get(_BINDINGS)["items"]):
            spec = cast("JsonObject", binding["spec"])
            group = groups[str(spec["targetGroupARN"])]
            bound[str(cast("JsonObject", spec["serviceRef"])["name"])] = int(str(group["port"]))
            assert cast("JsonObject", group["tags"])["eks:eks-cluster-name"] == names[tier]
    assert bound == _BOUND


def test_peak_jobs_may_raise_their_own_autoscaler_and_nothing_else(stack: Rehearsal, servers: dict[str, Api]) -> None:
    jobs = 0
    for api in servers.values():
        for job in cast("list[JsonObject]", api.get("/apis/batch/v1/cronjobs")["items"]):
            jobs += 1
            namespace = str(cast("JsonObject", job["metadata"])["namespace"])
            template = cast("JsonObject", cast("JsonObject", cast("JsonObject", job["spec"])["jobTemplate"])["spec"])
            pod = cast("JsonObject", cast("JsonObject", template["template"])["spec"])
            account = f"system:serviceaccount:{namespace}:{pod['serviceAccountName']}"
            own = str(pod["serviceAccountName"]).removesuffix("-peak")
            assert _allowed(api, account, namespace, "horizontalpodautoscalers", own)
            for resource, name in (
                ("horizontalpodautoscalers", "another"),
                ("deployments", own),
                ("secrets", "ajp-secret"),
            ):
                assert not _allowed(api, account, namespace, resource, name)
    assert (jobs > 0) == (stack.stack != "dev")


def _name(pod: JsonObject) -> str:
    return str(cast("JsonObject", pod["metadata"])["name"])


def _is_ready_or_done(pod: JsonObject) -> bool:
    status = cast("JsonObject", pod["status"])
    conditions = cast("list[JsonObject]", status.get("conditions") or [])
    ready = any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
    return ready or status.get("phase") == "Succeeded"


def _allowed(api: Api, account: str, namespace: str, resource: str, name: str) -> bool:
    """Ask the server's own authorizer whether the account may patch an object."""
    group = {"horizontalpodautoscalers": "autoscaling", "deployments": "apps"}.get(resource, "")
    asked: JsonObject = {"namespace": namespace, "verb": "patch", "group": group, "resource": resource, "name": name}
    review: JsonObject = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": account, "resourceAttributes": asked},
    }
    answer = api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return cast("JsonObject", answer["status"])["allowed"] is True


def test_a_second_deployment_changes_nothing(stack: Rehearsal, servers: dict[str, Api]) -> None:
    assert servers
    second = stack.up()
    assert second.errors == []
    assert second.changed_steps == []
