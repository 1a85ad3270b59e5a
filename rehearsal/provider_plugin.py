"""A provider as a plugin process of the Pulumi engine: what a stand-in must answer, and the server that carries it.

Owns the wire: which call of the engine's protocol goes to which method, and how failures travel back: one readable
message instead of a stack trace, as that is all the user sees, and the state of a resource that was made but did not
become ready, so that the engine keeps it. Knows no provider. The SDK's own server offers components only.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2

from rehearsal.parent import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.struct_pb2 import Struct

_SERVICE = "pulumirpc.ResourceProvider"
# A waiting call keeps its thread, and the engine sends as many at once as its --parallel says (16 on few cores).
_THREADS = 16
# The engine may send thousands of properties in one message; gRPC's own limit of 4 MB is too small.
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_OPTIONS = [(f"grpc.max_{way}_message_length", _LARGEST_MESSAGE_BYTES) for way in ("send", "receive")]
_UNKNOWN_CODE = 2

_Handler: TypeAlias = "grpc.RpcMethodHandler[Message, Message]"
_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)


class PartlyCreatedError(Exception):
    """The resource exists but is not ready: the engine keeps its state and tries again at the next `up`."""

    def __init__(self, message: str, identity: str, properties: Struct, inputs: Struct) -> None:
        super().__init__(message)
        self.identity = identity
        self.properties = properties
        self.inputs = inputs


class ProviderPlugin(ABC):
    """What a provider must answer; each method takes the protocol's request and may raise any exception."""

    version: str
    """The version that the SDK in use asks the engine for."""

    def check_config(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Takes the provider's settings as they are."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def diff_config(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Takes changed settings without replacing anything."""
        del request
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    @abstractmethod
    def configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Takes the settings to use from now on."""

    @abstractmethod
    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Completes and checks the inputs of a resource."""

    @abstractmethod
    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Says what an update would change and what it would replace."""

    @abstractmethod
    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Makes a resource, or at preview says what it would look like."""

    @abstractmethod
    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """Says how a resource is now; an empty answer when it is gone."""

    def update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Changes a resource in place; by default a provider only ever replaces."""
        message = f"{request.urn} cannot be changed in place"
        raise NotImplementedError(message)

    @abstractmethod
    def delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Removes a resource."""

    def invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        """Answers a function; by default a provider has none."""
        message = f"{request.tok} is not offered by the rehearsal's stand-in"
        raise NotImplementedError(message)


def type_of(urn: str) -> str:
    """The type token of a resource, without those of the components around it."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def serve(plugin: ProviderPlugin) -> None:
    """Serves on a free port of 127.0.0.1, prints it, and returns when the engine ends the process."""
    handlers: dict[str, _Handler] = {
        "GetPluginInfo": _handler(lambda _: plugin_pb2.PluginInfo(version=plugin.version), empty_pb2.Empty),
        "GetSchema": _handler(lambda _: provider_pb2.GetSchemaResponse(schema="{}"), provider_pb2.GetSchemaRequest),
        "Attach": _handler(lambda _: empty_pb2.Empty(), plugin_pb2.PluginAttach),
        "Cancel": _handler(lambda _: empty_pb2.Empty(), empty_pb2.Empty),
        "CheckConfig": _handler(plugin.check_config, provider_pb2.CheckRequest),
        "DiffConfig": _handler(plugin.diff_config, provider_pb2.DiffRequest),
        "Configure": _handler(plugin.configure, provider_pb2.ConfigureRequest),
        "Check": _handler(plugin.check, provider_pb2.CheckRequest),
        "Diff": _handler(plugin.diff, provider_pb2.DiffRequest),
        "Create": _handler(plugin.create, provider_pb2.CreateRequest),
        "Read": _handler(plugin.read, provider_pb2.ReadRequest),
        "Update": _handler(plugin.update, provider_pb2.UpdateRequest),
        "Delete": _handler(plugin.delete, provider_pb2.DeleteRequest),
        "Invoke": _handler(plugin.invoke, provider_pb2.InvokeRequest),
    }
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    end_with_parent()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):  # how the engine ends a plugin
        server.wait_for_termination()


def _handler(method: Callable[[_Request], _Response], request_type: type[_Request]) -> _Handler:
    def answer(request: _Request, context: grpc.ServicerContext) -> _Response:
        try:
            return method(request)
        except PartlyCreatedError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(error)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 (whatever it is, the engine shows its message)
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
        id=error.identity, properties=error.properties, inputs=error.inputs, reasons=[str(error)]
    )
    status = status_pb2.Status(code=_UNKNOWN_CODE, message=str(error))
    status.details.add().Pack(detail)
    return status.SerializeToString()
