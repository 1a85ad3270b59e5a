"""What an API server refuses to change in an object of a built-in kind, by the table `unchangeable.toml`.

Owns how a rule of the table is read. Compares what the program wrote, not what a server makes of it: of the values that
a server fills in, it knows those that the table names. Does not compare amounts, as `1` and `1000m`.
"""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from rehearsal.kubernetes.merge import merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Json, JsonObject

_TABLE: Final = Path(__file__).with_suffix(".toml")
# What a field of a condition is where nobody says it.
_UNSAID: Final[Mapping[str, Json]] = {
    "spec.completionMode": "NonIndexed",
    "spec.suspend": False,
    "spec.type": "ClusterIP",
}


def refusals(before: JsonObject, after: JsonObject) -> list[str]:
    """Why a server would refuse the change, each as `path: reason` in its own words."""
    kind = f"{after.get('apiVersion')} {after.get('kind')}"
    return [text for rule in rules().get(kind, ()) if (text := refusal(rule, before, after))]


@cache
def rules() -> Mapping[str, list[dict[str, Any]]]:
    """The table by `apiVersion kind`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["rule"]:
        for kind in rule["of"]:
            found.setdefault(kind, []).append(rule)
    return found


def refusal(rule: dict[str, Any], before: JsonObject, after: JsonObject) -> str | None:
    """Why the change breaks this rule, or None."""
    for path, wanted in rule.get("only_if", {}).items():
        for value in (before, after) if path == "spec.type" else (before,):
            if _at(value, path, _UNSAID.get(path)) not in (wanted if isinstance(wanted, list) else [wanted]):
                return None
    unset = [path for path in rule.get("once", ()) if _at(before, f"{rule['field']}.{path}") is None]
    was, now = (_compared(rule, value, [*rule.get("but", ()), *unset]) for value in (before, after))
    if was == now or (rule.get("sticky") and not now):
        return None
    path, says = rule.get("reported", rule["field"]), rule.get("says", "field is immutable")
    shown = _at(after, rule["field"])
    return f"{path}: Forbidden: {says}" if rule.get("forbidden") else f"{path}: Invalid value: {_text(shown)}: {says}"


def _compared(rule: dict[str, Any], thing: JsonObject, free: list[str]) -> Json:
    """The field's value with what the server adds and without what may change; nothing and empty are the same."""
    value, default = deepcopy(_at(thing, rule["field"])), rule.get("default")
    if isinstance(default, dict):
        value = merge(cast("JsonObject", default), {}, value if isinstance(value, dict) else {})
    elif value is None:
        value = default
    for path in free:
        _remove(value, path.split("."))
    return value or None


def _remove(value: Json, steps: list[str]) -> None:
    if not isinstance(value, dict):
        return
    name = steps[0].removesuffix("[*]")
    if len(steps) == 1:
        value.pop(name, None)
        return
    inner = value.get(name)
    for item in inner if isinstance(inner, list) else [inner]:
        _remove(item, steps[1:])
    if inner == {}:
        del value[name]


def _at(thing: JsonObject, path: str, default: Json = None) -> Json:
    value: Json = thing
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return default if value is None else value


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
