"""Customers: finding or opening them, describing them, merging, segments, groups, and the queue of
records that wait for a person.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja.responses import Status
from pydantic import Field, model_validator

from vertrauenskonto.api.accounts import Key
from vertrauenskonto.api.callers import caller, door, looked, needs, viewer
from vertrauenskonto.api.customer_lists import router
from vertrauenskonto.api.entries import Named, NamedOut
from vertrauenskonto.api.events import KnownAs, Reason, Source, SourceId
from vertrauenskonto.api.feeds import Number
from vertrauenskonto.api.fields import Limit, Said, Strict, absent, said, text, wrong
from vertrauenskonto.api.pages import Cursor, after_number, encoded
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.api.reading import language
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import access
from vertrauenskonto.db.actions import customers as actions
from vertrauenskonto.db.actions import hierarchy, matching, merging
from vertrauenskonto.db.actions.customers import ContactData, Description
from vertrauenskonto.db.actions.intake import record_place
from vertrauenskonto.db.queries import hierarchy as groups
from vertrauenskonto.db.queries import matching as waiting
from vertrauenskonto.db.queries import policies

Sort = Literal["person", "organisation"]
Attributes = Annotated[
    dict[Annotated[str, said(80)], Annotated[str, text(200)]], Field(max_length=50)
]


class CustomerIn(Strict):
    """A record of another system: who it is, by ids and addresses."""

    source: Source
    source_id: SourceId
    known_as: KnownAs
    sort: Sort = "person"
    attributes: Attributes = Field(default_factory=dict)


class ContactIn(Strict):
    """A person or place by which a customer is reached."""

    name: Annotated[str, text(200)] = ""
    function: Annotated[str, text(80)] = ""
    email: Annotated[str, text(254)] = ""
    phone: Annotated[str, text(40)] = ""
    address: Annotated[str, text(2000)] = ""
    postcode: Annotated[str, text(20)] = ""
    is_main: Annotated[bool, Field(strict=True)] = False


class DescriptionIn(Strict):
    """Who a customer is: replaces profile and contacts, and the ids unless they are left out."""

    name: Annotated[str, text(200)]
    sort: Sort = "person"
    is_prospect: Annotated[bool, Field(strict=True)] = False
    language: Literal["de", "en"] = "de"
    contacts: Annotated[list[ContactIn], Field(max_length=50)] = Field(default_factory=list)
    ids: dict[
        Annotated[str, said(80)],
        Annotated[list[Annotated[str, said(200)]], Field(max_length=50)],
    ] = absent()


class IntoIn(Strict):
    """The customer whose account counts from now on."""

    into: Annotated[str, said(40)]


class MoveIn(Strict):
    """Entries booked on the wrong account, and whose they are."""

    entries: Annotated[list[Named], Field(min_length=1, max_length=500)]
    into: Annotated[str, said(40)]
    reason: Reason


class SegmentIn(Strict):
    """The segment chosen by hand; an empty text lets the rules decide again."""

    segment: Annotated[str, text(80)]


class AttributesIn(Strict):
    """What the rules of segments may read; an empty text takes a value back."""

    attributes: Attributes


class ParentIn(Strict):
    """The organisation that a customer belongs to."""

    parent: Annotated[str, said(40)]


class OwnerIn(Strict):
    """Who looks after a customer: a person or a team's queue, and deputies; people by their keys."""

    owner: Annotated[str, said(80)] = absent()
    team: Annotated[str, said(80)] = absent()
    deputies: Annotated[list[Annotated[str, said(80)]], Field(max_length=20)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _is_one(self) -> "OwnerIn":
        if {"owner", "team"} <= self.model_fields_set:
            raise wrong(
                "owner",
                Text(
                    de="Entweder eine Person (owner) oder ein Team (team), nicht beides.",
                    en="Either a person (owner) or a team (team), not both.",
                ),
            )
        return self


class DecisionIn(Strict):
    """For whom a waiting record is: a customer's key, `new` or `discard`."""

    customer: Annotated[str, said(40)]


class ResolvedOut(Said):
    """What became of a record: `opened`, `joined` (known before) or `queued` (not certain)."""

    outcome: Literal["opened", "joined", "queued"]
    customer: str | None = None
    text: str | None = None


class ChangedOut(Said):
    """Whether anything changed; false: it was so already."""

    changed: bool


class MovedOut(Said):
    """The ids that moved entries have now, by the ids they had."""

    moved: list[dict[Literal["before", "now"], NamedOut]]


class MemberOut(Said):
    """One account of a group; balance null: nothing is booked, so nothing is known."""

    key: str
    name: str | None
    parent: str
    depth: int
    balance: float | None
    verdict: str
    below_threshold: bool
    as_of: date | None


class GroupOut(Said):
    """What a group comes to: by its worst account and by count, never by a mean."""

    own: MemberOut | None
    children: list[MemberOut]
    worst: MemberOut | None
    accounts: int
    below_threshold: int
    unknown: int
    not_visible: int
    as_of: date | None


class CandidateOut(Said):
    """A customer to whom a waiting record may belong, and by which keys."""

    key: str
    name: str | None
    by: list[str]


class WaitingOut(Said):
    """A record that waits for a person; `record` is null without scope and right to see names."""

    id: int
    source: str
    source_id: str
    received_at: datetime
    record: dict[str, Any] | None
    candidates: list[CandidateOut]
    has_draft: bool


class WaitingPage(Said):
    """Some waiting records, the oldest first; `next` is absent on the last page."""

    unmatched: list[WaitingOut]
    next: str | None = None


class DecidedOut(Said):
    """For whom it was decided (null: discarded), how many records like it, entries booked."""

    customer: str | None
    records: int
    booked: int


@router.post(
    "/customers",
    response={200: ResolvedOut, 201: ResolvedOut, 202: ResolvedOut},
    **needs("customers"),
)
def resolve(request: HttpRequest, body: CustomerIn) -> Any:
    """Find the customer a record means, or open an account: 201 opened, 200 known, 202 queued.

    The same record again gets the same answer. Nothing is joined by a name alone.
    """
    access.require(viewer(request), "book")
    record = matching.Record(
        source=body.source,
        source_id=body.source_id,
        ids=body.known_as.ids,
        email=body.known_as.email,
        phone=body.known_as.phone,
        name=body.known_as.name,
        postcode=body.known_as.postcode,
        sort=body.sort,
        attributes=body.attributes,
    )
    [found] = matching.resolve([record], door=door(request), viewer=viewer(request))
    if found.status == "refused":
        assert found.text is not None
        place = record_place(found.field)
        one = Wrong(place="body", pointer=f"/{place}", code=found.code, text=found.text)
        known = {"other_contents": "conflict", "goal_guard": "goal_guard"}
        raise Refusal(known.get(found.code, "invalid"), found.text, wrong=[one])
    said: dict[str, Any] = {"outcome": found.status}
    if found.key:
        said["customer"] = found.key
    if found.text is not None:
        said["text"] = found.text.in_language(language(request))
    return Status({"opened": 201, "joined": 200, "queued": 202}[found.status], said)


@router.put("/customers/{key}", response={204: None}, **needs("customers"))
def describe(request: HttpRequest, key: Key, body: DescriptionIn) -> HttpResponse:
    """Say who a customer is; profile and contacts are replaced."""
    description = Description(
        name=body.name,
        sort=body.sort,
        is_prospect=body.is_prospect,
        language=body.language,
        contacts=tuple(ContactData(**contact.model_dump()) for contact in body.contacts),
        ids=body.ids if "ids" in body.model_fields_set else None,
    )
    actions.describe(viewer(request), key, description)
    return HttpResponse(status=204)


@router.post("/customers/{key}/merge", response=ChangedOut, **needs("customers"))
def merge(request: HttpRequest, key: Key, body: IntoIn) -> Any:
    """Let a customer be the same as another from today on; can be taken back."""
    changed = merging.merge(
        viewer(request), key, body.into, door=door(request), policies=policies.history()
    )
    return {"changed": changed}


@router.post("/customers/{key}/unmerge", response={204: None}, **needs("customers"))
def unmerge(request: HttpRequest, key: Key) -> HttpResponse:
    """Take a merge back; both accounts are valued anew."""
    merging.unmerge(viewer(request), key, door=door(request), policies=policies.history())
    return HttpResponse(status=204)


@router.post("/customers/{key}/entries/move", response=MovedOut, **needs("customers"))
def move(request: HttpRequest, key: Key, body: MoveIn) -> Any:
    """Move entries that were booked on the wrong account, all of them or none."""
    found = merging.move_entries(
        viewer(request),
        key,
        [(one.source, one.source_id) for one in body.entries],
        into=body.into,
        reason=body.reason,
        door=door(request),
        policies=policies.history(),
    )
    pairs = [
        {"before": _named(before), "now": _named(after)} for before, after in found.moved.items()
    ]
    return {"moved": pairs}


@router.put("/customers/{key}/segment", response={204: None}, **needs("customers"))
def segment(request: HttpRequest, key: Key, body: SegmentIn) -> HttpResponse:
    """Put a customer into a segment by hand."""
    actions.choose_segment(
        viewer(request),
        [key],
        body.segment,
        door=door(request),
        policies=policies.history(),
    )
    return HttpResponse(status=204)


@router.put("/customers/{key}/attributes", response={204: None}, **needs("customers"))
def attributes(request: HttpRequest, key: Key, body: AttributesIn) -> HttpResponse:
    """Record what the rules of segments may read; revenue and the like are refused."""
    actions.set_attributes(
        viewer(request), key, body.attributes, door=door(request), policies=policies.history()
    )
    return HttpResponse(status=204)


@router.put("/customers/{key}/parent", response=ChangedOut, **needs("customers"))
def parent(request: HttpRequest, key: Key, body: ParentIn) -> Any:
    """Say which organisation a customer belongs to."""
    changed = hierarchy.set_parent(viewer(request), key, body.parent, door=door(request))
    return {"changed": changed}


@router.delete("/customers/{key}/parent", response={204: None}, **needs("customers"))
def no_parent(request: HttpRequest, key: Key) -> HttpResponse:
    """Say that a customer belongs to no organisation."""
    hierarchy.set_parent(viewer(request), key, None, door=door(request))
    return HttpResponse(status=204)


@router.put("/customers/{key}/owner", response={204: None}, **needs("customers"))
def owner(request: HttpRequest, key: Key, body: OwnerIn) -> HttpResponse:
    """Say who looks after a customer; owner and team left out: nobody."""
    given = body.model_fields_set
    actions.assign(
        viewer(request),
        key,
        owner=body.owner if "owner" in given else None,
        team=body.team if "team" in given else None,
        deputies=body.deputies,
    )
    return HttpResponse(status=204)


@router.get("/customers/{key}/group", response=GroupOut, **needs("scores"))
def group(request: HttpRequest, key: Key) -> Any:
    """Show what an organisation and its subsidiaries come to."""
    found = groups.roll_up(viewer(request), key)
    looked(request, [key], "balance")
    shown = GroupOut.model_validate(found)
    if "names" not in caller(request).scopes:
        for member in (shown.own, shown.worst, *shown.children):
            if member is not None:
                member.name = None
    return shown


@router.get("/unmatched", response=WaitingPage, **needs("customers"))
def unmatched(request: HttpRequest, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """List the records that wait because it is not certain who is meant."""
    rows = waiting.unmatched(viewer(request), after=after_number(cursor) or 0, limit=limit)
    found = [WaitingOut.model_validate(row) for row in rows]
    looked(request, {c.key for one in found for c in one.candidates}, "unmatched")
    if "names" not in caller(request).scopes:
        for one in found:
            one.record = None
            for candidate in one.candidates:
                candidate.name = None
    return {"unmatched": found, "next": encoded(rows[-1].id) if len(rows) == limit else None}


@router.post("/unmatched/{number}/decision", response=DecidedOut, **needs("customers"))
def decide(request: HttpRequest, number: Number, body: DecisionIn) -> Any:
    """Decide for whom a waiting record is; what waits with it is booked."""
    found = matching.decide(
        viewer(request), number, body.customer, door=door(request), policies=policies.history()
    )
    return {
        "customer": found.key or None,
        "records": found.records,
        "booked": len(found.outcomes),
    }


def _named(one: tuple[str, str]) -> dict[str, str]:
    return {"source": one[0], "source_id": one[1]}
