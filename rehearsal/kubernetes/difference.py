"""What changed between two JSON objects, as Pulumi property paths.

Owns paths and the three-way rule: what the program no longer sets is a deletion only when the program had set it
before, because Kubernetes and Helm add fields of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from pulumi.runtime.proto import provider_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rehearsal.cloud import Json

Change: TypeAlias = "tuple[str, str]"
"""A property path and `add`, `update` or `delete`."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def changes(live: Json, old: Json, new: Json, path: str = "") -> Iterator[Change]:
    """What must change in `live` to become `new`; `old` is what the program asked for before."""
    if isinstance(live, dict) and isinstance(new, dict):
        asked = old if isinstance(old, dict) else {}
        for key in new:
            yield from (
                changes(live[key], asked.get(key), new[key], _join(path, key))
                if key in live
                else ((_join(path, key), "add"),)
            )
        for key in asked:
            if key not in new and key in live:
                yield _join(path, key), "delete"
    elif isinstance(live, list) and isinstance(new, list) and len(live) == len(new):
        previous = old if isinstance(old, list) and len(old) == len(new) else [None] * len(new)
        for index, (was, asked, wanted) in enumerate(zip(live, previous, new, strict=True)):
            yield from changes(was, asked, wanted, f"{path}[{index}]")
    elif live != new:
        yield path, "update"


def response(
    found: Iterable[Change], *, replacing: Iterable[str] = (), ignored: Iterable[str] = ()
) -> provider_pb2.DiffResponse:
    """The engine's answer: paths at or below `replacing` force a replacement, those below `ignored` do not count."""
    ignored, replacing = tuple(ignored), tuple(replacing)
    kept: Mapping[str, str] = {path: kind for path, kind in found if not _under(path, ignored)}
    replaces = [path for path in kept if _under(path, replacing)]
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if kept else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=sorted({re.split(r"[.\[]", path)[0] for path in kept}),
        replaces=replaces,
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[kind, path in replaces]) for path, kind in kept.items()
        },
        hasDetailedDiff=True,
    )


def _under(path: str, parents: Iterable[str]) -> bool:
    return any(path == parent or path.startswith((f"{parent}.", f"{parent}[")) for parent in parents)


def _join(path: str, key: str) -> str:
    step = key if _IDENTIFIER.fullmatch(key) else f'["{key}"]'
    return f"{path}.{step}" if path and not step.startswith("[") else f"{path}{step}"
