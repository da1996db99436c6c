"""Accounts: what one is worth, its statement and its explanation, on any day as known on any day.

Every answer here holds balances: they leave by the scope `scores` only.
"""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import Field

from vertrauenskonto.api.callers import caller, looked, needs, today, viewer
from vertrauenskonto.api.entries import PointsOut
from vertrauenskonto.api.fields import Day, Limit, Said, View
from vertrauenskonto.api.pages import Cursor, after_number, encoded
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL, Entry
from vertrauenskonto.db.queries import balances, statements

router = Router(tags=["accounts"])

Key = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
AsOf = Annotated[
    Day | None, Query(description="Value date: what had happened by then. Absent: today.")
]
KnownAt = Annotated[
    Day | None,
    Query(description="Knowledge day: what was recorded by then. Absent: everything."),
]


class OpinionOut(Said):
    """What the evidence says on one precondition: three shares (sum 1) and the expected value."""

    belief: float
    disbelief: float
    uncertainty: float
    expected: float
    verdict: str


class ReadingOut(Said):
    """What an account is worth, with its date, rules and uncertainty."""

    customer: str
    view: str
    as_of: date
    known_at: date | None
    policy: str
    balance: float
    deposits: PointsOut
    withdrawals: PointsOut
    silence: float
    silence_charges: int
    below_threshold: bool | None
    verdict: str
    weakest: str
    weakest_reason: str
    preconditions: dict[str, OpinionOut]


class LineOut(Said):
    """One line of a statement: an entry, or a silence charge (then `kind` is null)."""

    on: date
    entry: str | None
    kind: str | None
    target: str | None
    points: PointsOut
    silence: float
    running: float
    note: str | None


class StatementOut(Said):
    """A statement; opening + corrections + change of rules + deposits − withdrawals − silence +
    aging = closing.
    """

    customer: str
    first: date
    last: date
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
    lines: list[LineOut]


class PartOut(Said):
    """What one posting counts: points × weight = contribution."""

    entry: str
    on: date
    kind: str
    target: str
    dimension: str
    points: float
    weight: float
    contribution: float


class ChargeOut(Said):
    """What one silence charge counts."""

    due: date
    since: date
    points: float
    weight: float
    contribution: float


class ExplanationOut(Said):
    """A reading with everything that made it; the contributions add up to the balance."""

    reading: ReadingOut
    postings: list[PartOut]
    charges: list[ChargeOut]
    contacts: list[str] = Field(description="Entries without points that end a silence.")
    set_aside: list[str] = Field(description="Entries that do not count on this day.")


class WorthOut(Said):
    """What an account is worth as it is kept current: on the day `as_of`, by the rules named."""

    customer: str
    as_of: date
    policy: str
    balance: float
    silence: float
    silence_charges: int
    below_threshold: bool
    verdict: str
    verdicts: dict[str, str]
    weakest: str
    weakest_expected: float
    weakest_reason: str
    last_contact: date | None


class AccountPage(Said):
    """Some accounts in a fixed order, which is no ranking; `next` is absent on the last page."""

    accounts: list[WorthOut]
    next: str | None = None


@router.get("/accounts", response=AccountPage, exclude_none=False, **needs("scores"))
def accounts(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    below_threshold: Annotated[
        bool | None, Query(description="Only those below the alarm threshold, or only the others.")
    ] = None,
) -> Any:
    """List what the accounts are worth that are valued and that the token may see."""
    found = balances.page(
        viewer(request),
        after=after_number(cursor),
        limit=limit,
        below_threshold=below_threshold,
    )
    looked(request, [row.key for row in found.accounts], "balance")
    rows = [{"customer": row.key, **asdict(row)} for row in found.accounts]
    more = None if found.after is None else encoded(found.after)
    return {"accounts": rows, "next": more}


@router.get("/customers/{key}/account", response=ReadingOut, **needs("scores"))
def reading(
    request: HttpRequest,
    key: Key,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    view: View = TOTAL,
) -> Any:
    """Show what an account is worth on any day, as known on any day."""
    found = statements.reading(
        viewer(request), key, as_of=as_of or today(), known_at=known_at, view=view
    )
    looked(request, [key], "balance")
    return _reading(key, found, view)


