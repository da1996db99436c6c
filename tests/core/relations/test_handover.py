"""Handover: what is missing is said, and the arithmetic of leaving is TA-1's."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledgers import account

from vertrauenskonto.core.errors import NO_TEXT, Invalid
from vertrauenskonto.core.ledger.balance import retained_if_leaves, valuation
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.relations.handover import (
    STEPS,
    Balances,
    Handover,
    handover_steps,
    is_complete,
    leaving,
    retained,
)

DAY, LATER = date(2026, 5, 4), date(2026, 5, 8)
DONE = Handover(
    trusted_for="Sie sagt, wenn etwas nicht geht.",
    trusted_for_on=DAY,
    customer_told_on=DAY,
    introduced_by_giver_on=DAY,
    introduced_by_successor_on=LATER,
    open_promises=("p1", "p2"),
    passed_promises=("p2", "p1"),
    promises_passed_on=LATER,
    successor_contact_on=LATER,
)


def missing(handover):
    return [step.name for step in handover_steps(handover) if step.done_on is None]


def test_a_handover_that_is_done_misses_nothing():
    assert is_complete(DONE)
    assert [step.done_on for step in handover_steps(DONE)] == [DAY, DAY, LATER, LATER, LATER]
    assert all(step.missing == NO_TEXT for step in handover_steps(DONE))


def test_at_the_beginning_everything_is_missing_and_each_step_says_what():
    steps = handover_steps(Handover())
    assert missing(Handover()) == list(STEPS)
    assert not is_complete(Handover())
    assert all(step.missing.de and step.missing.en and step.label.de for step in steps)


def test_an_introduction_takes_both():
    no_giver = replace(DONE, introduced_by_giver_on=None)
    no_successor = replace(DONE, introduced_by_successor_on=None)
    neither = replace(no_giver, introduced_by_successor_on=None)
    said = []
    for handover in (no_giver, no_successor, neither):
        assert missing(handover) == ["introduced"]
        said.append(handover_steps(handover)[2].missing.en)
    assert said == [
        "The present contact person has not confirmed the introduction.",
        "The successor has not confirmed the introduction.",
        "The introduction is still to come.",
    ]


def test_a_promise_that_nobody_took_over_is_named():
    handover = replace(DONE, open_promises=("p3", "p1"))
    assert missing(handover) == ["promises_passed"]
    assert handover_steps(handover)[3].missing.en == "Not taken over yet: p3."


def test_without_open_promises_somebody_still_confirms():
    handover = replace(DONE, open_promises=(), promises_passed_on=None)
    assert missing(handover) == ["promises_passed"]
    assert "gone through" in handover_steps(handover)[3].missing.en


def test_an_empty_note_records_nothing():
    assert missing(replace(DONE, trusted_for="  ")) == ["trusted_for"]


def test_what_is_retained_is_what_the_ledger_says():
    ada = account(
        """
        2026-01-01 promise_kept able+5 assessable+2 person:eva
        2026-01-02 promise_kept able+5
        """
    )
    policy, day = Policy(name="neutral"), date(2026, 2, 1)
    total = valuation(ada, policy, as_of=day).balance
    hers = valuation(ada, policy, as_of=day, view="person:eva").balance
    spillover = policy.parameters.spillover
    assert hers > 0
    assert retained(Balances(others=total - hers, persons=(hers,)), spillover=spillover) == (
        pytest.approx(retained_if_leaves(ada, policy, "eva", as_of=day), abs=1e-9)
    )


def test_a_team_s_total_at_risk():
    customers = [
        Balances(others=10.0, persons=(20.0, 4.0)),
        Balances(others=-6.0, persons=(10.0,)),
        Balances(others=-1.0, persons=()),
    ]
    found = leaving(customers, spillover=0.5, threshold=0.0)
    assert (found.n, found.total, found.retained, found.at_risk) == (3, 37.0, 20.0, 17.0)
    # -6 + 10 is above the threshold, -6 + 5 is not; the third was below before.
    assert (found.falling, found.worst) == (1, 12.0)


def test_nobody_s_leaving_costs_nothing():
    found = leaving([], spillover=0.5, threshold=0.0)
    assert (found.n, found.total, found.at_risk, found.falling, found.worst) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("spillover", [-0.1, 1.1])
def test_a_spill_over_that_is_no_share_is_refused(spillover):
    with pytest.raises(Invalid, match="spill-over"):
        leaving([], spillover=spillover, threshold=0.0)


POINTS = st.floats(-500, 500)


@given(rows=st.lists(st.tuples(POINTS, st.lists(POINTS, max_size=4))), spillover=st.floats(0, 1))
def test_the_team_s_risk_is_the_sum_of_what_each_leaving_would_cost(rows, spillover):
    team = [Balances(others=others, persons=tuple(persons)) for others, persons in rows]
    alone = [
        Balances(others=others + sum(persons) - each, persons=(each,))
        for others, persons in rows
        for each in persons
    ]
    together = leaving(team, spillover=spillover, threshold=0.0)
    single = leaving(alone, spillover=spillover, threshold=0.0)
    assert together.at_risk == pytest.approx(single.at_risk, abs=1e-6)
