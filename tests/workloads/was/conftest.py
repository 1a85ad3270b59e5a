"""Runs the real WAS artefact against real MariaDB and Redis servers for every test of this folder.

Owns the processes and how a test asks a service (over AJP, with the secret, as httpd would). A test that breaks
something repairs it before it ends; a test that needs other settings starts a node of its own.
"""

import json
import shutil
import signal
import tempfile
import threading
import uuid
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from operations.app import was
from operations.app.ajp import Answer, Connection
from operations.app.cache import Cache
from operations.app.database import ADMIN, Database
from operations.app.processes import AppError, Process, free_port, own, run

SECRET = "the-secret-of-one-test-run"
PASSWORD = "the-password-of-one-test-run"


@dataclass
class Service:
    """A running node and the way to ask it."""

    node: was.Node
    secret: str = SECRET

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        secret: str | None = SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask over a new AJP connection; `key` is the Idempotency-Key, a POST without one gets a new one."""
        sent = dict(headers or {})
        data = b""
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        with Connection(self.node.host, self.node.ajp_port, secret) as connection:
            return connection.request(method, path, headers=sent, body=data)

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body: object, *, key: str | None = None) -> Answer:
        return self.request("POST", path, body, key=key)

    def metric(self, name: str, /, **labels: str) -> float:
        """Sum of a Prometheus metric over the lines that carry these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = self.management("/actuator/prometheus").decode().splitlines()
        chosen = [line for line in lines if line.startswith(name + "{") and all(label in line for label in wanted)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in chosen)

    def wait_for_log(self, part: str) -> list[dict[str, Any]]:
        """Wait for log lines with a part in them, since the access log follows the answer, and return them parsed."""

        def lines() -> list[str]:
            return [line for line in self.node.process.log.read_text().splitlines() if part in line]

        self.node.process.wait_until(lambda: bool(lines()), 10)
        return [json.loads(line) for line in lines()]

    def management(self, path: str) -> bytes:
        connection = HTTPConnection(self.node.host, self.node.management_port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().read()


class Tiers:
    """The data tier and the services on top of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.classes = was.unpack(folder)
        self.database = Database(folder, PASSWORD)
        self.cache = Cache(folder)
        self.receipts = folder / "receipts"
        self.receipts.mkdir()
        own(self.receipts)
        self.services: dict[str, Service] = {}
        self._extra: list[was.Node] = []

    def settings(self, service: str) -> dict[str, str]:
        return {
            "AJP_SECRET": SECRET,
            "DB_PORT": str(self.database.writer.port),
            "DB_READER_PORT": str(self.database.reader.port),
            "DB_NAME": service,
            "DB_USERNAME": service,
            "DB_PASSWORD": PASSWORD,
            "DB_ADMIN_USERNAME": ADMIN,
            "DB_ADMIN_PASSWORD": PASSWORD,
            "CACHE_HOST": "127.0.0.1",
            "CACHE_PORT": str(self.cache.port),
            "RECEIPTS_DIRECTORY": str(self.receipts),
            # For the comparison of documented and mapped operations; the image exposes only the first two.
            "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE": "health,prometheus,mappings",
        }

    def migrate(self, service: str, **settings: str) -> None:
        was.migrate(self.classes, service, self.settings(service) | settings)

    def node(self, service: str, number: int, **settings: str) -> was.Node:
        """Describe a node; it is ended with the tiers, if nobody ended it before."""
        ports = (free_port(), free_port())
        node = was.node(self.folder, self.classes, service, number, ports, self.settings(service) | settings)
        self._extra.append(node)
        return node

    def service(self, service: str, number: int, **settings: str) -> Service:
        """Start a further node with settings of its own and wait until it is ready."""
        running = Service(self.node(service, number, **settings))
        running.node.start()
        running.node.wait_until_ready()
        return running

    @contextmanager
    def held_key(self, key: str) -> Generator[None]:
        """Hold a key of pay in an open transaction, as a first request that still runs does; then undo it."""
        writer = self.database.writer
        hold = (
            "BEGIN;"
            f"INSERT INTO pay.idempotency_key (idempotency_key, request_hash) VALUES ('{key}', REPEAT('0', 64));"
            f"SELECT '{key}', SLEEP(60)"
        )

        def run() -> None:
            with suppress(AppError):
                writer.sql(hold)

        holder = threading.Thread(target=run)
        holder.start()
        sleeper = f"SELECT id FROM information_schema.processlist WHERE info = 'SELECT \\'{key}\\', SLEEP(60)'"
        while not (connection := writer.sql(sleeper).strip()):
            holder.join(0.05)
        try:
            yield
        finally:
            writer.sql(f"KILL {connection}")
            holder.join()

    @contextmanager
    def frozen(self, process: Process) -> Generator[None]:
        """Stop a process without ending it: connections stay open and nobody answers."""
        process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send(signal.SIGCONT)

    def cache_command(self, *words: str) -> str:
        """Run a command on the cache and return its answer's text."""
        return run("redis-cli", ["redis-cli", "-p", str(self.cache.port), *words], {}, self.folder).strip()

    def start(self) -> None:
        self.cache.start()
        self.database.start()
        for service in was.SERVICES:
            self.migrate(service)
        self.services = {service: Service(self.node(service, 1)) for service in was.SERVICES}
        for service in self.services.values():
            service.node.start()
        for service in self.services.values():
            service.node.wait_until_ready()

    def stop(self) -> None:
        for node in self._extra:
            if node.process.running():
                node.process.stop()
        self.cache.process.stop()
        self.database.stop()


@pytest.fixture(scope="session")
def tiers() -> Iterator[Tiers]:
    # Not pytest's own folder: the processes are not root, and pytest admits only its user.
    folder = Path(tempfile.mkdtemp(prefix="fastorder-was-"))
    folder.chmod(0o711)
    tiers = Tiers(folder)
    try:
        tiers.start()
        yield tiers
    finally:
        tiers.stop()
        shutil.rmtree(folder)


@pytest.fixture
def user(tiers: Tiers) -> Service:
    return tiers.services["user"]


@pytest.fixture
def item(tiers: Tiers) -> Service:
    return tiers.services["item"]


@pytest.fixture
def pay(tiers: Tiers) -> Service:
    return tiers.services["pay"]


@pytest.fixture
def order() -> dict[str, Any]:
    """What a client sends to place an order of 11,000 won: two medium popcorns at the first theatre."""
    return {"memberId": str(uuid.uuid4()), "theatreId": 1, "lines": [{"menuItemId": 1, "quantity": 2}]}
