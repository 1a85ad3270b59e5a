"""The pulumi-random plugin's protocol over `generators.py`: every resource is made once and replaced on any change.

Secrets need no care here: the engine unwraps them for a plugin that does not accept them, and the SDK marks the outputs
that are secret (`result` of a password) on the way back.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2

from rehearsal.random.generators import GENERATORS, ArgumentError, Generator, Inputs, Outputs, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

# The engine's own notation for a value that is not known before the update.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class RandomPlugin(ResourceProviderServicer):
    """Answers the engine for all types of pulumi-random that `GENERATORS` lists."""

    def GetPluginInfo(self, request: object, context: object) -> plugin_pb2.PluginInfo:  # noqa: N802, ARG002
        """Take on the version of the SDK in use, as that is the one the engine looked for."""
        return plugin_pb2.PluginInfo(version=version("pulumi-random"))

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: object) -> provider_pb2.CheckResponse:  # noqa: N802, ARG002
        """Take any provider configuration: there is none."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: object, context: object) -> provider_pb2.DiffResponse:  # noqa: N802, ARG002
        """Never replace the provider."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: object, context: object) -> provider_pb2.ConfigureResponse:  # noqa: N802, ARG002
        """Offer previews."""
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:  # noqa: N802
        """Refuse unknown and missing arguments, and values that are out of range as far as they are known."""
        generator = _generator(request.urn, context)
        inputs = _read(request.news)
        allowed = generator.required | generator.optional
        found = [(name, "is not an argument of this type") for name in sorted(inputs.keys() - allowed)]
        found += [(name, "is required") for name in sorted(generator.required - inputs.keys())]
        if not found and UNKNOWN not in inputs.values():
            try:
                generator.generate(inputs)
            except ArgumentError as error:
                found.append((error.argument, str(error)))
        failures = [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in found]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: object) -> provider_pb2.DiffResponse:  # noqa: N802, ARG002
        """Replace on any change of an argument, since a value that was given out cannot be altered in place."""
        old, new = _read(request.old_inputs), _read(request.news)
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        kinds = provider_pb2.DiffResponse
        changes = kinds.DIFF_SOME if changed else kinds.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=changed)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:  # noqa: N802
        """Generate the value; in a preview it is unknown."""
        generator = _generator(request.urn, context)
        inputs = _read(request.properties)
        if request.preview:
            computed: Outputs = dict.fromkeys(generator.computed, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_write({**inputs, **computed}))
        identifier, computed = generator.generate(inputs)
        return provider_pb2.CreateResponse(id=identifier, properties=_write({**inputs, **computed}))

    def Read(self, request: provider_pb2.ReadRequest, context: object) -> provider_pb2.ReadResponse:  # noqa: N802, ARG002
        """Return the state as it is: nothing outside can change it."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: object, context: object) -> empty_pb2.Empty:  # noqa: N802, ARG002
        """Forget the value, which lives in the state only."""
        return empty_pb2.Empty()

    def Cancel(self, request: object, context: object) -> empty_pb2.Empty:  # noqa: N802, ARG002
        """Stop nothing: no call takes time."""
        return empty_pb2.Empty()


def _generator(urn: str, context: grpc.ServicerContext) -> Generator:
    token = urn.split("::")[2].rsplit("$", 1)[-1]
    if token not in GENERATORS:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{token}: not offered by the rehearsal's random stand-in")
    return GENERATORS[token]


def _read(properties: struct_pb2.Struct) -> Inputs:
    fields = cast("Mapping[str, Value]", json_format.MessageToDict(properties))
    return {name: value for name, value in fields.items() if not name.startswith("__")}


def _write(values: Outputs) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())
