"""The program without an engine: a monitor that records every registration, and what the tests ask of the record.

Owns the stand-in for the engine and for AWS's answers in unit tests. It knows nothing of what the program should
make: that stands in the tests. An answer that nobody gave (a function token, an output that the program needs) ends
the test instead of turning into an empty value.
"""

# The kit reaches into the SDK's runtime, which has neither public names nor types for what it needs.
# pyright: reportPrivateUsage=false, reportPrivateImportUsage=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, cast

import pulumi
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import callback_pb2, resource_pb2
from pulumi.runtime.stack import Stack
from pulumi.runtime.sync_await import _sync_await

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final = "fast-order"
STACKS: Final = ("dev", "stg", "prod")
AJP_SECRET_VALUE: Final = "the-generated-ajp-secret"
CLUSTERS: Final = f"{PROJECT}:clusters"
SECURITY_GROUP: Final = "{name}-security-group"
T = TypeVar("T")
Json: TypeAlias = Any
"""What a program hands over: JSON, known no closer."""

_COMPUTED: Final[Mapping[str, Mapping[str, object]]] = {
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": [
            {"resourceRecordName": "{name}-proof", "resourceRecordType": "CNAME", "resourceRecordValue": "value"}
        ]
    },
    "aws:ec2/instance:Instance": {"privateIp": "10.0.0.9"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId": "pl-of-{name}"},
    "aws:ec2/eip:Eip": {"allocationId": "{name}-allocation"},
    "aws:ecr/repository:Repository": {"repositoryUrl": "repository-of-{name}"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "primaryEndpointAddress": "master.{name}.ab12cd.apn2.cache.amazonaws.com"
    },
    "aws:kms/key:Key": {"keyId": "{name}-key"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "dnsName": "{name}.elb.amazonaws.com",
        "zoneId": "ZELB",
        "arnSuffix": "lb/{name}",
    },
    "aws:lb/targetGroup:TargetGroup": {"arnSuffix": "targetgroup/{name}"},
    "aws:rds/cluster:Cluster": {
        "endpoint": "writer.cluster.rds.amazonaws.com",
        "readerEndpoint": "reader.cluster-ro.rds.amazonaws.com",
        "clusterResourceId": "cluster-ABCDEF",
        "engineVersionActual": "8.0.mysql_aurora.3.10.3",
        "masterUserSecrets": [{"secretArn": "arn:aws:secretsmanager:ap-northeast-2:111111111111:secret:rds!x"}],
    },
    "aws:route53/record:Record": {"fqdn": "{name}.example"},
    "aws:route53/keySigningKey:KeySigningKey": {"dsRecord": "ds-of-{name}"},
    "aws:route53/zone:Zone": {"zoneId": "Z{name}", "nameServers": ["ns-1.example"]},
    "eks:index:Cluster": {
        "clusterSecurityGroupId": SECURITY_GROUP,
        "kubeconfigJson": '{"clusters": [{"cluster": {"server": "https://SERVER"}}]}',
    },
    "random:index/randomPassword:RandomPassword": {"result": AJP_SECRET_VALUE},
}
"""What AWS answers beyond `id`, `arn` and the inputs themselves; `{name}` is the logical name."""

_FUNCTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "aws:ssm/getParameter:getParameter": {"insecureValue": "ami-newest"},
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": "pl-cloudfront"},
}


@dataclass(frozen=True)
class Registration:
    """One resource as the program asked for it."""

    urn: str
    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    """With secrets unwrapped; which of them were secret is in `raw`."""
    raw: dict[str, Any] = field(repr=False)
    custom: bool
    remote: bool
    protect: bool
    retain: bool
    delete_before_replace: bool
    dependencies: frozenset[str] = field(repr=False)
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    transforms: int
    provider: str

    @property
    def component(self) -> bool:
        return self.type.startswith("fastorder:")

    def document(self, key: str) -> dict[str, Any]:
        """Return an input that holds a JSON document."""
        return json.loads(self.inputs[key])


@dataclass
class Graph:
    """Everything one run registered, in order."""

    registrations: list[Registration] = field(default_factory=list[Registration])
    outputs_registered: list[str] = field(default_factory=list[str])
    exports: dict[str, object] = field(default_factory=dict[str, object])

    def __iter__(self) -> Iterator[Registration]:
        return iter(self.registrations)

    def of(self, *types: str) -> list[Registration]:
        """Return the registrations of the given types; an unused type is an error of the test."""
        found = [one for one in self if one.type in types]
        assert found, f"nothing of type {', '.join(types)} was registered"
        return found

    def one(self, type_: str, name: str | None = None) -> Registration:
        found = [one for one in self if one.type == type_ and name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} registrations of {type_} {name or ''}: {[one.name for one in found]}"
        return found[0]

    def at(self, urn: str) -> Registration:
        return next(one for one in self if one.urn == urn)

    def ancestors(self, registration: Registration) -> list[Registration]:
        """Return the chain of parents, nearest first, without the stack itself."""
        known = {one.urn: one for one in self}
        chain: list[Registration] = []
        while registration.parent in known:
            registration = known[registration.parent]
            chain.append(registration)
        return chain

    def under(self, name: str) -> list[Registration]:
        """Return what a component with this logical name owns, however deep."""
        found = [one for one in self if any(above.name == name and above.component for above in self.ancestors(one))]
        assert found, f"nothing stands under {name}"
        return found


