"""The resource graph of a stack as reviewable text, and the differences between the inputs of two stacks.

The graph shows what a rename, a re-parenting or a lost protection would change: a line for each resource under its
parent, with its type, name and flags. The values of inputs are left out; tests of the components look at those.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.outcome import Json, Step

    Resource = Mapping[str, Json]

_INDENT = "  "
# The key by which the engine marks a sealed value in an exported state.
_SECRET = "4dabf18193072939515e22adb298388d"
# Invented values are long; a short one, such as "true" or a port, is a coincidence.
_SHORTEST_INVENTION = 8


def draw(steps: list[Step]) -> str:
    """Return the tree of a plan's resources, children sorted by name and type."""
    children: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        children[step.parent].append(step)
    return "\n".join(_branch("", children, 0)) + "\n"


def _branch(parent: str, children: Mapping[str, list[Step]], depth: int) -> Iterator[str]:
    for step in sorted(children.get(parent, []), key=lambda step: (step.name, step.type)):
        flags = [*(["protected"] if step.protected else []), *(["retained"] if step.retained else [])]
        yield _INDENT * depth + " ".join([step.name, step.type, *flags])
        yield from _branch(step.urn, children, depth + 1)


def resources(state: Mapping[str, Json]) -> list[Resource]:
    """Return the resources of an exported state."""
    deployment = cast("Mapping[str, Json]", state["deployment"])
    return cast("list[Resource]", deployment["resources"])


def flatten(state: Mapping[str, Json]) -> dict[str, str]:
    """Return every leaf of every resource's inputs as text, by `<type>::<name>.<path>`.

    What the cloud invented (ids, ARNs, endpoints) is replaced by where it came from, so that stacks can be compared.
    """
    origins: dict[str, str] = {}
    leaves: dict[str, str] = {}
    for resource in sorted(resources(state), key=lambda item: str(item["urn"])):
        given = {path: str(value) for path, value in _leaves(_path(resource), resource.get("inputs", {}))}
        made = {"id": resource.get("id", ""), **cast("Resource", resource.get("outputs", {}))}
        leaves |= given
        for path, value in _leaves(_path(resource), made):
            if isinstance(value, str) and len(value) >= _SHORTEST_INVENTION and value not in given.values():
                origins.setdefault(value, path)
    longest_first = sorted(origins, key=len, reverse=True)
    invented = re.compile("|".join(re.escape(value) for value in longest_first))
    return {path: invented.sub(lambda match: f"<{origins[match.group()]}>", text) for path, text in leaves.items()}


def _path(resource: Resource) -> str:
    return str(resource["urn"]).split("::", 2)[2]


def _leaves(path: str, value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        if _SECRET in value:
            yield path, "[secret]"
            return
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}[{index}]", item)
    else:
        yield path, value
