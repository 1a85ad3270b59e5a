"""The cases of `updates.yaml`: objects and changes of them, with what a server says of each change."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

NAMESPACE: Final = "updates"
_CASES: Final = Path(__file__).parent / "updates.yaml"


@dataclass(frozen=True, kw_only=True)
class Update:
    """One change of one object; `refused` is part of the refusal, None where it is taken."""

    before: JsonObject
    after: JsonObject
    refused: str | None
    name: str

    def __str__(self) -> str:
        return self.name


def updates() -> list[Update]:
    """All cases in the order of the file."""
    pairs = [
        (case["object"], change)
        for case in yaml.safe_load(_CASES.read_text(encoding="utf-8"))
        for change in case["changes"]
    ]
    return [_update(number, *pair) for number, pair in enumerate(pairs)]


def _update(number: int, manifest: dict[str, Any], change: dict[str, Any]) -> Update:
    before = deepcopy(manifest)
    # An object of its own for each change: a server deletes some in its own time.
    before["metadata"] |= {"name": f"{manifest['metadata']['name']}-{number}", "namespace": NAMESPACE}
    after = deepcopy(before)
    for path, value in change.get("set", {}).items():
        parent, last = _parent(after, path)
        parent[last] = value
    for path in change.get("leave", ()):
        parent, last = _parent(after, path)
        del parent[last]
    touched = "+".join([*change.get("set", {}), *change.get("leave", ())])
    return Update(
        before=cast("JsonObject", before),
        after=cast("JsonObject", after),
        refused=change.get("refused"),
        name=f"{before['kind']}-{touched}-{'refused' if change.get('refused') else 'taken'}",
    )


def _parent(manifest: dict[str, Any], path: str) -> tuple[Any, str]:
    """What holds the last step of the path; numbers are places in lists."""
    *steps, last = path.split(".")
    inner: Any = manifest
    for step in steps:
        inner = inner[int(step)] if step.isdecimal() else inner.setdefault(step, {})
    return inner, last
