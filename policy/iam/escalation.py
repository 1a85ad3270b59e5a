"""Privilege escalation: combinations of actions by which an identity gives itself more than it was given.

Owns the published combinations and the search for them over all statements that an identity holds. A grant counts when
it is wide (any resource, no narrowing condition) and no unconditional Deny takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .documents import Statement, matches

NOT_LIMITING: Final = frozenset(
    {"aws:securetransport", "aws:multifactorauthpresent", "aws:currenttime", "aws:epochtime", "aws:tokenissuetime"}
)
"""Condition keys that say how or when, not what or whose."""


@dataclass(frozen=True)
class Method:
    """One way up: all `actions` together give its holder the rights of another identity."""

    name: str
    actions: tuple[str, ...]


_PASS: Final = "iam:PassRole"  # noqa: S105 - the name of an action
METHODS: Final = (
    Method("write a policy version", ("iam:CreatePolicyVersion",)),
    Method("activate another policy version", ("iam:SetDefaultPolicyVersion",)),
    Method("create an access key", ("iam:CreateAccessKey",)),
    Method("create a console password", ("iam:CreateLoginProfile",)),
    Method("change a console password", ("iam:UpdateLoginProfile",)),
    Method("attach a policy to a user", ("iam:AttachUserPolicy",)),
    Method("attach a policy to a group", ("iam:AttachGroupPolicy",)),
    Method("attach a policy to a role", ("iam:AttachRolePolicy",)),
    Method("write a user's policy", ("iam:PutUserPolicy",)),
    Method("write a group's policy", ("iam:PutGroupPolicy",)),
    Method("write a role's policy", ("iam:PutRolePolicy",)),
    Method("join a group", ("iam:AddUserToGroup",)),
    Method("open a role's trust and assume it", ("iam:UpdateAssumeRolePolicy", "sts:AssumeRole")),
    Method("start an instance with a role", (_PASS, "ec2:RunInstances")),
    Method("run a new function with a role", (_PASS, "lambda:CreateFunction", "lambda:InvokeFunction")),
    Method("run a new function by an event", (_PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping")),
    Method("run a new function by permission", (_PASS, "lambda:CreateFunction", "lambda:AddPermission")),
    Method("change a function's code", ("lambda:UpdateFunctionCode",)),
    Method("change a function's layers", ("lambda:UpdateFunctionConfiguration",)),
    Method("start a Glue endpoint with a role", (_PASS, "glue:CreateDevEndpoint")),
    Method("enter a Glue endpoint", ("glue:UpdateDevEndpoint",)),
    Method("run a Glue job with a role", (_PASS, "glue:CreateJob", "glue:StartJobRun")),
    Method("change and run a Glue job with a role", (_PASS, "glue:UpdateJob", "glue:StartJobRun")),
    Method("create a stack with a role", (_PASS, "cloudformation:CreateStack")),
    Method("run a data pipeline with a role", (_PASS, "datapipeline:CreatePipeline")),
    Method("start a build with a role", (_PASS, "codebuild:CreateProject", "codebuild:StartBuild")),
    Method("run a task with a role", (_PASS, "ecs:RunTask")),
    Method("start a service with a role", (_PASS, "ecs:CreateService")),
    Method("open a notebook with a role", (_PASS, "sagemaker:CreateNotebookInstance")),
    Method("run a training job with a role", (_PASS, "sagemaker:CreateTrainingJob")),
    Method("run a processing job with a role", (_PASS, "sagemaker:CreateProcessingJob")),
    Method("create a CodeStar project with a role", (_PASS, "codestar:CreateProject")),
    Method("become Kubernetes administrator", ("eks:CreateAccessEntry", "eks:AssociateAccessPolicy")),
    Method("run commands on instances", ("ssm:SendCommand",)),
)


def is_limited(statement: Statement) -> bool:
    """Tell whether a condition narrows what the statement reaches (not only how or when it is used)."""
    return any(condition.key.lower() not in NOT_LIMITING for condition in statement.conditions)


def is_wide(statement: Statement) -> bool:
    """Tell whether the statement reaches all resources, or all of a kind such as every role."""
    if statement.not_resources:
        return True
    return any(item == "*" or item.endswith((":*", ":role/*", ":user/*", ":policy/*")) for item in statement.resources)


def grants(statements: Sequence[Statement], action: str) -> bool:
    """Tell whether an action is granted widely and not taken back."""
    denied = any(
        item.effect == "Deny" and item.covers(action) and item.is_for_everything and not item.conditions
        for item in statements
    )
    return not denied and any(
        item.allows and item.covers(action) and is_wide(item) and not is_limited(item) for item in statements
    )


def methods(statements: Sequence[Statement], boundary: Sequence[Statement] | None = None) -> list[Method]:
    """Return the methods that the statements together give.

    Args:
        statements: All statements of an identity.
        boundary: The statements of its permissions boundary, which must allow an action too.
    """
    return [
        method
        for method in METHODS
        if all(grants(statements, action) and _within(boundary, action) for action in method.actions)
    ]


def _within(boundary: Iterable[Statement] | None, action: str) -> bool:
    if boundary is None:
        return True
    items = list(boundary)
    denied = any(item.effect == "Deny" and item.covers(action) and not item.conditions for item in items)
    return not denied and any(item.allows and item.covers(action) for item in items)


def taken(statement: Statement, actions: Iterable[str]) -> list[str]:
    """Return those of the given actions (patterns allowed) that a statement's Action element takes in."""
    wanted = list(actions)
    return [
        action
        for action in wanted
        if statement.covers(action) or any(matches(action, given) for given in statement.actions)
    ]
