"""The areas of the settings for the two EKS clusters, and for the pipeline's machine that reaches them.

Owns what they may hold and the rules inside one area; what runs in the clusters is `areas.Workloads`, rules that need
two areas stand in `tree`.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from model.settings.base import PrivateNetwork, PublicNetwork, RoleArn, Section

VPC_BLOCKS_RESERVED_BY_EKS: Final = (IPv4Network("172.17.0.0/16"),)
"""EKS nodes use this range for their own bridge; a VPC or service range over it breaks pods in ways hard to see."""


class NodePool(Section):
    """What EKS Auto Mode may start for our pods.

    Attributes:
        instance_families: EC2 families, each with the measurement behind it in the stack file.
        architecture: Of nodes and images.
        cpu_limit: Most vCPUs of all nodes together, the brake on cost.
        memory_limit_gib: Most memory of all nodes together.
    """

    instance_families: Annotated[tuple[str, ...], Field(min_length=1, examples=["[m7g]"])]
    architecture: Literal["amd64", "arm64"]
    cpu_limit: Annotated[int, Field(ge=4, le=1000)]
    memory_limit_gib: Annotated[int, Field(ge=8, le=4000)]


class Addons(Section):
    """Pinned versions of the EKS add-ons; an unpinned one would move between two previews."""

    metrics_server: Annotated[str, Field(pattern=r"^v[0-9.]+-eksbuild\.[0-9]+$", examples=["v1.2.3-eksbuild.1"])]
    efs_csi_driver: Annotated[str, Field(pattern=r"^v[0-9.]+-eksbuild\.[0-9]+$", examples=["v1.2.3-eksbuild.1"])]
    cloudwatch_observability: Annotated[
        str, Field(pattern=r"^v[0-9.]+-eksbuild\.[0-9]+$", examples=["v1.2.3-eksbuild.1"])
    ]


class ApiClients(Section):
    """Who besides nodes, pods and the bastion may reach the API servers from inside: runners, a VPN.

    Attributes:
        cidrs: Their private addresses, where they have no group in this VPC or in one that is peered with it.
        security_group_ids: Their groups.
    """

    cidrs: tuple[PrivateNetwork, ...] = ()
    security_group_ids: Annotated[
        tuple[Annotated[str, Field(pattern=r"^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$")], ...],
        Field(examples=["[sg-0123456789abcdef0]"]),
    ] = ()

    @model_validator(mode="after")
    def _once(self) -> ApiClients:
        if len(set(self.cidrs)) != len(self.cidrs) or len(set(self.security_group_ids)) != len(self.security_group_ids):
            raise ValueError("names a client twice, for which AWS makes no second rule: remove one")
        return self


class Clusters(Section):
    """Both EKS clusters, which differ in what runs on them and in nothing else.

    Attributes:
        contents: Whether anything is made in them: nodes, add-ons, releases, every object behind an API server. Off in
            a stack's first pass, while nothing yet can reach the API servers and the registry has no image.
        kubernetes_version: One that AWS supports now without the surcharge for old versions.
        service_cidr: Addresses of Services; inside the clusters only, but must not overlap what pods talk to.
        public_endpoint_cidrs: Who may reach the API servers from the internet; none means private only.
        api_clients: Who may reach them from the VPC and networks connected to it.
        admin_role_arns: Roles that may do everything in them, beside the deployer.
        viewer_role_arns: Roles that may read workloads, and neither secrets nor what belongs to the whole cluster.
        node_pool: What may be started.
        addons: Versions.
    """

    contents: bool
    kubernetes_version: Literal["1.35", "1.36", "1.37"]
    service_cidr: Annotated[PrivateNetwork, Field(examples=["172.20.0.0/16"])]
    public_endpoint_cidrs: tuple[PublicNetwork, ...] = ()
    api_clients: ApiClients = ApiClients()
    admin_role_arns: tuple[RoleArn, ...] = ()
    viewer_role_arns: tuple[RoleArn, ...] = ()
    node_pool: NodePool
    addons: Addons

    @property
    def dns_address(self) -> str:
        """Where the clusters' DNS answers: the tenth address of the service range, EKS's own rule."""
        return str(self.service_cidr.network_address + 10)


class Runner(Section):
    """The pipeline's runner inside the VPC; without settings there is none, and another one reaches the API servers.

    Attributes:
        repository: Owner and name of the repository on GitHub whose deployments it runs.
        connection_arn: Connection of AWS CodeConnections to GitHub, which a person makes and confirms in the console.
    """

    repository: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$", examples=["cinema/fast-order"])
    ] = None
    connection_arn: Annotated[
        str | None,
        Field(
            pattern=r"^arn:aws:codeconnections:[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}$",
            examples=["arn:aws:codeconnections:ap-northeast-2:<12 digits>:connection/<its id>"],
        ),
    ] = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Runner:
        if (self.repository is None) != (self.connection_arn is None):
            raise ValueError("needs repository and connectionArn: set both, or neither for no runner")
        return self

    @property
    def source(self) -> tuple[str, str] | None:
        """Repository and connection, or None where there is no runner."""
        if self.repository is None or self.connection_arn is None:
            return None
        return self.repository, self.connection_arn
