"""What a kubelet would report of a pod on its node: pure functions from a pod and its fault to a status.

Owns phases, conditions and container states. Readiness gates count as passed: the load balancer that would pass them
is part of the simulated cloud, which registers every target at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rehearsal.nodes.faults import FaultKind

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

_RESTARTS_SHOWN = 5
_WAITING = {
    FaultKind.IMAGE_PULL: ("ImagePullBackOff", "Back-off pulling image"),
    FaultKind.CRASH_LOOP: ("CrashLoopBackOff", "back-off 5m0s restarting failed container"),
}


def is_finished(pod: JsonObject) -> bool:
    """Whether the pod has ended for good."""
    return _part(pod, "status").get("phase") in ("Succeeded", "Failed")


def runs_to_end(pod: JsonObject) -> bool:
    """Whether the pod belongs to a job, or is a hook that Helm made: it ends by itself."""
    owners = cast("list[JsonObject]", _part(pod, "metadata").get("ownerReferences") or [])
    return any(owner["kind"] == "Job" for owner in owners) or _part(pod, "spec").get("restartPolicy") == "Never"


def wanted_status(pod: JsonObject, fault: FaultKind | None, *, address: str, node_address: str, now: str) -> JsonObject:
    """The status to report. `now` is used for what starts now; what had started before keeps its time."""
    started = str(_part(pod, "status").get("startTime") or now)
    ended = fault is None and runs_to_end(pod)
    ready = fault is None and not ended
    reason = "PodCompleted" if ended else "ContainersNotReady"
    spec = _part(pod, "spec")
    gates = [str(gate["conditionType"]) for gate in cast("list[JsonObject]", spec.get("readinessGates") or [])]
    conditions = [
        _condition("PodScheduled", now=started, holds=True),
        _condition("Initialized", now=started, holds=True),
        *(_condition(name, now=started, holds=ready, reason=reason) for name in ("ContainersReady", "Ready", *gates)),
    ]
    phase = "Succeeded" if ended else "Pending" if fault is FaultKind.IMAGE_PULL else "Running"
    containers = cast("list[JsonObject]", spec.get("containers") or [])
    prepared = cast("list[JsonObject]", spec.get("initContainers") or [])
    return {
        "phase": phase,
        "startTime": started,
        "hostIP": node_address,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": [*conditions],
        "containerStatuses": [_container(item, fault, ended=ended, started=started) for item in containers],
        "initContainerStatuses": [_container(item, None, ended=True, started=started) for item in prepared],
    }


def differs(pod: JsonObject, wanted: JsonObject) -> bool:
    """Whether the pod's status must be reported again."""
    status = _part(pod, "status")
    return any(status.get(key) != value for key, value in wanted.items() if value or status.get(key))


def _container(container: JsonObject, fault: FaultKind | None, *, ended: bool, started: str) -> JsonObject:
    image = str(container.get("image"))
    ready = fault is None and not ended
    report: JsonObject = {
        "name": container["name"],
        "image": image,
        "imageID": "" if fault is FaultKind.IMAGE_PULL else f"{image}@simulated",
        "ready": ready or ended,
        "started": fault in (None, FaultKind.NEVER_READY) and not ended,
        "restartCount": _RESTARTS_SHOWN if fault is FaultKind.CRASH_LOOP else 0,
    }
    finished: JsonObject = {"exitCode": 0 if ended else 1, "reason": "Completed" if ended else "Error"}
    finished |= {"startedAt": started, "finishedAt": started}
    if ended:
        return {**report, "state": {"terminated": finished}}
    if fault in _WAITING:
        reason, message = _WAITING[fault]
        detail = f'{message} "{image}"' if fault is FaultKind.IMAGE_PULL else f"{message}={container['name']}"
        last: JsonObject = {"lastState": {"terminated": finished}} if fault is FaultKind.CRASH_LOOP else {}
        return {**report, "state": {"waiting": {"reason": reason, "message": detail}}, **last}
    return {**report, "state": {"running": {"startedAt": started}}}


def _condition(kind: str, *, now: str, holds: bool, reason: str = "") -> JsonObject:
    condition: JsonObject = {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": now}
    if not holds:
        condition |= {"reason": reason, "message": f"containers with unready status ({reason})"}
    return condition


def _part(value: JsonObject, key: str) -> JsonObject:
    return cast("JsonObject", value.get(key) or {})
