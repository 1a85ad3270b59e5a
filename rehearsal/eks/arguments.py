"""Which arguments of `eks.Cluster` the stand-in accepts, and which it refuses.

The official component fails a preview for some combinations; those failures are copied. It also answers many arguments
(or their absence) with more children: roles, security groups, a launch template, add-ons, `aws-auth`. We do not imitate
those children. Such arguments are refused here with the argument that switches the child off, so that a rehearsal
never shows fewer resources than AWS would get.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.errors import InputPropertyError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCEPTED = frozenset({
    "accessEntries", "authenticationMode", "autoMode", "clusterTags", "corednsAddonOptions", "createInstanceRole",
    "createOidcProvider", "deletionProtection", "enableConfigMapMutable", "enabledClusterLogTypes",
    "encryptionConfigKeyArn", "endpointPrivateAccess", "endpointPublicAccess", "ipFamily", "kubeProxyAddonOptions",
    "kubernetesServiceIpAddressRange", "name", "privateSubnetIds", "providerCredentialOpts", "publicAccessCidrs",
    "publicSubnetIds", "serviceRole", "skipDefaultNodeGroup", "skipDefaultSecurityGroups", "subnetIds", "tags",
    "upgradePolicy", "useDefaultVpcCni", "version", "vpcId",
})  # fmt: skip
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def check(arguments: Mapping[str, Any]) -> None:
    """Raises `InputPropertyError`, naming the argument and the fix, for what the official component or we refuse."""
    _check_official_rules(arguments)
    for name in sorted(set(arguments) - _ACCEPTED):
        _refuse(name, "is not known to the eks stand-in: it would add resources, or is no argument of eks.Cluster")
    _check_auto_mode(arguments)
    _check_children(arguments)


def _check_official_rules(arguments: Mapping[str, Any]) -> None:
    mode = arguments.get("authenticationMode")
    if mode and mode not in _MODES:
        _refuse("authenticationMode", f"is {mode!r}: allowed are {', '.join(_MODES)}")
    if arguments.get("accessEntries") and mode not in ("API", "API_AND_CONFIG_MAP"):
        _refuse("accessEntries", f"needs authenticationMode API or API_AND_CONFIG_MAP, not {mode or 'none'}")
    if arguments.get("subnetIds") and (arguments.get("publicSubnetIds") or arguments.get("privateSubnetIds")):
        _refuse("subnetIds", "excludes publicSubnetIds and privateSubnetIds: choose one of both ways")
    if arguments.get("publicAccessCidrs") is not None and arguments.get("endpointPublicAccess") is False:
        _refuse("publicAccessCidrs", "can only be set, even to an empty list, when endpointPublicAccess is true")


def _check_auto_mode(arguments: Mapping[str, Any]) -> None:
    auto_mode = _options(arguments, "autoMode")
    if auto_mode.get("enabled") is not True:
        _refuse("autoMode", "must be enabled: node groups are not imitated")
    if auto_mode.get("createNodeRole") is not False:
        _refuse("autoMode.createNodeRole", "must be false: otherwise a node role is made, even beside nodeRoleArn")
    if arguments.get("authenticationMode") != "API":
        _refuse("authenticationMode", "must be API: Auto Mode needs access entries, and CONFIG_MAP adds aws-auth")
    if not arguments.get("serviceRole"):
        _refuse("serviceRole", "must be given as a role: otherwise a cluster role is made")
    if not arguments.get("vpcId"):
        _refuse("vpcId", "must be given: otherwise the default VPC is looked up")


def _check_children(arguments: Mapping[str, Any]) -> None:
    if arguments.get("skipDefaultSecurityGroups") is False:
        _refuse("skipDefaultSecurityGroups", "must not be false: two security groups open to 0.0.0.0/0 would be made")
    if arguments.get("skipDefaultNodeGroup") is not True and arguments.get("createInstanceRole") is not False:
        _refuse("createInstanceRole", "must be false (or skipDefaultNodeGroup true): an instance role would be made")
    if arguments.get("createInstanceRole") is True:
        _refuse("createInstanceRole", "must be false: an instance role and its profile would be made")
    if _options(arguments, "corednsAddonOptions").get("enabled") is not False:
        _refuse("corednsAddonOptions.enabled", "must be false: an add-on would be made")
    if _options(arguments, "kubeProxyAddonOptions").get("enabled"):
        _refuse("kubeProxyAddonOptions.enabled", "must be false: an add-on would be made")
    if arguments.get("useDefaultVpcCni") is False:
        _refuse("useDefaultVpcCni", "must not be false: the vpc-cni add-on would be made")
    if arguments.get("createOidcProvider"):
        _refuse("createOidcProvider", "must be false: the provider's certificate is fetched from AWS at preview")


def _options(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return arguments.get(name) or {}


def _refuse(name: str, reason: str) -> None:
    raise InputPropertyError(name, f"{name} {reason}")
