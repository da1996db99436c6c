"""Contacts that are due because a customer and we agreed how often; and what was agreed so far.

Counted from the last contact that the customer perceived, or from the day of the agreement, which
was one; on the one clock, so that what falls on a day off is due before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Exists, OuterRef, Subquery

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.relations.cadence import Cadence, Rhythm, Unit, cadence
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, may
from vertrauenskonto.db.queries import portfolio
from vertrauenskonto.db.queries.calendars import Calendars

# Agreements looked through, those without a contact for longest first.
_LOOKED_MAX = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A contact that is due; `name`, `caller` and `phone` are "" where not seen."""

    key: str
    name: str
    caller: str
    phone: str
    channel: str
    rhythm: Rhythm
    last: date
    due: date
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An agreement as it was written down, by whom as the staff rule shows it; None: ended."""

    rhythm: Rhythm | None
    channel: str
    on: date
    agreed_with: str
    actor: str


def due(viewer: Viewer, *, today: date, is_own: bool, limit: int = 50) -> tuple[Due, ...]:
    """Return the contacts due until today, the longest due first; `is_own`: of her customers.

    Left out is whom somebody plans to contact on a later day, who rests, and whose relationship
    ended since the agreement.

    Raises:
        Denied: the viewer may not see accounts.
    """
    access.require(viewer, "see_accounts")
    found = list(_rows(viewer, today=today, is_own=is_own)[:_LOOKED_MAX])
    times = Calendars().of_customers([row[0] for row in found]) if found else {}
    lines = [_line(viewer, row, times[row[0]], today) for row in found]
    return tuple(sorted(filter(None, lines), key=lambda line: (line.due, line.key))[:limit])


# Any: django-stubs cannot name a query of these columns.
def _rows(viewer: Viewer, *, today: date, is_own: bool) -> Any:
    here = OuterRef("customer")
    planned = models.PlannedContact.objects.filter(customer=here, planned_date__gt=today)
    agreed_on = OuterRef("customer__rhythm__agreed_date")
    ended = models.Ending.objects.filter(customer=here, taken_back_at=None, on_date__gte=agreed_on)
    rows = portfolio.valued(viewer).filter(
        ~Exists(planned),
        ~Exists(ended),
        ~Exists(portfolio.suspended(today)),
        customer__rhythm__is_latest=True,
        customer__rhythm__every__gt=0,
    )
    if is_own and viewer.role != "contact":
        mine = access.looked_after(viewer.person_id) if viewer.person_id is not None else ()
        rows = rows.filter(customer__in=mine)
    main = models.Contact.objects.filter(customer=here).exclude(phone="").order_by("-is_main", "pk")
    return rows.order_by("last_contact_date", "pk").values_list(
        "pk",
        "customer__key",
        "customer__profile__name",
        Subquery(main.values("name")[:1]),
        Subquery(main.values("phone")[:1]),
        "last_contact_date",
        "customer__rhythm__channel",
        "customer__rhythm__unit",
        "customer__rhythm__every",
        "customer__rhythm__agreed_date",
    )


def _line(viewer: Viewer, row: Any, working: WorkingTime, today: date) -> Due | None:
    """Return the line of a row of `_rows`, None if nothing is due yet."""
    _, key, name, caller, phone, contact, channel, unit, every, agreed_on = row
    rhythm = Rhythm(every=every, unit=unit)
    now = counted(rhythm, agreed_on, contact, working)
    if now.last is None or now.due is None or now.due > today:
        return None
    shows = may(viewer, "see_names")
    return Due(
        key=access.shown_key(viewer, key),
        name=(name or "") if shows else "",
        caller=(caller or "") if shows else "",
        phone=(phone or "") if shows else "",
        channel=channel,
        rhythm=rhythm,
        last=now.last,
        due=now.due,
        is_overdue=now.due < today,
    )


def counted(rhythm: Rhythm, agreed_on: date, contact: date | None, working: WorkingTime) -> Cadence:
    """Return when a contact is due; the agreement itself was one."""
    last = max(agreed_on, contact or agreed_on)
    return cadence(last, "keeping", agreed=rhythm, working=working)


def written(viewer: Viewer, pk: int, *, limit: int = 20) -> Sequence[Written]:
    """Return what was agreed with a customer whom the viewer was found to see, the newest first.

    Raises:
        Denied: the viewer may see no names.
    """
    access.require(viewer, "see_names")
    rows = list(models.Rhythm.objects.filter(customer=pk).order_by("-pk")[:limit])
    names = access.shown_people(viewer, {row.actor for row in rows})
    return [
        Written(
            rhythm=Rhythm(every=row.every, unit=cast("Unit", row.unit)) if row.every else None,
            channel=row.channel,
            on=row.agreed_date,
            agreed_with=row.agreed_with,
            actor=names[row.actor],
        )
        for row in rows
    ]
