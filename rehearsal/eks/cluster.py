"""The component `eks:index:Cluster`: registers the children that the official one registers for an Auto Mode cluster.

Owns names, arguments, options and parents of those children, and the outputs that the SDK's class reads. Which
arguments are accepted stands in `arguments.py`. The children run on whatever aws provider the caller passed; without
one they ask for aws 7.25.0 as the official component does, which a rehearsal does not install: pass a provider.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pulumi

from rehearsal.eks import arguments
from rehearsal.eks.kubeconfig import credentials, kubeconfig
from rehearsal.eks.real import is_real, running_cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

# The SDK versions that the official component 4.4.0 was built with, hence the plugins its children ask for.
_AWS_VERSION = "7.25.0"
_KUBERNETES_VERSION = "4.19.0"
_ELEMENTS_OF_ARN_BEFORE_REGION = 3


class _EksCluster(pulumi.CustomResource):
    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    # Generic resources carry their outputs by the names of the schema.
    certificateAuthority: pulumi.Output[Mapping[str, str]]  # noqa: N815
    version: pulumi.Output[str]
    kubernetesNetworkConfig: pulumi.Output[Mapping[str, Any]]  # noqa: N815
    identities: pulumi.Output[list[dict[str, Any]]]
    vpcConfig: pulumi.Output[Mapping[str, Any]]  # noqa: N815


class _Child(pulumi.CustomResource):
    pass


class _KubernetesProvider(pulumi.ProviderResource):
    pass


class Cluster(pulumi.ComponentResource):
    """The component; `state` holds its outputs by the names of the schema."""

    state: dict[str, Any]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        # The official component registers no inputs of its own: a policy sees its children only.
        super().__init__("eks:index:Cluster", name, {}, opts)
        arguments.check(inputs)
        cluster = self._cluster(name, inputs)
        self._access_entries(name, inputs.get("accessEntries") or {}, cluster)
        login = credentials(
            inputs.get("providerCredentialOpts"),
            profile=os.environ.get("AWS_PROFILE") or pulumi.Config("aws").get("profile"),
        )
        configuration = self._kubeconfig(cluster, login, with_profile=False)
        provider = _KubernetesProvider(
            "kubernetes",
            f"{name}-eks-k8s",
            {
                "kubeconfig": self._kubeconfig(cluster, login, with_profile=True).apply(json.dumps),
                "enableConfigMapMutable": inputs.get("enableConfigMapMutable"),
            },
            pulumi.ResourceOptions(parent=self, version=_KUBERNETES_VERSION),
        )
        self.state = _outputs(inputs, cluster, provider, configuration)
        self.register_outputs(self.state)

    def _cluster(self, name: str, inputs: Mapping[str, Any]) -> _EksCluster:
        default_tags = {"Name": f"{name}-eksCluster"}
        tags = pulumi.Output.all(default_tags, inputs.get("clusterTags"), inputs.get("tags")).apply(_merged)
        subnets = inputs.get("subnetIds") or pulumi.Output.all(
            inputs.get("publicSubnetIds"), inputs.get("privateSubnetIds")
        ).apply(_joined)
        key = inputs.get("encryptionConfigKeyArn")
        properties: dict[str, Any] = {
            **_auto_mode(inputs),
            "name": inputs.get("name"),
            "roleArn": pulumi.Output.from_input(inputs["serviceRole"]).apply(lambda role: role.arn),
            "bootstrapSelfManagedAddons": False,
            "vpcConfig": {
                "subnetIds": subnets,
                "endpointPrivateAccess": inputs.get("endpointPrivateAccess"),
                "endpointPublicAccess": inputs.get("endpointPublicAccess"),
                "publicAccessCidrs": inputs.get("publicAccessCidrs"),
            },
            "version": inputs.get("version"),
            "enabledClusterLogTypes": inputs.get("enabledClusterLogTypes"),
            "tags": tags,
            "encryptionConfig": key and pulumi.Output.from_input(key).apply(_encryption),
            # Fixed by the official component; the program turns it off by a transform.
            "accessConfig": {
                "authenticationMode": inputs["authenticationMode"],
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            "upgradePolicy": inputs.get("upgradePolicy"),
            "deletionProtection": inputs.get("deletionProtection"),
        }
        read_only = dict.fromkeys(("arn", "endpoint", "certificateAuthority", "identities"))
        options = pulumi.ResourceOptions(
            parent=self,
            version=_AWS_VERSION,
            ignore_changes=["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
        )
        return _EksCluster("aws:eks/cluster:Cluster", f"{name}-eksCluster", {**properties, **read_only}, options)

    def _access_entries(self, name: str, entries: Mapping[str, Any], cluster: _EksCluster) -> None:
        for key, entry in entries.items():
            resource = _Child(
                "aws:eks/accessEntry:AccessEntry",
                f"{name}-{key}",
                {
                    "clusterName": cluster.name,
                    "principalArn": entry["principalArn"],
                    "kubernetesGroups": entry.get("kubernetesGroups"),
                    "type": entry.get("type"),
                    "tags": entry.get("tags"),
                    "userName": entry.get("username"),
                },
                pulumi.ResourceOptions(parent=self, depends_on=[cluster], version=_AWS_VERSION),
            )
            policies: Mapping[str, Any] = entry.get("accessPolicies") or {}
            for policy, association in policies.items():
                known: pulumi.Output[Mapping[str, Any]] = pulumi.Output.from_input(association)
                _Child(
                    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
                    f"{name}-{key}-{policy}",
                    {
                        "clusterName": cluster.name,
                        "principalArn": entry["principalArn"],
                        "policyArn": known.apply(lambda value: value["policyArn"]),
                        "accessScope": known.apply(lambda value: value["accessScope"]),
                    },
                    pulumi.ResourceOptions(parent=resource, depends_on=[resource], version=_AWS_VERSION),
                )

    @staticmethod
    def _kubeconfig(cluster: _EksCluster, credentials: pulumi.Input[Any], *, with_profile: bool) -> pulumi.Output[Any]:
        if is_real():
            return pulumi.Output.all(
                cluster.name,
                cluster.version,
                cluster.arn,
                cluster.kubernetesNetworkConfig,
                cluster.endpoint,
                credentials,
            ).apply(
                lambda known: running_cluster(
                    name=known[0],
                    version=known[1],
                    region=_region(known[2]),
                    service_range=known[3].get("serviceIpv4Cidr"),
                    credentials=known[5] or {},
                    with_profile=with_profile,
                )
            )
        return pulumi.Output.all(
            cluster.name, cluster.endpoint, cluster.certificateAuthority, cluster.arn, credentials
        ).apply(
            lambda known: kubeconfig(
                cluster=known[0],
                endpoint=known[1],
                certificate=known[2]["data"],
                region=_region(known[3]),
                credentials=known[4] or {},
                with_profile=with_profile,
            )
        )


def _region(arn: str) -> str:
    return arn.split(":")[_ELEMENTS_OF_ARN_BEFORE_REGION]


def _merged(parts: list[dict[str, str] | None]) -> dict[str, str]:
    """Later ones win; absent ones do not count."""
    return {key: value for part in parts for key, value in (part or {}).items()}


def _encryption(key: str) -> dict[str, Any]:
    """One output, so that with an unknown key the whole block is unknown, as in the official component."""
    return {"provider": {"keyArn": key}, "resources": ["secrets"]}


def _joined(parts: list[list[str] | None]) -> list[str]:
    return [item for part in parts for item in part or []]


def _auto_mode(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The three blocks of Auto Mode; one unknown makes all three unknown, as AWS demands that they agree."""

    def blocks(known: list[Any]) -> dict[str, Any]:
        compute, service_range, family = known
        family = family or "ipv4"
        return {
            "computeConfig": {"enabled": True, "nodePools": ["general-purpose", "system"], **(compute or {})},
            "storageConfig": {"blockStorage": {"enabled": True}},
            "kubernetesNetworkConfig": {
                "serviceIpv4Cidr": service_range if family == "ipv4" else None,
                "ipFamily": family,
                "elasticLoadBalancing": {"enabled": True},
            },
        }

    together = pulumi.Output.all(
        inputs["autoMode"].get("computeConfig"), inputs.get("kubernetesServiceIpAddressRange"), inputs.get("ipFamily")
    ).apply(blocks)
    return {
        block: together.apply(lambda values, block=block: values[block])
        for block in ("computeConfig", "storageConfig", "kubernetesNetworkConfig")
    }


