"""The resource `helm.sh/v3:Release`: what the program wrote, what Pulumi keeps, and when something changed.

Owns the official provider's behaviour: defaults, zero values left out, the chart's version resolved when nothing is
unknown, a preview that neither renders nor asks the cluster, the values merged back from the live release, secrets of
the inputs kept secret in the state. Installing is the cluster's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.property_value import PropertyValue

from rehearsal.kubernetes import difference
from rehearsal.kubernetes.cluster import Reference, RefusedError
from rehearsal.kubernetes.helm import find_chart
from rehearsal.kubernetes.helm_types import Install
from rehearsal.kubernetes.merge import merge
from rehearsal.kubernetes.values import UNKNOWN, has_unknown, plain, plain_map, without_nulls, wrap_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pulumi.runtime.proto.provider_pb2 import DiffResponse

    from rehearsal.cloud import Json, JsonObject
    from rehearsal.kubernetes.cluster import Cluster
    from rehearsal.kubernetes.helm_types import Chart, Record

_DEFAULT_TIMEOUT_SECONDS = 300
_COMPUTED = ("status", "resourceNames")
_INPUTS = "__inputs"
_UNSUPPORTED = ("postrender", "verify", "valueYamlFiles", "dependencyUpdate", "lint", "keyring", "replace")
_KNOWN = frozenset({
    "allowNullValues", "atomic", "chart", "cleanupOnFail", "compat", "createNamespace", "description", "devel",
    "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate", "maxHistory", "name", "namespace",
    "recreatePods", "renderSubchartNotes", "repositoryOpts", "resetValues", "reuseValues", "skipAwait", "skipCrds",
    "timeout", "values", "version", "waitForJobs", *_COMPUTED,
})  # fmt: skip


def check(
    old: Mapping[str, PropertyValue], new: Mapping[str, PropertyValue], *, default_namespace: str, name: str
) -> tuple[dict[str, PropertyValue], list[str]]:
    """The inputs as the official provider completes them, and what is wrong with the chart.

    `name` is used when the program gives none. Raises `RefusedError` for arguments that the stand-in does not offer.
    """
    wanted = cast("JsonObject", without_nulls(plain_map(new)))
    for argument in sorted(wanted):
        if argument not in _KNOWN and wanted[argument]:
            reason = "is not offered by the kubernetes stand-in" if argument in _UNSUPPORTED else "is no such argument"
            message = f"Release {argument}: {reason}"
            raise RefusedError(message)
    if not wanted.get("name"):
        wanted["name"] = plain(old["name"]) if "name" in old else name
    wanted["namespace"] = wanted.get("namespace") or default_namespace
    if not wanted.get("skipAwait"):
        wanted.setdefault("timeout", _DEFAULT_TIMEOUT_SECONDS)
    problems: list[str] = []
    if not has_unknown(wanted):
        try:
            wanted["version"] = _chart(wanted).version
        except RefusedError as error:
            problems.append(f"{error}; check the chart name and repository configuration.")
    kept = {key: value for key, value in wanted.items() if value not in (None, False, 0, "", {}, [])}
    kept.pop("resourceNames", None)
    kept.pop("compat", None)
    return wrap_map(kept, new), problems


def diff(old: Mapping[str, PropertyValue], new: Mapping[str, PropertyValue], ignored: Iterable[str]) -> DiffResponse:
    """Compares what is wanted with the last known live release; a new name or namespace replaces it."""
    state = plain_map({key: value for key, value in old.items() if key not in (_INPUTS, *_COMPUTED)})
    asked = plain_map(_saved_inputs(old))
    wanted = plain_map(new)
    if "version" in ignored and "version" in state:
        wanted["version"] = state["version"]
    found: Iterator[difference.Change] = difference.changes(state, asked, wanted)
    return difference.response(found, replacing=("name", "namespace"), ignored=ignored)


def preview(inputs: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """The state during a preview: status and resource names are not known."""
    unknown = dict.fromkeys(_COMPUTED, PropertyValue(UNKNOWN))
    return {**inputs, _INPUTS: PropertyValue(dict(inputs), is_secret=True), **unknown}


def deploy(cluster: Cluster, inputs: Mapping[str, PropertyValue], *, upgrade: bool) -> Record:
    """Installs or upgrades; raises `RefusedError`, or `ReleaseFailedError` when a failed release stays."""
    wanted = plain_map(inputs)
    chart = _chart(wanted)
    return (cluster.upgrade if upgrade else cluster.install)(chart, _install(wanted))


def remove(cluster: Cluster, state: Mapping[str, PropertyValue]) -> None:
    """Uninstalls the release that the state describes."""
    wanted = plain_map({key: value for key, value in state.items() if key not in (_INPUTS, *_COMPUTED)})
    cluster.uninstall(_install(wanted))


def state(inputs: Mapping[str, PropertyValue], record: Record) -> dict[str, PropertyValue]:
    """What Pulumi keeps: the inputs, the live values merged over them, the status and the names of the objects."""
    wanted = plain_map(inputs)
    values = merge(cast("JsonObject", wanted.get("values") or {}), {}, record.values)
    outputs: JsonObject = {
        **wanted,
        **({"values": values} if values else {}),
        "version": record.chart_version,
        "resourceNames": resource_names(record.manifest),
        "status": {
            "appVersion": record.app_version,
            "chart": record.chart_name,
            "name": record.name,
            "namespace": record.namespace,
            "revision": record.revision,
            "status": record.status,
            "version": record.chart_version,
        },
    }
    return {**wrap_map(outputs, inputs), _INPUTS: PropertyValue(dict(inputs), is_secret=True)}


def read(
    cluster: Cluster, state_before: Mapping[str, PropertyValue], inputs: Mapping[str, PropertyValue]
) -> dict[str, PropertyValue] | None:
    """The state after asking the cluster; None when the release is gone. Objects inside it are not looked at."""
    record = cluster.release(str(plain(state_before["namespace"])), str(plain(state_before["name"])))
    return None if record is None else state(_saved_inputs(state_before) or inputs, record)


def resource_names(manifest: Iterable[JsonObject]) -> JsonObject:
    """Names of the release's objects by `Kind/apiVersion`, each `namespace/name` or a plain name."""
    names: dict[str, list[Json]] = {}
    for item in manifest:
        reference = Reference.of(item)
        names.setdefault(f"{reference.kind}/{reference.api_version}", []).append(reference.id)
    return {key: sorted(found, key=str) for key, found in names.items()}


def _saved_inputs(old: Mapping[str, PropertyValue]) -> Mapping[str, PropertyValue]:
    saved = old.get(_INPUTS)
    return cast("Mapping[str, PropertyValue]", saved.value) if saved is not None else {}


def _chart(wanted: JsonObject) -> Chart:
    return find_chart(
        str(wanted.get("chart") or ""),
        str(wanted.get("version") or ""),
        cast("JsonObject", wanted.get("repositoryOpts") or {}),
        devel=bool(wanted.get("devel")),
    )


def _install(wanted: JsonObject) -> Install:
    return Install(
        name=str(wanted["name"]),
        namespace=str(wanted["namespace"]),
        values=cast("JsonObject", wanted.get("values") or {}),
        atomic=bool(wanted.get("atomic")),
        create_namespace=bool(wanted.get("createNamespace")),
        reset_values=bool(wanted.get("resetValues")),
        reuse_values=bool(wanted.get("reuseValues")),
        skip_await=bool(wanted.get("skipAwait")),
        skip_crds=bool(wanted.get("skipCrds")),
    )
