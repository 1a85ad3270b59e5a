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
    from collections.abc import Mapping

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
        reason = self._unready(what, [*manifest, *hooks])
        if reason and what.atomic:
            message = f"release {what.name} failed, and has been uninstalled due to atomic being set: {reason}"
            raise RefusedError(message)
        for item in manifest:
            self.create(item, upsert=_is_definition(item))
        record = _made(chart, what, 1, what.values, manifest)
        if reason:
            raise self._failed(record, record, reason)
        self.cloud.create(self._release_thing(record))
        return record

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
        record = _made(chart, what, current.revision + 1, values, manifest)
        before = {Reference.of(item): item for item in current.manifest}
        lost = [one for one in before if one not in {Reference.of(item) for item in manifest} and self.get(one)]
        if refused := self._refused_changes(before, manifest):
            raise (
                self._undone(current, record, refused, lost)
                if what.atomic
                else self._failed(record, replace(record, manifest=current.manifest), refused)
            )
        reason = self._unready(what, [*manifest, *hooks])
        if reason and what.atomic:
            raise self._undone(current, record, reason, [])
        for item in manifest:
            reference = Reference.of(item)
            if self.get(reference) is None:
                self.create(item, upsert=False)
            else:
                self.update(before.get(reference, {}), item)
        for reference in lost:
            self.delete(reference)
        if reason:
            raise self._failed(record, record, reason)
        self.cloud.put(self._release_thing(record))
        return record

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

    def _refused_changes(self, before: Mapping[Reference, JsonObject], manifest: list[JsonObject]) -> str:
        """What the server says of the objects that it does not change; empty when it takes all."""
        refused: list[str] = []
        for item in manifest:
            reference = Reference.of(item)
            if self.get(reference) is not None:
                try:
                    self.updated(before.get(reference, {}), item)
                except RefusedError as error:
                    refused.append(f'cannot patch "{reference.name}" with kind {reference.kind}: {error}')
        return " && ".join(refused)

    def _unready(self, what: Install, objects: list[JsonObject]) -> str:
        """Why the release's pods do not start in time, as their images are missing; empty when they do."""
        absent = [] if what.skip_await else missing(self.cloud, past_of(self.cloud.folder), objects)
        # What `kubectl get events` says of such pods; Helm itself says nothing of them.
        pods = (f'; pods: ImagePullBackOff: Back-off pulling image "{image}": not found' for image in absent)
        return f"context deadline exceeded{''.join(pods)}" if absent else ""

    def _undone(self, current: Record, record: Record, reason: str, lost: list[Reference]) -> ReleaseFailedError:
        """An upgrade that Helm rolls back, as one more revision: with Helm 3 in vain where the chart lost an object."""
        if lost:
            found = f'no {lost[0].kind} with the name "{lost[0].name}" found'
            text = f"an error occurred while rolling back the release. original upgrade error: {reason}: {found}"
        else:
            text = f"release {record.name} failed, and has been rolled back due to atomic being set: {reason}"
        kept = replace(current, revision=record.revision + 1)
        return self._failed(record, kept, text, status="failed" if lost else "deployed")

    def _failed(self, record: Record, kept: Record, reason: str, *, status: str = "failed") -> ReleaseFailedError:
        """Keeps a revision in the cluster, and hands the one that failed to the program's state."""
        thing = self._release_thing(replace(kept, status=status))
        (self.cloud.create if kept.revision == 1 else self.cloud.put)(thing)
        identity = f"{record.namespace}/{record.name}"
        message = (
            f'Helm release "{identity}" {"was created, but " if record.revision == 1 else ""}failed to initialize '
            "completely. Use Helm CLI to investigate: failed to become available within allocated timeout. "
            f"Error: Helm Release {identity}: {reason}"
        )
        return ReleaseFailedError(message, replace(record, status="failed"))

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
