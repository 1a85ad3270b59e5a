"""AJP connections end by themselves, politely, so that new pods get work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from operations.app.ajp import Connection

if TYPE_CHECKING:
    from tests.workloads.was.conftest import Tiers

SECRET = "the-secret-of-one-test-run"


def test_an_old_connection_is_given_up_with_a_whole_answer_that_says_so(tiers: Tiers):
    node = tiers.node("item", 30, FASTORDER_AJP_CONNECTION_SECONDS="1")
    node.start()
    node.wait_until_ready()

    with Connection(node.host, node.ajp_port, SECRET) as connection:
        first = connection.request("GET", "/item/theatres")
        assert (first.status, first.reusable) == (200, True)
        answers = [first]
        # Bounded by the life of a connection and not by a number: the requests come one after the other.
        while answers[-1].reusable:
            answers.append(connection.request("GET", "/item/theatres"))
        assert {(answer.status, answer.body) for answer in answers} == {(200, first.body)}

    node.process.stop()
    logged = [json.loads(line) for line in node.process.log.read_text().splitlines() if '"message":"request"' in line]
    assert len(logged) == len(answers)
    assert {line["status"] for line in logged} == {200}, "the access log has the status that the client saw"


def test_without_a_life_a_connection_stays(tiers: Tiers):
    node = tiers.node("item", 31, FASTORDER_AJP_CONNECTION_SECONDS="0")
    node.start()
    node.wait_until_ready()

    with Connection(node.host, node.ajp_port, SECRET) as connection:
        assert all(connection.request("GET", "/item/theatres").reusable for _ in range(50))

    node.process.stop()
