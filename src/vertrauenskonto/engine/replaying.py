"""Living through many days of many accounts at once: what each was worth, and when one falls.

`core.ledger.balance` values one account on one day; here all accounts walk from day to day together
as arrays, each day a few operations on whole columns. Sums age by one factor a day, a silence adds
a charge on the days it falls due. A property test demands that this and the core agree on each day.

Days are whole numbers since 1970-01-01, points are floats, accounts are numbered from 0. What is
known today counts on every day: a reversed entry never happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.policy import Parameters, Policy
from vertrauenskonto.core.obligations import buffer_target

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

Band = Literal["below", "near", "above"]
BANDS: tuple[Band, ...] = ("below", "near", "above")
VERDICTS = ("no", "unknown", "yes")

# The three deposits, then the three withdrawals.
_SUMS = 2 * len(DIMENSIONS)
# No contact yet, or suspended: so far back that no charge would be due, and recognised as such.
_NONE = -(10**9)
_NEVER = 10**9
# More days than there are in all years, and how many of them come before 1970.
_DAYS_MAX, _SHIFT = 1 << 22, 1 << 20
# Limits are compared after rounding to nine decimals; half a unit before the limit is the limit.
_HALF = 5e-10
# Half-lives after which nothing is left (TA-1 11.3).
_EXPONENT_MAX = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What counts of many accounts, under one way of giving points; ordered by day.

    `points` has one row per dimension. `honesty`: breaches honesty under the rules that value.
    """

    account: Ints
    day: Ints
    points: Floats
    contact: Flags
    honesty: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspensions:
    """The suspensions of some accounts, `[starts, ends)`; `ends` a far day when open."""

    account: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What every account is worth on one day; bands and verdicts by their place in the tuples."""

    balance: Floats
    band: Ints
    verdict: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The parameters of each account, as columns; half-lives "never" are infinite.

    `half_lives`: one row per sum (three deposits, three withdrawals); `base`: one per dimension.
    """

    half_lives: Floats
    grace: Ints
    period: Ints
    silence_points: Floats
    silence_half_life: Floats
    evidence_share: Floats
    unit: Floats
    prior: Floats
    base: Floats
    yes_min: Floats
    yes_uncertainty: Floats
    no_below: Floats
    threshold: Floats
    target: Floats


def rules_of(policy: Policy, names: Sequence[str], segment: Ints) -> Rules:
    """Return the rules of accounts; `segment` says where among `names` each one's segment is."""
    own = [policy.for_segment(name).parameters for name in names]

    def column(value: Callable[[Parameters], float]) -> Floats:
        return np.array([value(p) for p in own], dtype=np.float64)[segment]

    def days(value: Callable[[Parameters], int]) -> Ints:
        return np.array([value(p) for p in own], dtype=np.int64)[segment]

    def rows(value: Callable[[Parameters, Dimension], float]) -> Floats:
        listed = [[value(p, d) for p in own] for d in DIMENSIONS]
        return np.array(listed, dtype=np.float64)[:, segment]

    halves = (
        rows(lambda p, d: _days(p.half_life_days[d].deposits)),
        rows(lambda p, d: _days(p.half_life_days[d].withdrawals)),
    )
    return Rules(
        half_lives=np.concatenate(halves),
        grace=days(lambda p: p.silence.grace_days),
        period=days(lambda p: p.silence.period_days),
        silence_points=column(lambda p: p.silence.points),
        silence_half_life=column(lambda p: _days(p.silence.half_life_days)),
        evidence_share=column(lambda p: p.silence.evidence_share),
        unit=column(lambda p: p.opinion.points_per_evidence),
        prior=column(lambda p: p.opinion.prior_weight),
        base=rows(lambda p, d: p.opinion.base_rate[d]),
        yes_min=column(lambda p: p.verdict.yes_expected_min),
        yes_uncertainty=column(lambda p: p.verdict.yes_uncertainty_max),
        no_below=column(lambda p: p.verdict.no_expected_below),
        threshold=column(lambda p: p.threshold),
        target=column(buffer_target),
    )


def _days(half_life: float | None) -> float:
    return np.inf if half_life is None else half_life


@dataclass(slots=True, kw_only=True)
class _State:
    """All accounts on one day: sums (one row each), silence, and since when the clock runs."""

    sums: Floats
    silence: Floats
    since: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """When the clock of silence restarts (`goes`) or stops; ordered by account, then day."""

    account: Ints
    day: Ints
    goes: Flags


