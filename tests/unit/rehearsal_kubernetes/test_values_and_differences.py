"""What travels between engine and plugin, and what counts as a change."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue

from rehearsal.cloud import Json
from rehearsal.kubernetes.difference import changes, response
from rehearsal.kubernetes.merge import merge, prune
from rehearsal.kubernetes.values import UNKNOWN, has_unknown, plain, read, wrap, write

_SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5)
_JSON: st.SearchStrategy[Json] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
_OBJECTS = st.dictionaries(st.sampled_from("abc"), _JSON, max_size=3)


@given(_JSON)
def test_a_value_survives_the_wire(value: Json) -> None:
    assert plain(read(write({"x": wrap(value)}))["x"]) == value


def test_a_secret_stays_secret_where_the_program_marked_it_and_nowhere_else() -> None:
    given_values = PropertyValue({"a": PropertyValue("x", is_secret=True), "b": PropertyValue("y")})
    wrapped = wrap({"a": "x", "b": "y", "c": "z"}, given_values)
    assert isinstance(wrapped.value, Mapping)
    marks = {key: value.is_secret for key, value in wrapped.value.items()}
    assert marks == {"a": True, "b": False, "c": False}


def test_whole_numbers_come_back_as_integers_because_helm_would_print_a_point() -> None:
    assert repr(plain(PropertyValue(3.0))) == "3"
    assert repr(plain(PropertyValue(0.5))) == "0.5"


def test_an_unknown_is_found_however_deep_it_lies() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "known"}]})


@given(_OBJECTS, _OBJECTS)
def test_nothing_differs_after_a_merge(old: dict[str, Json], new: dict[str, Json]) -> None:
    live = merge({"d": 1, **old}, old, new)
    assert list(changes(live, new, new)) == []
    assert live["d"] == 1, "what others set stays"


@given(_OBJECTS, _OBJECTS)
def test_a_field_that_the_program_gave_up_is_gone_after_a_merge(old: dict[str, Json], new: dict[str, Json]) -> None:
    live = merge(old, old, new)
    assert set(live) == set(new)


def test_pruning_keeps_what_the_program_asked_for_and_shows_what_drifted() -> None:
    live: Json = {"spec": {"a": 2, "added": 1}, "status": "x"}
    assert prune(live, {"spec": {"a": 1, "gone": 1}}) == {"spec": {"a": 2}}


@pytest.mark.parametrize(
    ("live", "old", "new", "found"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, [("a", "update")]),
        ({}, {}, {"a": 1}, [("a", "add")]),
        ({"a": 1}, {"a": 1}, {}, [("a", "delete")]),
        ({"a": 1}, {}, {}, []),
        ({"m": {"x/y": 1}}, {}, {"m": {"x/y": 2}}, [('m["x/y"]', "update")]),
        ({"l": [{"a": 1}]}, {}, {"l": [{"a": 2}]}, [("l[0].a", "update")]),
        ({"l": [1]}, {}, {"l": [1, 2]}, [("l", "update")]),
    ],
)
def test_changes_are_named_by_their_path(live: Json, old: Json, new: Json, found: list[tuple[str, str]]) -> None:
    assert list(changes(live, old, new)) == found


def test_a_change_below_a_replacing_field_replaces_and_one_below_an_ignored_field_does_not_count() -> None:
    found = [("spec.selector.app", "update"), ("data.x", "add"), ("spec.selectors", "add")]
    answer = response(found, replacing=["spec.selector"], ignored=["data"])
    assert list(answer.replaces) == ["spec.selector.app"]
    assert set(answer.detailedDiff) == {"spec.selector.app", "spec.selectors"}
