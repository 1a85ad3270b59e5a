"""A small AJP 1.3 client: what mod_jk says to Tomcat, for asking one WAS node without httpd.

Owns the wire format of one request at a time, with its secret and its connection test (CPING). Does not own choice of
nodes, retries or pooling: those are mod_jk's, and tests of them go through httpd.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_METHODS = {"OPTIONS": 1, "GET": 2, "HEAD": 3, "POST": 4, "PUT": 5, "DELETE": 6}
_RESPONSE_HEADERS = {
    0xA001: "content-type",
    0xA002: "content-language",
    0xA003: "content-length",
    0xA004: "date",
    0xA005: "last-modified",
    0xA006: "location",
    0xA007: "set-cookie",
    0xA008: "set-cookie2",
    0xA009: "servlet-engine",
    0xA00A: "status",
    0xA00B: "www-authenticate",
}
_FORWARD_REQUEST, _CPING, _CPONG = 2, 10, 9
_SEND_BODY, _SEND_HEADERS, _END_RESPONSE, _GET_BODY = 3, 4, 5, 6
_SECRET_ATTRIBUTE, _ATTRIBUTES_END = 0x0C, 0xFF
# Packets of 8 KiB are the protocol's default at both ends; 6 bytes are framing.
_CHUNK = 8186


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, body, and whether the node keeps the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    reusable: bool

    def json(self) -> Any:  # noqa: ANN401 - JSON is of any shape
        """Return the body parsed as JSON."""
        return json.loads(self.body)


class Connection:
    """One connection to one node, used for one request after the other.

    Args:
        host: Address of the node.
        port: Its AJP port.
        secret: The shared secret; None sends none.
        timeout: Seconds that any one read may take.

    Raises:
        OSError: The node does not accept connections, or closed this one.
    """

    def __init__(self, host: str, port: int, secret: str | None, *, timeout: float = 15) -> None:
        self._secret = secret
        self._socket = socket.create_connection((host, port), timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._socket.close()

    def ping(self) -> bool:
        """Ask whether the node still serves this connection, as mod_jk does before each request."""
        try:
            self._send(bytes([_CPING]))
            return self._receive()[0] == _CPONG
        except OSError:
            return False

    def request(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request and read its answer to the end."""
        sent = dict(headers or {})
        if body:
            sent["content-length"] = str(len(body))
        message = bytearray([_FORWARD_REQUEST, _METHODS[method]])
        for text in ("HTTP/1.1", path, "127.0.0.1", "127.0.0.1", "localhost"):
            message += _string(text)
        message += struct.pack(">HBH", 80, 0, len(sent))
        for name, value in sent.items():
            message += _string(name) + _string(value)
        if self._secret is not None:
            message += bytes([_SECRET_ATTRIBUTE]) + _string(self._secret)
        message.append(_ATTRIBUTES_END)
        self._send(bytes(message))
        rest = self._send_chunk(body) if body else b""
        return self._answer(rest)

    def _answer(self, rest: bytes) -> Answer:
        status, headers, content = 0, {}, bytearray()
        while True:
            packet = self._receive()
            if packet[0] == _SEND_HEADERS:
                status, headers = _head(packet)
            elif packet[0] == _SEND_BODY:
                (length,) = struct.unpack_from(">H", packet, 1)
                content += packet[3 : 3 + length]
            elif packet[0] == _GET_BODY:
                rest = self._send_chunk(rest)
            elif packet[0] == _END_RESPONSE:
                return Answer(status, headers, bytes(content), reusable=packet[1] == 1)

    def _send_chunk(self, body: bytes) -> bytes:
        chunk, rest = body[:_CHUNK], body[_CHUNK:]
        self._send(struct.pack(">H", len(chunk)) + chunk if chunk else b"")
        return rest

    def _send(self, payload: bytes) -> None:
        self._socket.sendall(b"\x12\x34" + struct.pack(">H", len(payload)) + payload)

    def _receive(self) -> bytes:
        magic, length = struct.unpack(">2sH", self._exactly(4))
        if magic != b"AB":
            raise OSError(f"not an AJP answer: it begins with {magic!r}")
        return self._exactly(length)

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise ConnectionResetError("the node closed the connection")
            data += part
        return bytes(data)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data + b"\0"


def _head(packet: bytes) -> tuple[int, dict[str, str]]:
    (status,) = struct.unpack_from(">H", packet, 1)
    _, at = _read_string(packet, 3)
    (count,) = struct.unpack_from(">H", packet, at)
    at += 2
    headers: dict[str, str] = {}
    for _ in range(count):
        (code,) = struct.unpack_from(">H", packet, at)
        if code in _RESPONSE_HEADERS:
            name, at = _RESPONSE_HEADERS[code], at + 2
        else:
            name, at = _read_string(packet, at)
        headers[name.lower()], at = _read_string(packet, at)
    return status, headers


def _read_string(packet: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">H", packet, at)
    return packet[at + 2 : at + 2 + length].decode("latin-1"), at + 3 + length
