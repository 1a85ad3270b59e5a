"""The wire: which call of the engine's provider protocol goes to which method, and how failures travel back.

Owns the server and the shape of errors: one readable message instead of a stack trace, and the state of a resource that
was made but did not become ready, so that the engine keeps it. Knows nothing of Kubernetes.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2

from rehearsal.kubernetes.values import write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi.provider.experimental.property_value import PropertyValue

_SERVICE = "pulumirpc.ResourceProvider"
_THREADS = 16
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_OPTIONS = [(f"grpc.max_{way}_message_length", _LARGEST_MESSAGE_BYTES) for way in ("send", "receive")]
_UNKNOWN_CODE = 2

_Handler: TypeAlias = "grpc.RpcMethodHandler[Message, Message]"
_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)


class PartlyCreatedError(Exception):
    """The resource exists but is not ready: the engine keeps its state and tries again at the next `up`."""

    def __init__(
        self,
        message: str,
        identity: str,
        properties: Mapping[str, PropertyValue],
        inputs: Mapping[str, PropertyValue],
    ) -> None:
        super().__init__(message)
        self.identity = identity
        self.properties = properties
        self.inputs = inputs


class Plugin(Protocol):
    """What a provider must answer; each method takes the protocol's request and may raise any exception."""

    version: str

    def check_config(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse: ...  # noqa: D102
    def diff_config(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse: ...  # noqa: D102
    def configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse: ...  # noqa: D102
    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse: ...  # noqa: D102
    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse: ...  # noqa: D102
    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse: ...  # noqa: D102
    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse: ...  # noqa: D102
    def update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse: ...  # noqa: D102
    def delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty: ...  # noqa: D102
    def cancel(self) -> None: ...  # noqa: D102


def serve(plugin: Plugin) -> None:
    """Serves on a free port of 127.0.0.1, prints it, and returns when the engine ends the process."""
    handlers: dict[str, _Handler] = {
        "GetPluginInfo": _handler(lambda _: plugin_pb2.PluginInfo(version=plugin.version), empty_pb2.Empty),
        "GetSchema": _handler(lambda _: provider_pb2.GetSchemaResponse(schema="{}"), provider_pb2.GetSchemaRequest),
        "Cancel": _handler(lambda _: _cancel(plugin), empty_pb2.Empty),
        "CheckConfig": _handler(plugin.check_config, provider_pb2.CheckRequest),
        "DiffConfig": _handler(plugin.diff_config, provider_pb2.DiffRequest),
        "Configure": _handler(plugin.configure, provider_pb2.ConfigureRequest),
        "Check": _handler(plugin.check, provider_pb2.CheckRequest),
        "Diff": _handler(plugin.diff, provider_pb2.DiffRequest),
        "Create": _handler(plugin.create, provider_pb2.CreateRequest),
        "Read": _handler(plugin.read, provider_pb2.ReadRequest),
        "Update": _handler(plugin.update, provider_pb2.UpdateRequest),
        "Delete": _handler(plugin.delete, provider_pb2.DeleteRequest),
    }
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):  # how the engine ends a plugin
        server.wait_for_termination()
    plugin.cancel()


def _cancel(plugin: Plugin) -> empty_pb2.Empty:
    plugin.cancel()
    return empty_pb2.Empty()


def _handler(method: Callable[[_Request], _Response], request_type: type[_Request]) -> _Handler:
    def answer(request: _Request, context: grpc.ServicerContext) -> _Response:
        try:
            return method(request)
        except PartlyCreatedError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(error)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the engine shows its message
            context.abort(grpc.StatusCode.UNKNOWN, str(error) or repr(error))
        raise AssertionError  # abort always raises

    handler = grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request_type.FromString, response_serializer=_serialize
    )
    return cast("_Handler", handler)


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _details(error: PartlyCreatedError) -> bytes:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.identity, properties=write(error.properties), inputs=write(error.inputs), reasons=[str(error)]
    )
    status = status_pb2.Status(code=_UNKNOWN_CODE, message=str(error))
    status.details.add().Pack(detail)
    return status.SerializeToString()
