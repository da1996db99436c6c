"""Days off from a calendar file (iCalendar, RFC 5545): whole days, repeated ones, with exceptions.

Each event is read by itself, so that a broken one takes no other with it; every event becomes days
off, a question, or a problem with its line. A question is a day on which the law lets people work:
a feed of holidays that counts St. Martin's Day and Volkstrauertag moves deadlines (zammad#390).
Events with times of day are appointments, and named as left out.

Time zones hardly matter here, so broken ones do no harm: a day off is a day on the wall. Only times
given in UTC are turned into local ones.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types

from vertrauenskonto.core.calendar.local_time import check_day, time_zone
from vertrauenskonto.core.calendar.working_calendar import DayOff
from vertrauenskonto.core.errors import Invalid, Problem, Text
from vertrauenskonto.importers.calendar_events import (
    NAME_MAX,
    Event,
    Unreadable,
    blocks,
    read_event,
    uid_of,
)

BYTES_MAX = 5 * 1024**2
EVENTS_MAX = 5_000
DAYS_MAX = 20_000
_WINDOW_YEARS_MAX = 60
_RULES_MAX = 500
# Rules that never apply ("30 February") are searched for to the end of time, see `_occurrences`.
_VAIN_RULES_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOffFile:
    """What a calendar file says: days off, days to ask about, and what could not be read.

    `questions` are days that are no days off unless a person says so. Both are in order of day.
    """

    days: tuple[DayOff, ...] = ()
    questions: tuple[DayOff, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reading:
    file: str
    zone: ZoneInfo
    first: date
    last: date
    days: dict[date, Text] = field(default_factory=dict)
    questions: dict[date, Text] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rules: int = 0
    vain_rules: int = 0


def read_days_off(
    file: str, contents: bytes, *, zone: str, first_day: date, last_day: date
) -> DaysOffFile:
    """Return the days off in a calendar file called `file`, from `first_day` to `last_day`.

    `zone` is the IANA name of the calendar that takes them; it decides what day a time in UTC is.

    Raises:
        Invalid: an unknown zone, or days asked for that are out of order, more than 60 years, or not
            between 1970 and 2099.
    """
    if not first_day <= last_day or last_day.year - first_day.year > _WINDOW_YEARS_MAX:
        raise Invalid(
            Text(
                de=f"Freie Tage werden für höchstens {_WINDOW_YEARS_MAX} Jahre gelesen; verlangt "
                f"wurde {first_day.isoformat()} bis {last_day.isoformat()}.",
                en=f"Days off are read for {_WINDOW_YEARS_MAX} years at most; "
                f"{first_day.isoformat()} to {last_day.isoformat()} was asked for.",
            )
        )
    check_day(first_day)
    check_day(last_day)
    reading = _Reading(file, time_zone(zone), first_day, last_day)
    if refusal := _refusal(file, contents):
        return DaysOffFile(problems=(refusal,))
    _read(reading, _decoded(reading, contents))
    return DaysOffFile(
        days=_in_order(reading.days),
        questions=_in_order(
            {day: name for day, name in reading.questions.items() if day not in reading.days}
        ),
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.line or 0)),
    )


def _in_order(days: dict[date, Text]) -> tuple[DayOff, ...]:
    return tuple(DayOff(day=day, name=days[day]) for day in sorted(days))


def _refusal(file: str, contents: bytes) -> Problem | None:
    if len(contents) > BYTES_MAX:
        text = Text(
            de=f"Die Datei ist größer als {BYTES_MAX // 1024**2} MB; ein Kalender mit freien Tagen "
            "ist viel kleiner. Exportieren Sie nur diesen Kalender.",
            en=f"The file is larger than {BYTES_MAX // 1024**2} MB; a calendar of days off is much "
            "smaller. Export that calendar only.",
        )
        return Problem(code="too-large", text=text, file=file)
    if b"BEGIN:VCALENDAR" not in contents.replace(b"\0", b"").upper():
        text = Text(
            de="Das ist keine Kalenderdatei (iCalendar); sie beginnt mit BEGIN:VCALENDAR und endet "
            "meist auf .ics. Exportieren Sie den Kalender in diesem Format.",
            en="This is no calendar file (iCalendar); such a file begins with BEGIN:VCALENDAR and "
            "mostly ends in .ics. Export the calendar in that format.",
        )
        return Problem(code="no-calendar", text=text, file=file)
    return None


def _decoded(reading: _Reading, contents: bytes) -> str:
    if contents[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return contents.decode("utf-16", errors="replace")
    try:
        return contents.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = Text(
            de="Die Datei ist nicht in UTF-8 geschrieben und wurde als Windows-1252 gelesen; prüfen "
            "Sie die Umlaute in den Namen.",
            en="The file is not written in UTF-8 and was read as Windows-1252; check the umlauts in "
            "the names.",
        )
        note = Problem(code="encoding", text=text, file=reading.file, severity="note")
        reading.problems.append(note)
        return contents.decode("cp1252", errors="replace")


def _read(reading: _Reading, text: str) -> None:
    events: list[Event] = []
    for number, block in enumerate(blocks(text)):
        if number == EVENTS_MAX:
            unreadable = Unreadable(
                "too-many-events",
                f"Ab hier wurde nicht gelesen: mehr als {EVENTS_MAX} Termine. Teilen Sie die Datei.",
                f"Not read from here on: more than {EVENTS_MAX} events. Split the file.",
            )
            _report(reading, unreadable, line=block.line)
            break
        try:
            events.append(read_event(block, reading.zone))
        except Unreadable as unreadable:
            _report(reading, unreadable, line=block.line, uid=uid_of(block.text))
    replaced: dict[str, set[date]] = {}
    for event in events:
        if event.replaces and event.uid:
            replaced.setdefault(event.uid, set()).add(event.replaces)
    for event in events:
        moved = set() if event.replaces else replaced.get(event.uid, set())
        try:
            _add(reading, replace(event, left_out=event.left_out | moved))
        except Unreadable as unreadable:
            _report(reading, unreadable, line=event.line, uid=event.uid)


def _report(reading: _Reading, unreadable: Unreadable, *, line: int, uid: str = "") -> None:
    reading.problems.append(
        Problem(
            code=unreadable.code,
            text=unreadable.text,
            file=reading.file,
            line=line,
            field=f"UID {uid[:NAME_MAX]}" if uid else "",
            severity="note" if unreadable.is_note else "error",
        )
    )


def _add(reading: _Reading, event: Event) -> None:
    if event.is_cancelled:
        if event.replaces is None:
            raise Unreadable(
                "cancelled",
                f"„{event.name.de}“ am {event.begin:%d.%m.%Y} ist abgesagt und bleibt weg.",
                f"'{event.name.en}' on {event.begin.isoformat()} is cancelled and left out.",
                is_note=True,
            )
        return
    target = reading.questions if event.is_observance else reading.days
    found: set[date] = set()
    for begin in _begins(reading, event):
        days = (begin + timedelta(days=n) for n in range(event.length))
        found.update(day for day in days if reading.first <= day <= reading.last)
    if len(found | reading.days.keys() | reading.questions.keys()) > DAYS_MAX:
        raise Unreadable(
            "too-many-days",
            f"Mehr als {DAYS_MAX} freie Tage sind keine Ausnahme mehr; dieser Termin blieb weg. "
            "Ändern Sie die Arbeitswoche.",
            f"More than {DAYS_MAX} days off are no exception any more; this event was left out. "
            "Change the working week.",
        )
    for day in sorted(found):
        target.setdefault(day, event.name)
    if event.is_observance and found:
        raise Unreadable(
            "observance",
            f"An „{event.name.de}“ ({min(found):%d.%m.%Y}) wird nach dem Gesetz gearbeitet; der Tag "
            "zählt nicht als frei, außer Sie nehmen ihn ausdrücklich auf.",
            f"By law people work on '{event.name.en}' ({min(found).isoformat()}); it does not count "
            "as a day off unless you take it in expressly.",
            is_note=True,
        )


def _begins(reading: _Reading, event: Event) -> set[date]:
    begins = {event.begin} | event.added
    earliest = reading.first - timedelta(days=event.length)
    for rule in event.rules:
        reading.rules += 1
        if reading.rules > _RULES_MAX or reading.vain_rules > _VAIN_RULES_MAX:
            raise Unreadable(
                "too-many-rules",
                f"Mehr als {_RULES_MAX} Wiederholungen, oder mehr als {_VAIN_RULES_MAX}, die nie "
                "zutreffen; dieser Termin blieb weg. Teilen Sie die Datei.",
                f"More than {_RULES_MAX} repetitions, or more than {_VAIN_RULES_MAX} that never "
                "apply; this event was left out. Split the file.",
            )
        found = _occurrences(rule, event.begin, first=earliest, last=reading.last)
        if found is None:
            reading.vain_rules += 1
            raise Unreadable(
                "never",
                f"Die Wiederholung „{rule[:NAME_MAX]}“ trifft nie einen Tag. Berichtigen Sie sie.",
                f"The repetition '{rule[:NAME_MAX]}' never meets a day. Correct it.",
            )
        begins |= found
    return begins - event.left_out


# The calendar repeats itself after 400 years to the day of the week. The library looks for a next
# occurrence until the year 9999, ten seconds for one that never comes; from 7,600 years later it
# has a twentieth of that way to go.
_SHIFT_YEARS = 7600


def _occurrences(rule: str, begin: date, *, first: date, last: date) -> set[date] | None:
    """Return the days within some days on which a rule that starts on `begin` applies.

    None if it never does, at any time.
    """
    body, _, until = rule.partition(";UNTIL=")
    if until:
        last = min(last, date(int(until[:4]), int(until[4:6]), int(until[6:8])))
    if last < max(first, begin):
        return set()
    shifted = rrulestr(body, dtstart=_shifted(begin, _SHIFT_YEARS))
    if next(iter(shifted), None) is None:
        return None
    found = shifted.between(_shifted(first, _SHIFT_YEARS), _shifted(last, _SHIFT_YEARS), inc=True)
    return {_shifted(day, -_SHIFT_YEARS).date() for day in found}


def _shifted(day: date, years: int) -> datetime:
    return datetime.combine(day.replace(year=day.year + years), time())
