"""Tiers killed and rolled under load: no acknowledged order is missing, and clients with one retry lose no write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operations.load.orders import Clients

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from operations.app.stack import Stack
    from operations.app.was import Node
    from tests.workloads.tiers.conftest import Judge

# Starting JVMs take minutes where everything else runs beside them.
pytestmark = [pytest.mark.failover, pytest.mark.timeout(600)]


@pytest.fixture
def clients(stack: Stack) -> Iterator[Clients]:
    # The number of orders bounds a run that would not stop by itself.
    with Clients("127.0.0.1", stack.web.port, most_orders=5_000) as running:
        running.wait_for_orders(20)
        yield running


def test_killed_was_nodes_cost_no_write_and_hardly_a_read(stack: Stack, clients: Clients, judge: Judge) -> None:
    for nodes in zip(stack.nodes["pay"], stack.nodes["item"], strict=True):
        for node in nodes:
            node.process.kill()
        clients.wait_for_orders(30)
        start_again(nodes)
        clients.wait_for_orders(30)
    clients.stop()
    judge.nothing_failed(clients.ledger)
    judge.nothing_lost(clients.ledger)


def test_rolling_was_nodes_costs_nothing(stack: Stack, clients: Clients, judge: Judge) -> None:
    for nodes in zip(stack.nodes["pay"], stack.nodes["item"], strict=True):
        for node in nodes:
            node.process.stop()
        start_again(nodes)
        clients.wait_for_orders(30)
    clients.stop()
    judge.nothing_failed(clients.ledger)
    assert clients.ledger.failed_reads == {}
    judge.nothing_lost(clients.ledger)


def start_again(nodes: Iterable[Node]) -> None:
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_until_ready()


def test_a_killed_database_loses_no_acknowledged_order_and_needs_no_restart_of_was(
    stack: Stack, clients: Clients, judge: Judge
) -> None:
    pids = [node.process.pid for node in stack.all_nodes()]
    stack.database.writer.process.kill()
    clients.wait_for_failures(10)
    stack.database.writer.start()
    clients.wait_for_orders(50)
    clients.stop()
    assert [node.process.pid for node in stack.all_nodes()] == pids
    assert set(clients.ledger.failed_writes) <= {"POST 503"}, "an outage is said, not a server error"
    judge.nothing_lost(clients.ledger)


def test_a_killed_reader_costs_no_write(stack: Stack, clients: Clients, judge: Judge) -> None:
    stack.database.reader.process.kill()
    clients.wait_for_orders(50)
    stack.database.reader.start()
    clients.wait_for_orders(50)
    clients.stop()
    judge.nothing_failed(clients.ledger)
    judge.nothing_lost(clients.ledger)


def test_a_killed_cache_costs_nothing(stack: Stack, clients: Clients, judge: Judge) -> None:
    stack.cache.process.kill()
    clients.wait_for_orders(100)
    stack.cache.start()
    clients.wait_for_orders(50)
    clients.stop()
    assert clients.ledger.failed_reads == {}
    assert clients.ledger.failed_writes == {}
    assert clients.ledger.first_failures == {}
    judge.nothing_lost(clients.ledger)


def test_the_comparison_itself_finds_a_missing_and_a_doubled_order(
    stack: Stack, clients: Clients, judge: Judge
) -> None:
    clients.stop()
    judge.nothing_lost(clients.ledger)
    key, order = clients.ledger.acknowledged.popitem()
    clients.ledger.acknowledged[key] = "00000000-0000-0000-0000-000000000000"
    assert judge.missing(clients.ledger) == {key}
    clients.ledger.acknowledged[key] = order
    writer = stack.database.writer
    kept = writer.sql(f"SELECT location FROM pay.idempotency_key WHERE idempotency_key = '{key}'").strip()
    writer.sql(f"UPDATE pay.idempotency_key SET location = 'elsewhere' WHERE idempotency_key = '{key}'")
    assert judge.doubled().strip() == order
    writer.sql(f"UPDATE pay.idempotency_key SET location = '{kept}' WHERE idempotency_key = '{key}'")
