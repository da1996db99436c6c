"""Which failure opens a case, and which takes the light path."""

import inspect
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.recovery.paths import PathRules, months_before, path_for

DAY = date(2026, 3, 2)


def route(kind="promise_late_silent", earlier=(), is_unanswered=False, rules=None):
    return path_for(
        kind,
        on=DAY,
        honesty_kinds={"lie_uncovered"},
        earlier=earlier,
        is_unanswered=is_unanswered,
        rules=rules or PathRules(),
    )


@pytest.mark.parametrize(
    ("given_", "path", "word"),
    [
        ({}, "light", "single"),
        ({"kind": "lie_uncovered"}, "case", "honesty"),
        ({"is_unanswered": True}, "case", "answered"),
        ({"earlier": (date(2025, 3, 2),)}, "case", "2 failures within 12 months"),
        ({"earlier": (date(2025, 3, 1),)}, "light", "single"),
        ({"earlier": (DAY,), "rules": PathRules(repeats=3)}, "light", "single"),
        ({"rules": PathRules(case_kinds=frozenset({"promise_late_silent"}))}, "case", "policy"),
    ],
)
def test_a_case_is_for_dishonest_repeated_or_unanswered_failure(given_, path, word):
    found = route(**given_)
    assert found.path == path
    assert word in found.why.en
    assert found.why.de != found.why.en


def test_nothing_about_the_customers_worth_is_asked():
    assert set(inspect.signature(path_for).parameters) == {
        "kind",
        "on",
        "honesty_kinds",
        "earlier",
        "is_unanswered",
        "rules",
    }


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2025, 3, 31), 1, date(2025, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(1900, 3, 31), 1, date(1900, 2, 28)),
        (date(2000, 3, 31), 1, date(2000, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_end_where_they_end(day, months, expected):
    assert months_before(day, months) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_months_before_is_that_many_months_before(day, months):
    found = months_before(day, months)
    assert (day.year - found.year) * 12 + day.month - found.month == months
    assert found.day <= day.day
