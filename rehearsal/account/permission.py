"""Whether the caller of a rehearsal's command may make a call, by the policies that it has in the simulated account."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number
from rehearsal.aws.authorization import caller, record
from rehearsal.iam import Decision, Request, decide
from rehearsal.iam.evaluation import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import Cloud

# Services at home in one region, whatever region they are called from, of those that are answered here.
_GLOBAL = frozenset({"ce", "route53"})
_HOME_OF_GLOBAL = "us-east-1"


def caller_arn() -> str:
    """What AWS calls the caller of this process."""
    return caller.caller_arn(caller.caller_name(), account_number())


def permit(
    cloud: Cloud, action: str, resource: str, region: str, known: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Why the caller may not, in AWS's words; empty when it may.

    Args:
        cloud: The account.
        action: What it wants to do.
        resource: ARN of what it wants to do it to.
        region: Where it asks.
        known: Condition keys that AWS fills in for this call, beside the region.

    Raises:
        rehearsal.aws.authorization.caller.UnknownCallerError: The account has no such role.
    """
    name = caller.caller_name()
    asked = _HOME_OF_GLOBAL if action.partition(":")[0] in _GLOBAL else region
    request = Request(action=action, resource=resource, context=context({"aws:RequestedRegion": asked, **known}))
    decision = Decision(allowed=True)
    if name != caller.ADMINISTRATOR:
        decision = decide(caller.identity_of(name, cloud, account_number()), request)
    file = record.record_file()
    if file:
        subject = f"command {action}"
        line = record.Recorded(
            caller=name, operation="command", subject=subject, request=request, allowed=decision.allowed
        )
        record.append(file, [line])
    return decision.reason
