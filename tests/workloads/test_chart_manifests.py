"""What the charts render: valid for each supported Kubernetes version, restricted, spread, budgeted and closed."""

import json
from collections.abc import Callable
from typing import Any

import kubernetes_validate  # pyright: ignore[reportMissingTypeStubs]
import pytest

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]
Sample = Callable[[str], dict[str, Any]]

RELEASES = ["web", "was-user", "was-item", "was-pay"]
# The oldest and newest that the clusters may run, and the one they do run.
VERSIONS = ["1.35", "1.36", "1.37"]
# Both target groups let go of a pod after this time (components/load_balancer.py).
DEREGISTRATION_DELAY = 30
# What httpd (GracefulShutdownTimeout) and Spring take at most to finish running requests.
DRAIN = {"web": 20, "was": 25}


def of_kind(manifests: list[Manifest], kind: str) -> Manifest:
    """The manifest of the release itself: what the hook job needs has a suffix in its name."""
    ours = [manifest for manifest in manifests if manifest["kind"] == kind]
    found = [manifest for manifest in ours if not manifest["metadata"]["name"].endswith("-migrate")]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def pod_specs(manifests: list[Manifest]) -> list[Manifest]:
    pods = [m["spec"] for m in manifests if m["kind"] == "Pod"]
    return pods + [m["spec"]["template"]["spec"] for m in manifests if m["kind"] in ("Deployment", "Job")]


def restricted_violations(pod: Manifest) -> list[str]:
    """What Pod Security Admission's profile `restricted` would refuse (pod-security-standards, v1.36)."""
    profile = pod.get("securityContext", {}).get("seccompProfile", {}).get("type")
    checks = {
        "hostNetwork": not pod.get("hostNetwork"),
        "hostPID": not pod.get("hostPID"),
        "runAsNonRoot": pod.get("securityContext", {}).get("runAsNonRoot") is True,
        "runAsUser": pod.get("securityContext", {}).get("runAsUser") != 0,
        "seccompProfile": profile in ("RuntimeDefault", "Localhost"),
        "volumes": all(
            set(volume) - {"name"}
            <= {"configMap", "emptyDir", "secret", "projected", "downwardAPI", "persistentVolumeClaim"}
            for volume in pod.get("volumes", [])
        ),
    }
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        security = container.get("securityContext", {})
        checks |= {
            f"{container['name']}.allowPrivilegeEscalation": security.get("allowPrivilegeEscalation") is False,
            f"{container['name']}.privileged": not security.get("privileged"),
            f"{container['name']}.capabilities": security.get("capabilities", {}).get("drop") == ["ALL"]
            and set(security.get("capabilities", {}).get("add", [])) <= {"NET_BIND_SERVICE"},
            f"{container['name']}.hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
        }
    return [name for name, holds in checks.items() if not holds]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("release", RELEASES)
def test_every_manifest_is_valid_in_each_supported_version(release: str, version: str, render: Render) -> None:
    manifests = render(release, version=f"{version}.0")
    assert len(manifests) >= 8
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("release", RELEASES)
def test_every_pod_satisfies_the_restricted_profile_with_a_read_only_root(release: str, render: Render) -> None:
    specs = pod_specs(render(release))
    assert len(specs) >= 2, "the deployment and the helm test"
    for spec in specs:
        assert restricted_violations(spec) == []
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
            assert "cpu" not in container["resources"]["limits"], "a quota throttles while the node idles"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hostNetwork": True}, "hostNetwork"),
        ({"securityContext": {}}, "runAsNonRoot"),
        ({"volumes": [{"name": "x", "hostPath": {"path": "/"}}]}, "volumes"),
        ({"containers": [{"name": "x"}]}, "x.capabilities"),
    ],
)
def test_the_profile_check_itself_refuses_what_the_profile_refuses(
    change: Manifest, named: str, render: Render
) -> None:
    assert named in restricted_violations(pod_specs(render("web"))[0] | change)


@pytest.mark.parametrize("release", RELEASES)
def test_the_process_outlives_the_deregistration_and_is_not_killed_while_it_drains(
    release: str, render: Render
) -> None:
    spec = of_kind(render(release), "Deployment")["spec"]["template"]["spec"]
    hook = spec["containers"][0]["lifecycle"]["preStop"]
    seconds = hook["sleep"]["seconds"] if "sleep" in hook else int(hook["exec"]["command"][-1].rsplit("sleep ", 1)[1])
    assert seconds >= DEREGISTRATION_DELAY + 5
    assert spec["terminationGracePeriodSeconds"] >= seconds + DRAIN[release.partition("-")[0]] + 5


