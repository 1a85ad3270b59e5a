"""`make app`: the three tiers on this machine until Ctrl-C.

Owns the command line; everything else is in stack.py.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from operations.app.processes import AppError
from operations.app.stack import Stack
from operations.app.was import SERVICES


class _Arguments(argparse.Namespace):
    helm: Path | None
    port: int
    nodes: int


def main() -> int:
    """Start the stack, print its address, wait for a signal, stop it; the exit status says whether all ended well."""
    parser = argparse.ArgumentParser(prog="operations.app", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    parser.add_argument("--port", type=int, default=8080, help="port of the page on the loopback address")
    parser.add_argument("--nodes", type=int, default=1, help="WAS nodes of each service")
    arguments = parser.parse_args(namespace=_Arguments())
    if arguments.helm is None:
        parser.error("no helm on the PATH: pass --helm PATH")
    ended = threading.Event()

    def end(_signal: int, _frame: object) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    began = time.monotonic()

    def say(step: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {step}\n")
        sys.stdout.flush()

    nodes: dict[str, int] = dict.fromkeys(SERVICES, arguments.nodes)
    try:
        with Stack(arguments.helm, nodes=nodes, port=arguments.port, say=say) as stack:
            say(f"Fast Order is at {stack.web.address}  (logs in {stack.folder}; Ctrl-C ends it)")
            ended.wait()
            say("stopping")
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
