"""All three tiers together: private folder, secrets of one run, order of start and stop.

Owns the composition. A stack lives in a temporary folder of its own, so that several can run side by side, and takes it
away when it ends.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from operations.app import was
from operations.app.cache import Cache
from operations.app.database import ADMIN, HOST, Database
from operations.app.processes import AppError, free_port, private_folder, require
from operations.app.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

_PROGRAMS = ("setpriv", "apache2", "mariadbd", "mariadb-install-db", "mariadb", "redis-server", "java")


def _silent(_step: str) -> None:
    pass


class Stack:
    """The three tiers; a context manager that starts and stops them.

    Args:
        helm: Path of Helm.
        nodes: How many nodes of each service; one of each by default.
        port: Port of the page; 0 chooses a free one.
        web_secret: What httpd takes for the AJP secret; the right one by default, None for none at all.
        entry_points: Per service the addresses that httpd is given; the nodes' own by default. For a load balancer
            between the two, which then listens on the service's AJP port there.
        was_settings: Further environment variables of every WAS node.
        say: Called with one line per step.
    """

    def __init__(
        self,
        helm: Path,
        *,
        nodes: Mapping[str, int] | None = None,
        port: int = 0,
        web_secret: str | None = "",
        entry_points: Mapping[str, Sequence[str]] | None = None,
        was_settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> None:
        require(*_PROGRAMS)
        self.folder = Path(tempfile.mkdtemp(prefix="fastorder-app-"))
        self.folder.chmod(0o711)
        self._say = say
        self._helm = helm
        self.ajp_secret = secrets.token_hex(16)
        self._passwords = {service: secrets.token_hex(16) for service in was.SERVICES}
        self._admin_password = secrets.token_hex(16)
        self.database = Database(self.folder, self._admin_password)
        self.cache = Cache(self.folder)
        self.ports = {service: (free_port(), free_port()) for service in was.SERVICES}
        self._receipts = private_folder(self.folder, "receipts")
        counts = nodes or {}
        self._was_settings = dict(was_settings or {})
        self._counts = {service: counts.get(service, 1) for service in was.SERVICES}
        self.nodes: dict[str, list[was.Node]] = {}
        hosts = entry_points or {
            service: [f"127.0.0.{number}" for number in range(1, count + 1)] for service, count in self._counts.items()
        }
        workers = {service: (self.ports[service][0], hosts[service]) for service in was.SERVICES}
        self.web = Web(self.folder, helm, workers, self.ajp_secret if web_secret == "" else web_secret, port)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start data tier, WAS and WEB in this order; returns when all of them take requests."""
        self._say("unpacking WAS")
        classes = was.unpack(self.folder)
        self._say("starting database writer, reader and cache")
        self.cache.start()
        self.database.start()
        self._say("making schemas and users")
        for service in ("item", "user", "pay"):
            was.migrate(classes, service, self._database_settings(service) | self._admin_settings())
        self._say(f"starting {sum(self._counts.values())} WAS nodes")
        for service, count in self._counts.items():
            settings = self._database_settings(service) | self._service_settings() | self._was_settings
            self.nodes[service] = [
                was.node(self.folder, classes, service, number, self.ports[service], settings)
                for number in range(1, count + 1)
            ]
        for node in self.all_nodes():
            node.start()
        for node in self.all_nodes():
            node.wait_until_ready()
        self._say("starting httpd")
        self.web.start()

    def stop(self) -> None:
        """Stop everything that runs, WEB first, and take the private folder away.

        Raises:
            AppError: A process had to be killed; the others are stopped all the same.
        """
        stops = [
            self.web.stop,
            *(node.process.stop for node in self.all_nodes()),
            self.cache.process.stop,
            self.database.stop,
        ]
        errors: list[str] = []
        for stop in stops:
            try:
                stop()
            except AppError as error:
                errors.append(str(error))
        shutil.rmtree(self.folder, ignore_errors=True)
        if errors:
            raise AppError("; ".join(errors))

    def all_nodes(self) -> list[was.Node]:
        """Return the nodes of all services."""
        return [node for nodes in self.nodes.values() for node in nodes]

    def _database_settings(self, service: str) -> dict[str, str]:
        return {
            "DB_WRITER_HOST": HOST,
            "DB_READER_HOST": HOST,
            "DB_PORT": str(self.database.writer.port),
            "DB_READER_PORT": str(self.database.reader.port),
            "DB_NAME": service,
            "DB_USERNAME": service,
            "DB_PASSWORD": self._passwords[service],
        }

    def _admin_settings(self) -> dict[str, str]:
        return {"AJP_SECRET": self.ajp_secret, "DB_ADMIN_USERNAME": ADMIN, "DB_ADMIN_PASSWORD": self._admin_password}

    def _service_settings(self) -> dict[str, str]:
        return {
            "AJP_SECRET": self.ajp_secret,
            "CACHE_HOST": "127.0.0.1",
            "CACHE_PORT": str(self.cache.port),
            "RECEIPTS_DIRECTORY": str(self._receipts),
        }
