"""Local times as instants: what a wall clock shows, and when that is.

    clocks go forward      02:00 ....gap.... 03:00      a wall time in the gap never comes
    clocks go back         02:00 ==twice==== 03:00      a wall time in there comes twice

What a person entered is asked about (`local_instant`); the borders of working hours are resolved
by one rule (`border`), because a calendar cannot be asked twice a year.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean

MINUTES_OF_DAY = 24 * 60
# Time is reckoned from the first of these days until before the last; beyond is a slip of the pen.
FIRST_DAY, END_DAY = date(1970, 1, 1), date(2100, 1, 1)


class Ambiguous(Invalid):
    """A local time that comes twice; `instants` are both, the earlier one first."""

    def __init__(self, text: Text, instants: tuple[datetime, datetime]) -> None:
        super().__init__(text)
        self.instants = instants


def time_zone(name: str) -> ZoneInfo:
    """Return the time zone with an IANA name such as "Europe/Berlin".

    Raises:
        Invalid: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = did_you_mean(name, available_timezones())
        raise Invalid(
            Text(
                de=f"Die Zeitzone „{name}“ gibt es nicht; erwartet wird ein Name wie "
                f"„Europe/Berlin“.{near.de}",
                en=f"There is no time zone '{name}'; a name such as 'Europe/Berlin' is "
                f"expected.{near.en}",
            )
        ) from error


def check_day(day: date) -> None:
    """Refuse a day that time is not reckoned for.

    Raises:
        Invalid: the day lies before 1970 or after 2099.
    """
    if not FIRST_DAY <= day < END_DAY:
        raise Invalid(
            Text(
                de=f"Der {day.day}.{day.month}.{day.year} liegt nicht zwischen {FIRST_DAY.year} und "
                f"{END_DAY.year - 1}; bitte prüfen Sie das Jahr.",
                en=f"{day.isoformat()} does not lie between {FIRST_DAY.year} and "
                f"{END_DAY.year - 1}; please check the year.",
            )
        )


def local_instants(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the instants (UTC, in order) at which clocks in `zone` show this time on this day.

    None where the clock skips it, two where it shows it twice, otherwise one.

    Raises:
        Invalid: the day lies before 1970 or after 2099.
    """
    check_day(day)
    wall = datetime.combine(day, at.replace(tzinfo=None))
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = {i for i in both if i.astimezone(zone).replace(tzinfo=None, fold=0) == wall}
    return tuple(sorted(shown))


def local_instant(day: date, at: time, zone: ZoneInfo, *, is_later: bool | None = None) -> datetime:
    """Return the instant (UTC) at which clocks in `zone` show this time on this day.

    `is_later` chooses between the two where a time comes twice; None asks.

    Raises:
        Ambiguous: the time comes twice that day and nobody said which is meant.
        Invalid: the clock skips this time that day, or the day lies before 1970 or after 2099.
    """
    found = local_instants(day, at, zone)
    if not found:
        raise Invalid(_skipped(day, at, zone))
    if len(found) == 1:
        return found[0]
    if is_later is None:
        raise Ambiguous(_twice(day, at, found, zone), (found[0], found[1]))
    return found[is_later]


def border(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a border of working hours, in minutes of wall time (0 to 1440).

    A time that comes twice is meant when it comes first; one that is skipped means the moment of
    the change. So borders keep their order, hours that touch still touch, and 0:00 to 24:00 is the
    whole day, of 23 or 25 hours if need be.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone)
    second = wall.replace(tzinfo=zone, fold=1)
    before, after = offset(first), offset(second)
    if after <= before:
        return first.astimezone(UTC)
    return _change(second.astimezone(UTC), first.astimezone(UTC), zone)


def offset(local: datetime) -> timedelta:
    """Return by how much a local time is ahead of UTC."""
    ahead = local.utcoffset()
    assert ahead is not None, "a zone of the IANA database knows its offset at every instant"
    return ahead


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, to the second, from which the zone has the offset that it has `after`."""
    ahead = offset(after.astimezone(zone))
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if offset(middle.astimezone(zone)) == ahead:
            after = middle
        else:
            before = middle
    return after


def _skipped(day: date, at: time, zone: ZoneInfo) -> Text:
    shown = at.strftime("%H:%M")
    return Text(
        de=f"Am {day:%d.%m.%Y} gibt es {shown} Uhr in {zone.key} nicht, weil die Uhr "
        "umgestellt wird. Bitte wählen Sie eine andere Uhrzeit.",
        en=f"On {day.isoformat()} there is no {shown} in {zone.key}, because the clock is changed. "
        "Please choose another time.",
    )


def _twice(day: date, at: time, found: tuple[datetime, ...], zone: ZoneInfo) -> Text:
    shown = at.strftime("%H:%M")
    first, second = (f"{i.astimezone(zone):%H:%M %Z} ({i:%H:%M} UTC)" for i in found)
    return Text(
        de=f"Am {day:%d.%m.%Y} kommt {shown} Uhr in {zone.key} zweimal vor, weil die Uhr "
        f"umgestellt wird: {first} und {second}. Welche ist gemeint?",
        en=f"On {day.isoformat()} {shown} comes twice in {zone.key}, because the clock is changed: "
        f"{first} and {second}. Which one is meant?",
    )
