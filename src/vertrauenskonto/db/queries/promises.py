"""Promises and appointments: what is due, to whom, how it stands, and all that was said and done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.promises import OPEN, Sort, Standing, State
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import Viewer, may, require, shown_key
from vertrauenskonto.db.queries.calendars import Calendars

# mine: hers to keep or to tell about; soon: due within a week; over: how those of late ended.
Which = Literal["mine", "all", "soon", "at_risk", "overdue", "over"]
WHICH: tuple[Which, ...] = get_args(Which)
PAGE_MAX = 500
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A promise as a viewer sees it.

    `customer` is how the customer is called before her, "" among colleagues; `name` is None where
    she sees no names, and then `wording`, `phone` and what quotes people are empty. `giver` and `keeper`
    are names, `person` where the staff rule masks them, "" for nobody. `due_date` None: an instant
    was promised. `is_mine`: hers to keep or to tell about.
    """

    key: str
    sort: Sort
    customer: str
    name: str | None
    colleague: str
    wording: str
    capability: str
    said_in: str
    made_at: datetime
    due_at: datetime
    due_date: date | None
    zone: str
    state: State
    is_open: bool
    told_at: datetime | None
    warned_at: datetime | None
    renegotiated: int
    ended_at: datetime | None
    giver: str
    keeper: str
    is_mine: bool
    is_first_contact: bool
    is_before_order: bool
    incident: int | None
    place: str
    ends_at: datetime | None
    travel_minutes: int | None
    late_minutes: int | None
    confirmed_at: datetime | None
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One step of a promise; `actor` and `person` as the staff rule shows them."""

    at: datetime
    written_at: datetime
    actor: str
    what: str
    due_at: datetime | None
    due_date: date | None
    late_minutes: int | None
    channel: str
    person: str
    note: str
    is_booked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A promise, what else was written down about it, and its steps, the oldest first."""

    promise: Shown
    evidence: str
    depends_on: str
    told_whom: str
    steps: tuple[Done, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some promises; `after` leads to the next ones, None: these were the last."""

    promises: tuple[Shown, ...]
    after: str | None


def visible(viewer: Viewer) -> QuerySet[models.Promise]:
    """Return the promises that exist for a viewer; for modules of `db` only.

    Those to customers she sees, and those among colleagues that she gave, keeps or got.

    Raises:
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    rows = models.Promise.objects.order_by("due_at", "pk")
    among_us = Q(customer=None)
    if viewer.role != "administrator":
        me = viewer.person_id
        among_us &= Q(giver=me) | Q(keeper=me) | Q(colleague=me) if me else Q(pk=None)
    if viewer.role != "contact":
        return rows.filter(Q(customer__isnull=False) | among_us)
    assert viewer.person_id is not None, "a contact is a person"
    own = access.looked_after(viewer.person_id, viewer.team_id)
    return rows.filter(Q(customer__in=own) | Q(keeper=viewer.person_id) | among_us)


def count_mine(viewer: Viewer, *, now: datetime) -> int:
    """Return how many open promises are hers to keep or to tell about and due or in danger.

    Raises:
        Denied: the viewer may not see accounts.
    """
    return _which(visible(viewer).filter(_is_hers(viewer)), viewer, "at_risk", now).count()


def mine(viewer: Viewer, *, now: datetime, limit: int = 50) -> tuple[Shown, ...]:
    """Return the open promises that are hers to keep or to tell about, the first due first.

    Raises:
        Denied: the viewer may not see accounts.
    """
    return _shown(viewer, _which(visible(viewer), viewer, "mine", now)[:limit], now)


def pressing(
    viewer: Viewer, *, now: datetime, until: datetime, is_own: bool, limit: int = 50
) -> tuple[Shown, ...]:
    """Return the open promises that are due until an instant or in danger, the first due first.

    `is_own`: only those that are hers to keep or to tell about.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = _which(visible(viewer), viewer, "mine" if is_own else "all", now)
    return _shown(viewer, rows.filter(Q(due_at__lte=until) | _in_danger(now))[:limit], now)


def of_customer(viewer: Viewer, key: str, *, now: datetime, limit: int = 50) -> tuple[Shown, ...]:
    """Return a customer's promises: the open ones first, then the newest that are over.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    return of_seen(viewer, access.customer_id(viewer, key), now=now, limit=limit)


def of_seen(
    viewer: Viewer, pk: int, *, now: datetime, limit: int, is_merged: bool = True
) -> tuple[Shown, ...]:
    """Return the promises of a customer whom the viewer was found to see, as `of_customer`.

    `is_merged`: others may have been merged into it, whose promises are its own now.
    """
    merged = aliases.members([pk]).get(pk, ()) if is_merged else ()
    rows = models.Promise.objects.filter(customer__in=[pk, *merged])
    newest = F("ended_at").desc(nulls_first=True)
    return _shown(viewer, rows.order_by(newest, "due_at", "pk")[:limit], now)


def page(
    viewer: Viewer,
    which: Which,
    *,
    now: datetime,
    after: str = "",
    capability: str = "",
    limit: int = 50,
) -> Page:
    """Return a page of promises; `after` is the key of the last one of the page before.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = _which(visible(viewer), viewer, which, now)
    if capability:
        rows = rows.filter(capability=capability)
    last = models.Promise.objects.filter(key=after).first() if after else None
    if last is not None and which == "over":
        ended = last.ended_at or now
        rows = rows.filter(Q(ended_at__lt=ended) | Q(ended_at=ended, pk__lt=last.pk))
    elif last is not None:
        rows = rows.filter(Q(due_at__gt=last.due_at) | Q(due_at=last.due_at, pk__gt=last.pk))
    found = list(_whole(rows)[: min(limit, PAGE_MAX) + 1])
    shown = _shown(viewer, found[:limit], now)
    return Page(promises=shown, after=shown[-1].key if len(found) > limit else None)


def sheet(viewer: Viewer, key: str, *, now: datetime) -> Sheet:
    """Return one promise with all that was said and done about it.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: the viewer may not see accounts.
    """
    row = _whole(visible(viewer)).filter(key=key).first()
    if row is None:
        raise NotFound(
            Text(de=f"Es gibt keine Zusage „{key}“.", en=f"There is no promise '{key}'.")
        )
    steps = list(models.PromiseStep.objects.filter(promise=row).order_by("pk"))
    called = {row.giver.key if row.giver else "", row.keeper.key if row.keeper else ""}
    called |= {row.colleague.key} if row.colleague else set()
    called |= {s.actor for s in steps} | {s.person for s in steps}
    names = access.shown_people(viewer, called)
    shows = may(viewer, "see_names")
    return Sheet(
        promise=_one(viewer, row, names, now),
        evidence=row.evidence if shows else "",
        depends_on=row.depends_on if shows else "",
        told_whom=row.told_whom if shows else "",
        steps=tuple(
            Done(
                at=s.at,
                written_at=s.written_at,
                actor=names[s.actor],
                what=s.what,
                due_at=s.due_at,
                due_date=s.due_date,
                late_minutes=s.late_minutes,
                channel=s.channel,
                person=names[s.person],
                note=s.note if shows else "",
                is_booked=bool(s.entry_source_id),
            )
            for s in steps
        ),
    )


def begun_with(viewer: Viewer, source: str, start: str) -> dict[str, str]:
    """Return the keys of promises whose ids at a source begin so, by those ids.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = visible(viewer).filter(source=source, source_id__startswith=start)
    return dict(rows.values_list("source_id", "key"))


def standing_of(row: models.Promise) -> Standing:
    """Return how a promise stands, from its row; what its steps would say."""
    outcome = row.state if row.state not in OPEN else None
    return Standing(
        sort="appointment" if row.sort == "appointment" else "promise",
        made_at=row.made_at,
        due=row.due_at,
        told_at=row.told_at,
        is_at_risk=row.is_at_risk,
        renegotiated=row.renegotiated,
        outcome=outcome,  # type: ignore[arg-type]  # what is not open is an outcome
        ended_at=row.ended_at,
    )


def shown_rows(viewer: Viewer, rows: QuerySet[models.Promise], now: datetime) -> tuple[Shown, ...]:
    """Return promises as a viewer sees them; for modules of `db` only."""
    return _shown(viewer, rows, now)


def working_time(viewer: Viewer, *, customer: str = "") -> WorkingTime:
    """Return the time in which a viewer's team and a customer, if any is named, both work.

    Raises:
        NotFound: there is no such customer for this viewer.
    """
    pk = access.customer_id(viewer, customer) if customer else None
    return Calendars().of(pk, viewer.team_id)


def capabilities(viewer: Viewer, *, limit: int = 200) -> tuple[str, ...]:
    """Return what promises drew on so far, by name.

    Raises:
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    rows = models.Promise.objects.exclude(capability="").order_by("capability")
    return tuple(rows.values_list("capability", flat=True).distinct()[:limit])


def _which(
    rows: QuerySet[models.Promise], viewer: Viewer, which: Which, now: datetime
) -> QuerySet[models.Promise]:
    if which == "over":
        return rows.filter(ended_at__isnull=False).order_by("-ended_at", "-pk")
    rows = rows.filter(ended_at=None)
    if which == "mine":
        return rows.filter(_is_hers(viewer))
    if which == "soon":
        return rows.filter(due_at__gte=now, due_at__lt=now + SOON)
    if which == "overdue":
        return rows.filter(_is_over(now))
    if which == "at_risk":
        return rows.filter(_in_danger(now))
    return rows


def _is_over(now: datetime) -> Q:
    """Return the condition that the date has passed; of an appointment, its end."""
    return Q(due_at__lt=now) & (Q(ends_at=None) | Q(ends_at__lt=now))


def _in_danger(now: datetime) -> Q:
    """Return the condition that a promise is at risk, overdue, or was warned of and nobody told."""
    return Q(is_at_risk=True) | _is_over(now) | Q(warned_at__isnull=False, told_at=None)


def hers(viewer: Viewer) -> QuerySet[models.Promise]:
    """Return the promises that are a viewer's to keep or to tell about; for modules of `db` only."""
    return visible(viewer).filter(_is_hers(viewer))


def in_danger(rows: QuerySet[models.Promise], now: datetime) -> QuerySet[models.Promise]:
    """Return those of some promises that are at risk, overdue, or warned of and nobody told."""
    return rows.filter(_in_danger(now), ended_at=None)


def _is_hers(viewer: Viewer) -> Q:
    """Return the condition that she keeps it or tells; of nobody's, who looks after the customer."""
    me = viewer.person_id
    if me is None:
        return Q()
    nobodys = Q(giver=None, keeper=None, customer__in=access.looked_after(me, viewer.team_id))
    return Q(giver=me) | Q(keeper=me) | nobodys


def _whole(rows: QuerySet[models.Promise]) -> QuerySet[models.Promise]:
    people = models.Contact.objects.filter(customer=OuterRef("customer")).exclude(phone="")
    phone = Subquery(people.order_by("-is_main", "pk").values("phone")[:1])
    whole = rows.select_related("customer__profile", "giver", "keeper", "colleague")
    return whole.annotate(phone=phone)


def _shown(
    viewer: Viewer, rows: QuerySet[models.Promise] | Sequence[models.Promise], now: datetime
) -> tuple[Shown, ...]:
    found = list(_whole(rows)) if isinstance(rows, QuerySet) else rows
    if not found:
        return ()
    people = {p for row in found for p in (row.giver, row.keeper, row.colleague) if p is not None}
    names = access.shown_people(viewer, {p.key for p in people} | {""}, known=people)
    return tuple(_one(viewer, row, names, now) for row in found)


def _one(viewer: Viewer, row: models.Promise, names: dict[str, str], now: datetime) -> Shown:
    shows = may(viewer, "see_names")
    profile = getattr(row.customer, "profile", None) if row.customer else None
    state = standing_of(row).state(now, ends=row.ends_at)
    return Shown(
        key=row.key,
        sort="appointment" if row.sort == "appointment" else "promise",
        customer=shown_key(viewer, row.customer.key) if row.customer else "",
        name=(profile.name if profile else "") if shows else None,
        colleague=names[row.colleague.key] if row.colleague else "",
        wording=row.wording if shows else "",
        capability=row.capability,
        said_in=row.said_in,
        made_at=row.made_at,
        due_at=row.due_at,
        due_date=row.due_date,
        zone=row.zone,
        state=state,
        is_open=state in OPEN,
        told_at=row.told_at,
        warned_at=row.warned_at,
        renegotiated=row.renegotiated,
        ended_at=row.ended_at,
        giver=names[row.giver.key] if row.giver else "",
        keeper=names[row.keeper.key] if row.keeper else "",
        is_mine=viewer.person_id is not None and viewer.person_id in (row.giver_id, row.keeper_id),
        is_first_contact=row.is_first_contact,
        is_before_order=row.is_before_order,
        incident=row.incident_id,
        place=row.place if shows else "",
        ends_at=row.ends_at,
        travel_minutes=row.travel_minutes,
        late_minutes=row.late_minutes,
        confirmed_at=row.confirmed_at,
        phone=(getattr(row, "phone", "") or "") if shows else "",
    )
