"""What the account's quotas must leave room for: processors, addresses, networks, concurrent executions.

Owns the arithmetic of what a stack needs beside what others use. Numbers of AWS stand here with their source; those of
the stack come from its settings.
"""

from __future__ import annotations

from typing import Any, Final

from operations.preflight.questions import Question, Verdict

_CLUSTERS: Final = 2
"""Each has a node pool with the limits of `clusters.nodePool`."""
_BASTION_VCPUS: Final = 2
_RESERVED_LEAST: Final = (100, 10)
"""Concurrent executions that Lambda keeps unreserved, for quotas above 100 and for those of new accounts."""


def processors(ask: Question) -> Verdict:
    """Judge whether the nodes of both clusters, at their limits, and the bastion fit the quota of vCPUs."""
    needed = _CLUSTERS * ask.stack["clusters.nodePool.cpuLimit"] + _BASTION_VCPUS * ask.stack["access.bastion"]
    quota = _quota(ask, "ec2", "L-1216C47A")
    return Verdict(
        holds=quota >= needed,
        answer=f"{quota:g} vCPUs of On-Demand Standard instances, {needed} at most in both clusters",
        fix=_ask_for("ec2", "L-1216C47A", needed),
    )


def addresses(ask: Question) -> Verdict:
    """Judge whether each NAT gateway gets its elastic address beside those that others use."""
    zones = ask.stack["network.availabilityZones"]
    needed = len(zones) if ask.stack["network.nat"] == "per-zone" else 1
    others = _of_others(ask, ask.aws("ec2", "describe-addresses").get("Addresses", []))
    quota = _quota(ask, "ec2", "L-0263D0A3")
    return Verdict(
        holds=quota >= others + needed,
        answer=f"{quota:g} elastic addresses, {others} used by others, {needed} needed",
        fix=f"release some, or {_ask_for('ec2', 'L-0263D0A3', others + needed)}",
    )


def networks(ask: Question) -> Verdict:
    """Judge whether one more VPC fits the region."""
    others = _of_others(ask, ask.aws("ec2", "describe-vpcs").get("Vpcs", []))
    quota = _quota(ask, "vpc", "L-F678F1CE")
    return Verdict(
        holds=quota >= others + 1,
        answer=f"{quota:g} VPCs, {others} of others",
        fix=f"delete one, or {_ask_for('vpc', 'L-F678F1CE', others + 1)}",
    )


def concurrency(ask: Question) -> Verdict | None:
    """Judge whether the notifier can reserve its executions; None where it reserves none."""
    wanted = ask.stack["notifications.slackExecutions"]
    if wanted is None or ask.stack["notifications.slackWebhookSecret"] is None:
        return None
    limit = int(ask.aws("lambda", "get-account-settings")["AccountLimit"]["ConcurrentExecutions"])
    least = _RESERVED_LEAST[0] if limit > _RESERVED_LEAST[0] else _RESERVED_LEAST[1]
    return Verdict(
        holds=limit - wanted >= least,
        answer=f"{limit} executions at once, of which {least} must stay unreserved; {wanted} are to be reserved",
        fix="set notifications.slackExecutions to null, or ask AWS for the usual 1,000 (quota lambda L-B99A9384)",
    )


def _quota(ask: Question, service: str, code: str) -> float:
    answer = ask.aws("service-quotas", "get-service-quota", "--service-code", service, "--quota-code", code)
    return float(answer["Quota"]["Value"])


def _ask_for(service: str, code: str, value: int) -> str:
    command = "aws service-quotas request-service-quota-increase"
    return f"ask for more: `{command} --service-code {service} --quota-code {code} --desired-value {value}`"


def _of_others(ask: Question, found: list[dict[str, Any]]) -> int:
    environment = ask.stack["environment"]
    own = {"Key": "Environment", "Value": environment}
    return sum(1 for one in found if own not in one.get("Tags", []))
