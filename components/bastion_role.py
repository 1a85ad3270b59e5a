"""What the bastion may do in AWS: hold and record sessions, and keep the agents on it current.

Owns the rights of its role, written out, because AWS's managed policy for it also reads every parameter of the account.
Does not own the instance. Systems Manager installs GuardDuty's agent, by GuardDuty's own document and package only.
"""

from __future__ import annotations

from typing import Final

from components.keys import Keys
from components.role import RoleArgs
from model import iam
from model.conventions import Conventions

_AGENT_DOCUMENTS: Final = (
    "AmazonGuardDuty-ConfigureRuntimeMonitoringSsmPlugin",
    "AmazonGuardDuty-RuntimeMonitoringSsmPlugin",
)
"""What GuardDuty has Systems Manager run on each instance, and the package that it installs."""
_AGENT_BUCKETS: Final = (
    "amazon-ssm-{region}",
    "aws-ssm-{region}",
    "aws-ssm-distributor-file-{region}",
    "aws-ssm-document-attachments-{region}",
    "{region}-birdwatcher-prod",
)
"""Where AWS's guide to Systems Manager says that agents, documents and packages are fetched from."""


def bastion_role(conventions: Conventions, keys: Keys, role: str) -> RoleArgs:
    """Return the role of the bastion.

    Args:
        conventions: Names and ARNs.
        keys: The logs key opens sessions.
        role: Role part of its name.
    """
    group = conventions.arns.of("logs", f"log-group:{conventions.naming.log_group('sessions')}")
    return RoleArgs(
        conventions=conventions,
        role=role,
        description="The bastion keeps in touch with Session Manager and records sessions",
        trust=iam.trust("ec2.amazonaws.com"),
        statements=[
            iam.Statement(
                sid="BeKnown",
                actions=("ssm:UpdateInstanceInformation",),
                resources=(conventions.arns.of("ec2", "instance/*"),),
                condition={"ArnLike": {"ec2:SourceInstanceARN": conventions.arns.of("ec2", "instance/*")}},
            ),
            iam.without_resources(
                "HoldSessions",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                reason="channels have no ARN",
            ),
            *_agents(conventions),
            iam.Statement(
                sid="RecordSessions",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{group}:log-stream:*",),
            ),
            iam.Statement(sid="FindStreams", actions=("logs:DescribeLogStreams",), resources=(f"{group}:*",)),
            iam.without_resources("FindLogGroups", "logs:DescribeLogGroups", reason="lists the groups of the region"),
            iam.Statement(sid="OpenSessions", actions=("kms:Decrypt",), resources=(keys.arns["logs"],)),
        ],
    )


def _agents(conventions: Conventions) -> list[iam.Statement[str]]:
    """Let Systems Manager keep GuardDuty's agent installed by the document and the package of GuardDuty."""
    region, arns = conventions.region, conventions.arns
    instances = arns.of("ec2", "instance/*")
    documents = tuple(f"arn:aws:ssm:{region}::document/{one}" for one in _AGENT_DOCUMENTS)
    associations = arns.of("ssm", "association/*")
    return [
        iam.Statement(
            sid="ReadAgentDocuments", actions=("ssm:DescribeDocument", "ssm:GetDocument"), resources=documents
        ),
        iam.Statement(
            sid="FollowAssociations",
            actions=("ssm:DescribeAssociation", "ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus"),
            resources=(associations, instances),
        ),
        iam.Statement(
            sid="TellAssociations", actions=("ssm:UpdateAssociationStatus",), resources=(*documents, instances)
        ),
        iam.without_resources(
            "FindPackages",
            "ssm:GetManifest",
            "ssm:ListAssociations",
            "ssm:PutConfigurePackageResult",
            reason="packages of AWS and what became of them have no ARN",
        ),
        iam.Statement(
            sid="FetchAgents",
            actions=("s3:GetObject",),
            resources=tuple(f"{arns.bucket(one.format(region=region))}/*" for one in _AGENT_BUCKETS),
        ),
    ]
