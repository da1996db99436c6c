"""Starter policies do what they are for: regular customers stay above, a break can be made good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, cycle

import pytest

from vertrauenskonto.core.ledger.balance import Valuation, valuation
from vertrauenskonto.core.ledger.booking import book
from vertrauenskonto.core.ledger.entries import Account, Entry
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.importers.policy import read_policy, shipped_policies

START = date(2020, 1, 1)
YEAR = 365
KEPT = "promise_kept"
BROKEN = "promise_broken_unannounced"

# Kept promises after which a customer with one kept promise before is above the threshold for good.
MADE_GOOD_AFTER = {
    "agency": 3,
    "b2b_field_service": 3,
    "craft": 3,
    "energy": 2,
    "insurance": 2,
    "mail_order": 2,
    "software": 4,
}


def starter(name: str) -> tuple[Policy, int]:
    [own] = read_policy(name).versions
    usual = own.parameters.silence.usual_contact_days
    assert usual is not None
    return own, usual


def customer(own: Policy, happened: Sequence[tuple[int, str]]) -> Account:
    entries: list[Entry] = []
    for number, (day, kind) in enumerate(happened):
        on = START + timedelta(days=day)
        entries.append(book(Entry(id=str(number), on=on, recorded=on, kind=kind), entries, own))
    return Account(id="ada", entries=tuple(entries))


def on_day(account: Account, own: Policy, day: int) -> Valuation:
    return valuation(account, own, as_of=START + timedelta(days=day))


def days_below(account: Account, own: Policy, days: range) -> list[int]:
    return [day for day in days if on_day(account, own, day).below_threshold]


def kept_every(gap: int, *, years: int, first: int = 0) -> list[tuple[int, str]]:
    return [(day, KEPT) for day in range(first, years * YEAR, gap)]


def test_there_is_a_starter_for_each_industry():
    assert {name for name in shipped_policies() if name != "default"} == set(MADE_GOOD_AFTER)


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
@pytest.mark.parametrize("slower", [1, 2])
def test_kept_promises_at_usual_and_half_the_usual_frequency_never_fall_below(name, slower):
    own, usual = starter(name)
    account = customer(own, kept_every(slower * usual, years=5))
    assert days_below(account, own, range(5 * YEAR)) == []


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
def test_nor_does_an_irregular_rhythm_within_that_frequency(name):
    own, usual = starter(name)
    rhythm = cycle((2 * usual, usual // 4, 2 * usual, 2 * usual, 1, usual))
    gaps = (next(rhythm) for _ in range(400))
    days = [day for day in accumulate(gaps, initial=0) if day < 4 * YEAR]
    account = customer(own, [(day, KEPT) for day in days])
    assert days_below(account, own, range(4 * YEAR)) == []


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
def test_nor_does_a_relationship_that_starts_with_a_contact_without_points(name):
    own, usual = starter(name)
    account = customer(
        own, [(0, "relationship_started"), *kept_every(2 * usual, years=4, first=2 * usual)]
    )
    assert days_below(account, own, range(4 * YEAR)) == []


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
def test_but_silence_after_a_first_contact_alone_is_noticed_in_time(name):
    own, usual = starter(name)
    account = customer(own, [(0, "relationship_started")])
    fell = days_below(account, own, range(4 * YEAR))[0]
    assert fell == own.parameters.silence.grace_days
    assert 2 * usual <= fell <= 3 * usual


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
def test_one_broken_promise_is_made_good_by_a_few_kept_ones_within_a_year(name):
    own, usual = starter(name)
    broken_on = usual
    after = [(day, KEPT) for day in range(2 * usual, 3 * YEAR, usual)]
    account = customer(own, [(0, KEPT), (broken_on, BROKEN), *after])
    below = days_below(account, own, range(3 * YEAR))
    assert below[0] == broken_on
    # For good: on no later day is the account below again.
    made_good = below[-1] + 1
    assert made_good - broken_on == MADE_GOOD_AFTER[name] * usual
    assert made_good - broken_on <= YEAR


@pytest.mark.parametrize("name", MADE_GOOD_AFTER)
def test_a_customer_of_three_years_has_a_buffer_again_within_a_year(name):
    own, usual = starter(name)
    before = kept_every(usual, years=3)
    broken_on = before[-1][0] + usual
    after = [(broken_on + k * usual, KEPT) for k in range(1, YEAR // usual + 1)]
    account = customer(own, [*before, (broken_on, BROKEN), *after])
    fall = on_day(account, own, broken_on).balance - on_day(account, own, broken_on - 1).balance
    assert -25.5 < fall < -24.5
    settled = own.parameters.threshold + own.parameters.rearm_margin
    assert on_day(account, own, after[-1][0]).balance >= settled


@pytest.mark.parametrize("gap", [YEAR, YEAR // 2])
def test_the_neutral_policy_does_not_fit_mail_order_and_says_why_there_are_starters(gap):
    """One or two orders a year, all on time: below 0 on every day of years 3 and 4."""
    [neutral] = read_policy("default").versions
    account = customer(neutral, kept_every(gap, years=4))
    years_3_and_4 = range(2 * YEAR, 4 * YEAR)
    assert days_below(account, neutral, years_3_and_4) == list(years_3_and_4)


@pytest.mark.parametrize("gap", [YEAR, YEAR // 2])
def test_with_a_year_of_grace_and_longer_memory_it_does(gap):
    [neutral] = read_policy("default").versions
    parameters = neutral.parameters
    fitting = replace(
        neutral,
        parameters=replace(
            parameters,
            silence=replace(parameters.silence, grace_days=365, period_days=90),
            half_life_days={
                d: replace(half_life, deposits=360.0)
                for d, half_life in parameters.half_life_days.items()
            },
        ),
    )
    account = customer(fitting, kept_every(gap, years=4))
    assert days_below(account, fitting, range(4 * YEAR)) == []
