"""What an API server would refuse, known without one."""

from __future__ import annotations

import pytest
import yaml

from rehearsal.cloud import JsonObject
from rehearsal.kubernetes.definitions import built_in
from rehearsal.kubernetes.kinds import is_namespaced, kind_of_token, replacing_fields, stored_form
from rehearsal.kubernetes.schemas import UnknownKindError, problems
from rehearsal.kubernetes.values import UNKNOWN

_VERSIONS = ("1.35", "1.36")


def _manifest(text: str) -> JsonObject:
    return yaml.safe_load(text)


def _deployment(**spec: object) -> JsonObject:
    template: dict[str, object] = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 8080}]}]},
    }
    whole: dict[str, object] = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}
    return _manifest(
        yaml.safe_dump({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": whole})
    )


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_right_manifest_has_no_problem(version: str) -> None:
    assert problems(_deployment(replicas=2), version, []) == []


@pytest.mark.parametrize("version", _VERSIONS)
def test_an_unknown_field_is_named_with_its_place(version: str) -> None:
    (found,) = problems(_deployment(replica=2), version, [])
    assert found.startswith("spec: ")
    assert "'replica' was unexpected" in found


def test_a_wrong_type_is_named_with_its_place() -> None:
    (found,) = problems(_deployment(replicas="two"), "1.36", [])
    assert found.startswith("spec.replicas: 'two' is not of type 'integer'")


def test_an_unknown_value_counts_as_right_but_does_not_hide_an_unknown_field_beside_it() -> None:
    assert problems(_deployment(replicas=UNKNOWN), "1.36", []) == []
    (found,) = problems(_deployment(replicas=UNKNOWN, replica=1), "1.36", [])
    assert "'replica' was unexpected" in found


def test_a_kind_that_the_version_does_not_have_is_refused() -> None:
    old = _manifest("{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: x}}")
    with pytest.raises(UnknownKindError, match='"PodDisruptionBudget" in version "policy/v1beta1"'):
        problems(old, "1.36", [])


_BINDING = """
apiVersion: eks.amazonaws.com/v1
kind: TargetGroupBinding
metadata: {name: web, namespace: web}
spec:
  targetGroupARN: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/x/0123456789abcdef
  targetType: ip
  serviceRef: {name: web, port: http}
"""


def test_a_target_group_binding_is_checked_by_our_definition() -> None:
    assert problems(_manifest(_BINDING), "1.36", built_in()) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("targetType: ip", "targetType: ips", "'ips' is not one of"),
        ("targetType: ip", "targetGroupName: x", "'targetType' is a required property"),
        ("targetType: ip", "targetType: ip\n  targetGroupName: x", "'targetGroupName' was unexpected"),
        ("arn:aws:elasticloadbalancing", "arn:aws:ec2", "does not match"),
        ("port: http", "port: [1]", "is not valid under any of the given schemas"),
    ],
)
def test_a_wrong_target_group_binding_is_refused(before: str, after: str, said: str) -> None:
    assert said in "; ".join(problems(_manifest(_BINDING.replace(before, after, 1)), "1.36", built_in()))


_POLICY = """
apiVersion: networking.k8s.aws/v1alpha1
kind: ClusterNetworkPolicy
metadata: {name: data}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [pay]}]}}
  egress: [{name: data, action: Deny, to: [{networks: [10.0.0.0/24]}]}]
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("tier: Admin", "tier: Admin", ""),
        ("tier: Admin", "tier: Administrator", "'Administrator' is not one of"),
        ("action: Deny", "action: Drop", "'Drop' is not one of"),
        ("priority: 10", "priority: 1001", "1001 is greater than the maximum"),
        ("networks:", "cidrs:", "'cidrs' was unexpected"),
        ("subject: {namespaces", "subject: {namespace", "'namespace' was unexpected"),
    ],
)
def test_a_cluster_network_policy_is_checked_by_our_definition(before: str, after: str, said: str) -> None:
    found = "; ".join(problems(_manifest(_POLICY.replace(before, after, 1)), "1.36", built_in()))
    assert said in found if said else found == ""


def test_karpenters_own_definition_checks_node_pools() -> None:
    pool = _manifest(
        """
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: x}
        spec:
          template:
            spec:
              nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: x}
              requirements: [{key: kubernetes.io/arch, operator: Within, values: [arm64]}]
        """
    )
    assert "'Within' is not one of" in "; ".join(problems(pool, "1.36", built_in()))


@pytest.mark.parametrize(
    ("api_version", "kind", "namespaced"),
    [
        ("v1", "Namespace", False),
        ("v1", "ConfigMap", True),
        ("karpenter.sh/v1", "NodePool", False),
        ("eks.amazonaws.com/v1", "TargetGroupBinding", True),
        ("example.com/v1", "Unheard", True),
    ],
)
def test_a_kind_is_known_to_live_in_a_namespace_or_not(api_version: str, kind: str, namespaced: bool) -> None:
    assert is_namespaced(api_version, kind, built_in()) is namespaced


def test_a_token_names_version_kind_and_whether_it_is_a_patch() -> None:
    assert kind_of_token("kubernetes:core/v1:ConfigMapPatch") == ("v1", "ConfigMap", True)
    assert kind_of_token("kubernetes:apps/v1:Deployment") == ("apps/v1", "Deployment", False)
    with pytest.raises(ValueError, match="one by one"):
        kind_of_token("kubernetes:core/v1:ConfigMapList")


def test_data_of_a_config_map_replaces_it_unless_the_provider_allows_changes_in_place() -> None:
    config_map = _manifest("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}")
    assert "data" in replacing_fields(config_map, frozenset())
    assert "data" not in replacing_fields(config_map, frozenset({"enableConfigMapMutable"}))
    frozen = {**config_map, "immutable": True}
    assert "data" in replacing_fields(frozen, frozenset({"enableConfigMapMutable"}))


def test_text_of_a_secret_is_kept_as_base64_data_and_wins_over_it() -> None:
    secret = _manifest("{apiVersion: v1, kind: Secret, metadata: {name: x}, data: {a: b2xk}, stringData: {a: new}}")
    assert stored_form(secret) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "x"},
        "data": {"a": "bmV3"},
    }
