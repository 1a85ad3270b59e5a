"""Settings: merging keeps its laws, and whatever stands in a stack file ends in settings or in one clear error."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final, cast

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from model import settings
from model.settings.defaults import DEFAULTS, Tree, merge
from tests.unit.testkit import PROJECT, ROOT, STACKS

COMMITTED: Final[dict[str, dict[str, Any]]] = {
    stack: {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"].items()
    }
    for stack in STACKS
}
keys = st.one_of(st.sampled_from(["account", "network", "nat", "cidr", "readers", "a", "b"]), st.text(max_size=5))
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
json_values = st.recursive(
    leaves,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(keys, below, max_size=3)),
    max_leaves=8,
)
names = st.sampled_from(["a", "b", "c"])
single = st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.lists(st.just("x"), max_size=2))
trees: st.SearchStrategy[Tree] = st.recursive(
    st.dictionaries(names, single, max_size=3), lambda below: st.dictionaries(names, below, max_size=3), max_leaves=6
)


def paths(tree: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from paths(cast("dict[str, Any]", value), (*above, key))


ABSENT: Final = "no such key"
PLACES: Final = {stack: sorted(set(paths(merge(DEFAULTS[stack], COMMITTED[stack])))) for stack in ("dev", "prod")}


def with_value(tree: Tree, override: Tree) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield each single value of an override with its path, and each null."""
    for key, value in override.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            yield from (((key, *path), one) for path, one in with_value(tree[key], value))  # pyright: ignore[reportArgumentType]
        elif isinstance(value, dict):
            yield from (((key, *path), one) for path, one in with_value({}, value))
        else:
            yield (key,), value


def at(tree: object, path: tuple[str, ...]) -> object:
    for part in path:
        if not isinstance(tree, dict):
            return ABSENT
        tree = cast("dict[str, object]", tree).get(part, ABSENT)
    return tree


@given(trees, trees)
def test_an_override_wins_and_null_removes(base: Tree, override: Tree):
    merged = merge(base, override)
    for path, value in with_value(base, override):
        assert at(merged, path) == (ABSENT if value is None else value)


@given(trees, trees)
def test_merging_twice_changes_nothing_more(base: Tree, override: Tree):
    merged = merge(base, override)
    assert merge(merged, override) == merged


@given(trees, trees)
def test_merging_touches_neither_side(base: Tree, override: Tree):
    before = copy.deepcopy((base, override))
    merge(base, override)
    assert (base, override) == before


@given(trees, trees)
def test_what_is_not_overridden_stays(base: Tree, override: Tree):
    merged = merge(base, override)
    for key in base.keys() - override.keys():
        assert merged[key] == base[key]


@given(st.sampled_from([(stack, place) for stack, places in PLACES.items() for place in places]), json_values)
@example(("dev", ("account",)), {"\r": False})
def test_any_value_at_any_place_gives_settings_or_an_error_that_names_a_key(
    spot: tuple[str, tuple[str, ...]], value: object
):
    stack, place = spot
    override: Any = value
    for part in reversed(place):
        override = {part: override}
    config = merge(COMMITTED[stack], override)
    texts = {key: json.dumps(one) for key, one in config.items()}
    try:
        loaded = settings.load(stack, texts)
    except settings.SettingsError as error:
        for line in str(error).splitlines():
            assert line.startswith(f"{PROJECT}:")
            assert ": " in line or "must be" in line or " is " in line
    else:
        assert loaded.environment == stack


@given(
    st.sampled_from(STACKS),
    st.dictionaries(keys, st.one_of(st.text(max_size=30), json_values.map(json.dumps)), max_size=3),
)
def test_any_text_as_configuration_gives_settings_or_an_error(stack: str, config: dict[str, str]):
    with pytest.raises(settings.SettingsError):
        settings.load(stack, config)


@given(st.text(max_size=8).filter(lambda name: name not in STACKS))
def test_any_other_stack_name_is_refused(stack: str):
    with pytest.raises(settings.SettingsError, match="select one of dev, stg, prod"):
        settings.load(stack, {})
