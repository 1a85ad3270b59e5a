"""Measures what two real clusters cost: seconds until both are ready, and their memory.

Owns `python -m rehearsal.controlplane.bench`. Not a test, as the figures are those of the machine it runs on; the
control plane is built before the clock starts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.cloud import Cloud, CloudObject
from rehearsal.controlplane.build import find_or_build_control_plane
from rehearsal.controlplane.lifecycle import clusters, place_of

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

_VERSION = "1.36"
_REGION = "ap-northeast-2"
_NAMES = ("web", "was")


def main() -> None:
    """Starts two new clusters, then the same ones again, and prints a line for each."""
    find_or_build_control_plane(_VERSION)
    with tempfile.TemporaryDirectory(prefix="fastorder-bench-") as folder:
        cloud = Path(folder)
        for name in _NAMES:
            properties: JsonObject = {"name": name, "version": _VERSION}
            kind = "aws:eks/cluster:Cluster"
            Cloud(cloud).create(
                CloudObject(provider="aws", type=kind, location=_REGION, id=name, properties=properties)
            )
            place_of(cloud, name).create(name=name, version=_VERSION, region=_REGION, service_range="10.100.0.0/16")
        for which in ("new", "stopped and started again"):
            began = time.monotonic()
            with clusters(cloud):
                seconds = time.monotonic() - began
                memory = memory_mib(cloud)
            sys.stdout.write(f"{len(_NAMES)} clusters, {which}: ready in {seconds:.1f} s, {memory:.0f} MiB together\n")


def processes(cloud: Path) -> dict[int, str]:
    """Command lines, by process id, of everything that runs for the clusters of a cloud."""
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{cloud}/clusters/" in command:
            found[int(process.name)] = command
    return found


def memory_mib(cloud: Path) -> float:
    """Memory of everything that runs for the clusters of a cloud, in MiB; shared pages count once (Linux's PSS)."""
    kib = 0
    for pid in processes(cloud):
        with suppress(OSError):  # it has ended meanwhile
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / 1024


if __name__ == "__main__":
    main()
