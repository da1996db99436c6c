"""Promises and appointments: made, listed, and each step on them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status
from pydantic import Field, model_validator

from vertrauenskonto.api.accounts import Key
from vertrauenskonto.api.callers import caller, door, looked, needs, now, viewer
from vertrauenskonto.api.events import KnownAs, Source, SourceId
from vertrauenskonto.api.fields import Day, Instant, Limit, Said, Strict, absent, said, text, wrong
from vertrauenskonto.api.pages import Cursor, after_key, encoded
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.api.reading import language
from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.promises import Sort, State
from vertrauenskonto.db.actions import matching
from vertrauenskonto.db.actions import promises as actions
from vertrauenskonto.db.actions.intake import record_place
from vertrauenskonto.db.actions.promises import Channel, NewPromise, SaidIn, Taken
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries import promises as queries
from vertrauenskonto.db.queries.promises import Shown

router = Router(tags=["promises"])

PromiseKey = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
_Short = Annotated[str, text(80)]
_Long = Annotated[str, text(500)]
_DUE = Text(
    de="Bis wann? Nennen Sie entweder due_date (ein Tag) oder due_at (ein Zeitpunkt).",
    en="Until when? Give either due_date (a day) or due_at (an instant).",
)


class PromiseIn(Strict):
    """What somebody told a customer we would do.

    The customer is named by our key (`customer`) or by what other systems know (`known_as`), a
    colleague by her key (`colleague`); until when by `due_date` or `due_at`.
    """

    source: Source
    source_id: SourceId
    wording: Annotated[str, said(500)]
    customer: Annotated[str, said(40)] = absent()
    known_as: KnownAs = absent()
    colleague: Annotated[str, said(40)] = absent()
    due_date: Day = absent()
    due_at: Instant = absent()
    made_at: Annotated[Instant, Field(description="Absent: now.")] = absent()
    sort: Sort = "promise"
    capability: Annotated[_Short, Field(description="What it takes, such as `delivery`.")] = ""
    said_in: SaidIn = "other"
    evidence: _Long = ""
    depends_on: _Long = ""
    told_whom: Annotated[str, text(200)] = ""
    is_first_contact: Annotated[
        bool, Field(strict=True, description="Absent: by the contacts so far.")
    ] = absent()
    is_before_order: Annotated[bool, Field(strict=True)] = False
    giver: Annotated[str, said(40)] = absent()
    keeper: Annotated[str, said(40)] = absent()
    zone: Annotated[_Short, Field(description="IANA name; absent: where accounts are kept.")] = ""
    place: Annotated[str, text(300)] = ""
    ends_at: Instant = absent()
    travel_minutes: Annotated[int, Field(strict=True, ge=0, le=1440)] = absent()

    @model_validator(mode="after")
    def _is_complete(self) -> "PromiseIn":
        given = self.model_fields_set
        if len({"customer", "known_as", "colleague"} & given) != 1:
            raise wrong("customer", _ONE)
        if ("due_date" in given) == ("due_at" in given):
            raise wrong("due", _DUE)
        return self


_ONE = Text(
    de="Nennen Sie genau eines: customer (unser Schlüssel), known_as oder colleague.",
    en="Give exactly one of customer (our key), known_as and colleague.",
)


class PromiseMade(Said):
    """What became of a promise reported: `queued` where it is not certain who is meant."""

    outcome: Literal["made", "replayed", "queued"]
    key: str | None = None
    text: str | None = None


class StepIn(Strict):
    """Something that was said or done about a promise; `at` absent: now.

    `renegotiated` needs the new `due_date` or `due_at`; `late_minutes` belongs to appointments.
    """

    what: Literal[
        "at_risk",
        "safe_again",
        "told",
        "renegotiated",
        "done",
        "given_up",
        "withdrawn",
        "corrected",
    ]
    at: Instant = absent()
    due_date: Day = absent()
    due_at: Instant = absent()
    late_minutes: Annotated[int, Field(strict=True, ge=0, le=1440)] = 0
    channel: Channel | Literal[""] = ""
    note: Annotated[str, text(1000)] = ""

    @model_validator(mode="after")
    def _has_one_date(self) -> "StepIn":
        if {"due_date", "due_at"} <= self.model_fields_set:
            raise wrong("due", _DUE)
        return self


class StandingOut(Said):
    """How a promise stands after a step."""

    state: State
    due_at: datetime
    told_at: datetime | None
    ended_at: datetime | None
    renegotiated: int


class PassingIn(Strict):
    """To whom a promise is handed on: who does it (`keeper`) or who tells the customer (`giver`)."""

    person: Annotated[str, said(40)]
    role: Literal["keeper", "giver"] = "keeper"
    note: Annotated[str, text(1000)] = ""


class PromiseOut(Said):
    """A promise; names, wording and place are null without scope and right to see names.

    `customer` is empty among colleagues. `due_date` null: an instant was promised.
    """

    key: str
    sort: Sort
    customer: str
    name: str | None
    wording: str | None
    capability: str
    said_in: str
    made_at: datetime
    due_at: datetime
    due_date: date | None
    state: State
    is_open: bool
    is_mine: bool
    told_at: datetime | None
    warned_at: datetime | None
    ended_at: datetime | None
    renegotiated: int
    is_first_contact: bool
    is_before_order: bool
    place: str | None
    ends_at: datetime | None
    late_minutes: int | None


class PromisePage(Said):
    """Some promises, the first due first (`over`: the last ended first); `next` leads on."""

    promises: list[PromiseOut]
    next: str | None = None


class StepOut(Said):
    """One step, the oldest first; `note` is null without scope and right to see names."""

    what: str
    at: datetime
    written_at: datetime
    due_at: datetime | None
    due_date: date | None
    late_minutes: int | None
    channel: str
    note: str | None
    is_booked: bool


class PromiseSheet(PromiseOut):
    """A promise with its steps."""

    steps: list[StepOut]


@router.post(
    "/promises",
    response={201: PromiseMade, 200: PromiseMade, 202: PromiseMade},
    exclude_none=True,
    **needs("write"),
)
def make(request: HttpRequest, body: PromiseIn) -> Any:
    """Write a promise down; the same source and id again changes nothing.

    With `known_as`, a customer who is not certain waits for a person (202); the same promise sent
    again after that is made.
    """
    given = body.model_fields_set
    customer = body.customer if "customer" in given else ""
    if "known_as" in given:
        found = _resolved(request, body)
        if found.status == "queued":
            told = found.text.in_language(language(request)) if found.text else None
            return Status(202, {"outcome": "queued", "text": told})
        customer = found.key
    made = actions.make(viewer(request), _new(body, customer), door=door(request))
    outcome = "replayed" if made.is_replay else "made"
    return Status(200 if made.is_replay else 201, {"outcome": outcome, "key": made.key})


def _new(body: PromiseIn, customer: str) -> NewPromise:
    same = (
        "source",
        "source_id",
        "wording",
        "made_at",
        "sort",
        "capability",
        "said_in",
        "evidence",
        "depends_on",
        "told_whom",
        "is_first_contact",
        "is_before_order",
        "zone",
        "place",
        "ends_at",
        "travel_minutes",
    )
    return NewPromise(
        customer=customer,
        colleague=body.colleague or "",
        due=body.due_date if "due_date" in body.model_fields_set else body.due_at,
        giver=body.giver or "",
        keeper=body.keeper or "",
        **{name: getattr(body, name) for name in same},
    )


def _resolved(request: HttpRequest, body: PromiseIn) -> matching.Resolution:
    known = body.known_as
    record = matching.Record(
        source=body.source,
        source_id=body.source_id,
        ids=known.ids,
        email=known.email,
        phone=known.phone,
        name=known.name,
        postcode=known.postcode,
    )
    [found] = matching.resolve([record], door=door(request), viewer=viewer(request))
    if found.status == "refused":
        assert found.text is not None
        place = record_place(found.field)
        one = Wrong(place="body", pointer=f"/{place}", code=found.code, text=found.text)
        code = "conflict" if found.code == "other_contents" else "invalid"
        raise Refusal(code, found.text, wrong=[one])
    return found


@router.get("/promises", response=PromisePage, **needs("read"))
def promises(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    which: Annotated[
        queries.Which,
        Query(description="`soon`: due within a week; `at_risk`: in danger, overdue included."),
    ] = "all",
    capability: Annotated[str, Query(max_length=80, description="Only those that take this.")] = "",
) -> Any:
    """List promises that the token may see."""
    found = queries.page(
        viewer(request),
        which,
        now=now(),
        after=after_key(cursor) or "",
        capability=capability,
        limit=limit,
    )
    _looked(request, found.promises)
    more = None if found.after is None else encoded(found.after)
    return {"promises": [_out(request, one) for one in found.promises], "next": more}


@router.get("/promises/{key}", response=PromiseSheet, **needs("read"))
def promise(request: HttpRequest, key: PromiseKey) -> Any:
    """Read one promise with all that was said and done about it."""
    found = queries.sheet(viewer(request), key, now=now())
    _looked(request, [found.promise])
    shows = _shows(request)
    steps = [
        {name: getattr(step, name) for name in StepOut.model_fields}
        | ({} if shows else {"note": None})
        for step in found.steps
    ]
    return {**_out(request, found.promise), "steps": steps}


@router.post("/promises/{key}/steps", response=StandingOut, **needs("write"))
def step(request: HttpRequest, key: PromiseKey, body: StepIn) -> Any:
    """Record a step on a promise and book what it makes; the last one sent again changes nothing."""
    given = body.model_fields_set
    due: date | datetime | None = body.due_date if "due_date" in given else body.due_at
    taken = Taken(
        what=body.what,
        at=body.at,
        due=due,
        late_minutes=body.late_minutes,
        channel=body.channel,
        note=body.note,
    )
    made_by = door(request)
    after = actions.take(viewer(request), key, taken, door=made_by, policies=policies.history())
    return {
        "state": after.state(made_by.at),
        "due_at": after.due.astimezone(UTC),
        "told_at": after.told_at and after.told_at.astimezone(UTC),
        "ended_at": after.ended_at and after.ended_at.astimezone(UTC),
        "renegotiated": after.renegotiated,
    }


@router.post("/promises/{key}/passing", response={204: None}, **needs("write"))
def pass_on(request: HttpRequest, key: PromiseKey, body: PassingIn) -> HttpResponse:
    """Hand a promise on."""
    actions.pass_on(
        viewer(request), key, body.person, role=body.role, note=body.note, door=door(request)
    )
    return HttpResponse(status=204)


@router.get("/customers/{key}/promises", response=PromisePage, **needs("read"))
def of_customer(request: HttpRequest, key: Key, limit: Limit = 100) -> Any:
    """List a customer's promises: the open ones first, then the newest that are over."""
    found = queries.of_customer(viewer(request), key, now=now(), limit=limit)
    _looked(request, found)
    return {"promises": [_out(request, one) for one in found]}


def _out(request: HttpRequest, shown: Shown) -> dict[str, Any]:
    said_of = {name: getattr(shown, name) for name in PromiseOut.model_fields}
    if not _shows(request):
        said_of |= {"name": None, "wording": None, "place": None}
    return said_of


def _shows(request: HttpRequest) -> bool:
    asked = caller(request)
    return "names" in asked.scopes and asked.viewer.role != "analyst"


def _looked(request: HttpRequest, found: Any) -> None:
    # Any: promises in a list or a tuple.
    looked(request, {one.customer for one in found if one.customer}, "list")
