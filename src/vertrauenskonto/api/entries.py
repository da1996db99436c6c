"""Entries: booking one, reading them, reversing, compensating, undoing."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from vertrauenskonto.api.callers import caller, door, looked, needs, today, viewer
from vertrauenskonto.api.events import (
    EventIn,
    Note,
    OutcomeOut,
    Reason,
    Source,
    SourceId,
    outcome,
    report,
)
from vertrauenskonto.api.fields import Day, Limit, Said, Strict, absent, said, text
from vertrauenskonto.api.pages import Cursor, after_number, after_numbers, encoded
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.api.reading import as_json, language
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import intake
from vertrauenskonto.db.actions.intake import Taken
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.queries import entries as queries
from vertrauenskonto.db.queries import policies

router = Router(tags=["entries"])


class Named(Strict):
    """An entry, by what its reporter called it."""

    source: Source
    source_id: SourceId


class ReversalIn(Strict):
    """That an entry never happened (Storno); the reversal is an entry of its own."""

    source: Source
    source_id: SourceId
    reverses: Named
    reason: Reason
    note: Note = ""


class CompensationIn(Strict):
    """What was done today to make an entry good (Ausgleich)."""

    source: Source
    source_id: SourceId
    compensates: Named
    kind: Annotated[str, said(80)]
    reason: Reason
    value_date: Annotated[Day, Field(description="Absent: today.")] = absent()
    target: Annotated[str, Field(pattern=r"^(organisation|person:[^\x00\s][^\x00]*)$")] = (
        "organisation"
    )
    promise: Annotated[str, text(200)] = ""
    note: Note = ""


class PointsOut(Said):
    """Points per precondition of trust, two decimals."""

    willing: float
    able: float
    assessable: float


class NamedOut(Said):
    """An entry, by what its reporter called it."""

    source: str
    source_id: str


class EntryOut(Said):
    """An entry with the points it was booked with; null: there is nothing, or it is not shown."""

    source: str
    source_id: str
    customer: str
    kind: str
    value_date: date
    recorded_date: date
    happened_at: datetime | None
    target: str
    is_contact: bool
    points: PointsOut
    policy: str
    promise: str
    remark: str
    reverses: NamedOut | None
    compensates: NamedOut | None
    reason: str
    is_reversed: bool
    note: str | None


class EntryPage(Said):
    """Some entries in the order of booking; `next` is absent on the last page."""

    entries: list[EntryOut]
    next: str | None = None


class EntryLog(Said):
    """Some entries in the order of the log; `next` goes on from here, now or later."""

    entries: list[EntryOut]
    next: str | None
    has_more: bool


_OUTCOMES = {201: OutcomeOut, 200: OutcomeOut, 202: OutcomeOut}
_STATUS = {"booked": 201, "replayed": 200, "queued": 202}


@router.post("/entries", response=_OUTCOMES, **needs("write"))
def book(request: HttpRequest, body: EventIn) -> HttpResponse:
    """Book one event: 201 booked, 200 booked before with the same contents, 202 queued because it
    is not certain who is meant; 409 booked before with other contents, 422 refused.
    """
    refuse_backfill(request, [(body, "/recorded_date")])
    [taken] = intake.take(
        viewer(request), [report(body)], door=door(request), policies=policies.history()
    )
    return answered(request, taken)


@router.get("/entries", response=EntryPage, exclude_none=False, **needs("read"))
def entries(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    customer: Annotated[str | None, Query(max_length=40)] = None,
) -> Any:
    """List entries in the order of booking, of one customer or of all that the token may see.

    To follow what is new, use `GET /entries/log`.
    """
    found = queries.page(
        viewer(request),
        after=after_number(cursor),
        limit=limit,
        customer=customer,
        with_notes="names" in caller(request).scopes,
    )
    looked(request, {row.customer for row in found.rows}, "list")
    more = None if found.next_after is None else encoded(found.next_after)
    return {"entries": [_shown(row) for row in found.rows], "next": more}


@router.get("/entries/log", response=EntryLog, **needs("read"))
def log(request: HttpRequest, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """Follow the ledger: what was sealed since the cursor, in the order of the log.

    Keep `next` and come again with it, as often as you like: nothing is missed and nothing comes
    twice. What was just booked appears once it is sealed, a few seconds later.
    """
    found = queries.sealed_page(
        viewer(request),
        after=after_numbers(cursor) or (-1, 0),
        limit=limit,
        with_notes="names" in caller(request).scopes,
    )
    looked(request, {row.customer for row in found.rows}, "list")
    return {
        "entries": [_shown(row) for row in found.rows],
        "next": encoded("{}.{}".format(*found.last)) if found.last[0] >= 0 else None,
        "has_more": found.has_more,
    }


@router.get("/entries/entry", response=EntryOut, **needs("read"))
def entry(
    request: HttpRequest,
    source: Annotated[str, Query(min_length=1, max_length=80)],
    source_id: Annotated[str, Query(min_length=1, max_length=200)],
) -> Any:
    """Show one entry, by what its reporter called it."""
    row = queries.entry(
        viewer(request), source, source_id, with_notes="names" in caller(request).scopes
    )
    looked(request, [row.customer], "list")
    return _shown(row)


@router.post("/entries/reversals", response=_OUTCOMES, **needs("write"))
def reverse(request: HttpRequest, body: ReversalIn) -> HttpResponse:
    """Reverse an entry (Storno): it never happened, on the day it was said to happen."""
    draft = Draft(
        customer="",
        source=body.source,
        source_id=body.source_id,
        value_date=today(),
        reverses=(body.reverses.source, body.reverses.source_id),
        reason=body.reason,
        note=body.note,
    )
    return _answered_about(request, draft, body.reverses)


@router.post("/entries/compensations", response=_OUTCOMES, **needs("write"))
def compensate(request: HttpRequest, body: CompensationIn) -> HttpResponse:
    """Book what makes an entry good (Ausgleich): both stay, each on its own day."""
    draft = Draft(
        customer="",
        source=body.source,
        source_id=body.source_id,
        value_date=body.value_date if "value_date" in body.model_fields_set else today(),
        kind=body.kind,
        target=body.target,
        promise=body.promise,
        compensates=(body.compensates.source, body.compensates.source_id),
        reason=body.reason,
        note=body.note,
    )
    return _answered_about(
        request, draft, body.compensates, is_day_given="value_date" in body.model_fields_set
    )


@router.post("/entries/undo", response=_OUTCOMES, **needs("write"))
def undo(request: HttpRequest, body: Named) -> HttpResponse:
    """Take back a slip of the finger: within a minute, by the same person."""
    taken = intake.undo(
        viewer(request),
        body.source,
        body.source_id,
        door=door(request),
        policies=policies.history(),
    )
    return answered(request, taken)


def answered(request: HttpRequest, taken: Taken) -> HttpResponse:
    """Return the answer to a single booking.

    Raises:
        Refusal: it was refused, or booked before with other contents.
    """
    if taken.status in ("conflict", "refused"):
        assert taken.text is not None
        code = "conflict" if taken.status == "conflict" else "invalid"
        wrong = Wrong(
            place="body",
            pointer=f"/{taken.field}" if taken.field else "",
            code=taken.code,
            text=taken.text,
        )
        raise Refusal(code, taken.text, wrong=[wrong])
    said = as_json(outcome(taken, language(request)))
    return HttpResponse(
        said, status=_STATUS[taken.status], content_type="application/json; charset=utf-8"
    )


def refuse_backfill(request: HttpRequest, events: list[tuple[EventIn, str]]) -> None:
    """Go on if no event claims a day of recording, or the token may.

    Raises:
        Refusal: one does, and the token may not.
    """
    if "backfill" in caller(request).scopes:
        return
    wrong = [
        Wrong(place="body", pointer=where, code="backfill", text=BACKFILL)
        for event, where in events
        if "recorded_date" in event.model_fields_set
    ]
    if wrong:
        raise Refusal("denied", BACKFILL, wrong=wrong)


BACKFILL = Text(
    de="Einen früheren Tag der Erfassung nennen nur Token mit dem Umfang „backfill“; lassen Sie "
    "recorded_date weg.",
    en="Only tokens with the scope 'backfill' claim an earlier day of recording; leave "
    "recorded_date out.",
)


def _answered_about(
    request: HttpRequest, draft: Draft, other: Named, *, is_day_given: bool = True
) -> HttpResponse:
    taken = intake.take_about(
        viewer(request),
        draft,
        (other.source, other.source_id),
        door=door(request),
        policies=policies.history(),
        is_day_given=is_day_given,
    )
    return answered(request, taken)


def _shown(row: queries.EntryRow) -> dict[str, Any]:
    return {
        "source": row.source,
        "source_id": row.source_id,
        "customer": row.customer,
        "kind": row.kind,
        "value_date": row.value_date,
        "recorded_date": row.recorded_date,
        "happened_at": row.happened_at,
        "target": row.target,
        "is_contact": row.is_contact,
        "points": row.points,
        "policy": row.policy,
        "promise": row.promise,
        "remark": row.remark,
        "reverses": _named(row.reverses),
        "compensates": _named(row.compensates),
        "reason": row.reason,
        "is_reversed": row.is_reversed,
        "note": row.note,
    }


def _named(other: tuple[str, str] | None) -> dict[str, str] | None:
    return None if other is None else {"source": other[0], "source_id": other[1]}
