"""Peak hours: when more than the usual minimum must already run, because starting it takes longer than a crowd does.

Owns the hours and how the two schedulers that act on them write them: Kubernetes' CronJob and Application Auto
Scaling's cron. How much runs in a peak stands beside each minimum (`replicas.peak`, `readersPeak`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from model.settings.base import Section

Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
_DAYS: Final[tuple[Day, ...]] = get_args(Day)
_REPEAT_MINUTES: Final = 10
"""How long a deployment, which resets the minimum, can leave a peak without it."""


def _once(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if len(set(days)) != len(days) or not days:
        raise ValueError("names no day, or one twice: name each day once")
    return days


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"is no time zone {name!r}: write for example Asia/Seoul") from error
    return name


class Window(Section):
    """Hours of some days; the minimum rises at the first and falls at the last.

    Attributes:
        days: Days of the week.
        from_hour: Full hour at which all must be there; begin earlier than the crowd, a reader takes 6 to 12 minutes.
        until_hour: Full hour after which the usual minimum is enough.
    """

    days: Annotated[tuple[Day, ...], AfterValidator(_once), Field(examples=["[FRI, SAT, SUN]"])]
    from_hour: Annotated[int, Field(ge=0, le=22)]
    until_hour: Annotated[int, Field(ge=1, le=23)]

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.from_hour >= self.until_hour:
            raise ValueError(
                f"fromHour {self.from_hour} is not before untilHour {self.until_hour}: end it the same day"
            )
        return self

    @property
    def raise_schedule(self) -> str:
        """CronJob schedule that raises a minimum, again and again, since a deployment in a peak would reset it."""
        return f"*/{_REPEAT_MINUTES} {self.from_hour}-{self.until_hour - 1} * * {','.join(self.days)}"

    @property
    def lower_schedule(self) -> str:
        """CronJob schedule that lowers it; twice, since a job can fail."""
        return f"0,{_REPEAT_MINUTES} {self.until_hour} * * {','.join(self.days)}"

    def scaling_expression(self, hour: int) -> str:
        """Return the schedule of Application Auto Scaling for a full hour of the window's days."""
        return f"cron(0 {hour} ? * {','.join(self.days)} *)"


def _apart(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    for day in _DAYS:
        hours = sorted((one.from_hour, one.until_hour) for one in windows if day in one.days)
        for (_, until), (begins, _) in pairwise(hours):
            if begins <= until:
                raise ValueError(f"has two windows that meet on {day} at {begins}: make them one")
    return windows


class Peaks(Section):
    """When peaks are.

    Attributes:
        time_zone: Of the hours, by its IANA name.
        windows: They may neither overlap nor touch: one's end would lower what the other has raised.
    """

    time_zone: Annotated[str, AfterValidator(_known_zone), Field(examples=["Asia/Seoul"])]
    windows: Annotated[tuple[Window, ...], AfterValidator(_apart)] = ()
