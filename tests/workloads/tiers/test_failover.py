"""Tiers killed and rolled under load: no acknowledged order is missing, and clients with one retry lose no write."""

from collections.abc import Iterable, Iterator

import pytest

from operations.app.stack import Stack
from operations.app.was import Node
from operations.load.orders import Clients, Ledger

# Starting JVMs take minutes where everything else runs beside them.
pytestmark = [pytest.mark.failover, pytest.mark.timeout(600)]

READ_FAILURES_ALLOWED = 1 / 10_000


@pytest.fixture
def clients(stack: Stack) -> Iterator[Clients]:
    # The number of orders bounds a run that would not stop by itself.
    with Clients("127.0.0.1", stack.web.port, most_orders=5_000) as running:
        running.wait_for_orders(20)
        yield running


def missing_orders(stack: Stack, ledger: Ledger) -> set[str]:
    """Acknowledged orders that the table does not have; the key's entry must name the same order."""
    keys = stack.database.writer.sql("SELECT idempotency_key, location FROM pay.idempotency_key")
    kept = dict(line.split("\t") for line in keys.splitlines())
    orders = set(stack.database.writer.sql("SELECT id FROM pay.customer_order").split())
    return {
        key
        for key, order in ledger.acknowledged.items()
        if order not in orders or kept.get(key) != f"/pay/orders/{order}"
    }


def doubled_orders(stack: Stack) -> str:
    """Orders without a key of their own: the second result of one write."""
    return stack.database.writer.sql(
        "SELECT o.id FROM pay.customer_order o LEFT JOIN pay.idempotency_key k "
        "ON k.location = CONCAT('/pay/orders/', o.id) WHERE k.location IS NULL"
    )


def assert_nothing_lost(stack: Stack, ledger: Ledger) -> None:
    assert missing_orders(stack, ledger) == set()
    assert doubled_orders(stack) == ""


def assert_nothing_failed(stack: Stack, ledger: Ledger) -> None:
    assert ledger.failed_writes == {}, server_errors(stack)
    assert ledger.failed_reads.total() <= max(1, ledger.reads * READ_FAILURES_ALLOWED), server_errors(stack)


def server_errors(stack: Stack) -> str:
    """The last requests that failed, as httpd logged them, to tell its own answers from a service's."""
    lines = stack.web.process.log.read_text().splitlines()
    return "\n".join([line for line in lines if '"status":50' in line][-20:])


def test_killed_was_nodes_cost_no_write_and_hardly_a_read(stack: Stack, clients: Clients) -> None:
    for nodes in zip(stack.nodes["pay"], stack.nodes["item"], strict=True):
        for node in nodes:
            node.process.kill()
        clients.wait_for_orders(30)
        start_again(nodes)
        clients.wait_for_orders(30)
    clients.stop()
    assert_nothing_failed(stack, clients.ledger)
    assert_nothing_lost(stack, clients.ledger)


def test_rolling_was_nodes_costs_nothing(stack: Stack, clients: Clients) -> None:
    for nodes in zip(stack.nodes["pay"], stack.nodes["item"], strict=True):
        for node in nodes:
            node.process.stop()
        start_again(nodes)
        clients.wait_for_orders(30)
    clients.stop()
    assert_nothing_failed(stack, clients.ledger)
    assert clients.ledger.failed_reads == {}
    assert_nothing_lost(stack, clients.ledger)


def start_again(nodes: Iterable[Node]) -> None:
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_until_ready()


def test_a_killed_database_loses_no_acknowledged_order_and_needs_no_restart_of_was(
    stack: Stack, clients: Clients
) -> None:
    pids = [node.process.pid for node in stack.all_nodes()]
    stack.database.writer.process.kill()
    clients.wait_for_failures(10)
    stack.database.writer.start()
    clients.wait_for_orders(50)
    clients.stop()
    assert [node.process.pid for node in stack.all_nodes()] == pids
    assert set(clients.ledger.failed_writes) <= {"POST 503"}, "an outage is said, not a server error"
    assert_nothing_lost(stack, clients.ledger)


def test_a_killed_reader_costs_no_write(stack: Stack, clients: Clients) -> None:
    stack.database.reader.process.kill()
    clients.wait_for_orders(50)
    stack.database.reader.start()
    clients.wait_for_orders(50)
    clients.stop()
    assert_nothing_failed(stack, clients.ledger)
    assert_nothing_lost(stack, clients.ledger)


def test_a_killed_cache_costs_nothing(stack: Stack, clients: Clients) -> None:
    stack.cache.process.kill()
    clients.wait_for_orders(100)
    stack.cache.start()
    clients.wait_for_orders(50)
    clients.stop()
    assert clients.ledger.failed_reads == {}
    assert clients.ledger.failed_writes == {}
    assert clients.ledger.first_failures == {}


def test_the_comparison_itself_finds_a_missing_and_a_doubled_order(stack: Stack, clients: Clients) -> None:
    clients.stop()
    assert_nothing_lost(stack, clients.ledger)
    key, order = clients.ledger.acknowledged.popitem()
    clients.ledger.acknowledged[key] = "00000000-0000-0000-0000-000000000000"
    assert missing_orders(stack, clients.ledger) == {key}
    clients.ledger.acknowledged[key] = order
    writer = stack.database.writer
    kept = writer.sql(f"SELECT location FROM pay.idempotency_key WHERE idempotency_key = '{key}'").strip()
    writer.sql(f"UPDATE pay.idempotency_key SET location = 'elsewhere' WHERE idempotency_key = '{key}'")
    assert doubled_orders(stack).strip() == order
    writer.sql(f"UPDATE pay.idempotency_key SET location = '{kept}' WHERE idempotency_key = '{key}'")
