"""Working time, by the failures of others: each test names what went wrong elsewhere."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertrauenskonto.core.calendar.hours import CLOSED, Hours, Interval, read_hours
from vertrauenskonto.core.calendar.working_calendar import (
    DayOff,
    ExtraDay,
    Week,
    WorkingCalendar,
)
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ALL_DAY = read_hours("0-24")


def calendar(
    days: str = "8-12, 13-17", *, weekend: str = "", zone: str = "Europe/Berlin", **more: Any
) -> WorkingCalendar:
    five, two = (read_hours(days),) * 5, (read_hours(weekend),) * 2
    week = Week(valid_from=date(2020, 1, 1), days=(*five, *two))
    return replace(WorkingCalendar(key="a", name="A", zone=zone, weeks=(week,)), **more)


TEAM = calendar()
CLOCK = WorkingTime(TEAM)
ROUND = WorkingTime(calendar("0-24", weekend="0-24"))


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# 6 March 2026 is a Friday without holidays near it.


def test_an_hour_from_friday_half_past_four_ends_on_monday_morning():
    assert CLOCK.add(at("2026-03-06 16:30"), 60) == at("2026-03-09 08:30")


def test_a_split_day_does_not_work_through_lunch():
    # chatwoot/chatwoot#14009, frappe/helpdesk#2212, osTicket/osTicket#6847
    assert CLOCK.add(at("2026-03-04 11:30"), 60) == at("2026-03-04 13:30")
    assert CLOCK.between(at("2026-03-04 08:00"), at("2026-03-04 17:00")) == 480
    assert not CLOCK.is_working(at("2026-03-04 12:00"))
    assert CLOCK.is_working(at("2026-03-04 13:00"))


def test_what_fits_until_closing_time_is_due_at_closing_time_and_not_the_next_morning():
    assert CLOCK.add(at("2026-03-06 16:00"), 60) == at("2026-03-06 17:00")
    assert CLOCK.add(at("2026-03-06 11:00"), 60) == at("2026-03-06 12:00")


def test_a_weekend_adds_nothing():
    # glpi-project/glpi#10594
    friday, monday = at("2026-03-06 17:00"), at("2026-03-09 08:00")
    assert CLOCK.between(friday, monday) == 0
    assert CLOCK.add(at("2026-03-07 23:15"), 1) == at("2026-03-09 08:01")
    assert CLOCK.next_working(at("2026-03-07 23:15")) == monday


def test_a_holiday_of_the_region_counts_there_and_nowhere_else():
    epiphany = (DayOff(day=date(2026, 1, 6)),)
    munich = WorkingTime(calendar(days_off=epiphany))
    start = at("2026-01-05 16:00")
    assert munich.add(start, 120) == at("2026-01-07 09:00")
    assert CLOCK.add(start, 120) == at("2026-01-06 09:00")
    assert munich.add_days(date(2026, 1, 5), 1) == date(2026, 1, 7)
    assert CLOCK.add_days(date(2026, 1, 5), 1) == date(2026, 1, 6)


def test_a_weekday_that_nobody_works_is_skipped():
    # osTicket/osTicket#6739
    days = (read_hours("8-17"), CLOSED, *(read_hours("8-17"),) * 3, CLOSED, CLOSED)
    clock = WorkingTime(replace(TEAM, weeks=(Week(valid_from=date(2020, 1, 1), days=days),)))
    assert clock.add(at("2026-03-02 16:30"), 60) == at("2026-03-04 08:30")
    assert not clock.is_working_day(date(2026, 3, 3))


@pytest.mark.parametrize(
    ("sunday", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-05", 24)]
)
def test_a_day_around_the_clock_has_the_hours_it_has(sunday, hours):
    midnight = at(f"{sunday} 00:00")
    monday = midnight + timedelta(days=1)
    assert ROUND.between(midnight, monday) == hours * 60
    assert ROUND.add(midnight, hours * 60) == monday.astimezone(UTC)


def test_the_clock_going_forward_costs_a_night_shift_an_hour():
    nights = WorkingTime(calendar("0-6, 22-24", weekend="0-6, 22-24"))
    assert nights.add(at("2026-03-28 22:00"), 420) == datetime(2026, 3, 29, 4, tzinfo=UTC)
    assert nights.add(at("2026-10-24 22:00"), 540) == datetime(2026, 10, 25, 5, tzinfo=UTC)
    assert nights.between(at("2026-03-28 22:00"), at("2026-03-29 06:00")) == 420
    assert nights.between(at("2026-10-24 22:00"), at("2026-10-25 06:00")) == 540


def test_hours_within_the_skipped_hour_are_none_and_within_the_doubled_one_count_once():
    odd = WorkingTime(calendar("2-3", weekend="2-3"))
    assert odd.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 0
    assert not odd.is_working_day(date(2026, 3, 29))
    assert odd.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 120
    half = WorkingTime(calendar("2:00-2:30", weekend="2:00-2:30"))
    assert half.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 30


def test_office_hours_stay_office_hours_over_both_changes():
    assert CLOCK.add(at("2026-03-27 16:00"), 120) == at("2026-03-30 09:00")
    assert CLOCK.add(at("2026-10-23 16:00"), 120) == at("2026-10-26 09:00")


def test_the_time_zone_of_the_calendar_counts_and_not_that_of_the_instant():
    asked = at("2026-03-05 11:30", NEW_YORK)  # 17:30 in Berlin
    assert CLOCK.add(asked, 60) == at("2026-03-06 09:00")
    assert CLOCK.day_of(at("2026-03-05 19:30", NEW_YORK)) == date(2026, 3, 6)
    assert CLOCK.add(asked, 0).tzinfo is UTC


def test_company_and_customer_count_the_hours_in_which_both_work():
    customer = calendar("9-17", zone="America/New_York")
    both = WorkingTime(calendar("8-17"), customer)
    # New York's 9 o'clock is Berlin's 15 o'clock; for three weeks in March it is 14 o'clock.
    assert both.between(at("2026-03-04 00:00"), at("2026-03-05 00:00")) == 120
    assert both.between(at("2026-03-11 00:00"), at("2026-03-12 00:00")) == 180
    assert both.add(at("2026-03-04 16:30"), 60) == at("2026-03-05 15:30")
    assert both.end_of_day(date(2026, 3, 4)) == at("2026-03-04 17:00")


def test_a_customers_holiday_is_no_day_on_which_both_work():
    customer = calendar(days_off=(DayOff(day=date(2026, 3, 5)),))
    both = WorkingTime(TEAM, customer)
    assert both.add_days(date(2026, 3, 4), 1) == date(2026, 3, 6)
    assert both.add(at("2026-03-04 16:00"), 61) == at("2026-03-06 08:01")


def test_a_change_of_hours_midway_is_honoured():
    # Atlassian judges old work by new rules; here each day has the hours of its own week.
    short = (read_hours("8-12"),) * 5
    later = Week(valid_from=date(2026, 3, 5), days=(*short, CLOSED, CLOSED))
    clock = WorkingTime(replace(TEAM, weeks=(*TEAM.weeks, later)))
    assert clock.add(at("2026-03-04 08:00"), 960) == at("2026-03-06 12:00")
    assert CLOCK.add(at("2026-03-04 08:00"), 960) == at("2026-03-05 17:00")
    assert clock.between(at("2026-03-02 00:00"), at("2026-03-09 00:00")) == 3 * 480 + 2 * 240


def test_a_warning_lies_within_working_time_before_the_deadline():
    # glpi-project/glpi#22678 escalates at midnight, #15429 not at all; zammad/zammad#4432 on Sundays
    assert CLOCK.lead(at("2026-03-09 09:00"), 120) == at("2026-03-06 16:00")
    assert CLOCK.lead(at("2026-03-08 23:59"), 60) == at("2026-03-06 16:00")
    assert CLOCK.lead(at("2026-03-09 09:00"), 60) == at("2026-03-09 08:00")
    assert CLOCK.lead(at("2026-03-04 13:30"), 60) == at("2026-03-04 11:30")
    with pytest.raises(Invalid, match="leaves no time"):
        CLOCK.lead(at("2026-03-09 09:00"), 0)


def test_an_extra_saturday_and_a_short_christmas_eve():
    noon = read_hours("8-12")
    clock = WorkingTime(
        replace(
            TEAM,
            days_off=(DayOff(day=date(2026, 12, 25)),),
            extra_days=(
                ExtraDay(day=date(2026, 12, 19), hours=noon),
                ExtraDay(day=date(2026, 12, 24), hours=noon),
            ),
        )
    )
    assert clock.add(at("2026-12-18 16:00"), 120) == at("2026-12-19 09:00")
    assert clock.add(at("2026-12-24 11:00"), 120) == at("2026-12-28 09:00")
    assert clock.end_of_day(date(2026, 12, 24)) == at("2026-12-24 12:00")


def test_seconds_are_neither_lost_nor_rounded():
    start = at("2026-03-06 16:30:15.000250")
    assert CLOCK.add(start, 60) == at("2026-03-09 08:30:15.000250")
    assert CLOCK.between(at("2026-03-06 16:59:30"), at("2026-03-09 08:00:15")) == 0.75


# Days.


def test_a_day_promise_is_due_when_that_days_work_ends():
    assert CLOCK.end_of_day(date(2026, 3, 6)) == at("2026-03-06 17:00")
    late = WorkingTime(calendar("8-12, 20-24"))
    assert late.end_of_day(date(2026, 3, 6)) == at("2026-03-07 00:00")


def test_a_day_promise_for_a_free_day_is_due_at_its_midnight_and_not_on_the_next_working_day():
    assert CLOCK.end_of_day(date(2026, 3, 8)) == at("2026-03-09 00:00")
    assert CLOCK.lead(CLOCK.end_of_day(date(2026, 3, 8)), 240) == at("2026-03-06 13:00")


def test_working_days_are_counted_over_weekends_both_ways():
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    assert CLOCK.add_days(friday, 1) == CLOCK.add_days(date(2026, 3, 8), 1) == monday
    assert CLOCK.add_days(monday, -1) == CLOCK.add_days(date(2026, 3, 8), -1) == friday
    assert CLOCK.add_days(date(2026, 3, 8), 0) == date(2026, 3, 8)
    assert CLOCK.add_days(friday, 10) == date(2026, 3, 20)
    assert CLOCK.days_between(friday, monday) == 1
    assert CLOCK.days_between(monday, friday) == -1
    assert CLOCK.days_between(date(2026, 3, 7), date(2026, 3, 8)) == 0
    assert CLOCK.is_working_day(friday)
    assert not CLOCK.is_working_day(date(2026, 3, 8))


# Ends of time and of work.


def test_what_can_never_be_worked_is_refused_and_does_not_search_forever():
    closed = Week(valid_from=date(2026, 4, 1), days=(CLOSED,) * 7)
    ended = WorkingTime(replace(TEAM, weeks=(*TEAM.weeks, closed)))
    assert ended.add(at("2026-03-31 16:00"), 60) == at("2026-03-31 17:00")
    assert ended.end_of_day(date(2026, 4, 1)) == at("2026-04-02 00:00")
    for asked in (
        lambda: ended.add(at("2026-03-31 16:00"), 61),
        lambda: ended.next_working(at("2026-04-01 08:00")),
        lambda: ended.add_days(date(2026, 4, 1), 1),
        lambda: CLOCK.add(at("2026-03-31 16:00"), 10**12),
        lambda: CLOCK.subtract(at("2026-03-31 16:00"), 10**12),
        lambda: CLOCK.add_days(date(2026, 4, 1), 10**9),
        lambda: CLOCK.add_days(date(2026, 4, 1), -(10**9)),
    ):
        with pytest.raises(Invalid) as refused:
            asked()
        assert "The working calendar 'A' has not enough working time" in refused.value.text.en
    assert CLOCK.add(at("2026-03-06 16:30"), 60) == at("2026-03-09 08:30")


def test_calendars_that_share_no_hours_are_refused_by_name():
    night = calendar("0-6", name="Nacht")
    never = WorkingTime(TEAM, night)
    with pytest.raises(Invalid) as refused:
        never.add(at("2026-03-06 16:30"), 60)
    assert "'A' and 'Nacht' share not enough working time for 60 minutes" in refused.value.text.en
    assert "„A“ und „Nacht“" in refused.value.text.de
    assert not never.is_working(at("2026-03-06 16:30"))


@pytest.mark.parametrize("year", [1, 1969, 2100, 9999])
def test_an_instant_far_away_is_taken_for_a_slip_of_the_pen(year):
    there = datetime(year, 6, 1, tzinfo=UTC)
    for asked in (
        lambda: CLOCK.add(there, 5),
        lambda: CLOCK.subtract(there, 5),
        lambda: CLOCK.between(there, at("2026-03-06 16:30")),
        lambda: CLOCK.between(at("2026-03-06 16:30"), there),
        lambda: CLOCK.is_working(there),
        lambda: CLOCK.end_of_day(there.date()),
        lambda: CLOCK.add_days(there.date(), 1),
        lambda: CLOCK.days_between(date(2026, 3, 6), there.date()),
    ):
        with pytest.raises(Invalid, match="please check the year"):
            asked()


def test_the_first_and_the_last_day_are_reckoned_from_either_side():
    for order in (1, -1):
        clock = WorkingTime(TEAM)
        ends = [at("1970-01-01 09:00"), at("2099-12-31 09:00")][::order]
        assert [clock.is_working(instant) for instant in ends] == [True, True]
        assert clock.between(*sorted(ends)) == WorkingTime(TEAM).between(*sorted(ends))


def test_negative_minutes_are_refused():
    for asked in (CLOCK.add, CLOCK.subtract):
        with pytest.raises(Invalid, match="-5 minutes are no duration"):
            asked(at("2026-03-06 16:30"), -5)


def test_an_instant_without_a_zone_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="offset-naive"):
        CLOCK.add(datetime(2026, 3, 6, 16, 30), 60)  # noqa: DTZ001  # meant


# Properties, on random calendars.

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
hours = (
    st.lists(st.integers(0, 96).map(lambda n: n * 15), unique=True, max_size=6)
    .map(sorted)
    .map(lambda m: tuple(Interval(*pair) for pair in zip(m[::2], m[1::2], strict=False)))
)
instants = st.integers(0, 3 * 365 * 86_400_000_000).map(
    lambda microseconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
minutes = st.one_of(st.integers(0, 600), st.integers(0, 30_000))
near = st.dates(date(2025, 3, 1), date(2026, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """One or two weeks, some days off, some extra days; Monday always has an hour."""
    weeks = []
    for first in (date(2025, 1, 1), draw(near))[: draw(st.integers(1, 2))]:
        monday: Hours = draw(hours) or (Interval(600, 660),)
        tuesday_on = draw(st.tuples(hours, hours, hours, hours, hours, hours))
        weeks.append(Week(valid_from=first, days=(monday, *tuesday_on)))
    extra = draw(st.dictionaries(near, hours, max_size=3))
    return WorkingCalendar(
        key="a",
        name="A",
        zone=draw(st.sampled_from(ZONES)),
        weeks=tuple(weeks),
        days_off=tuple(DayOff(day=day) for day in draw(st.sets(near, max_size=6))),
        extra_days=tuple(ExtraDay(day=day, hours=worked) for day, worked in extra.items()),
    )


clocks = st.one_of(
    calendars().map(WorkingTime),
    calendars().map(lambda one: WorkingTime(one, calendar("0-12, 14-24", weekend="6-18"))),
    calendars().map(lambda one: WorkingTime(calendar("0-24", weekend="0-24"), one)),
)


@settings(deadline=None)
@given(clocks, instants, minutes, minutes)
def test_adding_is_additive_and_so_is_subtracting(clock, instant, a, b):
    try:
        expected = clock.add(instant, a + b), clock.subtract(instant, a + b)
    except Invalid:
        return  # two calendars may share no hours
    assert clock.add(clock.add(instant, a), b) == expected[0]
    assert clock.subtract(clock.subtract(instant, a), b) == expected[1]


@settings(deadline=None)
@given(calendars().map(WorkingTime), instants, instants, minutes, minutes)
def test_adding_is_monotone_in_both(clock, one, other, a, b):
    assert clock.add(min(one, other), a) <= clock.add(max(one, other), a)
    assert clock.add(one, min(a, b)) <= clock.add(one, max(a, b))


@settings(deadline=None)
@given(calendars().map(WorkingTime), instants, minutes.filter(bool))
def test_adding_is_undone_by_subtracting_and_measured_by_between(clock, instant, m):
    due = clock.add(instant, m)
    assert clock.between(instant, due) == m
    assert clock.between(due, instant) == -m
    assert clock.subtract(due, m) == clock.next_working(instant)
    begin = clock.subtract(instant, m)
    assert clock.between(begin, instant) == m
    assert clock.is_working(begin)
    assert clock.is_working(due - timedelta(microseconds=1))


@settings(deadline=None)
@given(calendars(), instants)
def test_working_is_what_the_wall_says(one, instant):
    """The definition, minute by minute, away from the two odd nights."""
    clock = WorkingTime(one)
    wall = instant.astimezone(ZoneInfo(one.zone))
    odd = wall.utcoffset() != (wall - timedelta(hours=30)).utcoffset()
    minute = (wall - datetime.combine(wall.date(), time(), wall.tzinfo)) // timedelta(minutes=1)
    if not odd and wall.fold == 0:
        expected = any(start <= minute < end for start, end in one.hours(wall.date()))
        assert clock.is_working(instant) == expected
    again = clock.next_working(instant)
    assert again >= instant
    assert clock.is_working(again)
    assert clock.between(instant, again) == 0


@settings(deadline=None, max_examples=30)
@given(calendars(), calendars(), instants)
def test_both_work_when_each_does(one, other, instant):
    both = WorkingTime(one, other)
    assert both.is_working(instant) == all(
        WorkingTime(each).is_working(instant) for each in (one, other)
    )


@settings(deadline=None)
@given(calendars().map(WorkingTime), near, st.integers(-40, 40), st.integers(0, 40))
def test_working_days_are_additive_measured_and_worked(clock, day, n, m):
    then = clock.add_days(day, n)
    assert (then > day) - (then < day) == (n > 0) - (n < 0)
    if n:
        assert clock.is_working_day(then)
    if n >= 0:
        assert clock.days_between(day, then) == n
        assert clock.add_days(then, m) == clock.add_days(day, n + m)


@settings(deadline=None)
@given(calendars().map(WorkingTime), near)
def test_a_day_ends_within_itself_and_its_work_does_not_go_on(clock, day):
    due = clock.end_of_day(day)
    assert clock.day_of(due - timedelta(microseconds=1)) == day
    assert clock.is_working_day(day) == clock.is_working(due - timedelta(microseconds=1))


@settings(deadline=None, max_examples=10)
@given(calendars(), st.lists(instants, min_size=2, max_size=6), minutes)
def test_answers_do_not_depend_on_what_was_asked_before(one, asked, m):
    used = WorkingTime(one)
    far = datetime(2032, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
    for instant in (*far, *asked):
        assert used.add(instant, m) == WorkingTime(one).add(instant, m)
        assert used.subtract(instant, m) == WorkingTime(one).subtract(instant, m)


def test_all_day_every_day_is_the_time_of_the_wall_clock():
    clock = WorkingTime(calendar("0-24", weekend="0-24", zone="Asia/Kolkata"))
    start = datetime(2020, 1, 1, 3, 7, tzinfo=UTC)
    for m in (1, 59, 1440, 525_600):
        assert clock.add(start, m) == start + timedelta(minutes=m)
    assert clock.calendars[0].hours(date(2020, 1, 1)) == ALL_DAY
