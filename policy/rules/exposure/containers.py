"""Containers described in task and job definitions: privileges, host namespaces, file systems, logs.

Owns the rules on ECS and Batch; Kubernetes workloads are checked where their charts are (manifests inside a Helm
release are invisible to a policy pack).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from policy.frame.resources import Resource
from policy.frame.rule import ExampleValue, Findings, Sample, sample
from policy.frame.values import Block, parse_json

from . import AREA

_DEFINITION = "ecs/taskDefinition"
_LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "/fastorder/prod/prod-common-log-app-01"}}


def _task(container: dict[str, object], **more: ExampleValue) -> Sample:
    full = {"name": "app", "image": "app", "readonlyRootFilesystem": True, "logConfiguration": _LOGS, **container}
    return Sample(_DEFINITION, "example", {"family": "app", "containerDefinitions": json.dumps([full]), **more})


def _containers(definition: Resource) -> Iterator[Block]:
    path = "containerDefinitions" if definition.type == _DEFINITION else "containerProperties"
    content = parse_json(definition.get(path))
    items = content if isinstance(content, list) else [content]
    yield from (Block(item, path) for item in items if isinstance(item, dict))


@AREA.rule(
    "container-unprivileged",
    title="Containers run without privileges",
    cause="A privileged container is root on its host, and through it on every other container there.",
    remedy="Leave privileged off and add single Linux capabilities where one is needed.",
    types=[_DEFINITION, "batch/jobDefinition"],
    severity="high",
    controls=["ECS.4"],
    good=[_task({})],
    bad=[
        _task({"privileged": True}),
        sample("batch/jobDefinition", type="container", containerProperties='{"image": "job", "privileged": true}'),
    ],
)
def container_unprivileged(definition: Resource) -> Findings:
    """Look at the switch of each container."""
    for container in _containers(definition):
        if container.is_true("privileged"):
            yield definition.finding(f"{definition.label}: container {container.text('name') or ''} is privileged")


@AREA.rule(
    "container-own-namespaces",
    title="Tasks do not share the host's processes",
    cause="With the host's process namespace a container reads the memory and the environment of all others.",
    remedy="Leave pid_mode and ipc_mode out (or task).",
    types=[_DEFINITION],
    severity="high",
    controls=["ECS.3"],
    good=[_task({})],
    bad=[_task({}, pidMode="host"), _task({}, ipcMode="host")],
)
def container_own_namespaces(definition: Resource) -> Findings:
    """Look at both namespaces."""
    for path in ("pidMode", "ipcMode"):
        if definition.text(path) == "host":
            yield definition.finding(f"{definition.label} shares the host's {path.removesuffix('Mode')} namespace")


@AREA.rule(
    "container-not-root-on-host-network",
    title="Containers on the host's network run as a user of their own",
    cause="Root on the host's network reads its traffic and the metadata service's credentials.",
    remedy="Use network_mode=awsvpc, or set user in each container.",
    types=[_DEFINITION],
    severity="high",
    controls=["ECS.1"],
    good=[_task({}, networkMode="awsvpc"), _task({"user": "1000"}, networkMode="host")],
    bad=[_task({}, networkMode="host"), _task({"user": "root"}, networkMode="host")],
)
def container_not_root_on_host_network(definition: Resource) -> Findings:
    """Look at the user of each container on the host's network."""
    if definition.text("networkMode") != "host":
        return
    for container in _containers(definition):
        if container.lacks("user") or container.text("user") in ("root", "0"):
            yield definition.finding(f"{definition.label}: {container.text('name') or 'a container'} is root there")


@AREA.rule(
    "container-read-only",
    title="Containers cannot write their root file system",
    cause="A writable root lets an intruder bring tools that stay until the next deployment.",
    remedy="Set readonlyRootFilesystem=true and mount volumes for what must be written.",
    types=[_DEFINITION],
    controls=["ECS.5"],
    good=[_task({})],
    bad=[_task({"readonlyRootFilesystem": False}), _task({"readonlyRootFilesystem": None})],
)
def container_read_only(definition: Resource) -> Findings:
    """Look at the switch of each container."""
    for container in _containers(definition):
        if container.not_true("readonlyRootFilesystem"):
            yield definition.finding(
                f"{definition.label}: {container.text('name') or 'a container'} can write its root"
            )


@AREA.rule(
    "container-logs",
    title="Containers write logs",
    cause="What a container printed before it died is gone with it.",
    remedy="Set logConfiguration with the awslogs or awsfirelens driver.",
    types=[_DEFINITION],
    controls=["ECS.9", "cdk-nag ECS7"],
    good=[_task({})],
    bad=[_task({"logConfiguration": None})],
)
def container_logs(definition: Resource) -> Findings:
    """Look for a driver in each container."""
    for container in _containers(definition):
        if container.lacks("logConfiguration.logDriver"):
            yield definition.finding(f"{definition.label}: {container.text('name') or 'a container'} writes no logs")
