"""Dates as a calendar file (iCalendar, RFC 5545): values in, bytes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import icalendar


class AllDay(NamedTuple):
    """One day with its words; `uid` is the same in every version of the file."""

    uid: str
    day: date
    words: str


class Timed(NamedTuple):
    """An appointment in a feed: from one instant to another, shown in a zone."""

    uid: str
    starts: datetime
    ends: datetime
    zone: str
    words: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An appointment as it is sent to somebody.

    `sequence` rises with each change under the same `uid`. `organiser` is a name and an address,
    `to` the address of who is invited, "" for a file that they take themselves. `url` leads to where
    it is confirmed, "" to nowhere.
    """

    uid: str
    sequence: int
    method: Literal["REQUEST", "CANCEL"]
    starts: datetime
    ends: datetime
    zone: str
    words: str
    place: str
    organiser: tuple[str, str]
    to: str = ""
    url: str = ""


def ics(
    name: str, days: Iterable[AllDay], *, timed: Iterable[Timed] = (), made_at: datetime
) -> bytes:
    """Return a calendar with an all-day entry for each day, and the appointments; `made_at` in UTC."""
    calendar = _calendar("feed")
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
    for one in timed:
        event = _timed(one.starts, one.ends, one.zone, made_at)
        event.add("uid", f"{one.uid}@vertrauenskonto")
        event.add("summary", one.words)
        event.add("class", "PRIVATE")
        if one.place:
            event.add("location", one.place)
        calendar.add_component(event)
    return _written(calendar)


def meeting_file(meeting: Meeting, *, made_at: datetime) -> bytes:
    """Return the invitation to an appointment, or its cancellation (RFC 5546)."""
    calendar = _calendar("appointment")
    calendar.add("method", meeting.method)
    event = _timed(meeting.starts, meeting.ends, meeting.zone, made_at)
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("summary", meeting.words)
    event.add("status", "CANCELLED" if meeting.method == "CANCEL" else "CONFIRMED")
    if meeting.place:
        event.add("location", meeting.place)
    if meeting.url:
        event.add("url", meeting.url)
    name, address = meeting.organiser
    organiser = icalendar.vCalAddress(f"mailto:{address}")
    if name:
        organiser.params["CN"] = name
    event["organizer"] = organiser
    if meeting.to:
        attendee = icalendar.vCalAddress(f"mailto:{meeting.to}")
        attendee.params["RSVP"] = "FALSE"
        event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return _written(calendar)


def _calendar(what: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//vertrauenskonto//{what}//DE")
    calendar.add("version", "2.0")
    return calendar


def _timed(starts: datetime, ends: datetime, zone: str, made_at: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("dtstamp", made_at)
    event.add("dtstart", starts.astimezone(ZoneInfo(zone)))
    event.add("dtend", ends.astimezone(ZoneInfo(zone)))
    return event


def _written(calendar: icalendar.Calendar) -> bytes:
    calendar.add_missing_timezones()
    made: bytes = calendar.to_ical()
    return made
