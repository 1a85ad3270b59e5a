"""The places that a rehearsal can act from, and the network facts of each.

Owns addresses outside of AWS, and how a machine inside a VPC is found in the simulated account: by its tag `Role`, as
the platform's own rules and runbooks find it. Does not own who admits whom (`network`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rehearsal.cloud import Cloud, CloudObject, Json

VARIABLE: Final = "FASTORDER_PLACE"


class Place(Enum):
    """Where a rehearsal acts from."""

    ANYWHERE = "anywhere"
    """Reaches everything, as no real place does."""
    OFFICE = "office"
    """An address of the company's, in the block that the committed stacks list."""
    HOSTED_RUNNER = "hosted-runner"
    """A runner of GitHub's: its address is on nobody's list."""
    VPC_RUNNER = "vpc-runner"
    """The runner in the VPC."""
    BASTION = "bastion"
    """The bastion in the VPC, through which a person's port is forwarded."""


OFFICE_VARIABLE: Final = "FASTORDER_OFFICE"
"""Names the office's address, for stacks whose file lists a real one."""
# Both from the blocks that RFC 5737 keeps for documentation.
_ADDRESSES: Final[Mapping[Place, IPv4Address]] = {
    Place.OFFICE: IPv4Address("203.0.113.10"),
    Place.HOSTED_RUNNER: IPv4Address("198.51.100.77"),
}
_ROLES: Final[Mapping[Place, str]] = {Place.VPC_RUNNER: "runner", Place.BASTION: "bastion"}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Something in a VPC that calls others.

    Attributes:
        groups: Ids of its security groups.
        networks: Blocks that its address is one of.
    """

    groups: frozenset[str]
    networks: tuple[IPv4Network, ...]


def current_place() -> Place:
    """The place of this process; raises `ValueError` for one that is none."""
    return Place(os.environ.get(VARIABLE) or Place.ANYWHERE.value)


def address_of(place: Place) -> IPv4Address | None:
    """The public address of a place outside of AWS; None for the others."""
    given = os.environ.get(OFFICE_VARIABLE) if place is Place.OFFICE else None
    return IPv4Address(given) if given else _ADDRESSES.get(place)


def machines(cloud: Cloud, place: Place) -> list[Machine]:
    """The machines that a place inside a VPC stands for; none before the platform has made them."""
    role = _ROLES[place]
    return [
        *(_instance(thing) for thing in _tagged(cloud, "aws:ec2/instance:Instance", role)),
        *(_builds(cloud, thing) for thing in _tagged(cloud, "aws:codebuild/project:Project", role)),
    ]


def _tagged(cloud: Cloud, kind: str, role: str) -> Iterator[CloudObject]:
    for thing in cloud.list(kind):
        tags = thing.properties.get("tags")
        if isinstance(tags, dict) and tags.get("Role") == role:
            yield thing


def _instance(thing: CloudObject) -> Machine:
    return Machine(
        groups=_texts(thing.properties.get("vpcSecurityGroupIds")),
        networks=(IPv4Network(str(thing.properties["privateIp"])),),
    )


def _builds(cloud: Cloud, thing: CloudObject) -> Machine:
    settings = thing.properties.get("vpcConfig")
    inside = settings if isinstance(settings, dict) else {}
    subnets = (subnet for subnet_id in _texts(inside.get("subnets")) for subnet in cloud.find(subnet_id))
    return Machine(
        groups=_texts(inside.get("securityGroupIds")),
        networks=tuple(
            IPv4Network(str(subnet.properties["cidrBlock"]))
            for subnet in subnets
            if subnet.type == "aws:ec2/subnet:Subnet"
        ),
    )


def _texts(value: Json) -> frozenset[str]:
    return frozenset(map(str, cast("list[Json]", value))) if isinstance(value, list) else frozenset()
