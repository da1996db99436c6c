"""The log of reads, for two persons together; and what a customer is told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from vertrauenskonto.core.errors import Denied, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, person_view, require, shown_actor

VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One look at one customer's data: who, when, what, through which door."""

    id: int
    read_at: datetime
    actor: str
    channel: str
    customer: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request to see the log: what for, who asked, and who agreed (by key)."""

    id: int
    asked_at: datetime
    asker: str
    purpose: str
    customer: str | None
    agreed_at: datetime | None
    agreer: str | None


def page(
    viewer: Viewer,
    request_id: int,
    *,
    now: datetime,
    after: int = 0,
    limit: int = 100,
    actor: str | None = None,
) -> list[ReadingRow]:
    """Return the log of reads that a request opens, in order; `after` is the last number seen.

    `actor` asks for one member of staff only, which the staff rule must allow.

    Raises:
        Denied: the request is not agreed to, its 24 hours are over, or it is not the viewer's.
    """
    require(viewer, "audit")
    request = models.ReadingsRequest.objects.filter(pk=request_id).first()
    if (
        request is None
        or viewer.person_id is None
        or viewer.person_id not in (request.asker_id, request.agreer_id)
        or request.agreed_at is None
        or not request.agreed_at <= now < request.agreed_at + VALID
    ):
        raise Denied(
            Text(
                de="Dieser Antrag öffnet das Protokoll nicht: Eine zweite Person muss zustimmen, "
                "dann gilt er 24 Stunden, nur für beide.",
                en="This request does not open the log: a second person must agree; then it is "
                "valid for 24 hours, for the two of them.",
            )
        )
    rows = models.Reading.objects.filter(pk__gt=after).select_related("customer").order_by("pk")
    if request.customer_id is not None:
        rows = rows.filter(customer=request.customer_id)
    if actor is not None:
        person_view(viewer, actor)
        rows = rows.filter(actor=actor)
    return [
        ReadingRow(
            id=row.pk,
            read_at=row.read_at,
            actor=shown_actor(viewer, row.actor),
            channel=row.channel,
            customer=row.customer.key,
            what=row.what,
        )
        for row in rows[:limit]
    ]


def requests(viewer: Viewer, *, limit: int = 100) -> list[RequestRow]:
    """Return who asked to see the log and who agreed, the newest first.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    rows = models.ReadingsRequest.objects.select_related("asker", "agreer", "customer")
    return [
        RequestRow(
            id=row.pk,
            asked_at=row.asked_at,
            asker=row.asker.key,
            purpose=row.purpose,
            customer=row.customer.key if row.customer else None,
            agreed_at=row.agreed_at,
            agreer=row.agreer.key if row.agreer else None,
        )
        for row in rows.order_by("-pk")[:limit]
    ]


def counts(customer_ids: tuple[int, ...]) -> dict[str, int]:
    """Return how often what of the customers was looked at, without saying by whom.

    Access reports are left out: making one must not change the next.
    """
    rows = models.Reading.objects.filter(customer_id__in=customer_ids).values("what")
    rows = rows.exclude(what="access_report")
    return {row["what"]: row["n"] for row in rows.annotate(n=Count("pk")).order_by("what")}