def _outputs(
    inputs: Mapping[str, Any],
    cluster: _EksCluster,
    provider: pulumi.ProviderResource,
    configuration: pulumi.Output[Any],
) -> dict[str, Any]:
    issuer = cluster.identities.apply(
        lambda identities: identities[0]["oidcs"][0]["issuer"] if identities and identities[0].get("oidcs") else ""
    )
    security_group = cluster.vpcConfig.apply(lambda vpc: vpc.get("clusterSecurityGroupId"))
    return {
        "kubeconfig": configuration,
        "kubeconfigJson": configuration.apply(json.dumps),
        "instanceRoles": [],
        "eksCluster": cluster,
        # One output here too: while any part is unknown, all of it is.
        "core": pulumi.Output.from_input(
            {
                "cluster": cluster,
                "clusterIamRole": inputs["serviceRole"],
                "endpoint": cluster.endpoint,
                "instanceRoles": [],
                "kubeconfig": configuration,
                "provider": provider,
                "vpcId": inputs["vpcId"],
                "privateSubnetIds": inputs.get("privateSubnetIds"),
                "publicSubnetIds": inputs.get("publicSubnetIds"),
                "subnetIds": inputs.get("subnetIds") or inputs.get("privateSubnetIds"),
                "tags": inputs.get("tags"),
            }
        ),
        "clusterSecurityGroupId": security_group,
        "nodeSecurityGroupId": security_group,
        "clusterIngressRuleId": "",
        "defaultNodeGroupAsgName": "",
        "fargateProfileId": "",
        "fargateProfileStatus": "",
        "oidcProviderArn": "",
        "oidcProviderUrl": issuer,
        "oidcIssuer": issuer.apply(lambda url: url.replace("https://", "")),
        "autoModeNodeRoleName": "",
    }
