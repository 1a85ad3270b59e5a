"""Every kind but Release: checking a manifest, comparing it with the live object, and what Pulumi keeps of it.

Owns the official provider's behaviour: auto-naming, the default namespace, live state pruned to the shape of the inputs
for comparison and refresh, replacement before deletion except for fixed names, patches that need an explicit name.
One difference, on purpose: what a server would refuse is reported at preview already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.property_value import PropertyValue

from rehearsal.kubernetes import difference, kinds
from rehearsal.kubernetes.cluster import Reference, RefusedError
from rehearsal.kubernetes.merge import prune
from rehearsal.kubernetes.schemas import UnknownKindError
from rehearsal.kubernetes.values import has_unknown, plain, plain_map, without_nulls, wrap_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi.runtime.proto.provider_pb2 import DiffResponse

    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.cluster import Cluster

FIELD_MANAGER = "pulumi-kubernetes-rehearsal"
_AUTONAMED = "pulumi.com/autonamed"
_INPUTS = "__inputs"
_KEPT_BY_SERVER = (
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "selfLink", "uid",
)  # fmt: skip


def check(
    token: str,
    old: Mapping[str, PropertyValue],
    new: Mapping[str, PropertyValue],
    *,
    name: str | None,
    default_namespace: str,
    definitions: list[JsonObject],
) -> dict[str, PropertyValue]:
    """The inputs as the official provider completes them.

    `name` is the automatic name, None when automatic names are switched off. Raises `RefusedError`.
    """
    api_version, kind, patch = kinds.kind_of_token(token)
    manifest = normalized(plain_map(new), api_version, kind)
    metadata = cast("JsonObject", manifest["metadata"])
    if "generateName" in metadata:
        message = f"{kind}: metadata.generateName is not supported with server-side apply: leave the name out"
        raise RefusedError(message)
    if not metadata.get("name"):
        if patch:
            message = f"{kind}Patch: metadata.name must be set: a patch changes an existing object"
            raise RefusedError(message)
        _name(metadata, _autonamed_before(old), name, kind)
    if not metadata.get("namespace") and kinds.is_namespaced(api_version, kind, definitions):
        metadata["namespace"] = default_namespace
    if has_unknown(manifest):
        return wrap_map(manifest, new)
    return _with_secret_data(wrap_map(kinds.stored_form(manifest), new), new)


def problems(cluster: Cluster, inputs: Mapping[str, PropertyValue]) -> list[str]:
    """What the cluster would refuse, as far as known; a kind whose definition is not there yet passes here."""
    try:
        return cluster.problems(plain_map(inputs))
    except UnknownKindError as error:
        custom = "." in Reference.of(plain_map(inputs)).api_version.split("/")[0]
        return [] if custom else [str(error)]


def diff(
    token: str,
    old: Mapping[str, PropertyValue],
    new: Mapping[str, PropertyValue],
    *,
    settings: frozenset[str],
    ignored: Iterable[str],
) -> DiffResponse:
    """Compares the inputs with the last known live object, reduced to what the program asked for."""
    _, _, patch = kinds.kind_of_token(token)
    asked = plain_map(saved_inputs(old))
    wanted = plain_map(new)
    live = cast("JsonObject", prune(plain_map(_live(old)), asked))
    replacing = ("metadata.name", "metadata.namespace") if patch else kinds.replacing_fields(wanted, settings)
    answer = difference.response(difference.changes(live, asked, wanted), replacing=replacing, ignored=ignored)
    metadata = cast("JsonObject", wanted["metadata"])
    named = _AUTONAMED not in cast("JsonObject", metadata.get("annotations") or {})
    answer.deleteBeforeReplace = bool(answer.replaces) and named and Reference.of(wanted).id == Reference.of(live).id
    return answer


def state(inputs: Mapping[str, PropertyValue], live: JsonObject) -> dict[str, PropertyValue]:
    """What Pulumi keeps: the live object, the inputs beside it, secrets of the inputs still secret."""
    return {
        **wrap_map(live, inputs),
        _INPUTS: PropertyValue(dict(inputs)),
        "__initialApiVersion": PropertyValue(str(live.get("apiVersion"))),
        "__fieldManager": PropertyValue(FIELD_MANAGER),
    }


def live_inputs(inputs: Mapping[str, PropertyValue], live: JsonObject) -> dict[str, PropertyValue]:
    """The inputs as they would have to be to describe the live object: how a refresh reports drift."""
    return wrap_map(cast("JsonObject", prune(live, plain_map(inputs))), inputs)


def saved_inputs(old: Mapping[str, PropertyValue]) -> Mapping[str, PropertyValue]:
    """The inputs kept in a state."""
    saved = old.get(_INPUTS)
    return cast("Mapping[str, PropertyValue]", saved.value) if saved is not None else {}


def normalized(values: JsonObject, api_version: str, kind: str) -> JsonObject:
    """The manifest with its kind, without nulls and without the fields that only a server sets."""
    manifest = cast("JsonObject", without_nulls(values))
    manifest.pop("status", None)
    metadata = cast("JsonObject", manifest.setdefault("metadata", {}))
    for field in _KEPT_BY_SERVER:
        metadata.pop(field, None)
    return {**manifest, "apiVersion": api_version, "kind": kind}


def _with_secret_data(inputs: dict[str, PropertyValue], new: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """Keeps secret what came from a secret `stringData`."""
    text = new.get("stringData")
    if text is not None and text.contains_secret() and "data" in inputs:
        inputs["data"] = inputs["data"].with_secret(is_secret=True)
    return inputs


def _live(old: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    return {key: value for key, value in old.items() if not key.startswith("__")}


def _autonamed_before(old: Mapping[str, PropertyValue]) -> str | None:
    metadata = plain(old["metadata"]) if "metadata" in old else None
    if isinstance(metadata, dict) and _AUTONAMED in cast("JsonObject", metadata.get("annotations") or {}):
        return str(metadata["name"])
    return None


def _name(metadata: JsonObject, before: str | None, automatic: str | None, kind: str) -> None:
    chosen = before or automatic
    if chosen is None:
        message = f"{kind}: metadata.name must be set, as automatic names are switched off (pulumi:autonaming)"
        raise RefusedError(message)
    metadata["name"] = chosen
    metadata["annotations"] = {**cast("JsonObject", metadata.get("annotations") or {}), _AUTONAMED: "true"}
