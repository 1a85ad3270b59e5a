"""What is attached to identities: managed policies, users' own policies, and who manages what.

Owns the rules on attachments, users and role bounds.
"""

from __future__ import annotations

import json
import re
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.iam import identities
from policy.iam.documents import statements

from . import AREA

_ATTACHING: Final = (
    "iam/rolePolicyAttachment",
    "iam/userPolicyAttachment",
    "iam/groupPolicyAttachment",
    "iam/policyAttachment",
    "iam/role",
    "ssoadmin/managedPolicyAttachment",
)
_FULL: Final = re.compile(
    r":aws:policy/(?:.*/)?(?:\w*FullAccess\w*|AdministratorAccess\S*|PowerUserAccess|SystemAdministrator)$"
)
_AWS: Final = re.compile(r"^arn:aws[a-z-]*:iam::aws:policy/(?P<name>.+)$")
_TRUST: Final = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)
_OIDC_TRUST: Final = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {
                    "Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
                },
                "Condition": {
                    "StringEquals": {
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": "repo:cinema/fast-order:environment:prod",
                    }
                },
            }
        ]
    }
)


def _arns(resource: Resource) -> list[str]:
    return [arn for path in ("policyArn", "managedPolicyArns", "managedPolicyArn") for arn in resource.texts(path)]


