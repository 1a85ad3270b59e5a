"""The pulumi-random plugin's protocol over `generators.py`: every resource is made once and replaced on any change.

Secrets need no care here: the engine unwraps them for a plugin that does not accept them, and the SDK marks the outputs
that are secret (`result` of a password) on the way back.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, cast

from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal.outcome import UNKNOWN
from rehearsal.provider_plugin import ProviderPlugin, type_of
from rehearsal.random.generators import GENERATORS, ArgumentError, Generator, Inputs, Outputs, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


class RandomPlugin(ProviderPlugin):
    """Answers the engine for all types of pulumi-random that `GENERATORS` lists; there are no settings."""

    version = version("pulumi-random")

    def configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Offers previews."""
        del request
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Refuses unknown and missing arguments, and values that are out of range as far as they are known."""
        generator = _generator(request.urn)
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

    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Replaces on any change of an argument, since a value that was given out cannot be altered in place."""
        old, new = _read(request.old_inputs), _read(request.news)
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        kinds = provider_pb2.DiffResponse
        changes = kinds.DIFF_SOME if changed else kinds.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=changed)

    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Generates the value; in a preview it is unknown."""
        generator = _generator(request.urn)
        inputs = _read(request.properties)
        if request.preview:
            computed: Outputs = dict.fromkeys(generator.computed, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_write({**inputs, **computed}))
        identifier, computed = generator.generate(inputs)
        return provider_pb2.CreateResponse(id=identifier, properties=_write({**inputs, **computed}))

    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """Returns the state as it is: nothing outside can change it."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Forgets the value, which lives in the state only."""
        del request
        return empty_pb2.Empty()


def _generator(urn: str) -> Generator:
    token = type_of(urn)
    if token not in GENERATORS:
        message = f"{token} is not offered by the rehearsal's random stand-in"
        raise NotImplementedError(message)
    return GENERATORS[token]


def _read(properties: struct_pb2.Struct) -> Inputs:
    fields = cast("Mapping[str, Value]", json_format.MessageToDict(properties))
    return {name: value for name, value in fields.items() if not name.startswith("__")}


def _write(values: Outputs) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())
