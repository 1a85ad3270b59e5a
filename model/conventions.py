"""The conventions that every component follows: names, tags, ARNs and how hard it is to lose state.

Owns the bundle that is handed to each component, so that none of them reads configuration or decides on policy of
names by itself. Does not own the rules in it; those stand in `naming`, `tags` and `arns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from model.arns import Arns
from model.naming import Naming, System
from model.tags import BackupTier, DataClass, Tagging

EDGE_REGION: Final = "us-east-1"
"""Where CloudFront's certificate, firewall and log sources live, whatever the home region is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What one environment agrees on.

    Attributes:
        naming: Makes physical names.
        tagging: Makes tags.
        arns: Makes ARNs that are known beforehand.
        protect: Whether state outlives mistakes: Pulumi's `protect` and `retain_on_delete`, the services' own
            deletion protection.
        disposable: Whether it may go for good when the environment goes: no final snapshot, short windows, containers
            deleted with their contents.
        log_retention_days: How long CloudWatch keeps a log group's events.
    """

    naming: Naming
    tagging: Tagging
    arns: Arns
    protect: bool
    log_retention_days: int
    disposable: bool = False

    @property
    def region(self) -> str:
        """Home region."""
        return self.naming.region

    @property
    def log_sources(self) -> list[str]:
        """ARNs, as patterns, of all that CloudWatch Logs delivers: at home, and for CloudFront."""
        return [self.arns.of("logs", "*"), self.arns.of("logs", "*", region=EDGE_REGION)]

    @property
    def account_id(self) -> str:
        """Account of this environment, twelve digits."""
        return self.naming.account_id

    def tags(
        self,
        resource: str,
        role: str,
        sequence: int = 1,
        *,
        system: System = "common",
        public: bool = False,
        data_class: DataClass = DataClass.INTERNAL,
        backup_tier: BackupTier = BackupTier.NONE,
    ) -> dict[str, str]:
        """Return the tags of a resource that has the name of the rule.

        Args:
            resource: Short name of the AWS service, as `Naming.name` takes it.
            role: Also the tag `Role`.
            sequence: Counts resources that are alike.
            system: Also the tag `System`.
            public: Whether it faces the internet.
            data_class: Of what it holds.
            backup_tier: Which backup plan picks it up.

        Raises:
            NamingError: As for the name.
        """
        name = self.naming.name(resource, role, sequence, system=system, public=public)
        return self.tagging.tags(name, role, system=system, data_class=data_class, backup_tier=backup_tier)
