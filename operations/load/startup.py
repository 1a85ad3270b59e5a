"""Bench: how long a WAS node takes from its start until it is ready, and what that costs in CPU time.

Run as `make startup`. Each service's node is stopped and started alone, in turn, with everything else up and idle; the
class archive and the file cache are warm, as on a node that has run the image before. The start is over when the
readiness endpoint answers 200, which is what the load balancer waits for.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import time
from pathlib import Path

from operations.app.stack import Stack


class _Arguments(argparse.Namespace):
    helm: Path
    rounds: int


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="operations.load.startup", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    parser.add_argument("--rounds", type=int, default=5, help="starts of each service")
    arguments = parser.parse_args(namespace=_Arguments())
    with Stack(arguments.helm) as stack:
        seconds: dict[str, list[float]] = {node.process.name: [] for node in stack.all_nodes()}
        cpu: dict[str, list[float]] = {name: [] for name in seconds}
        for _ in range(arguments.rounds):
            for node in stack.all_nodes():
                node.process.stop()
                began = time.monotonic()
                node.start()
                node.wait_until_ready()
                seconds[node.process.name].append(time.monotonic() - began)
                cpu[node.process.name].append(node.process.cpu_seconds())
    for name, measured in seconds.items():
        sys.stdout.write(f"{name:12} ready after {_column(measured)} s   CPU {_column(cpu[name])} s\n")
    return 0


def _column(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


if __name__ == "__main__":
    raise SystemExit(main())
