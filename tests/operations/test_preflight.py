"""Each claim about an account is seen to hold and seen to fail, and a question that cannot be asked is neither."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from operations.aws_cli import Aws
from operations.preflight.__main__ import Finding, findings, main
from operations.preflight.claims import CLAIMS, Claim, Question
from operations.program import Stack
from rehearsal.account.answers import ANSWERS

if TYPE_CHECKING:
    from pathlib import Path

_MONITOR = "arn:aws:ce::498273610554:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef"
_VALUES: dict[str, Any] = {
    "environment": "prod",
    "account": {"id": "498273610554", "region": "ap-northeast-2", "deployerRoleArn": "arn:aws:iam::1:role/deployer"},
    "domain": {"zoneId": "Z1", "zoneName": "fastorder.kr"},
    "network": {"availabilityZones": ["ap-northeast-2a", "ap-northeast-2c"], "nat": "per-zone"},
    "access": {"bastion": True},
    "clusters": {
        "contents": True,
        "kubernetesVersion": "1.36",
        "nodePool": {"instanceFamilies": ["m7g", "c7g"], "cpuLimit": 200},
        "addons": {"metricsServer": "v1", "efsCsiDriver": "v2", "cloudwatchObservability": "v3"},
    },
    "database": {"engineVersion": "e1", "provisioned": {"instanceClass": "db.r7g.large"}},
    "cache": {"engineVersion": "8.2"},
    "notifications": {"slackWebhookSecret": "operations/slack", "slackExecutions": 2},
    "budget": {"anomalyMonitorArn": None},
    "workloads": {name: {"imageTag": "1.0.0"} for name in ("web", "user", "item", "pay")},
    "names": {
        "repositories": {"web": "prod-web", "was": "prod-was"},
        "anomalyMonitor": "prod-services",
        "secretsKeyAlias": "alias/secrets",
    },
}
_OFFERING = {"InstanceType": "m7g.large", "Location": "ap-northeast-2a"}
_READY: dict[str, Any] = {
    "sts get-caller-identity": {"Account": "498273610554", "Arn": "arn:aws:sts::498273610554:assumed-role/d/s"},
    "route53 get-hosted-zone": {
        "HostedZone": {"Name": "fastorder.kr."},
        "DelegationSet": {"NameServers": ["ns-1.awsdns.com", "ns-2.awsdns.org"]},
    },
    "route53 get-dnssec": {
        "KeySigningKeys": [
            {"DSRecord": "11 13 2 ABCD", "Status": "ACTIVE"},
            {"DSRecord": "7 8 2 F", "Status": "INACTIVE"},
        ]
    },
    "dig DS": "11 13 2 ab cd\n",
    "dig NS": "ns-2.awsdns.org.\nns-1.awsdns.com.\n",
    "eks describe-cluster-versions": {"clusterVersions": [{"versionStatus": "STANDARD_SUPPORT"}]},
    "eks describe-addon-versions": {"addons": [{"addonVersions": [{"addonVersion": f"v{n}"} for n in (1, 2, 3)]}]},
    "rds describe-db-engine-versions": {"DBEngineVersions": [{"EngineVersion": "e1"}]},
    "rds describe-orderable-db-instance-options": {
        "OrderableDBInstanceOptions": [
            {"AvailabilityZones": [{"Name": "ap-northeast-2a"}, {"Name": "ap-northeast-2c"}]}
        ]
    },
    "elasticache describe-cache-engine-versions": {"CacheEngineVersions": [{"EngineVersion": "8.2"}]},
    "ec2 describe-instance-type-offerings": {
        "InstanceTypeOfferings": [_OFFERING, {**_OFFERING, "Location": "ap-northeast-2c"}]
    },
    "service-quotas get-service-quota": {"Quota": {"Value": 500.0}},
    "ec2 describe-addresses": {"Addresses": []},
    "ec2 describe-vpcs": {"Vpcs": [{}]},
    "lambda get-account-settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
    "ce get-anomaly-monitors": {
        "AnomalyMonitors": [
            {"MonitorArn": _MONITOR, "MonitorName": "prod-services", "MonitorDimension": "SERVICE"},
            {"MonitorArn": f"{_MONITOR}-2", "MonitorName": "custom"},
        ]
    },
    "secretsmanager describe-secret": {"Name": "operations/slack"},
    "ecr describe-images": {"imageDetails": [{}]},
}


_FAILURES: list[tuple[str, str, Any, str]] = [
    (
        "the caller is of the stack's account",
        "sts__get_caller_identity",
        {"Account": "1", "Arn": "a"},
        "498273610554",
    ),
    (
        "the caller is of the stack's account",
        "sts__get_caller_identity",
        {"Account": "498273610554", "Arn": "arn:aws:iam::498273610554:root"},
        "never its root user",
    ),
    ("the zone exists", "route53__get_hosted_zone", "!NoSuchHostedZone", "domain.zoneId"),
    ("the zone exists", "route53__get_hosted_zone", {"HostedZone": {"Name": "other.kr."}}, "domain.zoneName"),
    ("the zone is delegated", "dig NS", "ns-1.elsewhere.net.\n", "ns-1.awsdns.com, ns-2.awsdns.org"),
    ("the zone is delegated", "dig NS", "", "ns-1.awsdns.com"),
    ("the zone's signature is trusted", "dig DS", "", "the DS record 11 13 2 ABCD"),
    ("the zone's signature is trusted", "dig DS", "7 8 2 F\n", "the DS record 11 13 2 ABCD"),
    ("the zone's signature is trusted", "route53__get_dnssec", {"KeySigningKeys": []}, "once it has a signing key"),
    ("the zone's signature is trusted", "route53__get_dnssec", "!NoSuchHostedZone", "bootstrap/README.md"),
    ("the zone is delegated", "route53__get_hosted_zone", "!NoSuchHostedZone", "bootstrap/README.md"),
    (
        "Kubernetes is supported",
        "eks__describe_cluster_versions",
        {"clusterVersions": [{"versionStatus": "EXTENDED_SUPPORT"}]},
        "clusters.kubernetesVersion",
    ),
    ("Kubernetes is supported", "eks__describe_cluster_versions", {}, "clusters.kubernetesVersion"),
    (
        "metrics-server is offered",
        "eks__describe_addon_versions",
        {"addons": [{"addonVersions": [{"addonVersion": "v9"}]}]},
        "clusters.addons.metricsServer to one of v9",
    ),
    ("aws-efs-csi-driver is offered", "eks__describe_addon_versions", {}, "clusters.addons.efsCsiDriver"),
    (
        "amazon-cloudwatch-observability is offered",
        "eks__describe_addon_versions",
        {},
        "clusters.addons.cloudwatchObservability",
    ),
    ("the database engine is offered", "rds__describe_db_engine_versions", {}, "database.engineVersion"),
    (
        "the database class is offered",
        "rds__describe_orderable_db_instance_options",
        {"OrderableDBInstanceOptions": [{"AvailabilityZones": [{"Name": "ap-northeast-2a"}]}]},
        "another class",
    ),
    ("the cache engine is offered", "elasticache__describe_cache_engine_versions", {}, "cache.engineVersion"),
    (
        "every zone has instances",
        "ec2__describe_instance_type_offerings",
        {"InstanceTypeOfferings": [_OFFERING]},
        "ap-northeast-2c",
    ),
    ("vCPUs suffice", "service_quotas__get_service_quota", {"Quota": {"Value": 401.0}}, "--desired-value 402"),
    ("addresses suffice", "service_quotas__get_service_quota", {"Quota": {"Value": 1.0}}, "--desired-value 2"),
    ("addresses suffice", "ec2__describe_addresses", {"Addresses": [{}] * 499}, "--desired-value 501"),
    ("another VPC fits", "service_quotas__get_service_quota", {"Quota": {"Value": 1.0}}, "--desired-value 2"),
    (
        "executions can be reserved",
        "lambda__get_account_settings",
        {"AccountLimit": {"ConcurrentExecutions": 10}},
        "slackExecutions to null",
    ),
    (
        "executions can be reserved",
        "lambda__get_account_settings",
        {"AccountLimit": {"ConcurrentExecutions": 101}},
        "slackExecutions to null",
    ),
    (
        "one monitor of services",
        "ce__get_anomaly_monitors",
        {"AnomalyMonitors": [{"MonitorArn": _MONITOR, "MonitorName": "D", "MonitorDimension": "SERVICE"}]},
        f"budget.anomalyMonitorArn to {_MONITOR}",
    ),
    (
        "the Slack webhook is there",
        "secretsmanager__describe_secret",
        "!ResourceNotFoundException",
        "create-secret",
    ),
    ("the images are pushed", "ecr__describe_images", "!ImageNotFoundException", "clusters.contents: false"),
    ("the images are pushed", "ecr__describe_images", "!RepositoryNotFoundException", "clusters.contents: false"),
]
"""A claim, the question whose answer is changed, that answer, and what the fix must say."""


class _Cli:
    """Answers commands from a table; a text that begins with `!` is AWS's refusal with that code."""

    def __init__(self, **changes: object) -> None:
        self.answers = deepcopy(_READY) | {name.replace("__", " ").replace("_", "-"): v for name, v in changes.items()}
        self.asked: list[list[str]] = []

    def __call__(self, command: list[str]) -> tuple[int, str, str]:
        self.asked.append(command)
        answer = self.answers[f"dig {command[2]}" if command[0] == "dig" else " ".join(command[1:3])]
        if isinstance(answer, str) and answer.startswith("!"):
            return 254, "", f"An error occurred ({answer[1:]}) when calling the operation: no"
        if isinstance(answer, BaseException):
            return 255, "", str(answer)
        return 0, answer if isinstance(answer, str) else json.dumps(answer), ""


