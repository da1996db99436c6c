"""Working time: adding it, measuring it, and the instants at which days of work end.

Work is a staircase over time, and every question one look at it (c: minutes worked so far):

    c |              ______/        add(t, m)       the first instant with c = c(t) + m
      |      ______/                subtract(t, m)  the last instant with c = c(t) - m
      |  ___/                       between(a, b)   c(b) - c(a)
      +--------------------- t

So what is added on Friday until closing time ends on Friday at closing time, not on Monday morning;
and what is subtracted on Monday at opening time begins then, not on Friday evening. The staircase
stands on UTC: daylight saving only changes where its steps lie.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import sub
from zoneinfo import ZoneInfo

from vertrauenskonto.core.calendar.local_time import (
    END_DAY,
    FIRST_DAY,
    MINUTES_OF_DAY,
    border,
    check_day,
    offset,
    time_zone,
)
from vertrauenskonto.core.calendar.working_calendar import WorkingCalendar
from vertrauenskonto.core.errors import Invalid, Text

# All arithmetic is done in whole microseconds since 1970, so that nothing is ever rounded.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = MINUTES_OF_DAY * _MINUTE
_FIRST, _END = FIRST_DAY.toordinal(), END_DAY.toordinal()
# How much of the staircase is built at once, in days; and how far, in days, an instant lies from
# the day of any calendar at most (clocks differ from UTC by up to 14 hours).
_CHUNK, _MARGIN = 1461, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stairs:
    """The working intervals of the days from ordinal `first` until before `end`, in order.

    `worked[i]` is what was worked before interval i, and the last one what was worked in all,
    counted from any one instant; `days[i]` is the ordinal of the day interval i belongs to. Arrays
    of eight bytes each, because a search in a list visits numbers all over the memory.
    """

    first: int
    end: int
    starts: "array[int]"
    ends: "array[int]"
    worked: "array[int]"
    days: "array[int]"
    open_days: "array[int]"


class WorkingTime:
    """The time in which all of some calendars work: a team's, or a team's and its customer's.

    Days are those of the first calendar, in its time zone; what several calendars share belongs to
    the day on which the first one works it. Instants are aware, in any zone, and come back in UTC.
    Keep it: the staircase is built once, as far as questions reach (1970 to 2099). It may be asked
    from several threads.
    """

    __slots__ = ("_stairs", "_zones", "calendars")

    def __init__(self, calendar: WorkingCalendar, *others: WorkingCalendar) -> None:
        self.calendars = (calendar, *others)
        self._zones = tuple(time_zone(each.zone) for each in self.calendars)
        self._stairs: _Stairs | None = None

    def add(self, instant: datetime, minutes: int) -> datetime:
        """Return the first instant at which so many minutes more have been worked.

        No minutes leave the instant as it is, even outside of working time.

        Raises:
            Invalid: negative minutes, or the end lies after 2099.
        """
        if minutes < 1:
            return _unmoved(instant, minutes)
        at = (instant - _EPOCH) // _ONE
        stairs = self._around(at)
        target = _worked(stairs, at) + minutes * _MINUTE
        while target > stairs.worked[-1]:
            stairs = self._further(stairs, minutes)
        row = bisect_left(stairs.worked, target) - 1
        return _EPOCH + _ONE * (stairs.starts[row] + target - stairs.worked[row])

    def subtract(self, instant: datetime, minutes: int) -> datetime:
        """Return the last instant from which on so many minutes are worked until `instant`.

        For at least one minute it lies within working time.

        Raises:
            Invalid: negative minutes, or it lies before 1970.
        """
        if minutes < 1:
            return _unmoved(instant, minutes)
        at = (instant - _EPOCH) // _ONE
        stairs = self._around(at)
        target = _worked(stairs, at) - minutes * _MINUTE
        while target < stairs.worked[0]:
            stairs = self._earlier(stairs, minutes)
        row = bisect_right(stairs.worked, target) - 1
        return _EPOCH + _ONE * (stairs.starts[row] + target - stairs.worked[row])

    def lead(self, due: datetime, minutes: int) -> datetime:
        """Return when to warn, so that `minutes` of working time are left until `due`.

        It lies within working time, however the deadline lies: a promise for Sunday night is warned
        of on Friday. It may lie before the promise was made; then the warning is due at once.

        Raises:
            Invalid: less than one minute, or it lies before 1970.
        """
        if minutes < 1:
            raise Invalid(
                Text(
                    de=f"Ein Vorlauf von {minutes} Minuten lässt keine Zeit; geben Sie mindestens 1 an.",
                    en=f"A lead of {minutes} minutes leaves no time; give at least 1.",
                )
            )
        return self.subtract(due, minutes)

    def between(self, a: datetime, b: datetime) -> float:
        """Return the minutes worked from `a` to `b`, exact; negative if `b` is the earlier one.

        Raises:
            Invalid: one of them lies before 1970 or after 2099.
        """
        at, then = _microseconds(a), _microseconds(b)
        stairs = self._around(min(at, then), max(at, then))
        return (_worked(stairs, then) - _worked(stairs, at)) / _MINUTE

    def is_working(self, instant: datetime) -> bool:
        """Tell whether work goes on; the end of an interval is free already."""
        at = _microseconds(instant)
        stairs = self._around(at)
        row = bisect_right(stairs.starts, at) - 1
        return row >= 0 and at < stairs.ends[row]

    def next_working(self, instant: datetime) -> datetime:
        """Return the instant itself within working time, otherwise when work begins again.

        Raises:
            Invalid: it never does until 2099.
        """
        at = _microseconds(instant)
        stairs = self._around(at)
        while True:
            row = bisect_right(stairs.ends, at)
            if row < len(stairs.ends):
                return _instant(max(at, stairs.starts[row]))
            stairs = self._further(stairs, 0)

    def day_of(self, instant: datetime) -> date:
        """Return the day that the first calendar's wall shows."""
        return instant.astimezone(self._zones[0]).date()

    def is_working_day(self, day: date) -> bool:
        """Tell whether anything is worked on a day."""
        days = self._around_day(day).open_days
        place = bisect_left(days, day.toordinal())
        return place < len(days) and days[place] == day.toordinal()

    def add_days(self, day: date, count: int) -> date:
        """Return the working day that comes so many working days after `day`; negative: before.

        0 leaves the day as it is, even if nothing is worked on it.

        Raises:
            Invalid: the day lies before 1970 or after 2099.
        """
        if count == 0:
            return day
        stairs = self._around_day(day)
        ordinal = day.toordinal()
        while count > 0:
            place = bisect_right(stairs.open_days, ordinal) + count - 1
            if place < len(stairs.open_days):
                return date.fromordinal(stairs.open_days[place])
            stairs = self._further(stairs, 0)
        while True:
            place = bisect_left(stairs.open_days, ordinal) + count
            if place >= 0:
                return date.fromordinal(stairs.open_days[place])
            stairs = self._earlier(stairs, 0)

    def days_between(self, a: date, b: date) -> int:
        """Return the working days after `a` up to and including `b`; negative if `b` is earlier.

        `days_between(d, add_days(d, n))` is n for n ≥ 0.
        """
        days = self._around_day(min(a, b), max(a, b)).open_days
        return bisect_right(days, b.toordinal()) - bisect_right(days, a.toordinal())

    def end_of_day(self, day: date) -> datetime:
        """Return the instant at which something promised for a day is due.

        That is when the day's last working interval ends. If nothing is worked on it, the day ends
        at midnight: whoever promised Sunday is not given Monday. (`lead` then warns before the
        weekend; to move the deadline itself, promise `add_days(day, 1)` instead.)
        """
        stairs = self._around_day(day)
        ordinal = day.toordinal()
        row = bisect_right(stairs.days, ordinal) - 1
        if row >= 0 and stairs.days[row] == ordinal:
            return _instant(stairs.ends[row])
        return border(day, MINUTES_OF_DAY, self._zones[0])

    # The staircase and how it grows. Every version is complete and never changed, and replacing it
    # is one assignment, so that threads do not see each other's.

    def _around(self, at: int, until: int | None = None) -> _Stairs:
        """Return stairs that reach to both sides of an instant, or of two in their order."""
        low = _FIRST + at // _DAY
        high = low if until is None else _FIRST + until // _DAY
        stairs = self._stairs
        if stairs and stairs.first + _MARGIN <= low and high < stairs.end - _MARGIN:
            return stairs
        check_day(date.fromordinal(low))
        check_day(date.fromordinal(high))
        if stairs is None:
            begin = max(low - _CHUNK // 4, _FIRST - _MARGIN)
            stairs = self._built(begin, min(begin + _CHUNK, _END + _MARGIN), worked=0)
        while low < stairs.first + _MARGIN:
            stairs = self._earlier(stairs, 0)
        while high >= stairs.end - _MARGIN:
            stairs = self._further(stairs, 0)
        self._stairs = stairs
        return stairs

    def _around_day(self, day: date, until: date | None = None) -> _Stairs:
        last = until or day
        check_day(day)
        check_day(last)
        return self._around(*((d.toordinal() - _FIRST) * _DAY for d in (day, last)))

    def _further(self, stairs: _Stairs, minutes: int) -> _Stairs:
        """Return stairs that reach further into the future."""
        end = min(stairs.end + _CHUNK, _END + _MARGIN)
        if end == stairs.end:
            raise Invalid(self._too_far(minutes))
        more = self._built(stairs.end, end, worked=stairs.worked[-1])
        self._stairs = _joined(stairs, more)
        return self._stairs

    def _earlier(self, stairs: _Stairs, minutes: int) -> _Stairs:
        """Return stairs that reach further into the past."""
        first = max(stairs.first - _CHUNK, _FIRST - _MARGIN)
        if first == stairs.first:
            raise Invalid(self._too_far(minutes))
        more = self._built(first, stairs.first, worked=0)
        sunk = stairs.worked[0] - more.worked[-1]
        level = _Stairs(
            first=more.first,
            end=more.end,
            starts=more.starts,
            ends=more.ends,
            worked=array("q", (worked + sunk for worked in more.worked)),
            days=more.days,
            open_days=more.open_days,
        )
        self._stairs = _joined(level, stairs)
        return self._stairs

    def _built(self, first: int, end: int, *, worked: int) -> _Stairs:
        calendar, *others = self.calendars
        zone, *zones = self._zones
        rows = list(_rows(calendar, zone, range(first, end)))
        near = range(first - _MARGIN, end + _MARGIN)
        for other, its_zone in zip(others, zones, strict=True):
            rows = list(_shared(rows, list(_rows(other, its_zone, near))))
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        starts, ends, days = (array("q", column) for column in columns)
        return _Stairs(
            first=first,
            end=end,
            starts=starts,
            ends=ends,
            worked=array("q", accumulate(map(sub, ends, starts), initial=worked)),
            days=days,
            open_days=array("q", dict.fromkeys(days)),
        )

    def _too_far(self, minutes: int) -> Text:
        names = [calendar.name or calendar.key for calendar in self.calendars]
        wanted = (
            Text(f" für {minutes} Minuten", f" for {minutes} minutes") if minutes else Text("", "")
        )
        if len(names) == 1:
            return Text(
                de=f"Der Arbeitskalender „{names[0]}“ hat zwischen {FIRST_DAY.year} und "
                f"{END_DAY.year - 1} nicht genug Arbeitszeit{wanted.de}. Prüfen Sie die Frist, und "
                "ob der Kalender auch künftig Arbeitszeiten hat.",
                en=f"The working calendar '{names[0]}' has not enough working time{wanted.en} "
                f"between {FIRST_DAY.year} and {END_DAY.year - 1}. Check the deadline, and whether "
                "the calendar has hours in future too.",
            )
        return Text(
            de=f"Die Arbeitskalender „{'“ und „'.join(names)}“ haben zwischen {FIRST_DAY.year} und "
            f"{END_DAY.year - 1} nicht genug gemeinsame Arbeitszeit{wanted.de}. Rechnen Sie mit "
            "einem davon, oder erweitern Sie die Zeiten.",
            en=f"The working calendars {' and '.join(f'{name!r}' for name in names)} share not "
            f"enough working time{wanted.en} between {FIRST_DAY.year} and {END_DAY.year - 1}. "
            "Reckon with one of them, or extend the hours.",
        )


_Row = tuple[int, int, int]  # from, until before (microseconds), ordinal of the day


def _rows(calendar: WorkingCalendar, zone: ZoneInfo, days: range) -> Iterator[_Row]:
    """Yield the working intervals of some days, in order."""
    number, ahead = -1, None
    for ordinal, hours in calendar.days_worked(days):
        if ordinal // 7 != number:
            number = ordinal // 7
            ahead = _steady(zone, number)
        if ahead is not None:
            base = (ordinal - _FIRST) * _DAY - ahead
            for start, end in hours:
                yield base + start * _MINUTE, base + end * _MINUTE, ordinal
            continue
        for start, end in hours:
            day = date.fromordinal(ordinal)
            begin, until = (_microseconds(border(day, m, zone)) for m in (start, end))
            if begin < until:
                yield begin, until, ordinal


@lru_cache(maxsize=1024)
def _steady(zone: ZoneInfo, week: int) -> int | None:
    """Return by how much a zone is ahead of UTC in a week of ordinals, in microseconds.

    None if its clocks are changed in that week or at its borders. Two changes that cancel each
    other are weeks apart everywhere (Morocco's Ramadan: a month). Calendars share what is found,
    and looking up offsets is what building takes longest for.
    """
    first = date.fromordinal(week * 7)
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
    ahead = offset(midnight)
    if ahead != offset((midnight + timedelta(days=7)).replace(fold=1)):
        return None
    return ahead // _ONE


def _shared(rows: list[_Row], others: list[_Row]) -> Iterator[_Row]:
    """Yield what lies in both, in order, on the days of the first."""
    here = there = 0
    while here < len(rows) and there < len(others):
        start, end, day = rows[here]
        begin, until, _ = others[there]
        if start == begin and end == until:
            # Most calendars agree on most days.
            yield rows[here]
            here += 1
            there += 1
            continue
        if max(start, begin) < min(end, until):
            yield max(start, begin), min(end, until), day
        if end <= until:
            here += 1
        else:
            there += 1


def _joined(one: _Stairs, other: _Stairs) -> _Stairs:
    return _Stairs(
        first=one.first,
        end=other.end,
        starts=one.starts + other.starts,
        ends=one.ends + other.ends,
        worked=one.worked[:-1] + other.worked,
        days=one.days + other.days,
        open_days=one.open_days + other.open_days,
    )


def _worked(stairs: _Stairs, at: int) -> int:
    """Return what was worked before an instant."""
    row = bisect_right(stairs.starts, at) - 1
    if row < 0:
        return stairs.worked[0]
    return stairs.worked[row] + min(at, stairs.ends[row]) - stairs.starts[row]


def _unmoved(instant: datetime, minutes: int) -> datetime:
    if minutes < 0:
        raise Invalid(
            Text(
                de=f"{minutes} Minuten sind keine Dauer; geben Sie 0 oder mehr an.",
                en=f"{minutes} minutes are no duration; give 0 or more.",
            )
        )
    return instant.astimezone(UTC)


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _ONE


def _instant(microseconds: int) -> datetime:
    return _EPOCH + _ONE * microseconds
