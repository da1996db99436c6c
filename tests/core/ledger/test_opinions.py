"""Opinions: worked by hand from r, s and W, and the verdicts at their limits."""

import pytest

from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.core.ledger.opinions import joint, opinion, opinions, verdicts, weakest
from vertrauenskonto.core.ledger.policy import OpinionRules, VerdictLimits

NOTHING: dict[Dimension, float] = {"willing": 0.0, "able": 0.0, "assessable": 0.0}


def test_an_opinion_by_hand():
    """r = 3, s = 1, W = 2, a = .5: M = 6, b = 1/2, d = 1/6, u = 1/3, P = 4/6."""
    got = opinion(3, 1, 0.5, 2)
    assert (got.belief, got.disbelief, got.uncertainty, got.expected) == (
        pytest.approx(1 / 2),
        pytest.approx(1 / 6),
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    )
    assert got.lack_ignorance == pytest.approx(1 / 6)
    assert got.reason == "unproven", "equal shares are not mostly damage"


def test_nothing_known_is_all_uncertainty():
    got = opinions(NOTHING, NOTHING, OpinionRules())
    assert [(o.belief, o.disbelief, o.uncertainty) for o in got.values()] == [(0, 0, 1)] * 3
    assert joint(got).expected == 0.125
    assert (joint(got).lower_bound, joint(got).upper_bound) == (0, 0.5)


def test_ties_go_to_the_first_dimension_in_order():
    got = opinions(NOTHING, NOTHING, OpinionRules())
    assert weakest(got).dimension == "willing"
    lopsided = opinions({**NOTHING, "willing": 10.0}, NOTHING, OpinionRules())
    assert weakest(lopsided).dimension == "able"


def test_a_difference_below_nine_decimals_is_a_tie():
    nearly = opinions({**NOTHING, "willing": 1e-12}, NOTHING, OpinionRules())
    assert weakest(nearly).dimension == "willing"


@pytest.mark.parametrize(
    ("deposits", "withdrawals", "expected"),
    [
        (20.0, 0.0, "yes"),  # P = .75, u = .5
        (19.9, 0.0, "unknown"),  # P > .7 but u > .5
        (20.0, 10.0, "unknown"),  # P = .6
        (0.0, 10.0, "unknown"),  # P = 1/3, but damage equals ignorance
        (0.0, 10.1, "no"),  # more damage than ignorance
    ],
)
def test_verdicts_at_their_limits(deposits, withdrawals, expected):
    judged = opinions(
        {**NOTHING, "able": deposits}, {**NOTHING, "able": withdrawals}, OpinionRules()
    )
    assert verdicts(judged, VerdictLimits(), dishonest=False)["able"] == expected
