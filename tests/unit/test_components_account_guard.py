"""The account's guard as it is registered: closed by default, watched by every detector, its findings told."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.unit.testkit import STACKS, Graph, run_main, stack_config, whole

RULE: Final = "aws:cloudwatch/eventRule:EventRule"
SWITCHES: Final = {
    "defaults": "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "guardDuty": "aws:guardduty/detector:Detector",
    "inspector": "aws:inspector2/enabler:Enabler",
    "accessAnalyzer": "aws:accessanalyzer/analyzer:Analyzer",
}


def test_nothing_in_the_account_can_be_public_or_unencrypted_by_default(graph: Graph):
    block = graph.one(SWITCHES["defaults"]).inputs
    assert all(block[key] is True for key in block if key != "accountId")
    assert len(block) == 5
    assert graph.one("aws:ebs/encryptionByDefault:EncryptionByDefault").inputs["enabled"] is True
    shared = graph.one("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess").inputs
    assert shared["state"] == "block-all-sharing"
    metadata = graph.one("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults").inputs
    assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)


def test_guardduty_watches_by_every_protection_and_installs_its_agent_in_the_clusters(graph: Graph):
    assert graph.one(SWITCHES["guardDuty"]).inputs["enable"] is True
    features = {one.inputs["name"]: one.inputs for one in graph.of("aws:guardduty/detectorFeature:DetectorFeature")}
    assert {one["status"] for one in features.values()} == {"ENABLED"}
    assert {"EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION"} <= set(features)
    agents = {one["name"]: one["status"] for one in features["RUNTIME_MONITORING"]["additionalConfigurations"]}
    assert agents["EKS_ADDON_MANAGEMENT"] == "ENABLED"
    assert not [
        name for name, one in features.items() if name != "RUNTIME_MONITORING" and "additionalConfigurations" in one
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_serious_findings_of_each_detector_reach_people(stack: str):
    graph = whole(stack)
    guard = graph.under("account-guard")
    patterns = {one.inputs["name"]: one.document("eventPattern") for one in guard if one.type == RULE}
    targets = {one.inputs["rule"]: one for one in guard if one.type == "aws:cloudwatch/eventTarget:EventTarget"}
    assert set(patterns) == set(targets)
    sources = {source for pattern in patterns.values() for source in pattern["source"]}
    assert sources == {"aws.guardduty", "aws.access-analyzer"} | ({"aws.inspector2"} if stack != "dev" else set[str]())
    policy = graph.one("aws:sns/topicPolicy:TopicPolicy", "notifications-operations-policy").urn
    for target in targets.values():
        assert target.inputs["arn"] == "arn:aws:mock:::notifications-operations-topic"
        assert policy in target.dependencies


@pytest.mark.parametrize("stack", STACKS)
def test_what_eventbridge_could_not_deliver_is_told_by_cloudwatch(stack: str):
    graph = whole(stack)
    alarms = {
        one.inputs["dimensions"]["RuleName"]: one.inputs
        for one in graph.of("aws:cloudwatch/metricAlarm:MetricAlarm")
        if one.inputs.get("namespace") == "AWS/Events"
    }
    assert set(alarms) == {one.inputs["name"] for one in graph.of(RULE)}
    for one in alarms.values():
        assert (one["metricName"], one["threshold"]) == ("FailedInvocations", 0)
        # The metric exists only when something failed.
        assert one["treatMissingData"] == "notBreaching"
        assert one["dimensions"].keys() == {"RuleName"}
        assert one["alarmActions"] == ["arn:aws:mock:::notifications-operations-topic"]


@pytest.mark.parametrize(
    ("detail", "told"), [({"severity": 8.9}, True), ({"severity": 7}, True), ({"severity": 6.9}, False)]
)
def test_findings_from_high_on_are_told_and_milder_ones_are_not(detail: dict[str, Any], told: bool):
    pattern = next(
        one.document("eventPattern") for one in whole("dev").of(RULE) if "aws.guardduty" in one.inputs["eventPattern"]
    )
    ((operator, least),) = [condition["numeric"] for condition in pattern["detail"]["severity"]]
    assert operator == ">="
    assert (detail["severity"] >= least) is told


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_part_has_a_switch_of_its_own(switch: str):
    config = stack_config("prod") | {"fast-order:accountGuard": {switch: False}}
    graph = run_main("prod", config)
    made = {one.type for one in graph}
    assert SWITCHES[switch] not in made
    assert {type_ for name, type_ in SWITCHES.items() if name != switch} <= made
    rules = len([one for one in graph.under("account-guard") if one.type == RULE])
    assert rules == (3 if switch == "defaults" else 2)
