"""What the provider needs of a cluster: the simulated one, or the same behind a caller's rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.helm_types import Chart, Install, Record


class RefusedError(Exception):
    """The API server did not take the object; the message names the object and the reason."""


class UnreachableError(Exception):
    """There is no API server behind this kubeconfig."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One object of a cluster. `namespace` is empty for what is not in one."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, manifest: JsonObject) -> Reference:
        """The object that a manifest describes."""
        metadata = cast("JsonObject", manifest.get("metadata") or {})
        return cls(
            api_version=str(manifest.get("apiVersion")),
            kind=str(manifest.get("kind")),
            namespace=str(metadata.get("namespace") or ""),
            name=str(metadata.get("name") or ""),
        )

    @property
    def id(self) -> str:
        """The id that Pulumi keeps: `namespace/name`, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.api_version})"


class Cluster(Protocol):
    """Objects and Helm releases of one cluster. Methods raise `RefusedError` and `UnreachableError`."""

    def definitions(self) -> list[JsonObject]:
        """The CustomResourceDefinitions that the cluster has."""
        ...

    def problems(self, manifest: JsonObject) -> list[str]:
        """What the API server would complain about; unknown values are taken for right."""
        ...

    def get(self, reference: Reference) -> JsonObject | None:
        """The live object, or None."""
        ...

    def create(self, manifest: JsonObject, *, upsert: bool) -> JsonObject:
        """Makes the object; it must not exist unless `upsert`. Returns the live object."""
        ...

    def update(self, old: JsonObject, new: JsonObject) -> JsonObject:
        """Changes the object from what the program asked for to what it asks for now. Returns the live object."""
        ...

    def delete(self, reference: Reference) -> None:
        """Removes the object; no error when it is gone."""
        ...

    def relinquish(self, manifest: JsonObject) -> None:
        """Takes back the fields that a patch had set."""
        ...

    def release(self, namespace: str, name: str) -> Record | None:
        """The newest revision of a Helm release, or None."""
        ...

    def install(self, chart: Chart, what: Install) -> Record:
        """`helm install`; raises `ReleaseFailedError` when a failed release stays behind."""
        ...

    def upgrade(self, chart: Chart, what: Install) -> Record:
        """`helm upgrade`; raises `ReleaseFailedError` when a failed revision stays behind."""
        ...

    def uninstall(self, what: Install) -> None:
        """`helm uninstall`."""
        ...
