"""The server: which HTTP request is which call of S3 or KMS, who makes it, and how answers travel back.

A caller is known by the access key that signed the request, of which only the id is looked at: the signature itself is
the client library's business. An id that no session was given is refused, as AWS refuses a key that it does not know.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import zlib
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from rehearsal.endpoint.keys import Kms
from rehearsal.endpoint.objects import Objects
from rehearsal.endpoint.refusal import Authority, Refusal

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, JsonObject

Sessions: TypeAlias = "Callable[[str], str | None]"

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/")
_KMS = "TrentService."
_PAGE = 1000
_XML = {"Content-Type": "application/xml"}
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent, and who it is."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: str


@contextmanager
def serve(cloud: Cloud, sessions: Sessions, allow: Authority) -> Generator[str]:
    """Serve a simulated account and yield the endpoint's address.

    Args:
        cloud: The account.
        sessions: Returns the caller that an access key was given to, by its id, or None.
        allow: Who decides what they may.
    """

    class Handler(_Handler):
        objects = Objects(cloud=cloud, allow=allow)
        callers = staticmethod(sessions)

        def kms(self, region: str) -> Kms:
            return Kms(cloud=cloud, region=region, allow=allow)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: Objects
    callers: Sessions

    def kms(self, region: str) -> Kms:
        """KMS of a region."""
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep silent: what is refused reaches the client, which says it."""

    def _handle(self) -> None:
        body = _unchunked(self._body(), self.headers.get("Content-Encoding") or "")
        target = self.headers.get("X-Amz-Target") or ""
        try:
            answer = self._kms(target, body) if target else self._s3(body)
        except Refusal as refusal:
            answer = _refused(refusal, as_json=bool(target))
        self.send_response(answer.status)
        for name, value in (answer.headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - the names are the library's

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        pieces = list[bytes]()
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        return b"".join(pieces)

    def _session(self) -> tuple[str, str]:
        """Caller and region of the request."""
        match = _CREDENTIAL.search(self.headers.get("Authorization") or "")
        if match is None:
            raise Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        caller = self.callers(match[1])
        if caller is None:
            message = "The AWS Access Key Id you provided does not exist in our records."
            raise Refusal(403, "InvalidAccessKeyId", message)
        return caller, match[2]

    def _kms(self, target: str, body: bytes) -> Answer:
        caller, region = self._session()
        if not target.startswith(_KMS):
            raise Refusal(501, "NotImplemented", f"the rehearsal's endpoint does not answer {target}")
        result = self.kms(region).answer(target.removeprefix(_KMS), caller, cast("JsonObject", json.loads(body)))
        return Answer(200, json.dumps(result).encode(), _JSON)

    def _s3(self, body: bytes) -> Answer:
        caller, _ = self._session()
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        request = Request(
            method=self.command,
            bucket=bucket,
            key=key,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            caller=caller,
        )
        return _object(self.objects, request) if key else _bucket(self.objects, request)


def _object(objects: Objects, request: Request) -> Answer:
    caller, bucket, key = request.caller, request.bucket, request.key
    if {"uploads", "uploadId", "acl", "tagging"} & request.query.keys():
        raise Refusal(501, "NotImplemented", f"the rehearsal's S3 does not answer {request.method} {request.query}")
    if request.method in {"GET", "HEAD"}:
        content = objects.get(caller, bucket, key)
        return Answer(200, content, {"ETag": _tag(content), "x-amz-checksum-crc32": _checksum(content)})
    if request.method == "PUT":
        source = request.headers.get("x-amz-copy-source")
        if source is None:
            objects.put(caller, bucket, key, request.body)
            return Answer(200, b"", {"ETag": _tag(request.body)})
        from_bucket, _, from_key = unquote(source).lstrip("/").partition("/")
        content = objects.get(caller, from_bucket, from_key)
        objects.put(caller, bucket, key, content)
        return Answer(200, f"<CopyObjectResult><ETag>{escape(_tag(content))}</ETag></CopyObjectResult>".encode(), _XML)
    if request.method == "DELETE":
        objects.delete(caller, bucket, key)
        return Answer(204)
    raise Refusal(405, "MethodNotAllowed", f"{request.method} is not allowed against this resource")


def _bucket(objects: Objects, request: Request) -> Answer:
    if request.method == "HEAD":
        objects.head_bucket(request.caller, request.bucket)
        return Answer(200)
    if request.method != "GET" or request.query.get("list-type") != "2":
        raise Refusal(501, "NotImplemented", f"the rehearsal's S3 does not answer {request.method} {request.query}")
    prefix, delimiter = request.query.get("prefix", ""), request.query.get("delimiter", "")
    keys, folders = dict[str, int](), set[str]()
    for key, size in objects.list(request.caller, request.bucket, prefix).items():
        head, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        if cut:
            folders.add(f"{prefix}{head}{cut}")
        else:
            keys[key] = size
    if len(keys) + len(folders) > _PAGE:
        raise Refusal(501, "NotImplemented", f"the rehearsal's S3 lists no more than {_PAGE} keys")
    contents = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for key, size in keys.items()
    )
    common = "".join(
        f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" for folder in sorted(folders)
    )
    page = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}{common}</ListBucketResult>"
    return Answer(200, page.encode(), _XML)


def _refused(refusal: Refusal, *, as_json: bool) -> Answer:
    if as_json:
        return Answer(refusal.status, json.dumps({"__type": refusal.code, "message": refusal.message}).encode(), _JSON)
    page = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
    return Answer(refusal.status, page.encode(), _XML)


def _unchunked(body: bytes, encoding: str) -> bytes:
    """A body without the chunks by which a client signs what it streams, and without the trailer behind them."""
    if "aws-chunked" not in encoding:
        return body
    pieces = list[bytes]()
    while body:
        header, _, body = body.partition(b"\r\n")
        size = int(header.split(b";")[0], 16)
        if not size:
            break
        pieces.append(body[:size])
        body = body[size + 2 :]
    return b"".join(pieces)


def _checksum(content: bytes) -> str:
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


def _tag(content: bytes) -> str:
    return f'"{zlib.crc32(content):08x}"'