class Books:
    """Many accounts under one version of the rules."""

    def __init__(self, entries: Entries, suspensions: Suspensions, rules: Rules) -> None:
        self._entries = entries
        self._rules = rules
        self._count = len(rules.threshold)
        self._marks = _marks(entries, suspensions)
        self._dishonest = np.full(self._count, _NEVER, dtype=np.int64)
        bad = entries.honesty
        np.minimum.at(self._dishonest, entries.account[bad], entries.day[bad])

    def worth(self, day: int) -> Worth:
        """Return what every account is worth on a day."""
        state = self._state(day)
        balance = _balance(state)
        verdicts = self._verdicts(state, day)
        overall = np.where(
            (verdicts == 0).any(axis=0), 0, np.where((verdicts == 2).all(axis=0), 2, 1)
        )
        return Worth(balance=balance, band=self._band(balance), verdict=overall)

    def duties(self, first: int, last: int) -> Ints:
        """Return how many duties would have been opened on each day from `first` to `last`.

        By the rule of `core.obligations`, looked at once a day; one at most is open per account.
        """
        rules, state = self._rules, self._state(first - 1)
        day_factor = 0.5 ** (1 / rules.half_lives)
        silence_factor = 0.5 ** (1 / rules.silence_half_life)
        entries = _Days(self._entries.day, first, last)
        order = np.argsort(self._marks.day, kind="stable")
        marks = _Days(self._marks.day[order], first, last)
        watch = _Watch(_balance(state), self._verdicts(state, first - 1) == 0, rules)
        opened = np.zeros(last - first + 1, dtype=np.int64)
        for day in range(first, last + 1):
            state.sums *= day_factor
            here = entries.on(day)
            self._add(state, here)
            there = order[marks.on(day)]
            went = np.where(self._marks.goes[there], day, _NONE)
            state.since[self._marks.account[there]] = went
            late = day - state.since - rules.grace
            due = (state.since != _NONE) & (late >= 0) & (late % rules.period == 0)
            state.silence *= silence_factor
            state.silence += np.where(due, rules.silence_points, 0.0)
            bad = self._entries.account[here][self._entries.honesty[here]]
            opened[day - first] = watch.look(_balance(state), self._verdicts(state, day) == 0, bad)
        return opened

    def _add(self, state: _State, here: slice) -> None:
        account = self._entries.account[here]
        for n in range(len(DIMENSIONS)):
            points = self._entries.points[n, here]
            np.add.at(state.sums[n], account, np.maximum(points, 0.0))
            np.add.at(state.sums[n + len(DIMENSIONS)], account, np.maximum(-points, 0.0))

    def _state(self, day: int) -> _State:
        """Return the state on a day, by the closed forms."""
        entries, rules = self._entries, self._rules
        end = int(np.searchsorted(entries.day, day, side="right"))
        account, age = entries.account[:end], (day - entries.day[:end]).astype(np.float64)
        sums = np.zeros((_SUMS, self._count))
        for n in range(_SUMS):
            points = entries.points[n % len(DIMENSIONS), :end]
            faced = np.maximum(points if n < len(DIMENSIONS) else -points, 0.0)
            left = faced * _weight(age, rules.half_lives[n][account])
            sums[n] = _summed(account, left, self._count)
        silence, since = self._silence(day)
        return _State(sums=sums, silence=silence, since=since)

    def _silence(self, day: int) -> tuple[Floats, Ints]:
        marks, rules = self._marks, self._rules
        known = marks.day <= day
        account, start, goes = marks.account[known], marks.day[known], marks.goes[known]
        is_last = np.ones(len(account), dtype=bool)
        is_last[:-1] = account[1:] != account[:-1]
        end = np.full(len(account), day + 1, dtype=np.int64)
        end[:-1] = np.where(is_last[:-1], day + 1, start[1:])
        since = np.full(self._count, _NONE, dtype=np.int64)
        since[account[is_last]] = np.where(goes[is_last], start[is_last], _NONE)
        grace, period = rules.grace[account], rules.period[account]
        late = end - 1 - start - grace
        charged = goes & (late >= 0)
        account, start, grace, period = (x[charged] for x in (account, start, grace, period))
        count = late[charged] // period + 1
        half_life = rules.silence_half_life[account]
        newest = day - (start + grace + (count - 1) * period)
        ratio = period / half_life
        with np.errstate(invalid="ignore", divide="ignore"):
            # By expm1: both differences vanish when the half-life is very long.
            series = np.expm1(-count * ratio * np.log(2)) / np.expm1(-ratio * np.log(2))
        series = np.where(np.isinf(half_life), count, series)
        left = (
            rules.silence_points[account] * _weight(newest.astype(np.float64), half_life) * series
        )
        return _summed(account, left, self._count), since

    def _verdicts(self, state: _State, day: int) -> Ints:
        """Return the verdict of each dimension (rows) and account, by its place in `VERDICTS`."""
        rules, found = self._rules, []
        for n, dimension in enumerate(DIMENSIONS):
            against = state.sums[n + len(DIMENSIONS)]
            if dimension == "assessable":
                against = against + rules.evidence_share * state.silence
            good, bad = state.sums[n] / rules.unit, against / rules.unit
            mass = good + bad + rules.prior
            base, unsure = rules.base[n], rules.prior / mass
            expected = (good + base * rules.prior) / mass
            is_yes = (expected >= rules.yes_min - _HALF) & (unsure <= rules.yes_uncertainty + _HALF)
            is_damaged = bad / mass > (1 - base) * unsure + _HALF
            is_no = (expected < rules.no_below - _HALF) & is_damaged
            verdict = np.where(is_yes, 2, np.where(is_no, 0, 1))
            if dimension == "willing":
                verdict = np.where(self._dishonest <= day, 0, verdict)
            found.append(verdict)
        return np.stack(found)

    def _band(self, balance: Floats) -> Ints:
        rules = self._rules
        near = np.where(balance < rules.target - _HALF, 1, 2)
        return np.where(balance < rules.threshold - _HALF, 0, near)


