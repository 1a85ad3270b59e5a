"""Wrong settings: each is answered by one line that names the key, the value, the rule and the fix."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pytest

from model import settings
from model.settings.protection import today
from tests.unit.testkit import PROJECT, STACKS, Graph, run, run_main, stack_config

GONE: Final = object()
"""Stands for a key that is taken out of the stack file."""


@dataclass(frozen=True)
class Wrong:
    """One mistake in a stack file: the key that is set, its value, and what the line must hold."""

    key: str
    value: object
    fix: str
    named: str = ""
    """Key that the line must name, where it is not the one that was set."""
    stack: str = "dev"


AGREED: Final = {"stack": "prod", "day": today().isoformat(), "agreedBy": "operations, ticket 1042"}

WRONG: Final[dict[str, Wrong]] = {
    "account id with eleven digits": Wrong("account.id", "12345678901", "write for example 123456789012"),
    "account id as a number": Wrong("account.id", 111111111111, "in quotes if it looks like a number"),
    "account id missing": Wrong("account.id", GONE, "set it in the stack file"),
    "region misspelt": Wrong("account.region", "seoul", "write for example ap-northeast-2"),
    "region without our zones": Wrong("account.region", "us-east-1", "us-east-1a", named="network.availabilityZones"),
    "deployer that is a user": Wrong(
        "account.deployerRoleArn", "arn:aws:iam::111111111111:user/kim", "write arn:aws:iam::<12 digits>:role/<name>"
    ),
    "deployer of another account": Wrong(
        "account.deployerRoleArn", "arn:aws:iam::999999999999:role/deployer", "correct one of them", named="account.id"
    ),
    "unknown area": Wrong("netwrok", {"cidr": "10.10.0.0/16"}, "did you mean network?"),
    "unknown key": Wrong("network.natt", "single", "did you mean nat?"),
    "unknown key like no other": Wrong("logs.colour", "blue", "use one of retentionDays, archiveDays"),
    "key in Python's spelling": Wrong("network.interface_endpoints", True, "did you mean interfaceEndpoints?"),
    "country that is no code": Wrong(
        "edge.countries", ["Korea"], "write for example [KR, JP]", named="edge.countries.0"
    ),
    "rate limit that no request passes": Wrong("edge.requestsPerAddress", 5, "write 10 or more"),
    "webhook instead of the name of its secret": Wrong(
        "notifications.slackWebhookSecret", "https://hooks.slack.com/T", "write for example operations/slack-webhook"
    ),
    "name instead of the ARN of a monitor": Wrong(
        "budget.anomalyMonitorArn", "Default-Services-Monitor", "write for example arn:aws:ce::"
    ),
    "more executions than Slack takes": Wrong("notifications.slackExecutions", 1000, "write 100 or less"),
    "price class that is none": Wrong("edge.priceClass", "PriceClass_300", "PriceClass_200"),
    "area that is no object": Wrong("network", "10.10.0.0/16", "write its settings below it"),
    "area that is a list": Wrong("logs", [30, 90], "write its settings below it"),
    "owner empty": Wrong("ownership.owner", "", "write for example platform-team"),
    "owner with a character no tag may hold": Wrong(
        "ownership.owner", "platform*team", "write for example platform-team"
    ),
    "cost center missing": Wrong("ownership.costCenter", GONE, "set it in the stack file"),
    "zone id that is a name": Wrong("domain.zoneId", "fastorder.example", "write for example Z0123"),
    "zone name with a final dot": Wrong(
        "domain.zoneName", "dev.fastorder.example.", "write for example dev.fastorder.example"
    ),
    "VPC with public addresses": Wrong("network.cidr", "8.8.0.0/16", "use a block of 10.0.0.0/8"),
    "VPC with host bits": Wrong("network.cidr", "10.10.0.1/16", "write for example 10.10.0.0/16"),
    "VPC too small": Wrong("network.cidr", "10.10.0.0/21", "use /16 to /20"),
    "VPC too large": Wrong("network.cidr", "10.0.0.0/8", "use /16 to /20"),
    "VPC over the range of EKS nodes": Wrong("network.cidr", "172.17.0.0/16", "choose another block"),
    "VPC over the Services": Wrong(
        "network.cidr", "172.20.0.0/16", "choose a block outside the VPC", named="clusters.serviceCidr"
    ),
    "one zone": Wrong("network.availabilityZones", ["ap-northeast-2a"], "[ap-northeast-2a, ap-northeast-2c]"),
    "zone of another region": Wrong(
        "network.availabilityZones", ["ap-northeast-2a", "ap-northeast-1c"], "write for example ap-northeast-2a"
    ),
    "zone twice": Wrong("network.availabilityZones", ["ap-northeast-2a", "ap-northeast-2a"], "remove one"),
    "zone without a slot": Wrong(
        "network.availabilityZones", ["ap-northeast-2a", "ap-northeast-2e"], "one of a, b, c, d"
    ),
    "NAT misspelt": Wrong("network.nat", "perzone", "'single' or 'per-zone'"),
    "switch as a text": Wrong("network.interfaceEndpoints", "true", "write true or false"),
    "encryption control where AWS has none": Wrong("network.encryptionControl", True, "ap-northeast-2: write false"),
    "Kubernetes version out of support": Wrong("clusters.kubernetesVersion", "1.30", "'1.35', '1.36' or '1.37'"),
    "Kubernetes version as a number": Wrong("clusters.kubernetesVersion", 1.36, "'1.36' or '1.37': write one of these"),
    "public endpoint for everybody": Wrong(
        "clusters.publicEndpointCidrs",
        ["0.0.0.0/0"],
        "list the addresses of your offices",
        named="clusters.publicEndpointCidrs.0",
    ),
    "public endpoint for private addresses": Wrong(
        "clusters.publicEndpointCidrs", ["10.0.0.0/8"], "list public addresses", named="clusters.publicEndpointCidrs.0"
    ),
    "viewer that is the deployer": Wrong(
        "clusters.viewerRoleArns",
        ["arn:aws:iam::111111111111:role/dev-common-role-deployer-01"],
        "name each role once",
        named="clusters",
    ),
    "administrator that is a viewer": Wrong(
        "clusters.adminRoleArns",
        ["arn:aws:iam::333333333333:role/prod-common-role-operator-01"],
        "name each role once",
        named="clusters",
        stack="prod",
    ),
    "administrator of another account": Wrong(
        "clusters.adminRoleArns",
        ["arn:aws:iam::999999999999:role/dev-common-role-operator-01"],
        "correct one of them",
        named="account.id",
    ),
    "API client with a public address": Wrong(
        "clusters.apiClients.cidrs",
        ["203.0.113.0/24"],
        "use a block of 10.0.0.0/8",
        named="clusters.apiClients.cidrs.0",
    ),
    "API client by name": Wrong(
        "clusters.apiClients.securityGroupIds",
        ["runner"],
        "write for example [sg-0123456789abcdef0]",
        named="clusters.apiClients.securityGroupIds.0",
    ),
    "API client twice": Wrong(
        "clusters.apiClients.cidrs", ["10.9.0.0/24", "10.9.0.0/24"], "remove one", named="clusters.apiClients"
    ),
    "runner without connection": Wrong("runner.repository", "cinema/fast-order", "set both", named="runner"),
    "runner of another account": Wrong(
        "runner.connectionArn",
        "arn:aws:codeconnections:ap-northeast-2:999999999999:connection/00000000-0000-0000-0000-000000000000",
        "make one there",
        stack="prod",
    ),
    "runner of a repository's address": Wrong(
        "runner.repository", "https://github.com/cinema/fast-order", "write for example cinema/fast-order", stack="prod"
    ),
    "node pool without family": Wrong("clusters.nodePool.instanceFamilies", [], "write for example [m7g]"),
    "architecture unknown": Wrong("clusters.nodePool.architecture", "arm", "'arm64'"),
    "node pool without limit": Wrong("clusters.nodePool.cpuLimit", 0, "write 4 or more"),
    "add-on that floats": Wrong("clusters.addons.metricsServer", "latest", "write for example v1.2.3-eksbuild.1"),
    "Aurora version not pinned": Wrong("database.engineVersion", "8.0", "8.0.mysql_aurora.3.10.3"),
    "backups beyond what Aurora keeps": Wrong("database.backupRetentionDays", 36, "write 35 or less"),
    "both kinds of Aurora": Wrong(
        "database.provisioned",
        {"instanceClass": "db.r7g.large", "readers": 1, "readersMax": 2, "targetCpuPercent": 60},
        "set one of serverless and provisioned to null",
        named="database",
    ),
    "no kind of Aurora": Wrong("database.serverless", None, "set one of serverless and provisioned", named="database"),
    "serverless bounds swapped": Wrong(
        "database.serverless.minAcu", 8, "lower the minimum", named="database.serverless"
    ),
    "quarter of an ACU": Wrong("database.serverless.maxAcu", 4.25, "multiple of 0.5"),
    "pause without zero": Wrong("database.serverless.minAcu", 0.5, "set both or neither", named="database.serverless"),
    "pause too soon": Wrong("database.serverless.pauseAfterSeconds", 60, "write 300 or more"),
    "instance class that Aurora lacks": Wrong(
        "database.provisioned.instanceClass", "m7g.large", "write for example db.r7g.large", stack="prod"
    ),
    "more readers than the maximum": Wrong(
        "database.provisioned.readers", 7, "raise the maximum", named="database.provisioned", stack="prod"
    ),
    "sixteen readers": Wrong("database.provisioned.readersMax", 16, "write 15 or less", stack="prod"),
    "Valkey of another family": Wrong("cache.engineVersion", "7.2", "write for example '8.2'"),
    "Valkey as a number": Wrong("cache.engineVersion", 8.2, "in quotes if it looks like a number"),
    "cache node of a database": Wrong("cache.nodeType", "db.t4g.micro", "write for example cache.m7g.large"),
    "seven cache nodes": Wrong("cache.nodes", 7, "write 6 or less"),
    "budget of nothing": Wrong("budget.monthlyUsd", 0, "write 1 or more"),
    "cache without a snapshot": Wrong("cache.snapshotRetentionDays", 0, "write 1 or more"),
    "image latest": Wrong("workloads.web.imageTag", "latest", "pin a version such as 1.4.2"),
    "image latest by digest": Wrong("workloads.web.imageTag", f"latest@sha256:{'0' * 64}", "pin a version"),
    "digest cut short": Wrong("workloads.web.imageTag", "1.4.2@sha256:0f3a", "write for example 1.4.2"),
    "production by a tag alone": Wrong("workloads.pay.imageTag", "1.4.2", "write 1.4.2@sha256:...", stack="prod"),
    "image tag missing": Wrong("workloads.pay.imageTag", GONE, "set it in the stack file"),
    "memory in megabytes": Wrong("workloads.user.memory", "512MB", "write for example 512Mi"),
    "CPU as a fraction": Wrong("workloads.item.cpu", "0.25", "write for example 250m"),
    "replicas swapped": Wrong("workloads.pay.replicas.min", 9, "swap them", named="workloads.pay"),
    "peak below the minimum": Wrong(
        "workloads.pay.replicas.peak", 1, "move it between replicas.min and", named="workloads.pay", stack="prod"
    ),
    "peak above the maximum": Wrong(
        "workloads.web.replicas.peak", 13, "move it between replicas.min and", named="workloads.web", stack="prod"
    ),
    "readers' peak above the maximum": Wrong(
        "database.provisioned.readersPeak", 7, "move it between readers", named="database.provisioned", stack="prod"
    ),
    "peak without hours": Wrong(
        "peaks.windows", [], "set peaks.windows", named="workloads.web.replicas.peak", stack="stg"
    ),
    "hours without a peak": Wrong(
        "peaks.windows", [{"days": ["SAT"], "fromHour": 1, "untilHour": 2}], "set replicas.peak"
    ),
    "hours swapped": Wrong(
        "peaks.windows",
        [{"days": ["SAT"], "fromHour": 9, "untilHour": 2}],
        "end it the same day",
        named="peaks.windows.0",
    ),
    "day twice": Wrong(
        "peaks.windows",
        [{"days": ["SAT", "SAT"], "fromHour": 1, "untilHour": 2}],
        "name each day once",
        named="peaks.windows.0.days",
    ),
    "day in lower case": Wrong(
        "peaks.windows", [{"days": ["sat"], "fromHour": 1, "untilHour": 2}], "'SAT'", named="peaks.windows.0.days.0"
    ),
    "hours that meet": Wrong(
        "peaks.windows",
        [{"days": ["SAT"], "fromHour": 1, "untilHour": 5}, {"days": ["SUN", "SAT"], "fromHour": 5, "untilHour": 6}],
        "make them one",
    ),
    "time zone that is none": Wrong("peaks.timeZone", "Korea/Seoul", "write for example Asia/Seoul"),
    "no replica": Wrong("workloads.pay.replicas.min", 0, "write 1 or more"),
    "retention that CloudWatch lacks": Wrong("logs.retentionDays", 42, "write one of these"),
    "archive shorter than a month": Wrong("logs.archiveDays", 7, "write 30 or more"),
    "address without a domain": Wrong(
        "notifications.emails", ["ops"], "write for example [ops@company.com]", named="notifications.emails.0"
    ),
    "address twice": Wrong("notifications.emails", ["a@b.kr", "a@b.kr"], "remove one", named="notifications"),
    "bastion without a way to its sessions": Wrong("access.bastion", True, "switch network.interfaceEndpoints on too"),
    "images beyond what anyone rolls back to": Wrong("registry.versions", 5000, "write 1000 or less"),
    "backups for ever": Wrong("backup.retentionDays", 3650, "write 365 or less"),
    "copies to a city": Wrong("backup.copyRegion", "tokyo", "write for example ap-northeast-1"),
    "copies at home": Wrong("backup.copyRegion", "ap-northeast-2", "name another"),
    "environment set by hand": Wrong("environment", {"name": "dev"}, "remove it"),
    "production on two zones": Wrong(
        "network.availabilityZones", ["ap-northeast-2a", "ap-northeast-2c"], "add a zone", stack="prod"
    ),
    "production behind one NAT": Wrong("network.nat", "single", "write per-zone", stack="stg"),
    "production with a week in the vault": Wrong("backup.retentionDays", 7, "raise it", stack="prod"),
    "production without a copy": Wrong("backup.copyRegion", None, "name a region", stack="stg"),
    "production that never restores": Wrong("backup.restoreTests", False, "write true", stack="prod"),
    "production that tells nobody": Wrong("notifications.emails", [], "add one", stack="prod"),
    "production with one reader": Wrong(
        "database.provisioned.readers", 1, "set readers", named="database.provisioned", stack="prod"
    ),
    "production with one cache node": Wrong("cache.nodes", 1, "raise it", stack="stg"),
    "production with one pod": Wrong("workloads.pay.replicas.min", 1, "raise it", stack="prod"),
    "production unprotected": Wrong("protection.enabled", False, "write true", stack="prod"),
    "production that may go for good": Wrong(
        "protection", {"enabled": False, "disposable": True}, "write true", named="protection.enabled", stack="prod"
    ),
    "kept and given away": Wrong("protection.enabled", True, "set one of them to false", named="protection"),
    "nothing to lift": Wrong("protection.takeDown", AGREED | {"stack": "dev"}, "remove it", named="protection"),
    "taken down without a name": Wrong(
        "protection.takeDown",
        AGREED | {"agreedBy": "x"},
        "write for example",
        named="protection.takeDown.agreedBy",
        stack="prod",
    ),
    "taken down as another": Wrong(
        "protection.takeDown", AGREED, "agreed for another", named="protection.takeDown.stack", stack="stg"
    ),
    "taken down in the past": Wrong(
        "protection.takeDown", AGREED | {"day": "2026-01-01"}, "agree once more", stack="prod"
    ),
    "taken down some day": Wrong("protection.takeDown", AGREED | {"day": "2999-01-01"}, "write the day", stack="prod"),
    "production with a week of backups": Wrong("database.backupRetentionDays", 7, "raise it", stack="stg"),
    "production without endpoints": Wrong("network.interfaceEndpoints", False, "write true", stack="prod"),
}


def changed(stack: str, key: str, value: object) -> dict[str, Any]:
    """Return the committed configuration of a stack with one key set or taken out."""
    config: dict[str, Any] = copy.deepcopy(dict(stack_config(stack)))
    area, *rest = key.split(".")
    tree: dict[str, Any] = config
    for part in [f"{PROJECT}:{area}", *rest][:-1]:
        tree = tree.setdefault(part, {})
    last = rest[-1] if rest else f"{PROJECT}:{area}"
    if value is GONE:
        del tree[last]
    else:
        tree[last] = value
    return config


def load(stack: str, config: dict[str, Any]) -> settings.Settings:
    return settings.load(stack, {key.partition(":")[2]: json.dumps(value) for key, value in config.items()})


@pytest.mark.parametrize("stack", STACKS)
def test_the_committed_stack_files_are_right(stack: str):
    assert load(stack, stack_config(stack)).environment == stack


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_answered_by_one_line_with_key_value_and_fix(wrong: Wrong):
    with pytest.raises(settings.SettingsError) as error:
        load(wrong.stack, changed(wrong.stack, wrong.key, wrong.value))
    line = str(error.value)
    assert "\n" not in line
    shown = " is missing" if wrong.value is GONE else " " if wrong.value is None else " = "
    assert line.startswith(f"{PROJECT}:{wrong.named or wrong.key}{shown}")
    assert wrong.fix in line
    assert "correct it" not in line


def test_two_wrong_settings_are_two_lines():
    config = changed("dev", "network.nat", "none")
    config[f"{PROJECT}:domain"]["zoneId"] = "x"
    with pytest.raises(settings.SettingsError) as error:
        load("dev", config)
    assert [line.split(" ")[0] for line in str(error.value).splitlines()] == [
        f"{PROJECT}:domain.zoneId",
        f"{PROJECT}:network.nat",
    ]


def test_a_stack_that_is_no_environment_is_refused_by_name():
    with pytest.raises(settings.SettingsError, match="stack 'qa' is no environment: select one of dev, stg, prod"):
        settings.load("qa", {})


def test_a_region_too_long_for_a_buckets_name_is_refused():
    config = changed("dev", "account.region", "ap-southnortheasternmost-1")
    config[f"{PROJECT}:network"]["availabilityZones"] = ["ap-southnortheasternmost-1a", "ap-southnortheasternmost-1b"]
    with pytest.raises(settings.SettingsError, match=rf"^{PROJECT}:account.region = .* s3 allows 63: shorten"):
        load("dev", config)


def test_a_long_wrong_value_is_cut():
    with pytest.raises(settings.SettingsError) as error:
        load("dev", changed("dev", "network.nat", "x" * 500))
    assert len(str(error.value)) < 250


@pytest.mark.parametrize(
    "case",
    ["account id missing", "unknown area", "VPC too small", "production unprotected", "image latest"],
)
def test_a_wrong_setting_ends_the_program_before_the_first_resource(case: str):
    wrong, graph = WRONG[case], Graph()
    with pytest.raises(pulumi.RunError) as error:
        run_main(wrong.stack, changed(wrong.stack, wrong.key, wrong.value), graph)
    assert f"{PROJECT}:{wrong.named or wrong.key}" in str(error.value)
    assert graph.registrations == []


def test_a_failing_program_leaves_behind_what_it_registered():
    """Guards the test above: its graph does fill when a program gets as far as a resource."""

    def program() -> None:
        pulumi.ComponentResource("fastorder:test:Test", "one").urn.apply(_fail)

    graph = Graph()
    with pytest.raises(RuntimeError, match="on purpose"):
        run(program, graph=graph)
    assert [one.name for one in graph] == ["one"]


def _fail(urn: str) -> None:
    raise RuntimeError(f"{urn} fails on purpose")
