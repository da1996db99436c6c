"""Figures over promises: exact counts, intervals, and none where there is nothing to count."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.promise_figures import (
    HOW,
    Ended,
    figures,
    figures_by_kind,
    stop_promising,
)
from vertrauenskonto.core.stats.intervals import rate


def ended(how, count=1, *, kind="repair", **more):
    return [Ended(kind=kind, how=how, **more)] * count


LEDGER = [
    *ended("kept", 6, before_order=False),
    *ended("kept", 1, before_order=True),
    *ended("kept", 2, renegotiated=1, notice_hours=12.0),
    *ended("late_with_notice", 2, notice_hours=4.0, before_order=True),
    *ended("broken_with_notice", 1, notice_hours=20.0, before_order=True),
    *ended("late_silent", 3, before_order=False),
    *ended("broken_silent", 1),
    *ended("withdrawn", 5, before_order=True, is_first_contact=True),
]


def test_each_figure_counts_what_it_says():
    found = figures(LEDGER)
    assert found.n == 16
    assert found.kept == rate(9, 16)
    assert found.kept_as_given == rate(7, 16)
    assert found.before_order == rate(1, 4)
    assert found.after_order == rate(6, 9)
    # Five that failed or were moved knew before, four did not.
    assert found.notified == rate(5, 9)
    assert (found.notice_hours.value, found.notice_hours.n) == (12.0, 5)
    assert found.first_contact is None


def test_a_confidence_is_that_of_every_interval():
    found = figures(LEDGER, confidence=0.8)
    assert found.kept == rate(9, 16, confidence=0.8)
    assert found.notice_hours.low is not None, "five values suffice for 80 %"
    assert figures(LEDGER).notice_hours.low is None


@pytest.mark.parametrize("rows", [[], ended("withdrawn", 3)])
def test_of_nothing_there_are_no_figures(rows):
    found = figures(rows)
    assert found.n == 0
    for each in fields(found):
        if each.name != "n":
            assert getattr(found, each.name) is None, each.name


def test_where_nothing_failed_there_is_no_notice_to_judge():
    found = figures(ended("kept", 4))
    assert found.kept.value == 1
    assert found.notified is None
    assert found.notice_hours is None


def test_at_a_first_contact_lateness_counts_as_not_kept():
    rows = [
        *ended("kept", 2, is_first_contact=True, is_punctual=True),
        *ended("kept", 1, is_first_contact=True, is_punctual=False),
        *ended("kept", 1, is_first_contact=True),
        *ended("late_silent", 1, is_first_contact=True),
        *ended("kept", 9),
    ]
    assert figures(rows).first_contact == rate(3, 5)


def test_a_second_date_missed_silently_was_not_told_in_time():
    assert figures(ended("late_silent", renegotiated=1, notice_hours=3.0)).notified == rate(0, 1)


def test_by_kind_adds_up_and_is_in_order():
    rows = [*LEDGER, *ended("kept", 3, kind="callback")]
    found = figures_by_kind(rows)
    assert list(found) == ["callback", "repair"]
    assert found["repair"] == figures(LEDGER)
    assert sum(each.n for each in found.values()) == figures(rows).n


def test_a_kind_is_to_be_stopped_when_even_its_upper_bound_is_too_low():
    rows = [
        *ended("kept", 10, kind="same_day"),
        *ended("broken_silent", 30, kind="same_day"),
        *ended("kept", 2, kind="weekend"),
        *ended("late_silent", 10, kind="weekend"),
        *ended("kept", 5, kind="unlucky"),
        *ended("late_silent", 5, kind="unlucky"),
        *ended("broken_silent", 9, kind="too_few"),
        *ended("kept", 50, kind="good"),
        *ended("withdrawn", 50, kind="withdrawn"),
    ]
    found = stop_promising(figures_by_kind(rows))
    assert [stop.kind for stop in found] == ["weekend", "same_day"], "the worst first"
    assert found[1].kept == rate(10, 40)
    assert found[1].because.en.startswith(
        "Of 40 kept: 10. Even kindly reckoned that is at most 40%"
    )
    assert "höchstens 40\u00a0%, verlangt sind 70\u00a0%" in found[1].because.de
    assert [stop.kind for stop in stop_promising(figures_by_kind(rows), n_min=9)] == [
        "too_few",
        "weekend",
        "same_day",
    ]
    assert stop_promising(figures_by_kind(rows), kept_min=0.0) == ()


@pytest.mark.parametrize("limit", [-0.1, 1.5, 70])
def test_a_limit_that_is_no_share_is_refused(limit):
    with pytest.raises(Invalid, match=r"0\.7"):
        stop_promising({}, kept_min=limit)


def test_figures_know_no_person():
    assert {f.name for f in fields(Ended)} == {
        "kind",
        "how",
        "before_order",
        "is_first_contact",
        "notice_hours",
        "renegotiated",
        "is_punctual",
    }


@given(
    rows=st.lists(
        st.builds(
            Ended,
            kind=st.sampled_from("ab"),
            how=st.sampled_from(HOW),
            before_order=st.none() | st.booleans(),
            is_first_contact=st.booleans(),
            notice_hours=st.none() | st.floats(0, 100),
            renegotiated=st.integers(0, 2),
            is_punctual=st.none() | st.booleans(),
        )
    )
)
def test_the_order_changes_nothing_and_what_is_withdrawn_is_left_out(rows):
    assert figures(rows) == figures(rows[::-1])
    assert figures(rows) == figures([row for row in rows if row.how != "withdrawn"])