@AREA.rule(
    "iam-no-full-access-attached",
    title="No AWS managed full-access policy is attached",
    cause="AdministratorAccess and the ...FullAccess policies cover every resource and grow by themselves.",
    remedy="Attach a policy of your own that lists actions and ARNs.",
    types=_ATTACHING,
    severity="critical",
    controls=["cdk-nag IAM4"],
    good=[sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")],
    bad=[
        sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        sample("iam/role", managedPolicyArns=["arn:aws:iam::aws:policy/IAMFullAccess"]),
        sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess"),
    ],
)
def iam_no_full_access_attached(resource: Resource) -> Findings:
    """Judge AWS managed policies by name."""
    for arn in _arns(resource):
        if _FULL.search(arn):
            yield resource.finding(f"{resource.label} attaches {arn.rpartition('/')[2]}")


@AREA.rule(
    "iam-own-policies",
    title="AWS managed policies are attached only where a service demands them",
    cause="AWS managed policies reach all resources and change without notice; a workload's rights belong in the "
    "repository.",
    remedy="Write a policy with the actions and ARNs of the workload; add the name to the setting `demanded` when an "
    "AWS service requires the managed one.",
    types=_ATTACHING,
    severity="low",
    controls=["cdk-nag IAM4"],
    settings={
        "demanded": [
            "service-role/",
            "aws-service-role/",
            "AmazonEKS",
            "AmazonEC2ContainerRegistryPullOnly",
            "AmazonEC2ContainerRegistryReadOnly",
            "AmazonSSMManagedInstanceCore",
            "AWSBackupServiceRolePolicy",
            "CloudWatchAgentServerPolicy",
            "AWSXrayWriteOnlyAccess",
            "AWSXRayDaemonWriteAccess",
            "CloudWatchLambda",
        ]
    },
    good=[
        sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"),
        sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::111122223333:policy/prod-pay-pol-was-01"),
    ],
    bad=[sample("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")],
)
def iam_own_policies(resource: Resource, run: Run) -> Findings:
    """Compare AWS managed policies with the list of those that services demand."""
    for arn in _arns(resource):
        match = _AWS.match(arn)
        if match and not match["name"].startswith(tuple(run.texts("demanded"))):
            yield resource.finding(f"{resource.label} attaches the AWS managed policy {match['name']}")


@AREA.rule(
    "iam-no-users",
    title="There are no IAM users, access keys or console passwords",
    cause="Users have credentials that do not expire; people and pipelines get short ones by federation.",
    remedy="Use IAM Identity Center for people, OIDC roles for CI, Pod Identity for workloads.",
    types=["iam/user", "iam/accessKey", "iam/userLoginProfile"],
    severity="high",
    controls=["FSBP IAM.2"],
    good=[sample("iam/role", assumeRolePolicy=_TRUST)],
    bad=[
        sample("iam/user", name="deploy"),
        sample("iam/accessKey", user="deploy"),
        sample("iam/userLoginProfile", user="deploy"),
    ],
)
def iam_no_users(resource: Resource) -> Findings:
    """Find any of them."""
    yield resource.finding(f"{resource.label}: long-lived credentials")


@AREA.rule(
    "iam-no-user-policies",
    title="Rights come by groups or roles, not by users",
    cause="Rights given to single users are forgotten when people change jobs.",
    remedy="Attach the policy to a group or, better, to a role.",
    types=["iam/userPolicy", "iam/userPolicyAttachment", "iam/policyAttachment"],
    controls=["FSBP IAM.2", "cdk-nag IAMUserNoPolicies"],
    good=[sample("iam/policyAttachment", roles=["prod-pay-role-was-01"])],
    bad=[
        sample("iam/userPolicy", user="deploy"),
        sample("iam/userPolicyAttachment", user="deploy"),
        sample("iam/policyAttachment", users=["deploy"]),
    ],
)
def iam_no_user_policies(resource: Resource) -> Findings:
    """Find policies on users."""
    if resource.type != "iam/policyAttachment" or resource.texts("users"):
        yield resource.finding(f"{resource.label} gives rights to a user directly")


@AREA.rule(
    "iam-role-one-manager",
    title="A role's policies are managed in one way",
    cause="managedPolicyArns and inlinePolicies are exclusive lists: they remove what separate attachments add, "
    "in turn, at every deployment.",
    remedy="Use separate RolePolicyAttachment and RolePolicy resources only.",
    types=["iam/role"],
    severity="high",
    scope="stack",
    controls=["AWSGuard iam-role-no-policy-management-conflicts"],
    good=[
        (
            sample("iam/role", "node", assumeRolePolicy=_TRUST),
            sample(
                "iam/rolePolicyAttachment",
                "cni",
                role=Ref("node"),
                policyArn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            ),
        )
    ],
    bad=[
        (
            sample("iam/role", "node", managedPolicyArns=["arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"]),
            sample(
                "iam/rolePolicyAttachment",
                "cni",
                role=Ref("node"),
                policyArn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            ),
        ),
        (
            sample("iam/role", "node", inlinePolicies=[{"name": "logs", "policy": "{}"}]),
            sample("iam/rolePolicy", "logs", role=Ref("node"), policy="{}"),
        ),
    ],
)
def iam_role_one_manager(role: Resource, run: Run) -> Findings:
    """Look for both ways on one role."""
    if role.items("managedPolicyArns") and identities.attachments(role, run.stack):
        yield role.finding(f"{role.label} has managedPolicyArns and separate attachments")
    if role.items("inlinePolicies") and identities.inline_policies(role, run.stack):
        yield role.finding(f"{role.label} has inlinePolicies and separate role policies")


@AREA.rule(
    "ci-role-bounded",
    title="Roles that CI assumes have a permissions boundary",
    cause="A deployment role can create roles; without a boundary a pull request can create an administrator.",
    remedy="Set permissions_boundary to the platform's boundary policy.",
    types=["iam/role"],
    severity="low",
    good=[
        sample(
            "iam/role",
            assumeRolePolicy=_OIDC_TRUST,
            permissionsBoundary="arn:aws:iam::111122223333:policy/prod-common-pol-boundary-01",
        ),
        sample("iam/role", assumeRolePolicy=_TRUST),
    ],
    bad=[sample("iam/role", assumeRolePolicy=_OIDC_TRUST)],
)
def ci_role_bounded(role: Resource) -> Findings:
    """Look at roles trusted by an outside OIDC provider (not by a cluster's own)."""
    federated = [
        principal.value
        for statement in statements(role.get("assumeRolePolicy"))
        if statement.allows
        for principal in statement.principals
        if principal.kind == "Federated" and "oidc-provider/" in principal.value
    ]
    if any("oidc.eks." not in value for value in federated) and role.lacks("permissionsBoundary"):
        yield role.finding(f"{role.label} can be assumed from outside AWS and has no permissions boundary")


@AREA.rule(
    "iam-session-bounded",
    title="Sessions of a role end within hours",
    cause="A stolen session works until it ends.",
    remedy="Leave max_session_duration at one hour, or up to the setting `maximumSeconds` with a reason.",
    types=["iam/role"],
    severity="low",
    settings={"maximumSeconds": 14400},
    good=[sample("iam/role", maxSessionDuration=3600), sample("iam/role", assumeRolePolicy=_TRUST)],
    bad=[sample("iam/role", maxSessionDuration=43200)],
)
def iam_session_bounded(role: Resource, run: Run) -> Findings:
    """Compare the duration with the setting; without one it is an hour."""
    duration, maximum = role.number("maxSessionDuration"), run.number("maximumSeconds")
    if duration is not None and duration > maximum:
        yield role.finding(f"{role.label} allows sessions of {duration:.0f} s, the most is {maximum:.0f} s")
