"""Peak hours, played minute by minute through both schedulers' own way to write time."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from model.settings import Peaks

DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def window(days: set[str], hours: set[int]) -> dict[str, Any]:
    return {"days": sorted(days), "fromHour": min(hours), "untilHour": max(hours)}


windows = st.builds(
    window,
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.sets(st.integers(0, 23), min_size=2, max_size=2),
)


def made(*ones: dict[str, Any]) -> Peaks:
    return Peaks.model_validate_json(json.dumps({"timeZone": "Asia/Seoul", "windows": ones}))


def meets(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same_day = set(one["days"]) & set(other["days"])
    return bool(same_day) and one["fromHour"] <= other["untilHour"] and other["fromHour"] <= one["untilHour"]


def fires(schedule: str, day: str, hour: int, minute: int) -> bool:
    """Read a CronJob's schedule as far as we write it; written here a second time on purpose."""
    minutes, hours, _, _, days = schedule.split(" ")
    first, _, last = hours.partition("-")
    at = minute % int(minutes.removeprefix("*/")) == 0 if "*/" in minutes else str(minute) in minutes.split(",")
    return at and int(first) <= hour <= int(last or first) and day in days.split(",")


@given(st.lists(windows, min_size=1, max_size=3))
def test_windows_that_meet_are_refused_and_others_are_not(ones: list[dict[str, Any]]):
    meeting = any(meets(one, other) for number, one in enumerate(ones) for other in ones[number + 1 :])
    if meeting:
        with pytest.raises(ValidationError, match="make them one"):
            made(*ones)
    else:
        assert len(made(*ones).windows) == len(ones)


@given(st.lists(windows, min_size=1, max_size=3))
def test_the_minimum_is_raised_in_every_window_and_nowhere_else(ones: list[dict[str, Any]]):
    try:
        peaks = made(*ones)
    except ValidationError:
        return
    raised = False
    for day in DAYS:
        for hour in range(24):
            for minute in (0, 10, 20, 30, 40, 50):
                up = any(fires(one.raise_schedule, day, hour, minute) for one in peaks.windows)
                down = any(fires(one.lower_schedule, day, hour, minute) for one in peaks.windows)
                assert not (up and down)
                raised = (raised or up) and not down
                assert raised == any(day in one["days"] and one["fromHour"] <= hour < one["untilHour"] for one in ones)


@given(windows)
def test_readers_rise_and_fall_at_the_same_hours(one: dict[str, Any]):
    (only,) = made(one).windows
    for hour in (only.from_hour, only.until_hour):
        found = re.fullmatch(r"cron\(0 (\d+) \? \* ([A-Z,]+) \*\)", only.scaling_expression(hour))
        assert found
        assert int(found[1]) == hour
        assert set(found[2].split(",")) == set(one["days"])


def test_the_days_are_those_that_both_schedulers_know():
    with pytest.raises(ValidationError):
        made({"days": ["HOLIDAY"], "fromHour": 1, "untilHour": 2})
