"""Policies as values, and what every shipped one must hold."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from tests.policies import policy

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import (
    FIRST_CONTACT_PREFIX,
    OUTCOMES,
    PROMISE_LADDER,
    first_contact_twin,
)
from vertrauenskonto.core.ledger.policy import (
    BookingRules,
    Parameters,
    Policy,
    PolicyHistory,
    Segment,
    policy_history,
)
from vertrauenskonto.importers.policy import read_policy, shipped_policies

HONESTY = {
    "conflict_of_interest_hidden",
    "green_or_social_claim_false",
    "information_withheld",
    "lie_uncovered",
    "personal_data_misused",
    "trust_exploited",
}
APPOINTMENTS = ("appointment_kept", "appointment_late", "appointment_missed_unannounced")


def neutral() -> Policy:
    return read_policy("default").versions[0]


def catalogue(own: Policy) -> str:
    """Return all kinds as lines: name, points, marks."""
    lines = []
    for kind in own.kinds.values():
        points = " ".join(f"{d}{p:+g}" for d, p in kind.points.items()) or "0"
        marks = [
            mark
            for mark, is_set in (
                ("contact", kind.contact),
                ("honesty", kind.honesty),
                ("purchasable", kind.purchasable),
            )
            if is_set
        ]
        lines.append(f"{kind.name}: {points} [{' '.join(marks)}]")
    return "\n".join(lines) + "\n"


def test_the_kinds_of_the_neutral_policy_are_those_one_has_read(snapshot):
    snapshot("kinds", catalogue(neutral()))


def test_the_neutral_policy_has_the_parameters_of_the_model():
    assert neutral().parameters == Parameters()
    assert neutral().booking == BookingRules()


@pytest.mark.parametrize("name", shipped_policies())
@pytest.mark.parametrize("prefix", ["", FIRST_CONTACT_PREFIX])
def test_the_ladder_of_promise_outcomes_is_strictly_ordered(name, prefix):
    kinds = read_policy(name).versions[0].kinds
    totals = [kinds[prefix + rung].total for rung in PROMISE_LADDER]
    assert all(better > worse for better, worse in pairwise(totals)), totals


def test_the_ladder_has_the_totals_of_the_catalogue():
    kinds = neutral().kinds
    assert [kinds[rung].total for rung in PROMISE_LADDER] == [7, 0, -7, -14, -16, -25]
    twins = [kinds[FIRST_CONTACT_PREFIX + rung].total for rung in PROMISE_LADDER]
    assert twins == [7, -3, -16, -29, -32, -50]


@pytest.mark.parametrize("name", shipped_policies())
def test_every_promise_and_appointment_outcome_has_a_twin_with_doubled_withdrawals(name):
    kinds = read_policy(name).versions[0].kinds
    for outcome in (*PROMISE_LADDER, *APPOINTMENTS):
        assert kinds[FIRST_CONTACT_PREFIX + outcome] == first_contact_twin(kinds[outcome])


@pytest.mark.parametrize("name", shipped_policies())
def test_every_shipped_kind_is_explained_in_both_languages(name):
    for kind in read_policy(name).versions[0].kinds.values():
        for text in (kind.label, kind.why):
            assert text.de
            assert text.en
            assert text.de != text.en
        assert not kind.name.startswith(OUTCOMES)


@pytest.mark.parametrize("name", shipped_policies())
def test_exactly_the_breaches_of_honesty_are_marked_and_only_goodwill_is_purchasable(name):
    kinds = read_policy(name).versions[0].kinds.values()
    assert {kind.name for kind in kinds if kind.honesty} == HONESTY
    assert {kind.name for kind in kinds if kind.purchasable} == {"free_service"}


def test_what_was_given_to_everybody_is_no_contact():
    silent = {kind.name for kind in neutral().kinds.values() if not kind.contact}
    assert silent == {
        "commitment_shown_with_evidence",
        "complaint_ignored_14_days",
        "reference_or_reviews_made_accessible",
    }


def test_a_complaint_costs_nothing_and_a_purchase_earns_nothing():
    kinds = neutral().kinds
    for name in ("complaint_received", "order_received", "conversation", "relationship_started"):
        assert kinds[name].postings == ()
        assert kinds[name].contact


def test_a_segment_replaces_parameters_and_kinds_and_an_unknown_one_nothing():
    own = policy()
    other = replace(own.parameters, threshold=5.0)
    segment = Segment(name="bulk", label=Text("Groß", "Bulk"), parameters=other, kinds={})
    grouped = replace(own, segments=(segment,))
    assert grouped.for_segment("bulk").parameters.threshold == 5.0
    assert grouped.for_segment("bulk").kinds == {}
    assert grouped.for_segment("bulk").label == own.label == "own/2"
    assert grouped.for_segment("") == grouped.for_segment("other") == grouped


def test_an_unknown_kind_is_no_breach_of_honesty():
    assert neutral().is_honesty("lie_uncovered")
    assert not neutral().is_honesty("promise_kept")
    assert not neutral().is_honesty("no_such_kind")


def version(number: int, day: date) -> Policy:
    return Policy(name="own", version=number, valid_from=day)


def test_the_version_in_force_is_the_latest_begun_and_before_the_first_the_first():
    one, two = version(1, date(2025, 1, 1)), version(2, date(2026, 1, 1))
    history = policy_history(two, one)
    assert history == PolicyHistory((one, two))
    assert history.in_force(date(2024, 6, 1)) is one
    assert history.in_force(date(2025, 12, 31)) is one
    assert history.in_force(date(2026, 1, 1)) is two


@pytest.mark.parametrize(
    "versions",
    [
        (version(1, date(2025, 1, 1)), version(2, date(2025, 1, 1))),
        (version(2, date(2025, 1, 1)), version(2, date(2026, 1, 1))),
        (version(3, date(2025, 1, 1)), version(2, date(2026, 1, 1))),
    ],
)
def test_versions_that_share_a_day_or_fall_in_number_are_refused(versions):
    with pytest.raises(Invalid, match="a higher number and a later first day"):
        policy_history(*versions)


def test_no_version_is_refused():
    with pytest.raises(Invalid, match="No policy given"):
        policy_history()


def test_dimensions_are_those_of_the_half_lives():
    assert tuple(Parameters().half_life_days) == DIMENSIONS
