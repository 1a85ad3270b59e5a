"""What all settings share: a frozen, strict model with camelCase keys, and the value types used in several areas.

Owns the form of single values (an account, a quantity, a CIDR list). Does not own the areas built from them, nor
rules that need two areas.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_PRIVATE: Final = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))


class Section(BaseModel):
    """Base of every settings class: keys are camelCase in yaml, unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


def _private(network: IPv4Network) -> IPv4Network:
    if not any(network.subnet_of(block) for block in _PRIVATE):
        raise ValueError("must be private (RFC 1918): use a block of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return network


def _public(network: IPv4Network) -> IPv4Network:
    if network.prefixlen == 0:
        raise ValueError("admits the whole internet: list the addresses of your offices or VPN")
    if any(network.overlaps(block) for block in _PRIVATE):
        raise ValueError("is private, which EKS refuses for a public endpoint: list public addresses")
    return network


def _pinned(tag: str) -> str:
    if tag.partition("@")[0] == "latest":
        raise ValueError("moves by itself: pin a version such as 1.4.2")
    return tag


def _role_arn(arn: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", arn):
        raise ValueError("is no role: write arn:aws:iam::<12 digits>:role/<name>")
    return arn


PrivateNetwork = Annotated[IPv4Network, AfterValidator(_private)]
PublicNetwork = Annotated[IPv4Network, AfterValidator(_public)]
RoleArn = Annotated[str, AfterValidator(_role_arn)]
ImageTag = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?$"), AfterValidator(_pinned)
]
CpuQuantity = Annotated[str, Field(pattern=r"^[1-9][0-9]*m?$")]
MemoryQuantity = Annotated[str, Field(pattern=r"^[1-9][0-9]*(Mi|Gi)$")]
EmailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@([a-z0-9-]+\.)+[a-z]{2,63}$")]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$", examples=["123456789012"])]
ZoneName = Annotated[
    str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", examples=["dev.fastorder.example"])
]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[1-9]$")]
TagValue = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9 _.:/=+@-]+$")]


class Range(Section):
    """Least and most of something that scales.

    Attributes:
        min: Kept even without load.
        peak: Kept in peak hours; none means that a peak changes nothing.
        max: Never exceeded.
    """

    min: int = Field(ge=1)
    peak: int | None = None
    max: int = Field(ge=1, le=1000)
