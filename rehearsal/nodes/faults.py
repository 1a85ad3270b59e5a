"""Orders to fail: which pods, node or zone misbehave, and how.

Owns the file in which a test or a person writes the orders and from which the simulator reads them, while the cluster
runs. A missing file means that everything works.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class FaultKind(Enum):
    """What goes wrong."""

    IMAGE_PULL = "image-pull"
    """The image cannot be pulled: the pod stays Pending."""
    NEVER_READY = "never-ready"
    """Containers run, but the readiness probe never passes."""
    CRASH_LOOP = "crash-loop"
    """Containers end with exit code 1 and are started again, in vain."""
    NODE_LOSS = "node-loss"
    """The node stops answering and its pods are gone."""
    ZONE_LOSS = "zone-loss"
    """So do all nodes of a zone."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One order.

    `target` is, for pods, `namespace` or `namespace/beginning of the pod's name`, and empty for all pods; for nodes and
    zones their name.
    """

    kind: FaultKind
    target: str = ""

    def strikes_pod(self, namespace: str, name: str) -> bool:
        """Whether this pod fails by this order."""
        wanted, _, beginning = self.target.partition("/")
        return self.kind in _POD_FAULTS and wanted in ("", namespace) and name.startswith(beginning)

    def strikes_node(self, name: str, zone: str) -> bool:
        """Whether this node is lost by this order."""
        lost = {FaultKind.NODE_LOSS: name, FaultKind.ZONE_LOSS: zone}.get(self.kind)
        return lost is not None and lost == self.target


_POD_FAULTS = (FaultKind.IMAGE_PULL, FaultKind.NEVER_READY, FaultKind.CRASH_LOOP)


def read_faults(file: Path) -> list[Fault]:
    """The orders in a file; raises `ValueError` for one that cannot be understood."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [Fault(kind=FaultKind(item["kind"]), target=item.get("target", "")) for item in json.loads(text)]


def write_faults(file: Path, faults: Iterable[Fault]) -> None:
    """Replaces the orders; an empty list heals everything."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([{**asdict(fault), "kind": fault.kind.value} for fault in faults])
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
