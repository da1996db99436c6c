"""Honesty: what waits for a second person, what concerns the one who asks, and what is contested."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.responses import Status

from vertrauenskonto.api.callers import caller, door, looked, needs, viewer
from vertrauenskonto.api.feeds import Number
from vertrauenskonto.api.fields import Limit, Said, Strict, said
from vertrauenskonto.api.pages import Cursor, after_number, encoded
from vertrauenskonto.db.actions import honesty
from vertrauenskonto.db.queries import people as queries
from vertrauenskonto.db.queries import policies

router = Router(tags=["honesty"])

Words = Annotated[str, said(honesty.REASON_LENGTH_MAX)]


class ReasonIn(Strict):
    """Why it is not booked."""

    reason: Words


class TextIn(Strict):
    """What is said; the other side reads it."""

    text: Words


class ProposalOut(Said):
    """An entry that waits, or was decided on; the note is null without the scope `names`."""

    id: int
    state: str
    customer: str
    kind: str
    value_date: date
    target: str
    source: str
    source_id: str
    proposed_at: datetime
    proposer: str
    decider: str
    reason: str
    note: str | None


class ProposalPage(Said):
    """Some proposals, the oldest first; `next` is absent on the last page."""

    proposals: list[ProposalOut]
    next: str | None = None


class WordOut(Said):
    """Something said of an entry: comment, contested, upheld or withdrawn."""

    state: str
    recorded_date: date
    text: str | None


class ConcernOut(Said):
    """An entry on honesty and what was said of it; texts are null without the scope `names`."""

    entry: int
    customer: str
    kind: str
    value_date: date
    recorded_date: date
    state: str
    is_reversed: bool
    note: str | None
    said: list[WordOut]


class ConcernsOut(Said):
    """All of them."""

    entries: list[ConcernOut]


class BookedOut(Said):
    """What became of a confirmed proposal; `replayed`: it was booked before."""

    status: Literal["booked", "replayed"]
    source: str
    source_id: str


@router.get("/proposals", response=ProposalPage, exclude_none=False, **needs("honesty"))
def proposals(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    state: Literal["open", "confirmed", "declined"] = "open",
) -> Any:
    """List the breaches of honesty that wait for a second person, or on which one decided."""
    found = queries.proposals(
        viewer(request), state=state, after=after_number(cursor) or 0, limit=limit
    )
    shown = [ProposalOut.model_validate(one) for one in found]
    if not _reads_texts(request):
        for one in shown:
            one.note = None
    looked(request, {one.customer for one in found}, "list")
    more = encoded(found[-1].id) if len(found) == limit else None
    return {"proposals": shown, "next": more}


@router.post("/proposals/{number}/confirmation", response={201: BookedOut}, **needs("honesty"))
def confirm(request: HttpRequest, number: Number) -> Any:
    """Book what was proposed, as the second person: neither the proposer nor whom it concerns."""
    booked = honesty.confirm(
        viewer(request), number, door=door(request), policies=policies.history()
    )
    named = {"source": booked.draft.source, "source_id": booked.draft.source_id}
    return Status(201, {"status": booked.status, **named})


@router.post("/proposals/{number}/refusal", response={204: None}, **needs("honesty"))
def decline(request: HttpRequest, number: Number, body: ReasonIn) -> HttpResponse:
    """Decide that what was proposed is not booked; the same is not proposed again."""
    honesty.decline(viewer(request), number, reason=body.reason, door=door(request))
    return HttpResponse(status=204)


@router.get("/concerns", response=ConcernsOut, exclude_none=False, **needs("honesty"))
def concerns(request: HttpRequest) -> Any:
    """List the entries on honesty that name the token's person: nobody else sees them like this."""
    return _shown(request, queries.concerning(viewer(request)))


@router.post("/concerns/{number}/comment", response={204: None}, **needs("honesty"))
def comment(request: HttpRequest, number: Number, body: TextIn) -> HttpResponse:
    """Say something about an entry that concerns the token's person."""
    honesty.comment(viewer(request), number, text=body.text, door=door(request))
    return HttpResponse(status=204)


@router.post("/concerns/{number}/contest", response={204: None}, **needs("honesty"))
def contest(request: HttpRequest, number: Number, body: TextIn) -> HttpResponse:
    """Contest an entry that concerns the token's person; somebody else must decide."""
    honesty.contest(viewer(request), number, text=body.text, door=door(request))
    return HttpResponse(status=204)


@router.get("/contests", response=ConcernsOut, exclude_none=False, **needs("honesty"))
def contests(request: HttpRequest) -> Any:
    """List the contested entries on which nobody decided yet, the oldest first."""
    return _shown(request, queries.contested(viewer(request)))


@router.post("/contests/{number}/upholding", response={204: None}, **needs("honesty"))
def uphold(request: HttpRequest, number: Number, body: TextIn) -> HttpResponse:
    """Decide that a contested entry stands."""
    honesty.uphold(viewer(request), number, text=body.text, door=door(request))
    return HttpResponse(status=204)


@router.post("/contests/{number}/withdrawal", response={204: None}, **needs("honesty"))
def withdraw(request: HttpRequest, number: Number, body: TextIn) -> HttpResponse:
    """Decide that a contested entry never happened: it is reversed."""
    honesty.withdraw(
        viewer(request), number, text=body.text, door=door(request), policies=policies.history()
    )
    return HttpResponse(status=204)


def _shown(request: HttpRequest, found: Sequence[queries.Concern]) -> dict[str, Any]:
    shown = [ConcernOut.model_validate(one) for one in found]
    if not _reads_texts(request):
        for one in shown:
            one.note = None
            for word in one.said:
                word.text = None
    looked(request, {one.customer for one in found}, "list")
    return {"entries": shown}


def _reads_texts(request: HttpRequest) -> bool:
    return "names" in caller(request).scopes
