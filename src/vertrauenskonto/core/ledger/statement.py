"""The statement of an account: like a bank's, every line dated and adding up.

opening + corrections + change of rules + deposits - withdrawals - silence + aging = closing
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.balance import Reading, reading, valuation
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    TOTAL,
    Account,
    Dimension,
    Entry,
)
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.ledger.silence import Charge, charges


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line: an entry with its points per dimension, or a silence charge.

    `running` is the balance after this line at face value; what aged is shown once, at the end.
    """

    on: date
    entry: Entry | None
    charge: Charge | None
    points: Mapping[Dimension, float]
    silence: float
    running: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account from the end of day `after` to the end of day `until`, in points.

    `corrections`: what reversals, late entries and merges changed in earlier periods since the
    opening was printed; `change_of_rules`: what another policy version makes of the same opening;
    `aging`: the balancing item, weight lost by deposits and withdrawals that faded.
    """

    account: str
    after: date
    until: date
    known_at: date | None
    opening_policy: str
    closing_policy: str
    opening: float
    corrections: float
    change_of_rules: float
    deposits: float
    withdrawals: float
    silence: float
    silence_charges: int
    aging: float
    closing: float
    lines: tuple[StatementLine, ...]


def statement(  # noqa: PLR0913  a statement has this many days, and a view
    account: Account,
    policies: PolicyHistory,
    *,
    after: date,
    until: date,
    known_at: date | None = None,
    opening_known_at: date | None = None,
    opening_account: Account | None = None,
    view: str = TOTAL,
) -> Statement:
    """Return the statement over `(after, until]` of the account in one view.

    Args:
        account: entries and suspensions in any order.
        policies: the opening is valued by the version in force on `after`, the rest by that on
            `until`.
        after: last day of the period before.
        until: last day of this period, later than `after`.
        known_at: knowledge day of this statement; None: all that was recorded.
        opening_known_at: knowledge day on which the previous statement was printed; None: the same
            as `known_at`, so that there are no corrections.
        opening_account: the account as it stood when the previous statement was printed, before
            accounts were merged into it or taken apart, or it changed its segment; None: `account`.
        view: `total`, `organisation` or `person:<id>`; silence belongs to the first two.

    Raises:
        Invalid: `until` is not later than `after`.

    Source: TA-1 11.2 (policy over time, corrections) and 11.5.
    """
    if until <= after:
        raise Invalid(
            Text(
                de=f"Auszug von {after} bis {until}: das Ende muss nach dem Anfang liegen.",
                en=f"Statement from {after} to {until}: the end must lie after the start.",
            )
        )
    old, new = policies.in_force(after), policies.in_force(until)
    printed_at = known_at if opening_known_at is None else opening_known_at
    before = account if opening_account is None else opening_account
    printed = valuation(before, old, as_of=after, known_at=printed_at, view=view).balance
    corrected = valuation(account, old, as_of=after, known_at=known_at, view=view).balance
    opening = valuation(account, new, as_of=after, known_at=known_at, view=view).balance
    closing = valuation(account, new, as_of=until, known_at=known_at, view=view).balance

    read = reading(account, new, as_of=until, known_at=known_at, view=view)
    booked, due = _period(read, after=after)
    lines = _lines(booked, due, _charge_points(account, policies, until), opening)
    faces = [p for line in lines for p in line.points.values()]
    deposits = sum(p for p in faces if p > 0)
    withdrawals = -sum(p for p in faces if p < 0)
    silence = sum(line.silence for line in lines)
    return Statement(
        account=account.id,
        after=after,
        until=until,
        known_at=known_at,
        opening_policy=old.label,
        closing_policy=new.label,
        opening=printed,
        corrections=corrected - printed,
        change_of_rules=opening - corrected,
        deposits=deposits,
        withdrawals=withdrawals,
        silence=silence,
        silence_charges=len(due),
        aging=closing - (opening + deposits - withdrawals - silence),
        closing=closing,
        lines=tuple(lines),
    )


def _charge_points(account: Account, policies: PolicyHistory, until: date) -> float:
    return policies.in_force(until).for_segment(account.segment).parameters.silence.points


def _period(read: Reading, *, after: date) -> tuple[list[Entry], list[Charge]]:
    """Return the entries and silence charges of the period, each in order of day."""
    booked = sorted(
        (e for e in read.entries if e.on > after), key=lambda e: (e.on, e.recorded, e.id)
    )
    due = charges(read.spells, read.rules.parameters.silence)
    return booked, [charge for charge in due if charge.due > after]


def _lines(
    booked: list[Entry], due: list[Charge], charge_points: float, opening: float
) -> list[StatementLine]:
    """Merge entries and charges by day, and carry the running balance."""
    dated: list[tuple[date, int, Entry | None, Charge | None]] = [
        (entry.on, 0, entry, None) for entry in booked
    ]
    dated += [(charge.due, 1, None, charge) for charge in due]
    dated.sort(key=lambda item: item[:2])
    running, lines = opening, []
    for on, _, entry, charge in dated:
        points: dict[Dimension, float] = dict.fromkeys(DIMENSIONS, 0.0)
        for posting in entry.postings if entry else ():
            points[posting.dimension] += posting.points
        silence = charge_points if charge else 0.0
        running += sum(points.values()) - silence
        lines.append(
            StatementLine(
                on=on, entry=entry, charge=charge, points=points, silence=silence, running=running
            )
        )
    return lines
