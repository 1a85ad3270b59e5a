"""EKS: clusters, and the add-ons that it offers."""

from __future__ import annotations

from typing import Any, Final

from rehearsal.account import offers
from rehearsal.account.answers.frame import Answer, ApiError, Call

_CLUSTER: Final = "aws:eks/cluster:Cluster"


def _versions(call: Call) -> dict[str, Any]:
    wanted, kubernetes = call.text("addonName"), call.text("kubernetesVersion")
    names = [name for name in offers.addon_names() if wanted in ("", name)]
    return {"addons": [one for name in names if (one := _addon(name, kubernetes))["addonVersions"]]}


def _addon(name: str, kubernetes: str) -> dict[str, Any]:
    listed: dict[str, list[str]] = {}
    for cluster_version in offers.addon_kubernetes_versions(name):
        if kubernetes in ("", cluster_version):
            for version in offers.addon_versions(name, cluster_version):
                listed.setdefault(version, []).append(cluster_version)
    return {
        "addonName": name,
        "addonVersions": [
            {
                "addonVersion": version,
                "architecture": ["amd64", "arm64"],
                "compatibilities": [
                    {"clusterVersion": one, "platformVersions": ["*"], "defaultVersion": False} for one in clusters
                ],
            }
            for version, clusters in listed.items()
        ],
    }


def _cluster_versions(call: Call) -> dict[str, Any]:
    wanted: list[str] = call.several("clusterVersions")
    return {
        "clusterVersions": [
            {"clusterVersion": one, "clusterType": "eks", "versionStatus": "STANDARD_SUPPORT"}
            for one in offers.kubernetes_versions()
            if not wanted or one in wanted
        ]
    }


def _describe(call: Call) -> dict[str, Any]:
    name = call.text("name")
    found = call.one(_CLUSTER, "name", name)
    if found is None:
        raise ApiError("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
    values = found.properties
    network, authority = values.get("vpcConfig"), values.get("certificateAuthority")
    given: dict[str, Any] = network if isinstance(network, dict) else {}
    return {
        "cluster": {
            "name": name,
            "arn": values["arn"],
            "version": str(values["version"]),
            "endpoint": str(values.get("endpoint") or ""),
            "status": "ACTIVE",
            "certificateAuthority": {"data": str(authority.get("data") if isinstance(authority, dict) else "")},
            "resourcesVpcConfig": {
                "subnetIds": given.get("subnetIds") or [],
                "clusterSecurityGroupId": str(given.get("clusterSecurityGroupId") or ""),
                "endpointPublicAccess": bool(given.get("endpointPublicAccess")),
                "endpointPrivateAccess": bool(given.get("endpointPrivateAccess")),
                "publicAccessCidrs": given.get("publicAccessCidrs") or [],
            },
        }
    }


ANSWERS = {
    "eks:DescribeClusterVersions": Answer(action="eks:DescribeClusterVersions", reply=_cluster_versions),
    "eks:DescribeAddonVersions": Answer(action="eks:DescribeAddonVersions", reply=_versions),
    "eks:DescribeCluster": Answer(
        action="eks:DescribeCluster",
        reply=_describe,
        resource=lambda call: call.arn("eks", f"cluster/{call.text('name')}"),
    ),
}
