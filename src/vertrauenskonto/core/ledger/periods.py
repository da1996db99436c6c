"""Periods of a statement: a month, a quarter, a year, or any days; and the one to begin with.

2026-03     2026-Q1     2026     2026-01-05..2026-02-20
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Sort = Literal["month", "quarter", "year", "free"]

_DAY = timedelta(days=1)
_NAMED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})|-Q(?P<quarter>[1-4]))?", re.ASCII)
_MONTHS: dict[Sort, int] = {"month": 1, "quarter": 3, "year": 12}
_YEARS = (1900, 2999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `first` to `last`, both included."""

    sort: Sort
    first: date
    last: date

    @property
    def name(self) -> str:
        """The period as an address names it."""
        if self.sort == "month":
            return f"{self.first:%Y-%m}"
        if self.sort == "quarter":
            return f"{self.first.year:04}-Q{(self.first.month + 2) // 3}"
        return f"{self.first.year:04}" if self.sort == "year" else f"{self.first}..{self.last}"

    @property
    def before(self) -> "Period":
        """The period of the same length that ends the day before."""
        if self.sort == "free":
            length = self.last - self.first
            return free(self.first - _DAY - length, self.first - _DAY)
        return around(self.first - _DAY, self.sort)

    @property
    def after(self) -> "Period":
        """The period of the same length that begins the day after."""
        if self.sort == "free":
            length = self.last - self.first
            return free(self.last + _DAY, self.last + _DAY + length)
        return around(self.last + _DAY, self.sort)


def around(day: date, sort: Sort) -> Period:
    """Return the month, quarter or year that a day lies in."""
    months = _MONTHS[sort]
    start = (day.month - 1) // months * months
    ends = start + months
    following = date(day.year + ends // 12, ends % 12 + 1, 1)
    return Period(sort=sort, first=date(day.year, start + 1, 1), last=following - _DAY)


def free(first: date, last: date) -> Period:
    """Return any days as a period; `last` not before `first`."""
    assert first <= last, "a period has a day at least"
    return Period(sort="free", first=first, last=last)


def named(name: str) -> Period | None:
    """Return the period with this name, None if there is none."""
    first, dots, last = name.partition("..")
    if dots:
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            return None
        is_one = days[0] <= days[1] and _is_known(days[0].year) and _is_known(days[1].year)
        return free(*days) if is_one else None
    found = _NAMED.fullmatch(name)
    if found is None or not _is_known(int(found["year"])):
        return None
    year = int(found["year"])
    if found["quarter"]:
        return around(date(year, 3 * int(found["quarter"]), 1), "quarter")
    if found["month"] is None:
        return around(date(year, 1, 1), "year")
    month = int(found["month"])
    return around(date(year, month, 1), "month") if 1 <= month <= 12 else None


def newest(days: Iterable[date], *, until: date) -> Period:
    """Return the shortest period around `until` in which something happened, else the month."""
    last = max((day for day in days if day <= until), default=None)
    month = around(until, "month")
    if last is None:
        return month
    sorts: tuple[Sort, ...] = ("month", "quarter", "year")
    found = (period for sort in sorts if (period := around(until, sort)).first <= last)
    return next(found, month)


def _is_known(year: int) -> bool:
    return _YEARS[0] <= year <= _YEARS[1]
