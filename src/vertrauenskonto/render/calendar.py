"""Dates as a calendar file (iCalendar, RFC 5545): values in, bytes out."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import icalendar


class AllDay(NamedTuple):
    """One day with its words; `uid` is the same in every version of the file."""

    uid: str
    day: date
    words: str


def ics(name: str, days: Iterable[AllDay], *, made_at: datetime) -> bytes:
    """Return a calendar with one all-day entry for each day; `made_at` in UTC."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//vertrauenskonto//feed//DE")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for day in days:
        event = icalendar.Event()
        event.add("uid", f"{day.uid}@vertrauenskonto")
        event.add("dtstamp", made_at)
        event.add("dtstart", day.day)
        event.add("dtend", day.day + timedelta(days=1))
        event.add("summary", day.words)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
