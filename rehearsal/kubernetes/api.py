"""A client of one Kubernetes API server: requests, discovery, watches. JSON over HTTPS, nothing more.

Owns connections, credentials and the shape of errors. The standard library is enough: the official client would add
a thousand generated classes for the few verbs that a rehearsal uses.
"""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import time
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from rehearsal.kubernetes.cluster import Reference, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.cloud import JsonObject

_TIMEOUT_SECONDS = 30.0
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
NOT_FOUND, CONFLICT, GONE = 404, 409, 410
_FAILED = 400
# The server has done nothing yet and says when to ask again, for example while a new definition gets its storage.
_BUSY = frozenset({429, 503})
_BUSY_ATTEMPTS = 10


class ApiError(Exception):
    """The server's refusal, in its own words."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class _BusyError(ApiError):
    """The server asks to be asked again after some seconds."""

    def __init__(self, error: ApiError, seconds: int) -> None:
        super().__init__(error.code, error.reason, str(error))
        self.seconds = seconds


class Api:
    """One API server, with the credentials of a kubeconfig. Safe to use from several threads."""

    def __init__(self, kubeconfig: JsonObject) -> None:
        """Reads the current context; raises `UnreachableError` when it has no server or no client certificate."""
        context = _named(kubeconfig, "contexts", str(kubeconfig.get("current-context")), "context")
        cluster = _named(kubeconfig, "clusters", str(context.get("cluster")), "cluster")
        user = _named(kubeconfig, "users", str(context.get("user")), "user")
        self.server = str(cluster.get("server"))
        self._ssl = _ssl_context(cluster, user)
        self._kinds: dict[str, JsonObject] = {}

    def get(self, path: str, **query: str) -> JsonObject:
        """GET; raises `ApiError` and `UnreachableError`, as all of these."""
        return self._request("GET", path, query=query)

    def post(self, path: str, body: JsonObject, **query: str) -> JsonObject:
        """POST: create."""
        return self._request("POST", path, body=body, query=query)

    def apply(self, path: str, body: JsonObject, **query: str) -> JsonObject:
        """Server-side apply."""
        return self._request("PATCH", path, body=body, query=query, content_type=_APPLY)

    def merge(self, path: str, body: JsonObject, **query: str) -> JsonObject:
        """JSON merge patch."""
        return self._request("PATCH", path, body=body, query=query, content_type=_MERGE)

    def delete(self, path: str, body: JsonObject | None = None, **query: str) -> JsonObject:
        """DELETE."""
        return self._request("DELETE", path, body=body, query=query)

    def watch(self, path: str, *, resource_version: str, seconds: int) -> Iterator[JsonObject]:
        """Events of a collection (`type`, `object`) until the server ends the watch after `seconds`."""
        query = {"watch": "1", "resourceVersion": resource_version, "timeoutSeconds": str(seconds)}
        connection = self._connection(seconds + _TIMEOUT_SECONDS)
        try:
            response = self._send(connection, "GET", f"{path}?{urlencode(query)}", None, {})
            if response.status >= _FAILED:
                raise _error(response)
            while line := response.readline():
                event = cast("JsonObject", json.loads(line))
                if event["type"] == "ERROR":
                    status = cast("JsonObject", event["object"])
                    raise ApiError(int(str(status.get("code") or GONE)), str(status.get("reason")), str(status))
                yield event
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"API server {self.server}: {error}") from error
        finally:
            connection.close()

    def path(self, reference: Reference, *, collection: bool = False) -> str:
        """URL path of an object, or of the collection that it is in.

        Raises `ApiError` (404, "no matches for kind") for a kind that the server does not have.
        """
        base = _group_path(reference.api_version)
        kind = self._kind(base, reference)
        scope = f"/namespaces/{reference.namespace}" if kind["namespaced"] and reference.namespace else ""
        path = f"{base}{scope}/{kind['name']}"
        return path if collection else f"{path}/{reference.name}"

    def _kind(self, base: str, reference: Reference) -> JsonObject:
        key = f"{base}/{reference.kind}"
        if key not in self._kinds:
            try:
                served = cast("list[JsonObject]", self.get(base)["resources"])
            except ApiError as error:
                if error.code != NOT_FOUND:
                    raise
                served = []
            # Subresources like `pods/status` have the same kind.
            self._kinds |= {f"{base}/{item['kind']}": item for item in served if "/" not in str(item["name"])}
        if key not in self._kinds:
            message = f'no matches for kind "{reference.kind}" in version "{reference.api_version}"'
            raise ApiError(NOT_FOUND, "NoMatch", message)
        return self._kinds[key]

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: JsonObject | None = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> JsonObject:
        target = f"{path}?{urlencode(query)}" if query else path
        payload = None if body is None else json.dumps(body).encode()
        for _ in range(_BUSY_ATTEMPTS - 1):
            try:
                return self._request_once(method, target, payload, content_type)
            except _BusyError as busy:
                time.sleep(busy.seconds)
        return self._request_once(method, target, payload, content_type)

    def _request_once(self, method: str, target: str, payload: bytes | None, content_type: str) -> JsonObject:
        connection = self._connection(_TIMEOUT_SECONDS)
        try:
            response = self._send(connection, method, target, payload, {"Content-Type": content_type})
            pause = response.headers.get("Retry-After", "")
            if response.status in _BUSY and pause.isdecimal():
                raise _BusyError(_error(response), int(pause))
            if response.status >= _FAILED:
                raise _error(response)
            return cast("JsonObject", json.loads(response.read() or b"{}"))
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"API server {self.server}: {error}") from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> HTTPSConnection:
        url = urlsplit(self.server)
        return HTTPSConnection(str(url.hostname), url.port, timeout=timeout, context=self._ssl)

    @staticmethod
    def _send(
        connection: HTTPSConnection, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> HTTPResponse:
        connection.request(method, target, body=body, headers={"Accept": "application/json", **headers})
        return connection.getresponse()


def _group_path(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _error(response: HTTPResponse) -> ApiError:
    text = response.read().decode(errors="replace")
    try:
        status = cast("JsonObject", json.loads(text))
    except ValueError:
        return ApiError(response.status, response.reason, text.strip() or response.reason)
    return ApiError(response.status, str(status.get("reason") or response.reason), str(status.get("message") or text))


def _named(kubeconfig: JsonObject, section: str, name: str, key: str) -> JsonObject:
    for item in cast("list[JsonObject]", kubeconfig.get(section) or []):
        if item["name"] == name:
            return cast("JsonObject", item[key])
    raise UnreachableError(f"the kubeconfig has no {name!r} among its {section}")


def _ssl_context(cluster: JsonObject, user: JsonObject) -> ssl.SSLContext:
    try:
        authority, certificate, key = (
            base64.b64decode(str(part[name]))
            for part, name in (
                (cluster, "certificate-authority-data"),
                (user, "client-certificate-data"),
                (user, "client-key-data"),
            )
        )
    except KeyError as error:
        raise UnreachableError(f"the kubeconfig has no {error.args[0]}: it is not one of this rehearsal") from error
    context = ssl.create_default_context(cadata=authority.decode())
    with tempfile.NamedTemporaryFile() as pair:  # private by default; the ssl module reads files only
        pair.write(certificate + b"\n" + key)
        pair.flush()
        context.load_cert_chain(pair.name)
    return context
