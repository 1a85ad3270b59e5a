"""What a kind means to the provider: its scope, its type token, and which fields cannot be changed in place.

Owns facts about built-in kinds only; custom kinds bring their scope with their definition. The fields that force a
replacement are those of pulumi-kubernetes 4.34 (its documentation lists them per kind).
"""

from __future__ import annotations

import base64
from copy import deepcopy
from typing import TYPE_CHECKING, cast

from rehearsal.kubernetes.schemas import definition_of

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.schemas import Definitions

_CLUSTER_SCOPED = frozenset({
    "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
    "ClusterTrustBundle", "ComponentStatus", "CustomResourceDefinition", "DeviceClass", "FlowSchema", "IPAddress",
    "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
    "Namespace", "Node", "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice",
    "RuntimeClass", "ServiceCIDR", "StorageClass", "StorageVersionMigration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
})  # fmt: skip
_IDENTITY = ("metadata.name", "metadata.namespace")
_ROLE_BINDING = ("roleRef",)
_REPLACING = {
    ("apps/v1", "DaemonSet"): ("spec.selector",),
    ("apps/v1", "Deployment"): ("spec.selector",),
    ("apps/v1", "StatefulSet"): (
        "spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch/v1", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _ROLE_BINDING,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _ROLE_BINDING,
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
    ("v1", "ConfigMap"): ("binaryData", "data"),
    ("v1", "PersistentVolumeClaim"): (
        "spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName",
    ),
    ("v1", "Pod"): ("spec",),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("v1", "Secret"): ("type", "stringData", "data"),
    ("v1", "Service"): ("spec.clusterIP",),
}  # fmt: skip
_ALREADY_PLURAL = frozenset({"Endpoints"})
_MUTABLE_BY_SETTING = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}


def is_namespaced(api_version: str, kind: str, definitions: Definitions) -> bool:
    """Whether objects of this kind live in a namespace; an unknown custom kind is taken as namespaced."""
    custom = definition_of(api_version, kind, definitions)
    if custom is not None:
        return cast("JsonObject", custom["spec"])["scope"] == "Namespaced"
    return kind not in _CLUSTER_SCOPED


def resource_of(api_version: str, kind: str, definitions: Definitions) -> tuple[str, str]:
    """API group and plural name of a kind, as rights name them: `("apps", "deployments")`."""
    group = api_version.rpartition("/")[0]
    custom = definition_of(api_version, kind, definitions)
    if custom is not None:
        return group, str(cast("JsonObject", cast("JsonObject", custom["spec"])["names"])["plural"])
    word = kind.lower()
    if word.endswith("policy"):
        return group, f"{word.removesuffix('y')}ies"
    if kind in _ALREADY_PLURAL:
        return group, word
    return group, f"{word}es" if word.endswith("s") else f"{word}s"


def replacing_fields(manifest: JsonObject, settings: frozenset[str]) -> tuple[str, ...]:
    """Property paths whose change replaces the object.

    `settings` are the provider switches that are on: `enableConfigMapMutable` and `enableSecretMutable` allow updates
    in place (of objects that are not `immutable`); off is the official default.
    """
    kind = str(manifest.get("kind"))
    fields = _REPLACING.get((str(manifest.get("apiVersion")), kind), ())
    if _MUTABLE_BY_SETTING.get(kind) in settings and not manifest.get("immutable"):
        fields = tuple(field for field in fields if field == "type")
    return (*_IDENTITY, *fields)


def kind_of_token(token: str) -> tuple[str, str, bool]:
    """`apiVersion`, `kind` and whether the resource is a patch, from a type token like `kubernetes:apps/v1:Deployment`.

    Raises `ValueError` for lists, which the official provider refuses too.
    """
    _, api_version, kind = token.split(":")
    patch = kind.endswith("Patch")
    if kind.endswith("List"):
        message = f"{kind} exists for YAML manifests only: create the objects in it one by one"
        raise ValueError(message)
    return api_version.removeprefix("core/"), kind.removesuffix("Patch") if patch else kind, patch


def stored_form(manifest: JsonObject) -> JsonObject:
    """The manifest as a server keeps it: `stringData` of a Secret becomes base64 `data`. Returns a copy."""
    kept = deepcopy(manifest)
    if kept.get("kind") == "Secret" and isinstance(text := kept.pop("stringData", None), dict):
        encoded: JsonObject = {key: base64.b64encode(str(value).encode()).decode() for key, value in text.items()}
        kept["data"] = {**cast("JsonObject", kept.get("data") or {}), **encoded}
    return kept
