"""Helm releases in a cluster with a real API server: real Helm installs, upgrades, rolls back and uninstalls.

Owns Helm's flags and what is said about a failure. The official provider carries Helm 3 as a library; the flags here
make Helm 4 behave like it: client-side merge and the old rules of waiting. When Helm rolls back, the pods that failed
are gone before anyone can look: so they are watched while Helm works.
"""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rehearsal.kubernetes import helm
from rehearsal.kubernetes.api import ApiError
from rehearsal.kubernetes.cluster import RefusedError, UnreachableError
from rehearsal.kubernetes.helm_types import Record, ReleaseFailedError
from rehearsal.kubernetes.readiness import pod_reason, unready_reason
from rehearsal.kubernetes.server import ServerObjects

if TYPE_CHECKING:
    from collections.abc import Generator

    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.api import Api
    from rehearsal.kubernetes.helm_types import Chart, Install

_LOOK_SECONDS = 0.5
_SHOWN_PODS = 3


class ServerCluster(ServerObjects):
    """A cluster with an API server and its Helm releases: implements `rehearsal.kubernetes.cluster.Cluster`."""

    def __init__(self, kubeconfig: JsonObject, *, version: str, force: bool = False) -> None:
        super().__init__(kubeconfig, version=version, force=force)
        self._kubeconfig = kubeconfig

    def release(self, namespace: str, name: str) -> Record | None:
        """See `Cluster`. Read from where Helm keeps it: its own commands leave out half of it."""
        try:
            path = f"/api/v1/namespaces/{namespace}/secrets"
            kept = cast("list[JsonObject]", self.api.get(path, labelSelector=f"owner=helm,name={name}")["items"])
        except ApiError as error:
            raise RefusedError(f"release {namespace}/{name} cannot be read: {error}") from error
        records = [_record(cast("JsonObject", secret["data"])) for secret in kept]
        return max(records, key=lambda record: record.revision, default=None)

    def install(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        return self._deploy(["install", "--server-side=false"], chart, what)

    def upgrade(self, chart: Chart, what: Install) -> Record:
        """See `Cluster`."""
        flags = ["upgrade", "--server-side=false", f"--history-max={what.max_history}"]
        flags += ["--reset-values"] if what.reset_values else ["--reuse-values"] if what.reuse_values else []
        flags += ["--cleanup-on-fail"] if what.cleanup_on_fail else []
        return self._deploy(flags, chart, what)

    def uninstall(self, what: Install) -> None:
        """See `Cluster`."""
        wait = [] if what.skip_await else ["--wait=legacy", "--cascade=foreground"]
        with tempfile.TemporaryDirectory(prefix="fastorder-helm-") as folder:
            command = ["uninstall", what.name, *wait, f"--timeout={what.timeout}s"]
            self._helm(command, what.namespace, Path(folder), seconds=what.timeout)

    def _deploy(self, flags: list[str], chart: Chart, what: Install) -> Record:
        before = self.release(what.namespace, what.name)
        with (
            tempfile.TemporaryDirectory(prefix="fastorder-helm-") as folder,
            _watched_pods(self.api, what.namespace) as unready,
        ):
            command = [flags[0], what.name, chart.location, *chart.repository, *flags[1:], *_common_flags(what)]
            command += ["--values", helm.write_values(what.values, Path(folder))]
            try:
                self._helm(command, what.namespace, Path(folder), seconds=what.timeout * (2 if what.atomic else 1))
            except RefusedError as error:
                message = f"release {what.namespace}/{what.name}: {error}{_pods(unready)}"
                after = self.release(what.namespace, what.name)
                if after is None or (before is not None and after.revision == before.revision):
                    raise RefusedError(message) from error
                failed = replace(after, values=what.values, status="failed")
                raise ReleaseFailedError(message, failed) from error
        made = self.release(what.namespace, what.name)
        if made is None:
            message = f"release {what.namespace}/{what.name} is gone right after Helm made it"
            raise RefusedError(message)
        return made

    def _helm(self, command: list[str], namespace: str, folder: Path, *, seconds: float) -> str:
        file = folder / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(json.dumps(self._kubeconfig), encoding="utf-8")
        return helm.run([*command, "--namespace", namespace, "--kubeconfig", str(file)], seconds=seconds)


def _common_flags(what: Install) -> list[str]:
    switches = {
        "--rollback-on-failure": what.atomic,
        "--create-namespace": what.create_namespace,
        "--wait=legacy": not what.skip_await,
        "--wait-for-jobs": what.wait_for_jobs and not what.skip_await,
        "--skip-crds": what.skip_crds,
        "--no-hooks": what.disable_hooks,
    }
    description = [f"--description={what.description}"] if what.description else []
    return [*(flag for flag, on in switches.items() if on), f"--timeout={what.timeout}s", *description]


@contextmanager
def _watched_pods(api: Api, namespace: str) -> Generator[dict[str, str]]:
    """While the block runs: why pods of the namespace were not ready when last seen, by name."""
    reasons: dict[str, str] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(_LOOK_SECONDS):
            try:
                pods = cast("list[JsonObject]", api.get(f"/api/v1/namespaces/{namespace}/pods")["items"])
            except (ApiError, UnreachableError):
                continue
            for pod in pods:
                name = str(cast("JsonObject", pod["metadata"])["name"])
                if unready_reason({**pod, "kind": "Pod"}) is None:
                    reasons.pop(name, None)
                else:
                    reasons[name] = pod_reason(pod)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield reasons
    finally:
        done.set()
        watcher.join()


def _pods(unready: dict[str, str]) -> str:
    return "".join(f"\npod {name}: {reason}" for name, reason in list(unready.items())[:_SHOWN_PODS])


def _record(data: JsonObject) -> Record:
    """The record in the data of Helm's Secret: JSON, compressed, in base64 twice (Helm's and the server's)."""
    packed = base64.b64decode(base64.b64decode(str(data["release"])))
    kept = cast("JsonObject", json.loads(gzip.decompress(packed)))
    chart = cast("JsonObject", cast("JsonObject", kept["chart"])["metadata"])
    return Record(
        name=str(kept["name"]),
        namespace=str(kept["namespace"]),
        revision=int(str(kept["version"])),
        status=str(cast("JsonObject", kept["info"])["status"]),
        chart_name=str(chart["name"]),
        chart_version=str(chart["version"]),
        app_version=str(chart.get("appVersion") or ""),
        values=cast("JsonObject", kept.get("config") or {}),
        manifest=helm.parse_manifest(str(kept.get("manifest") or "")),
    )
