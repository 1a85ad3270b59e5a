"""Helm releases in a simulated cluster: charts are rendered by real Helm, their objects stored like any other.

Owns the release's life: revisions, Helm's rules for old values, what an upgrade removes, and that nothing is written
when a manifest would be refused. Hooks are validated but leave nothing behind: no job runs here. Pods of images that
nobody pushed never become ready: such a release fails as it would after its timeout, without the wait.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from rehearsal.account.images import missing
from rehearsal.account.past import past_of
from rehearsal.cloud import CloudObject, JsonObject
from rehearsal.kubernetes import helm, kinds, schemas
from rehearsal.kubernetes.cluster import Reference, RefusedError
from rehearsal.kubernetes.helm_types import Record, ReleaseFailedError
from rehearsal.kubernetes.merge import merge
from rehearsal.kubernetes.simulated import PROVIDER, SimulatedObjects

if TYPE_CHECKING:
    from rehearsal.kubernetes.helm_types import Chart, Install

_RELEASE = "helm.sh/v3:Release"
_OWNER = "meta.helm.sh/release-name"
_OWNER_NAMESPACE = "meta.helm.sh/release-namespace"


class SimulatedCluster(SimulatedObjects):
    """A simulated cluster with its Helm releases: implements `rehearsal.kubernetes.cluster.Cluster`."""

    def release(self, namespace: str, name: str) -> Record | None:
        """See `Cluster`."""
        found = self.cloud.get(_RELEASE, f"{namespace}/{name}", location=self.name, provider=PROVIDER)
        return _record(found.properties) if found else None

    def install(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        if self.release(what.namespace, what.name) is not None:
            message = f"cannot re-use a name that is still in use: release {what.namespace}/{what.name}"
            raise RefusedError(message)
        if not self.has_namespace(what.namespace):
            if not what.create_namespace:
                message = f'release {what.namespace}/{what.name}: namespace "{what.namespace}" not found'
                raise RefusedError(message)
            space: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": what.namespace}}
            self.create(space, upsert=False)
        manifest, hooks = self._render(chart, what, upgrade=False)
        absent = self._absent_images(what, [*manifest, *hooks], undone="uninstalled")
        for item in manifest:
            self.create(item, upsert=_is_definition(item))
        record = _made(chart, what, 1, what.values, manifest)
        return self._settled(record, absent)

    def upgrade(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        current = self.release(what.namespace, what.name)
        if current is None:
            message = f'"{what.name}" has no deployed releases in namespace {what.namespace}'
            raise RefusedError(message)
        values = what.values
        if what.reuse_values and not what.reset_values:
            values = merge(current.values, {}, what.values)
        elif not what.values and not what.reset_values:
            values = current.values
        manifest, hooks = self._render(chart, what, upgrade=True)
        absent = self._absent_images(what, [*manifest, *hooks], undone="rolled back")
        before = {Reference.of(item): item for item in current.manifest}
        for item in manifest:
            reference = Reference.of(item)
            if self.get(reference) is None:
                self.create(item, upsert=False)
            else:
                self.update(before.get(reference, {}), item)
        for reference in before.keys() - {Reference.of(item) for item in manifest}:
            self.delete(reference)
        record = _made(chart, what, current.revision + 1, values, manifest)
        return self._settled(record, absent)

    def uninstall(self, what: Install) -> None:
        """See `Cluster`. Definitions from a chart's `crds/` folder stay, as Helm leaves them."""
        current = self.release(what.namespace, what.name)
        if current is None:
            message = f"uninstall: release not loaded: {what.name}: release: not found"
            raise RefusedError(message)
        for item in reversed(current.manifest):
            if not _is_definition(item):
                self.delete(Reference.of(item))
        self.cloud.delete(_RELEASE, f"{what.namespace}/{what.name}", location=self.name, provider=PROVIDER)

    def _absent_images(self, what: Install, objects: list[JsonObject], *, undone: str) -> list[str]:
        """Images that keep the release's pods from starting; raises `RefusedError` where Helm undoes such a release."""
        absent = [] if what.skip_await else missing(self.cloud, past_of(self.cloud.folder), objects)
        if absent and what.atomic:
            message = (
                f"Helm Release {what.namespace}/{what.name}: release {what.name} failed, and has been {undone} due to "
                f"atomic being set: context deadline exceeded{_pull_failures(absent)}"
            )
            raise RefusedError(message)
        return absent

    def _settled(self, record: Record, absent: list[str]) -> Record:
        """Keeps the release; raises `ReleaseFailedError` when its pods cannot start, as Helm does after its timeout."""
        if absent:
            record = replace(record, status="failed")
        thing = self._release_thing(record)
        if record.revision == 1:
            self.cloud.create(thing)
        else:
            self.cloud.put(thing)
        if absent:
            identity = f"{record.namespace}/{record.name}"
            message = (
                f'Helm release "{identity}" was created, but failed to initialize completely. Use Helm CLI to '
                f"investigate: failed to become available within allocated timeout. Error: Helm Release {identity}: "
                f"context deadline exceeded{_pull_failures(absent)}"
            )
            raise ReleaseFailedError(message, record)
        return record

    def _render(self, chart: Chart, what: Install, *, upgrade: bool) -> tuple[list[JsonObject], list[JsonObject]]:
        definitions = self.definitions()
        served = [
            f"{spec['group']}/{version['name']}"
            for spec in (cast("JsonObject", definition["spec"]) for definition in definitions)
            for version in cast("list[JsonObject]", spec["versions"])
        ]
        manifest, hooks = helm.render(
            chart, what, kubernetes_version=f"{self.version}.0", api_versions=served, upgrade=upgrade
        )
        brought = [item for item in manifest if _is_definition(item)]
        for item in [*manifest, *hooks]:
            self._complete(item, what, [*definitions, *brought])
        refused = [
            f"{Reference.of(item)}: {problem}"
            for item in [*manifest, *hooks]
            for problem in self._problems_with(item, [*definitions, *brought])
        ]
        if refused:
            message = (
                f"release {what.namespace}/{what.name}: unable to build kubernetes objects from release manifest: "
                + "; ".join(refused)
            )
            raise RefusedError(message)
        return manifest, hooks

    def _problems_with(self, item: JsonObject, definitions: list[JsonObject]) -> list[str]:
        try:
            return schemas.problems(item, self.version, definitions)
        except schemas.UnknownKindError as error:
            return [str(error)]

    @staticmethod
    def _complete(item: JsonObject, what: Install, definitions: list[JsonObject]) -> None:
        """Adds what Helm adds: the namespace of namespaced objects and the marks of ownership."""
        metadata = cast("JsonObject", item.setdefault("metadata", {}))
        if kinds.is_namespaced(str(item.get("apiVersion")), str(item.get("kind")), definitions):
            metadata.setdefault("namespace", what.namespace)
        annotations = cast("JsonObject", metadata.get("annotations") or {})
        metadata["annotations"] = {**annotations, _OWNER: what.name, _OWNER_NAMESPACE: what.namespace}
        labels = cast("JsonObject", metadata.get("labels") or {})
        metadata["labels"] = {**labels, "app.kubernetes.io/managed-by": "Helm"}

    def _release_thing(self, record: Record) -> CloudObject:
        return CloudObject(
            provider=PROVIDER,
            type=_RELEASE,
            location=self.name,
            id=f"{record.namespace}/{record.name}",
            properties=_properties(record),
        )