@router.get("/customers/{key}/statement", response=StatementOut, **needs("scores"))
def statement(
    request: HttpRequest,
    key: Key,
    first: Annotated[Day, Query()],
    last: Annotated[Day, Query()],
    known_at: KnownAt = None,
    view: View = TOTAL,
) -> Any:
    """Show the statement over the days `first` to `last`, both included."""
    if last < first:
        raise Refusal("invalid", wrong=[_backwards(first, last)])
    asker = viewer(request)
    found = statements.statement(asker, key, first=first, last=last, known_at=known_at, view=view)
    looked(request, [key], "statement")
    lines = [
        {
            "on": line.on,
            "entry": line.entry.id if line.entry else None,
            "kind": line.entry.kind if line.entry else None,
            "target": line.entry.target if line.entry else None,
            "points": line.points,
            "silence": line.silence,
            "running": line.running,
            "note": (line.entry.note or None) if line.entry and _names(request) else None,
        }
        for line in found.lines
    ]
    return {
        "customer": key,
        "first": first,
        "last": last,
        "known_at": known_at,
        "opening_policy": found.opening_policy,
        "closing_policy": found.closing_policy,
        "opening": found.opening,
        "corrections": found.corrections,
        "change_of_rules": found.change_of_rules,
        "deposits": found.deposits,
        "withdrawals": found.withdrawals,
        "silence": found.silence,
        "silence_charges": found.silence_charges,
        "aging": found.aging,
        "closing": found.closing,
        "lines": lines,
    }


@router.get("/customers/{key}/explanation", response=ExplanationOut, **needs("scores"))
def explanation(
    request: HttpRequest,
    key: Key,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    view: View = TOTAL,
) -> Any:
    """Show why an account is worth what it is: each posting and charge, and what it counts."""
    asker = viewer(request)
    found = statements.explanation(asker, key, as_of=as_of or today(), known_at=known_at, view=view)
    looked(request, [key], "explanation")
    return {
        "reading": _reading(key, found.valuation, view),
        "postings": [
            {
                **_entry(part.entry),
                "dimension": part.dimension,
                "points": part.points,
                "weight": part.weight,
                "contribution": part.contribution,
            }
            for part in found.postings
        ],
        "charges": [part._asdict() for part in found.charges],
        "contacts": [entry.id for entry in found.contacts],
        "set_aside": [entry.id for entry in found.set_aside],
    }


def _names(request: HttpRequest) -> bool:
    return "names" in caller(request).scopes


def _entry(entry: Entry) -> dict[str, Any]:
    return {"entry": entry.id, "on": entry.on, "kind": entry.kind, "target": entry.target}


def _reading(key: str, found: Valuation, view: str) -> dict[str, Any]:
    return {
        "customer": key,
        "view": view,
        "as_of": found.as_of,
        "known_at": found.known_at,
        "policy": found.policy,
        "balance": found.balance,
        "deposits": found.deposits,
        "withdrawals": found.withdrawals,
        "silence": found.silence,
        "silence_charges": found.silence_charges,
        "below_threshold": found.below_threshold,
        "verdict": found.verdict,
        "weakest": found.weakest.dimension,
        "weakest_reason": found.weakest.reason,
        "preconditions": {
            d: {
                "belief": found.opinions[d].belief,
                "disbelief": found.opinions[d].disbelief,
                "uncertainty": found.opinions[d].uncertainty,
                "expected": found.opinions[d].expected,
                "verdict": found.verdicts[d],
            }
            for d in DIMENSIONS
        },
    }


def _backwards(first: date, last: date) -> Wrong:
    return Wrong(
        place="query",
        pointer="/last",
        code="last_before_first",
        text=Text(
            de=f"last ({last}) liegt vor first ({first}).",
            en=f"last ({last}) is before first ({first}).",
        ),
        value=str(last),
    )
