"""What AWS refuses because of what the account holds or may hold: quotas, monitors, versions on offer, images.

Owns one small rule per resource type, with AWS's own words (each text as others report it of the real service).
Does not own what a resource's own arguments forbid (`rehearsal/aws/checking.py`), nor how a refusal travels back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rehearsal.account import images
from rehearsal.account.offers import addon_names, addon_versions
from rehearsal.account.past import past_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rehearsal.account.past import Past
    from rehearsal.cloud import Cloud, CloudObject, JsonObject

_FUNCTION: Final = "aws:lambda/function:Function"
_MONITOR: Final = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
_ADDON: Final = "aws:eks/addon:Addon"
_CLUSTER: Final = "aws:eks/cluster:Cluster"
_ADDRESS: Final = "aws:ec2/eip:Eip"
_VPC: Final = "aws:ec2/vpc:Vpc"
_INSTANCE: Final = "aws:ec2/instance:Instance"
_REPOSITORY: Final = "aws:ecr/repository:Repository"

CONCURRENCY: Final = "lambda/L-B99A9384"
ADDRESSES: Final = "ec2/L-0263D0A3"
VPCS: Final = "vpc/L-F678F1CE"
STANDARD_VCPUS: Final = "ec2/L-1216C47A"
SERVICE_MONITORS: Final = 1
"""Monitors of the dimension SERVICE in one account."""
_STANDARD: Final = re.compile(r"(a|c|d|h|im?|is|m|r|t|z)\d")
"""Families that the quota counts: A, C, D, H, I (with Im, Is), M, R, T, Z; Inf, Trn, DL, HPC and others have others."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A resource that somebody wants to make or change. `identifier` is None for a new one."""

    cloud: Cloud
    token: str
    inputs: JsonObject
    location: str
    identifier: str | None = None

    @property
    def past(self) -> Past:
        """What the account held before."""
        return past_of(self.cloud.folder)

    def others(self) -> Iterator[CloudObject]:
        """Resources of the same type and place, without the one that changes."""
        for thing in self.cloud.list(self.token, location=self.location):
            if thing.id != self.identifier:
                yield thing


def refusal(wish: Wish) -> str | None:
    """AWS's answer, error code first, or None when it agrees."""
    rule = _RULES.get(wish.token)
    return rule(wish) if rule else None


_UNRESERVED: Final = 100
_UNRESERVED_IF_NEW: Final = 10
"""Accounts whose quota is above 100 must keep 100; those below report 10."""


def unreserved_minimum(limit: float) -> int:
    """Concurrent executions that must stay unreserved in an account with this quota."""
    return _UNRESERVED if limit > _UNRESERVED else _UNRESERVED_IF_NEW


def deletion_refusal(cloud: Cloud, token: str, properties: JsonObject, location: str) -> str | None:
    """AWS's answer to a deletion, or None when it agrees; forgets the images of a repository that may go."""
    if token != _REPOSITORY:
        return None
    name = str(properties.get("name"))
    if not images.pushed(cloud, name, location):
        return None
    if not properties.get("forceDelete"):
        return (
            f"RepositoryNotEmptyException: The repository with name '{name}' in registry with id "
            f"'{properties.get('registryId')}' cannot be deleted because it still contains images"
        )
    images.forget(cloud, name, location)
    return None


def _monitor(wish: Wish) -> str | None:
    if wish.identifier or wish.inputs.get("monitorDimension") != "SERVICE":
        return None
    held = len(wish.past.anomaly_monitors)
    held += sum(1 for other in wish.others() if other.properties.get("monitorDimension") == "SERVICE")
    if held < SERVICE_MONITORS:
        return None
    return "ValidationException: Limit exceeded on dimensional spend monitor creation"


def _function(wish: Wish) -> str | None:
    wanted = wish.inputs.get("reservedConcurrentExecutions")
    if not isinstance(wanted, int | float) or wanted < 0:
        return None
    limit = wish.past.quotas[CONCURRENCY]
    least = unreserved_minimum(limit)
    taken = sum(max(0, int(str(other.properties.get("reservedConcurrentExecutions") or 0))) for other in wish.others())
    if limit - taken - wanted >= least:
        return None
    return (
        "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's "
        f"UnreservedConcurrentExecution below its minimum value of [{least}]."
    )


def _addon(wish: Wish) -> str | None:
    name, version = str(wish.inputs.get("addonName")), wish.inputs.get("addonVersion")
    cluster = str(wish.inputs.get("clusterName"))
    found = [one for one in wish.cloud.list(_CLUSTER, location=wish.location) if cluster in (one.id, one.name)]
    if not found:
        return f"ResourceNotFoundException: No cluster found for name: {cluster}."
    kubernetes = str(found[0].properties.get("version"))
    if name not in addon_names() or not addon_versions(name, kubernetes):
        return f"InvalidParameterException: Addon {name} specified is not supported in {kubernetes} kubernetes version"
    if version and version not in addon_versions(name, kubernetes):
        return "InvalidParameterException: Addon version specified is not supported"
    return None


def _address(wish: Wish) -> str | None:
    if wish.identifier or len(list(wish.others())) < wish.past.quotas[ADDRESSES]:
        return None
    return "AddressLimitExceeded: The maximum number of addresses has been reached."


def _vpc(wish: Wish) -> str | None:
    held = len(list(wish.others())) + (1 if wish.past.default_vpc else 0)
    if wish.identifier or held < wish.past.quotas[VPCS]:
        return None
    return "VpcLimitExceeded: The maximum number of VPCs has been reached."


def _instance(wish: Wish) -> str | None:
    kinds = [str(wish.inputs.get("instanceType")), *(str(one.properties.get("instanceType")) for one in wish.others())]
    limit = wish.past.quotas[STANDARD_VCPUS]
    if sum(vcpus(kind) for kind in kinds if _STANDARD.match(kind)) <= limit:
        return None
    return (
        f"VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows "
        "for the instance bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
    )


def vcpus(kind: str) -> int:
    """The vCPUs of an instance type, which follow from its size: 2 up to `large`, 4 for each `x` of `xlarge`."""
    size = kind.partition(".")[2]
    if not size.endswith("xlarge"):
        return 1 if size == "medium" and not kind.startswith("t") else 2
    return 4 * int(size.removesuffix("xlarge") or 1)


_RULES: Final[Mapping[str, Callable[[Wish], str | None]]] = {
    _MONITOR: _monitor,
    _FUNCTION: _function,
    _ADDON: _addon,
    _ADDRESS: _address,
    _VPC: _vpc,
    _INSTANCE: _instance,
}
