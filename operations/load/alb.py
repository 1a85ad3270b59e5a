"""A stand-in for the application load balancer in front of httpd: chooses a target for each request.

Owns what decides whether a roll-out of WEB is noticed: a target must pass a health check before it gets requests, a
deregistered one gets no new ones and finishes those it has, connections to targets are kept, and a target that breaks
one is a 502 to the client, with no second attempt. Left out is TLS, and thresholds of the health check.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from operations.app.processes import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

HOST = "127.0.0.1"
_HEALTH_PATH = "/health/ready"
_HEALTH_SECONDS = 0.2
_TIMEOUT_SECONDS = 60
_OK, _BAD_GATEWAY = 200, 502
# Of one connection only; the next one has its own.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}

Target = int
"""A target's port on the loopback address."""


class ApplicationLoadBalancer:
    """Serves while its context is open.

    Args:
        targets: Ports of the httpds, all of them healthy already.
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        self._lock = threading.Lock()
        self._registered = list(targets)
        self._healthy = set(self._registered)
        self._outstanding: defaultdict[Target, int] = defaultdict(int)
        self._idle: defaultdict[Target, list[HTTPConnection]] = defaultdict(list)
        self._ended = threading.Event()
        self._server = _server(self)
        self.port = int(self._server.server_address[1])
        serve = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._threads = [serve, threading.Thread(target=self._check, daemon=True)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()

    def register(self, target: Target) -> None:
        """Add a target; it gets requests once it has passed a health check."""
        with self._lock:
            self._registered.append(target)

    def deregister(self, target: Target) -> None:
        """From now on no new request goes there."""
        with self._lock:
            self._registered.remove(target)
            self._healthy.discard(target)
            # Whoever is registered under this port later is another pod.
            self._idle.pop(target, None)

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request to the target with the fewest outstanding ones and return status, headers and body."""
        with self._lock:
            # Where none is healthy all are tried, as the real one does.
            target = min(self._healthy or self._registered, key=lambda target: self._outstanding[target])
            self._outstanding[target] += 1
            idle = self._idle[target]
            connection = idle.pop() if idle else HTTPConnection(HOST, target, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()
            return _BAD_GATEWAY, {}, b""
        else:
            with self._lock:
                self._idle[target].append(connection)
            return response.status, dict(response.getheaders()), content
        finally:
            with self._lock:
                self._outstanding[target] -= 1

    def _check(self) -> None:
        while not self._ended.wait(_HEALTH_SECONDS):
            with self._lock:
                targets = list(self._registered)
            passed = {target for target in targets if _ready(target)}
            with self._lock:
                self._healthy = passed & set(self._registered)


def _ready(target: Target) -> bool:
    return status_of(HOST, target, _HEALTH_PATH) == _OK


def _server(balancer: ApplicationLoadBalancer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Answers are small: waiting to fill a packet would only delay them.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            status, answered, content = balancer.forward(self.command, self.path, headers, body)
            self.send_response_only(status)
            for name, value in answered.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return ThreadingHTTPServer((HOST, 0), Handler)
