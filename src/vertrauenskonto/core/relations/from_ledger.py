"""What the ledger of an account says to phases: contacts, kept promises, breaches, the buffer.

The buffer is reached where it ends a duty (threshold and margin), and lost below the threshold;
between entries a balance only falls, so the days of entries are enough. All days are valued by the
rules of the last one.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    Account,
    Entry,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, KEPT, base_kind
from vertrauenskonto.core.ledger.opinions import DECIMALS
from vertrauenskonto.core.ledger.policy import Parameters, Policy
from vertrauenskonto.core.ledger.silence import decayed_silence, spells, spells_until
from vertrauenskonto.core.relations.phases import Fact, What

# The kind with which an account begins, whatever was the occasion.
STARTED = "relationship_started"


def ledger_facts(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None = None
) -> tuple[Fact, ...]:
    """Return the dated facts of an account up to `as_of`, as known on `known_at`.

    A breach is an entry of an honesty kind, by its id; what else was breached is said by cases.
    `policy` is the version in force on `as_of`.
    """
    rules = policy.for_segment(account.segment)
    live = sorted(
        live_entries(account.entries, as_of=as_of, known_at=known_at), key=lambda e: (e.on, e.id)
    )
    facts = [fact for entry in live for fact in _facts(entry, rules)]
    silenced = known_suspensions(account.suspensions, known_at=known_at)
    silence = rules.parameters.silence
    silent = spells((e.on for e in live if e.contact), silenced, silence, as_of=as_of)
    charged = [
        (
            day,
            points - decayed_silence(spells_until(silent, silence, as_of=day), silence, as_of=day),
        )
        for day, points in _points(live, rules.parameters)
    ]
    return (*facts, *_buffer(charged, rules.parameters))


def _facts(entry: Entry, rules: Policy) -> Iterator[Fact]:
    begins = entry.kind.startswith(FIRST_CONTACT_PREFIX) or entry.kind == STARTED
    what: What = "first_contact" if begins else "event"
    yield Fact(on=entry.on, what=what, is_contact=entry.contact)
    if base_kind(entry.kind) in KEPT:
        yield Fact(on=entry.on, what="promise_kept")
    if rules.is_honesty(entry.kind):
        yield Fact(on=entry.on, what="breach", breach=entry.id)


def _points(live: Sequence[Entry], parameters: Parameters) -> Iterator[tuple[date, float]]:
    """Yield what the entries are worth together at the end of each of their days.

    Carried on from day to day: what fades by halves fades the same in one step or in two.
    """
    deposits, withdrawals = dict.fromkeys(DIMENSIONS, 0.0), dict.fromkeys(DIMENSIONS, 0.0)
    last: date | None = None
    for day, together in groupby(live, lambda entry: entry.on):
        passed = (day - (last or day)).days
        for dimension, half_life in parameters.half_life_days.items():
            deposits[dimension] *= weight(passed, half_life.deposits)
            withdrawals[dimension] *= weight(passed, half_life.withdrawals)
        for posting in (p for entry in together for p in entry.postings):
            side = deposits if posting.points > 0 else withdrawals
            side[posting.dimension] += abs(posting.points)
        last = day
        yield day, sum(deposits.values()) - sum(withdrawals.values())


def _buffer(balances: Sequence[tuple[date, float]], parameters: Parameters) -> Iterator[Fact]:
    enough, has_buffer = parameters.threshold + parameters.rearm_margin, False
    for day, balance in balances:
        told = round(balance, DECIMALS)
        if not has_buffer and told >= enough:
            has_buffer = True
            yield Fact(on=day, what="buffer_reached")
        elif has_buffer and told < parameters.threshold:
            has_buffer = False
            yield Fact(on=day, what="buffer_lost")
