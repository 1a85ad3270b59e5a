"""The rehearsal's `aws`, `skopeo` and `dig` as people and workflows call them: as processes, on one account."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.account.command import install_aws_command
from rehearsal.account.past import give_past
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.wire import to_struct
from rehearsal.cloud import Cloud, CloudObject
from rehearsal.first_day.documents import blocks
from rehearsal.tool_cache import cache_root

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

CHECKOUT = Path(__file__).parents[3]
REGION = "ap-northeast-2"
ACCOUNT = "498273610554"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1.0.0"
READ = {"Effect": "Allow", "Action": "ecr:DescribeImages", "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/web"}


@dataclass(frozen=True)
class Terminal:
    """A shell in front of the account; `caller` is who runs it."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, command: str, *, fails: bool = False, more: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            env={**self.environment, **(more or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return (done.stderr if fails else done.stdout).strip()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("terminal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASTORDER_ACCOUNT", ACCOUNT)
        _furnish(folder / "cloud")
    install_aws_command(folder / "bin")
    environment = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(cache_root().parent),
        "FASTORDER_CLOUD_DIR": str(folder / "cloud"),
        "FASTORDER_ACCOUNT": ACCOUNT,
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    return Terminal(folder, environment)


def _furnish(account: Path) -> None:
    give_past(account, "prepared")
    past = account / "past.toml"
    past.write_text(past.read_text().replace('images = "any"', 'images = "none"'))
    provider = AwsProvider(Cloud(account))
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": REGION})))
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [READ]})

    def make(token: str, arguments: JsonObject) -> None:
        urn = f"urn:pulumi:test::tiny::{token}::one"
        checked = provider.check(provider_pb2.CheckRequest(urn=urn, news=to_struct(arguments)))
        assert [failure.reason for failure in checked.failures] == []
        provider.create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))

    make("aws:ecr/repository:Repository", {"name": "web", "imageTagMutability": "IMMUTABLE"})
    make("aws:route53/zone:Zone", {"name": "fastorder.kr"})
    cloud = Cloud(account)
    zone = cloud.list("aws:route53/zone:Zone")[0].properties["zoneId"]
    signing: JsonObject = {"hostedZoneId": zone, "dsRecord": f"12345 13 2 {'AB' * 32}"}
    token = "aws:route53/keySigningKey:KeySigningKey"
    cloud.create(CloudObject(provider="aws", type=token, location="", id="ksk", properties=signing))
    make(
        "aws:rds/cluster:Cluster",
        {"clusterIdentifier": "prod-common-rds-data-01", "engine": "aurora-mysql", "masterUsername": "admin"},
    )
    make("aws:backup/vault:Vault", {"name": "prod-common-bkv-home-01"})
    make("aws:backup/vault:Vault", {"name": "prod-common-bkv-copy-01", "region": "ap-northeast-1"})
    make("aws:iam/role:Role", {"name": "reader", "assumeRolePolicy": trust})
    make("aws:iam/rolePolicy:RolePolicy", {"name": "reads", "role": "reader", "policy": policy})


def test_the_cli_parses_asks_and_formats_by_itself(terminal: Terminal) -> None:
    assert terminal("aws sts get-caller-identity --query Account --output text") == ACCOUNT
    usage = terminal("aws ecr describe-images", fails=True)
    assert "--repository-name" in usage


def test_an_operation_without_an_answer_is_refused_by_name(terminal: Terminal) -> None:
    said = terminal("aws sqs list-queues", fails=True)
    assert (
        "(NotSimulated) when calling the ListQueues operation: the rehearsal has no answer for sqs:ListQueues" in said
    )


def test_without_credentials_nothing_is_answered(terminal: Terminal) -> None:
    said = terminal("env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY aws ecr describe-repositories", fails=True)
    assert "Unable to locate credentials" in said


def test_an_image_is_pushed_once_and_found_by_its_digest(terminal: Terminal) -> None:
    missing = terminal("aws ecr describe-images --repository-name web --image-ids imageTag=1.0.0", fails=True)
    assert "ImageNotFoundException" in missing
    terminal("echo web > image.tar")
    terminal("aws ecr get-login-password | skopeo login --username AWS --password-stdin registry")
    terminal(f"skopeo copy --digestfile digest oci-archive:image.tar docker://{ADDRESS}")
    found = "aws ecr describe-images --repository-name web --image-ids imageDigest=$(cat digest)"
    assert terminal(f"{found} --query 'imageDetails[0].imageTags[0]' --output text") == "1.0.0"
    terminal("echo other > image.tar")
    assert "immutable" in terminal(f"skopeo copy oci-archive:image.tar docker://{ADDRESS}", fails=True)


