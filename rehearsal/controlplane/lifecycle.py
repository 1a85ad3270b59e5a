"""Starting and stopping clusters: what a rehearsal and the eks stand-in call.

Owns who starts what, once: any process of a rehearsal may ask for a cluster, and gets the one that runs. The
supervisor of a cluster belongs to the rehearsal's own process, named by FASTORDER_OWNER.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.cloud import Cloud
from rehearsal.controlplane.build import find_or_build_control_plane
from rehearsal.controlplane.place import Place
from rehearsal.progress import Progress
from rehearsal.tool_cache import exclusive_lock, try_lock

if TYPE_CHECKING:
    from collections.abc import Generator

OWNER_VARIABLE = "FASTORDER_OWNER"
"""Process id of the rehearsal; clusters end with it."""
_READY_SECONDS = 90.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1
_LAST_LINES = 5
_EKS_CLUSTER = "aws:eks/cluster:Cluster"
_CHECKOUT = Path(__file__).resolve().parent.parent.parent


class ClusterFailedError(Exception):
    """A cluster does not become ready; the message ends with what its programs said last."""


def place_of(cloud: Path, name: str) -> Place:
    """The folder of a cluster, by the cloud's folder and the cluster's name."""
    return Place(cloud / "clusters" / name)


def ensure(place: Place, *, name: str, version: str, region: str, service_range: str) -> None:
    """Returns when the cluster runs with this version; makes, upgrades or starts it as needed.

    Raises:
        ClusterFailedError: It does not become ready.
    """
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _start_lock(place):
        try:
            outdated = place.describe().version != version
        except FileNotFoundError:
            outdated = True
        if outdated:
            stop(place)
            find_or_build_control_plane(version)  # may take minutes, which must not count as starting
            place.create(name=name, version=version, region=region, service_range=service_range)
        _launch(place)
        _wait(place)


def start(place: Place) -> None:
    """Returns when the cluster runs; starts it when it does not. Raises `ClusterFailedError`."""
    with _start_lock(place):
        _launch(place)
        _wait(place)


def stop(place: Place) -> None:
    """Returns when nothing of the cluster runs any more; what it stored stays."""
    pid = _pid(place)
    if pid is None or not _is_running(place):
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while _is_running(place) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if _is_running(place):
        os.kill(pid, signal.SIGKILL)  # the kernel ends its children
        place.supervisor.unlink(missing_ok=True)
        place.ready.unlink(missing_ok=True)


@contextmanager
def clusters(cloud: Path) -> Generator[None]:
    """Runs the clusters that a cloud has, for the duration of the block, and those that are made in it.

    Those that ran before stay running: blocks nest. Clusters that are gone from the cloud are removed.
    """
    _remove_deleted(cloud)
    known = _places(cloud)
    foreign = {place for place in known if _is_running(place)}
    try:
        if len(foreign) < len(known):
            with Progress(f"starting {len(known) - len(foreign)} Kubernetes API servers") as progress:
                for place in known:
                    _launch(place)
                for place in known:
                    _wait(place, progress)
        yield
    finally:
        for place in _places(cloud):
            if place not in foreign:
                stop(place)
        _remove_deleted(cloud)


def _start_lock(place: Place) -> AbstractContextManager[None]:
    """Several plugins ask for the same cluster at once: one makes and starts it, the others wait."""
    return exclusive_lock(place.folder / "lock", waiting_for=f"the start of cluster {place.folder.name}")


def _places(cloud: Path) -> list[Place]:
    return [Place(file.parent) for file in sorted((cloud / "clusters").glob("*/cluster.json"))]


def _remove_deleted(cloud: Path) -> None:
    alive = {str(thing.properties.get("name") or thing.id) for thing in Cloud(cloud).list(_EKS_CLUSTER)}
    for place in _places(cloud):
        if place.describe().name not in alive:
            stop(place)
            shutil.rmtree(place.folder)


def _launch(place: Place) -> None:
    """Starts the supervisor, unless it runs."""
    owner = os.environ.get(OWNER_VARIABLE) or str(os.getpid())
    with (place.logs / "supervisor.log").open("ab") as log, _lock_file(place).open("w") as lock:
        if not try_lock(lock.fileno()):
            return
        place.ready.unlink(missing_ok=True)
        place.claim_port()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rehearsal.controlplane", str(place.folder), owner],
            env={**os.environ, "PYTHONPATH": str(_CHECKOUT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.fileno()],
            start_new_session=True,  # a Ctrl-C at the terminal reaches the owner, which stops it in order
        )
        place.supervisor.write_text(str(process.pid), encoding="utf-8")


def _wait(place: Place, progress: Progress | None = None) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not place.ready.exists():
        if progress is not None:
            progress.update()
        if not _is_running(place) or time.monotonic() > deadline:
            raise ClusterFailedError(f"cluster {place.folder.name} does not become ready:\n{_last_words(place)}")
        time.sleep(_POLL_SECONDS)


def _is_running(place: Place) -> bool:
    """Whether a supervisor holds its lock, which it inherited from whoever launched it."""
    try:
        with _lock_file(place).open("r") as lock:
            return not try_lock(lock.fileno())
    except FileNotFoundError:
        return False


def _lock_file(place: Place) -> Path:
    return place.folder / "supervisor.lock"


def _pid(place: Place) -> int | None:
    try:
        return int(place.supervisor.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _last_words(place: Place) -> str:
    lines: list[str] = []
    for log in sorted(place.logs.glob("*.log")):
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
        lines += [f"{log.name}: {line[:300]}" for line in said]
    return "\n".join(lines)
