"""When an object counts as ready, by kind: the rules of the official provider for the kinds that this program uses.

Owns the rules only; who asks, how often and how long is the caller's. Kinds that are not named here are ready as soon
as the server took them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from rehearsal.cloud import Json, JsonObject


def unready_reason(live: JsonObject) -> str | None:
    """Why the object is not ready yet, or None when it is."""
    kind = str(live.get("kind"))
    rule = _RULES.get(kind)
    return rule(live) if rule else None


def _workload(live: JsonObject) -> str | None:
    spec, status = _part(live, "spec"), _part(live, "status")
    if _number(status, "observedGeneration") < _number(_part(live, "metadata"), "generation"):
        return "the controller has not seen this version yet"
    wanted = _number(spec, "replicas", default=1)
    updated, available = _number(status, "updatedReplicas"), _number(status, "availableReplicas")
    stalled = next((text for kind, text in _conditions(live).items() if kind == "ReplicaFailure"), None)
    if updated < wanted or available < wanted or _number(status, "replicas") > wanted:
        return f"{updated} of {wanted} replicas updated, {available} available" + (f"; {stalled}" if stalled else "")
    return None


def _daemon_set(live: JsonObject) -> str | None:
    status = _part(live, "status")
    wanted, ready = _number(status, "desiredNumberScheduled"), _number(status, "numberReady")
    return None if ready >= wanted else f"{ready} of {wanted} pods ready"


def _pod(live: JsonObject) -> str | None:
    return None if _has(live, "Ready") or _part(live, "status").get("phase") == "Succeeded" else pod_reason(live)


def _job(live: JsonObject) -> str | None:
    if _has(live, "Complete"):
        return None
    return _conditions(live).get("Failed") or "the job has not completed"


def _definition(live: JsonObject) -> str | None:
    return None if _has(live, "Established") else "the definition is not established"


def pod_reason(pod: JsonObject) -> str:
    """Why a pod is not ready: its containers' own words, or the scheduler's."""
    status = _part(pod, "status")
    waiting: list[str] = []
    for container in cast("list[JsonObject]", status.get("containerStatuses") or []):
        for state, detail in _part(container, "state").items():
            if state != "running":
                inner = cast("JsonObject", detail)
                waiting.append(f"container {container['name']}: {inner.get('reason')}: {inner.get('message') or ''}")
    if waiting:
        return "; ".join(item.rstrip(": ") for item in waiting)
    for condition in cast("list[JsonObject]", status.get("conditions") or []):
        if condition.get("status") != "True" and condition.get("message"):
            return f"{condition['type']}: {condition['message']}"
    return f"the pod is {status.get('phase') or 'not scheduled'}, not ready"


def _part(value: JsonObject, key: str) -> JsonObject:
    return cast("JsonObject", value.get(key) or {})


def _number(value: JsonObject, key: str, default: int = 0) -> int:
    found: Json = value.get(key)
    return found if isinstance(found, int) else default


def _conditions(live: JsonObject) -> dict[str, str]:
    """Messages of the conditions that hold."""
    found = cast("list[JsonObject]", _part(live, "status").get("conditions") or [])
    return {
        str(item["type"]): str(item.get("message") or item.get("reason")) for item in found if item["status"] == "True"
    }


def _has(live: JsonObject, condition: str) -> bool:
    return condition in _conditions(live)


_RULES = {
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemon_set,
    "Deployment": _workload,
    "Job": _job,
    "Pod": _pod,
    "StatefulSet": _workload,
}
