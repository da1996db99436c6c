"""Cadence: only what the customer perceives counts, and what was agreed goes first."""

from datetime import date

import pytest

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.relations.cadence import (
    FIRST_CONTACT_CARE,
    NEXT_STEPS,
    USUAL_DAYS,
    Rhythm,
    cadence,
    last_contact,
    next_steps,
)
from vertrauenskonto.core.relations.phases import PHASES, Fact, Standing, phases
from vertrauenskonto.importers.starter_calendars import starter_calendar

BERLIN = WorkingTime(starter_calendar("DE-BE", first_year=2026, last_year=2026))
TODAY = date(2026, 6, 30)
CALL = Fact(on=date(2026, 6, 1), what="event", is_contact=True)
NEWSLETTER = Fact(on=date(2026, 6, 20), what="event", is_contact=False)
FUTURE = Fact(on=date(2026, 7, 5), what="event", is_contact=True)


def of(facts, phase, **given):
    return cadence(last_contact(facts, as_of=TODAY), phase, **given)


def test_a_newsletter_is_no_contact_and_what_is_to_come_has_not_been():
    found = of([CALL, NEWSLETTER, FUTURE], "building")
    assert (found.last, found.rhythm, found.due) == (CALL.on, Rhythm(every=30), date(2026, 7, 1))
    assert not found.is_agreed
    assert found.overdue_days(TODAY) == 0


def test_a_first_contact_is_a_contact():
    met = Fact(on=date(2026, 6, 1), what="first_contact")
    assert of([met], "winning").last == met.on


def test_what_was_agreed_with_the_customer_goes_first():
    weekly = Rhythm(every=2, unit="weeks")
    found = of([CALL], "keeping", agreed=weekly)
    assert (found.rhythm, found.is_agreed, found.due) == (weekly, True, date(2026, 6, 15))
    assert found.overdue_days(TODAY) == 15


@pytest.mark.parametrize(
    ("last", "every", "unit", "due"),
    [
        (date(2026, 1, 31), 1, "months", date(2026, 2, 28)),
        (date(2028, 1, 31), 1, "months", date(2028, 2, 29)),
        (date(2026, 11, 30), 3, "months", date(2027, 2, 28)),
        (date(2026, 12, 15), 24, "months", date(2028, 12, 15)),
        (date(2026, 2, 27), 2, "weeks", date(2026, 3, 13)),
        (date(2026, 2, 27), 2, "days", date(2026, 3, 1)),
    ],
)
def test_days_weeks_and_months_are_counted_as_people_count_them(last, every, unit, due):
    assert Rhythm(every=every, unit=unit).after(last) == due


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [
        # Due on a Sunday, on Easter Monday, and on an ordinary Wednesday.
        (date(2026, 6, 1), 13, date(2026, 6, 12)),
        (date(2026, 3, 30), 7, date(2026, 4, 2)),
        (date(2026, 6, 1), 16, date(2026, 6, 17)),
        # A day after Friday: before it there was that Friday itself.
        (date(2026, 6, 5), 1, date(2026, 6, 8)),
    ],
)
def test_what_would_be_due_on_a_day_off_is_due_before_it(last, days, due):
    assert cadence(last, "keeping", agreed=Rhythm(every=days), working=BERLIN).due == due


def test_before_the_first_contact_no_day_is_due():
    found = of([NEWSLETTER], "winning")
    assert (found.last, found.due, found.overdue_days(TODAY)) == (None, None, 0)


def test_who_has_ended_it_is_left_in_peace_whatever_was_agreed():
    found = of([CALL], "ended", agreed=Rhythm(every=7))
    assert (found.rhythm, found.due, found.overdue_days(TODAY)) == (None, None, 0)


@pytest.mark.parametrize(("every", "unit"), [(0, "days"), (-5, "weeks"), (25, "months")])
def test_an_interval_that_is_none_is_refused(every, unit):
    with pytest.raises(Invalid, match="Give 1 to"):
        Rhythm(every=every, unit=unit)


def test_every_phase_has_next_steps_in_both_languages_and_a_cadence():
    assert set(NEXT_STEPS) == set(USUAL_DAYS) == set(PHASES)
    for steps in (*NEXT_STEPS.values(), FIRST_CONTACT_CARE):
        assert steps
        assert all(text.de and text.en and text.de != text.en for text in steps)


def test_the_first_contact_is_taken_care_of_until_a_promise_is_kept():
    [met] = phases([CALL])
    assert next_steps(None)[:3] == next_steps(met)[:3] == FIRST_CONTACT_CARE
    kept = Standing(phase="winning", since=CALL.on, because=met.because, kept=1)
    assert next_steps(kept) == NEXT_STEPS["winning"]
    assert next_steps(phases([CALL, Fact(on=TODAY, what="ended")])[-1]) == NEXT_STEPS["ended"]
