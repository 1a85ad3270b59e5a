"""A small closed-loop client that places and reads orders and remembers every acknowledgement.

Owns the ledger against which the order table is compared, and the one retry that the page does too. It is for failure
tests, where each single answer counts; JMeter's plan (fast-order.jmx) is for load.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_TIMEOUT_SECONDS = 30
_RETRY_AFTER_SECONDS = 0.8
_CREATED, _OK = 201, 200


@dataclass
class Ledger:
    """What the clients saw.

    Attributes:
        acknowledged: Idempotency key of each acknowledged order, and the order's id.
        failed_writes: Orders that were not acknowledged even after one retry, by reason.
        first_failures: Writes whose first try failed, by reason.
        reads: Reads tried.
        failed_reads: Reads that failed, by reason; reads are not retried.
    """

    acknowledged: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    failed_writes: Counter[str] = field(default_factory=Counter[str])
    first_failures: Counter[str] = field(default_factory=Counter[str])
    reads: int = 0
    failed_reads: Counter[str] = field(default_factory=Counter[str])


class Clients:
    """Threads that each order and read, one request at a time, until stopped.

    Args:
        host: Address of the WEB tier.
        port: Its port.
        threads: How many clients.
        reads_per_order: Menus read between two orders.
        pause_seconds: What a client waits between two requests. The default leaves a small machine room to restart the
            tiers under test, which is what failure tests are about; 0 for as much load as the clients can make.
        most_orders: The clients end by themselves after this many orders altogether.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        threads: int = 8,
        reads_per_order: int = 4,
        pause_seconds: float = 0.05,
        most_orders: int = 100_000,
    ) -> None:
        self.ledger = Ledger()
        self._address = (host, port)
        self._reads_per_order = reads_per_order
        self._pause_seconds = pause_seconds
        self._left = most_orders
        self._lock = threading.Lock()
        self._grown = threading.Condition(self._lock)
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the clients; each finishes the round it is in."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def wait_for_orders(self, more: int, seconds: float = 120) -> None:
        """Wait until so many further orders have been acknowledged.

        Raises:
            TimeoutError: They were not, within `seconds`.
        """
        self._wait(lambda: len(self.ledger.acknowledged), more, "acknowledged orders", seconds)

    def wait_for_failures(self, more: int, seconds: float = 120) -> None:
        """Wait until the first try of so many further writes has failed.

        Raises:
            TimeoutError: They did not, within `seconds`.
        """
        self._wait(self.ledger.first_failures.total, more, "failed first tries", seconds)

    def _wait(self, reached: Callable[[], int], more: int, what: str, seconds: float) -> None:
        with self._grown:
            wanted = reached() + more
            if not self._grown.wait_for(lambda: reached() >= wanted, seconds):
                raise TimeoutError(f"{reached()} of {wanted} {what} after {seconds:g} s")

    def _work(self) -> None:
        client = _Client(*self._address)
        member = str(uuid.uuid4())
        while not self._end.wait(self._pause_seconds) and self._take():
            key = str(uuid.uuid4())
            order = {"memberId": member, "theatreId": 1, "lines": [{"menuItemId": 1, "quantity": 2}]}
            reason, answer = client.order(key, order)
            if reason:
                with self._grown:
                    self.ledger.first_failures[reason] += 1
                    self._grown.notify_all()
                time.sleep(_RETRY_AFTER_SECONDS)
                reason, answer = client.order(key, order)
            with self._grown:
                if reason:
                    self.ledger.failed_writes[reason] += 1
                else:
                    self.ledger.acknowledged[key] = answer["id"]
                    self._grown.notify_all()
            for _ in range(self._reads_per_order):
                time.sleep(self._pause_seconds)
                reason = client.menu()
                with self._lock:
                    self.ledger.reads += 1
                    if reason:
                        self.ledger.failed_reads[reason] += 1

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0


class _Client:
    """One kept-alive connection, opened anew after an error."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)

    def order(self, key: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Place an order; returns the reason of a failure, or an empty reason and the answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._ask("POST", "/pay/orders", _CREATED, json.dumps(body), headers)

    def menu(self) -> str:
        """Read a menu; returns the reason of a failure, or nothing."""
        return self._ask("GET", "/item/theatres/1/menu", _OK)[0]

    def _ask(
        self, method: str, path: str, expected: int, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[str, dict[str, Any]]:
        try:
            self._connection.request(method, path, body, headers or {})
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            return type(error).__name__, {}
        if response.status != expected:
            return f"{method} {response.status}", {}
        return "", json.loads(text)
