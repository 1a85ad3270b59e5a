"""A cluster as one caller sees it: each verb is asked of the caller's rights before the cluster is.

Owns which verbs a provider's operation needs. Helm keeps its releases in Secrets, so a release needs rights on those;
the objects in it are not looked at one by one. The rights themselves are `rehearsal.vantage.access`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.kubernetes import kinds
from rehearsal.kubernetes.cluster import Reference
from rehearsal.vantage.access import Access, ForbiddenError

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.cluster import Cluster
    from rehearsal.kubernetes.helm_types import Chart, Install, Record


class GuardedCluster:
    """Implements `rehearsal.kubernetes.cluster.Cluster`; each method raises `ForbiddenError` too."""

    def __init__(self, cluster: Cluster, access: Access) -> None:
        self._cluster = cluster
        self._access = access

    def definitions(self) -> list[JsonObject]:
        """See `Cluster`. What kinds there are, every caller that has an access entry may know."""
        return self._cluster.definitions()

    def problems(self, manifest: JsonObject) -> list[str]:
        """See `Cluster`; asks published schemas, not the server."""
        return self._cluster.problems(manifest)

    def get(self, reference: Reference) -> JsonObject | None:
        """See `Cluster`."""
        self._require("get", reference)
        return self._cluster.get(reference)

    def create(self, manifest: JsonObject, *, upsert: bool) -> JsonObject:
        """See `Cluster`."""
        self._require("patch" if upsert else "create", Reference.of(manifest))
        return self._cluster.create(manifest, upsert=upsert)

    def update(self, old: JsonObject, new: JsonObject) -> JsonObject:
        """See `Cluster`."""
        for verb in ("get", "patch"):
            self._require(verb, Reference.of(new))
        return self._cluster.update(old, new)

    def delete(self, reference: Reference) -> None:
        """See `Cluster`."""
        self._require("delete", reference)
        self._cluster.delete(reference)

    def relinquish(self, manifest: JsonObject) -> None:
        """See `Cluster`."""
        self._require("patch", Reference.of(manifest))
        self._cluster.relinquish(manifest)

    def release(self, namespace: str, name: str) -> Record | None:
        """See `Cluster`."""
        self._require_secrets(namespace)
        return self._cluster.release(namespace, name)

    def install(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        self._require_secrets(what.namespace, "create")
        return self._cluster.install(chart, what)

    def upgrade(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        self._require_secrets(what.namespace, "create", "update")
        return self._cluster.upgrade(chart, what)

    def uninstall(self, what: Install) -> None:
        """See `Cluster`."""
        self._require_secrets(what.namespace, "delete")
        self._cluster.uninstall(what)

    def _require(self, verb: str, reference: Reference) -> None:
        group, resource = kinds.resource_of(reference.api_version, reference.kind, self._cluster.definitions())
        # The server learns the name of what is created from its body, after it has decided.
        name = "" if verb == "create" else reference.name
        self._access.require(verb, group, resource, namespace=reference.namespace, name=name)

    def _require_secrets(self, namespace: str, *verbs: str) -> None:
        try:
            for verb in ("list", *verbs):
                self._access.require(verb, "", "secrets", namespace=namespace)
        except ForbiddenError as error:
            raise ForbiddenError(f"query: failed to query with labels: {error}") from error
