"""Slack and Secrets Manager as real servers on this machine, and a function that finds both by its environment."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.slack_notifier import handler

HOOK: Final = "/services/T0/B0/the-hook-that-nobody-may-see"


@dataclass
class Slack:
    """What was posted, and what is answered next: a status, or a status with the seconds to wait."""

    url: str
    posted: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    calls: int = 0
    answers: list[int | tuple[int, str]] = field(default_factory=list[int | tuple[int, str]])


@dataclass
class Vault:
    """The secret that Secrets Manager holds, and how often it was read."""

    url: str
    secret: str = ""
    asked: list[str] = field(default_factory=list[str])


def certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1, with its key, that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slack of the tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "slack.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class _Handler(BaseHTTPRequestHandler):
    slack: ClassVar[Slack]
    vault: ClassVar[Vault]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("X-Amz-Target") == "secretsmanager.GetSecretValue":
            self.vault.asked.append(body["SecretId"])
            self._answer(200, json.dumps({"Name": body["SecretId"], "SecretString": self.vault.secret}))
            return
        self.slack.calls += 1
        wanted = self.slack.answers.pop(0) if self.slack.answers else 200
        status, after = wanted if isinstance(wanted, tuple) else (wanted, "")
        if status == 200 and self.path == HOOK:
            self.slack.posted.append(body)
        self._answer(status if self.path == HOOK else 404, "ok", after)

    def _answer(self, status: int, text: str, after: str = "") -> None:
        self.send_response(status)
        if after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _serve(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """Secrets Manager, where the function's SDK looks for it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found = _Handler.vault = Vault(f"http://127.0.0.1:{server.server_port}")
    for key, value in {
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": found.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "WEBHOOK_SECRET_NAME": "operations/slack-webhook",
    }.items():
        monkeypatch.setenv(key, value)
    for _ in _serve(server):
        yield found


@pytest.fixture
def slack(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """Slack over TLS, whose address is in the secret; the function has read nothing yet."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = _Handler.slack = Slack(f"https://127.0.0.1:{server.server_port}{HOOK}")
    vault.secret = f"{found.url}\n"
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    # urllib keeps the context of its first call.
    monkeypatch.setattr(urllib.request, "_opener", None)
    handler.webhook_address.cache_clear()
    for _ in _serve(server):
        yield found
    handler.webhook_address.cache_clear()
