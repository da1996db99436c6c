"""When somebody may be told: quiet hours over midnight, days, and the two odd days of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.alerts import WEEKDAYS, WORKDAYS, Times, due_day, times_problems

BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = Times(days=frozenset(WEEKDAYS), quiet_from=0, quiet_to=0)
WEDNESDAY = datetime(2026, 3, 18, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "quiet"),
    [
        (20, 7, {20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6}),
        (12, 14, {12, 13}),
        (0, 0, set()),
        (9, 9, set()),
        (0, 23, set(range(23))),
    ],
)
def test_quiet_hours_may_reach_over_midnight(quiet_from, quiet_to, quiet):
    times = Times(quiet_from=quiet_from, quiet_to=quiet_to)
    assert {hour for hour in range(24) if times.is_quiet_hour(hour)} == quiet


def test_a_day_that_was_not_chosen_is_quiet_from_midnight_to_midnight():
    times = Times(days=WORKDAYS, quiet_from=0, quiet_to=0)
    saturday = WEDNESDAY + timedelta(days=3)
    assert [times.is_quiet(saturday.replace(hour=h)) for h in (0, 12, 23)] == [True] * 3
    assert not times.is_quiet(WEDNESDAY)


def test_a_daily_summary_is_due_from_its_hour_on_until_midnight():
    hours = [h for h in range(24) if due_day("daily", 8, ALWAYS, local=WEDNESDAY.replace(hour=h))]
    assert hours == list(range(8, 24))


def test_a_summary_waits_for_the_end_of_the_quiet_hours():
    times = Times(days=WORKDAYS, quiet_from=12, quiet_to=14)
    due = [h for h in range(24) if due_day("daily", 11, times, local=WEDNESDAY.replace(hour=h))]
    assert due == [11, *range(14, 24)]


def test_a_weekly_summary_belongs_to_its_monday_and_comes_on_the_first_day_chosen():
    times = Times(days=frozenset({3, 5}), quiet_from=0, quiet_to=0)
    due = [
        due_day("weekly", 8, times, local=WEDNESDAY + timedelta(days=n, hours=9))
        for n in range(-2, 5)
    ]
    monday = date(2026, 3, 16)
    assert due == [None, None, monday, None, monday, None, None]


def test_whoever_wants_nothing_gets_nothing():
    assert due_day("off", 8, ALWAYS, local=WEDNESDAY.replace(hour=9)) is None


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(BERLIN)


def test_an_hour_that_summer_time_skips_is_over_when_the_next_one_begins():
    # On 29 March 2026 01:59 is followed by 03:00.
    assert due_day("daily", 2, ALWAYS, local=local("2026-03-29T00:59")) is None
    assert due_day("daily", 2, ALWAYS, local=local("2026-03-29T01:00")) == date(2026, 3, 29)
    quiet = Times(days=frozenset(WEEKDAYS), quiet_from=22, quiet_to=2)
    assert quiet.is_quiet(local("2026-03-29T00:59"))
    assert not quiet.is_quiet(local("2026-03-29T01:00"))


def test_an_hour_that_comes_twice_belongs_to_one_day():
    # On 25 October 2026 the hour from 02:00 comes twice.
    days = {due_day("daily", 2, ALWAYS, local=local(f"2026-10-25T0{h}:30")) for h in (0, 1)}
    assert days == {date(2026, 10, 25)}


@given(
    hour=st.integers(0, 23),
    quiet_from=st.integers(0, 23),
    quiet_to=st.integers(0, 23),
    days=st.frozensets(st.sampled_from(WEEKDAYS)),
)
def test_what_is_accepted_comes_on_every_day_chosen_and_never_in_quiet_hours(
    hour, quiet_from, quiet_to, days
):
    times = Times(days=days, quiet_from=quiet_from, quiet_to=quiet_to)
    told = set()
    for n in range(7 * 24):
        at = WEDNESDAY + timedelta(hours=n)
        day = due_day("daily", hour, times, local=at)
        if day is not None:
            assert not times.is_quiet(at)
            told.add(day.isoweekday())
    if not times_problems("daily", hour, times):
        assert told == days
