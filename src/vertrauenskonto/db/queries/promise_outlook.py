"""How likely a promise would be kept, from the register; learned once a day and kept.

What is learned knows kinds, teams large enough to hide their members, load and calendar; no person.
Days are counted by the company's calendar.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.outlook.forecast import Forecast, SafeDate, forecast, safe_date
from vertrauenskonto.core.outlook.learning import Outlook, outlook
from vertrauenskonto.core.outlook.record import Past, Terms
from vertrauenskonto.db import models
from vertrauenskonto.db.access import TEAM_SIZE_MIN_FOR_RATES, Viewer, require
from vertrauenskonto.db.queries.calendars import Calendars

_KEY = "promise_outlook"
# Two days: the daily job renews it.
_KEPT_SECONDS = 48 * 60 * 60
YEARS = timedelta(days=3 * 365)
ROWS_MAX = 200_000
# How many working days ahead a safe date is looked for.
DAYS_AHEAD = 60
CONFIDENCES = (0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A promise that somebody thinks of giving; `due` a day, with an hour for an appointment.

    `calendar`: the company's, where it was read already.
    """

    capability: str
    due: date
    hour: int | None = None
    confidence: float = 0.9
    team: int | None = None
    calendar: WorkingTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The forecast as proposed, and the earliest day that is safe enough."""

    forecast: Forecast
    safe: SafeDate


def answer(viewer: Viewer, asked: Asked, *, today: date) -> Answer:
    """Return how likely a promise is to be kept, and when it is safe.

    Raises:
        Denied: the viewer may not see accounts.
        Invalid: the day lies outside of what calendars know.
    """
    require(viewer, "see_accounts")
    known = learned(today=today)
    calendar = asked.calendar or Calendars().of(None, None)
    terms = _terms(asked, today, calendar)
    days = [calendar.add_days(today, n) for n in range(DAYS_AHEAD + 1)]
    return Answer(
        forecast=forecast(known, terms),
        safe=safe_date(known, terms, confidence=asked.confidence, days=days),
    )


def learned(*, today: date) -> Outlook:
    """Return what the register teaches; learned now if the daily job has not yet."""
    kept = cache.get(_KEY)
    if isinstance(kept, Outlook) and today - kept.as_of <= timedelta(days=1):
        return kept
    return learn(today=today)


def learn(*, today: date) -> Outlook:
    """Learn from the promises of the last years, and keep it."""
    found = outlook(_past(today), as_of=today)
    cache.set(_KEY, found, timeout=_KEPT_SECONDS)
    return found


def _terms(asked: Asked, today: date, calendar: WorkingTime) -> Terms:
    team = asked.team is not None and asked.team in _shown_teams()
    load = None
    if team:
        load = models.Promise.objects.filter(ended_at=None, team=asked.team).count()
    return Terms(
        kind=(asked.capability,),
        made_on=today,
        due_on=asked.due,
        days=max(calendar.days_between(today, asked.due), 0),
        due_hour=asked.hour,
        team=str(asked.team) if team else "",
        open_load=load,
        is_appointment=asked.hour is not None,
    )


def _past(today: date) -> Iterator[Past]:
    """Yield the promises of the last years as they were first given."""
    calendar, teams = Calendars().of(None, None), _shown_teams()
    zone = ZoneInfo(settings.TIME_ZONE)
    since = datetime.combine(today - YEARS, datetime.min.time(), zone)
    rows = models.PromiseStep.objects.filter(what="made", promise__made_at__gte=since)
    columns = (
        "due_at",
        "promise__capability",
        "promise__sort",
        "promise__made_at",
        "promise__ended_at",
        "promise__state",
        "promise__renegotiated",
        "promise__team_id",
    )
    found = list(rows.order_by("-pk").values_list(*columns)[:ROWS_MAX])
    load = _Load(found)
    for due, capability, sort, made, ended, state, renegotiated, team in found:
        made_on, due_on = made.astimezone(zone).date(), due.astimezone(zone).date()
        done_on = ended.astimezone(zone).date() if ended else today
        is_done = ended is not None and state not in (
            "withdrawn",
            "broken_with_notice",
            "broken_silent",
        )
        try:
            days = max(calendar.days_between(made_on, due_on), 0)
            taken = max(calendar.days_between(made_on, done_on), 0)
        except Invalid:
            continue
        kept: bool | None = None
        if renegotiated:
            kept = False
        elif ended is not None and state != "withdrawn":
            kept = state == "kept"
        yield Past(
            terms=Terms(
                kind=(capability,),
                made_on=made_on,
                due_on=due_on,
                days=days,
                due_hour=due.astimezone(zone).hour if sort == "appointment" else None,
                team=str(team) if team in teams else "",
                open_load=load.at(team, made) if team in teams else None,
                is_appointment=sort == "appointment",
            ),
            kept=kept,
            days_taken=taken,
            is_done=is_done,
        )


class _Load:
    """How many promises a team had open at an instant, from when each was made and ended."""

    def __init__(self, rows: list[tuple[object, ...]]) -> None:
        made: dict[object, list[datetime]] = defaultdict(list)
        ended: dict[object, list[datetime]] = defaultdict(list)
        for _, _, _, made_at, ended_at, _, _, team in rows:
            assert isinstance(made_at, datetime)
            made[team].append(made_at)
            if isinstance(ended_at, datetime):
                ended[team].append(ended_at)
        self._made: Mapping[object, list[datetime]] = {t: sorted(at) for t, at in made.items()}
        self._ended: Mapping[object, list[datetime]] = {t: sorted(at) for t, at in ended.items()}

    def at(self, team: object, instant: datetime) -> int:
        """Return how many were open just before an instant."""
        begun = bisect_left(self._made.get(team, []), instant)
        return begun - bisect_right(self._ended.get(team, []), instant, hi=None)


def _shown_teams() -> set[int]:
    """Return the teams that are large enough to hide their members."""
    members = Count("person", filter=Q(person__is_active=True))
    rows = models.Team.objects.annotate(members=members).filter(
        members__gte=TEAM_SIZE_MIN_FOR_RATES
    )
    return set(rows.order_by("pk").values_list("pk", flat=True))
