"""Measuring the clock: a million due dates across calendars with holidays, in one process."""

import itertools
import time
from datetime import UTC, datetime, timedelta

from vertrauenskonto.core.calendar.working_calendar import WorkingCalendar
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.importers.public_holidays import REGIONS
from vertrauenskonto.importers.starter_calendars import starter_calendar

DUE_DATES = 1_000_000
FIRST_YEAR, LAST_YEAR = 2016, 2030
_FIRST = datetime(2017, 1, 1, tzinfo=UTC)
# Odd steps, so that made and promised times fall everywhere: nights, weekends, lunch breaks.
_STEP, _SPAN = timedelta(seconds=7919), timedelta(days=4000)
_MINUTES = (30, 60, 240, 480, 961, 2400, 9600)


def calendars() -> list[WorkingCalendar]:
    """Return a calendar for each German state, each Austrian one, and each canton."""
    return [
        starter_calendar(key, first_year=FIRST_YEAR, last_year=LAST_YEAR)
        for key, region in REGIONS.items()
        if region.country != key
    ]


def measure(made: list[WorkingCalendar], *, due_dates: int = DUE_DATES) -> float:
    """Return the seconds that the due dates take, building the calendars' time included.

    Every other one reckons with the calendar of the neighbour too, as for a customer elsewhere.
    """
    asked = [
        (_FIRST + number * _STEP % _SPAN, _MINUTES[number % len(_MINUTES)])
        for number in range(due_dates)
    ]
    started = time.perf_counter()
    clocks = [WorkingTime(calendar) for calendar in made]
    clocks += [WorkingTime(one, other) for one, other in itertools.pairwise(made)]
    for clock, (instant, minutes) in zip(itertools.cycle(clocks), asked, strict=False):
        clock.add(instant, minutes)
    return time.perf_counter() - started


def main() -> None:
    """Print what was measured, as the table has it."""
    made = calendars()
    seconds = measure(made)
    print(f"{seconds:.1f} s, {len(made)} calendars")


if __name__ == "__main__":
    main()