def test_a_role_may_what_its_policies_say(terminal: Terminal) -> None:
    role = {"FASTORDER_CALLER": "reader"}
    arn = terminal("aws sts get-caller-identity --query Arn --output text", more=role)
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/rehearsal"
    terminal("aws ecr describe-images --repository-name web", more=role)
    denied = terminal("aws ecr describe-repositories", fails=True, more=role)
    assert f"User: {arn} is not authorized to perform: ecr:DescribeRepositories" in denied
    pushed = terminal(f"skopeo copy oci-archive:image.tar docker://{ADDRESS}", fails=True, more=role)
    assert "is not authorized to perform: ecr:BatchCheckLayerAvailability" in pushed


def test_what_a_command_asks_is_recorded(terminal: Terminal) -> None:
    calls = terminal.folder / "calls"
    terminal("aws ecr describe-images --repository-name web", more={"FASTORDER_CALLS": str(calls)})
    (line,) = calls.read_text().splitlines()
    assert json.loads(line)["action"] == "ecr:DescribeImages"
    assert json.loads(line)["resource"] == READ["Resource"]


def test_the_world_sees_the_name_servers_of_a_delegated_zone_only(terminal: Terminal) -> None:
    assert terminal("dig +short NS fastorder.kr.").count(".\n") >= 1
    past = terminal.folder / "cloud" / "past.toml"
    text = past.read_text()
    past.write_text(text.replace("delegated = true", "delegated = false"))
    assert terminal("dig +short NS fastorder.kr.") == ""
    past.write_text(text)
    assert terminal("dig +short DS fastorder.kr.") == f"12345 13 2 {'AB' * 22} {'AB' * 10}"
    assert "answers `dig +short NS|DS <zone>` only" in terminal("dig fastorder.kr", fails=True)


def test_the_preflight_finds_what_a_new_account_lacks(terminal: Terminal, tmp_path: Path) -> None:
    cloud = terminal.folder / "cloud"
    zone = Cloud(cloud).list("aws:route53/zone:Zone")[0].properties["zoneId"]
    (tmp_path / "cloud").mkdir()
    shutil.copy(cloud / "cloud.sqlite3", tmp_path / "cloud")
    give_past(tmp_path / "cloud", "new")
    text = (CHECKOUT / "Pulumi.prod.yaml").read_text().replace("333333333333", ACCOUNT)
    text = text.replace("Z0000000PROD", str(zone)).replace("fastorder.example", "fastorder.kr")
    (tmp_path / "Pulumi.prod.yaml").write_text(text)
    command = f"{sys.executable} -m operations.preflight --stack prod --project {tmp_path}"
    there = {"FASTORDER_CLOUD_DIR": str(tmp_path / "cloud"), "PYTHONPATH": str(CHECKOUT)}
    said = terminal(f"{command}; test $? = 1", more=there).splitlines()
    assert {line.split(":")[0] for line in said if line.startswith(("NO", "??"))} == {
        "NO  the zone is delegated",
        "NO  the zone's signature is trusted",
        "NO  vCPUs suffice",
        "NO  executions can be reserved",
        "NO  one monitor of services",
        "NO  the Slack webhook is there",
        "NO  the images are pushed",
    }
    assert sum(line.startswith("ok  ") for line in said) == 12


def test_the_runbook_of_a_take_down_keeps_the_database_under_a_key_of_nobodys_stack(terminal: Terminal) -> None:
    page = "docs/runbooks/take-a-protected-stack-down.md"
    commands = [one.commands for one in blocks(CHECKOUT, page, "Keep what must survive")]
    assert len(commands) > 1
    # The first day answers other calls of KMS, the engine's own, by an endpoint.
    there = {"STACK": "prod", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1"}
    terminal("\n".join(["set -euo pipefail", *commands]), more=there)
    snapshots = (
        "aws rds describe-db-cluster-snapshots --query 'DBClusterSnapshots[].[DBClusterSnapshotIdentifier,KmsKeyId]'"
    )
    kept = dict(json.loads(terminal(snapshots)))
    (copied,) = [key for name, key in kept.items() if name.startswith("prod-kept-")]
    assert copied.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    assert copied not in [key for name, key in kept.items() if name.startswith("prod-before-")]
