"""The audit log: who wrote what when, through which door, and its place in the sealed log.

Never grouped or filtered by who wrote: that would be a view of a member of staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef

from vertrauenskonto.db import models, raw, sealing
from vertrauenskonto.db.access import Viewer, require, shown_actor

FACTS = {model._meta.db_table: model for model in sealing.FACTS[sealing.LAYOUT]}
_ABOUT_CUSTOMERS = frozenset(
    name for name, model in FACTS.items() if any(f.name == "customer" for f in model._meta.fields)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was written together: how many facts of which table, and by whom.

    `customer` is the key if it was about one customer only; `place` None: not sealed yet.
    """

    number: int
    at: datetime
    actor: str
    second: str
    channel: str
    facts: Mapping[str, int]
    customer: str
    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some lines, the newest first; `next_before` continues, None: there are no more."""

    lines: tuple[Line, ...]
    next_before: int | None


def page(
    viewer: Viewer,
    *,
    first: date | None = None,
    last: date | None = None,
    fact: str = "",
    before: int | None = None,
    limit: int = 50,
) -> AuditPage:
    """Return the log of what was written, the newest first; a table's name keeps what wrote to it.

    Days are those here; both ends count.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    rows = models.Transaction.objects.select_related("place").order_by("-pk")
    if first is not None:
        rows = rows.filter(booked_at__gte=_midnight(first))
    if last is not None:
        rows = rows.filter(booked_at__lt=_midnight(last + timedelta(days=1)))
    if fact in FACTS:
        rows = rows.filter(Exists(FACTS[fact]._default_manager.filter(transaction=OuterRef("pk"))))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    shown = found[:limit]
    facts, customers = _contents([row.pk for row in shown])
    return AuditPage(
        lines=tuple(
            Line(
                number=row.pk,
                at=row.booked_at,
                actor=shown_actor(viewer, row.actor),
                second=shown_actor(viewer, row.second),
                channel=row.channel,
                facts=facts.get(row.pk, {}),
                customer=customers.get(row.pk, ""),
                place=row.place.position if hasattr(row, "place") else None,
            )
            for row in shown
        ),
        next_before=shown[-1].pk if len(found) > limit else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _contents(numbers: list[int]) -> tuple[dict[int, dict[str, int]], dict[int, str]]:
    """Return, for each transaction, how many facts of which table, and the one customer's key."""
    if not numbers:
        return {}, {}
    parts = []
    for name in sorted(FACTS):
        who = "t.customer_id" if name in _ABOUT_CUSTOMERS else "CAST(NULL AS bigint)"
        if name == "customer":
            who = "t.id"
        parts.append(
            f"SELECT '{name}', t.transaction_id, count(*), min({who}), max({who}) "  # noqa: S608 - our own names
            f'FROM "{name}" t WHERE {raw.among("t.transaction_id")} GROUP BY t.transaction_id'
        )
    rows = raw.fetched(" UNION ALL ".join(parts), [raw.listed(numbers)] * len(parts))
    facts: dict[int, dict[str, int]] = {}
    about: dict[int, set[int]] = {}
    for name, number, count, least, most in sorted(rows, key=lambda row: (row[1], row[0])):
        facts.setdefault(number, {})[name] = count
        about.setdefault(number, set()).update(pk for pk in (least, most) if pk is not None)
    single = {number: next(iter(pks)) for number, pks in about.items() if len(pks) == 1}
    keys = dict(models.Customer.objects.filter(pk__in=single.values()).values_list("pk", "key"))
    return facts, {number: keys[pk] for number, pk in single.items()}
