"""Runs the real WAS artefact against real MariaDB and Redis servers for every test of this folder.

Owns the processes and how a test asks a service (over AJP, with the secret, as httpd would). A test that breaks
something repairs it before it ends; a test that needs other settings starts a node of its own.
"""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from operations.app import was
from operations.app.ajp import Answer, Connection
from operations.app.cache import Cache
from operations.app.database import ADMIN, Database
from operations.app.processes import free_port, own

SECRET = "the-secret-of-one-test-run"
PASSWORD = "the-password-of-one-test-run"


@dataclass
class Service:
    """A running node and the way to ask it."""

    node: was.Node

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

    def metric(self, name: str) -> float:
        """Sum of a Prometheus metric over its labels; `name` may carry labels to choose by."""
        wanted, _, label = name.partition("{")
        total = 0.0
        for line in self.management("/actuator/prometheus").decode().splitlines():
            if line.startswith(wanted + "{") and label.rstrip("}") in line:
                total += float(line.rsplit(" ", 1)[1])
        return total

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

    def migrate(self, service: str) -> None:
        was.migrate(self.classes, service, self.settings(service))

    def node(self, service: str, number: int, **settings: str) -> was.Node:
        """Describe a node; it is ended with the tiers, if nobody ended it before."""
        ports = (free_port(), free_port())
        node = was.node(self.folder, self.classes, service, number, ports, self.settings(service) | settings)
        self._extra.append(node)
        return node

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
