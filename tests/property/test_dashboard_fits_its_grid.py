"""The dashboard: whatever is shown, no picture overlaps another or leaves the grid, and each stands in its section."""

from __future__ import annotations

from itertools import combinations
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from model.observation import Metric, Panel, Place, Watch, dashboard
from model.observation.dashboard import COLUMNS

metrics = st.builds(
    Metric[str],
    namespace=st.just("AWS/Test"),
    name=st.sampled_from(["Cpu", "Memory"]),
    dimensions=st.dictionaries(st.sampled_from(["Id", "Role"]), st.text(max_size=5), max_size=2),
    statistic=st.sampled_from(["Sum", "p95"]),
    label=st.text(max_size=5),
)
watches = st.builds(
    Watch[str],
    role=st.just("role"),
    place=st.sampled_from(Place),
    title=st.text(max_size=9),
    remedy=st.just(""),
    metrics=st.dictionaries(st.sampled_from(["a", "b", "c"]), metrics, min_size=1),
    expression=st.one_of(st.none(), st.just("a + b")),
    comparison=st.sampled_from(["above", "below"]),
    threshold=st.floats(0, 1000),
    edge=st.booleans(),
)
panels = st.builds(
    Panel[str],
    place=st.sampled_from(Place),
    title=st.text(max_size=9),
    metrics=st.lists(metrics, min_size=1, max_size=4),
    edge=st.booleans(),
)


def widgets_of(watched: list[Watch[str]], shown: list[Panel[str]]) -> list[dict[str, Any]]:
    body = dashboard(watched, shown, region="ap-northeast-2", alarm_arns=["arn:aws:cloudwatch:::alarm:x"])
    return cast("list[dict[str, Any]]", body["widgets"])


def cells(widget: dict[str, Any]) -> set[tuple[int, int]]:
    return {
        (x, y)
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    }


@given(st.lists(watches, max_size=25), st.lists(panels, max_size=25))
def test_no_picture_overlaps_another_or_leaves_the_grid(watched: list[Watch[str]], shown: list[Panel[str]]):
    widgets = widgets_of(watched, shown)
    for widget in widgets:
        assert widget["x"] >= 0
        assert widget["y"] >= 0
        assert widget["width"] > 0
        assert widget["height"] > 0
        assert widget["x"] + widget["width"] <= COLUMNS == 24
    for one, other in combinations(widgets, 2):
        assert not cells(one) & cells(other)


@given(st.lists(watches, max_size=25), st.lists(panels, max_size=25))
def test_everything_is_shown_once_below_the_heading_of_its_section(watched: list[Watch[str]], shown: list[Panel[str]]):
    widgets = sorted(widgets_of(watched, shown), key=lambda widget: (widget["y"], widget["x"]))
    section, found = "", list[tuple[str, str, str]]()
    for widget in widgets:
        if widget["type"] == "text":
            section = widget["properties"]["markdown"].removeprefix("# ")
        elif widget["type"] == "metric":
            found.append((section, widget["properties"]["title"], widget["properties"]["region"]))
    wanted = [(one.place.value, one.title, "us-east-1" if one.edge else "ap-northeast-2") for one in (*watched, *shown)]
    assert sorted(found) == sorted(wanted)


@given(st.lists(watches, min_size=1, max_size=5))
def test_an_expression_is_drawn_instead_of_what_it_is_made_of(watched: list[Watch[str]]):
    drawn = [one for one in widgets_of(watched, []) if one["type"] == "metric"]
    for widget in drawn:
        lines = widget["properties"]["metrics"]
        expressions = [line[0] for line in lines if isinstance(line[0], dict)]
        visible = [line[-1]["visible"] for line in lines if isinstance(line[0], str)]
        assert len(expressions) == (0 if all(visible) else 1)
        assert all(visible) or not any(visible)