@pytest.mark.parametrize("release", RELEASES)
def test_a_roll_out_starts_a_pod_before_it_ends_one(release: str, render: Render) -> None:
    strategy = of_kind(render(release), "Deployment")["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


@pytest.mark.parametrize("release", RELEASES)
def test_a_budget_of_one_pod_lets_nodes_be_upgraded_even_with_one_replica(
    release: str, render: Render, values: Sample
) -> None:
    for replicas in ({"min": 1, "max": 1}, {"min": 3, "max": 9}):
        manifests = render(release, values(release) | {"replicas": replicas})
        budget = of_kind(manifests, "PodDisruptionBudget")["spec"]
        assert budget["maxUnavailable"] == 1
        assert "minAvailable" not in budget
        scaler = of_kind(manifests, "HorizontalPodAutoscaler")["spec"]
        assert {"min": scaler["minReplicas"], "max": scaler["maxReplicas"]} == replicas
        assert "replicas" not in of_kind(manifests, "Deployment")["spec"], "the autoscaler owns the number"


@pytest.mark.parametrize("release", RELEASES)
def test_service_budget_policy_and_spread_select_the_pods_and_not_the_test_pod(release: str, render: Render) -> None:
    manifests = render(release)
    deployment = of_kind(manifests, "Deployment")["spec"]
    pod = deployment["template"]
    spread = pod["spec"]["topologySpreadConstraints"][0]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    anti_affinity = pod["spec"]["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    selectors = [
        deployment["selector"]["matchLabels"],
        of_kind(manifests, "Service")["spec"]["selector"],
        of_kind(manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        of_kind(manifests, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        spread["labelSelector"]["matchLabels"],
        anti_affinity[0]["podAffinityTerm"]["labelSelector"]["matchLabels"],
    ]
    test_labels = of_kind(manifests, "Pod")["metadata"]["labels"]
    for selector in selectors:
        assert selector.items() <= pod["metadata"]["labels"].items()
        assert not selector.items() <= test_labels.items()


def test_web_pods_reach_names_and_the_ajp_ports_of_was_and_nothing_else(render: Render) -> None:
    policy = of_kind(render("web"), "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert reach(policy["egress"]) == {
        "172.20.0.10/32": {("UDP", 53), ("TCP", 53)},
        "10.20.8.0/22": {("TCP", 8009), ("TCP", 8010), ("TCP", 8011)},
    }
    assert reach(policy["ingress"]) == {cidr: {("TCP", 8080)} for cidr in ("10.20.0.0/22", "10.20.4.0/22")}


def test_was_pods_reach_names_their_role_their_data_and_aws_and_nothing_else(render: Render, values: Sample) -> None:
    policy = of_kind(render("was-pay"), "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert reach(policy["egress"]) == {
        "172.20.0.10/32": {("UDP", 53), ("TCP", 53)},
        "169.254.170.23/32": {("TCP", 80)},
        "10.20.16.0/24": {("TCP", 3306), ("TCP", 6379)},
        "0.0.0.0/0": {("TCP", 443)},
    }
    assert reach(policy["ingress"]) == {
        cidr: {("TCP", 8011), ("TCP", 8081)} for cidr in ("10.20.0.0/22", "10.20.4.0/22")
    }
    without_cache = of_kind(render("was-pay", values("was-pay") | {"cache": None}), "NetworkPolicy")["spec"]
    assert reach(without_cache["egress"])["10.20.16.0/24"] == {("TCP", 3306)}


def test_the_hook_job_has_account_policy_and_settings_before_the_release_exists(render: Render) -> None:
    hooks = [
        m for m in render("was-pay") if "pre-install" in m["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    ]
    by_kind = {hook["kind"]: hook for hook in hooks}
    assert set(by_kind) == {"ServiceAccount", "NetworkPolicy", "Job"}
    weights = {
        kind: int(hook["metadata"]["annotations"].get("helm.sh/hook-weight", 0)) for kind, hook in by_kind.items()
    }
    assert max(weights["ServiceAccount"], weights["NetworkPolicy"]) < weights["Job"]
    pod = by_kind["Job"]["spec"]["template"]
    assert pod["spec"]["serviceAccountName"] == by_kind["ServiceAccount"]["metadata"]["name"] == "was-pay-migrate"
    assert by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == pod["metadata"]["labels"]
    container = pod["spec"]["containers"][0]
    assert "envFrom" not in container, "the release's ConfigMap does not exist yet"
    settings = {entry["name"]: entry["value"] for entry in container["env"]}
    serving = of_kind(render("was-pay"), "ConfigMap")["data"]
    assert settings == serving | {"DB_ADMIN_SECRET_ARN": settings["DB_ADMIN_SECRET_ARN"]}
    assert container["args"] == ["migrate"]


def test_without_the_admin_secret_there_is_no_hook_job(render: Render) -> None:
    assert "Job" not in {manifest["kind"] for manifest in render("was-user")}


def test_receipts_lie_in_the_shared_folder_where_there_is_one_and_in_the_pod_otherwise(
    render: Render, values: Sample
) -> None:
    shared = render("was-pay")
    claim, volume = of_kind(shared, "PersistentVolumeClaim"), of_kind(shared, "PersistentVolume")
    assert claim["spec"]["volumeName"] == volume["metadata"]["name"]
    assert volume["spec"]["claimRef"] == {"namespace": "pay", "name": claim["metadata"]["name"]}
    assert volume["spec"]["csi"]["volumeHandle"] == "fs-0123456789abcdef0::fsap-0123456789abcdef0"
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert receipts_volume(shared) == {"persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    alone = render("was-pay", {key: value for key, value in values("was-pay").items() if key != "receipts"})
    assert "PersistentVolume" not in {manifest["kind"] for manifest in alone}
    assert set(receipts_volume(alone)) == {"emptyDir"}


def receipts_volume(manifests: list[Manifest]) -> Manifest:
    volumes = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]["volumes"]
    [found] = [volume for volume in volumes if volume["name"] == "receipts"]
    return {key: value for key, value in found.items() if key != "name"}


def reach(rules: list[Manifest]) -> dict[str, set[tuple[str, int]]]:
    """Address block to ports; a rule without peers or without ports would mean everything and is an error here."""
    result: dict[str, set[tuple[str, int]]] = {}
    for rule in rules:
        for peer in rule.get("to") or rule["from"]:
            if "ipBlock" in peer:
                ports = {(port["protocol"], port["port"]) for port in rule["ports"]}
                result.setdefault(peer["ipBlock"]["cidr"], set()).update(ports)
    return result


def test_each_service_has_a_balancer_with_one_member_per_zonal_name(render: Render, values: Sample) -> None:
    text = of_kind(render("web"), "ConfigMap")["data"]["workers.properties"]
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    properties = dict(line.split("=", 1) for line in lines)
    assert len(properties) == len(lines), "a key twice: mod_jk would append or override silently"
    assert set(properties["worker.list"].split(",")) == {"user", "item", "pay", "status"}
    for service, worker in values("web")["workers"].items():
        members = properties[f"worker.{service}.balance_workers"].split(",")
        assert [properties[f"worker.{member}.host"] for member in members] == worker["hosts"]
        assert {properties[f"worker.{member}.port"] for member in members} == {str(worker["port"])}
        assert {properties[f"worker.{member}.reference"] for member in members} == {"worker.member"}


@pytest.mark.parametrize("release", RELEASES)
def test_the_ajp_secret_reaches_the_process_by_reference_only(release: str, render: Render) -> None:
    manifests = render(release)
    assert not [manifest for manifest in manifests if manifest["kind"] == "Secret"]
    container = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "AJP_SECRET", "valueFrom": {"secretKeyRef": {"name": "ajp", "key": "secret"}}}]


@pytest.mark.parametrize(
    ("release", "area", "key", "new"),
    [
        ("web", "network", "loadBalancerCidrs", ["10.99.0.0/24"]),
        ("was-user", "database", "writerHost", "another.example"),
        ("web", "ajp", "secretChecksum", "fedcba9876543210"),
        ("was-user", "ajp", "secretChecksum", "fedcba9876543210"),
    ],
)
def test_a_changed_setting_rolls_the_pods_and_a_changed_checksum_alone_does_not(
    release: str, area: str, key: str, new: object, render: Render, values: Sample
) -> None:
    def template(chosen: dict[str, Any]) -> Manifest:
        return of_kind(render(release, chosen), "Deployment")["spec"]["template"]

    before = template(values(release))
    setting = values(release)
    setting[area] = setting[area] | {key: new}
    assert template(setting) != before
    assert template(values(release) | {"chartChecksum": "fedcba9876543210"}) == before


@pytest.mark.parametrize(("release", "port"), [("web", "http"), ("was-user", "ajp")])
def test_the_service_has_the_name_and_port_that_the_target_group_binding_refers_to(
    release: str, port: str, render: Render
) -> None:
    service = of_kind(render(release), "Service")
    assert service["metadata"]["name"] == release
    assert port in [entry["name"] for entry in service["spec"]["ports"]]


@pytest.mark.parametrize("release", ["web", "was-user", "was-pay"])
def test_a_digest_goes_to_every_container_of_ours_and_to_no_label(release: str, render: Render, values: Sample) -> None:
    plain, digest = values(release), f"sha256:{'5' * 64}"
    name = f"{plain['image']['repository']}:{plain['image']['tag']}"
    chosen = plain | {"image": plain["image"] | {"digest": digest}}
    before, after = (json.dumps(render(release, one), sort_keys=True) for one in (plain, chosen))
    assert before.count(f'"{name}"') == after.count(f'"{name}@{digest}"') > 0
    assert after.replace(f"{name}@{digest}", name) == before


def test_a_tag_longer_than_a_label_may_be_still_renders_valid_labels(render: Render, values: Sample) -> None:
    chosen = values("web")
    chosen["image"] = chosen["image"] | {"tag": "a" * 62 + "-" + "b" * 40}
    label = of_kind(render("web", chosen), "Deployment")["metadata"]["labels"]["app.kubernetes.io/version"]
    assert len(label) <= 63
    assert label[-1].isalnum()
