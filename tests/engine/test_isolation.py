"""No rehearsal can reach a real account, whatever the caller's shell holds."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.environment import isolated_environment
from rehearsal.tool_cache import cache_root

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Rehearse

_TRACE = "reaches-the-account"
_AWS = (
    "ACCESS_KEY_ID",
    "A_VARIABLE_OF_THE_FUTURE",
    "CONFIG_FILE",
    "CONTAINER_AUTHORIZATION_TOKEN",
    "CONTAINER_CREDENTIALS_FULL_URI",
    "CONTAINER_CREDENTIALS_RELATIVE_URI",
    "DEFAULT_PROFILE",
    "ENDPOINT_URL",
    "PROFILE",
    "REGION",
    "ROLE_ARN",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "SHARED_CREDENTIALS_FILE",
    "WEB_IDENTITY_TOKEN_FILE",
)
_PULUMI = ("ACCESS_TOKEN", "BACKEND_URL", "CONFIG", "CONFIG_PASSPHRASE", "HOME", "STACK")
_OTHER = ("HOME", "HTTPS_PROXY", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "PYTHONPATH", "PYTHONSTARTUP")
_FROM_A_SHELL = {
    name: f"/{_TRACE}/{name}"
    for name in (*(f"AWS_{name}" for name in _AWS), *(f"PULUMI_{name}" for name in _PULUMI), *_OTHER)
}


def test_nothing_of_the_callers_shell_reaches_the_program(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    # The cache of built tools would follow HOME; it is the one folder of the caller that a rehearsal is told.
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_root().parent))
    for name, value in _FROM_A_SHELL.items():
        monkeypatch.setenv(name, value)
    rehearsal = rehearse("settings")
    outcome = rehearsal.up()
    assert outcome.succeeded, outcome.errors
    seen = cast("dict[str, str]", rehearsal.outputs()["environment"])
    assert seen["AWS_ACCESS_KEY_ID"] == "rehearsal"
    assert {name: value for name, value in seen.items() if _TRACE in value} == {}
    assert seen["PULUMI_BACKEND_URL"].startswith(f"file://{rehearsal.home}")
    assert seen["HOME"].startswith(str(rehearsal.home))


def test_an_aws_client_finds_invented_keys_and_a_closed_door(tmp_path: Path) -> None:
    """botocore, with the AWS configuration of a caller in the places it would look, asked who it is."""
    caller = {**_FROM_A_SHELL, "PATH": ""}
    environment = isolated_environment(caller, tmp_path, search_path=[], extra={})
    client = """
import botocore.exceptions, botocore.session
session = botocore.session.Session()
keys = session.get_credentials()
print(keys.access_key, keys.token, keys.method)
try:
    session.create_client("sts", region_name="ap-northeast-2").get_caller_identity()
except botocore.exceptions.EndpointConnectionError as error:
    print(error.kwargs["endpoint_url"])
"""
    answer = subprocess.run(
        [sys.executable, "-c", client], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.split("\n")[:2] == ["rehearsal None env", "http://127.0.0.1:1/"]


def test_the_passphrase_is_invented_once_per_rehearsal_and_private(tmp_path: Path) -> None:
    def passphrase(home: Path) -> str:
        return isolated_environment({}, home, search_path=[], extra={})["PULUMI_CONFIG_PASSPHRASE"]

    assert passphrase(tmp_path / "a") == passphrase(tmp_path / "a") != passphrase(tmp_path / "b")
    assert (tmp_path / "a" / "passphrase").stat().st_mode & 0o077 == 0
