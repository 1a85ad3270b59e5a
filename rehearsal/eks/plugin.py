"""The plugin's face: answers Construct for `eks:index:Cluster`.

Owns the translation between the engine's request and our component. Offers none of the other components of the
official plugin (node groups, add-ons, the role provider): this platform uses EKS Auto Mode, and what we do not build we
do not imitate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.runtime.rpc import ResourceModule, register_resource_module

from rehearsal.eks.cluster import Cluster

if TYPE_CHECKING:
    from semver import VersionInfo

VERSION = "4.4.0"
_CLUSTER = "eks:index:Cluster"


class _ForeignRole(pulumi.CustomResource):
    """A role that the program made: only its ARN is needed, so the whole AWS SDK need not be imported (1-2 seconds)."""

    arn: pulumi.Output[str]


class _Roles(ResourceModule):
    def version(self) -> VersionInfo | None:
        return None

    def construct(self, name: str, typ: str, urn: str) -> pulumi.Resource:
        return _ForeignRole(typ, name, {"arn": None}, pulumi.ResourceOptions(urn=urn))


class EksPlugin(Provider):
    """Serves the one component; raises `ValueError` for any other token."""

    def __init__(self) -> None:
        super().__init__(VERSION, "{}")
        register_resource_module("aws", "iam/role", _Roles())

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Registers the component and its children; raises `InputPropertyError` for arguments it does not support."""
        if resource_type != _CLUSTER:
            message = f"the eks stand-in offers {_CLUSTER} only, not {resource_type}: install the official eks plugin"
            raise ValueError(message)
        cluster = Cluster(name, inputs, options)
        return ConstructResult(cluster.urn, cluster.state)
