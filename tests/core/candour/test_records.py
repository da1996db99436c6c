"""Candour: what a record needs, what it counts as, when a no is broken, and how soon we tell."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from vertrauenskonto.core.candour.records import (
    CHOICE_LABELS,
    CHOICES,
    LABELS,
    QUESTIONS,
    SORTS,
    Told,
    kind_of,
    needs_second_look,
    problems,
    truth_figures,
    truth_lag,
)

TODAY = date(2026, 3, 18)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def advice(choice="customer", **answers):
    said = {
        "given": "Die kleine Anlage",
        "best_for_customer": "Die kleine Anlage",
        "best_for_us": "Die große Anlage",
    }
    return Told(sort="advice", on=TODAY, choice=choice, answers=said | answers)


def refusal(**given):
    answers = {"what": "Lieferung am Samstag", "why": "Das Lager ist zu"}
    fields: dict[str, Any] = {"sort": "refusal", "on": TODAY, "choice": "no", "answers": answers}
    return Told(**(fields | given))


def mistake(choice="us", knew=NOON - 3 * HOUR, told=NOON - HOUR):
    return Told(
        sort="mistake",
        on=TODAY,
        choice=choice,
        answers={"what": "Doppelt abgebucht"},
        knew_at=knew,
        told_at=told,
    )


def wish(**answers):
    return Told(sort="wish", on=TODAY, answers=answers)


def wrong(told):
    return [problem.field for problem in problems(told, now=NOON, today=TODAY)]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_has_questions_with_names_of_their_own(sort):
    names = [question.name for question in QUESTIONS[sort]]
    assert names
    assert len(names) == len(set(names))
    assert LABELS[sort].de
    assert LABELS[sort].en
    assert (sort in CHOICES) == (sort in CHOICE_LABELS)


@pytest.mark.parametrize(
    ("told", "kind", "second"),
    [
        (advice(), "honest_advice_against_own_interest", False),
        (advice(benefit="Provision"), "honest_advice_against_own_interest", True),
        (advice("us", given="Die große Anlage"), None, True),
        (advice("both", best_for_us=""), None, False),
        (advice("both", best_for_us="", benefit="Einladung"), None, True),
        (refusal(), "limit_admitted", False),
        (refusal(choice="limit"), "limit_admitted", False),
        (mistake(), "own_mistake_disclosed_unasked", False),
        (mistake("customer"), None, False),
        (mistake("third"), None, False),
        (mistake("", told=None), None, False),
        (wish(proposed="Abends liefern", taken_up="Ab Mai"), "customer_idea_taken_up", False),
        (wish(wants="Ruhe", taken_up="Anruf nur nach 17 Uhr"), None, False),
        (wish(proposed="Sonntags liefern", left_out="Ganz", reason="Ladenschluss"), None, False),
    ],
)
def test_a_record_counts_as_its_kind_and_a_conflict_asks_for_a_second_look(told, kind, second):
    assert wrong(told) == []
    assert kind_of(told) == kind
    assert needs_second_look(told) is second


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        (advice("customer", best_for_us=""), ["best_for_us"]),
        (advice("us", best_for_us="die kleine anlage"), ["best_for_us"]),
        (advice("both"), ["choice"]),
        (advice("nobody"), ["choice"]),
        (advice(given=" "), ["given"]),
        (advice(given="x" * 1001), ["given"]),
        (refusal(answers={}), ["what", "why"]),
        (refusal(until=TODAY - timedelta(days=1)), ["until"]),
        (refusal(on=TODAY + timedelta(days=1)), ["on"]),
        (refusal(capability="x" * 81), ["capability"]),
        (mistake(knew=None), ["knew_at"]),
        (mistake("us", told=None), ["told_at"]),
        (mistake(""), ["choice"]),
        (mistake(told=NOON - 4 * HOUR), ["told_at"]),
        (mistake(told=NOON + HOUR), ["told_at"]),
        (wish(), ["wants", "taken_up"]),
        (wish(proposed="Abends", left_out="Ganz"), ["reason"]),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_named(told, fields):
    assert wrong(told) == fields


def test_the_customer_may_have_known_before_us_and_then_there_is_no_lag():
    assert wrong(mistake("customer", told=NOON - 5 * HOUR)) == []
    assert truth_lag(NOON, NOON - HOUR) is None
    assert truth_lag(NOON - HOUR, NOON) == HOUR


def test_figures_say_how_soon_and_from_whom_customers_hear_of_mistakes():
    day = timedelta(days=1)
    found = truth_figures(
        [
            ("us", NOON - 4 * day, NOON - 3 * day),
            ("us", NOON - 4 * day, NOON - 1 * day),
            ("customer", NOON - 4 * day, NOON - 2 * day),
            # They knew before us: they know of it, and there is no lag.
            ("customer", NOON, NOON - day),
            ("", NOON - day, None),
        ]
    )
    assert (found.n, found.unsaid) == (4, 1)
    assert found.lag_days is not None
    assert (found.lag_days.value, found.lag_days.n) == (2.0, 3)
    assert found.first_by_us is not None
    assert (found.first_by_us.value, found.first_by_us.n) == (0.5, 4)


def test_of_no_mistake_there_is_no_figure():
    found = truth_figures([])
    assert (found.n, found.unsaid, found.lag_days, found.first_by_us) == (0, 0, None, None)


def test_a_record_is_named_by_what_was_said_first_and_a_wish_by_what_was_proposed():
    assert advice().headline == "Die kleine Anlage"
    assert refusal().headline == "Lieferung am Samstag"
    wish = {"knows": "Den Bau", "wants": " Ruhe ", "proposed": "Ein Termin am Abend"}
    assert Told(sort="wish", on=TODAY, choice="none", answers=wish).headline == wish["proposed"]
    assert (
        Told(sort="wish", on=TODAY, choice="none", answers={"wants": " Ruhe "}).headline == "Ruhe"
    )
    assert Told(sort="wish", on=TODAY, choice="none", answers={}).headline == ""
