"""Settings of the bootstrap project, which is run once per account, before the platform.

Owns what that project asks for. Does not own the platform's settings, which take its results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from model.arns import Arns
from model.conventions import Conventions
from model.naming import Environment, Naming
from model.rights import Rights
from model.settings.areas import Ownership
from model.settings.base import AccountId, Region, Section, ZoneName
from model.settings.defaults import Tree
from model.settings.loader import Loader
from model.tags import Tagging

PROJECT: Final = "fast-order-bootstrap"
_LOG_DAYS: Final = 400
"""As long as the platform's own logs."""
_SAME: Final[Tree] = {"account": {"region": "ap-northeast-2", "recoveryRegion": "ap-northeast-1"}}


class Home(Section):
    """Where the account's foundations lie.

    Attributes:
        id: AWS account, one per environment; the provider refuses any other.
        region: Home region.
        recovery_region: The one other region that deployments may use, besides CloudFront's.
    """

    id: AccountId
    region: Annotated[Region, Field(examples=["ap-northeast-2"])]
    recovery_region: Annotated[Region, Field(examples=["ap-northeast-1"])]


class Zone(Section):
    """The public zone that is made here and delegated by hand.

    Attributes:
        name: Its name, such as `dev.fastorder.example`.
    """

    name: ZoneName


class GitHub(Section):
    """Who may deploy.

    Attributes:
        repository: Owner and name; only its workflows are believed.
        branch: Branch whose scheduled workflows may preview, to find drift.
    """

    repository: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$", examples=["cinema/fast-order"])
    ]
    branch: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,100}$", examples=["main"])] = "main"


class Bootstrap(Section):
    """All settings of the project.

    Attributes:
        environment: Name of the stack.
        account: Account and regions.
        ownership: Owner and cost center.
        zone: Public zone.
        github: Who may deploy.
    """

    environment: Environment
    account: Home
    ownership: Ownership
    zone: Zone
    github: GitHub

    @property
    def conventions(self) -> Conventions:
        """What every component follows; foundations outlive mistakes in every environment."""
        return Conventions(
            naming=Naming(self.environment, self.account.id, self.account.region),
            tagging=Tagging(
                environment=self.environment, owner=self.ownership.owner, cost_center=self.ownership.cost_center
            ),
            arns=Arns(self.account.id, self.account.region),
            protect=True,
            log_retention_days=_LOG_DAYS,
        )

    @property
    def rights(self) -> Rights:
        """What deployments of the account may do."""
        return Rights(conventions=self.conventions, recovery_region=self.account.recovery_region)


def load_bootstrap(stack: str, config: Mapping[str, str]) -> Bootstrap:
    """Return the settings of a stack of the bootstrap project.

    Raises:
        SettingsError: As for the platform's settings.
    """
    return Loader(PROJECT, Bootstrap, {"dev": _SAME, "stg": _SAME, "prod": _SAME}).load(stack, config)
