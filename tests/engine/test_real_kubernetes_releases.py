"""A small program in a real API server: releases, refused objects, roll-outs that never end, and healing.

The tests share one deployment and its running cluster, and run in this order; each leaves it healthy.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.controlplane.lifecycle import clusters, place_of
from rehearsal.kubernetes.api import Api
from rehearsal.nodes.faults import Fault, FaultKind, write_faults
from rehearsal.plugins import Kubernetes
from rehearsal.session import Rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.cloud import JsonObject
    from rehearsal.outcome import Outcome
    from rehearsal.toolchain import Toolchain

pytestmark = pytest.mark.clusters

_PROGRAM = Path(__file__).parent / "programs" / "workload"
_CONFIG_MAP = "/api/v1/namespaces/small/configmaps/small"
_PODS = "/api/v1/namespaces/small/pods"


@pytest.fixture(scope="module")
def small(real_toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The deployed program, with its cluster running until the last test has ended."""
    home = tmp_path_factory.mktemp("releases")
    project = home / "project"
    shutil.copytree(_PROGRAM, project)
    rehearsal = Rehearsal(
        project=project,
        stack="test",
        home=home / "rehearsal",
        toolchain=real_toolchain,
        kubernetes=Kubernetes.REAL,
    )
    assert rehearsal.up().errors == []
    drift = rehearsal.drift()
    assert (drift.errors, drift.changed_steps) == ([], []), "a plan starts the clusters that it asks, and stops them"
    with clusters(rehearsal.cloud):
        yield rehearsal


@pytest.fixture(scope="module")
def server(small: Rehearsal) -> Api:
    return Api(place_of(small.cloud, "small").configuration("admin"))


def _up(rehearsal: Rehearsal, **config: str | int | bool) -> Outcome:
    rehearsal.config = config
    return rehearsal.up()


def _helm_list(rehearsal: Rehearsal) -> list[dict[str, str]]:
    kubeconfig = place_of(rehearsal.cloud, "small").kubeconfig
    command = [str(rehearsal.toolchain.helm), "list", "-A", "--output", "json", "--kubeconfig", str(kubeconfig)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def _pods(server: Api) -> list[JsonObject]:
    return cast("list[JsonObject]", server.get(_PODS, labelSelector="app=small")["items"])


def _is_ready(pod: JsonObject) -> bool:
    conditions = cast("list[JsonObject]", cast("JsonObject", pod["status"])["conditions"])
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def test_the_release_is_deployed_its_pods_are_ready_in_all_zones_and_its_hook_has_run(
    small: Rehearsal, server: Api
) -> None:
    pods = _pods(server)
    assert len(pods) == 2
    assert all(_is_ready(pod) for pod in pods)
    nodes = {str(cast("JsonObject", pod["spec"])["nodeName"]) for pod in pods}
    zones = {node.removeprefix("small-").rpartition("-")[0] for node in nodes}
    assert zones == {"ap-northeast-2a", "ap-northeast-2b"}
    events = cast("list[JsonObject]", server.get("/apis/events.k8s.io/v1/namespaces/small/events")["items"])
    finished = [event for event in events if event["reason"] == "Completed"]
    assert [cast("JsonObject", event["regarding"])["name"] for event in finished] == ["small-prepare"]


def test_neither_the_state_nor_an_output_holds_a_key_of_the_cluster(small: Rehearsal) -> None:
    kept = json.dumps([small.export(), small.outputs(show_secrets=True)])
    place = place_of(small.cloud, "small")
    assert "get-token" in kept
    for secret in (place.token, base64.b64encode(place.keys.key("admin").read_bytes()).decode()):
        assert secret not in kept


def test_helm_agrees_with_the_state(small: Rehearsal) -> None:
    status = cast("JsonObject", small.outputs()["status"])
    (listed,) = _helm_list(small)
    assert (listed["name"], listed["namespace"], listed["status"]) == ("small", "small", "deployed")
    assert int(listed["revision"]) == status["revision"]
    assert listed["chart"] == "small-1.2.3"
    assert status["status"] == "deployed"


def test_a_template_edited_without_a_version_is_rolled_out_by_its_checksum(small: Rehearsal, server: Api) -> None:
    template = small.project / "chart" / "templates" / "objects.yaml"
    template.write_text(template.read_text().replace("  text: {{", "  edited: yes-it-is\n  text: {{", 1))
    unseen = _up(small)
    assert unseen.errors == []
    assert unseen.changed_steps == [], "a second deployment changes nothing, and without a checksum sees no edit"
    seen = _up(small, checksum="2")
    assert [step.type for step in seen.changed_steps] == ["kubernetes:helm.sh/v3:Release"]
    assert cast("JsonObject", server.get(_CONFIG_MAP)["data"])["edited"] == "yes-it-is"


def test_a_value_that_the_chart_refuses_fails_with_the_charts_words(small: Rehearsal) -> None:
    failed = _up(small, checksum="2", replicas=20)
    assert any("'/replicas': maximum: got 20" in error for error in failed.errors), failed.errors


def test_a_pod_that_is_not_restricted_is_refused_by_pod_security_admission(small: Rehearsal, server: Api) -> None:
    failed = _up(small, checksum="2", wrong="pod")
    assert any('violates PodSecurity "restricted' in error for error in failed.errors), failed.errors
    assert [pod for pod in _pods(server) if not _is_ready(pod)] == []


def test_a_roll_out_that_never_becomes_ready_fails_with_its_release_and_is_rolled_back(
    small: Rehearsal, server: Api
) -> None:
    faults = place_of(small.cloud, "small").faults
    write_faults(faults, [Fault(kind=FaultKind.CRASH_LOOP, target="small/small-")])
    before = cast("JsonObject", server.get(_CONFIG_MAP)["data"])["text"]
    failed = _up(small, checksum="2", text="new", timeout=5)
    write_faults(faults, [])
    # Helm 3 says nothing of the pods: the runbook looks at them.
    assert any('Helm release "small/small"' in error and "timed out" in error for error in failed.errors), failed.errors
    assert cast("JsonObject", server.get(_CONFIG_MAP)["data"])["text"] == before


def test_the_next_good_deployment_heals_what_failed(small: Rehearsal, server: Api) -> None:
    healed = _up(small, checksum="2", text="new")
    assert healed.errors == []
    assert cast("JsonObject", server.get(_CONFIG_MAP)["data"])["text"] == "new"
    assert all(_is_ready(pod) for pod in _pods(server))
    (listed,) = _helm_list(small)
    assert listed["status"] == "deployed"


def test_a_change_made_by_hand_is_reported_by_a_refresh_and_repaired_by_force_only(
    small: Rehearsal, server: Api
) -> None:
    path = "/apis/eks.amazonaws.com/v1/namespaces/small/targetgroupbindings/small"
    server.merge(path, {"spec": {"serviceRef": {"port": "other"}}})
    seen = small.refresh()
    assert [step.type for step in seen.changed_steps] == ["kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"]
    refused = _up(small, checksum="2", text="new")
    conflict = '"small/small" failed'
    assert any(conflict in error and "Apply failed with 1 conflict" in error for error in refused.errors), (
        refused.errors
    )
    assert _up(small, checksum="2", text="new", force=True).errors == []
    spec = cast("JsonObject", server.get(path)["spec"])
    assert cast("JsonObject", spec["serviceRef"])["port"] == "http"


def test_destroying_leaves_no_object_and_no_cluster(small: Rehearsal, server: Api) -> None:
    assert small.destroy().errors == []
    assert not place_of(small.cloud, "small").folder.exists()
