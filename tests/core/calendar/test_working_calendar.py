"""A calendar says when somebody works on a day, and refuses what nobody can work by."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from vertrauenskonto.core.calendar.hours import CLOSED, Interval, read_hours
from vertrauenskonto.core.calendar.working_calendar import (
    DayOff,
    ExtraDay,
    Week,
    WorkingCalendar,
)
from vertrauenskonto.core.errors import NO_TEXT, Invalid, Text

DAY = read_hours("8-12, 13-17")
WEEK = Week(valid_from=date(2026, 1, 1), days=(DAY, DAY, DAY, DAY, DAY, CLOSED, CLOSED))
TEAM = WorkingCalendar(key="team", name="Team", zone="Europe/Berlin", weeks=(WEEK,))
SATURDAY, SUNDAY, MONDAY = date(2026, 7, 4), date(2026, 7, 5), date(2026, 7, 6)


def codes(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        replace(TEAM, **changes)
    assert "'Team' cannot be used like this" in refused.value.text.en
    assert all(problem.text.de and problem.text.en for problem in refused.value.problems)
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_the_weekday_counts():
    assert (TEAM.hours(MONDAY), TEAM.hours(SUNDAY)) == (DAY, CLOSED)


def test_a_day_off_beats_the_weekday_and_a_day_with_hours_of_its_own_beats_both():
    short = read_hours("8-12")
    team = replace(
        TEAM,
        days_off=(DayOff(day=MONDAY, name=Text("Fest", "Feast")), DayOff(day=date(2026, 12, 24))),
        extra_days=(
            ExtraDay(day=SATURDAY, hours=short),
            ExtraDay(day=date(2026, 12, 24), hours=short),
        ),
    )
    assert team.hours(MONDAY) == CLOSED
    assert team.hours(SATURDAY) == team.hours(date(2026, 12, 24)) == short
    assert team.day_off_name(MONDAY) == Text("Fest", "Feast")
    assert team.day_off_name(SUNDAY) == NO_TEXT


def test_each_week_is_in_force_from_its_day_on_and_the_first_one_before_it_too():
    early = (Interval(360, 840),)
    later = Week(valid_from=MONDAY, days=(early,) * 7)
    team = replace(TEAM, weeks=(later, WEEK))
    assert team.hours(date(2026, 7, 3)) == team.hours(date(2019, 7, 5)) == DAY
    assert team.hours(SATURDAY) == CLOSED
    assert team.hours(MONDAY) == team.hours(date(2026, 7, 11)) == early


def test_the_same_calendar_in_another_order_is_the_same():
    days = (DayOff(day=MONDAY), DayOff(day=SATURDAY))
    one, other = replace(TEAM, days_off=days), replace(TEAM, days_off=days[::-1])
    assert one == other
    assert hash(one) == hash(other)


def test_a_calendar_without_hours_is_refused():
    empty = replace(WEEK, days=(CLOSED,) * 7)
    assert codes(weeks=(empty,)) == [("no-hours", "weeks")]
    assert codes(weeks=()) == [("no-hours", "weeks")]
    # Hours on single days are hours: a stall that opens on fair days only.
    stall = replace(TEAM, weeks=(empty,), extra_days=(ExtraDay(day=SATURDAY, hours=DAY),))
    assert stall.hours(SATURDAY) == DAY


def test_everything_wrong_is_named_at_once():
    wrong = replace(WEEK, days=(*(DAY,) * 6, (Interval(600, 500),)))
    missing = Week(valid_from=date(2026, 5, 1), days=(DAY,) * 6)  # type: ignore[arg-type]  # meant
    extra = ExtraDay(day=MONDAY, hours=(Interval(0, 1441),))
    assert codes(zone="Europe/Berlln", weeks=(wrong, WEEK, missing), extra_days=(extra, extra)) == [
        ("zone", "zone"),
        ("twice", "weeks.2026-01-01"),
        ("twice", "extra_days.2026-07-06"),
        ("hours", "weeks.2026-01-01.Sunday"),
        ("weekdays", "weeks.2026-05-01"),
        ("hours", "extra_days.2026-07-06"),
        ("hours", "extra_days.2026-07-06"),
    ]