class _Monitor(mocks.MockMonitor):
    """Records what the program asks for and answers like AWS would, in as few words as the program needs."""

    def __init__(self, graph: Graph, stack: str) -> None:
        super().__init__(_NoMocks())
        self._graph, self._stack = graph, stack

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        chain = parent.split("::")[2] if parent else "pulumi:pulumi:Stack"
        qualified = type_ if chain == "pulumi:pulumi:Stack" else f"{chain}${type_}"
        return f"urn:pulumi:{self._stack}::{PROJECT}::{qualified}::{name}"

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802 - gRPC's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        mocks._ensure_event_loop()
        raw: dict[str, Any] = rpc.deserialize_properties(request.object)
        self._graph.registrations.append(
            Registration(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                inputs=unwrap(raw),
                raw=raw,
                custom=request.custom,
                remote=request.remote,
                protect=request.protect,
                retain=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                dependencies=frozenset(request.dependencies),
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                transforms=len(request.transforms),
                provider=request.provider,
            )
        )
        state = dict(raw)
        if request.custom or request.remote:
            state |= {"arn": f"arn:aws:mock:::{request.name}"} | _answer(request.type, request.name)
        for key in request.additionalSecretOutputs:
            if key in state:
                state[key] = rpc.wrap_rpc_secret(state[key])
        identifier = f"{request.name}-id" if request.custom else ""
        self.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, identifier, state)
        properties = _sync_await(rpc.serialize_properties(state, {}))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identifier, object=properties)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:  # noqa: N802 - gRPC's name
        self._graph.outputs_registered.append(request.urn)
        return empty_pb2.Empty()


class _NoMocks(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise AssertionError(f"{args.typ} is read, which no test provides for")

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token not in _FUNCTIONS:
            raise AssertionError(f"function {args.token} is called, which no test provides for")
        return dict(_FUNCTIONS[args.token]), []


class _Callbacks:
    """Stands where the engine would keep transforms to call back; unit tests call them themselves."""

    def register_transform(self, transform: object) -> callback_pb2.Callback:
        return callback_pb2.Callback(token=str(id(transform)), target="nowhere")


def unwrap(value: Json) -> Json:
    """Return a value without the wrappers that mark secrets."""
    if rpc.is_rpc_secret(value):
        return unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: unwrap(one) for key, one in value.items()}
    return [unwrap(one) for one in value] if isinstance(value, list) else value


def plain_texts(value: Json) -> Iterator[str]:
    """Yield every text in a raw value that stands outside of a secret."""
    if rpc.is_rpc_secret(value):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from plain_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from plain_texts(one)


def _answer(type_: str, name: str) -> dict[str, Any]:
    return json.loads(json.dumps(_COMPUTED.get(type_, {})).replace("{name}", name))


_pending: list[str] = []


def assert_outputs(label: str, check: Callable[[list[Any]], None], *outputs: pulumi.Output[Any]) -> None:
    """Check values that exist only once outputs resolve; the run fails if the check never ran."""
    _pending.append(label)

    def checked(values: Sequence[Any]) -> None:
        check(list(values))
        _pending.remove(label)

    pulumi.export(label, pulumi.Output.all(*outputs).apply(checked))


def run(
    program: Callable[[], T],
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    graph: Graph | None = None,
    project: str = PROJECT,
) -> Graph:
    """Run a program on a fresh event loop and a fresh monitor, and return what it registered.

    A graph that is given is filled, so that a test can see what a failing program registered before it failed.
    """
    graph = Graph() if graph is None else graph
    _pending.clear()
    # A run that another one of the same test left behind would answer for it.
    runtime_settings.reset_options()
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(_NoMocks(), project=project, stack=stack, preview=False, monitor=_Monitor(graph, stack))
    runtime_settings.SETTINGS.callbacks = _Callbacks()
    set_all_config(dict(config or {}))

    def exports() -> pulumi.Output[None]:
        program()
        stack_resource = cast("Stack", runtime_settings.get_root_resource())
        return pulumi.Output.all(**stack_resource.outputs).apply(graph.exports.update)

    mocks.test(exports)()
    assert not _pending, f"checks that never ran: {', '.join(_pending)}"
    return graph


def stack_config(stack: str) -> dict[str, dict[str, Any]]:
    """Return the configuration of a committed stack file, by full key."""
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


def run_main(stack: str, config: Mapping[str, Any] | None = None, graph: Graph | None = None) -> Graph:
    """Run the real `__main__.py` with the committed configuration or another."""
    texts = {key: json.dumps(value) for key, value in (stack_config(stack) if config is None else config).items()}
    return run(lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"), stack, texts, graph)


@cache
def whole(stack: str) -> Graph:
    """Return the graph of a committed stack, built once per process."""
    return run_main(stack)


@cache
def first_pass(stack: str) -> Graph:
    """Return the graph of a committed stack's first pass, before anything is made in its clusters."""
    config = stack_config(stack)
    return run_main(stack, {**config, CLUSTERS: {**config.get(CLUSTERS, {}), "contents": False}})
