"""Incidents: which promises one cause hits, who was told, and who is still to be called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, may, require, shown_people
from vertrauenskonto.db.queries.messages import Message, shown
from vertrauenskonto.db.queries.promises import Shown, shown_rows, visible

LISTED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which open promises: what they draw on, due from and until (both days count), team, a word."""

    capability: str = ""
    due_from: date | None = None
    due_until: date | None = None
    team: int | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing narrows the choice."""
        return self == Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A cause in a list: how many promises it hits, and how many customers were told."""

    number: int
    name: str
    opened_at: datetime
    is_approved: bool
    is_cancelled: bool
    customers: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A customer of an incident as its page lists them; `is_late`: told after a date had passed."""

    message: Message
    name: str
    phone: str
    promises: int
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A cause with its text, how far telling has come, and customers, those to be called first.

    `counts` by state of the message. `told_late`: customers told after their date had passed.
    """

    number: int
    name: str
    opened_at: datetime
    opened_by: str
    approved_at: datetime | None
    approved_by: str
    closed_at: datetime | None
    subject: str
    text: str
    subject_en: str
    text_en: str
    delay_days: int
    promises: int
    counts: Mapping[str, int]
    told_late: int
    customers: tuple[Told, ...]

    @property
    def running(self) -> int:
        """How many messages are on their way."""
        return sum(self.counts.get(state, 0) for state in ("waiting", "claimed", "sending"))


def chosen(viewer: Viewer, filters: Filters, *, now: datetime) -> QuerySet[models.Promise]:
    """Return the open promises to customers that filters choose; for modules of `db` only.

    Raises:
        Denied: the viewer may not see what belongs to this team.
    """
    require(viewer, "book")
    rows = visible(viewer).filter(ended_at=None, customer__isnull=False)
    zone = ZoneInfo(settings.TIME_ZONE)
    if filters.capability:
        rows = rows.filter(capability=filters.capability)
    if filters.due_from:
        rows = rows.filter(due_at__gte=datetime.combine(filters.due_from, time(), zone))
    if filters.due_until:
        end = datetime.combine(filters.due_until + timedelta(days=1), time(), zone)
        rows = rows.filter(due_at__lt=end)
    if filters.team is not None:
        if filters.team != viewer.team_id:
            access.team_view(viewer, filters.team, is_rate=False)
        rows = rows.filter(team=filters.team)
    if filters.text.strip():
        word = filters.text.strip()
        rows = rows.filter(Q(wording__icontains=word) | Q(depends_on__icontains=word))
    return rows


def found(viewer: Viewer, filters: Filters, *, now: datetime) -> tuple[int, tuple[Shown, ...]]:
    """Return how many promises filters choose that no cause hits yet, and the first of them.

    Raises:
        Denied: as `chosen`.
    """
    rows = chosen(viewer, filters, now=now).filter(incident=None)
    return rows.count(), shown_rows(viewer, rows[:LISTED_MAX], now)


def listed(viewer: Viewer, *, limit: int = 100) -> tuple[Row, ...]:
    """Return the causes that hit promises the viewer sees, the newest first.

    Raises:
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    hers = visible(viewer).exclude(incident=None).order_by().values("incident")
    rows = models.Incident.objects.filter(pk__in=hers).order_by("-opened_at", "-pk")
    told = Q(customermessage__state__in=("sent", "told"))
    counted = rows.annotate(
        customers=Count("customermessage"), told=Count("customermessage", filter=told)
    )
    return tuple(
        Row(
            number=row.pk,
            name=row.name,
            opened_at=row.opened_at,
            is_approved=row.approved_at is not None,
            is_cancelled=row.closed_at is not None,
            customers=row.customers,
            told=row.told,
        )
        for row in counted[:limit]
    )


def sheet(viewer: Viewer, number: int) -> Sheet:
    """Return one cause; customers whom the viewer does not see are counted only.

    Raises:
        NotFound: there is none, or it hits no promise the viewer sees.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    seen = visible(viewer).filter(incident=number).order_by()
    row = models.Incident.objects.filter(pk=number).first()
    if row is None or not seen.exists():
        raise NotFound(Text(de="Diese Ursache gibt es nicht.", en="There is no such cause."))
    own = models.CustomerMessage.objects.filter(incident=row).order_by()
    counts = dict(own.values_list("state").annotate(n=Count("pk")))
    late = own.filter(sent_at__isnull=False, about__promise__told_at=None)
    late = late.filter(about__promise__renegotiated=0, about__promise__due_at__lt=F("sent_at"))
    late_ones = set(late.values_list("pk", flat=True))
    names = shown_people(viewer, {row.opened_by, row.approved_by, ""})
    return Sheet(
        number=row.pk,
        name=row.name,
        opened_at=row.opened_at,
        opened_by=names[row.opened_by],
        approved_at=row.approved_at,
        approved_by=names[row.approved_by],
        closed_at=row.closed_at,
        subject=row.subject,
        text=row.text,
        subject_en=row.subject_en,
        text_en=row.text_en,
        delay_days=row.delay_days,
        promises=models.Promise.objects.filter(incident=row).count(),
        counts=counts,
        told_late=len(late_ones),
        customers=_customers(viewer, seen, number, late_ones),
    )


def _customers(
    viewer: Viewer, seen: QuerySet[models.Promise], number: int, late: set[int]
) -> tuple[Told, ...]:
    lines = models.MessagePromise.objects.filter(message__incident=number, promise__in=seen)
    order = ("message__state", "message_id", "promise__due_at")
    lines = lines.select_related("message__customer__profile", "promise").order_by(*order)
    first: dict[int, models.MessagePromise] = {}
    many: dict[int, int] = {}
    # To be called before what is done: `to_call` and `told` would stand apart by their names.
    for line in [*lines.filter(message__state="to_call")[:LISTED_MAX], *lines[:LISTED_MAX]]:
        first.setdefault(line.message_id, line)
    counted = models.MessagePromise.objects.filter(message__in=first).order_by()
    many = dict(counted.values_list("message_id").annotate(n=Count("pk")))
    kept = list(first.values())
    customers = {line.message.customer_id for line in kept}
    phones = models.Contact.objects.filter(customer__in=customers).exclude(phone="")
    calls = dict(phones.order_by("is_main", "-pk").values_list("customer_id", "phone"))
    shows = may(viewer, "see_names")
    return tuple(
        Told(
            message=message,
            name=getattr(line.message.customer.profile, "name", "") if shows else "",
            phone=calls.get(line.message.customer_id, "") if shows else "",
            promises=many.get(line.message_id, 1),
            is_late=line.message_id in late,
        )
        for line, message in zip(kept, shown(viewer, kept), strict=True)
    )
