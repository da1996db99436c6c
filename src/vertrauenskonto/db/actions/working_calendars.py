"""Working calendars: made from a region, changed from a day on, and given to those who work by them.

What counted before a change goes on counting for the days before it: weeks are in force from a day
on and none is overwritten. Every change is checked as the whole calendar that comes of it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core.calendar.hours import hours_text, read_hours
from vertrauenskonto.core.calendar.working_calendar import WEEKDAYS, DayOff
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import promise_times
from vertrauenskonto.db.queries import calendars as queries
from vertrauenskonto.importers.public_holidays import Choice, public_holidays, region_of
from vertrauenskonto.importers.starter_calendars import starter_week

NAME_MAX = 80
# How far back a calendar made today counts: promises are told apart by older days, too.
_FIRST_DAY = date(2000, 1, 1)
_NO_HOURS = Text(
    "Ab diesem Tag gäbe es keine Arbeitszeit mehr, und nichts könnte mehr fällig werden. Tragen Sie "
    "für einen Wochentag Zeiten ein; schließen Sie eine Weile, tragen Sie zuerst die Zeiten danach ein.",
    "From this day on there would be no working time, and nothing could fall due any more. Enter hours "
    "for one weekday; if you close for a while, enter the hours after that first.",
)
WEEKDAY_FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of days off that were taken in: added, and there before."""

    added: int
    known: int


def make(
    viewer: Viewer, *, name: str, region: str, local: Collection[Choice] = (), now: datetime
) -> int:
    """Make a calendar Monday to Friday, 8–12 and 13–17; return its number.

    `region` "": no holidays. Nobody works by it until it is assigned.

    Raises:
        Invalid: the name is missing, too long or taken, or the region has no such local choice.
        NotFound: there is no such region.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    called = _named(name)
    zone = region_of(region).zone if region else settings.TIME_ZONE
    _check_holidays(region, local)
    week = "\n".join(hours_text(hours) if hours else "" for hours in starter_week(_FIRST_DAY).days)
    with transaction.atomic():
        row = models.WorkCalendar.objects.create(
            name=called, zone=zone, region=region, local=",".join(sorted(local))
        )
        models.CalendarWeek.objects.create(calendar=row, valid_from=_FIRST_DAY, hours=week)
        _check(row.pk)
    return row.pk


def for_company(viewer: Viewer, region: str, *, now: datetime) -> None:
    """Make a region's calendar the company's, as the set-up does; one that is there stays.

    Raises:
        NotFound: there is no such region.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    if models.CalendarUse.objects.filter(team=None, customer=None).exists():
        return
    name = region_of(region).name.de
    there = models.WorkCalendar.objects.filter(name=name).first()
    with transaction.atomic():
        number = there.pk if there else make(viewer, name=name, region=region, now=now)
        assign(viewer, number, now=now)


def describe(
    viewer: Viewer,
    number: int,
    *,
    name: str,
    region: str,
    local: Collection[Choice],
    now: datetime,
) -> None:
    """Give a calendar another name, or the holidays of another region.

    Raises:
        Invalid, NotFound, Denied: as `make`; nothing was changed.
    """
    require(viewer, "administer")
    called = _named(name, but=number)
    _check_holidays(region, local)

    def change(row: models.WorkCalendar) -> None:
        row.name, row.region, row.local = called, region, ",".join(sorted(local))
        row.save()

    _changed(number, change, now)


def change_week(
    viewer: Viewer, number: int, hours: Sequence[str], *, valid_from: date, now: datetime
) -> None:
    """Let other hours count from a day on: Monday to Sunday as text, "" for a day without work.

    Raises:
        Invalid: hours that cannot be read or worked by, each a problem at its weekday; nothing was
            changed.
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    assert len(hours) == len(WEEKDAY_FIELDS), "a week has seven days"
    read, problems = list[str](), list[Problem]()
    for field, weekday, text in zip(WEEKDAY_FIELDS, WEEKDAYS, hours, strict=True):
        try:
            found = read_hours(text)
        except Invalid as wrong:
            said = Text(f"{weekday.de}: {wrong.text.de}", f"{weekday.en}: {wrong.text.en}")
            problems.append(Problem(code="hours", field=field, text=said))
        else:
            read.append(hours_text(found) if found else "")
    _refuse(problems)

    def change(row: models.WorkCalendar) -> None:
        later = row.weeks.filter(valid_from__gt=valid_from)
        if not any(read) and not later.exclude(hours="\n".join(read)).exists():
            _refuse([Problem(code="no-hours", field=WEEKDAY_FIELDS[0], text=_NO_HOURS)])
        row.weeks.update_or_create(valid_from=valid_from, defaults={"hours": "\n".join(read)})

    _changed(number, change, now)


def remove_week(viewer: Viewer, number: int, valid_from: date, *, now: datetime) -> None:
    """Take a week back that was entered wrongly; the one before goes on counting.

    Raises:
        Invalid: it is the only one.
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    _changed(number, lambda row: row.weeks.filter(valid_from=valid_from).delete(), now)


