"""The wire of the plugin: which call of the engine's protocol goes to which method, and how errors travel back.

Owns the gRPC server. An error becomes its message, never a stack trace: the message is all that the user sees.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from rehearsal.aws import PROVIDER_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.aws.plugin import AwsProvider

_SERVICE = "pulumirpc.ResourceProvider"
_WORKERS = 8
# The engine may send thousands of properties in one message; gRPC's own limit of 4 MB is too small.
_MAXIMUM_MESSAGE = 400 * 1024 * 1024
_OPTIONS = [(f"grpc.max_{way}_message_length", _MAXIMUM_MESSAGE) for way in ("send", "receive")]

_Handler: TypeAlias = "grpc.RpcMethodHandler[Message, Message]"
_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)


def serve(provider: AwsProvider) -> None:
    """Serves on a free port of 127.0.0.1, prints the port, and returns when the engine ends the process."""
    handlers: dict[str, _Handler] = {
        "GetPluginInfo": _handler(lambda _: plugin_pb2.PluginInfo(version=PROVIDER_VERSION), empty_pb2.Empty),
        "Attach": _handler(lambda _: empty_pb2.Empty(), plugin_pb2.PluginAttach),
        "Cancel": _handler(lambda _: empty_pb2.Empty(), empty_pb2.Empty),
        "CheckConfig": _handler(provider.check_config, provider_pb2.CheckRequest),
        "DiffConfig": _handler(provider.diff_config, provider_pb2.DiffRequest),
        "Configure": _handler(provider.configure, provider_pb2.ConfigureRequest),
        "Check": _handler(provider.check, provider_pb2.CheckRequest),
        "Diff": _handler(provider.diff, provider_pb2.DiffRequest),
        "Create": _handler(provider.create, provider_pb2.CreateRequest),
        "Read": _handler(provider.read, provider_pb2.ReadRequest),
        "Update": _handler(provider.update, provider_pb2.UpdateRequest),
        "Delete": _handler(provider.delete, provider_pb2.DeleteRequest),
        "Invoke": _handler(provider.invoke, provider_pb2.InvokeRequest),
    }
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.wait_for_termination()


def _handler(method: Callable[[_Request], _Response], request_type: type[_Request]) -> _Handler:
    def answer(request: _Request, context: grpc.ServicerContext) -> _Response:
        try:
            return method(request)
        except Exception as error:  # noqa: BLE001 (whatever it is, the engine shows its message)
            context.abort(grpc.StatusCode.UNKNOWN, str(error) or repr(error))
        raise AssertionError  # abort always raises

    handler = grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request_type.FromString, response_serializer=_serialize
    )
    return cast("_Handler", handler)


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()
