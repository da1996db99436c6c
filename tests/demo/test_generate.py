"""The made-up company: plausible, repeatable, and its truth can be found again."""

import csv
import hashlib
import io
from collections import Counter
from datetime import date
from statistics import fmean, median

import numpy as np
import pytest

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import Account, Entry, Suspension
from vertrauenskonto.demo.company import Event
from vertrauenskonto.demo.files import files
from vertrauenskonto.demo.generate import Rates, company
from vertrauenskonto.demo.truth import TRUE_POINTS, felt_trust
from vertrauenskonto.importers.policy import read_policy

SEED = 7
OUTCOMES = {"survey_answer", "left"}


@pytest.fixture(scope="module")
def made():
    return company(np.random.default_rng(SEED))


@pytest.fixture(scope="module")
def policy():
    return read_policy("craft").versions[-1]


@pytest.fixture(scope="module")
def balances(made, policy):
    """Return the balance of every account on the last day."""
    return {c.account: balance(made, policy, c.account) for c in made.customers}


def balance(made, policy, account):
    entries = []
    for event in made.events:
        if event.account == account:
            kind = policy.kinds.get(event.kind)
            entries.append(
                Entry(
                    id=event.id,
                    on=event.day,
                    recorded=event.recorded,
                    kind=event.kind,
                    target=event.target,
                    contact=kind.contact if kind else False,
                    postings=kind.postings if kind else (),
                    reverses=event.reverses or None,
                )
            )
    pauses = tuple(
        Suspension(id=p.id, starts=p.starts, ends=p.ends, recorded=p.starts)
        for p in made.pauses
        if p.account == account
    )
    found = Account(id=account, entries=tuple(entries), suspensions=pauses)
    return valuation(found, policy, as_of=made.until).balance


def rank_correlation(first, second):
    """Return Spearman's rank correlation; ties are broken by order, of which there are few."""
    one, two = (np.argsort(np.argsort(values)) for values in (first, second))
    return float(np.corrcoef(one, two)[0, 1])


def test_the_same_seed_makes_the_same_bytes():
    small = Rates(customers=40)
    one, two, other = (files(company(np.random.default_rng(seed), small)) for seed in (3, 3, 4))
    assert one == two
    assert one["events.csv"] != other["events.csv"]


def test_the_company_of_the_demo_stays_the_same(made):
    text = "".join(files(made).values())
    digest = hashlib.sha256(text.encode()).hexdigest()
    # One character of one file changes this: then the demo tells another story.
    assert (len(made.events), digest[:8]) == (19690, "7d8f168e")


def test_its_size_is_that_of_a_plausible_firm(made):
    assert len(made.customers) == 500
    assert len({c.account for c in made.customers}) == 500
    assert len({c.name for c in made.customers}) == 500
    assert (made.since, made.until) == (date(2023, 1, 2), date(2025, 12, 31))
    per_year = Counter(e.account for e in made.events if e.kind == "order_received")
    by_type = {
        t: median(per_year[c.account] / 3 for c in made.customers if c.customer_type == t)
        for t in ("household", "business", "property_manager")
    }
    assert 1 < by_type["household"] < 4
    assert 3 < by_type["business"] < 7
    assert 8 < by_type["property_manager"] < 14


def test_events_fit_every_shipped_rule(made, policy):
    assert {e.kind for e in made.events if not e.reverses} <= set(policy.kinds)
    assert {o.outcome for o in made.outcomes} == OUTCOMES
    assert not OUTCOMES & set(policy.kinds), "outcomes are never posted"
    assert len({e.id for e in made.events}) == len(made.events)
    known = {e.id: e for e in made.events}
    for event in made.events:
        assert made.since <= event.day <= event.recorded <= made.until
        if event.reverses:
            assert known[event.reverses].account == event.account
            assert not known[event.reverses].reverses


