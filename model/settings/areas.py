"""The areas of the settings that run and watch things.

Owns what each area may hold and the rules inside one area; the areas that keep data stand in `stores`, rules that
need two areas, or the environment, in `tree`. Limits are AWS's own unless the text says that they are ours.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from model.settings.base import (
    AccountId,
    CpuQuantity,
    EmailAddress,
    ImageTag,
    MemoryQuantity,
    PrivateNetwork,
    Range,
    Region,
    RoleArn,
    Section,
    TagValue,
    ZoneName,
)


class Account(Section):
    """Where the stack lives.

    Attributes:
        id: AWS account, one per environment; the provider refuses any other.
        region: Home region.
        deployer_role_arn: Role that runs `pulumi up`; gets the clusters' only unscoped access entry.
    """

    id: AccountId
    region: Annotated[Region, Field(examples=["ap-northeast-2"])]
    deployer_role_arn: RoleArn


class Ownership(Section):
    """Who answers and who pays; both become tags."""

    owner: Annotated[TagValue, Field(examples=["platform-team"])]
    cost_center: Annotated[TagValue, Field(examples=["cc-1042"])]


class Domain(Section):
    """The public zone, made and delegated by `bootstrap` before the first deployment.

    Attributes:
        zone_id: Id of the hosted zone.
        zone_name: Its name; `origin.<zone_name>` is what CloudFront will call and what the certificate names.
    """

    zone_id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]{1,31}$", examples=["Z0123456789ABCDEFGHIJ"])]
    zone_name: ZoneName


class Network(Section):
    """The VPC.

    Attributes:
        cidr: /16 to /20; see `model.subnets` for how it is cut.
        availability_zones: Names, never looked up: a list that moves by itself would replace subnets.
        nat: One gateway (cheap, dies with its zone) or one per zone.
        interface_endpoints: Whether AWS APIs are reached privately; about 10 USD a month per endpoint and zone.
        encryption_control: Whether flow logs say of each flow if it was encrypted; about 150 USD a month in Tokyo.
    """

    cidr: Annotated[PrivateNetwork, Field(examples=["10.10.0.0/16"])]
    availability_zones: Annotated[
        tuple[str, ...],
        Field(min_length=2, max_length=4, examples=["[ap-northeast-2a, ap-northeast-2c]"]),
    ]
    nat: Literal["single", "per-zone"]
    interface_endpoints: bool
    encryption_control: bool


class Workload(Section):
    """One Helm release.

    Attributes:
        image_tag: Version of the image, never `latest`; `TAG@sha256:...` also says by digest which image that is.
        replicas: Bounds of the horizontal pod autoscaler.
        cpu: Requested by each pod.
        memory: Requested by and limit of each pod.
    """

    image_tag: Annotated[ImageTag, Field(examples=["1.4.2"])]
    replicas: Range
    cpu: Annotated[CpuQuantity, Field(examples=["250m"])]
    memory: Annotated[MemoryQuantity, Field(examples=["512Mi"])]

    @property
    def image(self) -> dict[str, str]:
        """The image's tag, and its digest where one is set, as the charts take them."""
        tag, _, digest = self.image_tag.partition("@")
        return {"tag": tag, **({"digest": digest} if digest else {})}

    @model_validator(mode="after")
    def _ordered(self) -> Workload:
        if self.replicas.min > self.replicas.max:
            raise ValueError(f"replicas.min {self.replicas.min} is above replicas.max {self.replicas.max}: swap them")
        if self.replicas.peak is not None and not self.replicas.min <= self.replicas.peak <= self.replicas.max:
            raise ValueError(
                f"replicas.peak {self.replicas.peak} is outside {self.replicas.min} to {self.replicas.max}: "
                "move it between replicas.min and replicas.max"
            )
        return self


