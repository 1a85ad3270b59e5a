"""Renders the two charts with real Helm for every test of this folder.

Owns the sample values (as the program passes them) and the call of Helm; the tests own what must hold. Helm is the
rehearsal's.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.helm_binary import find_or_fetch_helm

ROOT = Path(__file__).parents[2]
NETWORK = {"loadBalancerCidrs": ["10.20.0.0/22", "10.20.4.0/22"], "dnsCidr": "172.20.0.10/32"}
ADMIN_SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!cluster-abc-xyz"
PORTS = {"user": 8009, "item": 8010, "pay": 8011}

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]


def _common(repository: str) -> dict[str, Any]:
    return {
        "image": {"repository": f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{repository}", "tag": "1.0.0"},
        "replicas": {"min": 3, "max": 12},
        "resources": {"cpu": "250m", "memory": "512Mi"},
        "chartChecksum": "0123456789abcdef",
    }


def web_values() -> dict[str, Any]:
    zones = [f"ap-northeast-2{zone}.nlb.example" for zone in "abc"]
    return _common("prod-common-ecr-web-01") | {
        "ajp": {"secretName": "ajp", "secretChecksum": "0123456789abcdef"},
        "workers": {service: {"port": port, "hosts": zones} for service, port in PORTS.items()},
        "network": NETWORK | {"wasCidrs": ["10.20.8.0/22"]},
        "serviceAccountName": "web",
    }


def was_values(service: str) -> dict[str, Any]:
    # Only `pay` shares receipts; that it also migrates lets each test see the chart with and without its hook job.
    database = {"adminSecretArn": ADMIN_SECRET} if service == "pay" else {}
    receipts = {"receipts": {"fileSystemId": "fs-0123456789abcdef0", "accessPointId": "fsap-0123456789abcdef0"}}
    return (
        (receipts if service == "pay" else {})
        | _common("prod-common-ecr-was-01")
        | {
            "service": service,
            "environment": "prod",
            "ajp": {"port": PORTS[service], "secretName": "ajp", "secretChecksum": "0123456789abcdef"},
            "database": {
                "writerHost": "aurora.cluster-abc.ap-northeast-2.rds.amazonaws.com",
                "readerHost": "aurora.cluster-ro-abc.ap-northeast-2.rds.amazonaws.com",
                "port": 3306,
                "name": service,
                "username": service,
                "minimumIdle": 2,
            }
            | database,
            "cache": {"host": "cache.example", "port": 6379, "username": "prod-item"},
            "network": NETWORK | {"dataCidrs": ["10.20.16.0/24"]},
            "serviceAccountName": f"was-{service}",
        }
    )


def sample_values(release: str) -> dict[str, Any]:
    return web_values() if release == "web" else was_values(release.removeprefix("was-"))


@pytest.fixture(scope="session")
def helm() -> str:
    return str(find_or_fetch_helm())


@pytest.fixture
def values() -> Callable[[str], dict[str, Any]]:
    """Fresh sample values of a release, to be changed by the test."""
    return sample_values


@pytest.fixture(scope="session")
def run_helm(helm: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``helm <command> [release]`` on the release's chart with the given values."""

    def run(command: str, release: str, values: dict[str, Any], *flags: str) -> subprocess.CompletedProcess[str]:
        chart = str(ROOT / "workloads" / release.partition("-")[0] / "chart")
        named = [chart] if command == "lint" else [release, chart]
        # Helm alone would take the Kubernetes that it was built for.
        version = [] if "--kube-version" in flags else ["--kube-version", "1.36.0"]
        namespace = release.removeprefix("was-")
        return subprocess.run(
            [helm, command, *named, "--namespace", namespace, "--values", "-", *version, *flags],
            input=yaml.safe_dump(values), capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def render(run_helm: Callable[..., subprocess.CompletedProcess[str]]) -> Render:
    """Render a release with the sample values or with ``values``; hooks are included."""

    def template(release: str, values: dict[str, Any] | None = None, version: str = "1.36.0") -> list[Manifest]:
        chosen = sample_values(release) if values is None else values
        result = run_helm("template", release, chosen, "--kube-version", version)
        assert result.returncode == 0, result.stderr
        return [document for document in yaml.safe_load_all(result.stdout) if document]

    return template
