"""Experiments that prove, on the real platform, that it survives what it is built to survive.

Owns one AWS FIS template for each loss (a zone's network, the database's writer, the cache's nodes of a zone), the role
they act with, their log and who may write it. They run when somebody starts them, never by themselves, and end at once
when the alarm goes off that customers are affected: surviving means that it does not.

Pods are not among them: FIS would need an account that may make pods in every namespace and run commands in them, for
what `kubectl delete pod` does. Subnets of the data tier stay connected when a zone is lost: RDS goes on calling a
writer healthy that nobody reaches, which no real loss of a zone looks like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.alarms import Alarms
from components.keys import Keys
from components.log_group import log_group
from components.role import Role, RoleArgs
from components.was_tier import WasTier
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
        was: Its network's first zone is lost, its database and its cache fail over.
        alarms: One of them ends an experiment.
    """

    settings: settings.Settings
    keys: Keys
    was: WasTier
    alarms: Alarms


@dataclass(frozen=True, kw_only=True)
class _Loss:
    """One thing that an experiment takes away.

    Attributes:
        description: What happens, and what carries on.
        action: FIS's name of what it does.
        target_key: FIS's name of what the action needs.
        resource_type: FIS's type of it.
        resource_arns: All of what is hit.
        parameters: Of the action.
        within: Narrows the resources down.
    """

    description: str
    action: str
    target_key: str
    resource_type: str
    resource_arns: Sequence[pulumi.Input[str]]
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    within: Mapping[str, str] | None = None


class Resilience(pulumi.ComponentResource):
    """FIS experiment templates, each with the same stop condition."""

    experiments: dict[str, pulumi.Output[str]]
    """Id of each template, by the part of its name that tells what is lost."""

    def __init__(self, name: str, args: ResilienceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:resilience:Resilience", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        arns, subnets = args.settings.conventions.arns, args.was.network.subnet_ids
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
        self._delivery = self._admit_delivery()
        self._role = self._make_role()
        self.experiments = {role: self._experiment(role, loss) for role, loss in self._losses().items()}
        self.register_outputs({"experiments": self.experiments})

    def _losses(self) -> dict[str, _Loss]:
        stores, zone = self._args.was.stores, self._args.settings.network.availability_zones[0]
        return {
            "zone": _Loss(
                description=f"Cuts public and app subnets of {zone} off: "
                "balancers, pods and NAT of the other zones carry on",
                action="aws:network:disrupt-connectivity",
                target_key="Subnets",
                resource_type="aws:ec2:subnet",
                resource_arns=self._lost,
                parameters={"duration": _LASTS, "scope": "all"},
            ),
            "writer": _Loss(
                description="Makes a reader the writer: orders go on after seconds",
                action="aws:rds:failover-db-cluster",
                target_key="Clusters",
                resource_type="aws:rds:cluster",
                resource_arns=[stores.database.arn],
            ),
            "cache": _Loss(
                description=f"Takes the power from the cache's nodes in {zone}: "
                "menus come from another node or the database",
                action="aws:elasticache:replicationgroup-interrupt-az-power",
                target_key="ReplicationGroups",
                resource_type="aws:elasticache:replicationgroup",
                resource_arns=[stores.cache.arn],
                parameters={"duration": _LASTS},
                within={"availabilityZoneIdentifier": zone},
            ),
        }

    def _experiment(self, role: str, loss: _Loss) -> pulumi.Output[str]:
        return aws.fis.ExperimentTemplate(
            f"{self._name}-{role}",
            description=loss.description,
            role_arn=self._role.arn,
            targets=[
                {
                    "name": "lost",
                    "resource_type": loss.resource_type,
                    "selection_mode": "ALL",
                    "resource_arns": list(loss.resource_arns),
                    "parameters": loss.within,
                }
            ],
            actions=[
                {
                    "name": role,
                    "action_id": loss.action,
                    "target": {"key": loss.target_key, "value": "lost"},
                    "parameters": [{"key": key, "value": value} for key, value in loss.parameters.items()],
                }
            ],
            stop_conditions=[{"source": "aws:cloudwatch:alarm", "value": self._args.alarms.customers_arn}],
            # An experiment that hits nothing would prove nothing.
            experiment_options={"account_targeting": "single-account", "empty_target_resolution_mode": "fail"},
            log_configuration={
                "log_schema_version": 2,
                "cloudwatch_logs_configuration": {"log_group_arn": pulumi.Output.concat(self._log.arn, ":*")},
            },
            tags=self._args.settings.conventions.tags("fis", role),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._role.attachments, self._delivery]),
        ).id

    def _admit_delivery(self) -> aws.cloudwatch.LogResourcePolicy:
        """Let the delivery of logs write into the group: AWS itself makes such a policy only for who may change any."""
        conventions = self._args.settings.conventions
        streams = conventions.arns.of("logs", f"log-group:{conventions.naming.log_group('experiments')}:log-stream:*")
        return aws.cloudwatch.LogResourcePolicy(
            f"{self._name}-log-policy",
            policy_name=conventions.naming.name("pol", "experimentlog"),
            policy_document=pulumi.Output.json_dumps(
                iam.document(
                    iam.Statement(
                        sid="LogDeliveryWrites",
                        principal=iam.Principal.service("delivery.logs.amazonaws.com"),
                        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                        resources=(streams,),
                        condition={
                            "StringEquals": {"aws:SourceAccount": conventions.account_id},
                            "ArnLike": {"aws:SourceArn": conventions.arns.of("logs", "*")},
                        },
                    )
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._log]),
        )

    def _make_role(self) -> Role:
        conventions, arns = self._args.settings.conventions, self._args.settings.conventions.arns
        made_by_fis = {"StringEquals": {"aws:ResourceTag/managedByFIS": "true"}}
        lists = arns.of("ec2", "network-acl/*")
        vpc = pulumi.Output.concat(arns.of("ec2", "vpc/"), self._args.was.network.vpc_id)
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
                        resources=(self._args.was.stores.database.arn,),
                    ),
                    iam.Statement(
                        sid="InterruptCache",
                        actions=("elasticache:InterruptClusterAzPower", "elasticache:DescribeReplicationGroups"),
                        resources=(self._args.was.stores.cache.arn,),
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
