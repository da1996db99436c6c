"""What would help a weak precondition: repairs where it was damaged, evidence where it is unproven."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from tests.strategies import accounts

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry
from vertrauenskonto.core.ledger.remedies import REPAIRS, help_for
from vertrauenskonto.importers.policy import read_policy

POLICY = read_policy("default").versions[-1]
DAY = date(2026, 3, 18)


def account(*kinds: str) -> Account:
    return Account(
        id="holm",
        entries=tuple(
            Entry(
                id=f"e{n}",
                on=DAY,
                recorded=DAY,
                kind=kind,
                contact=True,
                postings=POLICY.kinds[kind].postings,
            )
            for n, kind in enumerate(kinds)
        ),
    )


def helped(dimension, *kinds):
    value = valuation(account(*kinds), POLICY, as_of=DAY)
    dishonest = any(map(POLICY.is_honesty, kinds))
    return help_for(dimension, value, POLICY, dishonest=dishonest)


def test_where_nothing_is_proven_the_strongest_evidence_helps_and_no_repair():
    found = helped("willing")
    assert [r.kind.name for r in found.remedies] == [
        "honest_advice_against_own_interest",
        "limit_admitted",
        "conflict_of_interest_disclosed",
    ]
    assert found.needs_recovery is False
    # W = 2: 20 points make the doubt half, and 13.3 lift the expected value to .7.
    assert [r.times for r in found.remedies] == [2, 3, 4]


def test_where_it_was_damaged_repairs_come_first():
    found = helped("able", "promise_broken_unannounced")
    assert [r.kind.name for r in found.remedies] == [
        "complaint_resolved",
        "recovery_repair_done",
        "competent_solution",
    ]
    assert {r.kind.name for r in found.remedies[:2]} <= REPAIRS


def test_after_a_breach_of_honesty_no_number_of_points_is_enough():
    for much in (0, 20):
        kinds = ["lie_uncovered", *["honest_advice_against_own_interest"] * much]
        found = helped("willing", *kinds)
        assert found.needs_recovery is True
        assert found.remedies[0].kind.name == "own_mistake_disclosed_unasked"
        assert {r.times for r in found.remedies} == {None}
    assert helped("able", "lie_uncovered").needs_recovery is False


def test_what_reads_yes_needs_no_help():
    assert helped("able", *["promise_kept"] * 12).remedies == ()


def test_what_can_be_bought_never_helps():
    names = {r.kind.name for d in DIMENSIONS for r in helped(d).remedies}
    assert names.isdisjoint(k.name for k in POLICY.kinds.values() if k.purchasable)


def test_limits_that_no_evidence_reaches_are_said():
    verdict = replace(POLICY.parameters.verdict, yes_expected_min=1.0)
    strict = replace(POLICY, parameters=replace(POLICY.parameters, verdict=verdict))
    value = valuation(account(), strict, as_of=DAY)
    assert {r.times for r in help_for("able", value, strict).remedies} == {None}


@pytest.mark.parametrize("dimension", DIMENSIONS)
@given(drawn=accounts())
def test_so_many_events_and_none_fewer_make_it_yes(dimension, drawn):
    day = date(2026, 3, 18)
    value = valuation(drawn, POLICY, as_of=day)
    for remedy in help_for(dimension, value, POLICY).remedies:
        if remedy.times is None or remedy.times > 300:
            continue
        for count, is_yes in ((remedy.times, True), (remedy.times - 1, False)):
            more = tuple(
                Entry(id=f"more{n}", on=day, recorded=day, postings=remedy.kind.postings)
                for n in range(count)
            )
            grown = replace(drawn, entries=(*drawn.entries, *more))
            verdict = valuation(grown, POLICY, as_of=day).verdicts[dimension]
            assert (verdict == "yes") is is_yes
