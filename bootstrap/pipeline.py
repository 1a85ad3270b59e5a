"""Who deploys: GitHub's identity provider, a role for each of its two jobs, and the boundaries that limit them.

Owns the trust and its conditions. Does not own the rights, which are plain data in `model/rights`.

GitHub signs for each job which repository it runs for and why. The deployer believes only jobs of this repository in
the environment of the stack's name, whose reviewers GitHub asks first; the preview role believes pull requests and the
one branch. A pull request from a fork gets no token at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.role import Role, RoleArgs
from model import iam
from model.rights.identities import BOUNDARY_ROLE, DEPLOYER_ROLE, GITHUB, PREVIEW_ROLE, arn
from model.settings.bootstrap import Bootstrap

_AUDIENCE: Final = "sts.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A kind of workflow.

    Attributes:
        role: Role part of its role's name.
        description: Of the role.
        subjects: What GitHub must say of the workflow, letter by letter.
        statements: What it may do.
    """

    role: str
    description: str
    subjects: Sequence[str]
    statements: Sequence[iam.Statement[str]]


class Pipeline(pulumi.ComponentResource):
    """Two roles that workflows of one repository may assume."""

    role_arns: dict[str, pulumi.Output[str]]
    """ARN of the role by job, `deployer` and `preview`."""

    def __init__(self, name: str, settings: Bootstrap, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:pipeline:Pipeline", name, None, opts)
        self._name, self._settings, self._conventions = name, settings, settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        rights, github = settings.rights, settings.github
        self._policy(BOUNDARY_ROLE, "The most that any role of the platform may do", rights.boundary())
        limits = self._policy(DEPLOYER_ROLE, "The most that a deployment may do", rights.limits())
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-github",
            url=f"https://{GITHUB}",
            client_id_lists=[_AUDIENCE],
            tags=self._conventions.tags("oidc", "github"),
            opts=self._child,
        )
        repository = f"repo:{github.repository}"
        jobs = (
            Job(
                role=DEPLOYER_ROLE,
                description="GitHub deploys with it, from the environment of this name",
                subjects=(f"{repository}:environment:{settings.environment}",),
                statements=rights.deployer(),
            ),
            Job(
                role=PREVIEW_ROLE,
                description="GitHub previews with it, for pull requests and to find drift",
                subjects=(f"{repository}:pull_request", f"{repository}:ref:refs/heads/{github.branch}"),
                statements=rights.preview(),
            ),
        )
        self.role_arns = {job.role: self._role(job, limits, provider).arn for job in jobs}
        self.register_outputs({"roleArns": self.role_arns})

    def _policy(self, role: str, description: str, statements: Sequence[iam.Statement[str]]) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{self._name}-{role}-limits",
            name=self._conventions.naming.name("pol", role),
            description=description,
            policy=pulumi.Output.json_dumps(iam.document(*statements)),
            tags=self._conventions.tags("pol", role),
            opts=self._child,
        )

    def _role(self, job: Job, limits: aws.iam.Policy, provider: aws.iam.OpenIdConnectProvider) -> Role:
        return Role(
            f"{self._name}-{job.role}",
            RoleArgs(
                conventions=self._conventions,
                role=job.role,
                description=job.description,
                # Literal, so that the trust is known at preview: IAM makes the ARN from the address.
                trust=_trust(arn(self._conventions, f"oidc-provider/{GITHUB}"), job.subjects),
                statements=job.statements,
                boundary_arn=limits.arn,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[provider]),
        )


def _trust(provider_arn: str, subjects: Sequence[str]) -> dict[str, object]:
    return iam.document(
        iam.Statement[str](
            sid="BelieveGitHub",
            principal=iam.Principal("Federated", (provider_arn,)),
            actions=("sts:AssumeRoleWithWebIdentity",),
            condition={"StringEquals": {f"{GITHUB}:aud": _AUDIENCE, f"{GITHUB}:sub": list(subjects)}},
        )
    )
