"""The statement adds up, chains, and names what changed behind its back."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from tests import strategies as ours
from tests.ledgers import account

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.policy import (
    Parameters,
    Policy,
    PolicyHistory,
    SilenceRules,
    policy_history,
)
from vertrauenskonto.core.ledger.silence import Charge
from vertrauenskonto.core.ledger.statement import statement

NEUTRAL = Policy(name="neutral")
HISTORY = PolicyHistory((NEUTRAL,))


@given(ours.accounts(), ours.policies(), ours.days, ours.days, ours.days)
def test_every_statement_adds_up_and_neighbours_chain(ada, policy, first, second, third):
    """11.10/10"""
    first, second, third = sorted((first, second, third))
    assume(first < second < third)
    history = PolicyHistory((policy,))
    one = statement(ada, history, after=first, until=second)
    two = statement(ada, history, after=second, until=third)
    whole = statement(ada, history, after=first, until=third)
    for s in (one, two, whole):
        closing = s.opening + s.corrections + s.change_of_rules
        closing += s.deposits - s.withdrawals - s.silence + s.aging
        assert closing == pytest.approx(s.closing, abs=1e-9)
        assert s.corrections == s.change_of_rules == 0
        last = s.lines[-1].running if s.lines else s.opening
        assert last + s.aging == pytest.approx(s.closing, abs=1e-9)
    assert one.closing == two.opening
    assert one.deposits + two.deposits == pytest.approx(whole.deposits, abs=1e-9)
    assert one.withdrawals + two.withdrawals == pytest.approx(whole.withdrawals, abs=1e-9)
    assert one.silence_charges + two.silence_charges == whole.silence_charges
    assert whole.closing == valuation(ada, policy, as_of=third).balance


def test_lines_stand_in_order_with_silence_charged_like_interest():
    """
    2024-01-01 promise_kept able+5 assessable+2
    2024-01-05 work_done_wrong able-12
    """
    ada = account(test_lines_stand_in_order_with_silence_charged_like_interest.__doc__)
    got = statement(ada, HISTORY, after=date(2023, 12, 31), until=date(2024, 5, 10))
    assert [(line.on.isoformat(), line.running) for line in got.lines] == [
        ("2024-01-01", 7),
        ("2024-01-05", -5),
        ("2024-04-04", -7),
        ("2024-05-04", -9),
    ]
    assert got.lines[0].points == {"willing": 0, "able": 5, "assessable": 2}
    assert (got.deposits, got.withdrawals, got.silence, got.silence_charges) == (7, 12, 4, 2)
    assert got.lines[2].charge == Charge(due=date(2024, 4, 4), since=date(2024, 1, 5))


def test_what_became_known_after_printing_is_shown_as_corrections():
    """
    2024-01-01 able+10
    2024-01-10 able-4 id=wrong
    2024-02-10 reverses=wrong recorded=2024-02-10
    2024-01-20 able+3 recorded=2024-02-15
    """
    ada = account(test_what_became_known_after_printing_is_shown_as_corrections.__doc__)
    january = statement(
        ada, HISTORY, after=date(2023, 12, 31), until=date(2024, 1, 31), known_at=date(2024, 1, 31)
    )
    february = statement(
        ada,
        HISTORY,
        after=date(2024, 1, 31),
        until=date(2024, 2, 29),
        known_at=date(2024, 2, 29),
        opening_known_at=date(2024, 1, 31),
    )
    assert february.opening == january.closing
    known_now = valuation(ada, NEUTRAL, as_of=date(2024, 1, 31)).balance
    assert february.corrections == pytest.approx(known_now - january.closing, abs=1e-12)
    by_hand = 4 * 2 ** (-21 / 360) + 3 * 2 ** (-11 / 180)
    assert february.corrections == pytest.approx(by_hand, abs=1e-12)
    assert february.lines == ()
    again = statement(
        ada, HISTORY, after=date(2023, 12, 31), until=date(2024, 1, 31), known_at=date(2024, 1, 31)
    )
    assert again == january


def test_a_change_of_rules_is_a_line_of_its_own_and_leaves_the_printed_past_alone():
    """
    2024-01-01 able+10
    """
    ada = account(
        test_a_change_of_rules_is_a_line_of_its_own_and_leaves_the_printed_past_alone.__doc__
    )
    stricter = replace(
        NEUTRAL,
        version=2,
        valid_from=date(2024, 6, 1),
        parameters=Parameters(silence=SilenceRules(points=4)),
    )
    both = policy_history(stricter, NEUTRAL)
    may = statement(ada, both, after=date(2024, 4, 30), until=date(2024, 5, 31))
    assert may == statement(ada, HISTORY, after=date(2024, 4, 30), until=date(2024, 5, 31))
    june = statement(ada, both, after=date(2024, 5, 31), until=date(2024, 6, 30))
    assert (june.opening_policy, june.closing_policy) == ("neutral/1", "neutral/2")
    assert june.opening == may.closing
    silence = valuation(ada, NEUTRAL, as_of=date(2024, 5, 31)).silence
    assert june.change_of_rules == pytest.approx(-silence, abs=1e-12)
    assert june.silence == 4


def test_a_period_that_ends_before_it_begins_is_refused():
    ada = account("")
    with pytest.raises(Invalid, match="2024-02-01 to 2024-02-01") as refusal:
        statement(ada, HISTORY, after=date(2024, 2, 1), until=date(2024, 2, 1))
    assert "das Ende muss nach dem Anfang liegen" in refusal.value.in_language("de")
