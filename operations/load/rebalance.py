"""Bench: do AJP connections spread again after a roll-out, and does the loss of a zone's address strand anything?

Run as `python -m operations.load.rebalance`. Three `item` nodes stand behind the load balancer's stand-in with three
zonal addresses; each node is restarted once under load, and then the requests of each are counted until a minute after
it, with WAS's bounded life of connections and without. Beside them stand the connections, of which the load balancer
chooses each by chance: few of them are uneven by chance alone. It prints what it measured and judges nothing, since
times on a shared machine vary.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from operations.app.stack import Stack
from operations.load.nlb import NetworkLoadBalancer
from operations.load.orders import Clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operations.app.was import Node

_ZONES = ("127.0.1.1", "127.0.1.2", "127.0.1.3")
_COUNTER = "http_server_requests_seconds_count"


class _Arguments(argparse.Namespace):
    helm: Path
    settle: float
    count: float
    life: list[int]


def main() -> int:
    """Measure without and with the bounded life; returns 0."""
    parser = argparse.ArgumentParser(prog="operations.load.rebalance", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    parser.add_argument("--settle", type=float, default=10, help="seconds between the roll-out and the count")
    parser.add_argument("--count", type=float, default=50, help="seconds of counting")
    parser.add_argument(
        "--life", type=int, nargs="+", default=(0, 2), help="lives to measure, in seconds; 0 is unbounded"
    )
    arguments = parser.parse_args(namespace=_Arguments())
    for life in arguments.life:
        _measure(arguments.helm, life, arguments.settle, arguments.count)
    return 0


def _measure(helm: Path, life: int, settle: float, count: float) -> None:
    say(f"connection life {f'{life}-{life * 3 // 2} s' if life else 'unbounded'}")
    stack = Stack(
        helm,
        nodes={"item": len(_ZONES)},
        entry_points={"user": ["127.0.0.1"], "item": _ZONES, "pay": ["127.0.0.1"]},
        was_settings={"FASTORDER_AJP_CONNECTION_SECONDS": str(life)},
    )
    with (
        stack,
        NetworkLoadBalancer(_ZONES, stack.ports["item"][0], stack.nodes["item"]) as balancer,
        Clients("127.0.0.1", stack.web.port, threads=32, reads_per_order=20, pause_seconds=0.1) as clients,
    ):
        clients.wait_for_orders(50)
        say(f"  before the roll-out   {_split(stack.nodes['item'], balancer, count)}")
        for node in stack.nodes["item"]:
            node.process.stop()
            node.start()
            node.wait_until_ready()
        time.sleep(settle)
        say(f"  {settle:g}-{settle + count:g} s after it      {_split(stack.nodes['item'], balancer, count)}")
        before = clients.ledger.reads
        balancer.lose_zone(_ZONES[0])
        time.sleep(count)
        say(f"  zone lost for {count:g} s     {clients.ledger.reads - before} reads went on")
    ledger = clients.ledger
    say(
        f"  all in all            {ledger.reads} reads, failed {dict(ledger.failed_reads)}; "
        f"{len(ledger.acknowledged)} orders, failed {dict(ledger.failed_writes)}"
    )


def _split(nodes: list[Node], balancer: NetworkLoadBalancer, seconds: float) -> str:
    before, chosen = [_requests(node) for node in nodes], balancer.connections.copy()
    time.sleep(seconds)
    served = [_requests(node) - start for node, start in zip(nodes, before, strict=True)]
    connections = balancer.connections - chosen
    return f"requests {_shares(served)}, connections {_shares([connections[node.host] for node in nodes])}"


def _shares(counts: Sequence[float]) -> str:
    even = sum(counts) / len(counts)
    worst = max(abs(share - even) / even for share in counts) if even else 0
    return f"{' : '.join(f'{share:.0f}' for share in counts)} (at most {worst:.0%} off an even split)"


def _requests(node: Node) -> float:
    connection = HTTPConnection(node.host, node.management_port, timeout=30)
    connection.request("GET", "/actuator/prometheus")
    lines = connection.getresponse().read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(_COUNTER) and "/item/" in line)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
