"""Checks: each thing wrong is named with its cure, and the rest still counts."""

from dataclasses import replace
from datetime import date
from math import inf, nan

import pytest
from tests.ledgers import account

from vertrauenskonto.core.ledger.checks import checked
from vertrauenskonto.core.ledger.entries import Account, Entry, Posting, Suspension

DAY = date(2024, 3, 1)
GOOD = Entry(id="good", on=DAY, recorded=DAY, contact=True, postings=(Posting("able", 5.0),))


def problems_of(*entries: Entry, today: date | None = None):
    result = checked(Account(id="ada", entries=(GOOD, *entries)), today=today)
    return result, list(result.problems)


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [
        (nan, "nan is not a number", "keine Zahl"),
        (inf, "inf is not a number", "keine Zahl"),
        (1000.01, "exceed the limit of ±1000", "über der Grenze von ±1000"),
        (-2000.0, "-2000 points exceed", "-2000 Punkte"),
        (1.005, "more than two decimals", "mehr als zwei Nachkommastellen"),
        (0.0, "no posting", "keine Teilbuchung"),
    ],
)
def test_points_that_cannot_be_are_left_out_and_named(amount, english, german):
    bad = replace(GOOD, id="bad", postings=(Posting("willing", amount),))
    result, [problem] = problems_of(bad)
    assert result.account.entries == (GOOD,)
    assert (problem.code, problem.line, problem.field) == ("points", 2, "willing")
    assert english in problem.in_language("en")
    assert german in problem.in_language("de")


@pytest.mark.parametrize("amount", [1000.0, -1000.0, 0.01, 33.33, 0.07])
def test_points_within_the_limits_pass(amount):
    _, problems = problems_of(replace(GOOD, id="fine", postings=(Posting("able", amount),)))
    assert problems == []


def test_an_unknown_dimension_is_named_with_the_known_ones():
    bad = replace(GOOD, id="bad", postings=(Posting("abel", 5.0),))  # type: ignore[arg-type]  # what is tested
    result, [problem] = problems_of(bad)
    assert (result.account.entries, problem.code) == ((GOOD,), "dimension")
    assert "'abel' is no dimension; use willing, able, assessable." in str(problem)


def test_a_target_that_is_neither_organisation_nor_person_is_left_out():
    for target in ("anna", "person:", ""):
        result, [problem] = problems_of(replace(GOOD, id="bad", target=target))
        assert result.account.entries == (GOOD,)
        assert problem.code == "target"
        assert "person:<id>" in str(problem)


def test_nothing_is_recorded_after_today():
    late = replace(GOOD, id="late", recorded=date(2024, 3, 3))
    result, [problem] = problems_of(late, today=date(2024, 3, 2))
    assert (result.account.entries, problem.code) == ((GOOD,), "recorded_in_future")
    assert "2024-03-03, which is after today (2024-03-02)" in str(problem)
    assert problems_of(late, today=date(2024, 3, 3))[1] == []


def test_the_same_id_with_the_same_contents_is_a_note_and_counts_once():
    result, [problem] = problems_of(GOOD)
    assert (result.account.entries, problem.code, problem.severity) == (
        (GOOD,),
        "duplicate_same",
        "note",
    )


def test_the_same_id_with_other_contents_is_an_error_and_the_first_counts():
    other = replace(GOOD, postings=(Posting("able", 9.0),))
    result, [problem] = problems_of(other)
    assert (result.account.entries, problem.code, problem.severity) == (
        (GOOD,),
        "duplicate_differs",
        "error",
    )
    assert problem.line == 2


def test_a_reversal_must_name_a_live_entry_of_this_account():
    """
    2024-01-01 able+1 id=a
    2024-02-01 reverses=a id=r1 recorded=2024-02-01
    2024-02-02 reverses=a id=r2 recorded=2024-02-02
    2024-02-03 reverses=r1 id=r3 recorded=2024-02-03
    2024-02-04 reverses=ghost id=r4 recorded=2024-02-04
    """
    result = checked(account(test_a_reversal_must_name_a_live_entry_of_this_account.__doc__))
    assert [e.id for e in result.account.entries] == ["a", "r1"]
    assert [str(p) for p in result.problems] == [
        "reverses: r2 reverses a a second time; once is enough.",
        "reverses: r3 reverses the reversal r1; book anew instead.",
        "reverses: r4 reverses ghost, which this account does not have.",
    ]


def test_a_reversal_carries_no_points():
    storno = replace(GOOD, id="r", reverses="good")
    result, [problem] = problems_of(storno)
    assert (result.account.entries, problem.code) == ((GOOD,), "reversal_with_points")


def test_a_suspension_must_end_after_it_starts_and_have_one_version_a_day():
    fine = Suspension(id="s", starts=DAY, ends=None, recorded=DAY)
    backwards = Suspension(id="t", starts=DAY, ends=DAY, recorded=DAY)
    twice = replace(fine, ends=date(2024, 5, 1))
    result = checked(Account(id="ada", suspensions=(fine, backwards, twice)))
    assert result.account.suspensions == (fine,)
    assert [(p.line, p.field) for p in result.problems] == [(2, "to"), (3, "recorded")]
