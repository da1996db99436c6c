"""Calendars to begin with: Monday to Friday, 8–12 and 13–17, with the holidays of a region."""

from collections.abc import Collection
from datetime import date

from vertrauenskonto.core.calendar.hours import CLOSED, Interval
from vertrauenskonto.core.calendar.working_calendar import Week, WorkingCalendar
from vertrauenskonto.importers.public_holidays import Choice, public_holidays, region_of

STARTER_HOURS = (Interval(8 * 60, 12 * 60), Interval(13 * 60, 17 * 60))


def starter_week(valid_from: date) -> Week:
    """Return the week Monday to Friday, 8–12 and 13–17."""
    five = (STARTER_HOURS,) * 5
    return Week(valid_from=valid_from, days=(*five, CLOSED, CLOSED))


def starter_calendar(
    region: str, *, first_year: int, last_year: int, local: Collection[Choice] = ()
) -> WorkingCalendar:
    """Return the calendar to begin with in a region, with its holidays in these years.

    Its key is the region's code in small letters, its name the region's German one: a name that a
    company gives is written in one language.

    Raises:
        NotFound, Invalid: see `public_holidays`.
    """
    days_off = public_holidays(region, first_year=first_year, last_year=last_year, local=local)
    found = region_of(region)
    return WorkingCalendar(
        key=region.lower(),
        name=f"Mo–Fr 8–12, 13–17 ({found.name.de})",
        zone=found.zone,
        weeks=(starter_week(date(first_year, 1, 1)),),
        days_off=days_off,
    )
