"""A cluster without an API server: what it keeps, what it refuses, and how its Helm releases live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.kubernetes.cluster import Reference, RefusedError, UnreachableError
from rehearsal.kubernetes.helm import find_chart
from rehearsal.kubernetes.helm_types import Install, ReleaseFailedError
from rehearsal.kubernetes.simulated_helm import SimulatedCluster

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, JsonObject

_SPACE: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "small"}}
_MAP: JsonObject = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "x", "namespace": "small"},
    "data": {"a": "1", "b": "2"},
}
_WANTED = Install(name="web", namespace="small", values={"replicas": 2, "text": "one"})


def _data(cluster: SimulatedCluster, name: str) -> JsonObject:
    live = cluster.get(Reference(api_version="v1", kind="ConfigMap", namespace="small", name=name))
    assert live is not None
    return cast("JsonObject", live["data"])


def test_a_cluster_that_is_not_in_the_cloud_cannot_be_reached(cloud: Cloud) -> None:
    with pytest.raises(UnreachableError, match="cluster other does not exist"):
        SimulatedCluster(cloud, "other")


def test_an_object_needs_its_namespace_and_does_not_exist_twice(cluster: SimulatedCluster) -> None:
    with pytest.raises(RefusedError, match=r'ConfigMap small/x .*namespace "small" not found'):
        cluster.create(_MAP, upsert=False)
    cluster.create(_SPACE, upsert=False)
    cluster.create(_MAP, upsert=False)
    with pytest.raises(RefusedError, match=r"ConfigMap small/x .*already exists"):
        cluster.create(_MAP, upsert=False)


def test_an_invalid_object_is_refused_with_its_name_and_the_reason(cluster: SimulatedCluster) -> None:
    with pytest.raises(RefusedError, match=r"ConfigMap default/x .*is invalid: data.a: 1 is not of type"):
        cluster.create({**_MAP, "metadata": {"name": "x", "namespace": "default"}, "data": {"a": 1}}, upsert=False)


def test_an_update_removes_what_the_program_gave_up_and_keeps_what_others_added(
    cluster: SimulatedCluster, cloud: Cloud
) -> None:
    cluster.create(_SPACE, upsert=False)
    cluster.create(_MAP, upsert=False)
    cloud.change("v1:ConfigMap", "small/x", "data.other", "3", location="small", provider="kubernetes")
    cluster.update(_MAP, {**_MAP, "data": {"a": "9"}})
    assert _data(cluster, "x") == {"a": "9", "other": "3"}


def test_a_field_that_its_definition_keeps_for_ever_is_not_changed(cluster: SimulatedCluster) -> None:
    cluster.create(_SPACE, upsert=False)
    groups = "arn:aws:elasticloadbalancing:ap-northeast-2:111111111111:targetgroup"
    one, two = f"{groups}/one/0123456789abcdef", f"{groups}/two/0123456789abcdef"
    spec: JsonObject = {"targetType": "ip", "targetGroupARN": one, "serviceRef": {"name": "web", "port": 1}}
    binding: JsonObject = {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "TargetGroupBinding",
        "metadata": {"name": "web", "namespace": "small"},
        "spec": spec,
    }
    cluster.create(binding, upsert=False)
    moved: JsonObject = {**binding, "spec": {**spec, "serviceRef": {"name": "web", "port": 2}}}
    cluster.update(binding, moved)
    with pytest.raises(RefusedError, match=r"small/web .*spec.targetGroupARN: targetGroupARN cannot be changed"):
        cluster.update(moved, {**binding, "spec": {**spec, "targetGroupARN": two}})


def test_a_patch_gives_its_fields_back_and_leaves_the_object(cluster: SimulatedCluster) -> None:
    cluster.create(_SPACE, upsert=False)
    cluster.create(_MAP, upsert=False)
    patch: JsonObject = {**_MAP, "data": {"c": "3"}}
    cluster.create(patch, upsert=True)
    assert _data(cluster, "x") == {"a": "1", "b": "2", "c": "3"}
    cluster.relinquish(patch)
    assert _data(cluster, "x") == {"a": "1", "b": "2"}


def test_deleting_a_namespace_deletes_everything_in_it(cluster: SimulatedCluster, cloud: Cloud) -> None:
    cluster.create(_SPACE, upsert=False)
    cluster.create(_MAP, upsert=False)
    cluster.delete(Reference.of(_SPACE))
    assert cloud.list(location="small", provider="kubernetes") == []


def test_a_release_is_rendered_by_helm_and_its_objects_exist(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    record = cluster.install(find_chart(str(chart), "", {}), _WANTED)
    assert (record.revision, record.status, record.chart_version) == (1, "deployed", "1.2.3")
    assert {item["kind"] for item in record.manifest} == {"ConfigMap", "Service", "Deployment"}, "hooks are not kept"  # pyright: ignore[reportUnhashable]
    assert _data(cluster, "web") == {"text": "one"}
    assert cluster.release("small", "web") == record


def test_an_upgrade_changes_removes_and_counts(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    found = find_chart(str(chart), "", {})
    cluster.install(found, _WANTED)
    template = chart / "templates" / "objects.yaml"
    documents = template.read_text().split("---\n")
    template.write_text("---\n".join(document for document in documents if "kind: Service" not in document))
    record = cluster.upgrade(found, replace(_WANTED, values={"replicas": 2, "text": "two"}))
    assert record.revision == 2
    assert _data(cluster, "web") == {"text": "two"}
    assert cluster.get(Reference(api_version="v1", kind="Service", namespace="small", name="web")) is None


def test_empty_values_keep_the_old_ones_unless_they_are_reset(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    found = find_chart(str(chart), "", {})
    cluster.install(found, _WANTED)
    assert cluster.upgrade(found, replace(_WANTED, values={})).values == _WANTED.values
    assert cluster.upgrade(found, replace(_WANTED, values={}, reset_values=True)).values == {}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("  ports: [{name: http, port: 8080}]", "  ports: [{name: http, port: 8080, portal: 1}]", "Service small/web"),
        ("apiVersion: apps/v1", "apiVersion: apps/v9", 'no matches for kind "Deployment" in version "apps/v9"'),
        ("{{ .Values.text | quote }}", "{{ .Values.text | nonsense }}", 'function "nonsense" not defined'),
    ],
)
def test_a_chart_that_a_server_would_refuse_leaves_nothing_behind(
    cluster: SimulatedCluster, cloud: Cloud, chart: Path, before: str, after: str, said: str
) -> None:
    template = chart / "templates" / "objects.yaml"
    template.write_text(template.read_text().replace(before, after))
    cluster.create(_SPACE, upsert=False)
    with pytest.raises(RefusedError, match=r"(?s).*") as refused:
        cluster.install(find_chart(str(chart), "", {}), _WANTED)
    assert said in str(refused.value)
    assert [thing.id for thing in cloud.list(location="small", provider="kubernetes")] == ["small"]


def test_a_hook_that_a_server_would_refuse_is_refused_too(cluster: SimulatedCluster, chart: Path) -> None:
    hook = chart / "templates" / "hook.yaml"
    hook.write_text(hook.read_text().replace("restartPolicy: Never", "restart: Never"))
    cluster.create(_SPACE, upsert=False)
    with pytest.raises(RefusedError, match=r"Job small/web-prepare .*'restart' was unexpected"):
        cluster.install(find_chart(str(chart), "", {}), _WANTED)


def test_values_that_the_charts_schema_refuses_are_refused_in_its_words(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    with pytest.raises(RefusedError, match=r"(?s)'/replicas': maximum: got 99, want 9"):
        cluster.install(find_chart(str(chart), "", {}), replace(_WANTED, values={"replicas": 99, "text": "x"}))


def test_uninstalling_removes_what_the_release_made(cluster: SimulatedCluster, cloud: Cloud, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    cluster.install(find_chart(str(chart), "", {}), _WANTED)
    cluster.uninstall(_WANTED)
    assert [thing.id for thing in cloud.list(location="small", provider="kubernetes")] == ["small"]


def _edited(chart: Path, *edits: tuple[str, str]) -> None:
    template = chart / "templates" / "objects.yaml"
    text = template.read_text()
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    template.write_text(text)


_OTHER_SELECTOR = (
    "selector: {matchLabels: {app: {{ .Release.Name }}}}\n  template",
    "selector: {matchLabels: {b: c}}\n  template",
)


def test_an_upgrade_that_a_server_refuses_is_rolled_back_as_another_revision(
    cluster: SimulatedCluster, chart: Path
) -> None:
    cluster.create(_SPACE, upsert=False)
    found = find_chart(str(chart), "", {})
    cluster.install(found, _WANTED)
    _edited(chart, _OTHER_SELECTOR)
    wanted = replace(_WANTED, values={"replicas": 2, "text": "two"}, atomic=True)
    with pytest.raises(
        ReleaseFailedError, match=r'rolled back .*cannot patch "web" .*spec.selector.*immutable'
    ) as failed:
        cluster.upgrade(found, wanted)
    assert (failed.value.record.revision, failed.value.record.status) == (2, "failed")
    kept = cluster.release("small", "web")
    assert kept is not None
    assert (kept.revision, kept.status, kept.values) == (3, "deployed", _WANTED.values)
    assert _data(cluster, "web") == {"text": "one"}


def test_helm_3_cannot_roll_back_where_the_chart_lost_an_object(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    found = find_chart(str(chart), "", {})
    cluster.install(found, _WANTED)
    template = chart / "templates" / "objects.yaml"
    template.write_text(template.read_text().partition("---\n")[2])
    _edited(chart, _OTHER_SELECTOR)
    said = r'rolling back the release. original upgrade error: .*immutable.*: no ConfigMap with the name "web" found'
    with pytest.raises(ReleaseFailedError, match=said):
        cluster.upgrade(found, replace(_WANTED, atomic=True))
    kept = cluster.release("small", "web")
    assert kept is not None
    assert (kept.revision, kept.status) == (3, "failed")


def test_an_upgrade_that_is_not_atomic_stays_failed(cluster: SimulatedCluster, chart: Path) -> None:
    cluster.create(_SPACE, upsert=False)
    found = find_chart(str(chart), "", {})
    cluster.install(found, _WANTED)
    _edited(chart, _OTHER_SELECTOR)
    with pytest.raises(ReleaseFailedError, match="failed to initialize completely"):
        cluster.upgrade(found, _WANTED)
    kept = cluster.release("small", "web")
    assert kept is not None
    assert (kept.revision, kept.status) == (2, "failed")
