"""Measures what the pack costs: CPU seconds of its process, driven by the engine's own protocol.

Owns `python -m policy bench`. The resources are the rules' good examples, repeated; beside the pack run an empty one
with as many policies as usual, since unpacking resources is the SDK's own cost and not the rules', and Pulumi's
AWSGuard, where npm serves it, with all of its rules advisory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from policy.frame.rule import Rule
from policy.frame.runner import resource_request, stack_request

from . import awsguard_pack
from .examples import records

_PACK: Final = Path(__file__).resolve().parent.parent
_SIZES: Final = (300, 3000)
_EMPTY_POLICIES: Final = 90
_PYTHON_PACK: Final = [sys.executable, "-u", "-m", "pulumi.policy"]
_EMPTY: Final = f"""
from pulumi_policy import PolicyPack, ResourceValidationPolicy

PolicyPack("empty", policies=[
    ResourceValidationPolicy(name=f"empty-{{number}}", description="nothing", validate=lambda args, report: None)
    for number in range({_EMPTY_POLICIES})
])
"""
_MESSAGE_LIMIT: Final = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one pack over one number of resources, start included."""

    pack: str
    resources: int
    start: float
    total: float


@dataclass(frozen=True)
class _Pack:
    name: str
    command: list[str]
    folder: Path


def measure(rules: dict[str, Rule]) -> Iterator[Cost]:
    """Run every pack over each size and yield what it costs.

    Raises:
        awsguard_pack.UnavailableError: After the other packs' costs: AWSGuard cannot run here.
    """
    missing: awsguard_pack.UnavailableError | None = None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "__main__.py").write_text(_EMPTY, encoding="utf-8")
        packs = [
            _Pack(f"empty, {_EMPTY_POLICIES} policies", _PYTHON_PACK, Path(folder)),
            _Pack(f"this, {len(rules)} rules", _PYTHON_PACK, _PACK),
        ]
        try:
            packs.append(_Pack(f"AWSGuard {awsguard_pack.VERSION}", *awsguard_pack.install()))
        except awsguard_pack.UnavailableError as error:
            missing = error
        for size in _SIZES:
            resources = repeated(rules, size)
            for pack in packs:
                yield Cost(pack.name, size, _cpu(pack, []), _cpu(pack, resources))
    if missing is not None:
        raise missing


def repeated(rules: dict[str, Rule], count: int) -> list[dict[str, Any]]:
    """Return `count` resources: the good examples of all rules, again and again under new names."""
    result: list[dict[str, Any]] = []
    turn = 0
    while len(result) < count:
        for rule in rules.values():
            for example in rule.good:
                turn += 1
                result += [_renamed(record, f"-{turn}") for record in records(example)]
    return result[:count]


def table(costs: Iterator[Cost]) -> Iterator[str]:
    """Return the lines of the report, each as soon as it is measured."""
    yield f"{'pack':<20} {'resources':>9} {'start, CPU s':>13} {'total, CPU s':>13} {'ms each':>8}"
    for cost in costs:
        each = (cost.total - cost.start) / cost.resources * 1000
        yield f"{cost.pack:<20} {cost.resources:>9} {cost.start:>13.2f} {cost.total:>13.2f} {each:>8.2f}"


def _renamed(record: dict[str, Any], suffix: str) -> dict[str, Any]:
    references = cast("dict[str, list[str]]", record["propertyDependencies"])
    return {
        **record,
        "name": record["name"] + suffix,
        "urn": record["urn"] + suffix,
        "parent": record["parent"] and record["parent"] + suffix,
        "propertyDependencies": {name: [urn + suffix for urn in urns] for name, urns in references.items()},
    }


def _cpu(pack: _Pack, resources: list[dict[str, Any]]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*pack.command, "127.0.0.1:0", "."]
    with subprocess.Popen(command, cwd=pack.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own interpreter
        try:
            _drive(cast("IO[bytes]", process.stdout), resources)
        finally:
            process.terminate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _drive(output: IO[bytes], resources: list[dict[str, Any]]) -> None:
    port = int(output.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=_MESSAGE_LIMIT) as channel:
        stub: Any = analyzer_pb2_grpc.AnalyzerStub(channel)  # pyright: ignore[reportUnknownMemberType]
        info = stub.GetAnalyzerInfo(empty_pb2.Empty())
        configuration = proto.ConfigureAnalyzerRequest(policyConfig=info.initialConfig)
        for item in configuration.policyConfig.values():
            item.properties.SetInParent()  # the engine sends them even when there are none
        stub.Configure(configuration)
        for record in resources:
            stub.Analyze(resource_request(record))
        if resources:
            stub.AnalyzeStack(stack_request(resources))