def _found(name: str, cli: _Cli, **areas: dict[str, object]) -> Finding:
    values = deepcopy(_VALUES)
    for area, given in areas.items():
        values[area] |= given
    (found,) = [one for one in findings(Stack(values), cli) if one.claim.name == name]
    return found


def test_a_ready_account_meets_every_claim() -> None:
    found = findings(Stack(_VALUES), _Cli())
    assert [one.claim for one in found] == list(CLAIMS)
    assert [(one.claim.name, one.answer) for one in found if not one.holds] == []
    assert not any(one.fix for one in found)


@pytest.mark.parametrize(("claim", "question", "answer", "fix"), _FAILURES)
def test_a_claim_that_does_not_hold_says_what_to_do(claim: str, question: str, answer: object, fix: str) -> None:
    found = _found(claim, _Cli(**{question: answer}))
    assert found.holds is False
    assert fix in found.fix


def test_what_is_our_own_already_takes_nothing_more() -> None:
    own = {"Tags": [{"Key": "Environment", "Value": "prod"}]}
    cli = _Cli(
        ec2__describe_addresses={"Addresses": [own, own]},
        ec2__describe_vpcs={"Vpcs": [own, {}]},
        service_quotas__get_service_quota={"Quota": {"Value": 2.0}},
    )
    assert _found("addresses suffice", cli).holds
    assert _found("another VPC fits", cli).holds


