"""Formats: how days and instants are written, as regular expression and strptime pattern."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

ISO_8601 = "ISO 8601"

_LETTERS = re.compile(r"YYYY|YY|MM|M|DD|D|HH|H|SS|Z|.")
_DIRECTIVES = {
    "YYYY": ("%Y", "[0-9]{4}"),
    "YY": ("%y", "[0-9]{2}"),
    "MM": ("%m", "[0-9]{2}"),
    "M": ("%m", "[0-9]{1,2}"),
    "DD": ("%d", "[0-9]{2}"),
    "D": ("%d", "[0-9]{1,2}"),
    "HH": ("%H", "[0-9]{2}"),
    "H": ("%H", "[0-9]{1,2}"),
    "SS": ("%S", "[0-9]{2}"),
}
_MINUTE = ("%M", "[0-9]{2}")
_ZONE = r" ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)"
# What people write most, offered when a cell fits none of the declared formats.
USUAL_FORMATS = (
    "YYYY-MM-DD",
    "DD.MM.YYYY",
    "DD.MM.YY",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "YYYYMMDD",
    "DD.MM.YYYY HH:MM",
    "DD.MM.YYYY HH:MM:SS",
    ISO_8601,
)
_ISO_REGEX = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_ISO_REGEX += rf"(?:{_ZONE})?)?"


class Format(NamedTuple):
    """How a day or an instant is written.

    `regex` must match the whole cell, in the dialect of RE2; `strptime` reads it afterwards and is
    empty for ISO 8601. `has_zone` says that a zone may stand at the end.
    """

    written: str
    regex: str
    strptime: str
    has_zone: bool


def format_of(written: str) -> Format | None:
    """Return the format that letters such as `DD.MM.YYYY HH:MM` describe, or None.

    A format needs a year, a month and a day.
    """
    if written.strip().casefold() in ("iso 8601", "iso8601", "iso-8601"):
        return Format(ISO_8601, _ISO_REGEX, "", has_zone=True)
    regex, strptime = "", ""
    seen: list[str] = []
    for letters in _LETTERS.findall(written):
        part = letters
        if letters == "MM" and ("HH" in seen or "H" in seen):
            part = "minute"
        if part == "Z":
            regex += _ZONE
            strptime = strptime.rstrip()
        elif part == "minute" or part in _DIRECTIVES:
            directive, digits = _DIRECTIVES.get(part, _MINUTE)
            regex += digits
            strptime += directive
        elif letters.isalnum() or letters == "%":
            return None
        else:
            regex += re.escape(letters)
            strptime += letters
        if part.isalnum():
            seen.append(part)
    initials = [part[0] for part in seen]
    if len(set(initials)) < len(initials) or not {"Y", "M", "D"} <= set(initials):
        return None
    return Format(written, regex, strptime, has_zone="Z" in seen)


def fitting_formats(value: str, formats: Sequence[str]) -> list[str]:
    """Return those of `formats` whose shape `value` has, even where it is no day (31.02.2026)."""
    found = []
    for written in formats:
        form = format_of(written)
        if form is not None and re.fullmatch(form.regex, value):
            found.append(written)
    return found


def readings(value: str, formats: Sequence[str] = USUAL_FORMATS) -> list[tuple[str, date]]:
    """Return the days that `value` can mean, each once, with the first format that reads it so."""
    found: dict[date, str] = {}
    for written in formats:
        form = format_of(written)
        day = _day(value, form) if form is not None else None
        if day is not None:
            found.setdefault(day, written)
    return [(written, day) for day, written in found.items()]


def ambiguous_formats(formats: Sequence[Format]) -> list[Format]:
    """Return those of `formats` that read some value differently than another one does.

    DD/MM/YYYY and MM/DD/YYYY do; DD.MM.YYYY and YYYY-MM-DD never fit one value.
    """
    found = []
    for form in formats:
        others = [other for other in formats if other.strptime != form.strptime]
        if any(_clash(form, other) or _clash(other, form) for other in others):
            found.append(form)
    return found


# Every part of it can be a day, a month and a year, so each confusion shows.
_TELLING = datetime(2004, 5, 6, 7, 8, 9)  # noqa: DTZ001 - written without a zone, as in a file


def _clash(form: Format, other: Format) -> bool:
    if not form.strptime:
        return False
    value = _TELLING.strftime(form.strptime)
    day = _day(value, other)
    return day is not None and day != _TELLING.date()


def _day(value: str, form: Format) -> date | None:
    """Return the day that `value` names in this format, or None."""
    if not re.fullmatch(form.regex, value):
        return None
    bare = re.sub(rf"(?<=:[0-9]{{2}}){_ZONE}$", "", value) if form.has_zone else value
    try:
        if not form.strptime:
            return date.fromisoformat(bare[:10])
        return datetime.strptime(bare, form.strptime).date()  # noqa: DTZ007 - only the day counts
    except ValueError:
        return None