def change_day(
    viewer: Viewer, number: int, day: date, *, hours: str = "", name: str = "", now: datetime
) -> None:
    """Say that a day differs: closed, or with hours of its own; the same day again is changed.

    Raises:
        Invalid: hours that cannot be read, or a name that is too long; nothing was changed.
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    problems = []
    read = ""
    try:
        found = read_hours(hours)
        read = hours_text(found) if found else ""
    except Invalid as wrong:
        problems.append(Problem(code="hours", field="hours", text=wrong.text))
    if len(name.strip()) > NAME_MAX:
        problems.append(_too_long("day_name"))
    _refuse(problems)

    def change(row: models.WorkCalendar) -> None:
        own = {"hours": read, "name": name.strip()}
        row.own_days.update_or_create(day=day, defaults=own)

    _changed(number, change, now)


def remove_day(viewer: Viewer, number: int, day: date, *, now: datetime) -> None:
    """Let a day be an ordinary one again.

    Raises:
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    _changed(number, lambda row: row.own_days.filter(day=day).delete(), now)


def take_days_off(viewer: Viewer, number: int, days: Sequence[DayOff], *, now: datetime) -> Taken:
    """Take days off in, from a calendar file; what stands in the calendar already stays as it is.

    Raises:
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    added = list[models.CalendarDay]()

    def change(row: models.WorkCalendar) -> None:
        there = set(row.own_days.values_list("day", flat=True))
        added.extend(
            models.CalendarDay(calendar=row, day=off.day, name=off.name.de[:NAME_MAX])
            for off in days
            if off.day not in there
        )
        models.CalendarDay.objects.bulk_create(added, batch_size=500)

    _changed(number, change, now)
    return Taken(added=len(added), known=len(days) - len(added))


def assign(
    viewer: Viewer,
    number: int | None,
    *,
    team: int | None = None,
    customer: str = "",
    now: datetime,
) -> None:
    """Say by which calendar a team, a customer or, with neither, the company works.

    None: a team works by the company's, a customer at any hour, the company by the usual week.

    Raises:
        NotFound: there is no such calendar, team, or customer for this viewer.
        Denied: the viewer may not administer, or for a customer, not book.
    """
    require(viewer, "book" if customer else "administer")
    whose: Mapping[str, int | None] = {
        "team_id": team,
        "customer_id": customer_id(viewer, customer) if customer else None,
    }
    if team is not None and not models.Team.objects.filter(pk=team).exists():
        raise NotFound(Text(de=f"Es gibt kein Team {team}.", en=f"There is no team {team}."))
    with transaction.atomic():
        if number is not None:
            _locked(number)
        rows = models.CalendarUse.objects.filter(**whose)
        if number is None:
            rows.delete()
        elif not rows.update(calendar_id=number):
            models.CalendarUse.objects.create(calendar_id=number, **whose)
        promise_times.reckon_anew(now=now)


def remove(viewer: Viewer, number: int) -> None:
    """Delete a calendar that nobody works by.

    Raises:
        Conflict: somebody does.
        NotFound: there is no such calendar.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    with transaction.atomic():
        row = _locked(number)
        if models.CalendarUse.objects.filter(calendar=row).exists():
            raise Conflict(
                Text(
                    de=f"Nach „{row.name}“ wird noch gearbeitet; weisen Sie denen zuerst einen "
                    "anderen Kalender zu.",
                    en=f"Somebody still works by '{row.name}'; give them another calendar first.",
                )
            )
        row.delete()


def _changed(number: int, change: Callable[[models.WorkCalendar], object], now: datetime) -> None:
    with transaction.atomic():
        row = _locked(number)
        change(row)
        _check(number)
        if models.CalendarUse.objects.filter(calendar=row).exists():
            promise_times.reckon_anew(now=now)


def _check(number: int) -> None:
    """Refuse a calendar by which nothing could ever be due; undoes what the caller changed."""
    try:
        queries.value(number)
    except Invalid as wrong:
        # What is wrong, instead of that something is.
        raise Invalid(wrong.problems[0].text, problems=wrong.problems) from wrong


def _check_holidays(region: str, local: Collection[Choice]) -> None:
    if region:
        public_holidays(region, first_year=2026, last_year=2026, local=local)


def _locked(number: int) -> models.WorkCalendar:
    row = models.WorkCalendar.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise queries.missing(number)
    return row


def _named(name: str, *, but: int | None = None) -> str:
    called = name.strip()
    problems = []
    if not called:
        text = Text(de="Geben Sie dem Kalender einen Namen.", en="Give the calendar a name.")
        problems.append(Problem(code="name", field="name", text=text))
    elif len(called) > NAME_MAX:
        problems.append(_too_long("name"))
    elif models.WorkCalendar.objects.filter(name=called).exclude(pk=but or 0).exists():
        text = Text(
            de=f"Einen Kalender „{called}“ gibt es schon; wählen Sie einen anderen Namen.",
            en=f"There is a calendar '{called}' already; choose another name.",
        )
        problems.append(Problem(code="name", field="name", text=text))
    _refuse(problems)
    return called


def _too_long(field: str) -> Problem:
    text = Text(
        de=f"Der Name ist zu lang; höchstens {NAME_MAX} Zeichen.",
        en=f"The name is too long; at most {NAME_MAX} characters.",
    )
    return Problem(code="too-long", field=field, text=text)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems[0].text, problems=tuple(problems))
