"""Kinds: what sorts of event there are, what each is worth, and why.

The catalogue itself is data (`policy/*.toml`); code names a kind only where its meaning is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import Dimension, Posting

PROMISE_KEPT = "promise_kept"
APPOINTMENT_KEPT = "appointment_kept"
# What is worth less once its date was renegotiated.
KEPT = (PROMISE_KEPT, APPOINTMENT_KEPT)
PROMISE_RENEGOTIATED = "promise_renegotiated_in_time"
FIRST_CONTACT_PREFIX = "first_contact_"

# From best to worst; a test proves that the points are strictly in this order.
PROMISE_LADDER = (
    PROMISE_KEPT,
    PROMISE_RENEGOTIATED,
    "promise_late_with_notice",
    "promise_broken_with_notice",
    "promise_late_silent",
    "promise_broken_unannounced",
)

# What customers do because they trust (or do not) is measured, never booked: a posting would make
# every later proof that the account predicts it circular.
OUTCOMES = ("recommendation", "repurchase", "survey_answer", "review_star")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of event: its name in both languages, its points and its marks.

    `contact`: two-way or individually addressed, and perceivable by the customer.
    `honesty`: as long as it stands, *Wollen* is "no" whatever the balance.
    `purchasable`: costs money and the customer nothing; capped per account and year.
    """

    name: str
    label: Text
    why: Text
    points: Mapping[Dimension, float]
    contact: bool
    honesty: bool = False
    purchasable: bool = False

    @property
    def postings(self) -> tuple[Posting, ...]:
        """The postings an event of this kind makes; none for an ordinary contact."""
        return tuple(Posting(d, points) for d, points in self.points.items() if points)

    @property
    def total(self) -> float:
        """The sum of points over the three dimensions."""
        return sum(self.points.values())


def first_contact_twin(kind: Kind) -> Kind:
    """Return the twin for a first contact: the same deposits, doubled withdrawals (TA-1 §12)."""
    return replace(
        kind,
        name=FIRST_CONTACT_PREFIX + kind.name,
        label=Text(
            de=f"Erstkontakt: {kind.label.de}",
            en=f"First contact: {kind.label.en}",
        ),
        points={d: 2 * points if points < 0 else points for d, points in kind.points.items()},
    )


def base_kind(name: str) -> str:
    """Return the kind's name without the first-contact mark."""
    return name.removeprefix(FIRST_CONTACT_PREFIX)
