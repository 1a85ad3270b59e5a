"""How the provider itself and a Release are checked and compared, as the official plugin does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi.provider.experimental.property_value import PropertyValue

from rehearsal.cloud import Json, JsonObject
from rehearsal.kubernetes import configuration, objects, release
from rehearsal.kubernetes.cluster import RefusedError, UnreachableError
from rehearsal.kubernetes.connection import cluster_name
from rehearsal.kubernetes.helm_types import Record
from rehearsal.kubernetes.values import UNKNOWN, plain, plain_map, wrap_map


def _kubeconfig(server: str, name: str = "small") -> str:
    user: JsonObject = {"exec": {"command": "aws", "args": ["eks", "get-token", "--cluster-name", name]}}
    return json.dumps({
        "clusters": [{"name": "kubernetes", "cluster": {"server": server}}],
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [{"name": "aws", "user": user}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        ({"kubeconfig": _kubeconfig("https://a")}, {"kubeconfig": UNKNOWN}, ["kubeconfig"]),
        ({"kubeconfig": _kubeconfig("https://a")}, {"kubeconfig": _kubeconfig("https://b")}, ["kubeconfig"]),
        ({"kubeconfig": _kubeconfig("https://a")}, {"kubeconfig": _kubeconfig("https://a", "other")}, []),
    ],
)
def test_another_or_unknown_cluster_replaces_the_provider_unless_its_identifier_stays(
    old: dict[str, Json], new: dict[str, Json], replaces: list[str]
) -> None:
    assert list(configuration.difference(old, new).replaces) == replaces
    same: dict[str, Json] = {"clusterIdentifier": "small"}
    assert list(configuration.difference({**old, **same}, {**new, **same}).replaces) == []


def test_another_identifier_replaces_the_provider_but_adding_one_does_not() -> None:
    base: dict[str, Json] = {"kubeconfig": _kubeconfig("https://a")}
    named: dict[str, Json] = {**base, "clusterIdentifier": "a"}
    assert list(configuration.difference(named, {**base, "clusterIdentifier": "b"}).replaces) == ["clusterIdentifier"]
    assert list(configuration.difference(base, named).replaces) == []


def test_a_provider_without_kubeconfig_or_with_settings_that_are_not_offered_is_refused() -> None:
    failures = configuration.check({"renderYamlToDirectory": "x"})
    assert {failure.property for failure in failures} == {"kubeconfig", "renderYamlToDirectory"}


def test_the_cluster_is_named_by_the_token_command() -> None:
    assert cluster_name(json.loads(_kubeconfig("https://a"))) == "small"
    with pytest.raises(UnreachableError, match="not an EKS cluster"):
        cluster_name({"current-context": "x"})


def _checked(chart: Path, **given: Json) -> dict[str, PropertyValue]:
    inputs: dict[str, Json] = {"chart": str(chart), "name": "web", "values": {"text": "x"}, **given}
    checked, found = release.check({}, wrap_map(inputs), default_namespace="default", name="web-1234567")
    assert found == []
    return checked


def test_a_release_is_completed_with_namespace_timeout_and_the_charts_version(chart: Path) -> None:
    checked = plain_map(_checked(chart, atomic=False, skipCrds=True))
    assert checked == {
        "chart": str(chart),
        "name": "web",
        "namespace": "default",
        "skipCrds": True,
        "timeout": 300,
        "values": {"text": "x"},
        "version": "1.2.3",
    }


def test_a_release_with_an_unknown_value_is_neither_looked_up_nor_rendered() -> None:
    checked, found = release.check(
        {},
        wrap_map({"chart": "/nowhere", "values": {"a": UNKNOWN}}),
        default_namespace="default",
        name="web-1234567",
    )
    assert found == []
    assert plain(checked["name"]) == "web-1234567"
    assert "version" not in checked


def test_a_chart_that_is_not_there_is_a_failure_of_the_chart_property() -> None:
    _, found = release.check({}, wrap_map({"chart": "/nowhere"}), default_namespace="default", name="x")
    assert any("check the chart name and repository configuration" in line for line in found)


def test_an_argument_that_the_stand_in_does_not_offer_is_refused(chart: Path) -> None:
    with pytest.raises(RefusedError, match="Release postrender: is not offered"):
        _checked(chart, postrender="sed")


def _deployed(inputs: dict[str, PropertyValue], **live: Json) -> dict[str, PropertyValue]:
    record = Record(
        name="web",
        namespace="default",
        revision=1,
        status="deployed",
        chart_name="small",
        chart_version="1.2.3",
        app_version="4.5",
        values={"text": "x", **live},
        manifest=[],
    )
    return release.state(inputs, record)


def test_an_unchanged_release_does_not_differ_and_a_changed_value_does(chart: Path) -> None:
    inputs = _checked(chart)
    old = _deployed(inputs)
    assert list(release.diff(old, inputs, []).detailedDiff) == []
    assert list(release.diff(old, _checked(chart, values={"text": "y"}), []).detailedDiff) == ["values.text"]


def test_a_value_that_someone_else_set_in_the_live_release_is_not_a_change_of_the_program(chart: Path) -> None:
    inputs = _checked(chart)
    assert list(release.diff(_deployed(inputs, other="z"), inputs, []).detailedDiff) == []


def test_a_value_that_drifted_in_the_live_release_is_a_change(chart: Path) -> None:
    inputs = _checked(chart)
    assert list(release.diff(_deployed(inputs, text="drifted"), inputs, []).detailedDiff) == ["values.text"]


def test_an_edited_template_of_the_same_version_is_not_seen(chart: Path) -> None:
    old = _deployed(_checked(chart))
    template = chart / "templates" / "objects.yaml"
    template.write_text(template.read_text() + "\n---\n{}\n")
    assert list(release.diff(old, _checked(chart), []).detailedDiff) == [], "hence the checksum among the values"


def test_a_new_name_or_namespace_replaces_a_release(chart: Path) -> None:
    old = _deployed(_checked(chart))
    assert list(release.diff(old, _checked(chart, namespace="other"), []).replaces) == ["namespace"]


def test_inputs_of_a_release_are_kept_secret_in_its_state(chart: Path) -> None:
    secret = {"values": PropertyValue({"text": PropertyValue("x", is_secret=True)}), "name": PropertyValue("web")}
    checked, _ = release.check({}, {**secret, "chart": PropertyValue(str(chart))}, default_namespace="d", name="n")
    state = _deployed(checked)
    assert state["__inputs"].is_secret
    assert state["values"].contains_secret()


def _check_object(token: str, given: dict[str, Json], *, name: str | None = "web-12345678") -> dict[str, PropertyValue]:
    return objects.check(token, {}, wrap_map(given), name=name, default_namespace="default", definitions=[])


def test_an_object_without_a_name_gets_one_and_is_marked() -> None:
    checked = plain_map(_check_object("kubernetes:core/v1:ConfigMap", {"data": {"a": "b"}}))
    assert checked["metadata"] == {
        "annotations": {"pulumi.com/autonamed": "true"},
        "name": "web-12345678",
        "namespace": "default",
    }


def test_automatic_names_can_be_forbidden() -> None:
    with pytest.raises(RefusedError, match=r"ConfigMap: metadata.name must be set"):
        _check_object("kubernetes:core/v1:ConfigMap", {}, name=None)


def test_a_patch_must_say_what_it_patches() -> None:
    with pytest.raises(RefusedError, match=r"ConfigMapPatch: metadata.name must be set"):
        _check_object("kubernetes:core/v1:ConfigMapPatch", {})


def test_the_text_of_a_secret_becomes_secret_data() -> None:
    text = PropertyValue({"word": PropertyValue("hush", is_secret=True)})
    checked = objects.check(
        "kubernetes:core/v1:Secret", {}, {"stringData": text}, name="x", default_namespace="d", definitions=[]
    )
    assert plain(checked["data"]) == {"word": "aHVzaA=="}
    assert checked["data"].is_secret


def test_a_fixed_name_is_deleted_before_it_is_made_again() -> None:
    token = "kubernetes:core/v1:ConfigMap"
    inputs = _check_object(token, {"metadata": {"name": "x"}, "data": {"a": "1"}})
    old = objects.state(inputs, plain_map(inputs))
    new = _check_object(token, {"metadata": {"name": "x"}, "data": {"a": "2"}})
    answer = objects.diff(token, old, new, settings=frozenset(), ignored=[])
    assert list(answer.replaces) == ["data.a"]
    assert answer.deleteBeforeReplace
