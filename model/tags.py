"""Tags: the nine keys on everything that takes tags, and the words that may stand in them.

Owns the keys and the meaning of their values. Does not own where they are put: each component tags its own
resources, because the provider's default tags would miss what AWS makes on our behalf.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from model.naming import Environment, System

REQUIRED_TAGS: Final = (
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


class DataClass(StrEnum):
    """How much harm a leak would do; decides who may read and which key encrypts."""

    PUBLIC = "public"
    """Anyone may read it: the static files of the site."""
    INTERNAL = "internal"
    """Operations data without customers in it: infrastructure, metrics, flow logs."""
    CONFIDENTIAL = "confidential"
    """Customers' orders and members, and all that can reveal them."""
    SECRET = "secret"  # noqa: S105 - the word for a class of data, not a password
    """Credentials and keys."""


class BackupTier(StrEnum):
    """Which backup plan picks a resource up, by this tag."""

    NONE = "none"
    """Made again from code or holding nothing: no backup."""
    DAILY = "daily"
    """Snapshot each night, kept as the stack's settings say."""
    CRITICAL = "critical"
    """As daily, and copied to the disaster-recovery region where the stack has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """Makes the tags of one environment.

    Attributes:
        environment: Goes into `Environment`.
        owner: Team that answers for the resources.
        cost_center: Where the cost is booked.
    """

    environment: Environment
    owner: str
    cost_center: str

    def tags(
        self,
        name: str,
        role: str,
        *,
        system: System = "common",
        data_class: DataClass = DataClass.INTERNAL,
        backup_tier: BackupTier = BackupTier.NONE,
    ) -> dict[str, str]:
        """Return the nine tags of a resource, `Name` being its physical name."""
        return {
            "Name": name,
            "Environment": self.environment,
            "System": system,
            "Role": role,
            "Owner": self.owner,
            "CostCenter": self.cost_center,
            "DataClass": data_class.value,
            "BackupTier": backup_tier.value,
            "ManagedBy": "pulumi",
        }
