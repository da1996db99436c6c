"""The ways to one page of a list: in an order, from a row on, in both directions.

A page is found by the value that the last one ended with, never by counting rows. What has no value
in an order (nobody knows it, or nothing was booked yet) comes after what has one: unknown is not zero.

Two ways lead to a page. Where few match, they are all sorted: the order is said so that no index
serves it (`fenced`). Where many do, an index is walked in the order asked for until the page is full;
the fewer match, the longer the walk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, get_args

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from vertrauenskonto.db import models

Sort = Literal["reach", "balance", "change", "weakest", "contact", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """In which order; `cursor` as a page gave it, None: from the first row on."""

    sort: Sort = "reach"
    is_descending: bool = False
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of a page (numbers of customers), and what leads to the pages around."""

    rows: tuple[int, ...]
    before: str | None
    after: str | None


class Matches(Protocol):
    """Who matches, as queries: with a balance, without one, all of them."""

    def valued(self) -> QuerySet[models.Balance]:
        """Return the balances."""

    def unbooked(self) -> QuerySet[models.Customer]:
        """Return who has none."""

    def everybody(self) -> QuerySet[models.Customer]:
        """Return everybody who is asked for."""

    @property
    def has_valued(self) -> bool:
        """Whether anybody with a balance can match."""

    @property
    def has_unbooked(self) -> bool:
        """Whether anybody without a balance can match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What an order goes by: a column of `balance` or `profile`, and how its values are written."""

    table: Literal["balance", "profile"]
    column: str
    sort: Literal["number", "day", "text"]
    # Whether nothing there means: more than any value.
    none_is_most: bool = False


