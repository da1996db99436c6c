"""A record that waits to be matched, beside the customers it may belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customers, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A customer beside a record: what is known of her, and by which keys the record named her."""

    key: str
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    postcodes: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A record, how many wait that name the person in the same way, and who may be meant."""

    id: int
    source: str
    source_id: str
    received_at: datetime
    record: Mapping[str, Any]
    same: int
    drafts: int
    beside: tuple[Beside, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How many records wait, of how many persons, and the one to decide now."""

    records: int
    persons: int
    now: Compared | None
    next_id: int | None


def queue(viewer: Viewer, *, after: int = 0) -> Queue:
    """Return the oldest record that waits, from number `after` on, with its candidates.

    Raises:
        Denied: the viewer may not match.
    """
    require(viewer, "match")
    require(viewer, "see_names")
    rows = models.Unmatched.objects.filter(decided_at=None).order_by("pk")
    first = rows.filter(pk__gte=after).first() or rows.first()
    if first is None:
        return Queue(records=0, persons=0, now=None, next_id=None)
    like = rows.filter(sameness=first.sameness)
    same, drafts = like.count(), like.filter(draft__isnull=False).count()
    following = rows.exclude(sameness=first.sameness).filter(pk__gt=first.pk)
    return Queue(
        records=rows.count(),
        persons=rows.order_by().values("sameness").distinct().count(),
        now=Compared(
            id=first.pk,
            source=first.source,
            source_id=first.source_id,
            received_at=first.received_at,
            record=first.record,
            same=same,
            drafts=drafts,
            beside=_beside(viewer, first.candidates),
        ),
        next_id=following.values_list("pk", flat=True).first(),
    )


def _beside(viewer: Viewer, candidates: list[dict[str, Any]]) -> tuple[Beside, ...]:
    keys = [one["key"] for one in candidates]
    seen = customers(viewer).filter(key__in=keys).select_related("profile")
    rows = {row.key: row for row in seen.prefetch_related("contact_set", "externalid_set")}
    found = []
    for one in candidates:
        row = rows.get(one["key"])
        if row is None:
            continue
        contacts = list(row.contact_set.all())
        profile = getattr(row, "profile", None)
        found.append(
            Beside(
                key=row.key,
                name=profile.name if profile else "",
                emails=tuple(c.email for c in contacts if c.email),
                phones=tuple(c.phone for c in contacts if c.phone),
                postcodes=tuple(c.postcode for c in contacts if c.postcode),
                ids=tuple((i.system, i.value) for i in row.externalid_set.all()),
                by=tuple(one["by"]),
            )
        )
    return tuple(found)
