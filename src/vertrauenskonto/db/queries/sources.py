"""Sources as their page shows them: each system, how it is doing, and how much is typed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Max

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries.import_runs import Run, run_of

# Where entries come from that somebody typed.
BY_HAND = ("web", "cli")
DAYS = 30
# Nine of ten entries should come by themselves.
SHARE_MAX = 0.1
_REMEMBERED_SECONDS = 600
# Without reading every entry: from one source to the next, along the index of sources.
_SYSTEMS = """WITH RECURSIVE named(source) AS (
SELECT min(source) FROM entry
UNION ALL SELECT (SELECT min(source) FROM entry WHERE source > named.source) FROM named
WHERE named.source IS NOT NULL)
SELECT source FROM named WHERE source IS NOT NULL"""
_RECENT = """SELECT e.source, t.channel, count(*), max(e.value_date), max(t.booked_at)
FROM booking_transaction t JOIN entry e ON e.transaction_id = t.id
WHERE t.booked_at >= %s AND e.recorded_date >= %s GROUP BY e.source, t.channel"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """How many entries of the last days were typed, of how many; `counted_at`: as of then."""

    typed: int
    all: int
    counted_at: datetime

    @property
    def share(self) -> float:
        """Return the share typed by hand, 0..1."""
        return self.typed / self.all if self.all else 0.0

    @property
    def by_itself(self) -> int:
        """Return how many of a hundred came by themselves."""
        return round(100 * (1 - self.share))

    @property
    def is_good(self) -> bool:
        """Tell whether at least nine of ten come by themselves."""
        return self.share <= SHARE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system that booked, or that has at least tried to: its last run and its newest event."""

    name: str
    run: Run | None
    recent: int
    newest_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source that is read by the clock; never its password."""

    id: int
    title: str
    kind: str
    mapping: str
    place: Mapping[str, Any]
    every_minutes: int | None
    daily_minute: int | None
    is_on: bool
    due_at: datetime
    last_at: datetime | None
    good_at: datetime | None
    error: Text | None
    has_secret: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole page: sources, systems, the newest runs, what waits, and what is typed."""

    sources: tuple[SourceRow, ...]
    systems: tuple[System, ...]
    runs: tuple[Run, ...]
    waiting: int
    drafts: int
    hand: Hand


def overview(viewer: Viewer, *, now: datetime) -> Overview:
    """Return what the page shows; as many questions for few systems as for many.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    recent, hand = _recent(now)
    ended = models.ImportRun.objects.filter(state__in=("booked", "stopped", "booking"))
    newest = ended.values("system")
    last = models.ImportRun.objects.filter(pk__in=newest.annotate(last=Max("pk")).values("last"))
    by_system = {row.system: run_of(viewer, row) for row in last}
    names = {row[0] for row in raw.fetched(_SYSTEMS)} | set(by_system)
    systems = tuple(
        System(
            name=name,
            run=by_system.get(name),
            recent=recent.get(name, (0, None))[0],
            newest_date=_newest(by_system.get(name), recent.get(name, (0, None))[1]),
        )
        for name in sorted(names)
        if name not in BY_HAND
    )
    runs = models.ImportRun.objects.order_by("-pk")[:10]
    return Overview(
        sources=tuple(_row(row, now) for row in models.Source.objects.order_by("title", "pk")),
        systems=systems,
        runs=tuple(run_of(viewer, row) for row in runs),
        waiting=models.Unmatched.objects.filter(decided_at=None).count(),
        drafts=models.MailDraft.objects.filter(state="waiting").count(),
        hand=hand,
    )


def source(viewer: Viewer, source_id: int, *, now: datetime) -> tuple[SourceRow, tuple[Run, ...]]:
    """Return one source with its newest runs.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such source.
    """
    require(viewer, "lead")
    row = models.Source.objects.filter(pk=source_id).first()
    if row is None:
        raise NotFound(Text(de="Diese Quelle gibt es nicht.", en="There is no such source."))
    runs = models.ImportRun.objects.filter(source=row).order_by("-pk")[:20]
    return _row(row, now), tuple(run_of(viewer, run) for run in runs)


def _row(row: models.Source, now: datetime) -> SourceRow:
    patience = timedelta(minutes=row.every_minutes or 24 * 60)
    good = row.good_at or row.created_at
    return SourceRow(
        id=row.pk,
        title=row.title,
        kind=row.kind,
        mapping=row.mapping,
        place=row.place,
        every_minutes=row.every_minutes,
        daily_minute=row.daily_minute,
        is_on=row.is_on,
        due_at=row.due_at,
        last_at=row.last_at,
        good_at=row.good_at,
        error=Text(**row.error) if row.error else None,
        has_secret=bool(row.secret),
        is_late=row.is_on and now - good > 2 * patience,
    )


def _newest(run: Run | None, recent: date | None) -> date | None:
    known = [day for day in (run.newest_date if run else None, recent) if day is not None]
    return max(known, default=None)


def _recent(now: datetime) -> tuple[dict[str, tuple[int, date | None]], Hand]:
    """Return entries of the last days by system, and how many were typed; counted now and then."""
    found: tuple[dict[str, tuple[int, date | None]], Hand] | None = cache.get("sources:recent")
    if found is not None:
        return found
    since = now - timedelta(days=DAYS)
    counts: dict[str, tuple[int, date | None]] = {}
    typed = total = 0
    for name, channel, number, newest, _ in raw.fetched(_RECENT, [since, since.date()]):
        day = date.fromisoformat(newest) if isinstance(newest, str) else newest
        before, known = counts.get(name, (0, None))
        counts[name] = (before + number, max(filter(None, (known, day)), default=None))
        total += number
        typed += number if name in BY_HAND and channel in BY_HAND else 0
    found = counts, Hand(typed=typed, all=total, counted_at=now)
    cache.set("sources:recent", found, _REMEMBERED_SECONDS)
    return found
