"""The reference valuation: the properties of TA-1 11.10, and the rules a reader would check by hand.

Numbers like 11.10/8 in test docstrings name the property in the model's own list.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests import strategies as ours
from tests.ledgers import account

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.balance import (
    balance_before,
    reading,
    retained_if_leaves,
    runway,
    valuation,
    velocity,
)
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    Account,
    Entry,
    Posting,
    Suspension,
    persons,
)
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.opinions import JointOpinion, Opinion, overall
from vertrauenskonto.core.ledger.policy import HalfLives, Parameters, Policy, SilenceRules

DEFAULT = Policy(name="neutral")
TOLERANCE = 1e-9
VIEWS = ("total", "organisation", "person:anna", "person:ben")


def close(left: float, right: float, *, scale: float = 1.0) -> bool:
    return abs(left - right) <= TOLERANCE * max(scale, 1.0)


@given(ours.accounts(), ours.policies(), ours.days, st.randoms(use_true_random=False))
def test_order_changes_nothing(ada, policy, as_of, shuffler):
    """11.10/1"""
    shuffled = list(ada.entries)
    shuffler.shuffle(shuffled)
    one = valuation(ada, policy, as_of=as_of)
    other = valuation(replace(ada, entries=tuple(shuffled)), policy, as_of=as_of)
    for d in DIMENSIONS:
        assert close(one.deposits[d], other.deposits[d])
        assert close(one.withdrawals[d], other.withdrawals[d])
    assert one.silence == other.silence
    assert one.verdicts == other.verdicts


@given(ours.accounts(), ours.policies(), ours.days, st.integers(0, 12))
def test_deposits_and_withdrawals_are_additive_over_entries(ada, policy, as_of, cut):
    """11.10/2, on the entries that are live"""
    events = [e for e in ada.entries if e.reverses is None]
    reversals = tuple(e for e in ada.entries if e.reverses is not None)

    def worth(part):
        return valuation(replace(ada, entries=(*part, *reversals)), policy, as_of=as_of)

    left, right, whole = worth(events[:cut]), worth(events[cut:]), worth(events)
    for d in DIMENSIONS:
        assert close(left.deposits[d] + right.deposits[d], whole.deposits[d])
        assert close(left.withdrawals[d] + right.withdrawals[d], whole.withdrawals[d])


@given(ours.accounts(), ours.policies(), ours.days)
def test_an_entry_with_its_known_reversal_is_as_if_absent(ada, policy, as_of):
    """11.10/3"""
    gone = {e.reverses for e in ada.entries}
    pure = tuple(e for e in ada.entries if e.reverses is None and e.id not in gone)
    assert valuation(ada, policy, as_of=as_of) == valuation(
        replace(ada, entries=pure), policy, as_of=as_of
    )


@given(ours.accounts(), ours.policies(), ours.days, st.integers(-500, 500))
def test_without_a_knowledge_day_the_recorded_days_are_irrelevant(ada, policy, as_of, shift):
    """11.10/4"""
    moved = tuple(replace(e, recorded=e.recorded + timedelta(days=shift)) for e in ada.entries)
    assert valuation(ada, policy, as_of=as_of) == valuation(
        replace(ada, entries=moved), policy, as_of=as_of
    )


@given(ours.accounts(), ours.policies(), ours.days, st.integers(-3000, 3000), ours.days)
def test_shifting_every_day_changes_nothing(ada, policy, as_of, shift, known_at):
    """11.10/5"""
    by = timedelta(days=shift)
    moved = Account(
        id=ada.id,
        entries=tuple(replace(e, on=e.on + by, recorded=e.recorded + by) for e in ada.entries),
        suspensions=tuple(
            replace(
                s,
                starts=s.starts + by,
                ends=s.ends and s.ends + by,
                recorded=s.recorded + by,
            )
            for s in ada.suspensions
        ),
    )
    one = valuation(ada, policy, as_of=as_of, known_at=known_at)
    other = valuation(moved, policy, as_of=as_of + by, known_at=known_at + by)
    assert replace(other, as_of=as_of, known_at=known_at) == one


@given(ours.accounts(), ours.policies(), ours.days, st.sampled_from((0.5, 2.0, 4.0)))
def test_scaling_points_charge_and_threshold_scales_the_balance(ada, policy, as_of, factor):
    """11.10/6; powers of two, so that scaling is exact"""
    scaled = replace(
        ada,
        entries=tuple(
            replace(e, postings=tuple(Posting(p.dimension, p.points * factor) for p in e.postings))
            for e in ada.entries
        ),
    )
    rules = policy.parameters
    scaled_policy = replace(
        policy,
        parameters=replace(
            rules,
            silence=replace(rules.silence, points=rules.silence.points * factor),
            threshold=rules.threshold * factor,
        ),
    )
    one = valuation(ada, policy, as_of=as_of)
    other = valuation(scaled, scaled_policy, as_of=as_of)
    assert close(other.balance, factor * one.balance, scale=abs(one.balance))
    if abs(one.balance - rules.threshold) > 1e-6:
        assert one.below_threshold == other.below_threshold


@given(ours.accounts(), ours.policies(), ours.days, st.sampled_from(VIEWS))
def test_opinions_add_up_and_the_joint_lies_between_its_bounds(ada, policy, as_of, view):
    """11.10/7, and 1 - P = d + (1-a)u"""
    got = valuation(ada, policy, as_of=as_of, view=view)
    everything: list[Opinion | JointOpinion] = [*got.opinions.values(), got.joint]
    for judged in everything:
        assert close(judged.belief + judged.disbelief + judged.uncertainty, 1)
        assert close(
            1 - judged.expected, judged.disbelief + (1 - judged.base_rate) * judged.uncertainty
        )
        assert min(judged.belief, judged.disbelief, judged.uncertainty) >= -TOLERANCE
    assert got.joint.lower_bound <= got.joint.expected + TOLERANCE
    assert got.joint.expected <= got.joint.upper_bound + TOLERANCE
    assert got.weakest.expected == pytest.approx(
        min(o.expected for o in got.opinions.values()), abs=TOLERANCE
    )


@given(
    ours.accounts(), ours.policies(), ours.days, ours.days, ours.dimensions, st.integers(1, 1000)
)
def test_a_deposit_without_contact_never_lowers_and_a_withdrawal_never_raises(
    ada, policy, as_of, on, dimension, amount
):
    """11.10/8"""
    before = valuation(ada, policy, as_of=as_of)
    for sign in (1, -1):
        extra = Entry(
            id="extra", on=on, recorded=on, postings=(Posting(dimension, float(sign * amount)),)
        )
        after = valuation(replace(ada, entries=(*ada.entries, extra)), policy, as_of=as_of)
        assert sign * (after.balance - before.balance) >= -TOLERANCE
        for d in DIMENSIONS:
            change = after.opinions[d].expected - before.opinions[d].expected
            assert sign * change >= -TOLERANCE


@given(ours.accounts(), ours.policies(), ours.days)
def test_total_is_organisation_plus_persons(ada, policy, as_of):
    """11.10/9"""
    total = valuation(ada, policy, as_of=as_of)
    parts = [valuation(ada, policy, as_of=as_of, view="organisation")]
    parts += [valuation(ada, policy, as_of=as_of, view=f"person:{p}") for p in persons(ada.entries)]
    assert close(total.balance, sum(part.balance for part in parts), scale=abs(total.balance))
    assert [part.silence_charges for part in parts[1:]] == [0] * (len(parts) - 1)


@given(ours.accounts(), ours.policies(), ours.days)
def test_silence_is_bounded_and_grows_with_its_points(ada, policy, as_of):
    """11.10/11"""
    rules = policy.parameters.silence
    got = valuation(ada, policy, as_of=as_of)
    assert got.silence >= 0
    assert got.silence_charges >= 0
    if rules.half_life_days is not None:
        ratio = 2 ** (-rules.period_days / rules.half_life_days)
        assert got.silence <= rules.points / (1 - ratio) + TOLERANCE
    dearer = replace(
        policy,
        parameters=replace(policy.parameters, silence=replace(rules, points=rules.points + 1)),
    )
    assert valuation(ada, dearer, as_of=as_of).silence >= got.silence


@given(ours.accounts(), ours.policies(), ours.days, ours.days)
def test_a_further_contact_after_the_first_never_adds_charges(ada, policy, as_of, on):
    """11.4: fewer or equal charges, and S rises by less than one charge"""
    live = [e for e in ada.entries if e.contact and e.reverses is None]
    gone = {e.reverses for e in ada.entries}
    days = [e.on for e in live if e.id not in gone and e.on <= as_of]
    assume(days and on >= min(days))
    before = valuation(ada, policy, as_of=as_of)
    extra = Entry(id="extra", on=on, recorded=on, contact=True)
    after = valuation(replace(ada, entries=(*ada.entries, extra)), policy, as_of=as_of)
    assert after.silence_charges <= before.silence_charges
    assert after.silence - before.silence <= policy.parameters.silence.points + TOLERANCE


@given(ours.accounts(), ours.days)
def test_without_any_decay_the_balance_is_points_less_charges(ada, as_of):
    """11.10/13"""
    forever = HalfLives(deposits=None, withdrawals=None)
    policy = Policy(
        name="plain",
        parameters=Parameters(
            half_life_days=dict.fromkeys(DIMENSIONS, forever),
            silence=SilenceRules(half_life_days=None),
        ),
    )
    gone = {e.reverses for e in ada.entries}
    faces = sum(
        p.points
        for e in ada.entries
        if e.reverses is None and e.id not in gone and e.on <= as_of
        for p in e.postings
    )
    got = valuation(ada, policy, as_of=as_of)
    assert close(got.balance, faces - 2 * got.silence_charges, scale=abs(faces))


@given(ours.accounts(), ours.policies(), ours.days)
def test_the_runway_is_the_first_day_below_if_nothing_happens(ada, policy, as_of):
    as_if_nothing_followed = replace(
        ada, entries=tuple(e for e in ada.entries if e.reverses or e.on <= as_of)
    )
    days = runway(ada, policy, as_of=as_of)
    for n in (days, 0, 45, 300) if days is not None else (0, 45, 300, 730):
        below = valuation(
            as_if_nothing_followed, policy, as_of=as_of + timedelta(days=n)
        ).below_threshold
        assert below == (n == days) or (days is not None and n > days)


def test_the_runway_ends_with_the_calendar():
    """
    9999-06-01 able+1
    """
    ada = account(test_the_runway_ends_with_the_calendar.__doc__)
    assert runway(ada, DEFAULT, as_of=date(9999, 6, 1)) == 90
    assert runway(ada, DEFAULT, as_of=date(9999, 12, 31)) == 0
    assert runway(Account(id="new"), DEFAULT, as_of=date(9999, 12, 31)) is None


def test_velocity_is_the_change_per_thirty_days():
    """
    2024-01-01 able+10
    2024-05-01 able+10
    """
    ada = account(test_velocity_is_the_change_per_thirty_days.__doc__)
    now = valuation(ada, DEFAULT, as_of=date(2024, 6, 1)).balance
    then = valuation(ada, DEFAULT, as_of=date(2024, 3, 3)).balance
    assert velocity(ada, DEFAULT, as_of=date(2024, 6, 1)) == (now - then) / 90 * 30


def test_what_remains_if_a_person_leaves_is_the_total_less_her_share():
    """
    2024-01-01 able+10
    2024-01-01 person:anna willing+8
    """
    ada = account(test_what_remains_if_a_person_leaves_is_the_total_less_her_share.__doc__)
    assert retained_if_leaves(ada, DEFAULT, "anna", as_of=date(2024, 1, 1)) == 14.0
    assert retained_if_leaves(ada, DEFAULT, "nobody", as_of=date(2024, 1, 1)) == 18.0


def test_the_threshold_ignores_floating_noise_but_not_a_hundredth():
    policy = replace(DEFAULT, parameters=Parameters(threshold=0.3))
    entries = tuple(
        Entry(id=str(n), on=date(2024, 1, 1), recorded=date(2024, 1, 1), postings=(p,))
        for n, p in enumerate((Posting("able", 0.1), Posting("able", 0.1), Posting("able", 0.1)))
    )
    ada = Account(id="ada", entries=entries)
    got = valuation(ada, policy, as_of=date(2024, 1, 1))
    assert (got.balance, got.below_threshold) == (pytest.approx(0.3, abs=1e-15), False)
    lower = replace(policy, parameters=Parameters(threshold=0.31))
    assert valuation(ada, lower, as_of=date(2024, 1, 1)).below_threshold is True


def test_the_threshold_belongs_to_the_total_alone():
    ada = Account(id="ada")
    assert valuation(ada, DEFAULT, as_of=date(2024, 1, 1)).below_threshold is False
    for view in VIEWS[1:]:
        assert valuation(ada, DEFAULT, as_of=date(2024, 1, 1), view=view).below_threshold is None


def test_a_breach_of_honesty_makes_willing_no_whatever_the_balance():
    """
    2024-01-01 willing+500 able+500 assessable+500
    2024-02-01 lie willing-40 recorded=2024-02-10 id=lie
    2024-03-01 reverses=lie recorded=2024-03-01
    """
    ada = account(test_a_breach_of_honesty_makes_willing_no_whatever_the_balance.__doc__)
    label = Text("Lüge", "Lie")
    lie = Kind(
        name="lie", label=label, why=label, points={"willing": -40.0}, contact=True, honesty=True
    )
    policy = replace(DEFAULT, kinds={"lie": lie})

    def verdicts(known_at):
        got = valuation(ada, policy, as_of=date(2024, 2, 1), known_at=known_at)
        return got.verdicts["willing"], got.verdict

    assert verdicts(date(2024, 2, 9)) == ("yes", "yes")
    assert verdicts(date(2024, 2, 10)) == ("no", "no")
    assert verdicts(date(2024, 3, 1)) == ("yes", "yes")


@pytest.mark.parametrize(
    ("willing", "able", "assessable", "expected"),
    [
        ("yes", "yes", "yes", "yes"),
        ("yes", "unknown", "yes", "unknown"),
        ("yes", "unknown", "no", "no"),
        ("unknown", "unknown", "unknown", "unknown"),
    ],
)
def test_all_three_must_hold(willing, able, assessable, expected):
    assert overall({"willing": willing, "able": able, "assessable": assessable}) == expected


def test_points_on_one_dimension_never_pay_for_another():
    """
    2024-01-01 able+1000
    2024-01-01 willing-40
    """
    ada = account(test_points_on_one_dimension_never_pay_for_another.__doc__)
    got = valuation(ada, DEFAULT, as_of=date(2024, 1, 1))
    assert got.balance == 960
    assert (got.verdicts["able"], got.verdicts["willing"], got.verdict) == ("yes", "no", "no")
    assert (got.weakest.dimension, got.weakest.reason) == ("willing", "damaged")


def test_an_account_without_entries_is_unknown_not_bad():
    got = valuation(Account(id="new"), DEFAULT, as_of=date(2024, 1, 1))
    assert (got.balance, got.silence_charges, got.verdict) == (0, 0, "unknown")
    assert (got.weakest.dimension, got.weakest.reason) == ("willing", "unproven")


def test_silence_as_evidence_weighs_on_assessable_only():
    """
    2024-01-01 able+10
    """
    ada = account(test_silence_as_evidence_weighs_on_assessable_only.__doc__)
    counted = replace(DEFAULT, parameters=Parameters(silence=SilenceRules(evidence_share=1.0)))
    plain = valuation(ada, DEFAULT, as_of=date(2025, 1, 1))
    loud = valuation(ada, counted, as_of=date(2025, 1, 1))
    assert loud.balance == plain.balance
    assert loud.opinions["able"] == plain.opinions["able"]
    assert loud.opinions["assessable"].disbelief > plain.opinions["assessable"].disbelief == 0


def test_a_closed_account_is_not_charged_and_a_future_pause_shortens_the_runway_search():
    """
    2024-01-01 able+1
    """
    ada = account(
        test_a_closed_account_is_not_charged_and_a_future_pause_shortens_the_runway_search.__doc__
    )
    assert runway(ada, DEFAULT, as_of=date(2024, 1, 1)) == 90
    closed = Suspension(id="closed", starts=date(2024, 2, 1), ends=None, recorded=date(2024, 1, 1))
    assert runway(replace(ada, suspensions=(closed,)), DEFAULT, as_of=date(2024, 1, 1)) is None


def test_the_target_organisation_is_a_view_of_its_own():
    """
    2024-01-01 able+10
    2024-01-01 person:anna able+4
    """
    ada = account(test_the_target_organisation_is_a_view_of_its_own.__doc__)
    balances = {
        view: valuation(ada, DEFAULT, as_of=date(2024, 1, 1), view=view).balance for view in VIEWS
    }
    assert balances == {"total": 14, ORGANISATION: 10, "person:anna": 4, "person:ben": 0}


@given(ours.accounts(), ours.policies(), ours.days, st.integers(0, 400), st.sampled_from(VIEWS))
def test_an_earlier_balance_is_the_valuation_of_that_day(ada, policy, as_of, back, view):
    day = as_of - timedelta(days=back)
    read = reading(ada, policy, as_of=as_of, known_at=None, view=view)
    then = reading(ada, policy, as_of=day, known_at=None, view=view)
    found = balance_before(read, day=day)
    if not any(e.on <= day for e in read.entries):
        assert found is None
    else:
        assume(len(then.entries) == len([e for e in read.entries if e.on <= day]))
        valued = valuation(ada, policy, as_of=day, view=view)
        assert found is not None
        assert close(found, valued.balance, scale=abs(valued.balance) + valued.silence)