def test_most_promises_are_kept_but_not_in_the_autumn_of_the_strike(made):
    rates = Rates()
    kept: dict[bool, list[bool]] = {True: [], False: []}
    for event in made.events:
        if event.promise:
            struck = rates.strike_from <= event.day <= rates.strike_until
            kept[struck].append(event.kind.endswith("promise_kept"))
    assert 0.78 < fmean(kept[False]) < 0.9
    assert 0.35 < fmean(kept[True]) < 0.6
    assert len(kept[True]) > 100


def test_the_cold_season_is_busier(made):
    months = Counter(e.day.month for e in made.events if e.kind == "order_received")
    winter = sum(months[m] for m in (11, 12, 1, 2))
    summer = sum(months[m] for m in (5, 6, 7, 8))
    assert winter > 1.4 * summer


def test_some_customers_fall_silent_for_good(made):
    silent = {c.account: c.silent_from for c in made.customers if c.silent_from}
    assert 50 < len(silent) < 130
    for event in made.events:
        if not event.reverses and event.account in silent:
            assert event.day <= silent[event.account]
    trust = fmean(c.trust for c in made.customers if c.silent_from)
    assert trust < fmean(c.trust for c in made.customers), "who trusts little leaves sooner"


def test_one_lie_is_uncovered_and_made_good_as_far_as_it_can_be(made):
    (lie,) = [e for e in made.events if e.kind == "lie_uncovered"]
    after = [e.kind for e in made.events if e.account == lie.account and e.day > lie.day]
    for kind in ("recovery_repair_done", "recovery_prevention_done", "recovery_customer_confirmed"):
        assert kind in after


def test_some_bookings_are_late_and_some_are_reversed(made):
    late = fmean(e.recorded > e.day for e in made.events if not e.reverses)
    reversed_share = fmean(bool(e.reverses) for e in made.events)
    assert 0.03 < late < 0.07
    assert 0.002 < reversed_share < 0.009


def test_balances_find_the_hidden_trust_again(made, balances):
    for customer_type in ("household", "business"):
        group = [
            c for c in made.customers if c.customer_type == customer_type and not c.silent_from
        ]
        found = rank_correlation([c.trust for c in group], [balances[c.account] for c in group])
        assert found > 0.45, customer_type


def test_unreliable_firms_have_lower_accounts(made, balances):
    households = [c for c in made.customers if c.customer_type == "household"]
    by_reliability = sorted(households, key=lambda c: c.reliability)
    worst = [balances[c.account] for c in by_reliability[:60]]
    best = [balances[c.account] for c in by_reliability[-60:]]
    assert fmean(worst) < fmean(best) - 10


def test_answers_follow_what_really_happened(made):
    events: dict[str, list[Event]] = {}
    for event in made.events:
        events.setdefault(event.account, []).append(event)
    answers = [o for o in made.outcomes if o.outcome == "survey_answer"]
    exact = [felt_trust(events[o.account], as_of=o.day) for o in answers]
    assert rank_correlation(exact, [o.value for o in answers]) > 0.8
    assert all(0 <= o.value <= 100 for o in answers)


def test_the_truth_is_a_file_of_its_own_and_not_in_the_others(made):
    texts = files(made)
    assert sorted(texts) == [
        "accounts.csv",
        "events.csv",
        "outcomes.csv",
        "suspensions.csv",
        "truth.json",
    ]
    names = {name: next(csv.reader(io.StringIO(text))) for name, text in texts.items()}
    for name in ("accounts.csv", "events.csv", "suspensions.csv", "outcomes.csv"):
        assert not {"trust", "reliability", "candour", "clarity"} & set(names[name])


def test_the_true_points_are_not_those_of_the_policy(policy):
    for kind, points in TRUE_POINTS.items():
        booked = policy.kinds[kind].total
        # What earned trust in truth earns it in the catalogue too, but by another amount; a
        # promise renegotiated in time is the one the catalogue calls even.
        assert booked * points > 0 or kind == "promise_renegotiated_in_time", kind
    same = sum(policy.kinds[kind].total == points for kind, points in TRUE_POINTS.items())
    assert same <= len(TRUE_POINTS) // 4
