"""The plugin's face: the engine's calls, answered for one provider instance (one cluster, one process).

Owns the protocol: which resource goes where, previews that ask nothing of the cluster, errors as the engine wants them
(a created but unready resource is kept in the state). What a Release or an object is stands in `release.py` and
`objects.py`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2

from rehearsal.kubernetes import configuration, objects, release
from rehearsal.kubernetes.cluster import Reference, RefusedError, UnreachableError
from rehearsal.kubernetes.configuration import Configuration
from rehearsal.kubernetes.connection import approach, connect
from rehearsal.kubernetes.definitions import built_in
from rehearsal.kubernetes.explanations import explained
from rehearsal.kubernetes.helm_types import ReleaseFailedError
from rehearsal.kubernetes.values import plain_map, read, write
from rehearsal.provider_plugin import PartlyCreatedError, ProviderPlugin, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.cluster import Cluster
    from rehearsal.vantage.access import Access

VERSION = "4.34.2"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_DISABLED = provider_pb2.CheckRequest.AutonamingOptions.DISABLE


class KubernetesPlugin(ProviderPlugin):
    """One provider instance; the engine starts a process for each."""

    version = VERSION

    def __init__(self) -> None:
        self._configuration = Configuration.parse({})
        self._cluster: Cluster | None = None
        self._access: Access | None = None
        self._obstacle: UnreachableError | None = None

    def check_config(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Refuses provider settings that the stand-in does not offer."""
        failures = configuration.check(plain_map(read(request.news)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def diff_config(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Whether a changed provider means another cluster."""
        return configuration.difference(plain_map(read(request.olds)), plain_map(read(request.news)))

    def configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Takes the provider's settings, and asks once and for all whether its cluster is within reach."""
        self._configuration = Configuration.parse(plain_map(read(request.args)))
        self._cluster, self._access, self._obstacle = None, None, None
        if self._configuration.kubeconfig is not None:
            try:
                self._access = approach(self._configuration.kubeconfig)
            except UnreachableError as error:
                self._obstacle = error
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Completes and checks the inputs of a resource."""
        token, old, new = type_of(request.urn), read(request.olds), read(request.news)
        namespace = self._configuration.namespace
        if token == _RELEASE:
            inputs, found = release.check(old, new, default_namespace=namespace, name=_automatic(request, 7) or "")
            failures = [provider_pb2.CheckFailure(property="chart", reason=reason) for reason in found]
            return provider_pb2.CheckResponse(inputs=write(inputs), failures=failures)
        disabled = request.HasField("autonaming") and request.autonaming.mode == _DISABLED
        inputs = objects.check(
            token,
            old,
            new,
            name=None if disabled else _automatic(request, 8),
            default_namespace=namespace,
            definitions=self._known_definitions(),
        )
        cluster = self._reachable()
        found = objects.problems(cluster, inputs) if cluster is not None and not token.endswith("Patch") else []
        failures = [provider_pb2.CheckFailure(reason=f"{Reference.of(plain_map(inputs))}: {text}") for text in found]
        return provider_pb2.CheckResponse(inputs=write(inputs), failures=failures)

    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """What changed since the last known state."""
        token, old, new = type_of(request.urn), read(request.olds), read(request.news)
        ignored = list(request.ignoreChanges)
        if token == _RELEASE:
            return release.diff(old, new, ignored)
        return objects.diff(token, old, new, settings=self._configuration.switches, ignored=ignored)

    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Makes the resource; a preview answers without asking the cluster."""
        token, inputs = type_of(request.urn), read(request.properties)
        if request.preview:
            shown = release.preview(inputs) if token == _RELEASE else inputs
            return provider_pb2.CreateResponse(id="", properties=write(shown))
        with explained("create", request.urn):
            if token == _RELEASE:
                identity, made = self._deploy(inputs, upgrade=False)
            else:
                manifest = plain_map(inputs)
                upsert = token.endswith("Patch") or "upsertExistingObjects" in self._configuration.switches
                live = self._connected().create(manifest, upsert=upsert)
                identity, made = Reference.of(live).id, objects.state(inputs, live)
        return provider_pb2.CreateResponse(id=identity, properties=write(made))

    def update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Changes the resource; a preview answers without asking the cluster."""
        token, old, inputs = type_of(request.urn), read(request.olds), read(request.news)
        if request.preview:
            shown = release.preview(inputs) if token == _RELEASE else inputs
            return provider_pb2.UpdateResponse(properties=write(shown))
        with explained("update", request.urn):
            if token == _RELEASE:
                _, shown = self._deploy(inputs, upgrade=True)
            else:
                live = self._connected().update(plain_map(objects.saved_inputs(old)), plain_map(inputs))
                shown = objects.state(inputs, live)
        return provider_pb2.UpdateResponse(properties=write(shown))

    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """The live state; an empty answer when it is gone. Imports are refused."""
        old, inputs = read(request.properties), read(request.inputs)
        if not old:
            message = "the kubernetes stand-in does not import objects: run the import against a real cluster"
            raise RefusedError(message)
        with explained("read", request.urn):
            return self._read(request, old, inputs)

    def delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Removes the resource; what is gone already is no error, except a release."""
        token, state = type_of(request.urn), read(request.properties)
        with explained("delete", request.urn):
            if token == _RELEASE:
                release.remove(self._connected(), state)
            elif token.endswith("Patch"):
                self._connected().relinquish(plain_map(objects.saved_inputs(state)))
            else:
                identity = plain_map({key: state[key] for key in ("apiVersion", "kind", "metadata")})
                self._connected().delete(Reference.of(identity))
        return empty_pb2.Empty()

    def _read(
        self, request: provider_pb2.ReadRequest, old: dict[str, PropertyValue], inputs: dict[str, PropertyValue]
    ) -> provider_pb2.ReadResponse:
        cluster = self._connected()
        if type_of(request.urn) == _RELEASE:
            found = release.read(cluster, old, inputs)
            if found is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(id=request.id, properties=write(found), inputs=request.inputs)
        live = cluster.get(Reference.of(plain_map({key: old[key] for key in ("apiVersion", "kind", "metadata")})))
        if live is None:
            return provider_pb2.ReadResponse()
        now = objects.live_inputs(inputs, live)
        return provider_pb2.ReadResponse(id=request.id, properties=write(objects.state(now, live)), inputs=write(now))

    def _deploy(self, inputs: Mapping[str, PropertyValue], *, upgrade: bool) -> tuple[str, dict[str, PropertyValue]]:
        try:
            record = release.deploy(self._connected(), inputs, upgrade=upgrade)
        except ReleaseFailedError as error:
            record = error.record
            identity = f"{record.namespace}/{record.name}"
            state = write(release.state(inputs, record))
            raise PartlyCreatedError(str(error), identity, state, write(inputs)) from error
        return f"{record.namespace}/{record.name}", release.state(inputs, record)

    def _known_definitions(self) -> list[JsonObject]:
        cluster = self._reachable()
        return cluster.definitions() if cluster is not None else list(built_in())

    def _reachable(self) -> Cluster | None:
        """The cluster, or None while it is not known or not there: a preview must work without."""
        if self._cluster is None and self._configuration.kubeconfig is not None and self._obstacle is None:
            self._cluster = self._connect(self._configuration.kubeconfig, missing_ok=True)
        return self._cluster

    def _connected(self) -> Cluster:
        if self._configuration.kubeconfig is None:
            message = "the provider has no kubeconfig: it is unknown, or was not given"
            raise RefusedError(message)
        if self._obstacle is not None:
            raise self._obstacle
        if self._cluster is None:
            self._cluster = self._connect(self._configuration.kubeconfig, missing_ok=False)
        return cast("Cluster", self._cluster)

    def _connect(self, kubeconfig: JsonObject, *, missing_ok: bool) -> Cluster | None:
        return connect(kubeconfig, missing_ok=missing_ok, access=self._access)


def _automatic(request: provider_pb2.CheckRequest, digits: int) -> str | None:
    """The automatic name: the one that the engine proposes, or the resource's name and a few hexadecimal digits."""
    if request.HasField("autonaming") and request.autonaming.proposed_name:
        return request.autonaming.proposed_name
    return f"{request.urn.rsplit('::', 1)[-1]}-{hashlib.sha256(request.randomSeed).hexdigest()[:digits]}"
