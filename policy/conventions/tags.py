"""The nine required tags, the values that some are limited to, and which types take tags.

Owns the guard's own statement of the tagging rule. The list of taggable types is a generated file, since the pack
must not load the AWS SDK (a second of start time) and absent tags cannot be told from a type that takes none.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from .names import ENVIRONMENTS, SYSTEMS

TAGGABLE_FILE: Final = Path(__file__).resolve().parent / "taggable.txt"
REQUIRED: Final = (
    "Name",
    "Environment",
    "System",
    "Role",
    "Owner",
    "CostCenter",
    "DataClass",
    "BackupTier",
    "ManagedBy",
)
ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "Environment": ENVIRONMENTS,
    "System": SYSTEMS,
    "DataClass": ("public", "internal", "confidential", "secret"),
    "BackupTier": ("none", "daily", "critical"),
    "ManagedBy": ("pulumi",),
}


@lru_cache(maxsize=1)
def taggable() -> frozenset[str]:
    """Return the short types of the resources that take tags."""
    lines = TAGGABLE_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
