"""mod_jk's settings where nodes die and return: nobody is turned away while one node serves."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from operations.load.nlb import NetworkLoadBalancer

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from tests.workloads.balancer.conftest import Httpd, Pod

    StartPod = Callable[[str], Pod]
    StartHttpd = Callable[[list[str]], Httpd]

ZONES = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
# A first request to a JVM that shares two cores with much else; httpd waits a little longer.
FIRST_REQUEST_SECONDS = 1.5


def test_nobody_is_turned_away_while_one_request_tries_a_node_that_has_just_returned(
    start_pod: StartPod, start_httpd: StartHttpd, threads: ThreadPoolExecutor
) -> None:
    returning, other = start_pod("127.0.0.1"), start_pod("127.0.0.2")
    httpd = start_httpd([returning.host, other.host])
    returning.kill()
    while "ERR" not in httpd.states()["item_1"]:
        assert httpd.menu() == 200
    returning.start()
    returning.hold()
    sent = [threads.submit(httpd.menu)]
    while not returning.held:
        sent.append(threads.submit(httpd.menu))
        time.sleep(0.05)
    # Until that one request is answered, mod_jk keeps all others away from the node; and now there is no other one.
    assert "PRB" in httpd.states()["item_1"]
    other.kill()
    sent += [threads.submit(httpd.menu) for _ in range(8)]
    time.sleep(FIRST_REQUEST_SECONDS)
    returning.release()
    assert Counter(answer.result() for answer in sent) == {200: len(sent)}


@pytest.mark.parametrize("clients", [1, 8])
def test_dead_pods_that_the_load_balancer_has_not_found_out_yet_cost_no_read(
    clients: int, port: int, start_pod: StartPod, start_httpd: StartHttpd, threads: ThreadPoolExecutor
) -> None:
    pods = [start_pod("127.0.0.1"), start_pod("127.0.0.2")]
    for pod in pods:
        # Every request meets a new connection, of which half lead to the dead pod.
        pod.keeps = False
    with NetworkLoadBalancer(ZONES, port, pods, chooser=random.Random(191), health_seconds=3600):
        httpd = start_httpd(ZONES)
        pods[0].kill()
        runs = [threads.submit(lambda: Counter(httpd.menu() for _ in range(400 // clients))) for _ in range(clients)]
        answers = sum((run.result() for run in runs), Counter[int]())
    assert answers == {200: 400}


def test_the_loss_of_a_zones_address_costs_no_read(
    silent_address: str, start_pod: StartPod, start_httpd: StartHttpd, threads: ThreadPoolExecutor
) -> None:
    alive = start_pod("127.0.0.1")
    httpd = start_httpd([silent_address, alive.host])
    sent = [threads.submit(httpd.menu) for _ in range(200)]
    answers = Counter(answer.result() for answer in sent)
    assert answers == {200: 200}
    assert "ERR" in httpd.states()["item_1"], "the address was tried and found silent"


def test_an_answer_that_was_begun_is_not_asked_for_again(start_pod: StartPod, start_httpd: StartHttpd) -> None:
    # What the first node sent may be with the client already: a second answer behind it would be neither.
    breaking, other = start_pod("127.0.0.1"), start_pod("127.0.0.2")
    breaking.breaks_off = other.breaks_off = True
    httpd = start_httpd([breaking.host, other.host])
    assert httpd.menu() == 502
    assert breaking.served + other.served == 1
