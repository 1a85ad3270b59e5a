"""Experiments that prove, on the real platform, that it survives what it is built to survive.

Owns one AWS FIS template for each loss (a zone's network, the database's writer, the cache's nodes of a zone), the role
they act with and their log. They run when somebody starts them, never by themselves, and end at once when the alarm
goes off that customers are affected: surviving means that it does not.

Pods are not among them: FIS would need an account that may make pods in every namespace and run commands in them, for
what `kubectl delete pod` does. Subnets of the data tier stay connected when a zone is lost: RDS goes on calling a
writer healthy that nobody reaches, which no real loss of a zone looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi_aws.fis import ExperimentTemplateTargetArgsDict

from components.alarms import Alarms
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.role import Role, RoleArgs
from components.was_tier import Stores
from model import iam, settings
from model.subnets import Tier

_LASTS: Final = "PT10M"
"""Longer than balancers, autoscalers and a failover take to answer."""


@dataclass(frozen=True, kw_only=True)
class ResilienceArgs:
    """What is put to the test.

    Attributes:
        settings: All settings of the stack.
        keys: The logs key encrypts what experiments report.
        network: Its first zone is lost.
        stores: Database and cache.
        alarms: One of them ends an experiment.
    """

    settings: settings.Settings
    keys: Keys
    network: Network
    stores: Stores
    alarms: Alarms


class Resilience(pulumi.ComponentResource):
    """FIS experiment templates, each with the same stop condition."""

    experiments: dict[str, pulumi.Output[str]]
    """Id of each template, by the part of its name that tells what is lost."""

    def __init__(self, name: str, args: ResilienceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:resilience:Resilience", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        zone = args.settings.network.availability_zones[0]
        arns, subnets = args.settings.conventions.arns, args.network.subnet_ids
        self._lost = [
            pulumi.Output.concat(arns.of("ec2", "subnet/"), subnets[tier][0]) for tier in (Tier.PUBLIC, Tier.APP)
        ]
        self._log = log_group(
            f"{name}-log",
            args.settings.conventions.naming.log_group("experiments"),
            "experiments",
            conventions=args.settings.conventions,
            key_arn=args.keys.arns["logs"],
            opts=self._child,
        )
        self._role = self._make_role()
        self.experiments = {
            "zone": self._experiment(
                "zone",
                f"Cuts public and app subnets of {zone} off: balancers, pods and NAT of the other zones carry on",
                "aws:network:disrupt-connectivity",
                "Subnets",
                {
                    "name": "lost",
                    "resource_type": "aws:ec2:subnet",
                    "selection_mode": "ALL",
                    "resource_arns": self._lost,
                },
                {"duration": _LASTS, "scope": "all"},
            ),
            "writer": self._experiment(
                "writer",
                "Makes a reader the writer: orders go on after seconds",
                "aws:rds:failover-db-cluster",
                "Clusters",
                {
                    "name": "lost",
                    "resource_type": "aws:rds:cluster",
                    "selection_mode": "ALL",
                    "resource_arns": [args.stores.database.arn],
                },
                {},
            ),
            "cache": self._experiment(
                "cache",
                f"Takes the power from the cache's nodes in {zone}: menus come from another node or the database",
                "aws:elasticache:replicationgroup-interrupt-az-power",
                "ReplicationGroups",
                {
                    "name": "lost",
                    "resource_type": "aws:elasticache:replicationgroup",
                    "selection_mode": "ALL",
                    "resource_arns": [args.stores.cache.arn],
                    "parameters": {"availabilityZoneIdentifier": zone},
                },
                {"duration": _LASTS},
            ),
        }
        self.register_outputs({"experiments": self.experiments})

    def _experiment(
        self,
        lost: str,
        description: str,
        action: str,
        target_key: str,
        target: ExperimentTemplateTargetArgsDict,
        parameters: dict[str, str],
    ) -> pulumi.Output[str]:
        conventions = self._args.settings.conventions
        return aws.fis.ExperimentTemplate(
            f"{self._name}-{lost}",
            description=description,
            role_arn=self._role.arn,
            targets=[target],
            actions=[
                {
                    "name": lost,
                    "action_id": action,
                    "target": {"key": target_key, "value": "lost"},
                    "parameters": [{"key": key, "value": value} for key, value in parameters.items()],
                }
            ],
            stop_conditions=[{"source": "aws:cloudwatch:alarm", "value": self._args.alarms.customers_arn}],
            # An experiment that hits nothing would prove nothing.
            experiment_options={"account_targeting": "single-account", "empty_target_resolution_mode": "fail"},
            log_configuration={
                "log_schema_version": 2,
                "cloudwatch_logs_configuration": {"log_group_arn": pulumi.Output.concat(self._log.arn, ":*")},
            },
            tags=conventions.tagging.tags(conventions.naming.name("fis", lost), lost),
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=self._role.attachments)),
        ).id

    def _make_role(self) -> Role:
        conventions, arns = self._args.settings.conventions, self._args.settings.conventions.arns
        made_by_fis = {"StringEquals": {"aws:ResourceTag/managedByFIS": "true"}}
        lists = arns.of("ec2", "network-acl/*")
        vpc = pulumi.Output.concat(arns.of("ec2", "vpc/"), self._args.network.vpc_id)
        return Role(
            f"{self._name}-role",
            RoleArgs(
                conventions=conventions,
                role="fis",
                description="Experiments: cuts off the subnets of one zone, fails over the database and the cache",
                trust=iam.trust(
                    "fis.amazonaws.com", condition={"StringEquals": {"aws:SourceAccount": conventions.account_id}}
                ),
                statements=[
                    iam.without_resources(
                        "FindTargets",
                        "ec2:DescribeSubnets",
                        "ec2:DescribeVpcs",
                        "ec2:DescribeNetworkAcls",
                        "ec2:DescribeManagedPrefixLists",
                        "tag:GetResources",
                        reason="describing takes no resource",
                    ),
                    iam.Statement(
                        sid="MakeOwnAcl",
                        actions=("ec2:CreateNetworkAcl",),
                        resources=(lists,),
                        condition={"StringEquals": {"aws:RequestTag/managedByFIS": "true"}},
                    ),
                    iam.Statement(sid="MakeAclInVpc", actions=("ec2:CreateNetworkAcl",), resources=(vpc,)),
                    iam.Statement(
                        sid="TagOwnAcl",
                        actions=("ec2:CreateTags",),
                        resources=(lists,),
                        condition={
                            "StringEquals": {
                                "ec2:CreateAction": "CreateNetworkAcl",
                                "aws:RequestTag/managedByFIS": "true",
                            }
                        },
                    ),
                    iam.Statement(
                        sid="ChangeOwnAcl",
                        actions=("ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAcl"),
                        resources=(lists,),
                        condition=made_by_fis,
                    ),
                    # The list that comes back afterwards is the VPC's own, which FIS has not made.
                    iam.Statement(sid="SwapAcl", actions=("ec2:ReplaceNetworkAclAssociation",), resources=(lists,)),
                    iam.Statement(
                        sid="SwapAclOfLostSubnets",
                        actions=("ec2:ReplaceNetworkAclAssociation",),
                        resources=tuple(self._lost),
                    ),
                    iam.Statement(
                        sid="FailOverDatabase",
                        actions=("rds:FailoverDBCluster", "rds:DescribeDBClusters"),
                        resources=(self._args.stores.database.arn,),
                    ),
                    iam.Statement(
                        sid="InterruptCache",
                        actions=("elasticache:InterruptClusterAzPower", "elasticache:DescribeReplicationGroups"),
                        resources=(self._args.stores.cache.arn,),
                    ),
                    iam.without_resources(
                        "DeliverLog",
                        "logs:CreateLogDelivery",
                        "logs:DescribeResourcePolicies",
                        "logs:DescribeLogGroups",
                        reason="a delivery is made before there is one to name",
                    ),
                ],
            ),
            opts=self._child,
        )
