"""What an identity holds: all statements and managed policies that a stack attaches to a role, user or group.

Owns following attachments. Does not judge.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.frame.resources import Resource, Stack

from .documents import Statement, identity_statements, statements

_INLINE = {
    "iam/role": ("iam/rolePolicy", "role"),
    "iam/user": ("iam/userPolicy", "user"),
    "iam/group": ("iam/groupPolicy", "group"),
}
_ATTACHED = {
    "iam/role": (("iam/rolePolicyAttachment", "role"), ("iam/policyAttachment", "roles")),
    "iam/user": (("iam/userPolicyAttachment", "user"), ("iam/policyAttachment", "users")),
    "iam/group": (("iam/groupPolicyAttachment", "group"), ("iam/policyAttachment", "groups")),
}


def attachments(identity: Resource, stack: Stack) -> list[Resource]:
    """Return the attachment resources of a role, user or group."""
    return [side for kind, path in _ATTACHED.get(identity.type, ()) for side in stack.sides(identity, kind, path)]


def inline_policies(identity: Resource, stack: Stack) -> list[Resource]:
    """Return the inline policy resources of a role, user or group."""
    kind, path = _INLINE.get(identity.type, ("", ""))
    return stack.sides(identity, kind, path) if kind else []


def managed_arns(identity: Resource, stack: Stack) -> list[str]:
    """Return the known ARNs of managed policies that an identity holds."""
    own = identity.texts("managedPolicyArns")
    return own + [arn for side in attachments(identity, stack) for arn in side.texts("policyArn")]


def documents(identity: Resource, stack: Stack) -> Iterator[list[Statement]]:
    """Yield the statements of each policy that an identity holds and this stack knows."""
    yield list(identity_statements(identity)) if identity.type == "iam/role" else []
    for side in inline_policies(identity, stack):
        yield list(identity_statements(side))
    for side in [identity, *attachments(identity, stack)]:
        path = "managedPolicyArns" if side is identity else "policyArn"
        for policy in stack.targets(side, path, "iam/policy"):
            yield list(identity_statements(policy))


def boundary(identity: Resource, stack: Stack) -> list[Statement] | None:
    """Return the statements of an identity's permissions boundary, None when it has none in this stack."""
    for policy in stack.targets(identity, "permissionsBoundary", "iam/policy"):
        return statements(policy.get("policy"))
    return None


def trusts(role: Resource, service: str) -> bool:
    """Tell whether a role's trust policy lets a service assume it."""
    return any(
        principal.kind == "Service" and principal.value == service
        for statement in statements(role.get("assumeRolePolicy"))
        if statement.allows
        for principal in statement.principals
    )
