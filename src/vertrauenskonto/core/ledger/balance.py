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
    Suspension,
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
    live entries of all targets, `suspensions` those known.
    """

    view: str
    as_of: date
    known_at: date | None
    policy: str
    rules: Policy
    live: list[Entry]
    entries: list[Entry]
    spells: list[Spell]
    suspensions: list[Suspension]


def reading(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None, view: str
) -> Reading:
    """Return what counts of `account`; arguments as in `valuation`."""
    rules = policy.for_segment(account.segment)
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    suspensions = known_suspensions(account.suspensions, known_at=known_at)
    silent: list[Spell] = []
    if not view.startswith(PERSON_PREFIX):
        contacts = (e.on for e in live if e.contact)
        silent = spells(contacts, suspensions, rules.parameters.silence, as_of=as_of)
    return Reading(
        view=view,
        as_of=as_of,
        known_at=known_at,
        policy=policy.label,
        rules=rules,
        live=live,
        entries=[e for e in live if counts_in_view(e, view)],
        spells=silent,
        suspensions=suspensions,
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


def balance_before(read: Reading, *, day: date) -> float | None:
    """Return the balance of what was read on an earlier `day`, by the same rules and knowledge.

    None: nothing had happened yet.
    """
    entries = [e for e in read.entries if e.on <= day]
    if not entries:
        return None
    deposits, withdrawals = decayed_points(entries, read.rules.parameters, as_of=day)
    rules = read.rules.parameters.silence
    contacts = (e.on for e in read.live if e.contact and e.on <= day)
    due = (
        []
        if read.view.startswith(PERSON_PREFIX)
        else spells(contacts, read.suspensions, rules, as_of=day)
    )
    silence = decayed_silence(due, rules, as_of=day)
    return sum(deposits[d] - withdrawals[d] for d in DIMENSIONS) - silence


def runway(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None = None
) -> int | None:
    """Return the days until the total falls below the threshold if nothing happens.

    0: it is below already; None: not within 730 days. Entries after `as_of` are left out, silence
    goes on, and suspensions known today are respected. (TA-1 11.5)
    """
    read = reading(account, policy, as_of=as_of, known_at=known_at, view=TOTAL)
    return days_above(read, *decayed_points(read.entries, read.rules.parameters, as_of=as_of))


def days_above(
    read: Reading, deposits: dict[Dimension, float], withdrawals: dict[Dimension, float]
) -> int | None:
    """Return the run-way of what was read in total, given its decayed deposits and withdrawals."""
    parameters = read.rules.parameters
    silence = decayed_silence(read.spells, parameters.silence, as_of=read.as_of)
    if is_below(sum(deposits[d] - withdrawals[d] for d in DIMENSIONS) - silence, parameters):
        return 0
    horizon = min(RUNWAY_DAYS_MAX, (date.max - read.as_of).days)
    if not horizon:
        return None
    ahead = _Ahead(read, deposits, withdrawals, horizon=horizon)
    return _first_below(ahead, parameters, 1, horizon)


class _Ahead:
    """What an account is worth on the days to come if nothing happens.

    Postings age together: weight(a + n) = weight(a) * weight(n), so sums age as one posting, and so
    do the charges of silences that are over.
    """

    def __init__(
        self,
        read: Reading,
        deposits: dict[Dimension, float],
        withdrawals: dict[Dimension, float],
        *,
        horizon: int,
    ) -> None:
        parameters, as_of = read.rules.parameters, read.as_of
        self._rules, self._as_of = parameters.silence, as_of
        halves = parameters.half_life_days
        self._gains = [(deposits[d], halves[d].deposits) for d in DIMENSIONS if deposits[d]]
        self._losses = [(withdrawals[d], halves[d].withdrawals) for d in DIMENSIONS]
        self._losses = [loss for loss in self._losses if loss[0]]
        contacts = (e.on for e in read.live if e.contact)
        last_day = as_of + timedelta(days=horizon)
        found = spells(contacts, read.suspensions, self._rules, as_of=last_day)
        today = {s.since: s.charges for s in read.spells}
        self._growing = [s for s in found if s.charges > today.get(s.since, 0)]
        over = [s for s in found if s.charges == today.get(s.since, 0)]
        silence = decayed_silence(over, self._rules, as_of=as_of)
        if silence:
            self._losses.append((silence, self._rules.half_life_days))

    def at_least(self, first: int, last: int) -> float:
        """Return what the balance does not fall below on the days `first` to `last`, by any means.

        Exactly the balance where both are one day.
        """
        day = self._as_of + timedelta(days=first)
        worth = sum(points * weight(last, half_life) for points, half_life in self._gains)
        worth -= sum(points * weight(first, half_life) for points, half_life in self._losses)
        due = spells_until(self._growing, self._rules, as_of=day)
        worth -= decayed_silence(due, self._rules, as_of=day)
        if last > first and self._growing:
            later = spells_until(
                self._growing, self._rules, as_of=self._as_of + timedelta(days=last)
            )
            more = sum(s.charges for s in later) - sum(s.charges for s in due)
            worth -= more * self._rules.points
        return worth


def _first_below(ahead: _Ahead, parameters: Parameters, first: int, last: int) -> int | None:
    """Return the first of the days on which the balance lies below the threshold.

    A stretch of days whose bound lies above is left out whole, so that few days are looked at.
    """
    if not is_below(ahead.at_least(first, last), parameters):
        return None
    if first == last:
        return first
    middle = (first + last) // 2
    found = _first_below(ahead, parameters, first, middle)
    return _first_below(ahead, parameters, middle + 1, last) if found is None else found


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
