"""Obligations: the accounts that somebody must see to, and what is done about them."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from vertrauenskonto.api.callers import caller, door, looked, needs, today, viewer
from vertrauenskonto.api.feeds import Number
from vertrauenskonto.api.fields import Day, Limit, Said, Strict, said
from vertrauenskonto.api.pages import Cursor, after_numbers, encoded
from vertrauenskonto.db.actions import obligations as actions
from vertrauenskonto.db.queries import obligations as queries

router = Router(tags=["obligations"])

Reason = Annotated[str, said(actions.REASON_LENGTH_MAX)]


class SnoozeIn(Strict):
    """Until when an obligation rests, and why."""

    until: Day
    reason: Reason


class LeaveIn(Strict):
    """Why nothing more is done."""

    reason: Reason


class ObligationOut(Said):
    """An obligation; `causes` are threshold, willing, able, assessable or honesty.

    `name` is null without scope and right to see names, `balance` for who is not valued;
    `buffer_target` is the balance from which it closes by itself.
    """

    id: int
    customer: str
    name: str | None
    causes: list[str]
    opened_date: date
    due_date: date
    is_overdue: bool
    is_mine: bool
    snoozed_until: date | None
    closed_date: date | None
    outcome: str
    balance: float | None
    threshold: float
    buffer_target: float


class ObligationPage(Said):
    """Some obligations, the first due first; `next` is absent on the last page."""

    obligations: list[ObligationOut]
    next: str | None = None


@router.get("/obligations", response=ObligationPage, **needs("scores"))
def obligations(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    which: Annotated[
        queries.Which,
        Query(
            description="`all`: open and awake; `closed`: within the last 30 days, newest first."
        ),
    ] = "all",
) -> Any:
    """List obligations of accounts that the token may see."""
    after = after_numbers(cursor)
    found = queries.page(
        viewer(request),
        which,
        today=today(),
        after=after and (min(max(after[0], 1), date.max.toordinal()), after[1]),
        limit=limit,
    )
    looked(request, [duty.customer for duty in found.duties], "balance")
    shows = "names" in caller(request).scopes
    rows = [
        {
            **{name: getattr(duty, name) for name in _PLAIN},
            "name": duty.name if shows else None,
            "causes": list(duty.sorts),
        }
        for duty in found.duties
    ]
    more = None if found.after is None else encoded(".".join(map(str, found.after)))
    return {"obligations": rows, "next": more}


_PLAIN = tuple(set(ObligationOut.model_fields) - {"name", "causes"})


@router.post("/obligations/{number}/taking", response={204: None}, **needs("write"))
def take(request: HttpRequest, number: Number) -> HttpResponse:
    """Take an obligation over."""
    actions.take(viewer(request), number, door=door(request))
    return HttpResponse(status=204)


@router.post("/obligations/{number}/snoozing", response={204: None}, **needs("write"))
def snooze(request: HttpRequest, number: Number, body: SnoozeIn) -> HttpResponse:
    """Put an obligation off until a day, 30 days at most; it comes back by itself."""
    actions.snooze(viewer(request), number, body.until, body.reason, door=door(request))
    return HttpResponse(status=204)


@router.post("/obligations/{number}/leaving", response={204: None}, **needs("write"))
def leave(request: HttpRequest, number: Number, body: LeaveIn) -> HttpResponse:
    """Close an obligation though the account has no buffer; breaches of honesty by leads only."""
    actions.leave(viewer(request), number, body.reason, door=door(request))
    return HttpResponse(status=204)
