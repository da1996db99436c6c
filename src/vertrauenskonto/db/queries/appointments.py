"""Appointments: what else a person has, times that can be offered, and what a customer may see of one.

An appointment is a promise of this sort (`queries.promises`); here is what only appointments have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from vertrauenskonto.core.appointments import Visit, free_times, is_outside, overlapping
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import NO_TEXT, Invalid, Language, NotFound, Text
from vertrauenskonto.core.promises import OPEN
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, may, require
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.feeds import hashed
from vertrauenskonto.db.queries.promises import visible

# Steps after which a calendar program must take the newer version of an invitation.
_CHANGES = ("renegotiated", "moved", "withdrawn", "given_up", "absent", "corrected")
# A visit that began so long ago is not in the way of one from now on.
_LONG = timedelta(days=2)
_PROPOSED = 6

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What to ask before an appointment is made, or moved.

    `day_off`: nobody works that day, and what it is called; `is_outside`: it lies outside of
    working time; `overlaps`: other appointments of who goes there, travel included.
    """

    is_outside: bool
    is_day_off: bool
    day_off: Text
    overlaps: tuple[Visit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A time that the customer may choose instead, by its number."""

    id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What only an appointment has, as a viewer sees it.

    `link_secret`: of the customer's link, "" if it is closed; `proposals`: other times in which who
    goes there works and is free; `to`: the customer's address, "" if none is known.
    """

    link_secret: str
    offered: tuple[Offered, ...]
    proposals: tuple[Visit, ...]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An appointment as a calendar program takes it; `sequence` rises with each change.

    `to` is the customer's address, "" if none is known; `organiser` is the name of who gave it.
    """

    uid: str
    sequence: int
    method: Method
    starts_at: datetime
    ends_at: datetime
    zone: str
    wording: str
    place: str
    organiser: str
    to: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An appointment as its customer sees it by the link; nothing that they do not know.

    `is_open`: it can still be confirmed or moved. `was_told`: we said that it will fail.
    """

    wording: str
    place: str
    with_whom: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: Literal["open", "begun", "over", "off"]
    was_told: bool
    is_confirmed: bool
    is_call_asked: bool
    slots: tuple[Offered, ...]


def doubts(viewer: Viewer, visit: Visit, *, customer: str, keeper: str, but: str = "") -> Doubts:
    """Return what to ask about an appointment with a customer that `keeper` would go to.

    `but`: the key of the appointment that is being moved.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    person = models.Person.objects.filter(key=keeper or viewer.actor).first()
    pk = access.customer_id(viewer, customer) if customer else None
    working = Calendars().of(pk, person.team_id if person else viewer.team_id)
    busy = _busy(person.pk, visit.starts, but=but) if person else ()
    day = working.day_of(visit.starts)
    is_day_off = not working.is_working_day(day)
    names = (calendar.day_off_name(day) for calendar in working.calendars)
    return Doubts(
        is_outside=is_outside(visit, working),
        is_day_off=is_day_off,
        day_off=next((name for name in names if name.de), NO_TEXT) if is_day_off else NO_TEXT,
        overlaps=overlapping(visit, busy),
    )


def doubts_moving(viewer: Viewer, key: str, visit: Visit) -> Doubts:
    """Return what to ask about an appointment that would be moved.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Denied: the viewer may not book.
    """
    row = found(viewer, key)
    return doubts(
        viewer,
        visit,
        customer=row.customer.key if row.customer else "",
        keeper=row.keeper.key if row.keeper else "",
        but=key,
    )


def details(viewer: Viewer, key: str, *, now: datetime) -> Details:
    """Return what only an appointment has.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Denied: the viewer may not see accounts.
    """
    row = found(viewer, key)
    may_book = may(viewer, "book")
    is_before = row.ended_at is None and now < row.due_at
    return Details(
        link_secret=secret_of(key) if may_book and row.link_hash and is_before else "",
        offered=_offered(row),
        proposals=_proposals(row, now) if may_book and is_before else (),
        to=_address(row) if may_book else "",
    )


def _proposals(row: models.Promise, now: datetime) -> tuple[Visit, ...]:
    like = visit_of(row)
    busy = [*(_busy(row.keeper_id, now, but=row.key) if row.keeper_id else ()), like]
    try:
        return free_times(
            like, busy, _working(row), after=now + timedelta(hours=1), count=_PROPOSED
        )
    except Invalid:
        # A calendar that knows no working time any more.
        return ()


def invitation(viewer: Viewer, key: str) -> Invitation:
    """Return an appointment for calendar programs.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Denied: the viewer may not see names.
    """
    require(viewer, "see_names")
    return _invitation(found(viewer, key))


def linked(secret: str, *, now: datetime) -> Linked:
    """Return what the customer sees by a link.

    Raises:
        NotFound: there is no such link, or it has expired.
    """
    row = by_link(secret, now=now)
    return Linked(
        wording=row.wording,
        place=row.place,
        with_whom=_called(row.keeper or row.giver),
        starts_at=row.due_at,
        ends_at=row.ends_at or row.due_at,
        zone=row.zone,
        state=_seen_state(row, now),
        was_told=row.told_at is not None,
        is_confirmed=row.confirmed_at is not None,
        is_call_asked=models.PromiseStep.objects.filter(
            promise=row, what="call_asked", due_at=row.due_at
        ).exists(),
        slots=tuple(slot for slot in _offered(row) if slot.starts_at > now),
    )


def linked_invitation(secret: str, *, now: datetime) -> Invitation:
    """Return the appointment behind a link for calendar programs.

    Raises:
        NotFound: there is no such link, or it has expired.
    """
    return _invitation(by_link(secret, now=now))


# --------------------------------------------------------------- for `db.actions.appointments`


def found(viewer: Viewer, key: str, *, locked: bool = False) -> models.Promise:
    """Return an appointment's row; for modules of `db` only.

    Raises:
        NotFound: there is none, or not for this viewer.
    """
    rows = visible(viewer).filter(key=key, sort="appointment")
    row = _locked(rows) if locked else rows.select_related("giver", "keeper", "customer").first()
    if row is None:
        raise NotFound(
            Text(de=f"Es gibt keinen Termin „{key}“.", en=f"There is no appointment '{key}'.")
        )
    return row


def by_link(secret: str, *, now: datetime, locked: bool = False) -> models.Promise:
    """Return the row that a link leads to; for modules of `db` only.

    Raises:
        NotFound: there is no such link, or it has expired: the appointment is past.
    """
    rows = models.Promise.objects.filter(link_hash=hashed(secret), sort="appointment")
    row = _locked(rows) if locked else rows.select_related("giver", "keeper", "customer").first()
    if row is None or now > (row.ends_at or row.due_at):
        raise NotFound(Text(de="Diesen Link gibt es nicht.", en="There is no such link."))
    return row


def secret_of(key: str) -> str:
    """Return the secret part of the address of an appointment's link.

    It is made of the installation's secret, not kept: who has only the database cannot make it.
    """
    return salted_hmac("vertrauenskonto.appointment", key, algorithm="sha256").hexdigest()[:43]


def visit_of(row: models.Promise) -> Visit:
    """Return an appointment as it fills a day; one without an end lasts an hour."""
    ends = row.ends_at or row.due_at + timedelta(hours=1)
    return Visit(starts=row.due_at, ends=ends, travel_minutes=row.travel_minutes or 0)


def is_taken(row: models.Promise, visit: Visit) -> bool:
    """Tell whether who goes to an appointment has something else at a time."""
    if row.keeper_id is None:
        return False
    return bool(overlapping(visit, _busy(row.keeper_id, visit.starts, but=row.key)))


def _locked(rows: QuerySet[models.Promise]) -> models.Promise | None:
    return rows.select_for_update(of=("self",)).first()


def _busy(person: int, since: datetime, *, but: str) -> tuple[Visit, ...]:
    rows = models.Promise.objects.filter(
        keeper=person, sort="appointment", ended_at=None, due_at__gt=since - _LONG
    ).exclude(key=but)
    return tuple(visit_of(row) for row in rows)


def _working(row: models.Promise) -> WorkingTime:
    return Calendars().of(row.customer_id, row.team_id)


def _offered(row: models.Promise) -> tuple[Offered, ...]:
    slots = models.Slot.objects.filter(promise=row).order_by("starts_at")
    return tuple(Offered(id=s.pk, starts_at=s.starts_at, ends_at=s.ends_at) for s in slots)


def _seen_state(row: models.Promise, now: datetime) -> Literal["open", "begun", "over", "off"]:
    if row.state in OPEN:
        return "open" if now <= row.due_at else "begun"
    return "off" if row.state in _OFF else "over"


_OFF = ("withdrawn", "broken_with_notice", "broken_silent")
_LANGUAGES: Mapping[str, Language] = {"de": "de", "en": "en"}


def _invitation(row: models.Promise) -> Invitation:
    steps = models.PromiseStep.objects.filter(promise=row, what__in=_CHANGES)
    profile = models.Profile.objects.filter(customer=row.customer_id).first()
    return Invitation(
        uid=f"{row.key}@{_domain()}",
        sequence=steps.count(),
        method="CANCEL" if row.state in _OFF else "REQUEST",
        starts_at=row.due_at,
        ends_at=visit_of(row).ends,
        zone=row.zone,
        wording=row.wording,
        place=row.place,
        organiser=_called(row.giver or row.keeper),
        to=_address(row),
        language=_LANGUAGES.get(profile.language if profile else "de", "de"),
    )


def _address(row: models.Promise) -> str:
    rows = models.Contact.objects.filter(customer=row.customer_id or 0).exclude(email="")
    return rows.order_by("-is_main", "pk").values_list("email", flat=True).first() or ""


def _called(person: models.Person | None) -> str:
    return person.name if person is not None and person.is_active else ""


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "vertrauenskonto.invalid"
