"""Appointments: no two at once, the way included, and only times at which people work are offered."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.appointments import (
    Visit,
    clashes,
    free_times,
    is_outside,
    overlapping,
)
from vertrauenskonto.core.calendar.hours import CLOSED, read_hours
from vertrauenskonto.core.calendar.working_calendar import Week, WorkingCalendar
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.importers.starter_calendars import starter_calendar

BERLIN = WorkingTime(starter_calendar("DE-BE", first_year=2026, last_year=2027))
# A Wednesday before Easter, eight in the morning in Berlin.
MORNING = datetime(2026, 4, 1, 6, tzinfo=UTC)


def visit(hours: float, *, lasts: int = 60, way: int = 0) -> Visit:
    starts = MORNING + timedelta(hours=hours)
    return Visit(starts=starts, ends=starts + timedelta(minutes=lasts), travel_minutes=way)


visits = st.builds(
    lambda hours, lasts, way: visit(hours / 4, lasts=lasts, way=way),
    st.integers(-200, 200),
    st.integers(1, 300),
    st.integers(0, 120),
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (visit(0), visit(1), False),
        (visit(0), visit(0.5), True),
        (visit(0, way=30), visit(1), True),
        (visit(0), visit(1, way=30), True),
        # The longer way counts, not both.
        (visit(0, way=30), visit(1.5, way=30), False),
        (visit(0, way=30), visit(1.5, way=31), True),
        (visit(0, lasts=300), visit(2, lasts=10), True),
    ],
)
def test_two_visits_get_in_each_others_way_with_the_longer_of_both_ways(one, other, expected):
    assert clashes(one, other) is expected
    assert clashes(other, one) is expected


@given(visits, visits)
def test_getting_in_the_way_is_mutual_and_more_travel_never_helps(one, other):
    assert clashes(one, other) == clashes(other, one)
    longer = Visit(
        starts=one.starts, ends=one.ends, travel_minutes=min(one.travel_minutes + 30, 1440)
    )
    assert clashes(one, other) <= clashes(longer, other)
    assert clashes(one, one)


def test_what_overlaps_is_named_in_order():
    first, second, later = visit(0.5), visit(0), visit(5)
    assert overlapping(visit(0.25), [first, later, second]) == (second, first)


@pytest.mark.parametrize(
    ("hours", "lasts", "expected"),
    [(0, 240, False), (-0.5, 60, True), (3.5, 60, True), (5, 60, False), (48 + 2, 60, True)],
)
def test_noon_nights_and_good_friday_are_outside_of_working_time(hours, lasts, expected):
    assert is_outside(visit(hours, lasts=lasts), BERLIN) is expected


def test_offered_are_two_times_a_day_that_are_free_and_never_on_a_holiday():
    busy = [visit(0, lasts=180, way=30), visit(24, lasts=600)]
    found = free_times(visit(0, way=15), busy, BERLIN, after=MORNING, count=4)
    local = [f"{v.starts.astimezone(BERLIN._zones[0]):%a %d %H:%M}" for v in found]
    # Until 11 she is at the first customer and has 30 minutes to go; then comes noon. Thursday is
    # full, Friday to Monday is Easter.
    assert local == ["Wed 01 13:00", "Wed 01 16:00", "Tue 07 08:00", "Tue 07 11:00"]
    assert [v.travel_minutes for v in found] == [15] * 4


@given(st.lists(visits, max_size=6), visits, st.integers(0, 6), st.integers(0, 5000))
def test_what_is_offered_is_working_time_free_later_and_apart(busy, like, count, minutes):
    after = MORNING + timedelta(minutes=minutes, seconds=7)
    found = free_times(like, busy, BERLIN, after=after, count=count)
    assert len(found) <= count
    for one in found:
        assert one.starts >= after
        assert one.ends - one.starts == like.ends - like.starts
        assert not is_outside(one, BERLIN)
        assert overlapping(one, busy) == ()
    days = [BERLIN.day_of(one.starts) for one in found]
    assert days == sorted(days)
    assert all(days.count(day) <= 2 for day in days)


def test_where_nobody_works_long_enough_nothing_is_offered():
    week = Week(valid_from=MORNING.date(), days=(read_hours("8-9"), *(CLOSED,) * 6))
    short = WorkingTime(WorkingCalendar(key="s", name="s", zone="Europe/Berlin", weeks=(week,)))
    assert free_times(visit(0, lasts=61), [], short, after=MORNING, count=3) == ()
    mondays = free_times(visit(0), [], short, after=MORNING, count=3)
    assert [one.starts.weekday() for one in mondays] == [0, 0, 0]


@pytest.mark.parametrize(("lasts", "way"), [(0, 0), (-5, 0), (1441, 0), (60, -1), (60, 1441)])
def test_what_ends_before_it_begins_or_lasts_for_days_is_refused(lasts, way):
    with pytest.raises(Invalid):
        visit(0, lasts=lasts, way=way)
