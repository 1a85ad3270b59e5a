"""The AJP connector: nothing without the secret, and nobody left hanging at the end."""

from __future__ import annotations

import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from operations.app.ajp import Connection
from operations.app.processes import AppError, accepts, free_port

if TYPE_CHECKING:
    from tests.workloads.was.conftest import Service, Tiers


@pytest.mark.parametrize("secret", ["", "fifteen-letters"])
def test_without_a_secret_worth_the_name_the_service_does_not_start(tiers: Tiers, secret: str):
    node = tiers.node("item", 20 + len(secret), AJP_SECRET=secret)
    node.start()

    with pytest.raises(AppError, match="ended while starting"):
        node.wait_until_ready()

    log = node.process.log.read_text()
    assert f"AJP_SECRET has {len(secret)} characters, it needs at least 16" in log
    assert not secret or secret not in log


@pytest.mark.parametrize("secret", [None, "another-secret-of-good-length"])
def test_a_missing_or_wrong_secret_gets_nothing_and_is_counted_and_logged(item: Service, secret: str | None):
    refused = item.metric("fastorder_ajp_refused_total")

    answer = item.request("GET", "/item/theatres", secret=secret)

    assert answer.status == 403
    # Tomcat's own page, and no sign of the application: it was not asked.
    assert "x-request-id" not in answer.headers
    assert "강남".encode() not in answer.body
    item.node.process.wait_until(lambda: item.metric("fastorder_ajp_refused_total") == refused + 1, 10)
    line = item.wait_for_log("AJP request refused")[-1]
    assert (line["log"]["level"], line["peer"]) == ("WARN", "127.0.0.1")


def test_a_write_with_a_wrong_secret_is_not_done(tiers: Tiers, pay: Service, order: dict[str, Any]):
    assert pay.request("POST", "/pay/orders", order, secret="another-secret-of-good-length").status == 403

    made = tiers.database.writer.sql(f"SELECT COUNT(*) FROM pay.customer_order WHERE member_id = '{order['memberId']}'")
    assert made.strip() == "0"


def test_a_refusal_by_the_application_does_not_count_as_a_wrong_secret(item: Service):
    refused = item.metric("fastorder_ajp_refused_total")
    assert item.get("/item/nothing").status == 404
    assert item.metric("fastorder_ajp_refused_total") == refused


def test_one_connection_serves_request_after_request_and_answers_the_connection_test(item: Service):
    with Connection(item.node.host, item.node.ajp_port, item.secret) as connection:
        for _ in range(3):
            assert connection.ping()
            assert connection.request("GET", "/item/theatres").status == 200


def test_there_is_no_plain_http_connector_unless_a_test_asks_for_one(tiers: Tiers, item: Service):
    asked = tiers.service("item", 29, FASTORDER_HTTP_PORT=str(free_port()))

    assert listening(item) == {item.node.ajp_port, item.node.management_port}
    assert len(listening(asked)) == 3
    asked.node.process.stop()


def listening(service: Service) -> set[int]:
    """Return the TCP ports that the node's process listens on."""
    process = Path(f"/proc/{service.node.process.pid}")
    inodes = {os.readlink(entry) for entry in (process / "fd").iterdir()}  # noqa: PTH115
    sockets = [
        line.split() for family in ("tcp", "tcp6") for line in (process / "net" / family).read_text().splitlines()
    ]
    return {
        int(columns[1].rsplit(":", 1)[1], 16)
        for columns in sockets
        if columns[3] == "0A" and f"socket:[{columns[9]}]" in inodes
    }


def test_a_shutdown_finishes_the_running_request_and_refuses_new_ones(tiers: Tiers, order: dict[str, Any]):
    pay = tiers.service("pay", 30)
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(1) as thread, tiers.held_key(key):
        running = thread.submit(pay.post, "/pay/orders", order, key=key)
        waiting = f"SELECT id FROM information_schema.processlist WHERE user = 'pay' AND info LIKE 'INSERT INTO%{key}%'"
        pay.node.process.wait_until(lambda: bool(tiers.database.writer.sql(waiting)), 10)
        pay.node.process.send(signal.SIGTERM)
        pay.node.process.wait_until(lambda: not accepts(pay.node.host, pay.node.ajp_port), 10)
        assert not running.done()

    # The key was let go while the service was going down, so the order went through all the same; or, on a machine so
    # slow that the service gave up waiting for the key first, the client was told to try again.
    assert running.result().status in (201, 409)
    assert pay.node.process.stop() == 128 + signal.SIGTERM
    assert tiers.services["pay"].post("/pay/orders", order, key=key).status == 201
