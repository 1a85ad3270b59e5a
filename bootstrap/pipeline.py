"""What GitHub may do: its identity provider, and a role for each of its jobs.

Owns the trust and its conditions. Does not own the rights, which are plain data in `model/rights`.

GitHub signs for each job which repository it runs for and why. The deployer and the image pusher believe only jobs of
this repository in the environment of the stack's name, whose reviewers GitHub asks first; the preview role those in the
environment `<stack>-preview` and those of the one branch. No pull request is believed as such: its code is not reviewed
yet, and whoever reads the state can open the secrets in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from bootstrap.policies import Policies
from components.role import Role, RoleArgs
from model import iam
from model.rights import RoleName
from model.rights.identities import DEPLOYER_ROLE, GITHUB, IMAGES_ROLE, PREVIEW_ROLE, arn
from model.settings.bootstrap import Bootstrap

_AUDIENCE: Final = "sts.amazonaws.com"
_HOUR: Final = 3600
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A kind of workflow.

    Attributes:
        role: Its role.
        description: Of the role.
        contexts: What it runs for, as GitHub writes it behind the repository.
        hours: How long it may take.
    """

    role: RoleName
    description: str
    contexts: Sequence[str]
    hours: int = 1


class Pipeline(pulumi.ComponentResource):
    """The roles that workflows of one repository may assume."""

    role_arns: dict[str, pulumi.Output[str]]
    """ARN of each role by its name, `deployer`, `preview` and `images`."""

    def __init__(
        self, name: str, settings: Bootstrap, policies: Policies, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fastorder:pipeline:Pipeline", name, None, opts)
        self._name, self._settings, self._policies = name, settings, policies
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-github",
            url=f"https://{GITHUB}",
            client_id_lists=[_AUDIENCE],
            tags=settings.conventions.tags("oidc", "github"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        stack = settings.environment
        jobs = (
            Job(
                role=DEPLOYER_ROLE,
                description="GitHub deploys with it, from the environment of this name",
                contexts=(f"environment:{stack}",),
                # A first deployment waits half an hour for CloudFront alone, and is previewed before and after.
                hours=2,
            ),
            Job(
                role=PREVIEW_ROLE,
                description="GitHub previews with it what reviewers let it, and finds drift",
                contexts=(f"environment:{stack}-preview", f"ref:refs/heads/{settings.github.branch}"),
            ),
            Job(
                role=IMAGES_ROLE,
                description="GitHub pushes images with it, from the environment of this name",
                contexts=(f"environment:{stack}",),
            ),
        )
        self.role_arns = {job.role: self._role(job, provider).arn for job in jobs}
        self.register_outputs({"roleArns": self.role_arns})

    def _role(self, job: Job, provider: aws.iam.OpenIdConnectProvider) -> Role:
        settings, grant = self._settings, self._settings.rights.grants()[job.role]
        # Literal, so that the trust is known at preview: IAM makes the ARN from the address.
        provider_arn = arn(settings.conventions, f"oidc-provider/{GITHUB}")
        return Role(
            f"{self._name}-{job.role}",
            RoleArgs(
                conventions=settings.conventions,
                role=job.role,
                description=job.description,
                trust=_trust(provider_arn, [f"{settings.github.subject}:{context}" for context in job.contexts]),
                documents={key: self._policies.document_arns[key] for key in grant.documents},
                statements=grant.own,
                boundary_arn=self._policies.limits_arn,
                session_seconds=job.hours * _HOUR,
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
