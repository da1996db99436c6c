"""What there is to tell of promises: one must be warned of, is overdue, or was handed on to her.

News are steps that the clock took (`models.PromiseStep`: warned, overdue) and that others took for
her (passed_on). They go to who keeps a promise and to who tells the customer, to nobody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Count, Exists, Q, QuerySet

from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, may, require
from vertrauenskonto.db.queries import promises

# How long a message is listed, as those on duties.
KEPT = timedelta(days=90)
SHOWN_MAX = 50
What = Literal["warned", "overdue", "passed_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that happened to a promise of hers; `name` and `wording` are "" where not seen."""

    what: What
    at: datetime
    promise: str
    customer: str
    name: str
    wording: str
    is_unread: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of her promises are in danger, and how many of those overdue."""

    in_danger: int
    overdue: int


def steps(viewer: Viewer, *, now: datetime) -> QuerySet[models.PromiseStep]:
    """Return what is told to her in the application; nothing while the module is switched off."""
    hers = promises.hers(viewer).values("pk")
    told = Q(what__in=("warned", "overdue"), promise__in=hers)
    given = Q(what="passed_on", person=viewer.actor) & ~Q(actor=viewer.actor)
    is_off = models.Module.objects.filter(name="promises", is_on=False)
    rows = models.PromiseStep.objects.filter(what__in=("warned", "overdue", "passed_on"))
    return rows.filter(told | given, ~Exists(is_off), at__gt=now - KEPT)


def newest(viewer: Viewer, *, now: datetime) -> tuple[News, ...]:
    """Return the newest of what happened to her promises.

    Raises:
        Denied: she has no promises in her role.
    """
    require(viewer, "book")
    read = models.AlertChoice.objects.filter(person=viewer.person_id).values_list("read_at")
    read_at = next((at for (at,) in read), None)
    rows = steps(viewer, now=now).select_related("promise__customer__profile")
    shows = may(viewer, "see_names")
    return tuple(
        _news(viewer, row, shows=shows, is_unread=read_at is None or row.at > read_at)
        for row in rows.order_by("-at", "-pk")[:SHOWN_MAX]
    )


def counts(viewer: Viewer, *, now: datetime) -> Counts:
    """Return how many promises of hers want something, for a summary."""
    rows = promises.in_danger(promises.hers(viewer), now)
    found = rows.aggregate(in_danger=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)))
    return Counts(**found)


def _news(viewer: Viewer, row: models.PromiseStep, *, shows: bool, is_unread: bool) -> News:
    promise = row.promise
    what: What = "warned" if row.what == "warned" else "overdue"
    profile = getattr(promise.customer, "profile", None) if promise.customer else None
    return News(
        what="passed_on" if row.what == "passed_on" else what,
        at=row.at,
        promise=promise.key,
        customer=access.shown_key(viewer, promise.customer.key) if promise.customer else "",
        name=profile.name if profile and shows else "",
        wording=promise.wording if shows else "",
        is_unread=is_unread,
        is_open=promise.ended_at is None,
    )
