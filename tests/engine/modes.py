"""One program in a simulated cluster or on a real API server: the same hands and eyes for both.

Owns what a person does by hand in a cluster, behind Pulumi's back, and what is looked at after each operation.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from rehearsal.cloud import Cloud
from rehearsal.controlplane.lifecycle import clusters, place_of
from rehearsal.kubernetes.api import Api, ApiError
from rehearsal.kubernetes.cluster import Reference
from rehearsal.kubernetes.helm import find_chart
from rehearsal.kubernetes.helm_types import Install
from rehearsal.kubernetes.simulated_helm import SimulatedCluster
from rehearsal.nodes.faults import Fault, FaultKind, write_faults
from rehearsal.plugins import Kubernetes
from rehearsal.session import Rehearsal

if TYPE_CHECKING:
    from collections.abc import Generator

    from rehearsal.cloud import JsonObject
    from rehearsal.outcome import Outcome
    from rehearsal.toolchain import Toolchain

_PROGRAM: Final = Path(__file__).parent / "programs" / "workload"
_NAME: Final = "small"
TEMPLATE: Final = Path("chart/templates/objects.yaml")
# The two halves of a `replace`: which of them an operation comes to before it fails is a matter of time.
_HALVES: Final = ("create-replacement", "delete-replaced")
# What of an error's text must be the same; the words around it are the provider's and the server's own.
_PHRASES: Final = (
    "rolled back due to atomic being set",
    "an error occurred while rolling back the release",
    'no ConfigMap with the name "small" found',
    "field is immutable",
    "failed to initialize completely",
    "/replicas",
)


class Hands(Protocol):
    """What people do in the cluster itself."""

    def delete(self, kind: str, api_version: str) -> None:
        """Remove an object of the release."""
        ...

    def get(self, kind: str, api_version: str) -> JsonObject | None:
        """Look at an object of the release."""
        ...

    def record(self) -> tuple[int, str]:
        """The last revision of the release and its status; 0 where there is none."""
        ...

    def redeploy(self, text: str) -> None:
        """Give the release other values, by Helm."""
        ...

    def uninstall(self) -> None:
        """Remove the release, by Helm."""
        ...

    def break_hooks(self, *, broken: bool) -> None:
        """Let the pods of hooks fail from now on, or no more."""
        ...


@dataclass
class Mode:
    """A rehearsal in one mode, and hands in its cluster."""

    rehearsal: Rehearsal
    hands: Hands
    first: Outcome
    """What came of the first deployment, which makes the cluster."""
    _revision: int = 0

    def edit(self, before: str, after: str) -> None:
        """Change the chart's template."""
        template = self.rehearsal.project / TEMPLATE
        text = template.read_text(encoding="utf-8")
        assert before in text
        template.write_text(text.replace(before, after), encoding="utf-8")

    def up(self, **config: str | int | bool) -> dict[str, Any]:
        """Deploy, and tell what happened."""
        self.rehearsal.config = config
        return self.seen(self.rehearsal.up())

    def refresh(self) -> dict[str, Any]:
        """Read the cluster into the state, and tell what happened."""
        return self.seen(self.rehearsal.refresh())

    def seen(self, outcome: Outcome) -> dict[str, Any]:
        """What is compared: steps in the cluster, parts of errors, the release and its objects."""
        errors = "\n".join(outcome.errors)
        config_map = self.hands.get("ConfigMap", "v1")
        revision, status = self.hands.record()
        before, self._revision = self._revision, revision
        return {
            "steps": sorted(
                f"{one.op} {one.type}"
                for one in outcome.changed_steps
                if "kubernetes:" in one.type and one.op not in _HALVES
            ),
            "succeeded": outcome.succeeded,
            "says": [phrase for phrase in _PHRASES if phrase in errors],
            "status": status,
            "revisions": revision - (before if revision else 0),
            "text": config_map and cast("JsonObject", config_map["data"])["text"],
            "service": self.hands.get("Service", "v1") is not None,
        }


