"""An explanation is the valuation, taken apart: its parts add up to the balance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import strategies as ours
from tests.ledgers import account

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.explain import explanation
from vertrauenskonto.core.ledger.policy import Policy

VIEWS = st.sampled_from(("total", "organisation", "person:anna"))


@given(ours.accounts(), ours.policies(), ours.days, ours.days, VIEWS)
def test_contributions_add_up_to_the_balance(ada, policy, as_of, known_at, view):
    why = explanation(ada, policy, as_of=as_of, known_at=known_at, view=view)
    parts = [p.contribution for p in why.postings] + [c.contribution for c in why.charges]
    scale = max(1.0, sum(abs(part) for part in parts))
    assert abs(sum(parts) - why.valuation.balance) <= 1e-9 * scale
    assert why.valuation == valuation(ada, policy, as_of=as_of, known_at=known_at, view=view)
    assert len(why.charges) == why.valuation.silence_charges


def test_each_posting_and_each_charge_says_day_points_weight_and_contribution():
    """
    2024-01-01 promise_kept able+10
    2024-01-02 conversation contact
    2024-02-01 late able+1 recorded=2025-01-01
    2024-03-01 wrong able-5 id=w
    2024-03-02 reverses=w recorded=2024-03-02
    """
    ada = account(test_each_posting_and_each_charge_says_day_points_weight_and_contribution.__doc__)
    why = explanation(
        ada, Policy(name="neutral"), as_of=date(2024, 6, 29), known_at=date(2024, 6, 29)
    )
    [kept] = why.postings
    assert (kept.entry.kind, kept.dimension, kept.points, kept.weight, kept.contribution) == (
        "promise_kept",
        "able",
        10,
        0.5,
        5,
    )
    assert [e.kind for e in why.contacts] == ["conversation"]
    assert {e.kind or "reversal" for e in why.set_aside} == {"late", "wrong", "reversal"}
    assert [charge.due.isoformat() for charge in why.charges] == [
        "2024-04-01",
        "2024-05-01",
        "2024-05-31",
    ]
    first = why.charges[0]
    assert (first.since.isoformat(), first.points) == ("2024-01-02", -2)
    assert first.weight == pytest.approx(2 ** (-89 / 360), abs=1e-15)
    assert first.contribution == pytest.approx(-2 * 2 ** (-89 / 360), abs=1e-15)


def test_a_person_view_knows_no_silence():
    """
    2022-01-01 person:anna able+10
    """
    ada = account(test_a_person_view_knows_no_silence.__doc__)
    why = explanation(ada, Policy(name="neutral"), as_of=date(2024, 1, 1), view="person:anna")
    assert (why.charges, len(why.postings)) == ((), 1)
