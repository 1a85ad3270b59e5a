"""The charts accept exactly the values that the program passes and refuse anything else, by name."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Values = dict[str, Any]
RunHelm = Callable[..., subprocess.CompletedProcess[str]]
Sample = Callable[[str], Values]

RELEASES = ["web", "was-user", "was-item", "was-pay"]
REMOVED = object()
VALID_CIDR = "10.0.0.0/16"

WRONG: list[tuple[str, str, object]] = [
    # (release, path of the value, wrong value)
    *[
        (release, path, wrong)
        for release in ("web", "was-pay")
        for path, wrong in [
            ("unknown", 1),
            ("image", REMOVED),
            ("image.tag", "latest"),
            ("image.tag", ""),
            ("image.tag", 1.5),
            ("image.repository", "Not A Repository"),
            ("image.digest", "sha256:0"),
            ("replicas.min", 0),
            ("replicas.min", "2"),
            ("replicas.max", 101),
            ("replicas.desired", 2),
            ("resources.cpu", 1),
            ("resources.cpu", "0m"),
            ("resources.memory", "512"),
            ("resources.memory", "512M"),
            ("ajp.secret", "a secret must never be a value"),
            ("ajp.secretName", "Upper_Case"),
            ("ajp.secretName", REMOVED),
            ("ajp.secretChecksum", "the secret itself"),
            ("network.loadBalancerCidrs", []),
            ("network.loadBalancerCidrs", [VALID_CIDR, VALID_CIDR]),
            ("network.loadBalancerCidrs", ["0.0.0.0/0"]),
            ("network.dnsCidr", "172.20.0.10"),
            ("network.dnsCidr", "172.20.0.256/32"),
            ("network.dnsCidr", "172.20.0.10/33"),
            ("network.podCidr", VALID_CIDR),
            ("serviceAccountName", ""),
            ("chartChecksum", "not hexadecimal"),
        ]
    ],
    ("web", "ajp.port", 8009),
    ("web", "workers.pay", REMOVED),
    ("web", "workers.admin", {"port": 8012, "hosts": ["a"]}),
    ("web", "workers.user.port", 80),
    ("web", "workers.user.hosts", []),
    ("web", "workers.user.hosts", ["a", "a"]),
    ("web", "workers.user.hosts", ["a\nworker.list=status"]),
    ("web", "network.wasCidrs", REMOVED),
    ("was-pay", "service", "admin"),
    ("was-pay", "service", REMOVED),
    ("was-pay", "environment", "qa"),
    ("was-pay", "ajp.port", 70000),
    ("was-pay", "database.password", "never a value"),
    ("was-pay", "database.username", "a" * 33),
    ("was-pay", "database.name", "pay; drop"),
    ("was-pay", "database.minimumIdle", -1),
    ("was-pay", "database.readerHost", ""),
    ("was-pay", "database.adminSecretArn", "the secret itself"),
    ("was-pay", "cache", {"host": "a"}),
    ("was-pay", "cache.username", "Not A User"),
    ("was-pay", "receipts", {"fileSystemId": "fs-0123456789abcdef0"}),
    ("was-pay", "receipts.fileSystemId", "/mnt"),
    ("was-pay", "network.dataCidrs", []),
]


def changed(values: Values, path: str, new: object) -> Values:
    *parents, last = path.split(".")
    target = values
    for parent in parents:
        target = target[parent]
    if new is REMOVED:
        del target[last]
    else:
        target[last] = new
    return values


@pytest.mark.parametrize("release", RELEASES)
def test_the_values_of_the_program_pass_lint_without_a_warning(release: str, run_helm: RunHelm, values: Sample) -> None:
    result = run_helm("lint", release, values(release), "--strict")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[WARNING]" not in result.stdout


@pytest.mark.parametrize("release", RELEASES)
def test_a_stack_with_one_replica_and_no_cache_is_accepted(release: str, run_helm: RunHelm, values: Sample) -> None:
    dev = values(release) | {"replicas": {"min": 1, "max": 1}}
    for without_cache in ({}, {"cache": None}) if release != "web" else ({},):
        dev.pop("cache", None)
        result = run_helm("template", release, dev | without_cache)
        assert result.returncode == 0, result.stderr
        assert "CACHE_HOST" not in result.stdout


@pytest.mark.parametrize(("release", "path", "wrong"), WRONG)
def test_a_wrong_value_is_refused_by_its_name(
    release: str, path: str, wrong: object, run_helm: RunHelm, values: Sample
) -> None:
    result = run_helm("template", release, changed(values(release), path, wrong))
    assert result.returncode != 0, f"{path}={wrong!r} was accepted"
    assert path.rpartition(".")[2] in result.stderr, result.stderr


@pytest.mark.parametrize("release", ["web", "was-user"])
def test_nothing_but_the_sizes_has_a_default(release: str, run_helm: RunHelm) -> None:
    result = run_helm("template", release, {})
    assert result.returncode != 0
    for required in ("image", "ajp", "network", "serviceAccountName"):
        assert required in result.stderr


@pytest.mark.parametrize("release", ["web", "was-user"])
def test_fewer_replicas_at_most_than_at_least_are_refused_with_both_numbers(
    release: str, run_helm: RunHelm, values: Sample
) -> None:
    result = run_helm("template", release, values(release) | {"replicas": {"min": 5, "max": 4}})
    assert result.returncode != 0
    assert "replicas.min is 5, more than replicas.max 4" in result.stderr
