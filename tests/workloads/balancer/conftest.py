"""httpd with the shipped configuration before pods that are no JVMs: small AJP servers that fail exactly when told.

Owns those pods and the httpd. What a node does to a request at the wrong moment lasts milliseconds with real processes
and is hit by chance only; here a test holds the moment still. Whether the real nodes behave like these is for the tests
in tiers.
"""

import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from operations.app.processes import free_port
from operations.app.web import Web
from rehearsal.helm_binary import find_or_fetch_helm

_CPING, _CPONG = 10, b"AB\x00\x01\x09"
_BODY = b'{"menu": []}'


def _packet(payload: bytes) -> bytes:
    return b"AB" + struct.pack(">H", len(payload)) + payload


_HEAD = _packet(b"\x04" + struct.pack(">H", 200) + b"\x00\x02OK\x00" + b"\x00\x00")
_CONTENT = _packet(b"\x03" + struct.pack(">H", len(_BODY)) + _BODY + b"\x00")


class Pod:
    """An AJP server that answers each GET with an empty menu.

    Attributes:
        host: Its address; the port is the service's.
        held: Requests that wait for `release`.
        served: Requests taken.
        keeps: Whether it keeps a connection after an answer; if not, each request needs a new one.
        breaks_off: Whether it ends connections in the middle of an answer.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.held = 0
        self.served = 0
        self.keeps = True
        self.breaks_off = False
        self._port = port
        self._lock = threading.Lock()
        self._gate = threading.Event()
        self._gate.set()
        self._open: set[socket.socket] = set()

    def start(self) -> None:
        self._listener = socket.create_server((self.host, self._port))
        self._open.add(self._listener)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        """End at once, as a killed process does: connections are reset and new ones refused."""
        self.release()
        for end in list(self._open):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Wakes the thread that waits on it; closing alone would not.
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def ready(self) -> bool:
        """What the load balancer's health check is told."""
        return bool(self._open)

    def hold(self) -> None:
        """From now on requests are taken and not answered; connection tests are."""
        self._gate.clear()

    def release(self) -> None:
        """Answer what was held, and everything after it at once."""
        self._gate.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                if _receive(connection)[0] == _CPING:
                    connection.sendall(_CPONG)
                    continue
                with self._lock:
                    self.held += 1
                    self.served += 1
                self._gate.wait()
                with self._lock:
                    self.held -= 1
                connection.sendall(_HEAD if self.breaks_off else _HEAD + _CONTENT + _packet(bytes([5, self.keeps])))
                if self.breaks_off or not self.keeps:
                    break
        connection.close()


def _receive(connection: socket.socket) -> bytes:
    head = _exactly(connection, 4)
    return _exactly(connection, struct.unpack(">2sH", head)[1])


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


@pytest.fixture
def port() -> int:
    """The service's AJP port, for pods and load balancers on addresses of their own."""
    return free_port()


@pytest.fixture
def start_pod(port: int) -> Iterator[Callable[[str], Pod]]:
    pods: list[Pod] = []

    def start(host: str) -> Pod:
        pod = Pod(host, port)
        pod.start()
        pods.append(pod)
        return pod

    yield start
    for pod in pods:
        pod.kill()


@dataclass
class Httpd:
    """httpd with one balancer member of `item` for each address."""

    web: Web

    def menu(self) -> int:
        """Read a menu over a connection of its own; the answer's status."""
        return self._get(self.web.port, "/item/theatres/1/menu")[0]

    def states(self) -> dict[str, str]:
        """State of each member as mod_jk reports it: OK, ERR, ..., some followed by a detail."""
        lines = self._get(self.web.status_port, "/jk?mime=prop")[1].splitlines()
        states = [line.split("=", 1) for line in lines if line.startswith("worker.item_") and ".state=" in line]
        return {name.split(".")[1]: state for name, state in states}

    @staticmethod
    def _get(port: int, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@pytest.fixture
def start_httpd(port: int) -> Iterator[Callable[[list[str]], Httpd]]:
    """Start httpd with these addresses as the entry points of `item`."""
    with tempfile.TemporaryDirectory(prefix="fastorder-balancer-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        started: list[Web] = []

        def start(hosts: list[str]) -> Httpd:
            workers = {service: (free_port(), ["127.0.0.1"]) for service in ("user", "pay")}
            web = Web(folder, find_or_fetch_helm(), workers | {"item": (port, hosts)}, "a-secret-that-no-pod-checks")
            started.append(web)
            web.start()
            return Httpd(web)

        yield start
        for web in started:
            web.stop()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture
def silent_address(port: int) -> Iterator[str]:
    """An address into which connections vanish without an answer, as into a lost zone's: its queue of them is full."""
    host = "127.0.1.9"
    with socket.create_server((host, port), backlog=0), ExitStack() as waiting:
        for _ in range(2):
            connection = waiting.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex((host, port))
        yield host
