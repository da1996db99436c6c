"""Why a balance is what it is: the same valuation, keeping each contribution.

The contributions of an explanation add up to the balance; a property test says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import NamedTuple

from vertrauenskonto.core.ledger.balance import Reading, Valuation, reading, valued
from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL, Account, Dimension, Entry
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.silence import charges


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
    read = reading(account, policy, as_of=as_of, known_at=known_at, view=view)
    parameters, today = read.rules.parameters, as_of.toordinal()
    entries = sorted(read.entries, key=lambda e: (e.on, e.recorded, e.id))
    postings = []
    for entry in entries:
        age = today - entry.on.toordinal()
        for posting in entry.postings:
            dimension, points = posting.dimension, posting.points
            half_lives = parameters.half_life_days[dimension]
            left = weight(age, half_lives.deposits if points > 0 else half_lives.withdrawals)
            postings.append(PostingContribution(entry, dimension, points, left, points * left))
    live_ids = {e.id for e in read.live}
    return Explanation(
        valuation=valued(read, *_sums(postings)),
        postings=tuple(postings),
        charges=tuple(_charges(read)),
        contacts=tuple(e for e in entries if not e.postings),
        set_aside=tuple(e for e in account.entries if e.id not in live_ids),
    )


def _sums(
    postings: Iterable[PostingContribution],
) -> tuple[dict[Dimension, float], dict[Dimension, float]]:
    """Return deposits and withdrawals per dimension, as `balance.decayed_points` does."""
    deposits: dict[Dimension, list[float]] = {d: [] for d in DIMENSIONS}
    withdrawals: dict[Dimension, list[float]] = {d: [] for d in DIMENSIONS}
    for part in postings:
        if part.points > 0:
            deposits[part.dimension].append(part.contribution)
        else:
            withdrawals[part.dimension].append(-part.contribution)
    return (
        {d: fsum(deposits[d]) for d in DIMENSIONS},
        {d: fsum(withdrawals[d]) for d in DIMENSIONS},
    )


def _charges(read: Reading) -> Iterator[ChargeContribution]:
    rules = read.rules.parameters.silence
    for charge in charges(read.spells, rules):
        left = weight((read.as_of - charge.due).days, rules.half_life_days)
        yield ChargeContribution(
            charge.due, charge.since, -rules.points, left, -rules.points * left
        )
