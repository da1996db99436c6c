"""What an access report (GDPR article 15) says of promises: all that is held about each."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.promises import STATES
from vertrauenskonto.db import models
from vertrauenskonto.render.access_report import Promised

_AGAIN = Text("kommt wieder", "comes again")


def promises_told(family: Collection[int]) -> tuple[Promised, ...]:
    """Return everything that the customers (by row number) were promised, the oldest first."""
    rows = models.Promise.objects.filter(customer__in=family).order_by("made_at", "pk")
    notes: dict[int, list[str]] = defaultdict(list)
    steps = models.PromiseStep.objects.filter(promise__customer__in=family).exclude(note="")
    for promise, note in steps.order_by("pk").values_list("promise", "note"):
        notes[promise].append(note)
    found = [_told(row, notes[row.pk]) for row in rows]
    series = models.Series.objects.filter(customer__in=family).order_by("pk")
    return (*found, *(_again(row) for row in series))


def _told(row: models.Promise, notes: Collection[str]) -> Promised:
    about = [row.told_whom, row.capability, row.place, row.depends_on, row.evidence, *notes]
    return Promised(
        made=_day(row.made_at, row.zone),
        until=row.due_date or _day(row.due_at, row.zone),
        wording=row.wording,
        state=STATES[next(state for state in STATES if state == row.state)],
        about=tuple(text for text in about if text),
        source=row.source,
    )


def _again(row: models.Series) -> Promised:
    return Promised(
        made=row.made_at.date(),
        until=row.ended_date or row.last_date or row.first_date,
        wording=row.wording,
        state=_AGAIN,
        about=(row.capability,) if row.capability else (),
        source="series",
    )


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
