"""What clients see while a tier below is away, and that the services recover by themselves."""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from operations.app.database import Server
    from tests.workloads.was.conftest import Service, Tiers


def wait(service: Service, condition: Callable[[], bool]) -> None:
    """Wait for something that must come about without a restart; the node must stay alive meanwhile."""
    service.node.process.wait_until(condition, 60)


@contextlib.contextmanager
def killed(server: Server) -> Generator[None]:
    server.process.kill()
    try:
        yield
    finally:
        server.start()


@contextlib.contextmanager
def lagging_reader(tiers: Tiers) -> Generator[None]:
    """Let the reader fall behind without limit."""
    tiers.database.reader.sql("STOP SLAVE")
    try:
        yield
    finally:
        tiers.database.reader.sql("START SLAVE")


def forget_cache(tiers: Tiers) -> None:
    tiers.cache.process.kill()
    tiers.cache.start()


def breaker_is(service: Service, name: str, state: str) -> bool:
    """Ask the service's own metric for the state of a circuit breaker."""
    return service.metric("resilience4j_circuitbreaker_state", name=name, state=state) == 1


def test_a_customer_sees_the_own_order_and_payment_however_far_the_reader_is_behind(
    tiers: Tiers, pay: Service, order: dict[str, Any]
):
    with lagging_reader(tiers):
        where = pay.post("/pay/orders", order).headers["location"]
        assert pay.get(where).json()["state"] == "PLACED"
        pay.post(f"{where}/payments", {"kind": "CHARGE", "amount": 11000})
        assert pay.get(where).json()["state"] == "PAID"


def test_the_catalogue_is_read_from_the_reader(tiers: Tiers, item: Service):
    writer = tiers.database.writer
    with lagging_reader(tiers):
        writer.sql("UPDATE item.theatre SET region = 'only on the writer' WHERE id = 12")
        forget_cache(tiers)
        wait(item, lambda: breaker_is(item, "cache", "closed"))
        regions = {theatre["region"] for theatre in item.get("/item/theatres").json()["theatres"]}
        writer.sql("UPDATE item.theatre SET region = 'Jeju' WHERE id = 12")
    assert "Jeju" in regions
    assert "only on the writer" not in regions


def test_a_dead_reader_turns_nobody_away(tiers: Tiers, item: Service):
    with killed(tiers.database.reader):
        for theatre in range(1, 13):
            forget_entry(tiers, theatre)
            assert item.get(f"/item/theatres/{theatre}/menu").status == 200
        assert breaker_is(item, "database-reader", "open") or breaker_is(item, "database-reader", "half_open")

    def reads_from_reader() -> bool:
        forget_entry(tiers, 1)
        item.get("/item/theatres/1/menu")
        return breaker_is(item, "database-reader", "closed")

    wait(item, reads_from_reader)


def forget_entry(tiers: Tiers, theatre: int) -> None:
    tiers.cache_command("DEL", f"menu:v1:{theatre}")


def test_menus_are_served_from_the_cache_and_counted(tiers: Tiers, item: Service):
    item.get("/item/theatres/3/menu")
    wait(item, lambda: tiers.cache_command("EXISTS", "menu:v1:3") == "1" or not item.get("/item/theatres/3/menu"))
    hits = item.metric("fastorder_cache_total", result="hit")
    assert item.get("/item/theatres/3/menu").status == 200
    assert item.metric("fastorder_cache_total", result="hit") == hits + 1


def test_a_dead_cache_costs_no_request_and_is_used_again_when_it_is_back(tiers: Tiers, item: Service):
    tiers.cache.process.kill()
    try:
        assert {item.get(f"/item/theatres/{theatre}/menu").status for theatre in range(1, 13)} == {200}
        assert breaker_is(item, "cache", "open")
    finally:
        tiers.cache.start()
    hits = item.metric("fastorder_cache_total", result="hit")

    def hit() -> bool:
        assert item.get("/item/theatres/1/menu").status == 200
        return item.metric("fastorder_cache_total", result="hit") > hits

    wait(item, hit)


def test_a_hanging_cache_costs_no_request_and_is_left_alone(tiers: Tiers, item: Service):
    wait(item, lambda: item.get("/item/theatres/1/menu").status == 200 and breaker_is(item, "cache", "closed"))
    with tiers.frozen(tiers.cache.process):
        assert {item.get(f"/item/theatres/{theatre}/menu").status for theatre in range(1, 13)} == {200}
        assert breaker_is(item, "cache", "open")
        skipped = item.metric("fastorder_cache_total", result="skipped")
        assert item.get("/item/theatres/1/menu").status == 200
        assert item.metric("fastorder_cache_total", result="skipped") > skipped
    wait(item, lambda: item.get("/item/theatres/1/menu").status == 200 and breaker_is(item, "cache", "closed"))


