"""A person's kubectl gets into a private cluster by a port that leads through the bastion, and by no other way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from rehearsal.cloud import Cloud, CloudObject, JsonObject
from rehearsal.first_day import kubectl

if TYPE_CHECKING:
    from collections.abc import Generator

_CHECKOUT: Final = Path(__file__).parents[3]
_REGION: Final = "ap-northeast-2"
_ARN: Final = "arn:aws:eks:ap-northeast-2:111111111111:cluster/small"
_PARAMETERS: Final = {"host": ["API"], "portNumber": ["443"], "localPortNumber": ["10443"]}
_SESSION: Final = {"DocumentName": "AWS-StartPortForwardingSessionToRemoteHost", "Parameters": _PARAMETERS}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A laptop in the office with a kubeconfig, and a private cluster that admits a bastion."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FASTORDER_PLACE", "office")
    monkeypatch.setenv("FASTORDER_CLOUD_DIR", str(tmp_path / "cloud"))
    cloud = Cloud(tmp_path / "cloud")
    vpc: JsonObject = {"endpointPublicAccess": False, "endpointPrivateAccess": True, "subnetIds": ["subnet-1"]}
    rule: JsonObject = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    things: dict[str, JsonObject] = {
        "aws:eks/cluster:Cluster": {
            "name": "small", "endpoint": "https://API", "vpcConfig": {**vpc, "clusterSecurityGroupId": "sg-api"},
        },
        "aws:ec2/subnet:Subnet": {"cidrBlock": "10.0.0.0/24"},
        "aws:ec2/instance:Instance": {
            "privateIp": "10.0.0.9", "vpcSecurityGroupIds": ["sg-b"], "tags": {"Role": "bastion"},
        },
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
            **rule, "securityGroupId": "sg-api", "cidrIpv4": "10.0.0.9/32",
        },
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
            **rule, "securityGroupId": "sg-b", "cidrIpv4": "10.0.0.0/16",
        },
    }  # fmt: skip
    for token, properties in things.items():
        cloud.create(CloudObject(provider="aws", type=token, location=_REGION, id="subnet-1", properties=properties))
    pods: JsonObject = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "web"}}
    cloud.create(CloudObject(provider="kubernetes", type="apps", location="small", id="web", properties=pods))
    user = {"exec": {"command": "aws", "args": ["eks", "get-token", "--cluster-name", "small"]}}
    kubeconfig = {
        "clusters": [{"name": _ARN, "cluster": {"server": "https://API"}}],
        "contexts": [{"name": "web", "context": {"cluster": _ARN, "user": "me"}}],
        "current-context": "web",
        "users": [{"name": "me", "user": user}],
    }
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(yaml.safe_dump(kubeconfig))
    return tmp_path


@pytest.fixture
def session(home: Path) -> Generator[subprocess.Popen[str]]:
    """The plugin, as the AWS CLI starts it once it has a session; it forwards the port until the test ends."""
    command = [sys.executable, "-m", "rehearsal.first_day.forwarding", "AWS_SSM_START_SESSION_RESPONSE", _REGION]
    given = [*command, "StartSession", "", json.dumps(_SESSION), "https://ssm"]
    with subprocess.Popen(
        given, cwd=_CHECKOUT, env={**os.environ, "HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert "Waiting for connections..." in [run.stdout.readline().strip() for _ in range(2)]
        yield run
        run.terminate()


def _get() -> int:
    return kubectl.main(["--context", "web", "get", "deployments", "--namespace", "web"])


def _point_at(port: int, name: str = "API") -> None:
    server = f"https://127.0.0.1:{port}"
    assert kubectl.main(["config", "set-cluster", _ARN, "--server", server, "--tls-server-name", name]) == 0


@pytest.mark.usefixtures("session")
def test_a_port_through_the_bastion_leads_into_a_private_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert _get() == 1
    assert "i/o timeout" in capsys.readouterr().err, "from the office itself the server does not answer"
    _point_at(10443)
    assert _get() == 0
    assert capsys.readouterr().out == "NAME\nweb\n"


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("port", "name", "said"), [(10444, "API", "connection refused"), (10443, "OTHER", "x509")])
def test_another_port_or_the_name_of_another_server_leads_nowhere(
    port: int, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _point_at(port, name)
    assert _get() == 1
    assert said in capsys.readouterr().err


def test_a_port_that_is_let_go_of_is_refused(
    session: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _point_at(10443)
    session.terminate()
    session.wait()
    assert _get() == 1
    assert "connection refused" in capsys.readouterr().err


def test_a_bastion_that_the_cluster_does_not_admit_is_no_way_in(
    home: Path, session: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert session.poll() is None
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    Cloud(home / "cloud").delete(token, "subnet-1", location=_REGION)
    _point_at(10443)
    assert _get() == 1
    assert "i/o timeout" in capsys.readouterr().err
