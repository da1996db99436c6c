"""The reference valuation of one account: entries + policy + day → numbers (TA-1).

This is the definition. The engine's SQL says the same for millions of accounts; a property test
demands that both agree to 1e-9.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vertrauenskonto.core.ledger import opinions as op
from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    PERSON_PREFIX,
    TOTAL,
    Account,
    Dimension,
    Entry,
    counts_in_view,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.policy import Parameters, Policy
from vertrauenskonto.core.ledger.silence import Spell, decayed_silence, spells, spells_until

RUNWAY_DAYS_MAX = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What an account is worth on one day, in one view. Points unless said otherwise.

    `deposits` and `withdrawals` are decayed sums >= 0 per dimension; `silence` is the decayed sum
    of `silence_charges` charges. `below_threshold` is None outside the view `total`, where the
    threshold is not defined.
    """

    view: str
    as_of: date
    known_at: date | None
    policy: str
    deposits: dict[Dimension, float]
    withdrawals: dict[Dimension, float]
    silence: float
    silence_charges: int
    balance: float
    opinions: dict[Dimension, op.Opinion]
    joint: op.JointOpinion
    weakest: op.Weakest
    verdicts: dict[Dimension, op.Verdict]
    verdict: op.Verdict
    below_threshold: bool | None


def valuation(
    account: Account,
    policy: Policy,
    *,
    as_of: date,
    known_at: date | None = None,
    view: str = TOTAL,
) -> Valuation:
    """Value an account on the day `as_of` as known on `known_at` (None: all that was recorded).

    Args:
        account: entries and suspensions in any order; the order changes nothing.
        policy: the version in force on `as_of`; its overrides for the account's segment apply.
        as_of: value date, a calendar day in the account's time zone.
        known_at: knowledge date.
        view: `total`, `organisation` or `person:<id>`; silence belongs to the first two.

    Source: TA-1 11.1 to 11.6, 11.12.
    """
    read = reading(account, policy, as_of=as_of, known_at=known_at, view=view)
    return valued(read, *decayed_points(read.entries, read.rules.parameters, as_of=as_of))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What counts of an account in one view: its live entries there, and its silent spells.

    `policy` is the version's label, `rules` that version for the account's segment. `live` are the
    live entries of all targets.
    """

    view: str
    as_of: date
    known_at: date | None
    policy: str
    rules: Policy
    live: list[Entry]
    entries: list[Entry]
    spells: list[Spell]


def reading(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None, view: str
) -> Reading:
    """Return what counts of `account`; arguments as in `valuation`."""
    rules = policy.for_segment(account.segment)
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    silent: list[Spell] = []
    if not view.startswith(PERSON_PREFIX):
        silent = spells(
            (e.on for e in live if e.contact),
            known_suspensions(account.suspensions, known_at=known_at),
            rules.parameters.silence,
            as_of=as_of,
        )
    return Reading(
        view=view,
        as_of=as_of,
        known_at=known_at,
        policy=policy.label,
        rules=rules,
        live=live,
        entries=[e for e in live if counts_in_view(e, view)],
        spells=silent,
    )


def valued(
    read: Reading, deposits: dict[Dimension, float], withdrawals: dict[Dimension, float]
) -> Valuation:
    """Return the valuation of what was read, given its decayed deposits and withdrawals."""
    rules = read.rules
    silence = decayed_silence(read.spells, rules.parameters.silence, as_of=read.as_of)
    balance = sum(deposits[d] - withdrawals[d] for d in DIMENSIONS) - silence
    judged = op.opinions(
        deposits,
        withdrawals,
        rules.parameters.opinion,
        silence_evidence=rules.parameters.silence.evidence_share * silence,
    )
    dishonest = any(rules.is_honesty(e.kind) for e in read.entries)
    verdicts = op.verdicts(judged, rules.parameters.verdict, dishonest=dishonest)
    return Valuation(
        view=read.view,
        as_of=read.as_of,
        known_at=read.known_at,
        policy=read.policy,
        deposits=deposits,
        withdrawals=withdrawals,
        silence=silence,
        silence_charges=sum(spell.charges for spell in read.spells),
        balance=balance,
        opinions=judged,
        joint=op.joint(judged),
        weakest=op.weakest(judged),
        verdicts=verdicts,
        verdict=op.overall(verdicts),
        below_threshold=is_below(balance, rules.parameters) if read.view == TOTAL else None,
    )


def decayed_points(
    entries: Sequence[Entry], parameters: Parameters, *, as_of: date
) -> tuple[dict[Dimension, float], dict[Dimension, float]]:
    """Return decayed deposits and withdrawals per dimension, both >= 0 (TA-1 11.5).

    Summed exactly and rounded once: plain addition of 10,000 entries is off by up to 1e-7.
    """
    deposits: dict[Dimension, list[float]] = {d: [] for d in DIMENSIONS}
    withdrawals: dict[Dimension, list[float]] = {d: [] for d in DIMENSIONS}
    today = as_of.toordinal()
    for entry in entries:
        age = today - entry.on.toordinal()
        for posting in entry.postings:
            half_life = parameters.half_life_days[posting.dimension]
            if posting.points > 0:
                share = weight(age, half_life.deposits)
                deposits[posting.dimension].append(posting.points * share)
            else:
                share = weight(age, half_life.withdrawals)
                withdrawals[posting.dimension].append(-posting.points * share)
    return (
        {d: math.fsum(deposits[d]) for d in DIMENSIONS},
        {d: math.fsum(withdrawals[d]) for d in DIMENSIONS},
    )


def is_below(balance: float, parameters: Parameters) -> bool:
    """Tell whether a balance lies below the alarm threshold, after rounding to 9 decimals."""
    return round(balance, op.DECIMALS) < parameters.threshold


def velocity(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None = None
) -> float:
    """Return the change of the total balance in points per 30 days, over the policy's window."""
    window = policy.for_segment(account.segment).parameters.velocity_days
    now = valuation(account, policy, as_of=as_of, known_at=known_at).balance
    before = valuation(
        account, policy, as_of=as_of - timedelta(days=window), known_at=known_at
    ).balance
    return (now - before) / window * 30


