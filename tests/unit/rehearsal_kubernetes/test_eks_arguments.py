"""Which arguments of eks.Cluster pass, and which are refused because the official component would make more."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.errors import InputPropertyError

from rehearsal.eks.arguments import check

_RIGHT: dict[str, Any] = {
    "name": "x",
    "version": "1.36",
    "vpcId": "vpc-1",
    "privateSubnetIds": ["a"],
    "serviceRole": object(),
    "authenticationMode": "API",
    "autoMode": {"enabled": True, "createNodeRole": False},
    "skipDefaultNodeGroup": True,
    "createInstanceRole": False,
    "corednsAddonOptions": {"enabled": False},
    "accessEntries": {"a": {}},
}


def test_the_arguments_that_leave_five_children_pass() -> None:
    check(_RIGHT)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"authenticationMode": None}, "accessEntries"),
        ({"authenticationMode": "CONFIG"}, "authenticationMode"),
        ({"authenticationMode": "API_AND_CONFIG_MAP"}, "authenticationMode"),
        ({"subnetIds": ["b"]}, "subnetIds"),
        ({"publicAccessCidrs": [], "endpointPublicAccess": False}, "publicAccessCidrs"),
        ({"autoMode": {"enabled": True}}, "autoMode.createNodeRole"),
        ({"autoMode": None}, "autoMode"),
        ({"serviceRole": None}, "serviceRole"),
        ({"vpcId": None}, "vpcId"),
        ({"skipDefaultSecurityGroups": False}, "skipDefaultSecurityGroups"),
        ({"skipDefaultNodeGroup": None, "createInstanceRole": None}, "createInstanceRole"),
        ({"createInstanceRole": True}, "createInstanceRole"),
        ({"corednsAddonOptions": None}, "corednsAddonOptions.enabled"),
        ({"kubeProxyAddonOptions": {"enabled": True}}, "kubeProxyAddonOptions.enabled"),
        ({"useDefaultVpcCni": False}, "useDefaultVpcCni"),
        ({"createOidcProvider": True}, "createOidcProvider"),
        ({"storageClasses": "gp2"}, "storageClasses"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_an_argument_that_fails_or_adds_children_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InputPropertyError) as refused:
        check({**_RIGHT, **change})
    assert refused.value.property_path == named
