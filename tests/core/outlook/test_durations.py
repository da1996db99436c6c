"""How long things take: curves that never fall, open ones counted, short records leaning."""

import itertools
from datetime import date
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.outlook.durations import LEANING, durations
from vertrauenskonto.core.outlook.record import Past, Terms

DAY = date(2026, 3, 2)


def took(days, *, kind=("repair",), is_done=True, count=1):
    terms = Terms(kind=kind, made_on=DAY, due_on=DAY, days=5)
    return Past(terms=terms, kept=None, days_taken=days, is_done=is_done, count=count)


def test_without_open_ones_the_curve_is_the_share_done():
    curve = durations([took(1), took(2, count=2), took(5)]).curves[("repair",)]
    assert curve.n == 4
    assert [curve.at(d) for d in (0, 1, 2, 4, 5, 99)] == pytest.approx([0, 0.25, 0.75, 0.75, 1, 1])


def test_open_ones_tell_that_it_takes_longer_than_so_far():
    # Kaplan and Meier by hand: 1 of 4 after a day, then 1 of the 2 that are left after three.
    curve = durations([took(1), took(2, is_done=False), took(3), took(4)]).curves[("repair",)]
    assert [curve.at(d) for d in (1, 2, 3, 4)] == pytest.approx([0.25, 0.25, 0.625, 1])


def test_where_no_days_are_known_there_is_no_curve_of_the_kind():
    found = durations([took(None)])
    assert found.n == 0
    assert set(found.curves) == {()}


def test_a_short_record_leans_on_the_kind_above_it():
    long_ago = [took(2, kind=("repair", "heating"), count=1_000)]
    found = durations([*long_ago, took(9, kind=("repair", "roof"))])
    share = (1_001 * (1_000 / 1_001) + 0.5) / 1_002
    for n, at in ((1_001, 1_000 / 1_001), (1, 0.0)):
        share = (n * at + LEANING * share) / (n + LEANING)
    z, variance = found.log_odds(("repair", "roof"), 2)
    assert z == pytest.approx(log(share / (1 - share)))
    assert variance == pytest.approx(1 / ((1 + LEANING) * share * (1 - share)))
    assert found.log_odds(("repair", "never seen"), 2) == found.log_odds(("repair",), 2)


ROWS = st.lists(
    st.builds(
        took,
        st.integers(0, 30),
        kind=st.sampled_from([("a",), ("a", "x"), ("b",)]),
        is_done=st.booleans(),
        count=st.integers(1, 5),
    ),
    min_size=1,
    max_size=25,
)


@given(rows=ROWS, kind=st.sampled_from([("a",), ("a", "x"), ("b",), ("c",)]))
def test_more_days_are_never_less_likely_to_suffice(rows, kind):
    found = durations(rows)
    odds = [found.log_odds(kind, days)[0] for days in range(35)]
    assert all(later >= sooner - 1e-12 for sooner, later in itertools.pairwise(odds))


@given(rows=ROWS)
def test_the_order_of_rows_changes_nothing(rows):
    assert durations(rows) == durations(rows[::-1])
