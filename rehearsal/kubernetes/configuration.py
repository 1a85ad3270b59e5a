"""The provider's own configuration: which cluster it talks to, and when a change means another cluster.

Owns the official rules of a changed provider: an unknown kubeconfig replaces everything, unless `clusterIdentifier` is
set and stays the same; then nothing is replaced.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import yaml
from pulumi.runtime.proto import provider_pb2

from rehearsal.kubernetes.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Json, JsonObject

_IDENTIFIER = "clusterIdentifier"
_SELECTING = ("kubeconfig", "context", "cluster")
_SWITCHES = (
    "deleteUnreachable", "enableConfigMapMutable", "enablePatchForce", "enableSecretMutable", "enableServerSideApply",
    "skipUpdateUnreachable", "strictMode", "suppressDeprecationWarnings", "suppressHelmHookWarnings",
    "upsertExistingObjects",
)  # fmt: skip
_KNOWN = frozenset((*_SWITCHES, *_SELECTING, _IDENTIFIER, "namespace", "helmReleaseSettings", "kubeClientSettings",
                    "version", "pluginDownloadURL"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What the provider was given. `kubeconfig` is None when it is not known yet (a preview) or was not given."""

    kubeconfig: JsonObject | None
    known: bool
    namespace: str
    switches: frozenset[str]

    @classmethod
    def parse(cls, values: Mapping[str, Json]) -> Configuration:
        """From the provider's inputs; raises `ValueError` for a kubeconfig that is none."""
        text = values.get("kubeconfig")
        known = UNKNOWN not in (values.get(key) for key in _SELECTING)
        return cls(
            kubeconfig=parse_kubeconfig(text) if known and isinstance(text, str) and text else None,
            known=known,
            namespace=str(values.get("namespace") or "default"),
            switches=frozenset(name for name in _SWITCHES if values.get(name) in (True, "true")),
        )


def check(values: Mapping[str, Json]) -> list[provider_pb2.CheckFailure]:
    """Refuses what the stand-in does not offer: other settings, and rendering to a folder."""
    failures = [
        provider_pb2.CheckFailure(property=name, reason=f"{name} is not offered by the kubernetes stand-in: remove it")
        for name in sorted(set(values) - _KNOWN)
    ]
    if not values.get("kubeconfig"):
        reason = "kubeconfig must be given: the stand-in never reads a kubeconfig of the machine it runs on"
        failures.append(provider_pb2.CheckFailure(property="kubeconfig", reason=reason))
    return failures


def difference(old: Mapping[str, Json], new: Mapping[str, Json]) -> provider_pb2.DiffResponse:
    """What changed, and whether it means another cluster (then every object in it is replaced)."""
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    if not changed:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
    replaces: list[str] = []
    if old.get(_IDENTIFIER) and new.get(_IDENTIFIER):
        replaces = [_IDENTIFIER] if _IDENTIFIER in changed else []
    elif unknown := [key for key in _SELECTING if new.get(key) == UNKNOWN]:
        replaces = unknown
    elif _cluster_entry(old) != _cluster_entry(new):
        replaces = [key for key in _SELECTING if key in changed]
    return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_SOME, diffs=changed, replaces=replaces)


def parse_kubeconfig(text: str) -> JsonObject:
    """The kubeconfig in a JSON or YAML text; raises `ValueError`."""
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"kubeconfig is neither JSON nor YAML: {error}"
        raise ValueError(message) from error
    if not isinstance(parsed, dict) or "clusters" not in parsed:
        message = "kubeconfig has no clusters: give the text of a kubeconfig, not a path"
        raise ValueError(message)
    return cast("JsonObject", parsed)


def _cluster_entry(values: Mapping[str, Json]) -> str | None:
    text = values.get("kubeconfig")
    if not isinstance(text, str) or not text or text == UNKNOWN:
        return None
    return json.dumps(parse_kubeconfig(text)["clusters"], sort_keys=True)
