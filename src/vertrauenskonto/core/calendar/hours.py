"""Working hours of a day: intervals of wall time, as people write them.

Several a day ("8–12, 13–17"), in minutes from midnight, half-open, ending at 24:00 at the latest.
Work through the night is 22–24 on one day and 0–6 on the next.
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from vertrauenskonto.core.calendar.local_time import MINUTES_OF_DAY
from vertrauenskonto.core.errors import Invalid, Text


class Interval(NamedTuple):
    """From `start` until before `end`, in minutes of wall time from midnight (0 to 1440)."""

    start: int
    end: int

    def __str__(self) -> str:
        """Return "08:00–12:00"."""
        return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in self)


Hours = tuple[Interval, ...]

CLOSED: Hours = ()
_CLOSED_WORDS = frozenset(("", "-", "–", "—", "zu", "geschlossen", "frei", "closed", "off"))
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?(?:\s*(?:uhr|h))?"
_INTERVAL = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|−|bis|to)\s*{_TIME}\s*", re.IGNORECASE)
_TEXT_MAX = 200


def read_hours(text: str) -> Hours:
    """Return the hours that somebody wrote: "8–12, 13–17", "8:30 bis 12 Uhr", "geschlossen".

    Raises:
        Invalid: a part is no interval, or the intervals make no day; the message names the part.
    """
    if text.strip().casefold() in _CLOSED_WORDS:
        return CLOSED
    parts = re.split(r"[,;+&]|\bund\b|\band\b", text) if len(text) <= _TEXT_MAX else [text]
    hours = tuple(_interval(part) for part in parts)
    for problem in problems(hours):
        raise Invalid(problem)
    return hours


def hours_text(hours: Hours) -> str:
    """Return "08:00–12:00, 13:00–17:00", which `read_hours` reads; "–" for a day without hours."""
    return ", ".join(map(str, hours)) or "–"


def problems(hours: Hours) -> Iterator[Text]:
    """Say what is wrong with the hours of a day: each interval, then their order."""
    for interval in hours:
        if reason := _wrong(interval):
            yield reason
            return
    for one, other in itertools.pairwise(hours):
        if other.start < one.end:
            yield Text(
                de=f"{one} und {other} überschneiden sich oder stehen nicht in der Reihenfolge "
                "des Tages; tragen Sie jede Arbeitszeit einmal ein, die frühere zuerst.",
                en=f"{one} and {other} overlap or are not in the order of the day; enter each "
                "working interval once, the earlier one first.",
            )


def _wrong(interval: Interval) -> Text | None:
    if not (0 <= interval.start <= MINUTES_OF_DAY and 0 <= interval.end <= MINUTES_OF_DAY):
        return Text(
            de=f"{interval} liegt nicht zwischen 00:00 und 24:00.",
            en=f"{interval} does not lie between 00:00 and 24:00.",
        )
    if interval.start >= interval.end:
        return Text(
            de=f"{interval} endet nicht nach seinem Beginn; Arbeit über Mitternacht wird geteilt: "
            "22–24 an diesem Tag, 0–6 am nächsten.",
            en=f"{interval} does not end after its beginning; work past midnight is split: "
            "22–24 on this day, 0–6 on the next.",
        )
    return None


def _interval(part: str) -> Interval:
    found = _INTERVAL.fullmatch(part)
    if not found:
        raise Invalid(
            Text(
                de=f"„{part.strip()[:_TEXT_MAX]}“ ist keine Arbeitszeit; schreiben Sie zum Beispiel "
                "„8–12, 13–17“ oder „geschlossen“.",
                en=f"'{part.strip()[:_TEXT_MAX]}' is no working interval; write for example "
                "'8–12, 13–17' or 'closed'.",
            )
        )
    hour, minute, end_hour, end_minute = (int(group or 0) for group in found.groups())
    if minute >= 60 or end_minute >= 60:
        raise Invalid(
            Text(
                de=f"In „{part.strip()}“ stehen mehr als 59 Minuten; gemeint ist eine Uhrzeit wie 8:30.",
                en=f"'{part.strip()}' has more than 59 minutes; a time such as 8:30 is meant.",
            )
        )
    return Interval(hour * 60 + minute, end_hour * 60 + end_minute)
