"""Working calendars: whose work by which, as values that the core reckons with, and as lists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import cast

from django.conf import settings
from django.db.models import Count, Max, Q, Value

from vertrauenskonto.core.calendar.hours import CLOSED, Hours, read_hours
from vertrauenskonto.core.calendar.working_calendar import (
    DayOff,
    ExtraDay,
    Week,
    WorkingCalendar,
)
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.importers.public_holidays import LOCAL, Choice, public_holidays

_OFFICE = read_hours("8:00-12:00, 13:00-17:00")
# Until somebody says otherwise: the ordinary office week, and no holidays.
USUAL_WEEK = Week(
    valid_from=date(1970, 1, 1),
    days=(_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, CLOSED, CLOSED),
)

# The years whose holidays are known.
HOLIDAYS_FROM, HOLIDAYS_UNTIL = 2000, 2049
# So long before the known holidays run out it is said.
HORIZON = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A calendar in a list: whose it is, and until when its days off are known.

    `is_companys`: the company works by it; `teams` are names, `customers` a count. `known_until`
    None: it names no day off at all.
    """

    id: int
    name: str
    region: str
    zone: str
    is_companys: bool
    teams: tuple[str, ...]
    customers: int
    known_until: date | None

    @property
    def is_used(self) -> bool:
        """Tell whether anybody works by it."""
        return self.is_companys or bool(self.teams) or bool(self.customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """A day that somebody entered: closed without hours."""

    day: date
    hours: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A calendar with all that it says; weeks are in order, own days from a day on."""

    listed: Listed
    local: tuple[Choice, ...]
    calendar: WorkingCalendar
    own_days: tuple[OwnDay, ...]


class Calendars:
    """The calendars in force, read once; ask it as often as you like within one piece of work."""

    def __init__(self) -> None:
        rows = models.CalendarUse.objects.select_related("calendar")
        self._rows: dict[int, models.WorkCalendar] = {}
        self._teams: dict[int, int] = {}
        self._customers: dict[int, int] = {}
        self._company: int | None = None
        for row in rows:
            self._rows[row.calendar_id] = row.calendar
            if row.team_id is not None:
                self._teams[row.team_id] = row.calendar_id
            elif row.customer_id is not None:
                self._customers[row.customer_id] = row.calendar_id
            else:
                self._company = row.calendar_id
        self._read: dict[int, WorkingCalendar] = {}
        self._times: dict[tuple[int | None, int | None], WorkingTime] = {}

    def of(self, customer: int | None, team: int | None) -> WorkingTime:
        """Return the time in which a team, or else the company, and a customer both work."""
        ours = self._teams.get(team, self._company) if team is not None else self._company
        theirs = self._customers.get(customer) if customer is not None else None
        if (ours, theirs) not in self._times:
            wanted = [n for n in (ours, theirs) if n is not None and n not in self._read]
            self._read |= _values([self._rows[n] for n in wanted])
            others = [self._read[theirs]] if theirs is not None else []
            first = _usual() if ours is None else self._read[ours]
            self._times[ours, theirs] = WorkingTime(first, *others)
        return self._times[ours, theirs]

    def of_customers(self, customers: Collection[int]) -> Mapping[int, WorkingTime]:
        """Return for each customer the time in which whoever looks after them, and they, work."""
        teams: dict[int, int | None] = {}
        if self._teams:
            rows = models.Profile.objects.filter(customer__in=customers)
            for pk, owners, queues in rows.values_list(
                "customer_id", "owner__team_id", "owner_team_id"
            ):
                teams[pk] = owners or queues
        return {pk: self.of(pk, teams.get(pk)) for pk in customers}


def listed(viewer: Viewer) -> tuple[Listed, ...]:
    """Return all calendars, by name.

    Raises:
        Denied: the viewer may neither book nor audit.
    """
    _may_read(viewer)
    return _listed()


def sheet(viewer: Viewer, number: int, *, since: date) -> Sheet:
    """Return one calendar, with the days entered by hand from `since` on.

    Raises:
        NotFound: there is none of this number.
        Denied: the viewer may neither book nor audit.
    """
    _may_read(viewer)
    found = next((one for one in _listed() if one.id == number), None)
    if found is None:
        raise missing(number)
    days = models.CalendarDay.objects.filter(calendar=number, day__gte=since).order_by("day")
    return Sheet(
        listed=found,
        local=_local(models.WorkCalendar.objects.values_list("local", flat=True).get(pk=number)),
        calendar=value(number),
        own_days=tuple(OwnDay(day=d.day, hours=d.hours, name=d.name) for d in days),
    )


def own_days(viewer: Viewer, number: int) -> frozenset[date]:
    """Return all days that were entered into a calendar, whatever they say.

    Raises:
        Denied: the viewer may neither book nor audit.
    """
    _may_read(viewer)
    rows = models.CalendarDay.objects.filter(calendar=number)
    return frozenset(rows.values_list("day", flat=True))


def of_team(viewer: Viewer, team: int) -> int | None:
    """Return the number of a team's own calendar, None: it works by the company's.

    Raises:
        Denied: the viewer may neither book nor audit.
    """
    _may_read(viewer)
    return _used(Q(team=team))


def of_customer(viewer: Viewer, key: str) -> int | None:
    """Return the number of a customer's calendar, None: at any hour.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may neither book nor audit.
    """
    _may_read(viewer)
    return _used(Q(customer=access.customer_id(viewer, key)))


def running_out(today: date) -> tuple[Listed, ...]:
    """Return the calendars in use whose known days off end soon, or that know none."""
    soon = today + HORIZON
    return tuple(
        one
        for one in _listed()
        if one.is_used and (one.known_until is None or one.known_until < soon)
    )


def has_companys() -> bool:
    """Tell whether the company has a calendar, or works by the usual week without holidays."""
    return models.CalendarUse.objects.filter(team=None, customer=None).exists()


def missing(number: int) -> NotFound:
    """Return the refusal of a number that no calendar has."""
    return NotFound(
        Text(
            de=f"Es gibt keinen Arbeitskalender {number}.",
            en=f"There is no working calendar {number}.",
        )
    )


def _may_read(viewer: Viewer) -> None:
    if not access.may(viewer, "audit"):
        require(viewer, "book")


def _used(whose: Q) -> int | None:
    found: int | None = (
        models.CalendarUse.objects.filter(whose).values_list("calendar_id", flat=True).first()
    )
    return found


def _listed() -> tuple[Listed, ...]:
    company = Q(calendaruse__team=None, calendaruse__customer=None, calendaruse__isnull=False)
    rows = models.WorkCalendar.objects.order_by("name", "pk").annotate(
        is_companys=Count("calendaruse", filter=company, distinct=True),
        customers=Count("calendaruse__customer", distinct=True),
        last_off=Max("own_days__day", filter=Q(own_days__hours="")),
    )
    teams: dict[int, list[str]] = {}
    used = models.CalendarUse.objects.filter(team__isnull=False).order_by("team__name")
    for number, name in used.values_list("calendar_id", "team__name"):
        teams.setdefault(number, []).append(name)
    return tuple(
        Listed(
            id=row.pk,
            name=row.name,
            region=row.region,
            zone=row.zone,
            is_companys=bool(row.is_companys),
            teams=tuple(teams.get(row.pk, ())),
            customers=row.customers,
            known_until=date(HOLIDAYS_UNTIL, 12, 31) if row.region else row.last_off,
        )
        for row in rows
    )


@lru_cache(maxsize=1)
def _usual() -> WorkingCalendar:
    return WorkingCalendar(key="usual", name="", zone=settings.TIME_ZONE, weeks=(USUAL_WEEK,))


def value(number: int) -> WorkingCalendar:
    """Return a calendar as the core reckons with it; for modules of `db` only.

    Raises:
        Invalid: nothing can be worked by it.
    """
    return _values([models.WorkCalendar.objects.get(pk=number)])[number]


# Whether it is an ordinary week, since when or which day, the hours, and the name of the day.
_Part = tuple[int, date, str, str]


def _values(rows: Sequence[models.WorkCalendar]) -> dict[int, WorkingCalendar]:
    """Return calendars by number, with one statement: every page with a due day asks for them."""
    if not rows:
        return {}
    weeks = models.CalendarWeek.objects.filter(calendar__in=rows).order_by()
    days = models.CalendarDay.objects.filter(calendar__in=rows).order_by()
    found: dict[int, list[_Part]] = {row.pk: [] for row in rows}
    for number, *part in weeks.values_list(
        "calendar_id", Value(1), "valid_from", "hours", Value("")
    ).union(days.values_list("calendar_id", Value(0), "day", "hours", "name"), all=True):
        found[number].append(cast("_Part", tuple(part)))
    return {row.pk: _value(row, sorted(found[row.pk])) for row in rows}


def _value(row: models.WorkCalendar, parts: Sequence[_Part]) -> WorkingCalendar:
    own = [(day, hours, name) for is_week, day, hours, name in parts if not is_week]
    return WorkingCalendar(
        key=str(row.pk),
        name=row.name,
        zone=row.zone,
        weeks=tuple(
            Week(valid_from=since, days=_seven(hours.split("\n")))
            for is_week, since, hours, _ in parts
            if is_week
        ),
        days_off=(
            *_holidays(row.region, _local(row.local)),
            *(DayOff(day=day, name=Text(name, name)) for day, hours, name in own if not hours),
        ),
        extra_days=tuple(
            ExtraDay(day=day, hours=read_hours(hours), name=Text(name, name))
            for day, hours, name in own
            if hours
        ),
    )


def _seven(lines: Iterable[str]) -> tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
        read_hours(line) if line else CLOSED for line in lines
    )
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


@lru_cache(maxsize=64)
def _holidays(region: str, local: tuple[Choice, ...]) -> tuple[DayOff, ...]:
    if not region:
        return ()
    return public_holidays(region, first_year=HOLIDAYS_FROM, last_year=HOLIDAYS_UNTIL, local=local)


def _local(text: str) -> tuple[Choice, ...]:
    # What is stored was checked when it was chosen.
    return tuple(choice for choice in LOCAL if choice in text.split(","))
