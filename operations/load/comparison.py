"""Bench: mod_jk against mod_proxy_ajp, mod_proxy_http and a node asked directly, in one interleaved run.

Run as `make comparison`. Each way is measured by wrk in turn, in another order each round; the table has medians and
ranges of requests a second, of their share of mod_jk's in the same round (which a busy machine disturbs least), of p50
and p99, and of the CPU time per request of httpd and of the node. mod_jk is measured as it ships and without its
connection test before each request, which the proxies do not make. The numbers compare the ways with each other, and
say nothing of any other machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from operations.app.processes import Process, free_port, private_folder, require
from operations.app.stack import Stack
from operations.app.was import SERVICES
from operations.app.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULES = "/usr/lib/apache2/modules"
_PATH = "/item/theatres/1/menu"
_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000}
_HOST = "127.0.0.1"


class Result(NamedTuple):
    """One measurement: requests a second and their share of mod_jk's, ms, microseconds of CPU time per request."""

    rate: float
    share: float
    p50: float
    p99: float
    httpd_cpu: float
    node_cpu: float


_TITLES = ("requests/s", "of mod_jk's", "p50 ms", "p99 ms", "httpd CPU us", "node CPU us")
_SHIPPED = "mod_jk"


class _Arguments(argparse.Namespace):
    helm: Path
    rounds: int
    seconds: int


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="operations.load.comparison", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each way")
    parser.add_argument("--seconds", type=int, default=5, help="length of each measurement")
    arguments = parser.parse_args(namespace=_Arguments())
    require("wrk")
    node_port = free_port()
    stack = Stack(
        arguments.helm,
        nodes={"item": 1, "user": 0, "pay": 0},
        entry_points={service: [_HOST] for service in SERVICES},
        was_settings={"FASTORDER_HTTP_PORT": str(node_port)},
    )
    with stack:
        ajp = f"ajp://{_HOST}:{stack.ports['item'][0]}/item secret={stack.ajp_secret}"
        others = {
            "no test": _without_test(stack, arguments.helm),
            "proxy_ajp": _other_way(stack, arguments.helm, "proxy-ajp", ajp),
            "proxy_http": _other_way(stack, arguments.helm, "proxy-http", f"http://{_HOST}:{node_port}/item"),
        }
        try:
            for web in others.values():
                web.start()
            webs = {_SHIPPED: stack.web} | others
            ways: dict[str, tuple[int, Process | None]] = {name: (web.port, web.process) for name, web in webs.items()}
            node = stack.nodes["item"][0].process
            _print(_measure(ways | {"direct": (node_port, None)}, node, arguments.rounds, arguments.seconds))
        finally:
            for web in others.values():
                web.stop()
    return 0


def _other_way(stack: Stack, helm: Path, name: str, target: str) -> Web:
    """Return an httpd that differs from ours in how it reaches WAS, and in nothing else."""
    web = Web(private_folder(stack.folder, name), helm, {service: (1024, [_HOST]) for service in SERVICES}, None)
    modules = [
        f"LoadModule {module}_module {_MODULES}/mod_{module}.so" for module in ("proxy", "proxy_ajp", "proxy_http")
    ]
    (web.folder / "httpd" / "services.conf").write_text("\n".join([*modules, f"ProxyPass /item {target}\n"]))
    main_file = web.folder / "httpd" / "httpd.conf"
    lines = main_file.read_text().splitlines(keepends=True)
    main_file.write_text("".join(line for line in lines if not line.startswith("LoadModule jk_module")))
    return web


def _without_test(stack: Stack, helm: Path) -> Web:
    """Return an httpd whose mod_jk does not test a connection before each request."""
    workers = {service: (ports[0], [_HOST]) for service, ports in stack.ports.items()}
    web = Web(private_folder(stack.folder, "no-test"), helm, workers, stack.ajp_secret)
    properties = web.folder / "config" / "workers.properties"
    properties.write_text(properties.read_text().replace("ping_mode=A", "ping_mode=CI"))
    return web


def _measure(
    ways: dict[str, tuple[int, Process | None]], node: Process, rounds: int, seconds: int
) -> dict[str, list[Result]]:
    results: dict[str, list[Result]] = {name: [] for name in ways}
    names = list(ways)
    for port, _ in ways.values():
        _wrk(port, 2)
    for number in range(rounds):
        measured: dict[str, Result] = {}
        # Whoever comes first after a pause, or last before one, would always be the same.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            port, process = ways[name]
            used = process or node
            before = used.cpu_seconds(), node.cpu_seconds()
            rate, p50, p99, requests = _wrk(port, seconds)
            after = used.cpu_seconds(), node.cpu_seconds()
            httpd, was = ((end - start) / requests * 1_000_000 for start, end in zip(before, after, strict=True))
            measured[name] = Result(rate, 0, p50, p99, httpd if process else 0, was)
        for name, result in measured.items():
            results[name].append(result._replace(share=result.rate / measured[_SHIPPED].rate))
    return results


def _wrk(port: int, seconds: int) -> tuple[float, float, float, int]:
    """Return requests a second, p50 and p99 in ms, and the number of requests; any answer but 2xx is an error."""
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", f"http://{_HOST}:{port}{_PATH}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"requests failed, the numbers would mean nothing:\n{text}")
    return (
        float(_found(r"Requests/sec:\s+([\d.]+)", text)[0]),
        _milliseconds(_found(r"50%\s+([\d.]+)(us|ms|s)", text)),
        _milliseconds(_found(r"99%\s+([\d.]+)(us|ms|s)", text)),
        int(_found(r"(\d+) requests in", text)[0]),
    )


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if not match:
        raise RuntimeError(f"wrk's output has no {pattern!r}:\n{text}")
    return match.groups()


def _milliseconds(parts: tuple[str, ...]) -> float:
    return float(parts[0]) * _MILLISECONDS[parts[1]]


def _print(results: dict[str, list[Result]]) -> None:
    sys.stdout.write(f"{'':12}{''.join(f'{title:>22}' for title in _TITLES)}\n")
    for name, measured in results.items():
        columns = [_column(values) for values in zip(*measured, strict=True)]
        sys.stdout.write(f"{name:12}{''.join(f'{column:>22}' for column in columns)}\n")


def _column(values: Iterable[float]) -> str:
    ordered = sorted(values)
    return f"{statistics.median(ordered):.4g} ({ordered[0]:.4g}-{ordered[-1]:.4g})"


if __name__ == "__main__":
    raise SystemExit(main())
