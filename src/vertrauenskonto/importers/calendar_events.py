"""Events of a calendar file (iCalendar, RFC 5545), each read by itself into what whole days need.

A broken event takes no other with it. What the `icalendar` library makes of one is turned into days
on the wall: midnight to midnight is a day whatever zone it is written in, known, broken or missing;
only times in UTC are turned into local ones.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types

from vertrauenskonto.core.errors import Text

NAME_MAX = 200
_EVENT_DAYS_MAX = 366
_REPEATS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_UNNAMED = Text("Freier Tag", "Day off")

# Days that calendars name and on which the law lets people work, without case; German and English.
_OBSERVANCES = frozenset(
    """
    st. martin|sankt martin|martinstag|martini|hl. martin|st. martin's day|martinmas
    volkstrauertag|national day of mourning|totensonntag|ewigkeitssonntag|totengedenktag
    muttertag|mother's day|vatertag|father's day|valentinstag|valentine's day|nikolaus|nikolaustag
    st. nicholas day|halloween|rosenmontag|shrove monday|weiberfastnacht|faschingsdienstag
    fastnacht|fastnachtsdienstag|veilchendienstag|faschingsmontag|aschermittwoch|ash wednesday
    gründonnerstag|maundy thursday|palmsonntag|palm sunday|karsamstag|holy saturday
    1. advent|2. advent|3. advent|4. advent|erster advent|zweiter advent|dritter advent
    vierter advent|erntedankfest|erntedank|thanksgiving|mariä lichtmess|siebenschläfer
    walpurgisnacht|heiligabend|heiliger abend|christmas eve|silvester|new year's eve
    beginn der sommerzeit|ende der sommerzeit|sommerzeit|winterzeit|hl. leopold|leopold
    hl. florian|hl. josef|hl. rupert|tag der volksabstimmung|barbaratag|johannistag
    """.replace("\n", "|")
    .replace("  ", "")
    .strip("|")
    .split("|")
)
_OBSERVANCE_MARKS = ("observance", "gedenktag", "feier- oder gedenktag", "kein gesetzlicher")


# Any: the library's values are one of thirty types each, and differ by version.
_Properties = Mapping[str, Any]


class Unreadable(Exception):
    """An event that cannot be used as it stands."""

    def __init__(self, code: str, de: str, en: str, *, is_note: bool = False) -> None:
        super().__init__(en)
        self.code, self.text, self.is_note = code, Text(de, en), is_note


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one event, unfolded, and where it begins in the file."""

    line: int
    text: str
    is_closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its first day, how many it covers, and which of its repetitions are meant."""

    uid: str
    line: int
    name: Text
    is_observance: bool
    begin: date
    length: int
    rules: tuple[str, ...] = ()
    until: date | None = None
    added: frozenset[date] = frozenset()
    left_out: frozenset[date] = frozenset()
    replaces: date | None = None
    is_cancelled: bool = False


def blocks(text: str) -> Iterator[Block]:
    """Yield the events of a file, each with the line on which it begins.

    Alarms inside of events are left out.
    """
    lines: list[str] = []
    begin = inner = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw[:1] in (" ", "\t"):
            # A folded line goes on; without one before it there is nothing to go on.
            if lines and not inner:
                lines[-1] += raw[1:]
            continue
        word = raw.strip().upper()
        if word == "BEGIN:VEVENT":
            if lines:
                yield Block(begin, "\r\n".join(lines), is_closed=False)
            lines, begin, inner = [raw.strip()], number, 0
        elif not lines:
            continue
        elif word == "END:VEVENT":
            yield Block(begin, "\r\n".join([*lines, raw.strip(), ""]))
            lines, inner = [], 0
        elif word.startswith("BEGIN:"):
            inner += 1
        elif word.startswith("END:") and inner:
            inner -= 1
        elif word == "END:VCALENDAR":
            yield Block(begin, "\r\n".join(lines), is_closed=False)
            lines = []
        elif not inner:
            lines.append(raw)
    if lines:
        yield Block(begin, "\r\n".join(lines), is_closed=False)


def uid_of(text: str) -> str:
    """Return the id in the lines of an event, readable or not; empty if there is none."""
    found = re.search(r"^UID(?:;[^:\r\n]*)?:([^\r\n]*)", text, re.IGNORECASE | re.MULTILINE)
    return found[1].strip() if found else ""


def read_event(block: Block, zone: ZoneInfo) -> Event:
    """Return what an event says; `zone` is where times in UTC are turned into days.

    Raises:
        Unreadable: it says nothing that can be used.
    """
    if not block.is_closed:
        raise Unreadable(
            "not-closed",
            "Dem Termin fehlt END:VEVENT; die Datei ist wohl abgeschnitten. Exportieren Sie sie "
            "neu.",
            "The event lacks END:VEVENT; the file is probably cut off. Export it again.",
        )
    try:
        parsed = icalendar.Event.from_ical(block.text)
        for name, wrong in parsed.errors:
            if name not in (None, "SUMMARY", "DESCRIPTION"):
                raise ValueError(f"{name}: {wrong}")
        return _read(parsed, block, zone)
    except Unreadable:
        raise
    # Whatever the library stumbles over (it raises ValueError, KeyError, TypeError, IndexError,
    # AttributeError, OverflowError, by version) is this event's problem and nobody else's.
    except Exception as error:
        raise Unreadable(
            "unreadable",
            f"Der Termin ist nicht lesbar ({str(error)[:NAME_MAX]}). Berichtigen Sie ihn in Ihrem "
            "Kalender, oder tragen Sie den Tag von Hand ein.",
            f"The event cannot be read ({str(error)[:NAME_MAX]}). Correct it in your calendar, or "
            "enter the day by hand.",
        ) from error


def _read(parsed: _Properties, block: Block, zone: ZoneInfo) -> Event:
    begin, length = _span(parsed, zone)
    if "EXRULE" in parsed:
        raise Unreadable(
            "exrule",
            "EXRULE (Ausnahmen nach einer Regel) ist abgeschafft und wird nicht gelesen; nennen Sie "
            "die Ausnahmen einzeln.",
            "EXRULE (exceptions by a rule) is abolished and not read; name the exceptions one by "
            "one.",
        )
    replaces = parsed["RECURRENCE-ID"].dt if "RECURRENCE-ID" in parsed else None
    return Event(
        uid=str(parsed.get("UID", "")).strip(),
        line=block.line,
        name=_name(parsed),
        is_observance=_is_observance(parsed),
        begin=begin,
        length=length,
        rules=tuple(_rule(rule, zone) for rule in _listed(parsed, "RRULE")),
        added=_dates(parsed, "RDATE", zone),
        left_out=_dates(parsed, "EXDATE", zone),
        replaces=None if replaces is None else _wall(replaces, zone).date(),
        is_cancelled=str(parsed.get("STATUS", "")).strip().upper() == "CANCELLED",
    )


def _listed(parsed: _Properties, name: str) -> list[Any]:
    found = parsed.get(name, [])
    return list(found) if isinstance(found, list) else [found]


def _name(parsed: _Properties) -> Text:
    name = " ".join(str(parsed.get("SUMMARY", "")).split())[:NAME_MAX]
    return Text(name, name) if name else _UNNAMED


def _is_observance(parsed: _Properties) -> bool:
    name = " ".join(str(parsed.get("SUMMARY", "")).casefold().replace("’", "'").split())
    marked = str(parsed.get("DESCRIPTION", "")).strip().casefold()
    return name.partition(" (")[0] in _OBSERVANCES or marked.startswith(_OBSERVANCE_MARKS)


def _span(parsed: _Properties, zone: ZoneInfo) -> tuple[date, int]:
    """Return the first day of an event and how many days it covers."""
    begin = _wall(parsed["DTSTART"].dt, zone)
    if "DTEND" in parsed:
        end = _wall(parsed["DTEND"].dt, zone)
    elif "DURATION" in parsed:
        end = begin + parsed["DURATION"].dt
    else:
        end = begin
    is_whole = not isinstance(parsed["DTSTART"].dt, datetime)
    if end == begin and is_whole:
        end = begin + timedelta(days=1)
    if end < begin:
        raise Unreadable(
            "ends-before",
            f"Der Termin endet am {end:%d.%m.%Y}, vor seinem Beginn am {begin:%d.%m.%Y}. "
            "Berichtigen Sie das Ende.",
            f"The event ends on {end.date().isoformat()}, before its beginning on "
            f"{begin.date().isoformat()}. Correct its end.",
        )
    if begin.time() != time() or end.time() != time() or end == begin:
        raise Unreadable(
            "not-whole-day",
            f"„{_name(parsed).de}“ am {begin:%d.%m.%Y} ist kein ganzer Tag ({begin:%H:%M} bis "
            f"{end:%H:%M}) und bleibt weg. Für kürzere Arbeitszeit legen Sie einen Tag mit eigenen "
            "Zeiten an.",
            f"'{_name(parsed).en}' on {begin.date().isoformat()} is no whole day ({begin:%H:%M} to "
            f"{end:%H:%M}) and is left out. For shorter hours enter a day with hours of its own.",
            is_note=True,
        )
    length = (end - begin).days
    if length > _EVENT_DAYS_MAX:
        raise Unreadable(
            "too-long",
            f"Der Termin dauert {length} Tage; mehr als {_EVENT_DAYS_MAX} sind wohl ein Versehen. "
            "Kürzen Sie ihn, oder ändern Sie die Arbeitswoche.",
            f"The event lasts {length} days; more than {_EVENT_DAYS_MAX} are probably a mistake. "
            "Shorten it, or change the working week.",
        )
    return begin.date(), length


def _wall(when: object, zone: ZoneInfo) -> datetime:
    """Return what the wall shows, as a naive time; a date is its midnight.

    A time in UTC is shown on our wall, any other on that of its own zone, known or not: whoever
    wrote midnight meant the day.
    """
    if isinstance(when, tuple):
        when = when[0]
    if not isinstance(when, datetime):
        assert isinstance(when, date), when
        return datetime.combine(when, time())
    if when.tzinfo is not None and str(when.tzinfo).upper() in ("UTC", "ETC/UTC", "TZUTC()"):
        when = when.astimezone(zone)
    return when.replace(tzinfo=None)


def _dates(parsed: _Properties, name: str, zone: ZoneInfo) -> frozenset[date]:
    return frozenset(
        _wall(item.dt, zone).date()
        for listed in _listed(parsed, name)
        for item in getattr(listed, "dts", ())
    )


def _rule(rule: Any, zone: ZoneInfo) -> str:
    """Return a rule as text for days, its end last, see `_occurrences`.

    Raises:
        Unreadable: it repeats within a day, or by something that is no part of the standard.
    """
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    if frequency not in _REPEATS or "BYEASTER" in rule:
        raise Unreadable(
            "rule",
            f"Die Wiederholung „{rule.to_ical().decode()[:NAME_MAX]}“ ist für ganze Tage nicht "
            "möglich; gelesen werden tägliche, wöchentliche, monatliche und jährliche.",
            f"The repetition '{rule.to_ical().decode()[:NAME_MAX]}' is not possible for whole "
            "days; daily, weekly, monthly and yearly ones are read.",
        )
    parts = {
        name: values
        for name, values in rule.items()
        if name not in ("UNTIL", "BYHOUR", "BYMINUTE", "BYSECOND")
    }
    days: Any = icalendar.vRecur(parts)
    text = str(days.to_ical().decode())
    if "UNTIL" in rule:
        until = _wall(rule["UNTIL"][0], zone).date()
        text += f";UNTIL={until:%Y%m%d}"
    rrulestr(text, dtstart=datetime.combine(date(2000, 1, 1), time()))
    return text