class _Watch:
    """`core.obligations.change` for all accounts at once; `look` is told the days in order.

    What was bad on the eve rests: it opens nothing until it was over. Nobody leaves a duty.
    """

    def __init__(self, balance: Floats, no: Flags, rules: Rules) -> None:
        self._threshold, self._target = rules.threshold - _HALF, rules.target - _HALF
        self._rests = balance < self._threshold
        self._no = no
        self._open = np.zeros(len(balance), dtype=bool)
        # The causes of the open duty: the threshold, the three preconditions, honesty.
        self._fell = self._open.copy()
        self._turned = np.zeros_like(no)
        self._breached = self._open.copy()

    def look(self, balance: Floats, no: Flags, breached: Ints) -> int:
        """Return how many duties open on a day with these balances, noes and breaches."""
        buffered = balance >= self._target
        falls = (balance < self._threshold) & ~self._rests
        turns = no & ~self._no
        fired = falls | turns.any(axis=0)
        fired[breached] = True
        self._rests = (self._rests & ~buffered) | falls
        self._no = no
        self._fell = (self._fell & ~buffered) | falls
        self._turned = (self._turned & no) | turns
        self._breached[breached] = True
        causes = self._fell | self._turned.any(axis=0) | self._breached
        opened = fired & ~self._open
        self._open = (self._open & (causes | ~buffered)) | opened
        return int(opened.sum())


class _Days:
    """Where the rows of each day stand among rows ordered by day."""

    def __init__(self, days: Ints, first: int, last: int) -> None:
        self._first = first
        self._ends = np.searchsorted(days, np.arange(first - 1, last + 1), side="right")

    def on(self, day: int) -> slice:
        """Return the rows of a day."""
        n = day - self._first
        return slice(int(self._ends[n]), int(self._ends[n + 1]))


def _balance(state: _State) -> Floats:
    half = len(DIMENSIONS)
    found: Floats = state.sums[:half].sum(axis=0) - state.sums[half:].sum(axis=0) - state.silence
    return found


def _summed(account: Ints, points: Floats, count: int) -> Floats:
    # Of nothing, bincount makes whole numbers.
    return np.bincount(account, weights=points, minlength=count).astype(np.float64)


def _weight(age: Floats, half_life: Floats) -> Floats:
    lives = age / half_life
    found: Floats = np.where(lives > _EXPONENT_MAX, 0.0, np.exp2(-np.minimum(lives, _EXPONENT_MAX)))
    return found


def _marks(entries: Entries, suspensions: Suspensions) -> _Marks:
    """Return when each account's clock goes and stops (TA-1 11.4)."""
    account, day = entries.account[entries.contact], entries.day[entries.contact]
    # As one number each, which sorts faster than pairs; unique() of numpy is slower still.
    pairs = np.sort(account * _DAYS_MAX + (day + _SHIFT))
    account, day = np.divmod(pairs[np.diff(pairs, prepend=-1) != 0], _DAYS_MAX)
    contacts = np.stack([account, day - _SHIFT], axis=1)
    of_them = np.isin(contacts[:, 0], suspensions.account)
    plain = contacts[~of_them]
    rows: list[tuple[int, int, bool]] = []
    days: dict[int, list[int]] = {}
    for a, d in contacts[of_them].tolist():
        days.setdefault(a, []).append(d)
    spans: dict[int, list[tuple[int, int]]] = {}
    spoken = (suspensions.account, suspensions.starts, suspensions.ends)
    for a, starts, ends in zip(*(column.tolist() for column in spoken), strict=True):
        spans.setdefault(a, []).append((starts, ends))
    for a, contact_days in days.items():
        rows += [(a, d, goes) for d, goes in _own_marks(contact_days, spans[a])]
    own = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    all_marks = np.concatenate([np.insert(plain, 2, 1, axis=1), own])
    listed = all_marks[np.lexsort((all_marks[:, 1], all_marks[:, 0]))]
    return _Marks(account=listed[:, 0], day=listed[:, 1], goes=listed[:, 2].astype(bool))


def _own_marks(contacts: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[tuple[int, bool]]:
    def covered(day: int) -> bool:
        return any(starts <= day < ends for starts, ends in spans)

    first = min(contacts)
    restarts = {day for day in contacts if not covered(day)}
    restarts |= {ends for _, ends in spans if first < ends and not covered(ends)}
    stops = {starts for starts, _ in spans}
    return [*((day, True) for day in restarts), *((day, False) for day in stops)]