def test_a_dead_database_is_a_quick_503_and_recovery_needs_no_restart(
    tiers: Tiers, pay: Service, order: dict[str, Any]
):
    refused = "resilience4j_circuitbreaker_not_permitted_calls_total"
    key = str(uuid.uuid4())
    before = pay.metric(refused, name="database-writer")
    with killed(tiers.database.writer):
        # The first requests wait for a connection, then the breaker refuses the rest without any wait.
        answers = [pay.post("/pay/orders", order, key=key) for _ in range(10)]
        assert {answer.status for answer in answers} == {503}
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
        assert {answer.json()["type"] for answer in answers} == {"urn:fastorder:database-unavailable"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        assert pay.metric(refused, name="database-writer") > before
        # Pods stay in service: they answer, and restarting them would heal nothing.
        assert pay.node.ready()

    process = pay.node.process.pid
    wait(pay, lambda: pay.post("/pay/orders", order, key=key).status == 201)
    assert pay.node.process.pid == process
    placed = tiers.database.writer.sql(f"SELECT id FROM pay.customer_order WHERE member_id = '{order['memberId']}'")
    assert placed.split() == [pay.post("/pay/orders", order, key=key).json()["id"]]


def test_a_hanging_database_is_a_503_and_recovery_needs_no_restart(tiers: Tiers, pay: Service, order: dict[str, Any]):
    wait(pay, lambda: pay.post("/pay/orders", order).status == 201)
    key = str(uuid.uuid4())
    with tiers.frozen(tiers.database.writer.process):
        assert {pay.post("/pay/orders", order, key=key).status for _ in range(8)} == {503}
        assert not breaker_is(pay, "database-writer", "closed")
    wait(pay, lambda: pay.post("/pay/orders", order, key=key).status == 201)


def test_a_writer_that_was_demoted_to_a_reader_loses_its_connections(tiers: Tiers, pay: Service, order: dict[str, Any]):
    writer = tiers.database.writer
    assert pay.post("/pay/orders", order).status == 201

    def connections() -> set[str]:
        # The reader's pool reads from another server, so these are the writer pool's.
        return set(writer.sql("SELECT id FROM information_schema.processlist WHERE user = 'pay'").split())

    before = connections()
    writer.sql("SET GLOBAL read_only = ON")
    try:
        answers = [pay.post("/pay/orders", order) for _ in range(len(before))]
        assert {(answer.status, answer.json()["type"]) for answer in answers} == {
            (503, "urn:fastorder:database-unavailable")
        }
        wait(pay, lambda: not before & connections())
    finally:
        writer.sql("SET GLOBAL read_only = OFF")
    assert pay.post("/pay/orders", order).status == 201


def test_a_service_starts_without_its_database_and_recovers_by_itself(tiers: Tiers, order: dict[str, Any]):
    with killed(tiers.database.writer):
        late = tiers.service("pay", 40)
        assert late.post("/pay/orders", order).status == 503
    wait(late, lambda: late.post("/pay/orders", order).status == 201)
    late.node.process.stop()


def test_an_unreachable_receipt_folder_costs_no_payment_and_no_receipt(tiers: Tiers, order: dict[str, Any]):
    # A file where the folder should be fails as a lost mount does: at once, on every call.
    (tiers.folder / "not-a-folder").touch()
    pay = tiers.service("pay", 41, RECEIPTS_DIRECTORY=str(tiers.folder / "not-a-folder"))
    where = pay.post("/pay/orders", order).headers["location"]

    assert pay.post(f"{where}/payments", {"kind": "CHARGE", "amount": 11000}).status == 201
    assert pay.get(f"{where}/receipt").json()["total"] == 11000
    wait(pay, lambda: pay.metric("fastorder_receipts_failed_total") == 2)
    pay.node.process.stop()


def test_a_service_that_may_keep_no_connections_keeps_none_and_works(tiers: Tiers):
    # As in dev, where a connection would keep Aurora from pausing.
    settings = {"DB_USERNAME": "paused", "DB_MINIMUM_IDLE": "0"}
    tiers.migrate("item", **settings)
    item = tiers.service("item", 42, CACHE_HOST="", **settings)
    mine = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'paused'"
    for server in (tiers.database.writer, tiers.database.reader):
        assert server.sql(mine).strip() == "0"
    assert item.get("/item/theatres").status == 200
    assert tiers.database.reader.sql(mine).strip() == "1"
    assert tiers.database.writer.sql(mine).strip() == "0"
    item.node.process.stop()


def test_metrics_of_tomcat_the_pools_and_the_breakers_are_there(pay: Service):
    pay.get("/pay/orders/none")
    assert pay.metric("tomcat_threads_config_max_threads") == 100
    assert pay.metric("hikaricp_connections_max", pool="writer") == 10
    assert pay.metric("hikaricp_connections_max", pool="reader") == 10
    assert breaker_is(pay, "database-writer", "closed")
    assert pay.metric("http_server_requests_seconds_count", status="400") > 0
    text = pay.management("/actuator/prometheus").decode()
    assert 'service="pay"' in text
    assert 'environment="local"' in text
