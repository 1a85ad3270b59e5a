"""Settings of the bootstrap project, which is run once per account, before the platform.

Owns what that project asks for. Does not own the platform's settings, which take its results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

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
_SAME: Final[Tree] = {
    "account": {"region": "ap-northeast-2", "recoveryRegion": "ap-northeast-1"},
    "operators": {"mayDeploy": False},
}
_DEV: Final[Tree] = {**_SAME, "operators": {"mayDeploy": True}}
_SINGLE_SIGN_ON: Final = ":role/aws-reserved/sso.amazonaws.com/"
_PERSON: Final = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:(?:user/[\w+=,.@/-]+"
    # Without a region where IAM Identity Center is at home in us-east-1.
    r"|role/aws-reserved/sso\.amazonaws\.com/(?:(?:[a-z0-9-]+|\*)/)?AWSReservedSSO_[\w+=,.@-]+_(?:[0-9a-f]{16}|\*))"
)


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
    """Whose workflows may deploy.

    GitHub writes the ids of owner and repository into what it signs, so that nobody can take a name that was given up
    and be believed. Repositories made, renamed or moved after 2026-07-15 do so, older ones when their owner asks for it
    (GitHub's changelog of 2026-04-23 and its OpenID Connect reference).

    Attributes:
        repository: Owner and name, in the letters that GitHub shows; only its workflows are believed.
        owner_id: Number of the owner, which outlives its name.
        repository_id: Number of the repository.
        immutable_subjects: Whether GitHub signs the ids; false for an older repository that never asked for it.
        branch: Branch whose scheduled workflows may preview, to find drift.
    """

    repository: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$", examples=["cinema/fast-order"])
    ]
    owner_id: Annotated[int, Field(ge=1, examples=[123456])] | None = None
    repository_id: Annotated[int, Field(ge=1, examples=[456789])] | None = None
    immutable_subjects: bool = True
    branch: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,100}$", examples=["main"])] = "main"

    @property
    def subject(self) -> str:
        """The beginning of what GitHub signs for each workflow of the repository, before what the workflow is for."""
        owner, _, name = self.repository.partition("/")
        if not self.immutable_subjects:
            return f"repo:{owner}/{name}"
        return f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}"


def _person(arn: str) -> str:
    if not _PERSON.fullmatch(arn):
        raise ValueError(
            "is no person: write arn:aws:iam::<12 digits>:user/<name>, whose MFA is asked for, or a permission set of"
            " IAM Identity Center as arn:aws:iam::<12 digits>:role/aws-reserved/sso.amazonaws.com/<region>/"
            "AWSReservedSSO_<permission set>_<suffix>, or * as the suffix, which changes when the set is assigned anew"
        )
    return arn


class Operators(Section):
    """People who work on the account from their own machines.

    Attributes:
        principal_arns: Users of IAM and permission sets of IAM Identity Center that may take the operator's role; none
            means that nobody can.
        may_deploy: Whether the role may do all that the deployer may; only dev does by itself.
    """

    principal_arns: tuple[Annotated[str, AfterValidator(_person)], ...] = ()
    may_deploy: bool

    @property
    def users(self) -> tuple[str, ...]:
        """Users, who prove themselves with MFA at AWS."""
        return tuple(arn for arn in self.principal_arns if _SINGLE_SIGN_ON not in arn)

    @property
    def permission_sets(self) -> tuple[str, ...]:
        """Roles of permission sets, whose people proved themselves at IAM Identity Center."""
        return tuple(arn for arn in self.principal_arns if _SINGLE_SIGN_ON in arn)


class Bootstrap(Section):
    """All settings of the project.

    Attributes:
        environment: Name of the stack.
        account: Account and regions.
        ownership: Owner and cost center.
        zone: Public zone.
        github: Whose workflows may deploy.
        operators: Which people may work on it.
    """

    environment: Environment
    account: Home
    ownership: Ownership
    zone: Zone
    github: GitHub
    operators: Operators

    @model_validator(mode="after")
    def _ids_go_with_the_form(self) -> Bootstrap:
        github = self.github
        for key, value in {"ownerId": github.owner_id, "repositoryId": github.repository_id}.items():
            if github.immutable_subjects and value is None:
                raise ValueError(
                    f"github.{key}: is missing: ask `gh api repos/{github.repository} --jq '.owner.id, .id'`; an older"
                    " repository whose tokens carry names only says immutableSubjects: false instead"
                )
            if not github.immutable_subjects and value is not None:
                raise ValueError(
                    f"github.{key}: is not signed without immutableSubjects: remove it, or immutableSubjects: false"
                )
        return self

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
        """What deployments and people may do in the account."""
        return Rights(
            conventions=self.conventions,
            recovery_region=self.account.recovery_region,
            operators_deploy=self.operators.may_deploy,
        )


def load_bootstrap(stack: str, config: Mapping[str, str]) -> Bootstrap:
    """Return the settings of a stack of the bootstrap project.

    Raises:
        SettingsError: As for the platform's settings.
    """
    return Loader(PROJECT, Bootstrap, {"dev": _DEV, "stg": _SAME, "prod": _SAME}).load(stack, config)
