"""Entries one by one, as a viewer may see them: lists with a cursor, and a single one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.drafts import SLIP
from vertrauenskonto.db.models.ledger import HUNDREDTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry as a viewer may see it; `points` per dimension.

    `customer` is the one whose account it counts on. `note` is None where it may not be seen, was
    erased, or there never was one.
    """

    customer: str
    source: str
    source_id: str
    kind: str
    value_date: date
    recorded_date: date
    happened_at: datetime | None
    target: str
    is_contact: bool
    points: Mapping[Dimension, float]
    policy: str
    promise: str
    remark: str
    reverses: tuple[str, str] | None
    compensates: tuple[str, str] | None
    reason: str
    is_reversed: bool
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entries; `next_after` continues the list, None: there are no more."""

    rows: tuple[EntryRow, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some entries in the order of the log; `last` is where to go on, also when nothing is new.

    A place is the position of a transaction in the log and the number of the entry in it.
    """

    rows: tuple[EntryRow, ...]
    last: tuple[int, int]
    has_more: bool


def page(
    viewer: Viewer,
    *,
    after: int | None = None,
    limit: int,
    customer: str | None = None,
    with_notes: bool = False,
) -> Page:
    """Return entries in the order of booking, those after a number; slips are left out.

    Who comes again later for what is new uses `sealed_page`: here an entry that was being written
    meanwhile may stand before the last one seen. Accounts that are not valued (restricted, objected to, erased) are left out.

    Raises:
        Denied: the viewer may not see accounts.
        NotFound: there is no such customer for this viewer.
    """
    access.require(viewer, "see_accounts")
    rows = _rows(viewer, with_notes=with_notes)
    if customer is not None:
        pk = access.customer_id(viewer, customer)
        family = [pk, *aliases.members([pk]).get(pk, ())]
        rows = rows.filter(customer_id__in=family)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[: limit + 1])
    return Page(
        rows=tuple(_shown(viewer, found[:limit], with_notes=with_notes)),
        next_after=found[limit - 1].pk if len(found) > limit else None,
    )


def sealed_page(
    viewer: Viewer, *, after: tuple[int, int] = (-1, 0), limit: int, with_notes: bool = False
) -> LogPage:
    """Return the entries of sealed transactions in the order of the log, those after a place.

    Positions in the log are given once, without a gap, to what is committed: whoever goes on where
    they stopped misses nothing and gets nothing twice, however late a writer commits. What was just
    booked appears once it is sealed, a few seconds later.

    Raises:
        Denied: the viewer may not see accounts.
    """
    access.require(viewer, "see_accounts")
    position, number = after
    later = Q(transaction__place__position__gt=position) | Q(
        transaction__place__position=position, pk__gt=number
    )
    rows = _rows(viewer, with_notes=with_notes).filter(
        later, transaction__place__position__gte=position
    )
    rows = rows.select_related("customer", "reverses", "compensates", "transaction__place")
    found = list(rows.order_by("transaction__place__position", "pk")[: limit + 1])
    shown = found[:limit]
    last = (shown[-1].transaction.place.position, shown[-1].pk) if shown else after
    return LogPage(
        rows=tuple(_shown(viewer, shown, with_notes=with_notes)),
        last=last,
        has_more=len(found) > limit,
    )


def entry(viewer: Viewer, source: str, source_id: str, *, with_notes: bool = False) -> EntryRow:
    """Return one entry by what its reporter called it.

    Raises:
        Denied: the viewer may not see accounts.
        NotFound: there is none, or not for this viewer; analysts know entries by pseudonyms only.
    """
    access.require(viewer, "see_accounts")
    rows = _rows(viewer, with_notes=with_notes).filter(source=source, source_id=source_id)
    found = [] if viewer.role == "analyst" else list(rows[:1])
    if not found:
        raise missing(source, source_id)
    return _shown(viewer, found, with_notes=with_notes)[0]


def missing(source: str, source_id: str) -> NotFound:
    """Return the refusal that says there is no such entry."""
    return NotFound(
        Text(
            de=f"Es gibt keine Buchung „{source_id}“ aus „{source}“; prüfen Sie Quelle und Nummer.",
            en=f"There is no entry '{source_id}' from '{source}'; check source and id.",
        )
    )


def _rows(viewer: Viewer, *, with_notes: bool) -> QuerySet[models.Entry]:
    counted = access.evaluated(viewer).order_by().values("pk")
    rows = models.Entry.objects.select_related("customer", "reverses", "compensates")
    own = rows.filter(customer__in=counted)
    merged = set(models.Alias.objects.filter(into__isnull=False).values_list("customer", flat=True))
    if not merged:
        return _told(own, with_notes)
    # Customers merged away are few; who they count for is followed one by one.
    roots = aliases.roots(merged)
    kept = set(counted.filter(pk__in=set(roots.values())).values_list("pk", flat=True))
    theirs = [pk for pk, root in roots.items() if root != pk and root in kept]
    return _told(own | rows.filter(customer__in=theirs), with_notes)


def _told(rows: QuerySet[models.Entry], with_notes: bool) -> QuerySet[models.Entry]:
    """Let rows carry what `_shown` says of them beside their own columns."""
    told = rows.annotate(
        was_merged=Exists(models.Alias.objects.filter(customer=OuterRef("customer"))),
        is_undone=Exists(models.Entry.objects.filter(reverses=OuterRef("pk"))),
    )
    if with_notes:
        notes = models.Note.objects.filter(commitment=OuterRef("note_commitment"))
        told = told.annotate(note_text=Subquery(notes.order_by().values("text")[:1]))
    return told.order_by("pk")


# Any: rows carry what `_told` added.
def _shown(viewer: Viewer, rows: Sequence[Any], *, with_notes: bool) -> list[EntryRow]:
    mask = access.target_mask(viewer)
    keys = _keys(rows)
    with_notes = with_notes and access.may(viewer, "see_names")
    return [
        EntryRow(
            customer=access.shown_key(viewer, keys[row.customer_id]),
            **_named(viewer, row),
            kind=row.kind,
            value_date=row.value_date,
            recorded_date=row.recorded_date,
            happened_at=row.happened_at,
            target=mask(row.target),
            is_contact=row.contact,
            points={d: getattr(row, d) / HUNDREDTHS for d in DIMENSIONS},
            policy=row.policy,
            # A promise is named by the other system's number, like an entry.
            promise=access.shown_entry(viewer, "promise", row.promise)[1] if row.promise else "",
            remark=row.remark,
            reverses=_other(viewer, row.reverses),
            compensates=_other(viewer, row.compensates),
            reason=row.reason,
            is_reversed=row.is_undone,
            note=row.note_text if with_notes else None,
        )
        for row in rows
        if not (row.source == SLIP and row.reverses is not None)
    ]


def _named(viewer: Viewer, row: models.Entry) -> Mapping[str, str]:
    source, source_id = access.shown_entry(viewer, row.source, row.source_id)
    return {"source": source, "source_id": source_id}


def _other(viewer: Viewer, row: models.Entry | None) -> tuple[str, str] | None:
    return None if row is None else access.shown_entry(viewer, row.source, row.source_id)


def _keys(rows: Iterable[Any]) -> dict[int, str]:
    """Return the key of whose account counts, by the customer that an entry was booked on."""
    keys = {row.customer_id: row.customer.key for row in rows}
    merged = {row.customer_id for row in rows if row.was_merged}
    roots = aliases.roots(merged) if merged else {}
    named = models.Customer.objects.in_bulk(set(roots.values())) if roots else {}
    return keys | {pk: named[root].key for pk, root in roots.items()}
