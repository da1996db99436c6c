"""The course of one account over time: what a chart draws and its table lists, as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vertrauenskonto.core.ledger.balance import runway, valuation
from vertrauenskonto.core.ledger.entries import (
    Account,
    Entry,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.policy import PolicyHistory, SilenceRules
from vertrauenskonto.core.ledger.silence import charges, spells

# More points than this cannot be told apart in a picture of one page's width.
_SAMPLES_MAX = 240
_FORECAST_DAYS_MIN = 90
_FORECAST_DAYS_MAX = 365


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The balance at the end of one day."""

    day: date
    balance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveMark:
    """An entry with points, drawn on the line: `points` is the sum over the dimensions."""

    day: date
    balance: float
    entry: Entry
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCurve:
    """The total of an account up to `as_of`, and what becomes of it if nothing happens.

    `silent`: half-open spans `[first charge, next contact)` in which silence was charged;
    `runway_days` as in `balance.runway`.
    """

    account: str
    as_of: date
    known_at: date | None
    threshold: float
    past: tuple[CurvePoint, ...]
    forecast: tuple[CurvePoint, ...]
    marks: tuple[CurveMark, ...]
    silent: tuple[tuple[date, date], ...]
    runway_days: int | None

    @property
    def balance(self) -> float:
        """The balance on `as_of`."""
        return self.past[-1].balance


def account_curve(
    account: Account,
    policies: PolicyHistory,
    *,
    as_of: date,
    after: date | None = None,
    known_at: date | None = None,
) -> AccountCurve:
    """Return the course of the account's total from `after` to `as_of` and onwards.

    `after` None: from the first live entry. Each day is valued by the version in force on it; the
    forecast by that of `as_of`. All days are as known on `known_at`.
    """
    policy = policies.in_force(as_of).for_segment(account.segment)
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    # The forecast must see what is known and live today, and nothing else.
    closed = replace(
        account,
        entries=tuple(live),
        suspensions=tuple(known_suspensions(account.suspensions, known_at=known_at)),
    )
    first = min((e.on for e in live), default=as_of) - timedelta(days=7)
    start = min(first if after is None else after, as_of - timedelta(days=1))
    silence = policy.parameters.silence
    turns = [e.on for e in live] + _due(closed, silence, as_of)
    days = _sampled(start, as_of, turns)
    past = tuple(
        CurvePoint(day, valuation(closed, policies.in_force(day), as_of=day).balance)
        for day in days
    )
    left = runway(closed, policy, as_of=as_of)
    until = as_of + timedelta(days=_forecast_days(left))
    forecast = tuple(
        CurvePoint(day, valuation(closed, policy, as_of=day).balance)
        for day in _sampled(as_of, until, _due(closed, silence, until))
    )
    balances = {point.day: point.balance for point in past}
    return AccountCurve(
        account=account.id,
        as_of=as_of,
        known_at=known_at,
        threshold=policy.parameters.threshold,
        past=past,
        forecast=forecast if live else (),
        marks=tuple(_marks(live, balances)),
        silent=tuple(
            (max(begin, start), end)
            for begin, end in _silent(closed, silence, as_of)
            if end > start
        ),
        runway_days=left,
    )


def _forecast_days(left: int | None) -> int:
    """Return how far to look ahead: a little beyond the day the account falls."""
    if left is None:
        return _FORECAST_DAYS_MAX
    return min(max(left + 30, _FORECAST_DAYS_MIN), _FORECAST_DAYS_MAX)


def _sampled(start: date, end: date, turns: Iterable[date]) -> list[date]:
    """Return days from start to end: evenly spread ones, and each turn with the day before it."""
    length = (end - start).days
    step = max(length // 120, 1)
    spread = {start + timedelta(days=n) for n in range(0, length + 1, step)} | {start, end}
    exact = {day - timedelta(days=back) for day in turns for back in (0, 1)}
    days = sorted(spread | {day for day in exact if start <= day <= end})
    stride = len(days) // _SAMPLES_MAX + 1
    return sorted({*days[::stride], start, end})


def _due(account: Account, rules: SilenceRules, until: date) -> list[date]:
    contacts = {e.on for e in account.entries if e.contact}
    found = spells(contacts, account.suspensions, rules, as_of=until)
    return [charge.due for charge in charges(found, rules)]


def _silent(account: Account, rules: SilenceRules, until: date) -> list[tuple[date, date]]:
    """Return the spans in which silence is charged: from the first charge to the next contact."""
    contacts = sorted({e.on for e in account.entries if e.contact})
    found = spells(contacts, account.suspensions, rules, as_of=until)
    ends = sorted({*contacts, *(s.starts for s in account.suspensions)})
    spans = []
    for spell in found:
        begin = spell.since + timedelta(days=rules.grace_days)
        end = next((day for day in ends if day > spell.since), until)
        spans.append((begin, min(end, until)))
    return spans


def _marks(live: Sequence[Entry], balances: dict[date, float]) -> Iterable[CurveMark]:
    for entry in sorted(live, key=lambda e: (e.on, e.recorded, e.id)):
        if entry.postings and entry.on in balances:
            points = sum(p.points for p in entry.postings)
            yield CurveMark(day=entry.on, balance=balances[entry.on], entry=entry, points=points)
