"""Why a balance is what it is: the same valuation, keeping each contribution.

The contributions of an explanation add up to the balance; a property test says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from vertrauenskonto.core.ledger.balance import Valuation, valuation
from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import (
    PERSON_PREFIX,
    TOTAL,
    Account,
    Dimension,
    Entry,
    counts_in_view,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.silence import charges, spells


# Tuples rather than frozen dataclasses: an account has thousands of them, and they are made ten
# times as fast.
class PostingContribution(NamedTuple):
    """What one posting of one entry counts today: `points * weight = contribution`."""

    entry: Entry
    dimension: Dimension
    points: float
    weight: float
    contribution: float


class ChargeContribution(NamedTuple):
    """What one silence charge counts today; `points` and `contribution` are negative or 0."""

    due: date
    since: date
    points: float
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A valuation with everything that made it, in order of day.

    `contacts`: live entries without points; they count nothing but end a silence. `set_aside`:
    entries of the account that do not count (reversed, reversals, not yet known, yet to come).
    """

    valuation: Valuation
    postings: tuple[PostingContribution, ...]
    charges: tuple[ChargeContribution, ...]
    contacts: tuple[Entry, ...]
    set_aside: tuple[Entry, ...]


def explanation(
    account: Account,
    policy: Policy,
    *,
    as_of: date,
    known_at: date | None = None,
    view: str = TOTAL,
) -> Explanation:
    """Return the valuation of `account` and each contribution to its balance.

    Arguments as in `balance.valuation`.
    """
    parameters = policy.for_segment(account.segment).parameters
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    seen = sorted(
        (e for e in live if counts_in_view(e, view)), key=lambda e: (e.on, e.recorded, e.id)
    )
    today = as_of.toordinal()
    postings = []
    for entry in seen:
        age = today - entry.on.toordinal()
        for dimension, points in ((p.dimension, p.points) for p in entry.postings):
            half_lives = parameters.half_life_days[dimension]
            left = weight(age, half_lives.deposits if points > 0 else half_lives.withdrawals)
            postings.append(PostingContribution(entry, dimension, points, left, points * left))
    due: list[ChargeContribution] = []
    if not view.startswith(PERSON_PREFIX):
        rules = parameters.silence
        found = spells(
            (e.on for e in live if e.contact),
            known_suspensions(account.suspensions, known_at=known_at),
            rules,
            as_of=as_of,
        )
        for charge in charges(found, rules):
            left = weight(today - charge.due.toordinal(), rules.half_life_days)
            due.append(
                ChargeContribution(
                    charge.due, charge.since, -rules.points, left, -rules.points * left
                )
            )
    live_ids = {e.id for e in live}
    return Explanation(
        valuation=valuation(account, policy, as_of=as_of, known_at=known_at, view=view),
        postings=tuple(postings),
        charges=tuple(due),
        contacts=tuple(e for e in seen if not e.postings),
        set_aside=tuple(e for e in account.entries if e.id not in live_ids),
    )