@contextmanager
def mode(kubernetes: Kubernetes, toolchain: Toolchain, home: Path) -> Generator[Mode]:
    """A project of its own, deployed once, whose cluster runs until the block ends."""
    project = home / "project"
    shutil.copytree(_PROGRAM, project)
    rehearsal = Rehearsal(
        project=project, stack="test", home=home / "rehearsal", toolchain=toolchain, kubernetes=kubernetes
    )
    rehearsal.config = {"text": "one"}
    first = rehearsal.up()
    if kubernetes is Kubernetes.SIMULATED:
        yield Mode(rehearsal, _Simulated(rehearsal), first)
        return
    with clusters(rehearsal.cloud):
        yield Mode(rehearsal, _Real(rehearsal), first)


def _reference(kind: str, api_version: str) -> Reference:
    return Reference(api_version=api_version, kind=kind, namespace=_NAME, name=_NAME)


@dataclass(frozen=True)
class _Simulated:
    rehearsal: Rehearsal

    @property
    def _cluster(self) -> SimulatedCluster:
        return SimulatedCluster(Cloud(self.rehearsal.cloud), _NAME)

    def delete(self, kind: str, api_version: str) -> None:
        self._cluster.delete(_reference(kind, api_version))

    def get(self, kind: str, api_version: str) -> JsonObject | None:
        return self._cluster.get(_reference(kind, api_version))

    def record(self) -> tuple[int, str]:
        found = self._cluster.release(_NAME, _NAME)
        return (0, "none") if found is None else (found.revision, found.status)

    def redeploy(self, text: str) -> None:
        wanted = Install(name=_NAME, namespace=_NAME, values={"text": text}, reuse_values=True)
        self._cluster.upgrade(find_chart(str(self.rehearsal.project / "chart"), "", {}), wanted)

    def uninstall(self) -> None:
        self._cluster.uninstall(Install(name=_NAME, namespace=_NAME, values={}))

    def break_hooks(self, *, broken: bool) -> None:
        """Runs none."""


@dataclass(frozen=True)
class _Real:
    rehearsal: Rehearsal

    @property
    def _api(self) -> Api:
        return Api(place_of(self.rehearsal.cloud, _NAME).configuration("admin"))

    def _helm(self, *arguments: str) -> None:
        kubeconfig = str(place_of(self.rehearsal.cloud, _NAME).kubeconfig)
        command = [str(self.rehearsal.toolchain.helm), *arguments, "--namespace", _NAME, "--kubeconfig", kubeconfig]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    def delete(self, kind: str, api_version: str) -> None:
        api = self._api
        api.delete(api.path(_reference(kind, api_version)))

    def get(self, kind: str, api_version: str) -> JsonObject | None:
        api = self._api
        try:
            return api.get(api.path(_reference(kind, api_version)))
        except ApiError:
            return None

    def record(self) -> tuple[int, str]:
        path = f"/api/v1/namespaces/{_NAME}/secrets"
        kept = cast("list[dict[str, Any]]", self._api.get(path, labelSelector=f"owner=helm,name={_NAME}")["items"])
        labels = [secret["metadata"]["labels"] for secret in kept]
        return max(((int(one["version"]), str(one["status"])) for one in labels), default=(0, "none"))

    def redeploy(self, text: str) -> None:
        chart = str(self.rehearsal.project / "chart")
        self._helm("upgrade", _NAME, chart, "--reuse-values", "--set", f"text={text}", "--wait")

    def uninstall(self) -> None:
        self._helm("uninstall", _NAME, "--wait")

    def break_hooks(self, *, broken: bool) -> None:
        fault = Fault(kind=FaultKind.CRASH_LOOP, target=f"{_NAME}/{_NAME}-prepare")
        write_faults(place_of(self.rehearsal.cloud, _NAME).faults, [fault] if broken else [])
