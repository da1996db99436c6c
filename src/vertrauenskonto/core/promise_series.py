"""Promises that come again: every Monday, a report on the last of the month, a check each year.

Each day is counted from the first one, never from the one before: what begins on the 31st falls on
the last day of a shorter month and on the 31st again after it.
"""

from calendar import monthrange
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Literal, get_args

Rhythm = Literal["weekly", "monthly", "yearly"]
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)
_MONTHS = {"monthly": 1, "yearly": 12}

# How long before its day the next promise stands in the register.
LEAD_DAYS = 14
EVERY_MAX = 60


def occurrence(first: date, rhythm: Rhythm, every: int, number: int) -> date:
    """Return the day that comes `number` times the rhythm after the first one (0: the first).

    Raises:
        OverflowError, ValueError: it lies beyond the calendar (the year 9999).
    """
    if rhythm == "weekly":
        return first + timedelta(weeks=every * number)
    months = first.month - 1 + _MONTHS[rhythm] * every * number
    year, month = first.year + months // 12, months % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def due_dates(
    first: date,
    rhythm: Rhythm,
    every: int,
    *,
    after: date | None,
    until: date,
) -> tuple[date, ...]:
    """Return the days after `after` (None: from the first on) up to and including `until`."""
    numbers = count(_reached(first, rhythm, every, after))
    days = takewhile(
        lambda day: day <= until, (occurrence(first, rhythm, every, n) for n in numbers)
    )
    return tuple(day for day in days if after is None or day > after)


def _reached(first: date, rhythm: Rhythm, every: int, after: date | None) -> int:
    """Return a number whose day lies at or before `after`, near it, so that nothing is counted anew."""
    if after is None or after <= first:
        return 0
    days = (after - first).days
    longest = 7 if rhythm == "weekly" else 31 * _MONTHS[rhythm]
    return days // (longest * every)
