"""Silence: what falls due when, and what a contact, a suspension or a reversal changes."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.ledgers import account

from vertrauenskonto.core.ledger.entries import Suspension, known_suspensions
from vertrauenskonto.core.ledger.policy import SilenceRules
from vertrauenskonto.core.ledger.silence import (
    Spell,
    charges,
    charges_after,
    decayed_silence,
    spells,
    spells_until,
)

DAY = date(2024, 1, 1)
RULES = SilenceRules()


def days(*offsets: int) -> list[date]:
    return [DAY + timedelta(days=n) for n in offsets]


def due(contacts, as_of, suspensions=(), rules=RULES) -> list[int]:
    found = spells(contacts, suspensions, rules, as_of=DAY + timedelta(days=as_of))
    return [(charge.due - DAY).days for charge in charges(found, rules)]


def test_charges_fall_due_after_the_grace_and_then_every_period():
    assert due(days(0), 89) == []
    assert due(days(0), 90) == [90]
    assert due(days(0), 180) == [90, 120, 150, 180]


def test_a_contact_on_the_due_day_prevents_the_charge():
    assert due(days(0, 90), 90) == []
    assert due(days(0, 91), 91) == [90]


def test_without_any_contact_there_is_no_silence():
    assert due([], 1000) == []


def test_a_suspension_stops_the_clock_and_restarts_it_at_its_end():
    pause = Suspension(id="s", starts=days(100)[0], ends=days(200)[0], recorded=DAY)
    assert due(days(0), 400, [pause]) == [90, 290, 320, 350, 380]


def test_a_contact_inside_a_suspension_does_not_start_the_clock():
    pause = Suspension(id="s", starts=days(100)[0], ends=None, recorded=DAY)
    assert due(days(0, 150), 1000, [pause]) == [90]


def test_a_suspension_that_ends_before_the_first_contact_starts_nothing():
    pause = Suspension(id="s", starts=days(0)[0], ends=days(10)[0], recorded=DAY)
    assert due(days(50), 139, [pause]) == []
    assert due(days(50), 140, [pause]) == [140]


def test_adjoining_suspensions_leave_no_gap_for_the_clock():
    first = Suspension(id="a", starts=days(10)[0], ends=days(20)[0], recorded=DAY)
    second = Suspension(id="b", starts=days(20)[0], ends=days(30)[0], recorded=DAY)
    assert due(days(0), 125, [first, second]) == [120]


def test_the_latest_known_version_of_a_suspension_counts():
    """
    suspended 2024-02-01.. id=s recorded=2024-02-01
    suspended 2024-02-01..2024-03-01 id=s recorded=2024-02-20
    """
    versions = account(test_the_latest_known_version_of_a_suspension_counts.__doc__).suspensions
    assert known_suspensions(versions, known_at=date(2024, 2, 19))[0].ends is None
    assert known_suspensions(versions, known_at=date(2024, 2, 20))[0].ends == date(2024, 3, 1)
    assert known_suspensions(reversed(versions))[0].ends == date(2024, 3, 1)
    assert known_suspensions(versions, known_at=date(2024, 1, 31)) == []


def test_the_closed_form_equals_the_sum_of_the_single_charges():
    found = [Spell(DAY, 40)]
    as_of = DAY + timedelta(days=90 + 39 * 30 + 17)
    single = sum(2 * 2 ** (-(as_of - charge.due).days / 360) for charge in charges(found, RULES))
    assert abs(decayed_silence(found, RULES, as_of=as_of) - single) < 1e-12


def test_without_decay_each_charge_keeps_its_points():
    rules = SilenceRules(half_life_days=None, points=3)
    assert decayed_silence([Spell(DAY, 7)], rules, as_of=DAY + timedelta(days=900)) == 21


def test_a_half_life_of_ages_costs_no_accuracy():
    """2.7e12 years: each charge keeps its points, to the last digit a float can hold."""
    rules = SilenceRules(half_life_days=1e15)
    as_of = DAY + timedelta(days=90 + 6 * 30)
    assert abs(decayed_silence([Spell(DAY, 7)], rules, as_of=as_of) - 14) < 1e-10


def test_half_lives_of_minutes_do_not_underflow():
    rules = SilenceRules(half_life_days=0.001)
    assert decayed_silence([Spell(DAY, 5)], rules, as_of=DAY + timedelta(days=210)) == 2.0
    assert decayed_silence([Spell(DAY, 5)], rules, as_of=DAY + timedelta(days=212)) == 0.0


@given(
    contacts=st.lists(st.integers(0, 900), min_size=1, max_size=8),
    early=st.integers(0, 1200),
    late=st.integers(0, 1200),
)
def test_spells_of_a_later_day_cut_back_are_the_spells_of_the_earlier_day(contacts, early, late):
    early, late = sorted((early, late))
    contacts = [c for c in contacts if c <= early] or [0]
    seen_late = spells(days(*contacts), [], RULES, as_of=DAY + timedelta(days=late))
    as_of = DAY + timedelta(days=early)
    assert spells_until(seen_late, RULES, as_of=as_of) == spells(
        days(*contacts), [], RULES, as_of=as_of
    )


@given(
    silent=st.integers(0, 3000),
    grace=st.integers(1, 400),
    period=st.integers(1, 400),
)
def test_the_number_of_charges_counts_the_due_days(silent, grace, period):
    rules = SilenceRules(grace_days=grace, period_days=period)
    listed = list(range(grace, silent + 1, period))
    assert charges_after(silent, rules) == len(listed)
