"""Candour: what was said honestly, to whom, what became of it, and how soon mistakes are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from vertrauenskonto.core.candour import records as rules
from vertrauenskonto.core.candour.records import Sort, State, TruthFigures
from vertrauenskonto.core.candour.refusals import holds
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import Viewer, customer_id, may, shown_key
from vertrauenskonto.db.candour_rows import is_booked, missing, refusals_against, told_of, visible
from vertrauenskonto.db.queries import promise_figures
from vertrauenskonto.db.queries.calendars import Calendars

# waiting: for a second look; unsaid: mistakes that the customer does not know of.
Which = Literal["waiting", "unsaid", "advice", "refusal", "mistake", "wish"]
WHICH: tuple[Which, ...] = get_args(Which)
PAGE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record as a viewer sees it; answers and remark are empty where she sees no names.

    `customer` is how the customer is called before her, `name` None where she sees none. `is_hers`:
    she recorded it. `holds`: a no in force today.
    `lag`: how long the customer did not know what we knew, so far where they still do not; None:
    they knew first, or it is no mistake. `headline`: what it is about, in one line.
    """

    key: str
    customer: str
    name: str | None
    sort: Sort
    choice: str
    headline: str
    capability: str
    on: date
    until: date | None
    holds: bool
    knew_at: datetime | None
    told_at: datetime | None
    lag: timedelta | None
    written_at: datetime
    state: State
    is_hers: bool

    @property
    def label(self) -> Text:
        """What sort of record it is."""
        return rules.LABELS[self.sort]

    @property
    def choice_question(self) -> Text | None:
        """What its choice answers, None where it has none."""
        return rules.CHOICE_LABELS.get(self.sort)

    @property
    def choice_label(self) -> Text | None:
        """Whom advice serves, no or limit, who said so first."""
        return rules.CHOICES.get(self.sort, {}).get(self.choice)

    @property
    def state_label(self) -> Text:
        """How it stands."""
        return rules.STATES[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One record with all its answers, what it is booked as, and the promises given against it.

    `actor`, and who had the second look or took it back, are shown as the staff rule allows.
    `kind`: what it counts as, None for nothing; `is_booked`: whether that stands in the ledger.
    `lag_hours`: the truth lag in hours in which both we and the customer work.
    """

    record: Shown
    answers: Mapping[str, str]
    actor: str
    decider: str
    decided_at: datetime | None
    remark: str
    kind: str | None
    is_booked: bool
    lag_hours: float | None
    promises: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records, the newest first; `after` leads to the next ones, None: these were the last."""

    records: tuple[Shown, ...]
    after: str | None


def page(viewer: Viewer, which: Which, *, now: datetime, after: str = "", limit: int = 50) -> Page:
    """Return a page of records; `after` is the key of the last one of the page before.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = visible(viewer)
    if which == "waiting":
        rows = rows.filter(state="waiting")
    elif which == "unsaid":
        rows = rows.filter(sort="mistake", state="counts", told_at=None)
    else:
        rows = rows.filter(sort=which)
    last = models.Candour.objects.filter(key=after).values_list("pk", flat=True).first()
    if after and last is not None:
        rows = rows.filter(pk__lt=last)
    found = _shown(viewer, rows[: min(limit, PAGE_MAX) + 1], now)
    shown = found[:limit]
    return Page(records=shown, after=shown[-1].key if len(found) > limit else None)


def of_customer(viewer: Viewer, key: str, *, now: datetime) -> tuple[Shown, ...]:
    """Return a customer's records, the newest first.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    access.require(viewer, "see_accounts")
    pk = customer_id(viewer, key)
    merged = aliases.members([pk]).get(pk, ())
    rows = models.Candour.objects.filter(customer__in=[pk, *merged]).order_by("-pk")
    return _shown(viewer, rows.select_related("customer__profile")[:PAGE_MAX], now)


def sheet(viewer: Viewer, key: str, *, now: datetime) -> Sheet:
    """Return one record.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: the viewer may not see accounts.
    """
    row = visible(viewer).filter(key=key).first()
    if row is None:
        raise missing(key)
    shown = _one(viewer, row, now)
    names = access.shown_people(viewer, {row.actor, row.decider})
    told, shows = told_of(row), may(viewer, "see_names")
    hours = None
    if shown.lag is not None and row.knew_at is not None:
        working = Calendars().of(row.customer_id, None)
        hours = working.between(row.knew_at, row.told_at or now) / 60
    promises = row.promises.order_by("pk").values_list("key", "wording", "capability")
    return Sheet(
        record=shown,
        answers=row.answers if shows else {},
        actor=names[row.actor],
        decider=names[row.decider],
        decided_at=row.decided_at,
        remark=row.remark if shows else "",
        kind=rules.kind_of(told),
        is_booked=is_booked(row),
        lag_hours=hours,
        promises=tuple((key, words if shows else about) for key, words, about in promises),
    )


def against(
    viewer: Viewer, customer: str, wording: str, *, capability: str, at: datetime
) -> tuple[Shown, ...]:
    """Return the noes in force on the day of an instant that a promise would run against.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not book.
    """
    access.require(viewer, "book")
    pk, day = customer_id(viewer, customer), _today(at)
    found = refusals_against(pk, wording, capability=capability.strip(), day=day)
    return _shown(viewer, found, at)


def of_promise(viewer: Viewer, promise: str) -> tuple[tuple[str, str], ...]:
    """Return the noes that a promise was given against: key and what was refused.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = visible(viewer).filter(promises__key=promise)
    shows = may(viewer, "see_names")
    return tuple((row.key, told_of(row).headline if shows else "") for row in rows)


def figures(viewer: Viewer, *, since: datetime, until: datetime) -> TruthFigures:
    """Return how soon customers heard of our mistakes: those we got to know of in `[since, until)`.

    Raises:
        Denied: the viewer neither leads nor analyses.
    """
    promise_figures.may_see(viewer)
    rows = models.Candour.objects.filter(
        sort="mistake", state="counts", knew_at__gte=since, knew_at__lt=until
    ).order_by("pk")
    return rules.truth_figures(
        (by, knew_at, told_at)
        for by, knew_at, told_at in rows.values_list("choice", "knew_at", "told_at")
        if knew_at is not None
    )


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _shown(
    viewer: Viewer, rows: QuerySet[models.Candour] | Sequence[models.Candour], now: datetime
) -> tuple[Shown, ...]:
    return tuple(_one(viewer, row, now) for row in rows)


def _one(viewer: Viewer, row: models.Candour, now: datetime) -> Shown:
    shows, told = may(viewer, "see_names"), told_of(row)
    profile = getattr(row.customer, "profile", None)
    lag = None
    if row.knew_at is not None:
        lag = rules.truth_lag(row.knew_at, row.told_at or now)
    is_refusal = row.sort == "refusal" and row.state == "counts"
    return Shown(
        key=row.key,
        customer=shown_key(viewer, row.customer.key),
        name=(profile.name if profile else "") if shows else None,
        sort=told.sort,
        choice=row.choice,
        headline=told.headline if shows else "",
        capability=row.capability,
        on=row.on_date,
        until=row.until_date,
        holds=is_refusal and holds(row.on_date, row.until_date, day=_today(now)),
        knew_at=row.knew_at,
        told_at=row.told_at,
        lag=lag,
        written_at=row.written_at,
        state=cast("State", row.state),
        is_hers=row.actor == viewer.actor,
    )
