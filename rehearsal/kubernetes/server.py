"""A cluster with a real API server: objects go in by server-side apply, as the official provider sends them.

Owns field ownership, what is waited for after a change and for how long, and errors that name the object. Helm
releases in such a cluster are in `server_helm.py`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from rehearsal.kubernetes import schemas
from rehearsal.kubernetes.api import CONFLICT, NOT_FOUND, Api, ApiError
from rehearsal.kubernetes.cluster import NotReadyError, Reference, RefusedError
from rehearsal.kubernetes.readiness import unready_reason

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

FIELD_MANAGER = "pulumi-kubernetes-rehearsal"
_TIMEOUT_SECONDS = 600.0
_POLL_SECONDS = 0.5
_DELETE_SECONDS = 300.0
_SKIP = "pulumi.com/skipAwait"
_TIMEOUT = "pulumi.com/timeoutSeconds"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class ServerObjects:
    """The objects of one cluster, in its API server."""

    def __init__(self, kubeconfig: JsonObject, *, version: str, force: bool = False) -> None:
        """`force` takes over fields that another field manager owns, as the provider's `enablePatchForce` does."""
        self.api = Api(kubeconfig)
        self.version = version
        self._force = force

    def definitions(self) -> list[JsonObject]:
        """See `Cluster`."""
        return cast("list[JsonObject]", self.api.get(_CRDS)["items"])

    def problems(self, manifest: JsonObject) -> list[str]:
        """See `Cluster`. Asks the published schemas: at a preview the namespace and much else may not be there yet."""
        return schemas.problems(manifest, self.version, self.definitions())

    def get(self, reference: Reference) -> JsonObject | None:
        """See `Cluster`."""
        try:
            return _whole(self.api.get(self.api.path(reference)), reference)
        except ApiError as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def create(self, manifest: JsonObject, *, upsert: bool) -> JsonObject:
        """See `Cluster`; raises `NotReadyError` when the object is there but does not become ready."""
        reference = Reference.of(manifest)
        if not upsert and self.get(reference) is not None:
            message = f"{reference} already exists"
            raise RefusedError(message)
        return self._apply(reference, manifest)

    def update(self, old: JsonObject, new: JsonObject) -> JsonObject:
        """See `Cluster`. The server itself removes the fields that this field manager no longer sends."""
        del old
        return self._apply(Reference.of(new), new)

    def delete(self, reference: Reference) -> None:
        """See `Cluster`. Waits until the object is gone, finalizers and all."""
        try:
            path = self.api.path(reference)
            self.api.delete(path, {"propagationPolicy": "Foreground"})
        except ApiError as error:
            if error.code == NOT_FOUND:
                return
            raise RefusedError(f"{reference} cannot be deleted: {error}") from error
        deadline = time.monotonic() + _DELETE_SECONDS
        while (live := self.get(reference)) is not None:
            if time.monotonic() > deadline:
                finalizers = cast("JsonObject", live["metadata"]).get("finalizers")
                message = f"{reference} is not gone after {_DELETE_SECONDS:.0f} s; finalizers: {finalizers}"
                raise RefusedError(message)
            time.sleep(_POLL_SECONDS)

    def relinquish(self, manifest: JsonObject) -> None:
        """See `Cluster`: applying nothing gives up every field of this field manager."""
        reference = Reference.of(manifest)
        if self.get(reference) is not None:
            metadata = {"name": reference.name, "namespace": reference.namespace or None}
            empty: JsonObject = {"apiVersion": reference.api_version, "kind": reference.kind, "metadata": {**metadata}}
            self.api.apply(self.api.path(reference), empty, fieldManager=FIELD_MANAGER)

    def _apply(self, reference: Reference, manifest: JsonObject) -> JsonObject:
        try:
            live = self.api.apply(
                self.api.path(reference),
                manifest,
                fieldManager=FIELD_MANAGER,
                fieldValidation="Strict",
                force=str(self._force or _patch_force(manifest)).lower(),
            )
        except ApiError as error:
            hint = "; to take the field over, set enablePatchForce" if error.code == CONFLICT else ""
            raise RefusedError(f"{reference} was refused by the API server: {error}{hint}") from error
        return self._wait(reference, manifest, _whole(live, reference))

    def _wait(self, reference: Reference, manifest: JsonObject, live: JsonObject) -> JsonObject:
        annotations = _annotations(manifest)
        if annotations.get(_SKIP) == "true":
            return live
        seconds = float(str(annotations.get(_TIMEOUT) or _TIMEOUT_SECONDS))
        deadline = time.monotonic() + seconds
        while (reason := unready_reason(live)) is not None:
            if time.monotonic() > deadline:
                message = f"{reference} was made but is not ready after {seconds:.0f} s: {reason}"
                raise NotReadyError(message, live)
            time.sleep(_POLL_SECONDS)
            live = self.get(reference) or live
        return live


def _annotations(manifest: JsonObject) -> JsonObject:
    return cast("JsonObject", cast("JsonObject", manifest["metadata"]).get("annotations") or {})


def _patch_force(manifest: JsonObject) -> bool:
    return _annotations(manifest).get("pulumi.com/patchForce") == "true"


def _whole(live: JsonObject, reference: Reference) -> JsonObject:
    """The object without the server's bookkeeping of field owners, which would only fill the state."""
    metadata = cast("JsonObject", live["metadata"])
    metadata.pop("managedFields", None)
    return {**live, "apiVersion": reference.api_version, "kind": reference.kind}
