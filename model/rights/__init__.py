"""Rights of continuous integration in an account, and the limits of whatever it makes there.

Owns four documents as statements: what the deployer may do, what a preview may read, the limits of both, and the
boundary of every role that a deployment makes. Does not own who assumes the roles (`bootstrap/`), nor what a role of
the platform may do within the boundary: that stands beside the resource concerned.

A deployer makes roles, and whoever makes a role can give it anything. So it may make, fill and pass roles only below
`<env>-` and only under the boundary, which holds no right to change identities; and it may not touch the boundary, its
own role, the trust in GitHub, or the shape of the state bucket. EC2 and others choose the ids of what they make, so
their actions cannot be limited to names of ours; they are limited to our regions, which keeps a stolen token out of
the others. Actions are written as prefixes (`ec2:Create*`): tests hold them against the permissions that AWS's
own schemas ask for each resource type of the program, and against what its roles are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from model.conventions import EDGE_REGION, Conventions
from model.iam import Statement, without_resources
from model.rights import identities
from model.rights.identities import STATE_ROLE
from model.rights.services import MANAGED, USED

_READING: Final = ("Describe", "Get", "List", "View")


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The documents of one account.

    Attributes:
        conventions: Names and ARNs.
        recovery_region: Where copies are kept and the peered network stands.
    """

    conventions: Conventions
    recovery_region: str

    def deployer(self) -> tuple[Statement[str], ...]:
        """Return all that a deployment may do within its limits."""
        return (
            self._in_our_regions("ManagePlatform", _actions(MANAGED)),
            *identities.managed(self.conventions),
            *self._state(write=True),
            self._keys_of_services(),
            self._static_files(),
            self._public_images(),
        )

    def limits(self) -> tuple[Statement[str], ...]:
        """Return the boundary of deployer and preview: what they cannot be given, whoever writes their rights.

        A managed policy holds 6,144 characters, fewer than the rights have. What is allowed here must be allowed there
        too, so the words of the table are cut to their first letter; what counts are the denials and the bounded roles.
        """
        env = self.conventions.naming.environment
        cut = {
            service: " ".join(dict.fromkeys(word[0] for word in words.split())) for service, words in MANAGED.items()
        }
        return (
            self._in_our_regions("ManagePlatform", _actions(cut)),
            identities.bounded_roles(self.conventions),
            Statement(
                sid="ManageIdentities",
                actions=(
                    "iam:Add*",
                    "iam:CreateI*",
                    "iam:CreateSA*",
                    "iam:CreateSe*",
                    "iam:DeleteI*",
                    "iam:DeleteRole",
                    "iam:DeleteSA*",
                    "iam:Get*",
                    "iam:List*",
                    "iam:Remove*",
                    "iam:Tag*",
                    "iam:Untag*",
                    "iam:Update*",
                ),
                resources=(
                    *(
                        identities.arn(self.conventions, f"{kind}/{env}-*")
                        for kind in ("role", "instance-profile", "saml-provider")
                    ),
                    identities.arn(self.conventions, "role/aws-service-role/*"),
                ),
            ),
            identities.passed(self.conventions, *identities.SERVED),
            *identities.kept(self.conventions),
        )

    def preview(self) -> tuple[Statement[str], ...]:
        """Return what a preview may read: descriptions and state, neither objects nor secrets nor logs."""
        described = {
            service: " ".join(word for word in words.split() if word.startswith(_READING))
            for service, words in MANAGED.items()
        }
        return (
            self._in_our_regions("Describe", _actions({service: text for service, text in described.items() if text})),
            identities.described(self.conventions),
            *self._state(write=False),
            self._public_images(),
        )

    def boundary(self) -> tuple[Statement[str], ...]:
        """Return the most that any role of the platform may ever do."""
        arns, env = self.conventions.arns, self.conventions.naming.environment
        return (
            self._in_our_regions("ServePlatform", _actions(USED)),
            Statement(
                sid="LogIn",
                actions=("rds-db:connect", "elasticache:Connect", "eks-auth:AssumeRoleForPodIdentity"),
                resources=(
                    arns.of("rds-db", "dbuser:*/*"),
                    arns.of("elasticache", f"replicationgroup:{env}-*"),
                    arns.of("elasticache", f"user:{env}-*"),
                    arns.of("eks", f"cluster/{env}-*"),
                ),
            ),
            Statement(
                sid="LetNodesHaveTheirRole",
                actions=(
                    "iam:AddRoleToInstanceProfile",
                    "iam:CreateInstanceProfile",
                    "iam:DeleteInstanceProfile",
                    "iam:GetInstanceProfile",
                    "iam:RemoveRoleFromInstanceProfile",
                    "iam:TagInstanceProfile",
                ),
                # EKS chooses the names of its nodes' profiles.
                resources=(identities.arn(self.conventions, "instance-profile/*"),),
            ),
            identities.passed(self.conventions, "ec2.amazonaws.com"),
            identities.service_linked_roles(self.conventions),
            *identities.kept(self.conventions),
        )

    def _in_our_regions(self, sid: str, actions: tuple[str, ...]) -> Statement[str]:
        regions = sorted({self.conventions.region, self.recovery_region, EDGE_REGION})
        return without_resources(
            sid,
            *actions,
            reason="AWS chooses the ids",
            condition={"StringEquals": {"aws:RequestedRegion": regions}},
        )

    def _state(self, *, write: bool) -> tuple[Statement[str], ...]:
        arns, naming = self.conventions.arns, self.conventions.naming
        bucket = naming.bucket(STATE_ROLE)
        encrypt = ("kms:Encrypt", "kms:GenerateDataKey") if write else ()
        change = ("s3:DeleteObject", "s3:PutObject") if write else ()
        return (
            Statement(
                sid="UseState",
                actions=("s3:GetObject", "s3:ListBucket", *change),
                resources=(arns.bucket(bucket), arns.bucket(bucket, "*")),
            ),
            Statement(
                sid="OpenState",
                actions=("kms:Decrypt", *encrypt),
                resources=(arns.of("kms", "key/*"),),
                condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": naming.key_alias(STATE_ROLE)}},
            ),
        )

    def _keys_of_services(self) -> Statement[str]:
        region = self.conventions.region
        return Statement(
            sid="LetServicesDecrypt",
            actions=("kms:Decrypt",),
            resources=(self.conventions.arns.of("kms", "key/*"),),
            # On the way through a service that gives no more than its own rights do.
            condition={
                "StringEquals": {
                    "kms:ViaService": [
                        f"{name}.{region}.amazonaws.com"
                        for name in ("elasticfilesystem", "rds", "s3", "secretsmanager")
                    ]
                }
            },
        )

    def _static_files(self) -> Statement[str]:
        arns, bucket = self.conventions.arns, self.conventions.naming.bucket("static")
        return Statement(
            sid="PublishStaticFiles",
            actions=("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"),
            resources=(arns.bucket(bucket), arns.bucket(bucket, "*")),
        )

    def _public_images(self) -> Statement[str]:
        return Statement(
            sid="FindMachineImages",
            actions=("ssm:GetParameter*",),
            resources=(f"arn:{self.conventions.arns.partition}:ssm:*::parameter/aws/service/*",),
        )


def _actions(table: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{service}:{word}*" for service, words in table.items() for word in words.split())
