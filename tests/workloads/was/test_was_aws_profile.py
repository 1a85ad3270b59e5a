"""Profile `aws` against stand-ins for what only AWS has: the IAM login of Aurora, and Secrets Manager.

The stand-in for Aurora speaks MySQL's protocol as far as the login: TLS under the name of a cluster endpoint, then the
request for the token in clear text. What it is told is compared with what botocore would have sent.
"""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import struct
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import parse_qsl

import botocore.auth  # pyright: ignore[reportMissingTypeStubs]
import botocore.awsrequest  # pyright: ignore[reportMissingTypeStubs]
import botocore.credentials  # pyright: ignore[reportMissingTypeStubs]
import pytest

from operations.app.processes import AppError, own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.workloads.was.conftest import Tiers

WRITER = "prod-common-rds-data-01.cluster-abc123def456.ap-northeast-2.rds.amazonaws.com"
SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!cluster-0"
TRUST_STORE = Path(__file__).parents[3] / "workloads" / "was" / "image" / "TrustStore.java"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret",
    "AWS_SESSION_TOKEN": "a/b+c==",
}

_CLIENT_SSL = 0x800
# Protocol 4.1, TLS, secure connection, database, plug-in names.
_CAPABILITIES = 0x0200 | _CLIENT_SSL | 0x8000 | 0x0008 | 0x80000


@dataclass
class Aurora:
    """A server that asks for logins, notes them and refuses them all."""

    context: ssl.SSLContext
    logins: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    plain: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self._login(connection)
                except OSError:
                    continue

    def _login(self, plain: socket.socket) -> None:
        capabilities = struct.pack("<I", _CAPABILITIES)
        greeting = b"\x0a8.0.40\0" + struct.pack("<I", 1) + b"12345678\0" + capabilities[:2] + b"\x2d\x02\x00"
        greeting += capabilities[2:] + b"\x15" + bytes(10) + b"123456789012\0" + b"mysql_native_password\0"
        _send(plain, 0, greeting)
        if not struct.unpack_from("<I", _receive(plain))[0] & _CLIENT_SSL:
            self.plain += 1
            return
        with self.context.wrap_socket(plain, server_side=True) as connection:
            username = _receive(connection)[32:].split(b"\0")[0].decode()
            _send(connection, 3, b"\xfemysql_clear_password\0\0")
            self.logins.append((username, _receive(connection).rstrip(b"\0").decode()))
            _send(connection, 5, b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied by the stand-in")


def _send(connection: socket.socket, number: int, payload: bytes) -> None:
    connection.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)


def _receive(connection: socket.socket) -> bytes:
    return _read(connection, int.from_bytes(_read(connection, 4)[:3], "little"))


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in the place of RDS's, its trust store as the image makes it, and a server certificate per name."""
    folder = tmp_path_factory.mktemp("certificates")
    _openssl(folder, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root -keyout root.key -out root.pem")
    for label, name in (("writer", WRITER), ("other", "impostor.example.com")):
        _openssl(folder, f"req -newkey rsa:2048 -nodes -subj /CN=x -keyout {label}.key -out {label}.csr")
        (folder / "names").write_text(f"subjectAltName=DNS:{name}")
        sign = f"x509 -req -in {label}.csr -CA root.pem -CAkey root.key -days 2 -extfile names -out {label}.pem"
        _openssl(folder, sign)
    subprocess.run(["java", str(TRUST_STORE), "root.pem", "rds.p12"], cwd=folder, check=True)
    return folder


@pytest.fixture
def aurora(certificates: Path, request: pytest.FixtureRequest) -> Iterator[Aurora]:
    label: str = getattr(request, "param", "writer")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{label}.pem", certificates / f"{label}.key")
    server = Aurora(context)
    yield server
    server.close()


def on_aws(tiers: Tiers, certificates: Path, aurora: Aurora) -> dict[str, str]:
    """Settings as the chart passes them, with the cluster's name led to the stand-in."""
    store, hosts = tiers.folder / "rds.p12", tiers.folder / "hosts"
    store.write_bytes((certificates / "rds.p12").read_bytes())
    hosts.write_text(f"127.0.0.1 {WRITER} localhost\n")
    own(store)
    return {
        **CREDENTIALS,
        "AWS_REGION": "ap-northeast-2",
        "SPRING_PROFILES_ACTIVE": "aws",
        "DB_WRITER_HOST": WRITER,
        "DB_PORT": str(aurora.port),
        "DB_READER_PORT": str(aurora.port),
        "DB_TRUST_STORE": str(store),
        "DB_MINIMUM_IDLE": "1",
        "CACHE_HOST": "",
        "JDK_JAVA_OPTIONS": f"-Djdk.net.hosts.file={hosts}",
    }


def by_botocore(token: str, port: int) -> str:
    """Return the token that botocore makes with the same credentials at the moment and for the time the token names."""
    named = dict(parse_qsl(token.partition("?")[2]))
    moment = dt.datetime.strptime(named["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    url = f"https://{WRITER}:{port}/?Action=connect&DBUser=pay"
    request: Any = botocore.awsrequest.AWSRequest("GET", url)
    credentials = botocore.credentials.Credentials(*CREDENTIALS.values())
    signer: Any = botocore.auth.SigV4QueryAuth(credentials, "rds-db", "ap-northeast-2", int(named["X-Amz-Expires"]))
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        signer.add_auth(request)
    return str(request.url).removeprefix("https://")


def parameters(token: str) -> set[str]:
    """Take a token apart: the order of its parameters means nothing."""
    where, _, query = token.partition("?")
    return {where.rstrip("/"), *query.split("&")}


def test_a_service_logs_in_by_an_iam_token_over_tls_and_never_in_the_clear(
    tiers: Tiers, certificates: Path, aurora: Aurora
):
    pay = tiers.service("pay", 60, **on_aws(tiers, certificates, aurora))

    pay.node.process.wait_until(lambda: bool(aurora.logins), 30)
    username, token = aurora.logins[0]

    assert username == "pay"
    assert parameters(token) == parameters(by_botocore(token, aurora.port))
    assert aurora.plain == 0
    assert "example-secret" not in pay.node.process.log.read_text()
    pay.node.process.stop()


@pytest.mark.parametrize("aurora", ["other"], indirect=True)
def test_a_server_with_another_name_in_its_certificate_is_told_nothing(
    tiers: Tiers, certificates: Path, aurora: Aurora
):
    pay = tiers.service("pay", 61, **on_aws(tiers, certificates, aurora))

    answer = pay.get("/pay/orders/00000000-0000-4000-8000-000000000000")

    assert answer.status == 503
    assert aurora.logins == []
    pay.node.process.stop()


def test_migrate_logs_in_as_the_administrator_of_the_secret(tiers: Tiers, certificates: Path, aurora: Aurora):
    asked: list[str] = []

    class SecretsManager(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"])
            secret = json.dumps({"username": "admin", "password": "of-the-secret"})
            body = json.dumps({"ARN": SECRET_ARN, "SecretString": secret}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), SecretsManager)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        settings = on_aws(tiers, certificates, aurora) | {
            "DB_ADMIN_SECRET_ARN": SECRET_ARN,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://127.0.0.1:{server.server_address[1]}",
        }
        with pytest.raises(AppError, match="Access denied by the stand-in"):
            tiers.migrate("pay", **settings)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert asked == [SECRET_ARN]
    assert set(aurora.logins) == {("admin", "of-the-secret")}