def _pull_failures(absent: list[str]) -> str:
    # What `kubectl get events` says of such pods; Helm itself says nothing of them.
    return "".join(f'; pods: ImagePullBackOff: Back-off pulling image "{image}": not found' for image in absent)


def _is_definition(item: JsonObject) -> bool:
    return item.get("kind") == "CustomResourceDefinition"


def _made(chart: Chart, what: Install, revision: int, values: JsonObject, manifest: list[JsonObject]) -> Record:
    return Record(
        name=what.name,
        namespace=what.namespace,
        revision=revision,
        status="deployed",
        chart_name=chart.name,
        chart_version=chart.version,
        app_version=chart.app_version,
        values=values,
        manifest=manifest,
    )


def _properties(record: Record) -> JsonObject:
    return {
        "name": record.name,
        "namespace": record.namespace,
        "revision": record.revision,
        "status": record.status,
        "chartName": record.chart_name,
        "chartVersion": record.chart_version,
        "appVersion": record.app_version,
        "values": record.values,
        "manifest": [*record.manifest],
    }


def _record(properties: JsonObject) -> Record:
    return Record(
        name=str(properties["name"]),
        namespace=str(properties["namespace"]),
        revision=int(str(properties["revision"])),
        status=str(properties["status"]),
        chart_name=str(properties["chartName"]),
        chart_version=str(properties["chartVersion"]),
        app_version=str(properties["appVersion"]),
        values=cast("JsonObject", properties["values"]),
        manifest=cast("list[JsonObject]", properties["manifest"]),
    )
