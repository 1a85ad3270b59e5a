"""What facts mean: each word of their grammar, on small types of the test's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.arguments import Origin, Settings, checked
from rehearsal.aws.catalog import describe
from rehearsal.aws.diffing import difference
from rehearsal.aws.facts.__main__ import complaints
from rehearsal.aws.facts.combinations import refusals
from rehearsal.aws.facts.grammar import Argument, Change, Combination, Event, TypeFacts, facts_from_json
from rehearsal.aws.facts.library import facts, tokens
from rehearsal.aws.facts.values import merged
from rehearsal.aws.refusals import RefusedError
from rehearsal.outcome import UNKNOWN
from tests.unit.rehearsal_aws.conftest import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Json, JsonObject

_TOKEN = "aws:lb/loadBalancer:LoadBalancer"


def _type(
    arguments: Mapping[str, Argument], changes: tuple[Change, ...] = (), combinations: tuple[Combination, ...] = ()
) -> ResourceType:
    known = TypeFacts(source=("test",), arguments=dict(arguments), changes=changes, combinations=combinations)
    resource = describe(_TOKEN)
    return replace(resource, facts=known, limits=merged({}, known))


def _outcome(resource: ResourceType, old: JsonObject, new: JsonObject) -> str:
    found = difference(resource, old, new)
    return "replace" if found.replaces else "update" if found.changes else "none"


@pytest.mark.parametrize("token", tokens())
def test_facts_name_what_exists_and_survive_their_cache(token: str) -> None:
    assert list(complaints(token)) == []
    known = facts(token)
    assert known is not None
    assert facts_from_json(known.to_json()) == known


@pytest.mark.parametrize(
    ("argument", "old", "new", "expected"),
    [
        (Argument(), "a", "b", "update"),
        (Argument(replaces=True), "a", "b", "replace"),
        (Argument(replaces=True), None, "b", "replace"),
        (Argument(computed=True, replaces=True), "a", None, "none"),
        (Argument(computed=True, replaces=True), None, "a", "replace"),
        (Argument(default="a", replaces=True), "a", None, "none"),
        (Argument(default="a"), "b", None, "update"),
        (Argument(write_only=True), "a", "b", "none"),
        (Argument(like="case"), "a", "A", "none"),
        (Argument(like="json"), '{"a": 1, "b": 2}', '{"b":2,"a":1}', "none"),
        (Argument(like="json"), '{"a": 1}', '{"a": 2}', "update"),
        (Argument(like="policy"), '{"Action": "a"}', '{"Action": ["a"]}', "none"),
        (Argument(like="protocol"), "tcp", "6", "none"),
        (Argument(like="trailing dot"), "a.example.", "a.example", "none"),
        (Argument(like="number"), "1", "1.0", "none"),
    ],
)
def test_a_change_of_an_argument(argument: Argument, old: Json, new: Json, expected: str) -> None:
    before: JsonObject = {} if old is None else {"ipAddressType": old}
    after: JsonObject = {} if new is None else {"ipAddressType": new}
    assert _outcome(_type({"ipAddressType": argument}), before, after) == expected


def test_a_set_has_no_order_and_a_list_has_one() -> None:
    for argument, expected in ((Argument(unordered=True), "none"), (Argument(), "update")):
        resource = _type({"subnets": argument, "subnetMappings": argument})
        assert _outcome(resource, {"subnets": ["a", "b"]}, {"subnets": ["b", "a"]}) == expected
        before: JsonObject = {"subnetMappings": [{"subnetId": "a"}, {"subnetId": "b"}]}
        after: JsonObject = {"subnetMappings": [{"subnetId": "b"}, {"subnetId": "a"}]}
        assert _outcome(resource, before, after) == expected


def test_an_empty_list_is_one_that_is_left_out_but_empties_one_that_was_not() -> None:
    resource = _type({"subnets": Argument(computed=True, unordered=True)})
    assert _outcome(resource, {}, {"subnets": []}) == "none"
    assert _outcome(resource, {"subnets": ["a"]}, {"subnets": []}) == "update"
    assert _outcome(resource, {"subnets": ["a"]}, {}) == "none"


def test_what_is_added_or_removed_as_a_whole_takes_its_parts_along() -> None:
    resource = _type({"accessLogs": Argument(), "accessLogs.bucket": Argument(replaces=True)})
    assert _outcome(resource, {"accessLogs": {"bucket": "a", "prefix": "x"}}, {}) == "replace"
    assert _outcome(resource, {"accessLogs": {"prefix": "x"}}, {}) == "update"
    assert (
        _outcome(resource, {"accessLogs": {"bucket": "a"}}, {"accessLogs": {"bucket": "a", "prefix": "b"}}) == "update"
    )


@pytest.mark.parametrize(
    ("event", "old", "new", "fits"),
    [
        ("element removed", ["a", "b"], ["a"], True),
        ("element removed", ["a"], ["a", "b"], False),
        ("element added", ["a"], ["a", "b"], True),
        ("element added", ["a", "b"], ["a"], False),
        ("element lost", ["a", "b"], ["a", "c"], True),
        ("element lost", ["a"], ["b", "c"], False),
        ("first element added", None, ["a"], True),
        ("first element added", ["a"], ["a", "b"], False),
        ("last element removed", ["a"], [], True),
        ("last element removed", ["a", "b"], ["a"], False),
        ("same count", ["a"], ["b"], True),
        ("same count", ["a"], ["a", "b"], False),
        ("elements changed", ["a"], ["b"], True),
        ("added", None, ["a"], True),
        ("added", ["a"], ["b"], False),
        ("removed", ["a"], None, True),
        ("removed", ["a"], ["b"], False),
        ("raised", 1, 2, True),
        ("raised", 2, 1, False),
        ("lowered", 2, 1, True),
        ("lowered", 1, 2, False),
        ("version raised", "8.0.9", "8.0.10", True),
        ("version lowered", "8.0.10", "8.0.9", True),
        ("version lowered", "8.0.9", "8.0.10", False),
        ("major version changed", "8.0", "9.0", True),
        ("major version changed", "8.0", "8.1", False),
    ],
)
def test_an_event_decides_before_the_argument_does(event: Event, old: Json, new: Json, *, fits: bool) -> None:
    rule = Change(of=("subnets",), event=event, does="replace")
    resource = _type({"subnets": Argument()}, changes=(rule,))
    before: JsonObject = {} if old is None else {"subnets": old}
    after: JsonObject = {} if new is None else {"subnets": new}
    assert _outcome(resource, before, after) == ("replace" if fits else "update")


def test_a_change_can_depend_on_other_arguments_and_can_be_refused() -> None:
    rules = (
        Change(of=("name",), was={"internal": [True]}, becomes={"internal": [True]}, does="nothing"),
        Change(of=("namePrefix",), does="refuse", says="prefixes stay"),
        Change(of=("subnets", "subnetMappings"), event="other kind", does="replace"),
    )
    resource = _type(
        {"name": Argument(replaces=True), "subnets": Argument(), "subnetMappings": Argument()}, changes=rules
    )
    assert _outcome(resource, {"name": "a", "internal": True}, {"name": "b", "internal": True}) == "none"
    assert _outcome(resource, {"name": "a"}, {"name": "b"}) == "replace"
    assert difference(resource, {"namePrefix": "a"}, {"namePrefix": "b"}).refusals == ("prefixes stay",)
    assert _outcome(resource, {"subnets": ["a"]}, {"subnets": ["b"]}) == "update"
    assert _outcome(resource, {"subnets": ["a"]}, {"subnetMappings": [{"subnetId": "a"}]}) == "replace"


@pytest.mark.parametrize(
    ("rule", "refused", "taken"),
    [
        (Combination(conflicts=("a", "b")), {"a": 1, "b": 1}, {"a": 1}),
        (Combination(conflicts=("a", "b")), {"a": 1, "b": False}, {"a": 1, "b": UNKNOWN}),
        (Combination(exactly_one=("a", "b")), {}, {"b": 1}),
        (Combination(exactly_one=("a", "b")), {"a": 1, "b": 1}, {"a": 1, "b": UNKNOWN}),
        (Combination(at_least_one=("a", "b")), {}, {"a": 1, "b": 1}),
        (Combination(together=("a", "b")), {"a": 1}, {"a": 1, "b": UNKNOWN}),
        (Combination(when={"a": "given"}, required=("b",)), {"a": 1}, {"b": 1}),
        (Combination(when={"a": [True]}, forbidden=("b",)), {"a": True, "b": 1}, {"a": 1, "b": 1}),
        (Combination(when={"a": [False]}, forbidden=("b",)), {"b": 1}, {"a": True, "b": 1}),
        (Combination(when={"a": "absent"}, required=("b",)), {"a": 0}, {"a": 2}),
        (Combination(allowed={"a": [1, 2]}), {"a": 3}, {"a": 2}),
        (Combination(rising=("a", "b")), {"a": 2, "b": 1}, {"a": 1, "b": 2}),
        (Combination(ascending=("a", "b")), {"a": 2, "b": 1}, {"a": 2, "b": 2}),
        (
            Combination(special="one target"),
            {"targetGroupArn": "a", "forward": {"targetGroups": [{"arn": "b"}]}},
            {"targetGroupArn": "a", "forward": {"targetGroups": [{"arn": "a"}]}},
        ),
        (
            Combination(special="known origins"),
            {"origins": [{"originId": "a"}], "defaultCacheBehavior": {"targetOriginId": "b"}},
            {"origins": [{"originId": "a"}], "defaultCacheBehavior": {"targetOriginId": "a"}},
        ),
        (Combination(within="a[]", required=("b",)), {"a": [{"b": 1}, {"c": 1}]}, {"a": [{"b": 1}]}),
        (Combination(within="a[]", unique=("b",)), {"a": [{"b": 1}, {"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}),
    ],
)
def test_a_combination(rule: Combination, refused: JsonObject, taken: JsonObject) -> None:
    known = TypeFacts(source=("test",), arguments={}, combinations=(rule,))
    assert list(refusals(known, "plan", refused, refused))
    assert not list(refusals(known, "plan", taken, taken))
    assert not list(refusals(known, "create", refused, refused)), "another stage"


@pytest.mark.parametrize(
    ("argument", "refused", "taken"),
    [
        (Argument(form="arn"), "arn:aws:kms", "arn:aws:kms:ap-northeast-2:123456789012:key/1"),
        (Argument(form="arn"), "arn:aws:kms:Seoul:123456789012:key/1", "arn:aws:iam::aws:policy/X"),
        (Argument(form="cidr4"), "10.0.0.1/16", "10.0.0.0/16"),
        (Argument(form="cidr6"), "10.0.0.0/16", "2001:db8::/64"),
        (Argument(form="cidr"), "10.0.0.1", "10.0.0.1/16"),
        (Argument(form="ip4"), "::1", "10.0.0.1"),
        (Argument(form="daily window"), "24:00-24:30", "23:00-23:30"),
        (Argument(form="weekly window"), "day:23:00-day:23:30", "Sun:23:00-sun:23:30"),
        (Argument(form="json"), "{", "{}"),
        (Argument(form="date-time"), "2026-01-01", "2026-01-01T00:00:00Z"),
        (Argument(form="port"), "65536", "443"),
        (Argument(form="number", range="1..10"), "11", "10"),
        (Argument(form="url"), "example.com", "https://example.com/x"),
        (Argument(form="regex"), "(", "a+"),
        (Argument(length="1 | 3..4"), "ab", "abc"),
        (Argument(length="0 | 3..4"), "ab", ""),
        (Argument(length="2..3"), "a", "ab"),
        (Argument(length="..3"), "abcd", ""),
        (Argument(pattern="[a-z]+"), "A", "a"),
        (Argument(never="--"), "a--b", "a-b"),
        (Argument(values=("a",)), "A", "a"),
        (Argument(values=("a",), any_case=True), "b", "A"),
        (Argument(enumeration="efs:PerformanceMode"), "maxio", "maxIO"),
    ],
)
def test_a_value(argument: Argument, refused: str, taken: str) -> None:
    resource = _type({"ipAddressType": argument})
    settings, origin = Settings(region="ap-northeast-2"), Origin(logical_name="x")
    for value, expected in ((refused, True), (taken, False), (UNKNOWN, False)):
        _, failures = checked(resource, {"ipAddressType": value}, {}, settings, origin)
        assert bool(failures) is expected, value


def test_a_default_is_added_unless_a_rival_is_given() -> None:
    rule = Combination(conflicts=("ipAddressType", "name"))
    resource = _type({"ipAddressType": Argument(default="ipv4"), "name": Argument()}, combinations=(rule,))
    settings, origin = Settings(region="ap-northeast-2"), Origin(logical_name="x")
    inputs, _ = checked(resource, {"namePrefix": "x"}, {}, settings, origin)
    assert inputs["ipAddressType"] == "ipv4"
    inputs, failures = checked(resource, {"name": "x"}, {}, settings, origin)
    assert "ipAddressType" not in inputs
    assert failures == []


def test_a_default_inside_a_block_holds_where_the_block_is_given() -> None:
    rule = Combination(when={"a[].b.c": [True]}, required=("d",))
    known = TypeFacts(source=("test",), arguments={"a[].b.c": Argument(default=True)}, combinations=(rule,))
    cases: list[tuple[JsonObject, bool]] = [
        ({"a": [{"b": {}}]}, True),
        ({"a": [{"b": {"c": False}}]}, False),
        ({"a": [{}]}, False),
    ]
    for inputs, refused in cases:
        assert bool(list(refusals(known, "plan", inputs, inputs))) is refused


def test_an_update_writes_what_the_program_changed_and_nothing_else(engine: Engine) -> None:
    made = engine.create("aws:sqs/queue:Queue", "q", {"name": "q", "delaySeconds": 1, "maxMessageSize": 2048})
    engine.cloud.change("aws:sqs/queue:Queue", made.id, "maxMessageSize", 4096, location="ap-northeast-2")
    after = engine.update(made, {"name": "q", "delaySeconds": 2, "maxMessageSize": 2048})
    assert after.state["delaySeconds"] == 2
    assert after.state["maxMessageSize"] == 4096, "somebody else's change is not undone"
    assert engine.read(after)[1]["maxMessageSize"] == 4096


def test_a_change_that_raises_leaves_nothing_behind(engine: Engine) -> None:
    def fail() -> None:
        with engine.cloud.atomic():
            engine.create("aws:sqs/queue:Queue", "q", {"name": "q"})
            raise RefusedError("late")

    with pytest.raises(RefusedError):
        fail()
    assert not engine.cloud.list("aws:sqs/queue:Queue")
