"""Roll-outs under load, in the steps that the charts prescribe, behind stand-ins for the load balancers.

The pods of the rehearsal's clusters are simulated, so no traffic can go through them; here real processes take the same
steps in the same order: deregistration, the chart's own preStop hook, the stop signal, the grace period, a health check
before the first request. All times are a tenth of the charts'.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from operations.app.processes import private_folder
from operations.app.web import Web
from operations.load.alb import ApplicationLoadBalancer
from operations.load.nlb import NetworkLoadBalancer
from operations.load.orders import Clients
from rehearsal.helm_binary import find_or_fetch_helm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from operations.app.stack import Stack
    from operations.app.was import Node
    from tests.workloads.tiers.conftest import Judge

    Render = Callable[..., list[dict[str, Any]]]

pytestmark = [pytest.mark.failover, pytest.mark.timeout(600)]

ZONES = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
SHARE_OF_TIME = 0.1
# How long the cluster needs to tell the load balancer that a pod ends, while its hook already runs.
NEWS_SECONDS = 5


@dataclass(frozen=True)
class Ending:
    """How the chart ends a pod: its hook's command, the time that this sleeps, and the time until it is killed."""

    hook: str
    sleep: float
    grace: float


def ending(render: Render, release: str) -> Ending:
    [deployment] = [manifest for manifest in render(release) if manifest["kind"] == "Deployment"]
    spec = deployment["spec"]["template"]["spec"]
    hook = spec["containers"][0]["lifecycle"]["preStop"]
    command = hook["exec"]["command"][-1] if "exec" in hook else f"sleep {hook['sleep']['seconds']}"
    [seconds] = re.findall(r"sleep (\d+)", command)
    sleep = int(seconds) * SHARE_OF_TIME
    shorter = command.replace(f"sleep {seconds}", f"sleep {sleep:g}")
    return Ending(shorter, sleep, spec["terminationGracePeriodSeconds"] * SHARE_OF_TIME)


def end_web(web: Web, how: Ending, balancer: ApplicationLoadBalancer) -> None:
    news = threading.Timer(NEWS_SECONDS * SHARE_OF_TIME, balancer.deregister, (web.port,))
    news.start()
    hook = how.hook.replace("/run/httpd", str(web.run_folder))
    subprocess.run(["/bin/sh", "-c", hook], check=True)
    # Raises where the process is still there at the end of its grace period.
    web.process.stop(signal.SIGWINCH, how.grace - how.sleep)
    news.join()


def end_was(node: Node, how: Ending, balancer: NetworkLoadBalancer) -> None:
    news = threading.Timer(NEWS_SECONDS * SHARE_OF_TIME, balancer.deregister, (node,))
    news.start()
    subprocess.run(["/bin/sh", "-c", how.hook], check=True)
    # The grace period is not shortened: it also holds what the JVM needs to end, which does not shrink with the rest.
    node.process.stop(signal.SIGTERM, how.grace / SHARE_OF_TIME)
    news.join()


@contextmanager
def another_web(stack: Stack, workers: dict[str, tuple[int, list[str]]]) -> Generator[Web]:
    folder = private_folder(stack.folder, "another-web")
    web = Web(folder, find_or_fetch_helm(), workers, stack.ajp_secret)
    web.start()
    yield web
    web.stop()
    shutil.rmtree(folder)


@pytest.fixture
def second_web(stack: Stack) -> Iterator[Web]:
    workers = {
        service: (stack.ports[service][0], [node.host for node in nodes]) for service, nodes in stack.nodes.items()
    }
    with another_web(stack, workers) as web:
        yield web


def test_rolling_web_costs_nothing(stack: Stack, second_web: Web, render: Render, judge: Judge) -> None:
    how = ending(render, "web")
    webs = [stack.web, second_web]
    with (
        ApplicationLoadBalancer([web.port for web in webs]) as balancer,
        Clients("127.0.0.1", balancer.port, most_orders=5_000) as clients,
    ):
        clients.wait_for_orders(20)
        for web in webs:
            end_web(web, how, balancer)
            clients.wait_for_orders(10)
            web.start()
            balancer.register(web.port)
            clients.wait_for_orders(10)
    judge.nothing_failed(clients.ledger)
    assert clients.ledger.failed_reads == {}
    assert clients.ledger.first_failures == {}
    judge.nothing_lost(clients.ledger)


def test_without_the_hook_the_same_roll_out_is_noticed(stack: Stack, second_web: Web) -> None:
    with (
        ApplicationLoadBalancer([stack.web.port, second_web.port]) as balancer,
        Clients("127.0.0.1", balancer.port, pause_seconds=0.005, most_orders=5_000) as clients,
    ):
        clients.wait_for_orders(20)
        end_web(second_web, Ending("true", 0, 6), balancer)
    assert clients.ledger.failed_reads | clients.ledger.first_failures


@pytest.fixture
def balancers(stack: Stack) -> Iterator[dict[str, NetworkLoadBalancer]]:
    made = {
        service: NetworkLoadBalancer(ZONES, stack.ports[service][0], nodes) for service, nodes in stack.nodes.items()
    }
    with made["user"], made["item"], made["pay"]:
        yield made


@pytest.fixture
def zonal_web(stack: Stack, balancers: dict[str, NetworkLoadBalancer]) -> Iterator[Web]:
    """An httpd that knows only the load balancers' addresses, as on AWS."""
    workers = {service: (ports[0], ZONES) for service, ports in stack.ports.items()}
    with another_web(stack, workers) as web:
        yield web


def test_rolling_was_behind_its_load_balancers_costs_nothing(
    stack: Stack,
    balancers: dict[str, NetworkLoadBalancer],
    zonal_web: Web,
    render: Render,
    judge: Judge,
) -> None:
    how = ending(render, "was-pay")
    with Clients("127.0.0.1", zonal_web.port, most_orders=5_000) as clients:
        clients.wait_for_orders(20)
        for service in ("item", "pay"):
            for node in stack.nodes[service]:
                end_was(node, how, balancers[service])
                node.start()
                node.wait_until_ready()
                balancers[service].register(node)
                clients.wait_for_orders(10)
    judge.nothing_failed(clients.ledger)
    assert clients.ledger.failed_reads == {}
    judge.nothing_lost(clients.ledger)


def test_was_nodes_killed_behind_their_load_balancers_cost_no_write_and_hardly_a_read(
    stack: Stack, zonal_web: Web, judge: Judge
) -> None:
    with Clients("127.0.0.1", zonal_web.port, most_orders=5_000) as clients:
        clients.wait_for_orders(20)
        killed = [stack.nodes["item"][0], stack.nodes["pay"][0]]
        for node in killed:
            node.process.kill()
        clients.wait_for_orders(60)
        for node in killed:
            node.start()
        for node in killed:
            node.wait_until_ready()
        clients.wait_for_orders(20)
    judge.nothing_failed(clients.ledger)
    judge.nothing_lost(clients.ledger)
