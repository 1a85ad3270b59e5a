"""httpd as clients, load balancer and operators meet it."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.load_balancer import FORWARDED_FOR
from operations.app.stack import Stack
from operations.app.web import Web
from rehearsal.helm_binary import find_or_fetch_helm

Ask = Callable[..., Any]
WaitForLines = Callable[..., list[dict[str, Any]]]


def test_readiness_turns_negative_while_draining_and_liveness_does_not(stack: Stack, ask: Ask) -> None:
    assert (ask("GET", "/health/live").status, ask("GET", "/health/ready").status) == (200, 200)
    stack.web.drain()
    try:
        assert (ask("GET", "/health/live").status, ask("GET", "/health/ready").status) == (200, 503)
        assert ask("GET", "/item/theatres").status == 200, "requests are served until the load balancer has let go"
    finally:
        (stack.web.run_folder / "draining").unlink()
    assert ask("GET", "/health/ready").status == 200


@pytest.mark.parametrize(
    "path", ["/", "/item/theatres", "/item/theatres/999999/menu", "/no-such-page", "/health/ready"]
)
def test_every_answer_carries_the_security_headers(path: str, ask: Ask) -> None:
    headers = ask("GET", path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["server"] == "Apache", "no version"
    assert headers["x-request-id"]
    assert "user-agent" not in headers.get("vary", "").lower(), "would undo the CDN's cache"


def test_a_request_has_one_id_in_the_answer_and_in_both_logs(
    ask: Ask, access_log: WaitForLines, item_log: WaitForLines
) -> None:
    answer = ask("GET", "/item/theatres", headers={"X-Request-Id": "forged"})
    identity = answer.headers["x-request-id"]
    assert identity != "forged"
    for log in (access_log, item_log):
        assert [entry["path"] for entry in log(identity)] == ["/item/theatres"]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        # Claimed by the client, seen by CloudFront, seen by the load balancer: only what ours have seen counts.
        ("198.51.100.1, 203.0.113.7, 127.0.0.9", "203.0.113.7"),
        ("not an address", "127.0.0.1"),
    ],
)
def test_the_client_is_who_our_own_proxies_saw(
    forwarded: str, client: str, ask: Ask, access_log: WaitForLines, item_log: WaitForLines
) -> None:
    identity = ask("GET", "/item/theatres", headers={"X-Forwarded-For": forwarded}).headers["x-request-id"]
    [entry] = access_log(identity)
    assert (entry["client"], entry["peer"]) == (client, "127.0.0.1")
    assert [entry["client"] for entry in item_log(identity)] == [client], "WAS sees the same client"


# In the interface that a VPC origin has in our subnets (here the loopback ones), or one of CloudFront's public ones.
@pytest.mark.parametrize("cloudfront", ["127.0.0.9", "130.176.0.9"])
@pytest.mark.parametrize("claimed", ["", "198.51.100.1", "198.51.100.1, 127.0.0.9", "203.0.113.7, 130.176.0.9"])
def test_the_client_is_who_cloudfront_saw_wherever_cloudfront_calls_from(
    claimed: str, cloudfront: str, ask: Ask, access_log: WaitForLines
) -> None:
    # CloudFront adds whom it saw to what a client claims; what the load balancer adds depends on its mode.
    forwarded = [*filter(None, [claimed]), "192.0.2.44", *([cloudfront] if FORWARDED_FOR == "append" else [])]
    identity = ask("GET", "/", headers={"X-Forwarded-For": ", ".join(forwarded)}).headers["x-request-id"]
    [entry] = access_log(identity)
    assert entry["client"] == "192.0.2.44"


@pytest.mark.parametrize(
    "request_head",
    [
        b'GET /a\x80"b\\ HTTP/1.1\r\nHost: x',
        b'GET /?q=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff"\\u\x09{}',
        b'GET /%ed%95%9c%22 HTTP/1.1\r\nHost: x\r\nX-Amzn-Trace-Id: a"b',
        b'FOO" / HTTP/1.1\r\nHost: x',
        b"\x16\x03\x01\x00",
    ],
)
def test_whatever_a_client_sends_the_access_log_stays_json(
    request_head: bytes, stack: Stack, access_log: WaitForLines
) -> None:
    with socket.create_connection(("127.0.0.1", stack.web.port), timeout=10) as connection:
        connection.sendall(request_head + b"\r\nConnection: close\r\n\r\n")
        while connection.recv(65536):
            pass
    assert len(access_log()) == 1


def test_the_query_and_the_health_checks_are_not_logged(ask: Ask, access_log: WaitForLines) -> None:
    ask("GET", "/health/live")
    ask("GET", "/?email=someone@example.com")
    ask("GET", "/last")
    access_log("/last")
    entries = access_log(number=2)
    assert [entry["path"] for entry in entries] == ["/", "/last"]
    assert "someone" not in json.dumps(entries)


@pytest.mark.parametrize(
    "path", ["/jk", "/jk-status", "/server", "/server-status", "/httpd.conf", "/../httpd/httpd.conf"]
)
def test_status_pages_and_files_of_the_server_are_not_to_be_had_from_outside(path: str, ask: Ask) -> None:
    assert ask("GET", path).status in (400, 403, 404)


def test_operators_see_workers_and_threads_on_the_loopback_port(stack: Stack, ask: Ask) -> None:
    workers = ask("GET", "/jk?mime=prop", port=stack.web.status_port).body.decode()
    assert "worker.item.balance_workers=item_1\n" in workers.replace("\r", "")
    assert "worker.item_2.state=OK" in workers
    assert b"IdleWorkers" in ask("GET", "/server?auto", port=stack.web.status_port).body


def test_too_large_a_body_is_refused_as_a_problem_without_reaching_was(ask: Ask) -> None:
    answer = ask("POST", "/pay/orders", b"x" * 70_000, {"Idempotency-Key": "too-large-1"})
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"] == "urn:fastorder:too-large"


@pytest.mark.parametrize(
    "path", ["/item/..%2f..%2f", "/item/%2e%2e/actuator/health", "/pay/..;/actuator", "/actuator/health"]
)
def test_no_trick_with_the_path_leads_past_the_mounts(path: str, ask: Ask) -> None:
    answer = ask("GET", path)
    assert answer.status in (400, 403, 404)
    assert b'"status":"UP"' not in answer.body


@pytest.mark.parametrize("secret", ["not-the-secret-of-this-stack", None])
def test_a_wrong_or_missing_ajp_secret_serves_nothing_and_leaves_a_mark_to_alarm_on(
    secret: str | None, stack: Stack, ask: Ask, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = stack.folder / f"other-web-{'wrong' if secret else 'missing'}"
    folder.mkdir(mode=0o711)
    workers = {service: (port, ["127.0.0.1"]) for service, (port, _) in stack.ports.items()}
    other = Web(folder, find_or_fetch_helm(), workers, secret)
    other.start()
    try:
        for path in ("/item/theatres", "/pay/orders/00000000-0000-0000-0000-000000000000"):
            answer = ask("GET", path, port=other.port)
            assert answer.status == 403
            assert b"theatres" not in answer.body
    finally:
        # A line is written after its answer is sent: only the end of httpd proves that all lines are there.
        other.stop()
    log = [json.loads(line) for line in Path(other.process.log).read_text().splitlines() if line.startswith("{")]
    refused = [entry for entry in log if entry["status"] == 403 and entry["worker"] != "-"]
    assert len(refused) == 2
    counters = ask_management(stack, ask)
    assert sum(counters) >= 2, "fastorder.ajp.refused"


def ask_management(stack: Stack, ask: Ask) -> list[float]:
    values: list[float] = []
    for node in stack.all_nodes():
        if node.host == "127.0.0.1":
            metrics = ask("GET", "/actuator/prometheus", port=node.management_port).body.decode()
            values += [
                float(line.rsplit(" ", 1)[1])
                for line in metrics.splitlines()
                if line.startswith("fastorder_ajp_refused_total")
            ]
    return values


def test_when_was_is_away_httpd_answers_for_it_with_a_problem(stack: Stack, ask: Ask) -> None:
    node = stack.nodes["user"][0]
    node.process.kill()
    try:
        answer = ask("GET", "/user/members/00000000-0000-0000-0000-000000000000")
        assert answer.status == 503
        assert answer.json()["type"] == "urn:fastorder:service-unavailable"
        assert ask("GET", "/health/ready").status == 200, "one service's outage does not take WEB away"
        assert ask("GET", "/item/theatres").status == 200
    finally:
        node.start()
        node.wait_until_ready()
    assert ask("GET", "/user/members/00000000-0000-0000-0000-000000000000").status == 404
