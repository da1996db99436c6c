"""What would help: which events of the rule book do most for a precondition that is weak.

A precondition is weak because it was *damaged* or because it is *not yet proven*, and the remedies
differ: what was damaged is repaired first; what is unproven needs evidence, which anybody who does
her work can give. Points that can be bought with money alone help neither.
"""

import math
from dataclasses import dataclass

from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind
from vertrauenskonto.core.ledger.opinions import DECIMALS, Opinion
from vertrauenskonto.core.ledger.policy import Parameters, Policy

# What answers to a damage; without one, nobody can do it.
REPAIRS = frozenset(
    {
        "own_mistake_disclosed_unasked",
        "complaint_resolved",
        "recovery_repair_done",
        "recovery_prevention_done",
        "recovery_customer_confirmed",
    }
)
KINDS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A kind of event that would help a precondition, and how far.

    `points`: what it books on this precondition. `times`: how many of them, booked today, would
    make the verdict *yes*; None: no number of them would.
    """

    kind: Kind
    points: float
    times: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What helps one precondition; `needs_recovery`: a breach of honesty stands.

    Then no number of points makes it *yes* before the breach is repaired in person.
    """

    dimension: Dimension
    remedies: tuple[Remedy, ...]
    needs_recovery: bool = False


def help_for(
    dimension: Dimension, value: Valuation, policy: Policy, *, dishonest: bool = False
) -> Help:
    """Return what would help a precondition most; nothing where the verdict is *yes*.

    Args:
        dimension: the precondition.
        value: the valuation of the account under `policy`.
        policy: the version in force, for the account's segment.
        dishonest: an event of an `honesty` kind stands; it concerns *willing*.
    """
    judged = value.opinions[dimension]
    if value.verdicts[dimension] == "yes":
        return Help(dimension=dimension, remedies=())
    is_dishonest = dishonest and dimension == "willing"
    is_damaged = judged.reason == "damaged" or is_dishonest
    useful = [k for k in policy.kinds.values() if _is_useful(k, dimension, is_damaged=is_damaged)]
    useful.sort(key=lambda k: (is_damaged and k.name not in REPAIRS, -k.points[dimension]))
    return Help(
        dimension=dimension,
        remedies=tuple(
            Remedy(
                kind=kind,
                points=kind.points[dimension],
                times=None
                if is_dishonest
                else _times(judged, kind.points[dimension], policy.parameters),
            )
            for kind in useful[:KINDS_MAX]
        ),
        needs_recovery=is_dishonest,
    )


def _is_useful(kind: Kind, dimension: Dimension, *, is_damaged: bool) -> bool:
    """Tell whether a kind is a remedy: it adds here, costs nowhere, and can't be bought."""
    if kind.points.get(dimension, 0.0) <= 0 or min(kind.points.values()) < 0:
        return False
    if kind.purchasable or kind.name.startswith(FIRST_CONTACT_PREFIX):
        return False
    return is_damaged or kind.name not in REPAIRS


def _times(judged: Opinion, points: float, parameters: Parameters) -> int | None:
    """Return how many events of so many points make the verdict *yes*.

    With evidence r for and s against and the prior's weight W, x more for it gives the expected
    value (r + x + aW) / (r + s + W + x) and the uncertainty W / (r + s + W + x); both limits are
    linear in x.
    """
    rules, limits = parameters.opinion, parameters.verdict
    mass = rules.prior_weight / judged.uncertainty
    if limits.yes_expected_min >= 1 or limits.yes_uncertainty_max <= 0:
        return None
    least = limits.yes_expected_min
    for_value = (least - judged.expected) * mass / (1 - least)
    for_certainty = rules.prior_weight / limits.yes_uncertainty_max - mass
    missing = max(for_value, for_certainty, 0.0) * rules.points_per_evidence
    return max(math.ceil(round(missing / points, DECIMALS)), 1)
