"""Real API servers as such: they start together, survive a crash, enforce their rules, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.controlplane.bench import memory_mib, processes
from rehearsal.controlplane.lifecycle import OWNER_VARIABLE, clusters, place_of
from rehearsal.kubernetes.api import Api, ApiError
from rehearsal.kubernetes.cluster import Reference, UnreachableError
from rehearsal.kubernetes.schemas import problems
from rehearsal.nodes.faults import Fault, FaultKind, write_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rehearsal.cloud import JsonObject
    from rehearsal.controlplane.place import Place

_REGION = "ap-northeast-2"
_CHECKOUT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60.0
_MEMORY_LIMIT_MIB = 1300
_PODS = "/api/v1/namespaces/spread/pods"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

pytestmark = [pytest.mark.clusters, pytest.mark.usefixtures("real_toolchain")]


def _cloud(folder: Path, *names: str) -> Path:
    """A cloud with two subnets and these clusters."""
    cloud = Cloud(folder)
    for zone in "ab":
        properties: JsonObject = {"availabilityZone": f"{_REGION}{zone}"}
        _add(cloud, "aws:ec2/subnet:Subnet", f"subnet-{zone}", properties)
    for name in names:
        _add(cloud, "aws:eks/cluster:Cluster", name, {"name": name, "version": "1.36"})
        place_of(folder, name).create(name=name, version="1.36", region=_REGION, service_range="10.100.0.0/16")
    return folder


def _add(cloud: Cloud, kind: str, identity: str, properties: JsonObject) -> None:
    cloud.create(CloudObject(provider="aws", type=kind, location=_REGION, id=identity, properties=properties))


def _api(place: Place) -> Api:
    return Api(place.configuration("admin"))


def _apply(api: Api, manifest: JsonObject) -> JsonObject:
    """Make an object as people and providers do: by server-side apply, with fields that nobody knows refused."""
    path = api.path(Reference.of(manifest))
    return api.apply(path, manifest, fieldManager="test", fieldValidation="Strict", force="true")


def _eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {_PATIENCE_SECONDS:.0f} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    cloud = _cloud(tmp_path_factory.mktemp("pair"), "web", "was")
    with clusters(cloud):
        yield cloud
    assert processes(cloud) == {}


@pytest.fixture(scope="module")
def web(pair: Path) -> Place:
    return place_of(pair, "web")


def test_both_clusters_answer_with_the_version_that_was_asked_for_and_have_nothing_in_common(pair: Path) -> None:
    versions = [_api(place_of(pair, name)).get("/version")["gitVersion"] for name in ("web", "was")]
    assert versions == ["v1.36.3", "v1.36.3"]
    foreign = place_of(pair, "was").configuration("admin")
    clusters_of_web = place_of(pair, "web").configuration("admin")["clusters"]
    with pytest.raises(UnreachableError, match="was"):
        Api({**foreign, "clusters": clusters_of_web})


def test_both_clusters_together_stay_below_1300_mib(pair: Path) -> None:
    assert 200 < memory_mib(pair) < _MEMORY_LIMIT_MIB


def test_an_object_that_only_the_server_refuses_is_refused_with_its_name_and_the_reason(web: Place) -> None:
    api = _api(web)
    terms: list[JsonObject] = [{"id": "subnet-a"}]
    both: JsonObject = {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "NodeClass",
        "metadata": {"name": "both"},
        "spec": {
            "role": "node",
            "instanceProfile": "node",
            "subnetSelectorTerms": [*terms],
            "securityGroupSelectorTerms": [*terms],
        },
    }
    definitions = cast("list[JsonObject]", api.get(_DEFINITIONS)["items"])
    assert problems(both, "1.36", definitions) == [], "the schema alone allows it"
    with pytest.raises(ApiError, match=r'NodeClass.* "both" .*give exactly one of role and instanceProfile'):
        _apply(api, both)
    unknown: JsonObject = {
        **both,
        "spec": {**cast("JsonObject", both["spec"]), "instanceProfile": None, "colour": "red"},
    }
    with pytest.raises(ApiError, match=r"colour"):
        _apply(api, unknown)


@pytest.fixture(scope="module")
def spread(web: Place) -> Iterator[Api]:
    """Four pods that spread over the zones of a node pool, ready."""
    api = _api(web)
    for manifest in _spread_manifests():
        if manifest["kind"] == "Deployment":
            # The scheduler spreads over zones that have nodes: before the second has one, all pods fit in the first.
            _eventually(lambda: len(_ready_nodes(api)) == 4, "both zones have their nodes")
        _apply(api, manifest)
    _eventually(lambda: len(_nodes_of_ready_pods(api)) == 4, "all four pods are ready")
    yield api
    write_faults(web.faults, [])


def _spread_manifests() -> list[JsonObject]:
    label: JsonObject = {"app": "spread"}
    rule: JsonObject = {
        "topologyKey": "topology.kubernetes.io/zone",
        "maxSkew": 1,
        "whenUnsatisfiable": "DoNotSchedule",
        "nodeTaintsPolicy": "Honor",
        "labelSelector": {"matchLabels": label},
    }
    terms: list[JsonObject] = [{"id": "subnet-a"}, {"id": "subnet-b"}]
    node_class: JsonObject = {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "NodeClass",
        "metadata": {"name": "pool"},
        "spec": {"role": "node", "subnetSelectorTerms": [*terms], "securityGroupSelectorTerms": [{"id": "sg-1"}]},
    }
    reference: JsonObject = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "pool"}
    pool: JsonObject = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "pool"},
        "spec": {"template": {"spec": {"nodeClassRef": reference, "requirements": []}}},
    }
    space: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "spread"}}
    pod: JsonObject = {
        "topologySpreadConstraints": [rule],
        "containers": [{"name": "main", "image": "registry.example/main:1"}],
    }
    deployment: JsonObject = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "spread", "namespace": "spread"},
        "spec": {
            "replicas": 4,
            "selector": {"matchLabels": label},
            "template": {"metadata": {"labels": label}, "spec": pod},
        },
    }
    return [node_class, pool, space, deployment]


def _nodes_of_ready_pods(api: Api) -> list[str]:
    nodes: list[str] = []
    for pod in cast("list[JsonObject]", api.get(_PODS)["items"]):
        status = cast("JsonObject", pod["status"])
        conditions = cast("list[JsonObject]", status.get("conditions") or [])
        if any(item["type"] == "Ready" and item["status"] == "True" for item in conditions):
            nodes.append(str(cast("JsonObject", pod["spec"])["nodeName"]))
    return nodes


def test_pods_spread_over_zones_and_move_when_a_zone_is_lost(spread: Api, web: Place) -> None:
    zones = [node.removeprefix("pool-").rpartition("-")[0] for node in _nodes_of_ready_pods(spread)]
    assert sorted(zones) == [f"{_REGION}a", f"{_REGION}a", f"{_REGION}b", f"{_REGION}b"]
    write_faults(web.faults, [Fault(kind=FaultKind.ZONE_LOSS, target=f"{_REGION}a")])
    _eventually(
        lambda: [f"{_REGION}b" in node for node in _nodes_of_ready_pods(spread)] == [True] * 4,
        "all four pods are ready in the zone that is left",
    )
    write_faults(web.faults, [])
    _eventually(lambda: len(_ready_nodes(spread)) == 4, "the lost nodes are back")


def test_a_lost_nodes_pods_are_started_on_others(spread: Api, web: Place) -> None:
    lost = _nodes_of_ready_pods(spread)[0]
    write_faults(web.faults, [Fault(kind=FaultKind.NODE_LOSS, target=lost)])
    _eventually(lambda: lost not in _ready_nodes(spread), "the node is seen as lost")
    _eventually(lambda: len(_nodes_of_ready_pods(spread)) == 4 and lost not in _nodes_of_ready_pods(spread), "moved")
    write_faults(web.faults, [])


@pytest.mark.parametrize(
    ("kind", "reason"), [(FaultKind.IMAGE_PULL, "ImagePullBackOff"), (FaultKind.CRASH_LOOP, "CrashLoopBackOff")]
)
def test_a_failing_pod_says_why(spread: Api, web: Place, kind: FaultKind, reason: str) -> None:
    write_faults(web.faults, [Fault(kind=kind, target="spread")])
    victim = cast("list[JsonObject]", spread.get(_PODS)["items"])[0]
    spread.delete(f"{_PODS}/{cast('JsonObject', victim['metadata'])['name']}")
    _eventually(lambda: reason in str(spread.get(_PODS)["items"]), f"a pod waits with {reason}")
    write_faults(web.faults, [])
    _eventually(lambda: len(_nodes_of_ready_pods(spread)) == 4, "all pods are ready again")


def _ready_nodes(api: Api) -> list[str]:
    ready: list[str] = []
    for node in cast("list[JsonObject]", api.get("/api/v1/nodes")["items"]):
        conditions = cast("list[JsonObject]", cast("JsonObject", node["status"]).get("conditions") or [])
        if any(item["status"] == "True" for item in conditions):
            ready.append(str(cast("JsonObject", node["metadata"])["name"]))
    return ready


@pytest.mark.parametrize("program", ["kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"])
def test_a_program_that_is_killed_is_started_again_and_nothing_is_lost(pair: Path, web: Place, program: str) -> None:
    api = _api(web)
    name = f"before-{program}"
    space: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    api.post("/api/v1/namespaces", space)
    mark = f"/{program} "
    (victim,) = [pid for pid, command in _programs_of(pair, "web").items() if mark in f"{command} "]
    os.kill(victim, signal.SIGKILL)

    def is_back() -> bool:
        running = [pid for pid, command in _programs_of(pair, "web").items() if mark in f"{command} "]
        try:
            api.get(f"/api/v1/namespaces/{name}/serviceaccounts/default")
        except (UnreachableError, ApiError):
            return False
        return running not in ([], [victim])

    _eventually(is_back, f"{program} runs again and the server answers")
    assert api.get(f"/api/v1/namespaces/{name}")["kind"] == "Namespace"


def _programs_of(cloud: Path, name: str) -> dict[int, str]:
    return {pid: command for pid, command in processes(cloud).items() if f"/clusters/{name}/" in command}


def test_a_stopped_cluster_starts_again_with_all_it_had_and_the_same_kubeconfig(tmp_path: Path) -> None:
    cloud = _cloud(tmp_path, "kept")
    place = place_of(cloud, "kept")
    before = place.configuration("admin")
    space: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}}
    with clusters(cloud):
        _api(place).post("/api/v1/namespaces", space)
    assert processes(cloud) == {}
    with clusters(cloud):
        assert place.configuration("admin") == before
        assert _api(place).get("/api/v1/namespaces/kept")["kind"] == "Namespace"
        Cloud(cloud).delete("aws:eks/cluster:Cluster", "kept", location=_REGION)
    assert not place.folder.exists(), "a cluster that is gone from the cloud leaves nothing"


def test_clusters_end_with_the_rehearsal_that_owns_them_even_when_it_is_killed(tmp_path: Path) -> None:
    cloud = _cloud(tmp_path, "owned")
    program = (
        "import sys, time; from pathlib import Path; from rehearsal.controlplane.lifecycle import clusters\n"
        "with clusters(Path(sys.argv[1])):\n    print('runs', flush=True); time.sleep(300)"
    )
    environment = {key: value for key, value in os.environ.items() if key != OWNER_VARIABLE}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(cloud)], cwd=_CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "runs\n"
        assert len(processes(cloud)) >= 5, "a supervisor and four programs"
        owner.kill()
    _eventually(lambda: not processes(cloud), "everything has ended")


def test_programs_end_with_their_supervisor_even_when_it_is_killed(tmp_path: Path) -> None:
    cloud = _cloud(tmp_path, "orphan")
    with clusters(cloud):
        (supervisor,) = [pid for pid, command in processes(cloud).items() if "rehearsal.controlplane" in command]
        os.kill(supervisor, signal.SIGKILL)
        _eventually(lambda: not processes(cloud), "everything has ended")