_KEYS: Mapping[Sort, _Key] = {
    "reach": _Key(table="balance", column="falls_date", sort="day", none_is_most=True),
    "balance": _Key(table="balance", column="balance", sort="number"),
    "change": _Key(table="balance", column="change", sort="number"),
    "weakest": _Key(table="balance", column="weakest_expected", sort="number"),
    "contact": _Key(table="balance", column="last_contact_date", sort="day"),
    "name": _Key(table="profile", column="search_name", sort="text"),
}
# Of an order: who has a value, who has a balance (or no balance is asked for) but no value, who has
# no balance.
_Phase = Literal["a", "b", "c"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row: in which phase, with which value of the order's key (None in phases without one)."""

    phase: _Phase
    key: Any  # a number, a day or a text, as the column has it
    pk: int


class Walk:
    """One page's way through the phases of an order.

    `count`: how many match, None: many.
    """

    def __init__(self, order: Order, *, count: int | None, is_fenced: bool) -> None:
        self._order, self._key = order, _KEYS[order.sort]
        self._count, self._is_fenced = count, is_fenced
        self._start: _Row | None = None
        self._back = False
        if order.cursor:
            self._start = _read_cursor(order.cursor, self._key)
            self._back = self._start is not None and order.cursor[0] == "-"
        self._descending = order.is_descending != self._back

    def found(self, matches: Matches) -> Found:
        """Return the page."""
        rows, is_more = self._rows(matches)
        if not rows:
            return Found(rows=(), before=None, after=None)
        before = is_more if self._back else self._start is not None
        after = self._back or is_more
        return Found(
            rows=tuple(row.pk for row in rows),
            before=_cursor(rows[0], back=True) if before else None,
            after=_cursor(rows[-1], back=False) if after else None,
        )

    def _rows(self, matches: Matches) -> tuple[list[_Row], bool]:
        """Return the rows in the order asked for, and whether the walk could go on."""
        wanted = self._order.limit + 1
        # All of those who match, or all that fit.
        enough = wanted if self._count is None else min(wanted, self._count)
        found: list[_Row] = []
        for phase in self._phases(matches):
            if len(found) < enough:
                found += self._of_phase(matches, phase, wanted - len(found))
        shown = found[: wanted - 1]
        return (shown[::-1] if self._back else shown), len(found) == wanted

    def _phases(self, matches: Matches) -> list[_Phase]:
        phases: list[_Phase] = ["a", "b"]
        if self._key.none_is_most and self._order.is_descending:
            phases.reverse()
        if self._key.table == "balance":
            phases = [*(phases if matches.has_valued else ()), "c"]
            if not matches.has_unbooked:
                phases.remove("c")
        if self._back:
            phases.reverse()
        if self._start is not None and self._start.phase in phases:
            phases = phases[phases.index(self._start.phase) :]
        return phases

    def _of_phase(self, matches: Matches, phase: _Phase, limit: int) -> list[_Row]:
        rows, number = self._in_phase(matches, phase)
        columns = [number]
        if phase == "a":
            key = f'"{self._key.table}"."{self._key.column}"'
            columns = [_fenced(key, self._key.sort) if self._is_fenced else key, number]
        if self._start is not None and self._start.phase == phase:
            start = [self._start.key, self._start.pk][-len(columns) :]
            sign, marks = "<" if self._descending else ">", ", ".join(["%s"] * len(start))
            beyond = f"({', '.join(columns)}) {sign} ({marks})"
            rows = rows.filter(RawSQL(beyond, start, BooleanField()))  # noqa: S611 - our own names
        ways = [RawSQL(column, ()) for column in columns]  # noqa: S611 - our own names
        ordered = rows.order_by(*(way.desc() if self._descending else way.asc() for way in ways))
        if phase == "a":
            found = ordered.values_list("pk", self._key.column)[:limit]
            return [_Row(phase=phase, key=key, pk=pk) for pk, key in found]
        numbers = ordered.values_list("pk", flat=True)[:limit]
        return [_Row(phase=phase, key=None, pk=pk) for pk in numbers]

    # Any: django-stubs cannot name queries of one of three tables.
    def _in_phase(self, matches: Matches, phase: _Phase) -> tuple["QuerySet[Any, Any]", str]:
        """Return the rows of a phase, and the column that holds the customer's number."""
        if phase == "c":
            return matches.unbooked(), '"customer"."id"'
        if self._key.table == "balance":
            has_key = {f"{self._key.column}__isnull": phase == "b"}
            return matches.valued().filter(**has_key), '"balance"."customer_id"'
        if phase == "a":
            named = models.Profile.objects.filter(search_name__gt="")
            return named.filter(customer__in=_numbers(matches)), '"profile"."customer_id"'
        nameless = Q(profile=None) | Q(profile__search_name="")
        rows = models.Customer.objects.filter(nameless, pk__in=_numbers(matches))
        return rows, '"customer"."id"'


# Any: as above.
def _numbers(matches: Matches) -> "QuerySet[Any, Any]":
    valued = matches.valued().values("pk")
    return matches.everybody().values("pk") if matches.has_unbooked else valued


def _fenced(column: str, sort: str) -> str:
    """Return a column so that no index of it serves."""
    if connection.vendor != "postgresql":
        return f"+{column}"
    return f"({column} || '')" if sort == "text" else f"({column} + 0)"


def _cursor(row: _Row, *, back: bool) -> str:
    key = "" if row.key is None else str(row.key)
    return f"{'-' if back else '+'}{row.phase}{row.pk}~{key}"


def _read_cursor(text: str, key: _Key) -> _Row | None:
    """Return beside which row a page begins; what is none, or of another order, is no row."""
    try:
        head, _, written = text.partition("~")
        phase = next(p for p in get_args(_Phase) if p == head[1])
        value = _READ[key.sort](written) if phase == "a" else None
        return _Row(phase=phase, key=value, pk=int(head[2:]))
    except (IndexError, StopIteration, ValueError):
        return None


def _day(written: str) -> str:
    return date.fromisoformat(written).isoformat()


def _text(written: str) -> str:
    if "\0" in written:
        raise ValueError(written)
    return written


_READ: Mapping[str, Callable[[str], float | str]] = {"number": float, "day": _day, "text": _text}