class Workloads(Section):
    """What runs in the clusters, where `clusters.contents` lets it."""

    web: Workload
    user: Workload
    item: Workload
    pay: Workload

    @property
    def by_name(self) -> dict[str, Workload]:
        """Every release's settings."""
        return {"web": self.web, "user": self.user, "item": self.item, "pay": self.pay}


class Access(Section):
    """Operators' way in.

    Attributes:
        bastion: Whether there is one; it needs the network's interface endpoints, having no other way to AWS.
    """

    bastion: bool


class Registry(Section):
    """The repositories of our images.

    Attributes:
        versions: How many tagged images each one keeps, the newest first; the release to roll back to must be one.
    """

    versions: Annotated[int, Field(ge=10, le=1000)]


class Logs(Section):
    """How long logs are kept.

    Attributes:
        retention_days: In CloudWatch, where they are searched.
        archive_days: In S3, where they are kept.
    """

    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557]
    archive_days: Annotated[int, Field(ge=30, le=3653)]


class Notifications(Section):
    """Who is told of what needs a person.

    Attributes:
        emails: Addresses; each must confirm a mail from AWS before it hears anything.
        slack_webhook_secret: Name of the secret that holds the address of a Slack webhook and nothing else; people make
            it, so that neither program nor state ever sees it. None means no Slack.
        slack_executions: Executions at once that are reserved for the function that posts to Slack, and its limit. None
            reserves nothing: accounts with a Lambda quota of 10, as new ones have, must keep all ten unreserved.
    """

    emails: Annotated[tuple[EmailAddress, ...], Field(examples=["[ops@company.com]"])]
    slack_webhook_secret: Annotated[
        str | None, Field(pattern=r"^[a-z0-9/_.-]{1,120}$", examples=["operations/slack-webhook"])
    ] = None
    slack_executions: Annotated[int | None, Field(ge=1, le=100)] = None

    @model_validator(mode="after")
    def _once(self) -> Notifications:
        if len(set(self.emails)) != len(self.emails):
            raise ValueError("names an address twice, which would be told twice: remove one")
        return self


class Budget(Section):
    """What the account may cost.

    Attributes:
        monthly_usd: Limit of a month; nothing stops at it, people are told.
        anomaly_usd: Least unusual cost of a service that is worth telling.
        anomaly_monitor_arn: The account's monitor of services, where there is one; AWS makes it in many accounts and
            admits no second. None means that the stack makes it.
    """

    monthly_usd: Annotated[int, Field(ge=1, le=10_000_000)]
    anomaly_usd: Annotated[int, Field(ge=1, le=1_000_000)]
    anomaly_monitor_arn: Annotated[
        str | None,
        Field(
            pattern=r"^arn:aws[a-z-]*:ce::\d{12}:anomalymonitor/[0-9a-f-]{36}$",
            examples=["arn:aws:ce::111122223333:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef"],
        ),
    ] = None


class AccountGuard(Section):
    """Which guards of the account the stack owns; off where an organization has them already.

    Attributes:
        defaults: No public bucket or snapshot, encrypted volumes, metadata by session.
        guard_duty: Threats, by logs and by an agent in the clusters; billed by volume, about 1 to 3 % of the rest.
        inspector: Known vulnerabilities in images, instances and functions; billed by what is scanned.
        access_analyzer: What other accounts or everybody may reach; free of charge.
    """

    defaults: bool
    guard_duty: bool
    inspector: bool
    access_analyzer: bool


class Experiments(Section):
    """Whether AWS FIS may be asked to break parts of the stack.

    Attributes:
        enabled: Makes the templates; nothing runs before somebody starts one.
    """

    enabled: bool


REGIONS_WITHOUT_ENCRYPTION_CONTROL: Final = frozenset(
    {
        "ap-east-2",
        "ap-northeast-2",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "cn-north-1",
        "cn-northwest-1",
        "eu-south-2",
        "il-central-1",
        "mx-central-1",
    }
)
"""Where AWS does not offer VPC Encryption Controls, by CloudFormation's list of types in each region."""
