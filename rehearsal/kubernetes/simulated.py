"""A cluster without an API server: objects live in the simulated cloud, checked against schemas.

Owns existence, namespaces, ownership by Helm releases and the few fields that a server fills in and programs read.
Runs nothing: no pod starts, no controller acts, so nothing ever waits. The real API servers prove the rest.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from rehearsal.cloud import AlreadyExistsError, Cloud, CloudObject, NotFoundError
from rehearsal.kubernetes import kinds, schemas, unchangeable
from rehearsal.kubernetes.cluster import Reference, RefusedError, UnreachableError
from rehearsal.kubernetes.definitions import built_in
from rehearsal.kubernetes.merge import merge

if TYPE_CHECKING:
    from rehearsal.cloud import Json, JsonObject

PROVIDER = "kubernetes"
_CRD = "apiextensions.k8s.io/v1:CustomResourceDefinition"
_EKS_CLUSTER = "aws:eks/cluster:Cluster"
_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


class SimulatedObjects:
    """The objects of one cluster in the simulated cloud. `name` is the EKS cluster's physical name."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self.version = self._version()

    def definitions(self) -> list[JsonObject]:
        """See `Cluster`."""
        stored = self.cloud.list(_CRD, location=self.name, provider=PROVIDER)
        return [*built_in(), *(thing.properties for thing in stored)]

    def problems(self, manifest: JsonObject) -> list[str]:
        """See `Cluster`; raises `UnknownKindError` for a kind that the cluster does not have."""
        return schemas.problems(_sendable(manifest), self.version, self.definitions())

    def get(self, reference: Reference) -> JsonObject | None:
        """See `Cluster`."""
        found = self.cloud.get(_type(reference), reference.id, location=self.name, provider=PROVIDER)
        return found.properties if found else None

    def create(self, manifest: JsonObject, *, upsert: bool) -> JsonObject:
        """See `Cluster`."""
        reference = self._admit(manifest)
        live = self.get(reference)
        if live is not None:
            if upsert:
                return self._put(reference, merge(live, {}, kinds.stored_form(manifest)))
            message = f"{reference} already exists in cluster {self.name}"
            raise RefusedError(message)
        made = _filled(kinds.stored_form(manifest))
        try:
            self.cloud.create(self._thing(reference, made))
        except AlreadyExistsError as error:
            raise RefusedError(str(error)) from error
        return made

    def update(self, old: JsonObject, new: JsonObject) -> JsonObject:
        """See `Cluster`."""
        return self._put(Reference.of(new), self.updated(old, new))

    def updated(self, old: JsonObject, new: JsonObject) -> JsonObject:
        """What an update would make of the object; raises `RefusedError` as it would, and writes nothing."""
        reference = self._admit(new)
        live = self.get(reference)
        if live is None:
            message = f"{reference} not found in cluster {self.name}"
            raise RefusedError(message)
        merged = merge(live, kinds.stored_form(old), kinds.stored_form(new))
        refused = [
            *schemas.forbidden_changes(live, merged, self.definitions()),
            *unchangeable.refusals(live, merged),
        ]
        if refused:
            message = f"{reference} is invalid: {'; '.join(refused)}"
            raise RefusedError(message)
        return merged

    def delete(self, reference: Reference) -> None:
        """See `Cluster`. A namespace takes everything in it along."""
        if reference.kind == "Namespace":
            for thing in self.cloud.list(location=self.name, provider=PROVIDER):
                if thing.id.startswith(f"{reference.name}/"):
                    self.cloud.delete(thing.type, thing.id, location=self.name, provider=PROVIDER)
        try:
            self.cloud.delete(_type(reference), reference.id, location=self.name, provider=PROVIDER)
        except NotFoundError:
            return

    def relinquish(self, manifest: JsonObject) -> None:
        """See `Cluster`. An object that only patches made keeps existing, as on a server."""
        reference = Reference.of(manifest)
        live = self.get(reference)
        if live is not None:
            metadata = cast("JsonObject", manifest["metadata"])
            identity: JsonObject = {
                "apiVersion": manifest["apiVersion"],
                "kind": manifest["kind"],
                "metadata": {key: metadata[key] for key in ("name", "namespace") if key in metadata},
            }
            self._put(reference, merge(live, kinds.stored_form(manifest), identity))

    def _admit(self, manifest: JsonObject) -> Reference:
        reference = Reference.of(manifest)
        try:
            found = self.problems(manifest)
        except schemas.UnknownKindError as error:
            raise RefusedError(str(error)) from error
        if found:
            message = f"{reference} is invalid: {'; '.join(found)}"
            raise RefusedError(message)
        namespaced = kinds.is_namespaced(reference.api_version, reference.kind, self.definitions())
        if namespaced and not self.has_namespace(reference.namespace):
            message = f'{reference} cannot be created: namespace "{reference.namespace}" not found in {self.name}'
            raise RefusedError(message)
        return reference

    def has_namespace(self, name: str) -> bool:
        """Whether the namespace exists; the four that every cluster has always do."""
        return name in _NAMESPACES or (
            self.get(Reference(api_version="v1", kind="Namespace", namespace="", name=name)) is not None
        )

    def _version(self) -> str:
        for thing in self.cloud.list(_EKS_CLUSTER):
            if self.name in (thing.name, thing.id, thing.properties.get("name")):
                return str(thing.properties["version"])
        message = f"cluster {self.name} does not exist in the simulated cloud: its API server cannot be reached"
        raise UnreachableError(message)

    def _put(self, reference: Reference, live: JsonObject) -> JsonObject:
        before = self.get(reference)
        if live != before:
            metadata = cast("JsonObject", live["metadata"])
            metadata["resourceVersion"] = str(int(str(metadata["resourceVersion"])) + 1)
            self.cloud.put(self._thing(reference, live))
        return live

    def _thing(self, reference: Reference, live: JsonObject) -> CloudObject:
        return CloudObject(
            provider=PROVIDER, type=_type(reference), location=self.name, id=reference.id, properties=live
        )


def _type(reference: Reference) -> str:
    return f"{reference.api_version}:{reference.kind}"


def _sendable(manifest: JsonObject) -> JsonObject:
    """Without what the server fills in by itself."""
    return {key: value for key, value in manifest.items() if key != "status"}


def _filled(manifest: JsonObject) -> JsonObject:
    metadata = cast("JsonObject", manifest["metadata"])
    metadata["uid"] = str(uuid.uuid4())
    metadata["resourceVersion"] = "1"
    extra: dict[str, Json] = {"Namespace": {"phase": "Active"}}
    if status := extra.get(str(manifest["kind"])):
        manifest["status"] = status
    return manifest
