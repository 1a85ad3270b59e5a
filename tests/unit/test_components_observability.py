"""Alarms, dashboard and log queries as they are registered: on resources that exist, judged and told on purpose."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from tests.unit.testkit import Graph, Registration, first_pass, run_main, stack_config, whole

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
FELT: Final = {"weberrors", "weblatency", "webdown", "wasuserdown", "wasitemdown", "waspaydown"}
"""What customers feel; the composite alarm speaks for it."""


def alarms(graph: Graph) -> dict[str, Registration]:
    """Return the alarms of observability by role."""
    found = [one for one in graph.under("operators-observability") if one.type == ALARM]
    assert len(found) > 20
    return {one.name.removeprefix("operators-observability-alarms-"): one for one in found}


def metrics(alarm: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    if "metricName" in alarm:
        return [(alarm["namespace"], alarm["metricName"], alarm["dimensions"])]
    inner = [query["metric"] for query in alarm["metricQueries"] if "metric" in query]
    return [(one["namespace"], one["metricName"], one["dimensions"]) for one in inner]


def known_values(graph: Graph) -> dict[str, set[str]]:
    """Return, for each dimension, what resources of the program report under."""

    def ids(type_: str) -> set[str]:
        return {f"{one.name}-id" for one in graph.of(type_)}

    cache = graph.one("aws:elasticache/replicationGroup:ReplicationGroup").inputs
    return {
        "DistributionId": ids("aws:cloudfront/distribution:Distribution"),
        "Region": {"Global"},
        "WebACL": {one.inputs["visibilityConfig"]["metricName"] for one in graph.of("aws:wafv2/webAcl:WebAcl")},
        "Rule": {"ALL"},
        "LoadBalancer": {f"lb/{one.name}" for one in graph.of("aws:lb/loadBalancer:LoadBalancer")},
        "TargetGroup": {f"targetgroup/{one.name}" for one in graph.of("aws:lb/targetGroup:TargetGroup")},
        "ClusterName": {one.inputs["name"] for one in graph.of("eks:index:Cluster")},
        "Namespace": {one.inputs["metadata"]["name"] for one in graph.of("kubernetes:core/v1:Namespace")},
        "DBClusterIdentifier": {one.inputs["clusterIdentifier"] for one in graph.of("aws:rds/cluster:Cluster")},
        "Role": {"WRITER", "READER"},
        "CacheClusterId": {
            f"{cache['replicationGroupId']}-{n:03d}" for n in range(1, int(cache["numCacheClusters"]) + 1)
        },
        "FileSystemId": ids("aws:efs/fileSystem:FileSystem"),
        "NatGatewayId": ids("aws:ec2/natGateway:NatGateway"),
    }


def test_every_alarm_watches_resources_that_the_program_makes(graph: Graph):
    known = known_values(graph)
    for alarm in alarms(graph).values():
        for _, _, dimensions in metrics(alarm.inputs):
            for key, value in dimensions.items():
                assert value in known[key], f"{alarm.name}: {key} is {value}"


def test_every_line_of_the_dashboard_belongs_to_a_resource_that_the_program_makes(graph: Graph):
    known, drawn = known_values(graph), set[str]()
    for widget in body(graph)["widgets"]:
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], dict):
                continue
            namespace, _, *pairs, _ = line
            dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
            drawn |= {f"{key}={value}" for key, value in dimensions.items()}
            for key, value in dimensions.items():
                assert value in known[key], f"{namespace}: {key} is {value}"
    # Nothing that can be watched is left out of the picture.
    assert drawn == {f"{key}={value}" for key, values in known.items() for value in values}


def test_every_alarm_is_drawn_with_its_threshold(graph: Graph):
    pictures = {
        (tuple(sorted(names(widget))), line["value"])
        for widget in body(graph)["widgets"]
        for line in widget["properties"].get("annotations", {}).get("horizontal", [])
    }
    for alarm in alarms(graph).values():
        wanted = tuple(sorted(name for _, name, _ in metrics(alarm.inputs)))
        assert (wanted, alarm.inputs["threshold"]) in pictures, alarm.name


def names(widget: dict[str, Any]) -> list[str]:
    return [line[1] for line in widget["properties"]["metrics"] if isinstance(line[0], str)]


def body(graph: Graph) -> dict[str, Any]:
    return json.loads(graph.one("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])


def test_the_lights_of_the_dashboard_are_the_alarms_of_the_home_region(graph: Graph):
    (lights,) = [widget for widget in body(graph)["widgets"] if widget["type"] == "alarm"]
    at_home = [one.inputs["name"] for one in alarms(graph).values() if "region" not in one.inputs]
    composite = graph.one(COMPOSITE).inputs["alarmName"]
    first, *others = [arn.rpartition(":alarm:")[2] for arn in lights["properties"]["alarms"]]
    assert first == composite
    assert sorted(others) == sorted(at_home)


def test_one_alarm_speaks_for_all_that_customers_feel_and_the_others_for_themselves(graph: Graph):
    found = alarms(graph)
    rule = graph.one(COMPOSITE).inputs["alarmRule"]
    spoken_for = re.findall(r'ALARM\("([^"]+)"\)', rule)
    assert rule == " OR ".join(f'ALARM("{name}")' for name in spoken_for)
    assert {found[role].inputs["name"] for role in FELT} == set(spoken_for)
    for role, alarm in found.items():
        assert ("alarmActions" not in alarm.inputs) == (role in FELT), role
    assert graph.one(COMPOSITE).inputs["alarmActions"] == graph.one(COMPOSITE).inputs["okActions"]


def test_every_alarm_says_what_to_do_and_what_missing_data_means(graph: Graph):
    for role, alarm in alarms(graph).items():
        assert len(alarm.inputs["alarmDescription"]) > 40
        assert alarm.inputs["treatMissingData"] in ("breaching", "notBreaching", "missing"), role
    # A target group without any pod reports nothing, and that is the outage.
    silent = {role for role, alarm in alarms(graph).items() if alarm.inputs["treatMissingData"] == "breaching"}
    downs = {role for role in FELT if role.endswith("down")}
    assert silent - {"datacpu"} == downs


def test_the_customers_target_is_the_alarm_on_slowness(graph: Graph):
    slow = alarms(graph)["weblatency"].inputs
    assert (slow["metricName"], slow["extendedStatistic"], slow["threshold"]) == ("TargetResponseTime", "p95", 0.5)
    assert slow["evaluateLowSampleCountPercentiles"] == "ignore"
    assert "statistic" not in slow


@pytest.mark.parametrize(
    ("stack", "silence", "of_its_kind"),
    [
        ("dev", "notBreaching", {"datacapacity"}),
        ("stg", "breaching", {"datalag", "datamemory", "datalocal"}),
        ("prod", "breaching", {"datalag", "datamemory", "datalocal"}),
    ],
)
def test_aurora_is_judged_by_its_kind_and_only_one_that_pauses_may_be_silent(
    stack: str, silence: str, of_its_kind: set[str]
):
    found = alarms(whole(stack))
    assert found["datacpu"].inputs["treatMissingData"] == silence
    assert {role for role in found if role.startswith("data")} == {"datacpu", "dataconnections"} | of_its_kind


def test_alarms_of_the_edge_are_where_cloudfront_reports(graph: Graph):
    for role, alarm in alarms(graph).items():
        assert alarm.inputs.get("region") == ("us-east-1" if role.startswith("edge") else None)


def test_an_alarm_by_expression_judges_the_expression_alone(graph: Graph):
    by_expression = [one.inputs for one in alarms(graph).values() if "metricQueries" in one.inputs]
    assert by_expression
    for alarm in by_expression:
        assert not {"metricName", "statistic", "period", "dimensions", "namespace"} & set(alarm)
        (judged,) = [query for query in alarm["metricQueries"] if query["returnData"]]
        used = set(re.findall(r"\b[a-z][a-z0-9]*\b", judged["expression"]))
        ids = {query["id"] for query in alarm["metricQueries"]} - {"judged"}
        assert used == ids or ("METRICS()" in judged["expression"] and not used)


def test_no_pod_is_missed_while_clusters_are_empty():
    graph = first_pass("dev")
    watched = set(alarms(graph))
    assert not {role for role in watched if role.endswith(("down", "unhealthy"))}
    assert {"weberrors", "weblatency"} <= watched
    assert graph.one(COMPOSITE).inputs["alarmRule"].count("ALARM(") == 2


def test_saved_queries_ask_log_groups_that_exist_in_their_region(graph: Graph):
    groups = {(one.inputs["name"], one.inputs.get("region")) for one in graph.of("aws:cloudwatch/logGroup:LogGroup")}
    queries = graph.of("aws:cloudwatch/queryDefinition:QueryDefinition")
    assert len(queries) == 6
    for query in queries:
        asked = {(name, query.inputs.get("region")) for name in query.inputs["logGroupNames"]}
        assert asked
        assert asked <= groups


@pytest.mark.parametrize("key", ["errorPercent", "databaseConnections", "cacheEvictions", "latencyMilliseconds"])
def test_a_threshold_of_the_settings_reaches_an_alarm(key: str):
    config = stack_config("dev") | {"fast-order:alarms": {key: 77}}
    wanted = 0.077 if key == "latencyMilliseconds" else 77
    assert wanted in {one.inputs["threshold"] for one in alarms(run_main("dev", config)).values()}
