"""What single time words mean, German and English: "übermorgen", "KW 12", "by EOD".

Each rule goes from the match of a pattern (in `phrase_patterns`) to a `Reading`, or None when the
words say no time. Dates with the name of a month are read by dateparser, which knows how people
abbreviate them; it guesses where we ask (it takes "the 3rd" for a day that has passed and "10 Uhr"
for the 10th), so it never sees anything else.
"""

import calendar
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Literal

from vertrauenskonto.core.errors import NO_TEXT, Text
from vertrauenskonto.importers.phrase_words import umlauts

Kind = Literal["day", "week", "clock", "ahead", "daypart", "vague", "past", "recurring"]
_DAY = timedelta(days=1)

_ASK_DAY = Text(de="Welcher Tag ist gemeint?", en="Which day is meant?")
_ASK_TODAY = Text(
    de="Ist der Tag gemeint, an dem das geschrieben wurde, oder eine Woche später?",
    en="Is the day meant on which this was written, or a week later?",
)
_ASK_NEXT = Text(
    de="Ist der nächste solche Tag gemeint oder der in der Woche darauf?",
    en="Is the nearest such day meant, or the one in the week after?",
)
_ASK_PART = Text(de="Bis zu welchem Tag genau?", en="By which day exactly?")
_ASK_PASSED = Text(
    de="Dieser Tag ist schon vorbei; ist der nächste gemeint?",
    en="This day has passed; is the next one meant?",
)
_ASK_ORDER = Text(de="Zuerst der Tag oder zuerst der Monat?", en="Day first, or month first?")
_ASK_WORKING = Text(de="Welche Tage zählen als Werktage?", en="Which days count as working days?")
_ASK_RECURRING = Text(
    de="Das wiederholt sich; ab wann, und wie oft?", en="This recurs; from when, and how often?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What some words say about time: days (several with a question), a time of day, or a span.

    `start` and `end` are offsets in the sentence, half-open. `monday` is that of a week named,
    `ahead` a span of hours or minutes from the instant of writing.
    """

    start: int = 0
    end: int = 0
    kind: Kind = "day"
    days: tuple[date, ...] = ()
    question: Text = NO_TEXT
    weekday: int | None = None
    monday: date | None = None
    clock: time | None = None
    ahead: timedelta | None = None


Rule = Callable[[re.Match[str], date], Reading | None]
VAGUE = Reading(kind="vague")
NOON = Reading(kind="clock", clock=time(12))
DAYPART = Reading(kind="daypart")
RECURRING = Reading(kind="recurring", question=_ASK_RECURRING)
PAST = Reading(kind="past")


# Weekdays and days close by.

_WEEKDAYS: dict[str, int] = {
    "mo": 0,
    "di": 1,
    "mi": 2,
    "do": 3,
    "fr": 4,
    "sa": 5,
    "so": 6,
    "tu": 1,
    "we": 2,
    "th": 3,
    "su": 6,
}


def by_weekday(match: re.Match[str], today: date) -> Reading:
    """Read "nächsten Freitag", "Monday morning"."""
    which = umlauts(match["which"] or "").strip()
    weekday = _WEEKDAYS[match["day"][:2].lower()]
    clock = time(12) if (match["part"] or "").strip().lower() in ("mittag", "noon") else None
    ahead = (weekday - today.weekday()) % 7
    coming = today + (ahead or 7) * _DAY
    reading = Reading(days=(coming,), weekday=weekday, clock=clock)
    if which.startswith(("letzt", "vergangen", "vorig", "last", "past")):
        return PAST
    if which.startswith(("kommend", "this coming", "coming")):
        return reading
    if which.startswith(("nächst", "next")):
        following = today + (7 - today.weekday() + weekday) * _DAY
        days = tuple(dict.fromkeys((coming, following)))
        return replace(reading, days=days, question=_ASK_NEXT if len(days) > 1 else NO_TEXT)
    if ahead == 0:
        return replace(reading, days=(today, coming), question=_ASK_TODAY)
    return reading


def days_later(days: int, clock: time | None = None) -> Rule:
    """Return the rule of words like "übermorgen": so many days after writing."""
    return lambda match, today: Reading(days=(today + days * _DAY,), clock=clock)


def always(reading: Reading) -> Rule:
    """Return the rule of words that always say the same."""
    return lambda match, today: reading


# Weeks, months and their parts.

_PART_DAYS = {"begin": (0, 1), "middle": (2, 3), "end": (4, 6)}


def _part(words: str) -> str:
    small = words.lower()
    if small.startswith(("anf", "beg", "ear", "sta", "fir")):
        return "begin"
    return "middle" if small.startswith("mi") else "end"


def by_week(match: re.Match[str], today: date) -> Reading:
    """Read "Anfang nächster Woche", "later this week"."""
    monday = today - today.weekday() * _DAY
    which = umlauts(match["which"] or "")
    if which.startswith("übern"):
        monday += 14 * _DAY
    elif which.startswith(("nächst", "kommend", "next", "coming", "following", "folgend")):
        monday += 7 * _DAY
    return _of_week(monday, match["part"] or "")


def by_calendar_week(match: re.Match[str], today: date) -> Reading:
    """Read "KW 12"."""
    number = int(match["number"] or match["number2"])
    monday = date.fromisocalendar(today.isocalendar().year, number, 1)
    if monday + 6 * _DAY < today:
        monday = date.fromisocalendar(today.isocalendar().year + 1, number, 1)
    return _of_week(monday, match["part"] or "")


def _of_week(monday: date, part: str) -> Reading:
    days = tuple(monday + n * _DAY for n in _PART_DAYS[_part(part)])
    return Reading(kind="week", days=days, question=_ASK_PART, monday=monday)


def by_weekend(match: re.Match[str], today: date) -> Reading:
    """Read "am Wochenende"."""
    saturday = today + (5 - today.weekday()) % 7 * _DAY
    return Reading(days=(saturday, saturday + _DAY), question=_ASK_PART)


def by_month_part(match: re.Match[str], today: date) -> Reading | None:
    """Read "Ende März", "by the end of the quarter"."""
    word = umlauts(match["month"])
    if word.startswith(("jahr", "des jahr", "year", "the year", "this year", "dieses jahr")):
        return Reading(days=(date(today.year, 12, 31),))
    if "quart" in word:
        last_month = (today.month + 2) // 3 * 3
        return _of_month(today.year, last_month, "end")
    year, month = today.year, today.month
    if "mon" in word:
        if word.startswith(("nächst", "next", "kommend")):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return _of_month(year, month, match["part"])
    named = _named_day(f"1 {word} {today.year}")
    if named is None:
        return None
    year = named.year + (named.month < today.month)
    return _of_month(year, named.month, match["part"])


def _of_month(year: int, month: int, part: str) -> Reading:
    match _part(part):
        case "begin":
            days = (date(year, month, 1), date(year, month, 10))
            return Reading(days=days, question=_ASK_PART)
        case "middle":
            return Reading(days=(date(year, month, 15),))
    return Reading(days=(date(year, month, calendar.monthrange(year, month)[1]),))


def by_month(match: re.Match[str], today: date) -> Reading | None:
    """Read "im Juni": some day of it."""
    named = _named_day(f"1 {umlauts(match['month'])} {today.year}")
    if named is None:
        return None
    year = named.year + (named.month < today.month)
    last = calendar.monthrange(year, named.month)[1]
    days = (date(year, named.month, 1), date(year, named.month, last))
    return Reading(days=days, question=_ASK_PART)


# Dates.


def by_numbers(match: re.Match[str], today: date) -> Reading:
    """Read 3.4., 03.04.26, 2026-04-03."""
    return _dated(int(match["d"]), int(match["m"]), match["y"], today)


def by_slashes(match: re.Match[str], today: date) -> Reading | None:
    """Read 3/4: the day or the month first, unless only one of them can be."""
    first, second = int(match["d"]), int(match["m"])
    possible = {
        (day, month)
        for day, month in ((first, second), (second, first))
        if 1 <= month <= 12 and 1 <= day <= 31
    }
    read = [_dated(day, month, match["y"], today) for day, month in sorted(possible)]
    if len(read) < 2:
        return read[0] if read else None
    days = tuple(sorted({day for reading in read for day in reading.days}))
    return Reading(days=days, question=_ASK_ORDER)


def by_name(match: re.Match[str], today: date) -> Reading | None:
    """Read "3. April", "April 3rd, 2026", through dateparser."""
    number, word = int(match["d"]), umlauts(match["month"])
    named = _named_day(f"{number} {word} {match['y'] or today.year}")
    if named is None or named.day != number:
        return VAGUE
    return _dated(named.day, named.month, match["y"], today)


def _dated(day: int, month: int, year: str | None, today: date) -> Reading:
    if year:
        whole = int(year) + (2000 if len(year) == 2 else 0)
        return Reading(days=(date(whole, month, day),))
    this_year = date(today.year, month, day)
    if this_year >= today:
        return Reading(days=(this_year,))
    next_year = date(today.year + 1, month, day)
    # In December "8 January" is the next one; in March "3 March" is probably a slip.
    question = NO_TEXT if (today - this_year).days > 182 else _ASK_PASSED
    return Reading(days=(next_year,), question=question)


def by_day_of_month(match: re.Match[str], today: date) -> Reading:
    """Read "am 3.", "by the 3rd"."""
    number = int(match["d"])
    year, month = today.year, today.month
    if number > today.day:
        return Reading(days=(date(year, month, number),))
    year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    following = date(year, month, number)
    if number == today.day:
        return Reading(days=(today, following), question=_ASK_DAY)
    return Reading(days=(following,), question=_ASK_PASSED)


@functools.lru_cache(maxsize=512)
def _named_day(words: str) -> date | None:
    """Return the day that dateparser reads in "3 april 2026", or None."""
    # Loaded when the first such date is met: it takes a quarter of a second.
    import dateparser  # type: ignore[import-untyped]  # noqa: PLC0415  it has no types

    settings = {
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month"],
    }
    found = dateparser.parse(words, languages=["de", "en"], settings=settings)
    return found.date() if found is not None else None


# Spans.

_NUMBERS = {
    "ein": 1,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "fünf": 5,
    "sechs": 6,
    "sieben": 7,
    "acht": 8,
    "neun": 9,
    "zehn": 10,
    "elf": 11,
    "zwölf": 12,
    "vierzehn": 14,
    "dreißig": 30,
    "dreissig": 30,
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fourteen": 14,
    "thirty": 30,
}


def _number(words: str) -> int | None:
    small = umlauts(words)
    if small.isdecimal():
        return int(small)
    return _NUMBERS.get(re.sub(r"^eine[mnrs]?$", "ein", small))


def by_span(match: re.Match[str], today: date) -> Reading | None:
    """Read "in zwei Wochen", "within 48 hours", "in 2-3 Werktagen"."""
    number = _number(match["to"] or match["number"])
    unit = umlauts(match["unit"])
    if number is None:
        return None
    if unit.startswith(("st", "ho", "hr", "h")):
        return Reading(kind="ahead", ahead=timedelta(hours=number))
    if unit.startswith("min"):
        return Reading(kind="ahead", ahead=timedelta(minutes=number))
    if unit.startswith(("wo", "we")) and "d" not in unit and "t" not in unit:
        return Reading(days=(today + 7 * number * _DAY,))
    if unit.startswith("fort"):
        return Reading(days=(today + 14 * number * _DAY,))
    if unit.startswith("mo"):
        return Reading(days=(_months_later(today, number),))
    if unit.startswith(("ta", "da", "kal", "cal")):
        return Reading(days=(today + number * _DAY,))
    five = _working_days_later(today, number, days_a_week=5)
    if unit.startswith("werk"):
        six = _working_days_later(today, number, days_a_week=6)
        if six != five:
            return Reading(days=(six, five), question=_ASK_WORKING)
    return Reading(days=(five,))


def by_half_hour(match: re.Match[str], today: date) -> Reading:
    """Read "in half an hour"."""
    return Reading(kind="ahead", ahead=timedelta(minutes=30))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _working_days_later(day: date, number: int, *, days_a_week: int) -> date:
    """Return the day after so many working days; holidays are the register's to know."""
    weeks, left = divmod(number, days_a_week)
    day += 7 * weeks * _DAY
    while left or day.weekday() >= days_a_week:
        day += _DAY
        left -= left > 0 and day.weekday() < days_a_week
    return day


# Times of day.


def by_clock(match: re.Match[str], today: date) -> Reading | None:
    """Read "10 Uhr", "5pm", "halb drei"; of two times the later."""
    group = match.groupdict()
    hour = _number(group.get("hour2") or group["hour"])
    minute = int(group.get("minute2") or (None if group.get("hour2") else group.get("minute")) or 0)
    half = (group.get("half") or "").lower()
    if hour is None:
        return None
    suffix = (group.get("suffix") or "").lower().replace(".", "")
    if half:
        hour, minute = hour - 1, 30
    if suffix in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (suffix == "pm")
    elif 1 <= hour < 7 and (half or not (group.get("hour2") or group["hour"]).startswith("0")):
        # Between one and seven, people at work mean the afternoon.
        hour += 12
    if hour == 24:
        return Reading(kind="daypart")
    return Reading(kind="clock", clock=time(hour, minute))
