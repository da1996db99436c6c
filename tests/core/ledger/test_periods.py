"""Periods of a statement follow each other without a gap, and are found again by their names."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.ledger.periods import around, free, named, newest

DAYS = st.dates(date(1902, 1, 1), date(2990, 12, 31))
SORTS = st.sampled_from(["month", "quarter", "year"])
DAY = timedelta(days=1)


@given(day=DAYS, sort=SORTS)
def test_periods_of_one_sort_follow_each_other_and_keep_their_names(day, sort):
    period = around(day, sort)
    assert period.first <= day <= period.last
    assert period.before.last + DAY == period.first
    assert period.after.first == period.last + DAY
    assert period.before.after == period
    assert named(period.name) == period


@given(days=st.tuples(DAYS, DAYS))
def test_free_periods_do_so_too(days):
    period = free(min(days), max(days))
    assert period.after.before == period
    assert named(period.name) == period


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2026-01-05..2026-02-20", date(2026, 1, 5), date(2026, 2, 20)),
    ],
)
def test_a_name_says_which_days(name, first, last):
    period = named(name)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "name",
    [
        *("", "x", "2026-13", "2026-00", "2026-Q5", "0001", "3000-01", "2026-3", ".."),
        *("2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "1800-01-01..2026-01-01"),
        "\u0662\u0660\u0662\u0666",
    ],
)
def test_what_is_no_period_is_none(name):
    assert named(name) is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2026, 3, 2), "2026-03"),
        (date(2026, 2, 27), "2026-Q1"),
        (date(2025, 12, 31), "2026-03"),
    ],
)
def test_the_statement_begins_with_the_shortest_period_in_which_something_happened(last, expected):
    days = [date(2020, 1, 1), last, date(2027, 1, 1)]
    assert newest(days, until=date(2026, 3, 18)).name == expected
    assert newest([], until=date(2026, 3, 18)).name == "2026-03"
