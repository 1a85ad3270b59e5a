"""EKS add-ons of a cluster, each with a pinned version and a role of its own.

Owns metrics-server (the pod autoscaler reads it), CloudWatch observability (Container Insights, application logs)
with its log groups and, where pods share files, the EFS driver. Does not own what Auto Mode builds in: DNS, proxy, pod
network, EBS driver, Pod Identity agent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.log_group import log_group
from components.pod_identity import PodIdentityArgs, pod_identity, pod_trust
from components.role import Role, RoleArgs
from model import settings
from model.conventions import Conventions

_INSIGHT_LOGS: Final = ("application", "dataplane", "host", "performance")
"""Log groups below /aws/containerinsights/<cluster>/ that the CloudWatch agent writes."""
_OBSERVE_ONLY: Final = {"manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}}}
"""By default the add-on puts a Java agent into every pod behind a Service, by a container that the namespaces'
restricted profile refuses (v6.7.0, as others report; unverified in AWS's own pages)."""
_DRIVER_NAMESPACE: Final = "kube-system"
_DRIVER_NODE_ACCOUNT: Final = "efs-csi-node-sa"


@dataclass(frozen=True, kw_only=True)
class ClusterAddonsArgs:
    """What the add-ons need.

    Attributes:
        conventions: Names and tags.
        role: `web` or `was`.
        cluster_name: Cluster.
        versions: Pinned versions.
        logs_key_arn: Encrypts the log groups.
        shares_files: Whether pods mount EFS.
        installed: Off while the cluster has no nodes: EKS would wait 20 minutes for pods that start nowhere, and fail.
            Roles and log groups are made all the same.
    """

    conventions: Conventions
    role: str
    cluster_name: str
    versions: settings.Addons
    logs_key_arn: pulumi.Input[str]
    shares_files: bool = False
    installed: bool = True


class ClusterAddons(pulumi.ComponentResource):
    """Two or three add-ons; workloads that scale need the first of them."""

    application_log: str
    """Log group of what containers write."""
    mount_role_arn: pulumi.Output[str] | None
    """Role with which the driver on the nodes mounts file systems, which grant it their rights themselves."""

    def __init__(self, name: str, args: ClusterAddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:cluster_addons:ClusterAddons", name, None, opts)
        self._name, self._args = name, args
        self.application_log = self._path("application")
        groups = [self._log_group(kind) for kind in _INSIGHT_LOGS]
        self._addon("metrics-server", args.versions.metrics_server, "metrics")
        self.mount_role_arn = self._file_driver() if args.shares_files else None
        self._addon(
            "amazon-cloudwatch-observability",
            args.versions.cloudwatch_observability,
            "cwagent",
            namespace="amazon-cloudwatch",
            service_account="cloudwatch-agent",
            managed_policy="CloudWatchAgentServerPolicy",
            configuration=_OBSERVE_ONLY,
            depends_on=groups,
        )
        self.register_outputs({})

    def _file_driver(self) -> pulumi.Output[str]:
        # The add-on takes associations for its controller only, and a node's pod learns of its role when it starts.
        role, association = pod_identity(
            f"{self._name}-efsnode",
            PodIdentityArgs(
                conventions=self._args.conventions,
                cluster_name=self._args.cluster_name,
                namespace=_DRIVER_NAMESPACE,
                service_account=_DRIVER_NODE_ACCOUNT,
                role=f"{self._args.role}efsnode",
                description=f"The EFS driver on the nodes of {self._args.cluster_name} mounts file systems with it",
            ),
            self,
        )
        self._addon(
            "aws-efs-csi-driver",
            self._args.versions.efs_csi_driver,
            "efscsi",
            namespace=_DRIVER_NAMESPACE,
            service_account="efs-csi-controller-sa",
            managed_policy="service-role/AmazonEFSCSIDriverPolicy",
            depends_on=[association],
        )
        return role.arn

    def _path(self, kind: str) -> str:
        return f"/aws/containerinsights/{self._args.cluster_name}/{kind}"

    def _log_group(self, kind: str) -> aws.cloudwatch.LogGroup:
        conventions, role = self._args.conventions, f"{self._args.role}{kind}"
        return log_group(
            f"{self._name}-{kind}-logs",
            self._path(kind),
            role,
            conventions=conventions,
            key_arn=self._args.logs_key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _addon(
        self,
        addon: str,
        version: str,
        role: str,
        *,
        namespace: str = "kube-system",
        service_account: str | None = None,
        managed_policy: str | None = None,
        configuration: Mapping[str, object] | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        conventions = self._args.conventions
        identities: list[aws.eks.AddonPodIdentityAssociationArgsDict] = []
        waits: list[pulumi.Resource] = list(depends_on)
        if service_account is not None and managed_policy is not None:
            pod_role = Role(
                f"{self._name}-{role}-role",
                RoleArgs(
                    conventions=conventions,
                    role=f"{self._args.role}{role}",
                    description=f"Pods of the add-on {addon} in {self._args.cluster_name}",
                    trust=pod_trust(conventions, self._args.cluster_name, namespace, service_account),
                    managed_policies=[managed_policy],
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            waits += pod_role.attachments
            identities.append({"role_arn": pod_role.arn, "service_account": service_account})
        if not self._args.installed:
            return
        aws.eks.Addon(
            f"{self._name}-{addon}",
            cluster_name=self._args.cluster_name,
            addon_name=addon,
            addon_version=version,
            pod_identity_associations=identities or None,
            configuration_values=json.dumps(configuration) if configuration else None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=conventions.tagging.tags(
                conventions.naming.name("addon", f"{self._args.role}{role}"), self._args.role
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
        )
