"""One Helm release with all that AWS and Kubernetes must have ready before its first pod starts.

Owns the namespace (restricted pods, readiness gates), the pods' IAM role by Pod Identity, the AJP secret, the binding
to a target group and the release itself. Does not own the chart, which lies beside its image in `workloads/`, nor
the namespace's security-group rules, which belong to whoever listens.

Order matters: role association, secret and binding come before the release, because a pod that starts first has no
credentials, and a pod that is admitted first gets no readiness gate and drops traffic when it is rolled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.cluster import Cluster
from components.load_balancer import Target
from components.peak_scaling import PeakScaling, PeakScalingArgs
from components.pod_identity import PodIdentityArgs, pod_identity
from model import iam, settings
from model.naming import System

AJP_SECRET: Final = "ajp-secret"  # noqa: S105 - the name of the Secret, not its content
_RELEASE_TIMEOUT_SECONDS: Final = 600
"""A node may have to be started first (2 minutes) and images pulled, for each pod of a rollout."""


@dataclass(frozen=True, kw_only=True)
class PodIdentity:
    """A service account and what its pods may do in AWS.

    Attributes:
        service_account: Name that the chart gives it.
        role: Role part of the IAM role's name.
        statements: Rights; none means that the pods can prove who they are and nothing else.
    """

    service_account: str
    role: str
    statements: Sequence[iam.Statement[str] | iam.Statement[pulumi.Output[str]]] = ()


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """One release.

    Attributes:
        stack: All settings of the stack.
        cluster: Where it runs.
        namespace: Namespace of its own.
        release: Name of the release and of its Service.
        chart: Folder of the chart.
        image: Address of the image without its tag.
        settings: Image tag, replicas, resources.
        values: What this chart needs beyond image, replicas and resources.
        service_port: Port of the Service that is bound to the target group.
        target: Target group and listener.
        ajp_secret: Shared secret of mod_jk and Tomcat.
        system: Service it belongs to.
        identities: Service accounts of the release with what their pods may do in AWS.
        after: Workloads that must be installed first.
    """

    stack: settings.Settings
    cluster: Cluster
    namespace: str
    release: str
    chart: Path
    image: pulumi.Input[str]
    settings: settings.Workload
    values: Mapping[str, object]
    service_port: int
    target: Target
    ajp_secret: pulumi.Input[str]
    system: System = "common"
    identities: Sequence[PodIdentity]
    after: Sequence[Workload] = ()


class Workload(pulumi.ComponentResource):
    """One namespace with one release, reachable through one target group."""

    release_name: pulumi.Output[str]
    """Name of the release, available once its pods are ready."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[args.cluster.kubernetes]))
        super().__init__("fastorder:workload:Workload", name, None, opts)
        self._name, self._args = name, args
        namespace = self._namespace()
        ready: list[pulumi.Resource] = [
            self._ajp_secret(namespace),
            self._binding(namespace),
            *(made for identity in args.identities for made in self._pod_identity(identity)),
            *args.cluster.ready,
            *args.after,
        ]
        release = self._release(namespace, ready)
        self.release_name = release.name.apply(_given)
        self._peaks(release)
        self.register_outputs({"releaseName": self.release_name})

    def _namespace(self) -> k8s.core.v1.Namespace:
        restricted = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        return k8s.core.v1.Namespace(
            f"{self._name}-namespace",
            metadata={
                "name": self._args.namespace,
                "labels": {**restricted, "eks.amazonaws.com/pod-readiness-gate-inject": "enabled"},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.cluster.ready]),
        )

    def _ajp_secret(self, namespace: k8s.core.v1.Namespace) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-ajp-secret",
            metadata={"name": AJP_SECRET, "namespace": self._args.namespace},
            string_data={"secret": self._args.ajp_secret},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace]),
        )

    def _binding(self, namespace: k8s.core.v1.Namespace) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{self._name}-binding",
            api_version="eks.amazonaws.com/v1",
            kind="TargetGroupBinding",
            metadata={"name": self._args.release, "namespace": self._args.namespace},
            # No `networking`: EKS would then write security-group rules of its own beside ours.
            spec={
                "targetType": "ip",
                "targetGroupARN": self._args.target.arn,
                "serviceRef": {"name": self._args.release, "port": self._args.service_port},
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # A target in a group without listener stays unused, and its pod never becomes ready.
                depends_on=[namespace, self._args.target.listener],
                # Its controller refuses another group for an existing binding.
                replace_on_changes=["spec.targetGroupARN"],
                delete_before_replace=True,
            ),
        )

    def _pod_identity(self, identity: PodIdentity) -> list[pulumi.Resource]:
        args = self._args
        role, association = pod_identity(
            f"{self._name}-{identity.role}",
            PodIdentityArgs(
                conventions=args.stack.conventions,
                cluster_name=args.cluster.cluster_name,
                namespace=args.namespace,
                service_account=identity.service_account,
                role=identity.role,
                description=f"Pods of {identity.service_account} in {args.cluster.cluster_name}",
                system=args.system,
                statements=identity.statements,
            ),
            self,
            depends_on=[args.cluster],
        )
        return [association, *role.attachments]

    def _peaks(self, release: pulumi.Resource) -> None:
        stack, replicas = self._args.stack, self._args.settings.replicas
        if replicas.peak is None:
            return
        PeakScaling(
            f"{self._name}-peak",
            PeakScalingArgs(
                namespace=self._args.namespace,
                autoscaler=self._args.release,
                release=release,
                usual=replicas.min,
                peak=replicas.peak,
                peaks=stack.peaks,
                kubernetes_version=stack.clusters.kubernetes_version,
                api_cidrs=[str(stack.network.cidr), str(stack.clusters.service_cidr)],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _release(self, namespace: k8s.core.v1.Namespace, ready: Sequence[pulumi.Resource]) -> k8s.helm.v3.Release:
        args = self._args
        values: dict[str, object] = {
            **args.values,
            "image": {"repository": args.image, **args.settings.image},
            "replicas": {"min": args.settings.replicas.min, "max": args.settings.replicas.max},
            "resources": {"cpu": args.settings.cpu, "memory": args.settings.memory},
            "serviceAccountName": args.release,
            # A Release compares values and the chart's version only: without this an edited template is not seen.
            "chartChecksum": checksum(args.chart),
        }
        return k8s.helm.v3.Release(
            f"{self._name}-release",
            name=args.release,
            namespace=args.namespace,
            chart=str(args.chart),
            values=values,
            # Otherwise a value that is taken out of the program lives on in the release.
            reset_values=True,
            atomic=True,
            cleanup_on_fail=True,
            timeout=_RELEASE_TIMEOUT_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace, *ready]),
        )


def ajp_values(secret: pulumi.Input[str], *, port: int | None = None) -> dict[str, object]:
    """Return the charts' values for AJP; the checksum rolls the pods when the secret is replaced.

    Pods read the secret once, when they start, and the Secret's own update leaves them as they are. The checksum ends
    in an annotation that more people may read than the secret, which is safe for one made at random: from 64 bits of a
    digest nobody comes back to one of 62^40 secrets. It stays a secret of Pulumi nevertheless, so that neither state
    nor plans show anything that was made from one.
    """
    values: dict[str, object] = {
        "secretName": AJP_SECRET,
        "secretChecksum": pulumi.Output.from_input(secret).apply(_digest),
    }
    return values if port is None else {**values, "port": port}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def checksum(folder: Path) -> str:
    """Return a digest over names and contents of all files below a folder.

    Raises:
        FileNotFoundError: The folder has no file: the path is wrong.
    """
    digest = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise FileNotFoundError(f"{folder} holds no chart: correct the path")
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _given(name: str | None) -> str:
    return name or ""
