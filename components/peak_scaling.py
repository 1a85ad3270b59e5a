"""More pods before the crowd comes: raises the minimum of one pod autoscaler in peak hours.

Owns the CronJobs, and the service account that may change this one autoscaler and nothing else. Does not own the
autoscaler, which is the chart's: Helm compares releases with each other and not with what runs, so that a raised
minimum is no drift. Only a deployment in the middle of a peak resets it, for minutes.

kubectl's own image does it: a program of ours would do what one command does. It comes from registry.k8s.io, so that
even a peak in which it cannot be pulled changes nothing but the minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from model import settings

_NOBODY: Final = 65532
_HTTPS: Final = 443
_SECONDS: Final = 240
"""How long one job may take: a node for it may have to start first."""


@dataclass(frozen=True, kw_only=True)
class PeakScalingArgs:
    """What is raised, and when.

    Attributes:
        namespace: Where the autoscaler is.
        autoscaler: Its name.
        release: The release that makes it.
        usual: Minimum outside of peaks.
        peak: Minimum in a peak.
        peaks: The hours.
        kubernetes_version: Minor version of the cluster, whose kubectl is used.
        api_cidrs: Where the API server answers.
    """

    namespace: str
    autoscaler: str
    release: pulumi.Resource
    usual: int
    peak: int
    peaks: settings.Peaks
    kubernetes_version: str
    api_cidrs: Sequence[str]


class PeakScaling(pulumi.ComponentResource):
    """Two CronJobs for each window of peak hours."""

    def __init__(self, name: str, args: PeakScalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:peak_scaling:PeakScaling", name, None, opts)
        self._name, self._args = name, args
        self._account = f"{args.autoscaler}-peak"
        self._labels = {"app.kubernetes.io/name": self._account}
        # The release is also what comes after the namespace.
        self._child = pulumi.ResourceOptions(parent=self, depends_on=[args.release])
        rights = self._rights()
        for number, window in enumerate(args.peaks.windows, start=1):
            self._job(f"{number}-raise", window.raise_schedule, args.peak, rights)
            self._job(f"{number}-lower", window.lower_schedule, args.usual, rights)
        self.register_outputs({})

    def _rights(self) -> list[pulumi.Resource]:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": self._account, "namespace": self._args.namespace}
        account = k8s.core.v1.ServiceAccount(f"{self._name}-account", metadata=metadata, opts=self._child)
        role = k8s.rbac.v1.Role(
            f"{self._name}-role",
            metadata=metadata,
            rules=[
                {
                    "api_groups": ["autoscaling"],
                    "resources": ["horizontalpodautoscalers"],
                    "resource_names": [self._args.autoscaler],
                    # kubectl reads what it patches.
                    "verbs": ["get", "patch"],
                }
            ],
            opts=self._child,
        )
        binding = k8s.rbac.v1.RoleBinding(
            f"{self._name}-binding",
            metadata=metadata,
            role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": self._account},
            subjects=[{"kind": "ServiceAccount", "name": self._account, "namespace": self._args.namespace}],
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[account, role])),
        )
        traffic = k8s.networking.v1.NetworkPolicy(
            f"{self._name}-traffic",
            metadata=metadata,
            spec={
                "pod_selector": {"match_labels": self._labels},
                "policy_types": ["Ingress", "Egress"],
                "egress": [
                    {
                        "to": [{"ip_block": {"cidr": cidr}} for cidr in self._args.api_cidrs],
                        "ports": [{"protocol": "TCP", "port": _HTTPS}],
                    }
                ],
            },
            opts=self._child,
        )
        return [binding, traffic]

    def _job(self, role: str, schedule: str, minimum: int, rights: Sequence[pulumi.Resource]) -> None:
        args = self._args
        command = [
            "patch",
            "horizontalpodautoscaler",
            args.autoscaler,
            f'--patch={{"spec":{{"minReplicas":{minimum}}}}}',
        ]
        k8s.batch.v1.CronJob(
            f"{self._name}-{role}",
            metadata={"name": f"{self._account}-{role}", "namespace": args.namespace},
            spec={
                "schedule": schedule,
                "time_zone": args.peaks.time_zone,
                "concurrency_policy": "Replace",
                "starting_deadline_seconds": _SECONDS,
                "successful_jobs_history_limit": 1,
                "job_template": {
                    "spec": {
                        "active_deadline_seconds": _SECONDS,
                        "backoff_limit": 2,
                        "template": {"metadata": {"labels": self._labels}, "spec": self._pod(command)},
                    }
                },
            },
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[*rights])),
        )

    def _pod(self, command: Sequence[str]) -> k8s.core.v1.PodSpecArgsDict:
        return {
            "service_account_name": self._account,
            "restart_policy": "Never",
            "security_context": {
                "run_as_non_root": True,
                "run_as_user": _NOBODY,
                "run_as_group": _NOBODY,
                "seccomp_profile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "kubectl",
                    "image": f"registry.k8s.io/kubectl:v{self._args.kubernetes_version}.0",
                    "args": [*command],
                    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
                    "security_context": {
                        "allow_privilege_escalation": False,
                        "read_only_root_filesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        }
