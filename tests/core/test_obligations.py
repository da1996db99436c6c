"""When an account makes somebody act: once per fall, however it swings, and never for new rules."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import Account, Entry, Posting
from vertrauenskonto.core.ledger.policy import Parameters, Policy, SilenceRules
from vertrauenskonto.core.obligations import (
    THRESHOLD,
    Seen,
    Trigger,
    buffer_target,
    change,
    due_date,
    has_buffer,
    only_by_rules,
    triggers,
)
from vertrauenskonto.importers.starter_calendars import starter_calendar

POLICY = Policy(name="small")
RULES = Parameters(threshold=0.0, rearm_margin=5.0)
ABLE, LIE = Trigger("able"), Trigger("honesty", "shop:1")
DAY = date(2026, 3, 18)
BERLIN = WorkingTime(starter_calendar("DE-BE", first_year=2026, last_year=2026))


class Alarm:
    """An account over time, fed one day after the other; counts what was opened and closed."""

    def __init__(self):
        self.resting, self.causes = set(), set()
        self.is_open = False
        self.opened = self.closed = 0

    def see(self, *bad, balance):
        triggers_seen = {*bad, *([THRESHOLD] if round(balance, 9) < RULES.threshold else [])}
        seen = Seen(triggers=frozenset(triggers_seen), has_buffer=has_buffer(balance, RULES))
        found = change(seen, resting=self.resting, causes=self.causes, is_open=self.is_open)
        self.resting = (self.resting - found.rearmed) | found.fired
        self.causes = (self.causes - found.ended) | found.fired
        if found.fired and not self.is_open:
            self.is_open, self.opened = True, self.opened + 1
        if found.closes:
            self.is_open, self.closed = False, self.closed + 1
            self.causes = set()
        return found

    def leave(self):
        self.is_open, self.causes = False, set()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=200))
def test_swinging_by_one_point_around_the_threshold_opens_one_obligation(balances):
    alarm = Alarm()
    for balance in balances:
        alarm.see(balance=balance)
    assert alarm.opened == any(round(balance, 9) < 0 for balance in balances)
    assert alarm.closed == 0


@given(st.lists(st.floats(-20, 20), max_size=200))
def test_between_two_obligations_the_account_always_had_its_buffer(balances):
    alarm = Alarm()
    had_buffer = True
    for balance in balances:
        before = alarm.opened
        alarm.see(balance=balance)
        assert had_buffer or alarm.opened == before
        had_buffer = (had_buffer and alarm.opened == before) or has_buffer(balance, RULES)
        assert alarm.opened - alarm.closed == alarm.is_open
        assert alarm.is_open == (alarm.resting == {THRESHOLD})


@given(st.lists(st.tuples(st.floats(-20, 20), st.sets(st.sampled_from([ABLE, LIE]))), max_size=60))
def test_an_obligation_is_closed_only_with_a_buffer_and_without_a_cause(days):
    alarm = Alarm()
    for balance, bad in days:
        found = alarm.see(*bad, balance=balance)
        if found.closes:
            assert has_buffer(balance, RULES)
            assert not bad
        assert alarm.causes <= alarm.resting


def test_the_buffer_is_reached_exactly_at_threshold_plus_margin():
    alarm = Alarm()
    alarm.see(balance=-0.1)
    assert not alarm.see(balance=4.999999).closes
    assert alarm.see(balance=5.0 - 1e-12).closes
    assert buffer_target(RULES) == 5.0


def test_noise_far_behind_the_point_opens_nothing():
    alarm = Alarm()
    alarm.see(balance=-1e-10)
    assert alarm.opened == 0


def test_what_somebody_left_opens_again_only_after_it_was_over():
    alarm = Alarm()
    alarm.see(balance=-3)
    alarm.leave()
    for balance in (-8, 2, -1, 4.9, -2):
        alarm.see(balance=balance)
    assert alarm.opened == 1
    alarm.see(balance=5)
    alarm.see(balance=-1)
    assert alarm.opened == 2


def test_a_precondition_that_turns_no_opens_whatever_the_balance_and_a_second_cause_joins():
    alarm = Alarm()
    assert alarm.see(ABLE, balance=30).fired == {ABLE}
    assert alarm.see(ABLE, balance=-1).fired == {THRESHOLD}
    assert alarm.opened == 1
    found = alarm.see(ABLE, balance=9)
    assert (found.ended, found.closes) == ({THRESHOLD}, False)
    assert alarm.see(balance=9).closes


def test_a_verdict_that_is_no_longer_no_may_turn_again():
    alarm = Alarm()
    for bad in ((ABLE,), (), (ABLE,)):
        alarm.see(*bad, balance=30)
    assert (alarm.opened, alarm.closed) == (2, 1)


def test_a_breach_of_honesty_opens_once_and_is_over_when_it_is_reversed():
    alarm = Alarm()
    alarm.see(LIE, balance=80)
    assert not alarm.see(LIE, balance=90).closes
    alarm.leave()
    alarm.see(LIE, balance=90)
    assert alarm.opened == 1
    alarm.see(Trigger("honesty", "shop:2"), LIE, balance=90)
    assert alarm.opened == 2
    assert alarm.see(LIE, balance=90).closes


def account(*days_and_points: tuple[int, float], contact=True) -> Account:
    entries = tuple(
        Entry(
            id=f"shop:{n}",
            on=DAY - timedelta(days=ago),
            recorded=DAY - timedelta(days=ago),
            kind="conversation",
            target="organisation",
            contact=contact,
            postings=(Posting("able", points),) if points else (),
            source="shop",
        )
        for n, (ago, points) in enumerate(days_and_points)
    )
    return Account(id="c", entries=entries)


@given(points=st.floats(1, 30), grace=st.integers(30, 120))
def test_pure_silence_crosses_the_threshold_exactly_once(points, grace):
    silence = SilenceRules(grace_days=grace, period_days=30, points=4.0, half_life_days=None)
    policy = replace(POLICY, parameters=replace(POLICY.parameters, silence=silence))
    ada, alarm = account((0, points)), Alarm()
    for day in range(0, 900, 5):
        value = valuation(ada, policy, as_of=DAY + timedelta(days=day))
        alarm.see(balance=value.balance)
    assert (alarm.opened, alarm.closed) == (1, 0)


@given(points=st.floats(-10, 30), threshold=st.floats(-10, 30), ago=st.integers(1, 90))
def test_what_is_bad_by_new_rules_only_is_told_from_what_was_bad_anyway(points, threshold, ago):
    ada = account((ago, points))
    now = replace(
        POLICY,
        version=2,
        valid_from=DAY,
        parameters=replace(POLICY.parameters, threshold=threshold),
    )
    found = only_by_rules(ada, POLICY, now, today=DAY)
    bad_now = THRESHOLD in triggers(ada, now, as_of=DAY)
    bad_before = THRESHOLD in triggers(ada, POLICY, as_of=DAY)
    assert (THRESHOLD in found) == (bad_now and not bad_before)


def test_a_fall_after_the_rules_changed_is_not_blamed_on_them():
    now = replace(
        POLICY,
        version=2,
        valid_from=DAY - timedelta(days=9),
        parameters=replace(POLICY.parameters, threshold=8.0),
    )
    assert only_by_rules(account((30, 12.0), (3, -5.0)), POLICY, now, today=DAY) == set()


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 18), date(2026, 3, 23)),
        (date(2026, 3, 21), date(2026, 3, 25)),
        # Good Friday and Easter Monday lie between.
        (date(2026, 4, 2), date(2026, 4, 9)),
    ],
)
def test_days_to_act_are_days_of_work(day, expected):
    assert due_date({THRESHOLD}, today=day, working=BERLIN) == expected


def test_a_breach_of_honesty_is_due_on_the_next_working_day():
    assert due_date({LIE, THRESHOLD}, today=DAY, working=BERLIN) == date(2026, 3, 19)
    before_easter = date(2026, 4, 2)
    assert due_date({LIE}, today=before_easter, working=BERLIN) == date(2026, 4, 7)
