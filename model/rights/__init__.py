"""Rights of continuous integration and of people in an account, and the limits of whatever they make there.

Owns the documents of four roles as statements: the deployer's, the preview's, those of who pushes images and of
operators; the limits of all four; and the boundary of every role that a deployment makes. Does not own who assumes the
roles (`bootstrap/`), nor what a role of the platform may do within the boundary: that stands beside the resource.

A deployer makes roles, and whoever makes a role can give it anything. So it may make, fill, change and pass roles only
below `<env>-` and only under the boundary, which holds no right to change identities; and it may not touch the
boundary, the account's own roles and policies, the trust in GitHub, or the shape of the state bucket. EC2 and others
choose the ids of what they make, so their actions are limited not to names but to our regions, which keeps a stolen
token out of the others; buckets are limited to names below `<env>-`.

What several share or what is too long for an inline policy stands in documents of its own, which roles name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from model.conventions import EDGE_REGION, Conventions
from model.iam import Statement, without_resources
from model.rights import identities, keys, people
from model.rights.served import USED
from model.rights.services import BUCKETS, CHANGED, READ

RoleName: TypeAlias = Literal["deployer", "preview", "images", "operator"]
_READ: Final = "read"
_IMAGE: Final = "/aws/service/ami-amazon-linux-latest/*"
"""Where AWS publishes the ids of the machine images that the bastion is made of."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one role may do.

    Attributes:
        documents: Keys of the shared documents that it has.
        own: Statements of its inline policy.
    """

    documents: tuple[str, ...] = ()
    own: tuple[Statement[str], ...]


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The documents of one account.

    Attributes:
        conventions: Names and ARNs.
        recovery_region: Where copies are kept and the peered network stands.
        operators_deploy: Whether operators may do what the deployer may.
    """

    conventions: Conventions
    recovery_region: str
    operators_deploy: bool = False

    def documents(self) -> dict[str, tuple[Statement[str], ...]]:
        """Return the shared documents by key, which is also the role part of their policies' names."""
        changed = {
            f"change{area}": (self._in_our_regions(f"Change{area.title()}", _names(table)),)
            for area, table in CHANGED.items()
        }
        return {_READ: (*self._read(), identities.described(self.conventions)), **changed}

    def grants(self) -> dict[RoleName, Grant]:
        """Return what each role may do."""
        deployer = self._deployer()
        looking = (
            *people.sessions(self.conventions),
            *people.watching(self.conventions),
        )
        operator = Grant(documents=(_READ,), own=looking)
        return {
            "deployer": deployer,
            "preview": Grant(
                documents=(_READ,),
                own=(*keys.state(self.conventions, write=False), keys.seen(self.conventions)),
            ),
            "images": Grant(own=people.pushed_images(self.conventions)),
            "operator": Grant(documents=deployer.documents, own=(*deployer.own, *looking))
            if self.operators_deploy
            else operator,
        }

    def allowed(self, role: RoleName) -> tuple[Statement[str], ...]:
        """Return all statements that a role has, of its documents and its own."""
        grant, documents = self.grants()[role], self.documents()
        return (*(one for key in grant.documents for one in documents[key]), *grant.own)

    def limits(self) -> tuple[Statement[str], ...]:
        """Return the boundary of the four roles: what they cannot be given, whoever writes their rights.

        A managed policy holds 6,144 characters, fewer than the rights have. What is allowed here must be allowed there
        too, so names are cut to their first letter; what counts are the denials and the bounded roles.
        """
        names = [action for role in self.grants() for one in self.allowed(role) for action in one.actions]
        cut = {_first_letter(action) for action in names if not action.startswith("iam:")}
        return (
            self._in_our_regions("Work", tuple(sorted(cut))),
            identities.bounded_roles(self.conventions),
            identities.limited(self.conventions),
            identities.passed(self.conventions, *identities.SERVED),
            identities.kept(self.conventions),
            *keys.kept(self.conventions),
        )

    def boundary(self) -> tuple[Statement[str], ...]:
        """Return the most that any role of the platform may ever do."""
        arns, env = self.conventions.arns, self.conventions.naming.environment
        return (
            self._in_our_regions("ServePlatform", _words(USED)),
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
            identities.kept(self.conventions),
            *keys.kept(self.conventions),
        )

    def _deployer(self) -> Grant:
        return Grant(
            documents=(_READ, *(f"change{area}" for area in CHANGED)),
            own=(
                *identities.managed(self.conventions),
                *keys.state(self.conventions, write=True),
                *keys.used(self.conventions, self.recovery_region),
                *self._change_buckets(),
                self._static_files(),
            ),
        )

    def _read(self) -> tuple[Statement[str], ...]:
        return (
            self._in_our_regions("ReadPlatform", _words(READ)),
            Statement(
                sid="ReadBuckets",
                actions=tuple(f"s3:{name}" for name in BUCKETS["read"].split()),
                resources=(self._buckets(),),
            ),
            Statement(
                sid="FindMachineImages",
                actions=("ssm:GetParameter",),
                resources=(f"arn:{self.conventions.arns.partition}:ssm:*::parameter{_IMAGE}",),
            ),
        )

    def _change_buckets(self) -> tuple[Statement[str], ...]:
        account = without_resources(
            "ChangeAccountsBuckets", "s3:PutAccountPublicAccessBlock", reason="a setting of the account"
        )
        change = Statement(
            sid="ChangeBuckets",
            actions=tuple(f"s3:{name}" for name in BUCKETS["change"].split()),
            resources=(self._buckets(),),
        )
        if self.conventions.naming.environment != "dev":
            return account, change
        # Only dev is torn down with what is in its buckets and vaults (`force_destroy`).
        listed = Statement(sid="FindWhatToEmpty", actions=("s3:ListBucketVersions",), resources=(self._buckets(),))
        emptied = Statement(
            sid="EmptyBuckets",
            actions=("s3:DeleteObject", "s3:DeleteObjectVersion"),
            resources=(self.conventions.arns.bucket("dev-*", "*"),),
        )
        vaults = self._in_our_regions(
            "EmptyVaults", ("backup:DeleteRecoveryPoint", "backup:ListRecoveryPointsByBackupVault")
        )
        return account, change, listed, emptied, vaults

    def _buckets(self) -> str:
        return self.conventions.arns.bucket(f"{self.conventions.naming.environment}-*")

    def _static_files(self) -> Statement[str]:
        arns, bucket = self.conventions.arns, self.conventions.naming.bucket("static")
        return Statement(
            sid="PublishStaticFiles", actions=("s3:GetObject", "s3:PutObject"), resources=(arns.bucket(bucket, "*"),)
        )

    def _in_our_regions(self, sid: str, actions: tuple[str, ...]) -> Statement[str]:
        regions = sorted({self.conventions.region, self.recovery_region, EDGE_REGION})
        return without_resources(
            sid,
            *actions,
            reason="AWS chooses the ids",
            condition={"StringEquals": {"aws:RequestedRegion": regions}},
        )


def _words(table: Mapping[str, str]) -> tuple[str, ...]:
    """Return the actions whose names begin with a word of the table."""
    return tuple(f"{service}:{word}*" for service, words in table.items() for word in words.split())


def _names(table: Mapping[str, str]) -> tuple[str, ...]:
    """Return the actions whose names stand in the table."""
    return tuple(f"{service}:{name}" for service, names in table.items() for name in names.split())


def _first_letter(action: str) -> str:
    service, _, name = action.partition(":")
    return f"{service}:{name[0]}*"
