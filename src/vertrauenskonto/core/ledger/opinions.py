"""Opinions: what the evidence says about each precondition, and how certain that is.

An opinion splits certainty into belief, disbelief and uncertainty, which add up to 1. The three
preconditions are all necessary, so the weakest one speaks for the account; the product is reported
beside it with the bounds that hold whatever their correlation. (TA-1 11.6, subjective logic)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.policy import OpinionRules, VerdictLimits

Verdict = Literal["yes", "no", "unknown"]
Reason = Literal["damaged", "unproven"]

# Comparisons are made after rounding to this many decimals, so that floating noise decides nothing
# and every engine decides alike.
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Opinion:
    """Belief, disbelief, uncertainty (sum 1), base rate and expected value, each in [0, 1]."""

    belief: float
    disbelief: float
    uncertainty: float
    base_rate: float
    expected: float

    @property
    def lack_ignorance(self) -> float:
        """The part of `1 - expected` that stems from too little evidence."""
        return (1 - self.base_rate) * self.uncertainty

    @property
    def reason(self) -> Reason:
        """Why it is not higher: mostly bad evidence, or mostly too little evidence."""
        damage = round(self.disbelief, DECIMALS)
        return "damaged" if damage > round(self.lack_ignorance, DECIMALS) else "unproven"


@dataclass(frozen=True, slots=True)
class JointOpinion:
    """All three together, assuming independence, and the bounds that need no assumption."""

    belief: float
    disbelief: float
    uncertainty: float
    base_rate: float
    expected: float
    lower_bound: float
    upper_bound: float


@dataclass(frozen=True, slots=True)
class Weakest:
    """The precondition that limits trust, and how its lack divides into damage and ignorance."""

    dimension: Dimension
    expected: float
    reason: Reason
    lack_damage: float
    lack_ignorance: float


def opinion(positive: float, negative: float, base_rate: float, prior_weight: float) -> Opinion:
    """Return the opinion for so many units of positive and negative evidence (each >= 0)."""
    mass = positive + negative + prior_weight
    return Opinion(
        belief=positive / mass,
        disbelief=negative / mass,
        uncertainty=prior_weight / mass,
        base_rate=base_rate,
        expected=(positive + base_rate * prior_weight) / mass,
    )


def opinions(
    deposits: Mapping[Dimension, float],
    withdrawals: Mapping[Dimension, float],
    rules: OpinionRules,
    *,
    silence_evidence: float = 0.0,
) -> dict[Dimension, Opinion]:
    """Return one opinion per dimension from decayed points.

    `silence_evidence` (points, >= 0) counts against `assessable`: who is silent cannot be judged.
    """
    unit = rules.points_per_evidence
    extra = {"assessable": silence_evidence}
    return {
        d: opinion(
            deposits[d] / unit,
            (withdrawals[d] + extra.get(d, 0.0)) / unit,
            rules.base_rate[d],
            rules.prior_weight,
        )
        for d in DIMENSIONS
    }


def joint(by_dimension: Mapping[Dimension, Opinion]) -> JointOpinion:
    """Return the conjunction of the three opinions with its Fréchet bounds."""
    parts = [by_dimension[d] for d in DIMENSIONS]
    disbelief = 1 - prod(1 - o.disbelief for o in parts)
    expected = prod(o.expected for o in parts)
    base_rate = prod(o.base_rate for o in parts)
    uncertainty = (1 - disbelief - expected) / (1 - base_rate)
    return JointOpinion(
        belief=1 - disbelief - uncertainty,
        disbelief=disbelief,
        uncertainty=uncertainty,
        base_rate=base_rate,
        expected=expected,
        lower_bound=max(0.0, sum(o.expected for o in parts) - 2),
        upper_bound=min(o.expected for o in parts),
    )


def weakest(by_dimension: Mapping[Dimension, Opinion]) -> Weakest:
    """Return the dimension with the lowest expected value; ties go to the first in order."""
    dimension = min(DIMENSIONS, key=lambda d: round(by_dimension[d].expected, DECIMALS))
    lowest = by_dimension[dimension]
    return Weakest(
        dimension=dimension,
        expected=lowest.expected,
        reason=lowest.reason,
        lack_damage=lowest.disbelief,
        lack_ignorance=lowest.lack_ignorance,
    )


def verdicts(
    by_dimension: Mapping[Dimension, Opinion], limits: VerdictLimits, *, dishonest: bool
) -> dict[Dimension, Verdict]:
    """Return yes, no or unknown per dimension (TA-1 11.12).

    `dishonest`: a live event of an `honesty` kind stands; it makes *willing* "no" whatever the rest.
    """
    found = {d: _verdict(by_dimension[d], limits) for d in DIMENSIONS}
    if dishonest:
        found["willing"] = "no"
    return found


def _verdict(judged: Opinion, limits: VerdictLimits) -> Verdict:
    expected = round(judged.expected, DECIMALS)
    uncertainty = round(judged.uncertainty, DECIMALS)
    if expected >= limits.yes_expected_min and uncertainty <= limits.yes_uncertainty_max:
        return "yes"
    if expected < limits.no_expected_below and judged.reason == "damaged":
        return "no"
    return "unknown"


def overall(by_dimension: Mapping[Dimension, Verdict]) -> Verdict:
    """Return "no" if any precondition is no, "yes" if all are yes, else "unknown"."""
    if "no" in by_dimension.values():
        return "no"
    return "yes" if set(by_dimension.values()) == {"yes"} else "unknown"
