"""A simulated cloud and a provider over it, called in process the way the engine calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.wire import from_struct, to_struct
from rehearsal.cloud import Cloud, JsonObject

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Made:
    """A resource that the provider has created."""

    token: str
    name: str
    id: str
    inputs: JsonObject
    state: JsonObject


@dataclass(frozen=True)
class Engine:
    """Calls a provider as the engine does."""

    provider: AwsProvider
    cloud: Cloud

    def check(
        self,
        token: str,
        name: str,
        arguments: JsonObject,
        *,
        old: JsonObject | None = None,
        autonaming_off: bool = False,
    ) -> tuple[JsonObject, list[str]]:
        request = provider_pb2.CheckRequest(urn=urn(token, name), news=to_struct(arguments), randomSeed=name.encode())
        if old:
            request.olds.CopyFrom(to_struct(old))
        if autonaming_off:
            request.autonaming.mode = provider_pb2.CheckRequest.AutonamingOptions.DISABLE
        answer = self.provider.check(request)
        return from_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def preview(self, token: str, name: str, arguments: JsonObject) -> JsonObject:
        inputs, failures = self.check(token, name, arguments)
        assert failures == []
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=to_struct(inputs), preview=True)
        return from_struct(self.provider.create(request).properties)

    def create(self, token: str, name: str, arguments: JsonObject) -> Made:
        inputs, failures = self.check(token, name, arguments)
        assert failures == []
        answer = self.provider.create(provider_pb2.CreateRequest(urn=urn(token, name), properties=to_struct(inputs)))
        return Made(token, name, answer.id, inputs, from_struct(answer.properties))

    def diff(self, made: Made, arguments: JsonObject) -> provider_pb2.DiffResponse:
        inputs, failures = self.check(made.token, made.name, arguments, old=made.inputs)
        assert failures == []
        return self.provider.diff(
            provider_pb2.DiffRequest(
                id=made.id,
                urn=urn(made.token, made.name),
                olds=to_struct(made.state),
                old_inputs=to_struct(made.inputs),
                news=to_struct(inputs),
            )
        )

    def update(self, made: Made, arguments: JsonObject, *, ignored: tuple[str, ...] = ()) -> Made:
        inputs, failures = self.check(made.token, made.name, arguments, old=made.inputs)
        assert failures == []
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=urn(made.token, made.name),
            olds=to_struct(made.state),
            old_inputs=to_struct(made.inputs),
            news=to_struct(inputs),
            ignoreChanges=ignored,
        )
        return Made(made.token, made.name, made.id, inputs, from_struct(self.provider.update(request).properties))

    def read(self, made: Made) -> tuple[str, JsonObject, JsonObject]:
        request = provider_pb2.ReadRequest(
            id=made.id,
            urn=urn(made.token, made.name),
            properties=to_struct(made.state),
            inputs=to_struct(made.inputs),
        )
        answer = self.provider.read(request)
        return answer.id, from_struct(answer.properties), from_struct(answer.inputs)

    def delete(self, made: Made) -> None:
        self.provider.delete(
            provider_pb2.DeleteRequest(id=made.id, urn=urn(made.token, made.name), properties=to_struct(made.state))
        )

    def invoke(self, token: str, arguments: JsonObject) -> tuple[JsonObject, list[str]]:
        answer = self.provider.invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments)))
        return from_struct(getattr(answer, "return")), [failure.reason for failure in answer.failures]


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::tiny::{token}::{name}"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    cloud = Cloud(tmp_path / "cloud")
    provider = AwsProvider(cloud)
    settings: JsonObject = {"region": "ap-northeast-2", "defaultTags": '{"tags": {"Environment": "dev"}}'}
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct(settings)))
    return Engine(provider, cloud)
