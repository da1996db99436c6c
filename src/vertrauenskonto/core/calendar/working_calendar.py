"""When somebody works: weeks from a day on, days off, days with hours of their own.

On a day counts what is most particular:

    a day with hours of its own  >  a day off  >  the weekday, in the week in force that day

So one form serves the extra Saturday, the bridge day and Christmas Eve until noon.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from vertrauenskonto.core.calendar.hours import CLOSED, Hours, problems
from vertrauenskonto.core.calendar.local_time import time_zone
from vertrauenskonto.core.errors import NO_TEXT, Invalid, Problem, Text

WEEKDAYS = (
    Text("Montag", "Monday"),
    Text("Dienstag", "Tuesday"),
    Text("Mittwoch", "Wednesday"),
    Text("Donnerstag", "Thursday"),
    Text("Freitag", "Friday"),
    Text("Samstag", "Saturday"),
    Text("Sonntag", "Sunday"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The hours of an ordinary week, in force from a day on until the next week.

    `days` are Monday to Sunday, all seven: a day without hours is said, never left out.
    """

    valid_from: date
    days: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """A day without work, and what it is called: a public holiday, a closing day."""

    day: date
    name: Text = NO_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraDay:
    """A day with hours of its own instead of the usual ones or of a day off."""

    day: date
    hours: Hours
    name: Text = NO_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """When a company, a team or a customer works. `zone` is an IANA name.

    Before its first day the first week counts too: old promises are told apart by old dates, and
    who has said nothing of earlier hours means these.

    Raises:
        Invalid: with everything that is wrong as its problems.
    """

    key: str
    name: str
    zone: str
    weeks: tuple[Week, ...]
    days_off: tuple[DayOff, ...] = ()
    extra_days: tuple[ExtraDay, ...] = ()
    # Days that do not follow the week, by their ordinal.
    _single: dict[int, Hours] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order everything by day, and refuse what cannot be worked by."""
        for name, rows in (
            ("weeks", sorted(self.weeks, key=lambda week: week.valid_from)),
            ("days_off", sorted(self.days_off, key=lambda off: off.day)),
            ("extra_days", sorted(self.extra_days, key=lambda extra: extra.day)),
        ):
            object.__setattr__(self, name, tuple(rows))
        found = tuple(_problems(self))
        if found:
            text = Text(
                de=f"Der Arbeitskalender „{self.name or self.key}“ kann so nicht gelten.",
                en=f"The working calendar '{self.name or self.key}' cannot be used like this.",
            )
            raise Invalid(text, problems=found)
        single = {off.day.toordinal(): CLOSED for off in self.days_off}
        single |= {extra.day.toordinal(): extra.hours for extra in self.extra_days}
        object.__setattr__(self, "_single", single)

    def hours(self, day: date) -> Hours:
        """Return the hours that are worked on a day."""
        ordinal = day.toordinal()
        return dict(self.days_worked(range(ordinal, ordinal + 1))).get(ordinal, CLOSED)

    def days_worked(self, ordinals: range) -> Iterator[tuple[int, Hours]]:
        """Yield the days with work and their hours, in order; days are proleptic ordinals.

        Many at once, because clocks ask for years: no day is looked at longer than needed.
        """
        starts = [week.valid_from.toordinal() for week in self.weeks]
        # Before its first day the first week counts too.
        for week, start, end in zip(
            self.weeks, (0, *starts[1:]), (*starts[1:], ordinals.stop), strict=True
        ):
            for ordinal in range(max(start, ordinals.start), min(end, ordinals.stop)):
                # Ordinal 1, the first day of the year 1, is a Monday.
                hours = self._single.get(ordinal)
                hours = week.days[(ordinal - 1) % 7] if hours is None else hours
                if hours:
                    yield ordinal, hours

    def day_off_name(self, day: date) -> Text:
        """Return what a day off is called, for saying why nobody works; an empty text if none is."""
        return next((off.name for off in self.days_off if off.day == day and off.name.de), NO_TEXT)


def _problems(calendar: WorkingCalendar) -> Iterator[Problem]:
    try:
        time_zone(calendar.zone)
    except Invalid as refused:
        yield Problem(code="zone", field="zone", text=refused.text)
    yield from _twice(calendar)
    for week in calendar.weeks:
        if len(week.days) != len(WEEKDAYS):
            yield Problem(
                code="weekdays",
                field=f"weeks.{week.valid_from.isoformat()}",
                text=Text(
                    de=f"Die Woche nennt {len(week.days)} statt 7 Tage, Montag bis Sonntag; ein "
                    "freier Tag wird mit „geschlossen“ genannt.",
                    en=f"The week names {len(week.days)} days instead of 7, Monday to Sunday; a "
                    "day without work is named as 'closed'.",
                ),
            )
            continue
        for weekday, hours in zip(WEEKDAYS, week.days, strict=True):
            place = f"weeks.{week.valid_from.isoformat()}.{weekday.en}"
            for text in problems(hours):
                said = Text(f"{weekday.de}: {text.de}", f"{weekday.en}: {text.en}")
                yield Problem(code="hours", field=place, text=said)
    for extra in calendar.extra_days:
        for text in problems(extra.hours):
            yield Problem(code="hours", field=f"extra_days.{extra.day.isoformat()}", text=text)
    in_weeks = any(any(week.days) for week in calendar.weeks)
    if not calendar.weeks or not (in_weeks or any(extra.hours for extra in calendar.extra_days)):
        yield Problem(
            code="no-hours",
            field="weeks",
            text=Text(
                de="Kein Tag der Woche hat Arbeitszeiten; damit gäbe es keine Fälligkeit. Tragen "
                "Sie wenigstens für einen Wochentag Zeiten ein, zum Beispiel „8–12, 13–17“.",
                en="No day of the week has working hours, so nothing could ever be due. Enter hours "
                "for one weekday at least, for example '8–12, 13–17'.",
            ),
        )


def _twice(calendar: WorkingCalendar) -> Iterator[Problem]:
    """Name days that are given twice; of days off this may happen, a feast on a closing day."""
    for name, days in (
        ("weeks", [week.valid_from for week in calendar.weeks]),
        ("extra_days", [extra.day for extra in calendar.extra_days]),
    ):
        for day, times in Counter(days).items():
            if times > 1:
                yield Problem(
                    code="twice",
                    field=f"{name}.{day.isoformat()}",
                    text=Text(
                        de=f"Für den {day:%d.%m.%Y} gibt es {times} Angaben; behalten Sie eine.",
                        en=f"{day.isoformat()} is given {times} times; keep one.",
                    ),
                )
