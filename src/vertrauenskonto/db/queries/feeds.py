"""Calendar feeds: which there are, and the dates that one of them shows.

Shown is what has a date of its own: what she promised, her appointments, rest periods that end, and
tokens that run out. Never a forecast of an account: the day on which it would fall below the threshold is a number about the
customer, and numbers leave by the scope `scores` only.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, evaluated, may, shown_key
from vertrauenskonto.db.access import viewer as viewer_of
from vertrauenskonto.db.queries.promises import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed as a list shows it."""

    id: int
    person: str
    with_names: bool
    created_at: datetime
    is_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A day on which something is to be known; `uid` is the same every time it is asked for."""

    uid: str
    day: date
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An appointment with its times; `place` is empty where names are not shown."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    text: Text
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What a feed shows, and in which language its owner reads."""

    language: Language
    appointments: tuple[Appointment, ...]
    meetings: tuple[Meeting, ...]


def page(viewer: Viewer) -> list[FeedRow]:
    """Return the feeds that a viewer may revoke, the oldest first: everybody's or her own."""
    rows = models.Feed.objects.select_related("person").order_by("pk")
    if not may(viewer, "administer"):
        rows = rows.filter(person=viewer.person_id)
    return [
        FeedRow(
            id=row.pk,
            person=row.person.email,
            with_names=row.with_names,
            created_at=row.created_at,
            is_revoked=row.revoked_at is not None,
        )
        for row in rows
    ]


def calendar(secret: str, *, today: date) -> Calendar:
    """Return the dates from today on behind an address.

    Raises:
        NotFound: there is no such feed, it was revoked, or its owner may no longer sign in.
    """
    row = models.Feed.objects.filter(secret_hash=hashed(secret), revoked_at=None).first()
    if row is None:
        raise NotFound(Text(de="Diesen Kalender gibt es nicht.", en="There is no such feed."))
    viewer = viewer_of(row.person_id, channel="feed")
    names = row.with_names and may(viewer, "see_names")
    language = models.Person.objects.values_list("language", flat=True).get(pk=row.person_id)
    found = [a for source in SOURCES for a in source(viewer, today, names)]
    return Calendar(
        language="en" if language == "en" else "de",
        appointments=tuple(sorted(found, key=lambda a: (a.day, a.uid))),
        meetings=tuple(_meetings(viewer, today, names)),
    )


def hashed(secret: str) -> bytes:
    """Return what is kept of an address's secret part."""
    return hashlib.sha256(secret.encode()).digest()


def _rest_ends(viewer: Viewer, today: date, names: bool) -> Iterator[Appointment]:
    """Yield the ends of rest periods, as their latest version says."""
    rows = (
        models.Suspension.objects.filter(customer__in=evaluated(viewer))
        .select_related("customer__profile")
        .order_by("recorded_date", "pk")
    )
    latest = {(row.customer_id, row.key): row for row in rows}
    for (customer_id, key), row in latest.items():
        if row.ends_date is None or row.ends_date < today or row.ends_date <= row.starts_date:
            continue
        called = shown_key(viewer, row.customer.key)
        profile = getattr(row.customer, "profile", None)
        if names and profile is not None and profile.name:
            called = profile.name
        yield Appointment(
            uid=f"rest-{customer_id}-{hashed(key).hex()[:16]}",
            day=row.ends_date,
            text=Text(
                de=f"Ruhezeit endet: {called}",
                en=f"Rest period ends: {called}",
            ),
        )


def _token_ends(viewer: Viewer, today: date, names: bool) -> Iterator[Appointment]:
    """Yield the days on which the viewer's own tokens run out."""
    rows = models.Token.objects.filter(
        person=viewer.person_id, revoked_at=None, expires_at__date__gte=today
    )
    for row in rows.order_by("expires_at", "pk"):
        yield Appointment(
            uid=f"token-{row.pk}",
            day=timezone.localdate(row.expires_at),
            text=Text(
                de=f"Token läuft ab: {row.name if names else row.prefix}",
                en=f"Token runs out: {row.name if names else row.prefix}",
            ),
        )


def _promises(viewer: Viewer, today: date, names: bool) -> Iterator[Appointment]:
    """Yield the days by which she promised something, or is to do it; those past are not over."""
    for row in _hers(viewer, "promise"):
        local = row.due_at.astimezone(ZoneInfo(row.zone))
        day = row.due_date or local.date()
        clock = "" if row.due_date else f" {local:%H:%M}"
        called = _called(viewer, row, names)
        if day >= today:
            yield Appointment(
                uid=f"promise-{row.key}",
                day=day,
                text=Text(de=f"Zusage bis{clock}: {called}", en=f"Promise due{clock}: {called}"),
            )


def _meetings(viewer: Viewer, today: date, names: bool) -> Iterator[Meeting]:
    """Yield her appointments from today on, the first one first."""
    for row in _hers(viewer, "appointment"):
        if row.due_at.astimezone(ZoneInfo(row.zone)).date() < today:
            continue
        called = _called(viewer, row, names)
        yield Meeting(
            uid=f"promise-{row.key}",
            starts_at=row.due_at,
            ends_at=row.ends_at or row.due_at,
            zone=row.zone,
            text=Text(de=f"Termin: {called}", en=f"Appointment: {called}"),
            place=row.place if names else "",
        )


def _hers(viewer: Viewer, sort: str) -> QuerySet[models.Promise]:
    """Return what is open and hers to keep or to tell about."""
    hers = Q(giver=viewer.person_id) | Q(keeper=viewer.person_id)
    rows = visible(viewer).filter(hers, ended_at=None, sort=sort)
    return rows.select_related("customer__profile").order_by("due_at", "pk")


def _called(viewer: Viewer, row: models.Promise, names: bool) -> str:
    """Return what a promise is called: its words may name people, a key names nobody."""
    profile = getattr(row.customer, "profile", None)
    if names:
        name = profile.name if profile is not None else ""
        return f"{row.wording} ({name})" if name else row.wording
    return shown_key(viewer, row.customer.key) if row.customer else row.key


# What has dates: (viewer, today, with names) → appointments. Obligations come here.
SOURCES: tuple[Callable[[Viewer, date, bool], Iterator[Appointment]], ...] = (
    _rest_ends,
    _token_ends,
    _promises,
)