def test_a_monitor_by_setting_must_be_there() -> None:
    assert _found("one monitor of services", _Cli(), budget={"anomalyMonitorArn": _MONITOR}).holds
    assert not _found("one monitor of services", _Cli(), budget={"anomalyMonitorArn": "gone"}).holds


def test_a_stack_is_not_asked_for_what_it_does_not_need() -> None:
    values = deepcopy(_VALUES)
    values["notifications"] = {"slackWebhookSecret": None, "slackExecutions": None}
    values["clusters"]["contents"] = False
    names = {one.claim.name for one in findings(Stack(values), _Cli())}
    assert names == {claim.name for claim in CLAIMS} - {
        "executions can be reserved",
        "the Slack webhook is there",
        "the images are pushed",
    }


@pytest.mark.parametrize("reason", ["!AccessDeniedException", "!ExpiredToken", OSError("Unable to locate credentials")])
def test_a_question_that_cannot_be_asked_is_not_a_failed_claim(reason: object) -> None:
    found = _found("one monitor of services", _Cli(ce__get_anomaly_monitors=reason))
    assert found.holds is None
    assert "ce:GetAnomalyMonitors" in found.fix


def test_a_missing_dig_is_not_a_missing_delegation() -> None:
    assert _found("the zone is delegated", _Cli(**{"dig NS": OSError("dig: command not found")})).holds is None


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_names_the_rights_that_asking_it_takes(claim: Claim) -> None:
    cli = _Cli()
    claim.check(Question(stack=Stack(_VALUES), aws=Aws("ap-northeast-2", cli), run=cli))
    taken = {action for command in cli.asked if command[0] == "aws" if (action := _action(*command[1:3])) is not None}
    assert taken == set(claim.actions)


def _action(service: str, operation: str) -> str | None:
    wanted = operation.replace("-", "")
    (answer,) = [one for name, one in ANSWERS.items() if name.lower() == f"{service}:{wanted}"]
    return answer.action


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, 0), ({"ec2__describe_vpcs": "!AccessDenied"}, 2), ({"dig NS": "", "ec2__describe_vpcs": "!AccessDenied"}, 1)],
)
def test_the_exit_code_tells_failed_from_unknown(
    changes: dict[str, object], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def settings_of(project: Path, stack: str) -> Stack:
        return Stack(_VALUES)

    monkeypatch.setattr("operations.preflight.__main__.settings_of", settings_of)
    monkeypatch.setattr("operations.preflight.__main__.run", _Cli(**changes))
    assert main(["--stack", "prod"]) == code
    said = capsys.readouterr().out
    assert "19 claims" in said
    assert said.count("\n??  ") == (1 if "ec2__describe_vpcs" in changes else 0)


def test_wrong_settings_are_told_in_the_programs_own_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  fast-order:netwrok: {}\n")
    assert main(["--stack", "dev", "--project", str(tmp_path)]) == 1
    assert "did you mean network?" in capsys.readouterr().err
