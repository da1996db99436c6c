"""Days of promises that come again: counted from the first one, whatever months are like."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.promise_series import RHYTHMS, due_dates, occurrence

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def told(first, rhythm, every, *, until, after=None):
    return [str(d) for d in due_dates(first, rhythm, every, after=after, until=until)]


def test_the_31st_is_the_last_day_of_a_shorter_month_and_the_31st_again():
    assert told(date(2026, 1, 31), "monthly", 1, until=date(2026, 5, 31)) == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
    ]


def test_the_29th_of_february_comes_back_in_leap_years():
    assert told(date(2024, 2, 29), "yearly", 1, until=date(2028, 12, 31)) == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_every_second_monday_goes_on_after_the_one_made_last():
    first = date(2026, 3, 2)
    assert told(first, "weekly", 2, after=date(2026, 3, 16), until=date(2026, 4, 15)) == [
        "2026-03-30",
        "2026-04-13",
    ]
    # Over the change of the clocks a week stays a week.
    assert occurrence(first, "weekly", 1, 4).weekday() == 0


def test_nothing_is_due_before_the_first_day_or_after_the_end():
    first = date(2026, 3, 2)
    assert due_dates(first, "weekly", 1, after=None, until=date(2026, 3, 1)) == ()
    assert told(first, "weekly", 1, after=None, until=first) == ["2026-03-02"]
    assert due_dates(first, "weekly", 1, after=first, until=first) == ()


@given(
    first=DAYS,
    rhythm=st.sampled_from(RHYTHMS),
    every=st.integers(1, 60),
    numbers=st.integers(0, 30),
    days=st.integers(0, 900),
)
def test_in_parts_it_is_the_same_days_as_at_once(first, rhythm, every, numbers, days):
    until = first + timedelta(days=days)
    whole = due_dates(first, rhythm, every, after=None, until=until)
    assert list(whole) == sorted(set(whole))
    assert all(first <= day <= until for day in whole)
    counted = [occurrence(first, rhythm, every, n) for n in range(len(whole) + 1)]
    assert list(whole) == counted[:-1]
    assert counted[-1] > until
    after = first + timedelta(days=numbers)
    rest = due_dates(first, rhythm, every, after=after, until=until)
    assert rest == tuple(day for day in whole if day > after)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_the_weekday_or_the_day_of_the_month_stays(rhythm):
    first = date(2026, 3, 17)
    for number in range(60):
        day = occurrence(first, rhythm, 1, number)
        same = day.weekday() if rhythm == "weekly" else day.day
        assert same == (first.weekday() if rhythm == "weekly" else first.day)
