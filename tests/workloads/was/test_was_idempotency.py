"""A write happens once, however often and however concurrently it is sent."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.workloads.was.conftest import Service, Tiers


def count(tiers: Tiers, table: str, where: str) -> int:
    return int(tiers.database.writer.sql(f"SELECT COUNT(*) FROM {table} WHERE {where}"))


def test_a_retry_with_the_same_key_gets_the_first_answer_and_does_nothing(
    tiers: Tiers, pay: Service, order: dict[str, Any]
):
    key = str(uuid.uuid4())
    first = pay.post("/pay/orders", order, key=key)
    second = pay.post("/pay/orders", order, key=key)

    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert second.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert count(tiers, "pay.customer_order", f"member_id = '{order['memberId']}'") == 1


def test_the_same_request_written_differently_is_still_the_same_request(pay: Service, order: dict[str, Any]):
    key = str(uuid.uuid4())
    first = pay.post("/pay/orders", order, key=key)

    assert pay.post("/pay/orders", dict(reversed(order.items())), key=key).body == first.body


def test_a_key_used_for_another_body_is_refused(pay: Service, order: dict[str, Any]):
    key = str(uuid.uuid4())
    pay.post("/pay/orders", order, key=key)

    answer = pay.post("/pay/orders", order | {"theatreId": 2}, key=key)

    assert (answer.status, answer.json()["type"]) == (422, "urn:fastorder:idempotency-key-reused")


def test_a_key_used_for_another_path_is_refused(pay: Service, order: dict[str, Any]):
    key = str(uuid.uuid4())
    charge = {"kind": "CHARGE", "amount": 11000}
    orders = [pay.post("/pay/orders", order | {"memberId": str(uuid.uuid4())}) for _ in range(2)]
    first, second = (made.headers["location"] for made in orders)
    assert pay.post(f"{first}/payments", charge, key=key).status == 201

    assert pay.post(f"{second}/payments", charge, key=key).status == 422
    assert pay.get(second).json()["state"] == "PLACED"


def test_a_refused_write_leaves_its_key_free(pay: Service, order: dict[str, Any]):
    key = str(uuid.uuid4())
    assert pay.post("/pay/orders", order | {"lines": [{"menuItemId": 12, "quantity": 1}]}, key=key).status == 422

    assert pay.post("/pay/orders", order, key=key).status == 201


def test_a_write_without_a_usable_key_is_refused(pay: Service, order: dict[str, Any]):
    for key in ("short", "with a blank in it", "x" * 65):
        answer = pay.post("/pay/orders", order, key=key)
        assert answer.status == 400
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_concurrent_requests_with_one_key_make_one_order(tiers: Tiers, pay: Service, order: dict[str, Any]):
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(4) as threads, tiers.held_key(key):
        sent = [threads.submit(pay.post, "/pay/orders", order, key=key) for _ in range(4)]
        # Past the look-up and at the insert, all at once: from here only the key's uniqueness keeps them apart.
        at_insert = f"user = 'pay' AND info LIKE 'INSERT INTO%{key}%'"
        pay.node.process.wait_until(lambda: count(tiers, "information_schema.processlist", at_insert) > 1, 30)
    answers = [request.result() for request in sent]

    # Whoever waited too long, or lost a deadlock, is told to try again, and nothing else.
    assert {answer.status for answer in answers} <= {201, 409}
    last = pay.post("/pay/orders", order, key=key)
    assert {answer.body for answer in answers if answer.status == 201} <= {last.body}
    assert count(tiers, "pay.customer_order", f"member_id = '{order['memberId']}'") == 1


def test_a_retry_while_the_first_request_still_runs_is_told_to_try_again(
    tiers: Tiers, pay: Service, order: dict[str, Any]
):
    key = str(uuid.uuid4())
    with tiers.held_key(key):
        answer = pay.post("/pay/orders", order, key=key)

    assert (answer.status, answer.json()["type"]) == (409, "urn:fastorder:retry")
    assert int(answer.headers["retry-after"]) > 0
    assert pay.post("/pay/orders", order, key=key).status == 201
