"""Both clusters as they are registered: Auto Mode with nothing hidden, alike but for their names."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pulumi
import pytest

from components.cluster_access import revocable_entries, without_creator_admin
from rehearsal.account.offers import addon_versions
from tests.unit.testkit import CLUSTERS, STACKS, Graph, Registration, first_pass, run_main, stack_config, whole

CLUSTER: Final = "eks:index:Cluster"
ROLES: Final = ("web", "was")
# Inputs that are objects of the SDK, which are equal to themselves only.
_OBJECTS: Final = ("serviceRole", "code")


@pytest.mark.parametrize("role", ROLES)
def test_a_cluster_runs_in_auto_mode_with_our_roles_and_api_access_only(graph: Graph, role: str):
    inputs = graph.one(CLUSTER, f"{role}-cluster-eks").inputs
    assert inputs["version"] == "1.36"
    assert inputs["authenticationMode"] == "API"
    assert inputs["autoMode"] == {
        "enabled": True,
        "createNodeRole": False,
        "computeConfig": {"nodePools": ["system"], "nodeRoleArn": f"arn:aws:mock:::{role}-cluster-node-role-role"},
    }
    assert inputs["serviceRole"].urn is not None
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_every_optional_child_of_pulumi_eks_is_switched_off(graph: Graph):
    for one in graph.of(CLUSTER):
        assert one.inputs["skipDefaultNodeGroup"] is True
        assert one.inputs["skipDefaultSecurityGroups"] is True
        assert one.inputs["createInstanceRole"] is False
        assert one.inputs["createOidcProvider"] is False
        assert one.inputs["corednsAddonOptions"]["enabled"] is False
        assert one.inputs["kubeProxyAddonOptions"]["enabled"] is False


def test_secrets_are_encrypted_and_all_five_logs_are_on(graph: Graph):
    for one in graph.of(CLUSTER):
        assert one.inputs["encryptionConfigKeyArn"] == "arn:aws:mock:::keys-secrets"
        assert set(one.inputs["enabledClusterLogTypes"]) == {
            "api", "audit", "authenticator", "controllerManager", "scheduler",
        }  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_the_api_server_is_private_but_for_the_listed_addresses_of_dev(stack: str):
    for one in whole(stack).of(CLUSTER):
        assert one.inputs["endpointPrivateAccess"] is True
        assert one.inputs["endpointPublicAccess"] is (stack == "dev")
        assert one.inputs.get("publicAccessCidrs") == (["203.0.113.0/24"] if stack == "dev" else None)


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_pass_needs_no_api_server_and_the_second_only_adds(stack: str):
    empty, full = first_pass(stack), whole(stack)
    kinds = {one.type for one in empty}
    assert {kind for kind in kinds if kind.startswith("kubernetes:")} == set()
    assert "aws:eks/addon:Addon" not in kinds
    later = {one.urn: one for one in full}
    assert {one.urn for one in empty} < later.keys()
    changed = {one.type for one in empty if _plain(one) != _plain(later[one.urn])}
    # What watches the pods comes with them, and the alarms and the dashboard list it.
    assert changed <= {"aws:cloudwatch/dashboard:Dashboard", "aws:cloudwatch/compositeAlarm:CompositeAlarm"}
    assert empty.exports == full.exports


def test_the_control_plane_stays_in_the_first_two_zones_and_nodes_use_all(graph: Graph):
    zones = len({one.inputs["availabilityZone"] for one in graph.of("aws:ec2/subnet:Subnet")})
    for one in graph.of(CLUSTER):
        assert one.inputs["privateSubnetIds"] == ["network-app-a-id", "network-app-c-id"]
    for one in graph.of("kubernetes:eks.amazonaws.com/v1:NodeClass"):
        assert len(one.inputs["spec"]["subnetSelectorTerms"]) == zones


def test_the_log_group_and_the_roles_rights_exist_before_the_cluster(graph: Graph):
    for role in ROLES:
        awaited = {graph.at(urn).name for urn in graph.one(CLUSTER, f"{role}-cluster-eks").dependencies}
        assert f"{role}-cluster-control-plane-logs" in awaited
        rights = {
            one.name
            for one in graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy")
            if one.name.startswith((f"{role}-cluster-cluster-role", f"{role}-cluster-node-role"))
        }
        assert len(rights) == 8
        assert rights <= awaited


@pytest.mark.parametrize("stack", STACKS)
def test_who_may_use_a_cluster_is_seen_and_people_administer_dev_only(stack: str):
    people = "AmazonEKSClusterAdminPolicy" if stack == "dev" else "AmazonEKSViewPolicy"
    for one in whole(stack).of(CLUSTER):
        assert {
            entry["principalArn"].rpartition("/")[2]: list(entry["accessPolicies"])
            for entry in one.inputs["accessEntries"].values()
        } == {
            f"{stack}-common-role-deployer-01": ["AmazonEKSClusterAdminPolicy"],
            f"{stack}-common-role-operator-01": [people],
        }
        assert one.transforms == 2


def test_the_kubeconfig_of_pulumi_eks_does_not_depend_on_who_deploys(graph: Graph):
    # Absent, the component would fill it from AWS_PROFILE or aws:profile.
    assert [one.inputs["providerCredentialOpts"] for one in graph.of(CLUSTER)] == [{}, {}]


def test_clients_of_the_api_servers_are_admitted_by_address_and_by_group():
    config = stack_config("prod")
    clients = {"cidrs": ["10.99.0.0/24"], "securityGroupIds": ["sg-0123456789abcdef0"]}
    graph = run_main("prod", {**config, CLUSTERS: {**config[CLUSTERS], "apiClients": clients}})
    admitted = {
        (one.inputs["securityGroupId"], one.inputs.get("cidrIpv4") or one.inputs["referencedSecurityGroupId"])
        for one in graph.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if "-api-from-" in one.name and (one.inputs["fromPort"], one.inputs["toPort"]) == (443, 443)
    }
    assert admitted == {
        (f"{role}-cluster-eks-security-group", client)
        for role in ROLES
        for client in ("10.99.0.0/24", "sg-0123456789abcdef0")
    }


def test_an_access_entry_can_be_revoked_though_its_cluster_is_protected():
    protected = pulumi.ResourceOptions(protect=True, retain_on_delete=True)

    def options(type_: str) -> pulumi.ResourceOptions | None:
        result = revocable_entries(
            pulumi.ResourceTransformArgs(custom=True, type_=type_, name="x", props={}, opts=protected)
        )
        return result and result.opts

    assert options("aws:eks/cluster:Cluster") is None
    freed = options("aws:eks/accessEntry:AccessEntry")
    assert freed is not None
    assert (freed.protect, freed.retain_on_delete) == (False, False)


def test_the_hidden_administrator_of_pulumi_eks_is_turned_off_and_nothing_else_touched():
    def transform(type_: str) -> pulumi.ResourceTransformResult | None:
        props: dict[str, Any] = {"accessConfig": {"authenticationMode": "API"}, "name": "x"}
        return without_creator_admin(
            pulumi.ResourceTransformArgs(custom=True, type_=type_, name="x", props=props, opts=pulumi.ResourceOptions())
        )

    assert transform("aws:iam/role:Role") is None
    result = transform("aws:eks/cluster:Cluster")
    assert result is not None
    access = asyncio.get_event_loop().run_until_complete(
        pulumi.Output.from_input(result.props["accessConfig"]).future()
    )
    assert access == {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    assert result.props["name"] == "x"


def test_the_clusters_differ_in_nothing_but_names_and_the_driver_for_shared_files(graph: Graph):
    def neutral(value: object, role: str) -> str:
        return str(value).replace(role, "ROLE")

    def shape(role: str) -> list[str]:
        return sorted(
            neutral((one.type, one.name, _plain(one), one.protect, sorted(one.dependencies)), role)
            for one in graph.under(f"{role}-cluster")
            if "efs" not in one.name
        )

    assert shape("web") == shape("was")


def test_nodes_enforce_network_policies_on_encrypted_disks_within_limits(graph: Graph):
    for one in graph.of("kubernetes:eks.amazonaws.com/v1:NodeClass"):
        spec = one.inputs["spec"]
        assert spec["networkPolicy"] == "DefaultAllow"
        assert spec["ephemeralStorage"]["kmsKeyID"] == "arn:aws:mock:::keys-data"
    for one in graph.of("kubernetes:core/v1:ConfigMap"):
        assert one.inputs["metadata"]["name"] == "amazon-vpc-cni"
        assert one.inputs["data"] == {"enable-network-policy-controller": "true"}
    for one in graph.of("kubernetes:karpenter.sh/v1:NodePool"):
        assert set(one.inputs["spec"]["limits"]) == {"cpu", "memory"}
        assert one.inputs["spec"]["disruption"]["consolidationPolicy"] == "WhenEmptyOrUnderutilized"
    for one in graph.of("kubernetes:storage.k8s.io/v1:StorageClass"):
        assert one.inputs["provisioner"] == "ebs.csi.eks.amazonaws.com"
        assert one.inputs["parameters"]["encrypted"] == "true"


def test_the_kubernetes_provider_is_replaced_by_a_new_name_only(graph: Graph):
    for role in ROLES:
        provider = graph.one("pulumi:providers:kubernetes", f"{role}-cluster-kubernetes")
        assert provider.inputs["clusterIdentifier"] == graph.one(CLUSTER, f"{role}-cluster-eks").inputs["name"]
        assert graph.one(CLUSTER, f"{role}-cluster-eks").urn in provider.dependencies


def test_a_changed_secret_is_never_missing(graph: Graph):
    for role in ROLES:
        provider = graph.one("pulumi:providers:kubernetes", f"{role}-cluster-kubernetes")
        assert provider.inputs["enableSecretMutable"] == "true"


def test_addons_are_pinned_and_cloudwatch_waits_for_its_log_groups(graph: Graph):
    for role in ROLES:
        addons = {one.inputs["addonName"]: one for one in graph.under(f"{role}-cluster-addons") if "Addon" in one.type}
        driver = {"aws-efs-csi-driver"} if role == "was" else set[str]()
        assert set(addons) == {"metrics-server", "amazon-cloudwatch-observability"} | driver
        for name, one in addons.items():
            assert one.inputs["addonVersion"] in addon_versions(
                name, graph.one(CLUSTER, f"{role}-cluster-eks").inputs["version"]
            )
        observed = json.loads(addons["amazon-cloudwatch-observability"].inputs["configurationValues"])
        # Its default puts an agent into the services' pods, by a container that their namespaces refuse.
        assert observed["manager"]["applicationSignals"]["autoMonitor"]["monitorAllServices"] is False
        awaited = {graph.at(urn).type for urn in addons["amazon-cloudwatch-observability"].dependencies}
        assert "aws:cloudwatch/logGroup:LogGroup" in awaited


def _plain(registration: Registration) -> list[tuple[str, object]]:
    return [(key, value) for key, value in sorted(registration.inputs.items()) if key not in _OBJECTS]
