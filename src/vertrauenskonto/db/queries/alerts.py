"""What there is to tell, and to whom: messages in the application, summaries by mail, chat systems.

News are the steps of duties, single and shared (`models.Step`): opened, given to her, overdue. A
member of staff is told of her own duties; leads also of everything that became overdue. Nobody is
counted by member of staff for others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from vertrauenskonto.core.alerts import Rhythm, Times
from vertrauenskonto.core.errors import Language
from vertrauenskonto.db import access, agreements, models
from vertrauenskonto.db.access import Viewer, may, require
from vertrauenskonto.db.enciphering import deciphered
from vertrauenskonto.db.queries import obligations, promise_news

# How long a message is listed.
KEPT = timedelta(days=90)
PURPOSE = "alert target"
NAMES_MAX = 20
# What is not counted further stands as "99+".
COUNTED_MAX = 100

News = Literal["opened", "overdue"]
NEWS: tuple[News, ...] = get_args(News)
_STEPS: Mapping[str, str] = {"opened": "opened", "overdue": "escalated"}
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How somebody wants to be told."""

    rhythm: Rhythm
    hour: int
    times: Times
    with_names: bool
    weekly_reasons: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing that happened to a duty: `what` is opened, overdue or assigned.

    `name` is None where it may not be seen or there is none. Of a shared duty, `shared` is its
    number, `name` its own, and there is no `obligation` and no `customer`.
    """

    id: int
    what: str
    at: datetime
    obligation: int | None
    shared: int | None
    customer: str
    name: str | None
    is_unread: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Some messages, the newest first; `next_before` continues the list."""

    rows: tuple[Message, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a summary says; `escalated` counts the whole company's, for leads only.

    `promises` counts hers that are in danger, `promises_overdue` those of them past their date.
    """

    new: int
    waiting: int
    overdue: int
    escalated: int
    names: tuple[str, ...]
    keys: tuple[str, ...]
    promises: int = 0
    promises_overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who gets mail, and what she chose."""

    viewer: Viewer
    email: str
    language: Language
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """A chat system as a list shows it."""

    id: int
    name: str
    masked: str
    language: Language
    tells: tuple[str, ...]
    with_names: bool
    times: Times
    is_active: bool
    told_until_at: datetime
    tried_at: datetime | None
    error: str
    failing_since_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatNews:
    """What a chat system is told: how many of each sort, and names where it may have them."""

    counts: Mapping[str, int]
    names: tuple[str, ...]


def choice(viewer: Viewer) -> Choice:
    """Return how somebody wants to be told."""
    row = models.AlertChoice.objects.filter(person=viewer.person_id).first()
    return _choice(viewer, row or models.AlertChoice())


def unread(viewer: Viewer, *, now: datetime) -> int:
    """Return how many messages she has not marked as read, in one query; at most `COUNTED_MAX`."""
    if not may(viewer, "book"):
        return 0
    read = models.AlertChoice.objects.filter(person=viewer.person_id).values("read_at")
    since = Coalesce(Subquery(read), Value(_EPOCH))
    single, shared = (
        rows.filter(at__gt=since).order_by().values("pk")
        for rows in (_steps(viewer, now=now), _shared_steps(viewer, now=now))
    )
    told = promise_news.steps(viewer, now=now).filter(at__gt=since).order_by().values("pk")
    # On every page: beyond so many nobody reads the number, and counting them all takes long.
    return single.union(shared, told, all=True)[:COUNTED_MAX].count()


def messages(
    viewer: Viewer, *, now: datetime, before: int | None = None, limit: int = 50
) -> Messages:
    """Return what happened to her duties, the newest first; `before` is the last number seen.

    Raises:
        Denied: she has no duties in her role.
    """
    require(viewer, "book")
    row = models.AlertChoice.objects.filter(person=viewer.person_id).first()
    read_at = (row and row.read_at) or _EPOCH
    single, shared = (
        (rows if before is None else rows.filter(pk__lt=before)).order_by().values_list(*_TOLD)
        for rows in (_steps(viewer, now=now), _shared_steps(viewer, now=now))
    )
    found = list(single.union(shared, all=True).order_by("-pk")[: limit + 1])
    shows = may(viewer, "see_names")
    return Messages(
        rows=tuple(
            Message(
                id=pk,
                what="overdue" if what == "escalated" else what,
                at=at,
                obligation=obligation,
                shared=cause,
                customer=access.shown_key(viewer, key) if key else "",
                name=((cause_name if cause else name) or None) if shows else None,
                is_unread=at > read_at,
                is_open=(resolved if cause else closed) is None,
            )
            for pk, what, at, obligation, key, name, closed, cause, cause_name, resolved in found[
                :limit
            ]
        ),
        next_before=found[limit - 1][0] if len(found) > limit else None,
    )


_TOLD = (
    "pk",
    "what",
    "at",
    "obligation",
    "obligation__customer__key",
    "obligation__customer__profile__name",
    "obligation__closed_date",
    "shared",
    "shared__name",
    "shared__resolved_date",
)


def readers(*, weekly_reasons: bool) -> list[Reader]:
    """Return everybody who may get a summary by mail, or the weekly mail on reasons."""
    right: access.Right = "lead" if weekly_reasons else "book"
    roles = [role for role in access.ROLES if right in access.RIGHTS[role]]
    rows = models.Person.objects.filter(is_active=True, role__in=roles)
    rows = rows.exclude(email__endswith=models.people.NOBODYS_DOMAIN).order_by("pk")
    chosen = models.AlertChoice.objects.in_bulk()
    found = []
    for row in rows:
        viewer = access.viewer_of(row, channel="mail")
        its = _choice(viewer, chosen.get(row.pk) or models.AlertChoice())
        if its.weekly_reasons if weekly_reasons else its.rhythm != "off":
            language: Language = "en" if row.language == "en" else "de"
            found.append(Reader(viewer=viewer, email=row.email, language=language, choice=its))
    return found


def digest(
    viewer: Viewer, *, since: datetime, today: date, now: datetime | None = None, with_names: bool
) -> Digest:
    """Return what a summary tells her: her open duties, and what is new since an instant.

    Shared duties count as one each. `now` None: without promises.
    """
    awake = Q(snoozed_until_date=None) | Q(snoozed_until_date__lte=today)
    rows = obligations.of_viewer(viewer).filter(awake, closed_date=None)
    shared = obligations.shared_of_viewer(viewer).filter(resolved_date=None)
    new = models.Step.objects.filter(what="opened", at__gt=since)
    single = _counted(rows, today, new.filter(obligation=OuterRef("pk")).values("obligation"))
    causes = _counted(shared, today, new.filter(shared=OuterRef("pk")).values("shared"))
    counts = {name: number + causes[name] for name, number in single.items()}
    escalated = 0
    if may(viewer, "lead"):
        everybodys = models.Obligation.objects.filter(
            awake, closed_date=None, escalated_date__isnull=False
        )
        escalated = everybodys.filter(customer__in=_valued(viewer)).count()
        late = models.SharedDuty.objects.filter(resolved_date=None, escalated_date__isnull=False)
        escalated += late.count()
    named = _named(rows.order_by("due_date", "pk")) if with_names else {}
    names = tuple(named.values())
    if with_names:
        called = shared.exclude(name="").order_by("due_date", "pk").values_list("name", flat=True)
        names = (*called[:NAMES_MAX], *names)
    danger = promise_news.counts(viewer, now=now) if now is not None else None
    return Digest(
        escalated=escalated,
        names=names,
        keys=tuple(named),
        promises=danger.in_danger if danger else 0,
        promises_overdue=danger.overdue if danger else 0,
        **counts,
    )


def _counted(
    rows: QuerySet[Any], today: date, new: QuerySet[models.Step, Any]
) -> dict[str, int]:  # Any: single duties or shared ones
    return rows.aggregate(
        waiting=Count("pk"),
        overdue=Count("pk", filter=Q(due_date__lt=today)),
        new=Count("pk", filter=Q(pk__in=new)),
    )


def targets(viewer: Viewer) -> list[TargetRow]:
    """Return the chat systems, the oldest first.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    return [_target(row) for row in models.AlertTarget.objects.order_by("pk")]


def target(viewer: Viewer, target_id: int) -> TargetRow | None:
    """Return one chat system, None if there is no such one.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    row = models.AlertTarget.objects.filter(pk=target_id).first()
    return None if row is None else _target(row)


def active_targets() -> list[TargetRow]:
    """Return the chat systems that are told."""
    return [
        _target(row) for row in models.AlertTarget.objects.filter(is_active=True).order_by("pk")
    ]


def address(target_id: int) -> str | None:
    """Return where a chat system is, None if it can no longer be read."""
    kept = models.AlertTarget.objects.values_list("address", flat=True).get(pk=target_id)
    return deciphered(kept, purpose=PURPOSE)


def chat_news(row: TargetRow, *, until: datetime) -> ChatNews:
    """Return what happened since a chat system was told last, as far as it still stands."""
    since = models.Step.objects.filter(at__gt=row.told_until_at, at__lte=until)
    steps = since.filter(
        obligation__closed_date=None,
        obligation__customer__in=_valued(access.installation("work")),
    )
    causes = since.filter(shared__isnull=False, shared__resolved_date=None)
    counts: dict[str, int] = {
        sort: steps.filter(what=_STEPS[sort]).aggregate(n=Count("obligation", distinct=True))["n"]
        + causes.filter(what=_STEPS[sort]).aggregate(n=Count("shared", distinct=True))["n"]
        for sort in NEWS
        if sort in row.tells
    }
    told = steps.filter(what__in=[_STEPS[sort] for sort in counts])
    rows = models.Obligation.objects.filter(pk__in=told.values("obligation"))
    # That an account fell says what it is worth: with a name it leaves only while that is agreed.
    may_name = row.with_names and agreements.in_force("scores")
    named = _named(rows.order_by("due_date", "pk")) if may_name else {}
    return ChatNews(counts=counts, names=tuple(named.values()))


def _steps(viewer: Viewer, *, now: datetime) -> QuerySet[models.Step]:
    """Return what is told to her in the application of single duties."""
    own = Q(
        what__in=("opened", "escalated"), obligation__in=obligations.of_viewer(viewer).values("pk")
    )
    given = Q(what="assigned", person=viewer.actor) & ~Q(actor=viewer.actor)
    told = own | given
    if may(viewer, "lead"):
        told |= Q(what="escalated")
    return models.Step.objects.filter(
        told, at__gt=now - KEPT, obligation__customer__in=_valued(viewer)
    )


def _shared_steps(viewer: Viewer, *, now: datetime) -> QuerySet[models.Step]:
    """Return what is told to her of shared duties; not what she did herself."""
    told = Q(
        what__in=("opened", "escalated"),
        shared__in=obligations.shared_of_viewer(viewer).values("pk"),
    )
    told |= Q(what="assigned", person=viewer.actor)
    if may(viewer, "lead"):
        told |= Q(what="escalated")
    steps = models.Step.objects.filter(told, at__gt=now - KEPT, shared__isnull=False)
    return steps.exclude(actor=viewer.actor)


def _valued(viewer: Viewer) -> QuerySet[models.Customer, Any]:  # Any: rows of one column
    return access.evaluated(viewer).order_by().values("pk")


def _named(rows: QuerySet[models.Obligation]) -> dict[str, str]:
    """Return whose obligations these are, by key: one more than are named, to show that more are."""
    found = rows.values_list("customer__key", "customer__profile__name")[: NAMES_MAX + 1]
    return {key: name or key for key, name in found}


def _choice(viewer: Viewer, row: models.AlertChoice) -> Choice:
    return Choice(
        rhythm="weekly" if row.rhythm == "weekly" else "off" if row.rhythm == "off" else "daily",
        hour=row.hour,
        times=_times(row),
        with_names=row.with_names and may(viewer, "see_names"),
        weekly_reasons=row.weekly_reasons and may(viewer, "lead"),
    )


def _target(row: models.AlertTarget) -> TargetRow:
    return TargetRow(
        id=row.pk,
        name=row.name,
        masked=row.masked,
        language="en" if row.language == "en" else "de",
        tells=tuple(row.tells),
        with_names=row.with_names,
        times=_times(row),
        is_active=row.is_active,
        told_until_at=row.told_until_at,
        tried_at=row.tried_at,
        error=row.error,
        failing_since_at=row.failing_since_at,
    )


def _times(row: models.AlertChoice | models.AlertTarget) -> Times:
    days: Collection[int] = [int(day) for day in row.days]
    return Times(days=frozenset(days), quiet_from=row.quiet_from, quiet_to=row.quiet_to)
