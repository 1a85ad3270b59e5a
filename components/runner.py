"""A runner for the pipeline inside the VPC: the one machine of GitHub's workflows that reaches private API servers.

Owns the CodeBuild project that starts a container for each job with its label, its role, its log, its security group,
and the rules that let it reach the API servers. Does not own what a job may do in AWS: a job takes the deployer's role
by its own token of GitHub's, as on any other runner, and this one's role may do nothing but run it.

The container is thrown away after each job, listens on nothing, and has no address outside: it leaves by NAT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.cluster import Cluster
from components.cluster_access import API_PORT
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.role import Role, RoleArgs
from components.security_group import Rule, SecurityGroup, SecurityGroupArgs
from model import iam, settings
from model.conventions import Conventions
from model.subnets import Tier

_ROLE: Final = "runner"
_SERVICE: Final = "codebuild.amazonaws.com"
_IMAGE: Final = "aws/codebuild/standard:7.0"
"""Ubuntu with Python, Node and the AWS CLI: the curated image that is most like GitHub's own runners."""
_MINUTES: Final = 130
"""As long as a deployer's session, and the time until a container has taken up its job."""
_QUEUED_MINUTES: Final = 30


@dataclass(frozen=True, kw_only=True)
class RunnerArgs:
    """What the runner works for.

    Attributes:
        settings: All settings of the stack.
        network: VPC; the runner stands in the app subnets.
        keys: Encrypt its log (logs) and what a build would leave behind (data).
        clusters: Their API servers admit the runner.
    """

    settings: settings.Settings
    network: Network
    keys: Keys
    clusters: Sequence[Cluster]


class Runner(pulumi.ComponentResource):
    """A runner where the settings ask for one, otherwise nothing."""

    def __init__(self, name: str, args: RunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:runner:Runner", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        self._project_name = self._conventions.naming.name("cb", _ROLE)
        source = args.settings.runner.source
        if source is not None:
            group_id = SecurityGroup(
                f"{name}-sg",
                SecurityGroupArgs(
                    conventions=self._conventions,
                    role=_ROLE,
                    description="Runner of the pipeline, which admits nobody",
                    vpc_id=args.network.vpc_id,
                ),
                opts=self._child,
            ).group_id
            self._rules(group_id)
            self._project(*source, group_id)
        self.register_outputs({})

    def _rules(self, group_id: pulumi.Output[str]) -> None:
        Rule(
            conventions=self._conventions,
            group_id=group_id,
            role=_ROLE,
            description="To API servers, GitHub, registries and AWS",
            port=API_PORT,
            peer_cidr="0.0.0.0/0",
        ).release(f"{self._name}-to-https", self._child)
        for cluster in self._args.clusters:
            Rule(
                conventions=self._conventions,
                group_id=cluster.security_group_id,
                role=f"{cluster.role}{_ROLE}",
                description="To the API server, from the runner of the pipeline",
                port=API_PORT,
                peer_group_id=group_id,
            ).admit(f"{self._name}-{cluster.role}-from-runner", self._child)

    def _project(self, repository: str, connection_arn: str, group_id: pulumi.Output[str]) -> None:
        conventions, keys, network = self._conventions, self._args.keys, self._args.network
        log = log_group(
            f"{self._name}-log",
            conventions.naming.log_group(_ROLE),
            _ROLE,
            conventions=conventions,
            key_arn=keys.arns["logs"],
            opts=self._child,
        )
        subnet_ids = network.subnet_ids[Tier.APP]
        subnet_arns = tuple(
            pulumi.Output.concat(conventions.arns.of("ec2", "subnet/"), subnet_id) for subnet_id in subnet_ids
        )
        group_arn = pulumi.Output.concat(conventions.arns.of("ec2", "security-group/"), group_id)
        role = Role(
            f"{self._name}-role",
            RoleArgs(
                conventions=conventions,
                role=_ROLE,
                description="CodeBuild runs jobs of the pipeline in the VPC with it; jobs take roles of their own",
                trust=iam.trust(
                    _SERVICE,
                    condition={
                        "StringEquals": {"aws:SourceAccount": conventions.account_id},
                        "ArnEquals": {
                            "aws:SourceArn": conventions.arns.of("codebuild", f"project/{self._project_name}")
                        },
                    },
                ),
                statements=_rights(conventions, connection_arn, subnet_arns, group_arn),
            ),
            opts=self._child,
        )
        project = aws.codebuild.Project(
            f"{self._name}-project",
            name=self._project_name,
            description="Runs jobs of the pipeline that must reach private API servers",
            service_role=role.arn,
            source={
                "type": "GITHUB",
                "location": f"https://github.com/{repository}.git",
                "auth": {"type": "CODECONNECTIONS", "resource": connection_arn},
            },
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "compute_type": "BUILD_GENERAL1_MEDIUM", "image": _IMAGE},
            vpc_config={"vpc_id": network.vpc_id, "subnets": subnet_ids, "security_group_ids": [group_id]},
            logs_config={"cloudwatch_logs": {"status": "ENABLED", "group_name": log.name}},
            encryption_key=keys.arns["data"],
            build_timeout=_MINUTES,
            queued_timeout=_QUEUED_MINUTES,
            tags=conventions.tags("cb", _ROLE),
            # CodeBuild tries the role's rights on the VPC when the project is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.attachments),
        )
        aws.codebuild.Webhook(
            f"{self._name}-webhook",
            project_name=project.name,
            # Of all workflows only deployments come here; which label asks for it is the job's choice. By which name
            # GitHub tells of a called workflow's job, the caller's or its own, is unverified: either will do.
            filter_groups=[
                {
                    "filters": [
                        {"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"},
                        {"type": "WORKFLOW_NAME", "pattern": "^deploy( a stack)?$"},
                    ]
                }
            ],
            opts=self._child,
        )


def _rights(
    conventions: Conventions,
    connection_arn: str,
    subnet_arns: tuple[pulumi.Output[str], ...],
    group_arn: pulumi.Output[str],
) -> list[iam.Statement[str] | iam.Statement[pulumi.Output[str]]]:
    """Return what CodeBuild needs to put a container into the VPC (CodeBuild user guide, identity-based policies)."""
    interfaces = conventions.arns.of("ec2", "network-interface/*")
    log = conventions.arns.of("logs", f"log-group:{conventions.naming.log_group(_ROLE)}")
    return [
        iam.Statement(
            sid="WriteLog", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(f"{log}:log-stream:*",)
        ),
        iam.Statement(
            sid="ReadRepository",
            actions=(
                "codeconnections:GetConnection",
                "codeconnections:GetConnectionToken",
                "codeconnections:UseConnection",
            ),
            resources=(connection_arn,),
        ),
        iam.without_resources(
            "FindNetwork",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            reason="describing takes no resource",
        ),
        iam.Statement(
            sid="MakeInterface", actions=("ec2:CreateNetworkInterface",), resources=(*subnet_arns, group_arn)
        ),
        iam.Statement(
            sid="ChangeInterface",
            actions=("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
            resources=(interfaces,),
        ),
        iam.Statement(
            sid="LetCodeBuildUseInterface",
            actions=("ec2:CreateNetworkInterfacePermission",),
            resources=(interfaces,),
            condition={"StringEquals": {"ec2:AuthorizedService": _SERVICE, "ec2:Subnet": list(subnet_arns)}},
        ),
    ]
