"""Appointments: whether a person's visits get in each other's way, and times that can be offered.

Somebody who goes to a customer is busy before and after, too:

    ... way there | at the customer | way back ...

Between two visits lies one way only, from one customer to the other; how long it is nobody has
said, so the longer one of both ways is kept free.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid, Text

# Offered times begin at such minutes of the hour.
_GRID = timedelta(minutes=30)
# Those offered on one day lie so far apart: a customer who cannot come at ten cannot at half past.
_APART = timedelta(hours=3)
_PER_DAY = 2
# How far ahead times are looked for.
_AHEAD = timedelta(days=60)
MINUTES_MAX = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment as it fills a person's day; instants are aware, travel is one way.

    Raises:
        Invalid: it ends before it begins, lasts more than a day, or the way is no duration.
    """

    starts: datetime
    ends: datetime
    travel_minutes: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no appointment."""
        if not timedelta() < self.ends - self.starts <= timedelta(minutes=MINUTES_MAX):
            raise Invalid(
                Text(
                    de="Ein Termin endet nach seinem Beginn und dauert höchstens einen Tag.",
                    en="An appointment ends after its beginning and lasts a day at most.",
                )
            )
        if not 0 <= self.travel_minutes <= MINUTES_MAX:
            raise Invalid(
                Text(
                    de=f"{self.travel_minutes} Minuten sind kein Weg; geben Sie 0 bis {MINUTES_MAX} "
                    "an.",
                    en=f"{self.travel_minutes} minutes are no way to go; give 0 to {MINUTES_MAX}.",
                )
            )


def clashes(one: Visit, other: Visit) -> bool:
    """Tell whether one person cannot keep both, the way between them included."""
    way = timedelta(minutes=max(one.travel_minutes, other.travel_minutes))
    return one.starts < other.ends + way and other.starts < one.ends + way


def overlapping(visit: Visit, others: Collection[Visit]) -> tuple[Visit, ...]:
    """Return those of a person's other visits that this one gets in the way of, in order."""
    return tuple(sorted((o for o in others if clashes(visit, o)), key=lambda o: o.starts))


def is_outside(visit: Visit, working: WorkingTime) -> bool:
    """Tell whether any of it lies outside of working time; of the way nothing is asked."""
    minutes = (visit.ends - visit.starts) / timedelta(minutes=1)
    return working.between(visit.starts, visit.ends) < minutes


def free_times(
    like: Visit, busy: Collection[Visit], working: WorkingTime, *, after: datetime, count: int
) -> tuple[Visit, ...]:
    """Return the next times for an appointment as long as `like`, within working time and free.

    At most two a day, hours apart, so that the customer has a choice of days; fewer than `count`
    where not so many are found within 60 days.
    """
    return tuple(islice(_free(like, busy, working, after), count))


def _free(
    like: Visit, busy: Collection[Visit], working: WorkingTime, after: datetime
) -> Iterator[Visit]:
    length = like.ends - like.starts
    end = after + _AHEAD
    at = _on_grid(after)
    offered: list[datetime] = []
    while at < end:
        found = Visit(starts=at, ends=at + length, travel_minutes=like.travel_minutes)
        if not working.is_working(at):
            at = _on_grid(working.next_working(at))
            continue
        day = working.day_of(at)
        same_day = [other for other in offered if working.day_of(other) == day]
        if len(same_day) == _PER_DAY:
            at = _on_grid(working.end_of_day(day))
            continue
        is_near = any(at - other < _APART for other in same_day)
        if not (is_near or is_outside(found, working) or overlapping(found, busy)):
            offered.append(at)
            yield found
        at += _GRID


def _on_grid(at: datetime) -> datetime:
    """Return the first half hour from an instant on."""
    past = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at + (_GRID - past) if past else at