def runway(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None = None
) -> int | None:
    """Return the days until the total falls below the threshold if nothing happens.

    0: it is below already; None: not within 730 days. Entries after `as_of` are left out, silence
    goes on, and suspensions known today are respected. (TA-1 11.5)
    """
    parameters = policy.for_segment(account.segment).parameters
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    deposits, withdrawals = decayed_points(live, parameters, as_of=as_of)
    horizon = min(RUNWAY_DAYS_MAX, (date.max - as_of).days)
    found = spells(
        (e.on for e in live if e.contact),
        known_suspensions(account.suspensions, known_at=known_at),
        parameters.silence,
        as_of=as_of + timedelta(days=horizon),
    )
    for days in range(horizon + 1):
        day = as_of + timedelta(days=days)
        due = spells_until(found, parameters.silence, as_of=day)
        silence = decayed_silence(due, parameters.silence, as_of=day)
        # Postings age together: weight(a + n) = weight(a) * weight(n), so sums age as one posting.
        points = sum(
            deposits[d] * weight(days, parameters.half_life_days[d].deposits)
            - withdrawals[d] * weight(days, parameters.half_life_days[d].withdrawals)
            for d in DIMENSIONS
        )
        if is_below(points - silence, parameters):
            return days
    return None


def retained_if_leaves(
    account: Account, policy: Policy, person: str, *, as_of: date, known_at: date | None = None
) -> float:
    """Return the total balance that would remain if the contact person `person` left.

    The share `spillover` of her own account passes to the organisation. (TA-1 11.5)
    """
    total = valuation(account, policy, as_of=as_of, known_at=known_at)
    own = valuation(
        account, policy, as_of=as_of, known_at=known_at, view=f"{PERSON_PREFIX}{person}"
    )
    return (
        total.balance - (1 - policy.for_segment(account.segment).parameters.spillover) * own.balance
    )
