"""Facts from the ledger: contacts, kept promises, breaches by entry, and the buffer as duties see it."""

from datetime import date, timedelta

from hypothesis import given
from tests import strategies
from tests.ledgers import account

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import live_entries
from vertrauenskonto.core.ledger.opinions import DECIMALS
from vertrauenskonto.core.relations.from_ledger import ledger_facts
from vertrauenskonto.core.relations.phases import Fact, phases
from vertrauenskonto.importers.policy import read_policy

POLICY = read_policy("default").versions[-1]
UNTIL = date(2026, 12, 31)


def facts(story, **given_):
    return ledger_facts(account(story), POLICY, as_of=UNTIL, **given_)


def told(story, **given_):
    return [(s.phase, s.since.isoformat()) for s in phases(facts(story, **given_))]


def test_kept_promises_and_the_buffer_lead_from_winning_to_keeping():
    story = """
    2026-01-01 conversation contact
    2026-01-10 promise_kept contact able+1
    2026-02-10 appointment_kept contact able+1
    2026-03-10 first_contact_promise_kept contact able+1
    2026-04-10 promise_kept contact able+1
    2026-05-10 promise_kept contact able+1
    2026-06-10 free_service contact willing+5
    """
    assert told(story) == [
        ("winning", "2026-01-01"),
        ("building", "2026-01-10"),
        ("keeping", "2026-06-10"),
    ]


def test_a_newsletter_begins_no_relationship_and_what_is_reversed_kept_nothing():
    assert told("2026-01-01 newsletter silent") == []
    story = """
    2026-01-01 conversation contact
    2026-01-10 promise_kept contact able+5 id=e7
    2026-01-20 reverses=e7 recorded=2026-01-20
    """
    assert told(story) == [("winning", "2026-01-01")]
    before = told(story, known_at=date(2026, 1, 15))
    assert before == [("winning", "2026-01-01"), ("building", "2026-01-10")]


def test_a_breach_of_honesty_is_named_by_its_entry():
    story = """
    2026-01-01 conversation contact
    2026-02-01 lie_uncovered willing-40 id=lie
    """
    assert Fact(on=date(2026, 2, 1), what="breach", breach="lie") in facts(story)
    assert told(story)[-1] == ("repairing", "2026-02-01")


def test_a_first_contact_begins_an_ended_relationship_anew():
    ended = Fact(on=date(2026, 2, 1), what="ended")
    story = "2026-01-01 conversation contact\n2026-03-01 conversation contact"
    assert phases((*facts(story), ended))[-1].phase == "ended"
    anew = "2026-01-01 conversation contact\n2026-03-01 relationship_started contact"
    assert phases((*facts(anew), ended))[-1].since == date(2026, 3, 1)


@given(strategies.accounts(), strategies.policies())
def test_the_buffer_is_reached_and_lost_as_each_day_valued_alone_says(ledger, policy):
    until = strategies.FIRST_DAY + timedelta(days=strategies.DAYS)
    expected, has_buffer = [], False
    for day in sorted({entry.on for entry in live_entries(ledger.entries, as_of=until)}):
        balance = round(valuation(ledger, policy, as_of=day).balance, DECIMALS)
        threshold = policy.parameters.threshold
        if not has_buffer and balance >= threshold + policy.parameters.rearm_margin:
            has_buffer = True
            expected.append((day, "buffer_reached"))
        elif has_buffer and balance < threshold:
            has_buffer = False
            expected.append((day, "buffer_lost"))
    facts = ledger_facts(ledger, policy, as_of=until)
    assert [(f.on, f.what) for f in facts if f.what.startswith("buffer")] == expected
