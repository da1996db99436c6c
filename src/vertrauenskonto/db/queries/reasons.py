# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""What cost trust: the main causes of withdrawals in a period, beside the period before.

Counted are the points booked by entries that stand, by the day on which something happened;
accounts that are not valued are left out. Nothing is grouped by member of staff. Months of a large
ledger take seconds to add up, so what took long is kept for the day; a daily job does it early.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from typing import Any, Literal, cast, get_args

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.aliases import members, roots
from vertrauenskonto.db.models.ledger import HUNDREDTHS

# Whole weeks, so that every period has the same days of the week.
PERIODS_DAYS = (28, 84, 364)
CAUSES_MAX = 10
# What is added up faster than this is added up anew whenever something was booked.
_QUICK_SECONDS = 0.3
_KEPT_SECONDS = 50 * 60 * 60
_DAY = timedelta(days=1)
_ROLES = ("administrator", "lead", "analyst")

By = Literal["kind", "source"]
BYS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause: a kind of entry or a source. Costs are points > 0.

    `costs` per precondition in the period; `before` is the whole cost in the period before.
    """

    name: str
    entries: int
    customers: int
    costs: dict[Dimension, float]
    before: float

    @property
    def cost(self) -> float:
        """The cost in points over all preconditions."""
        return sum(self.costs.values())

    @property
    def hit(self) -> Dimension:
        """The precondition that it cost most."""
        return max(DIMENSIONS, key=lambda d: self.costs[d])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What cost trust in `[first_date, until_date)` and in as many days before.

    `days` are the costs of days on which there were any, both periods. `silence` is what months
    without contact cost by now, and on how many accounts: it belongs to no period.
    """

    first_date: date
    until_date: date
    kinds: tuple[Cause, ...]
    sources: tuple[Cause, ...]
    entries: int
    customers: int
    cost: float
    before: float
    days: tuple[tuple[date, float], ...]
    silence: float
    silent_customers: int

    @property
    def length_days(self) -> int:
        """The length of the period."""
        return (self.until_date - self.first_date).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """The kind of entry that earned most, in points."""

    kind: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What the weekly mail tells: last week's main cause and what earned most, None: nothing did.

    `before` is the cost of the same cause (of all causes, if nothing cost trust) the week before.
    """

    monday: date
    cause: Cause | None
    before: float
    earned: Earned | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One entry that cost trust; `name` is None where it may not be seen."""

    id: int
    customer: str
    name: str | None
    value_date: date
    kind: str
    source: str
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Some entries, the newest first; `next_before` continues the list."""

    rows: tuple[Case, ...]
    next_before: tuple[date, int] | None


def reasons(viewer: Viewer, *, days: int, today: date) -> Reasons:
    """Return what cost trust in the last `days` days up to and including today.

    Raises:
        Denied: the viewer's role does not look at the whole company.
        NotFound: `days` is none of `PERIODS_DAYS`.
    """
    _require(viewer)
    if days not in PERIODS_DAYS:
        raise NotFound(
            Text(
                f"Diesen Zeitraum gibt es nicht: {days} Tage.",
                f"There is no such period: {days} days.",
            )
        )
    accounts, booked = _stamp()
    kept: Any = cache.get(_name(days))
    if kept is not None and kept["accounts"] == accounts:
        told = cast("Reasons", kept["told"])
        is_slow = kept["seconds"] > _QUICK_SECONDS
        # Yesterday's will do until tonight's job has added up today's.
        oldest = today if not is_slow else today - timedelta(days=1)
        if (is_slow or kept["booked"] == booked) and oldest < told.until_date <= today + _DAY:
            return told
    return _made(days, today)


def prepare(*, today: date) -> None:
    """Add up every period of today, so that nobody waits for it."""
    for days in PERIODS_DAYS:
        _made(days, today)


def week(viewer: Viewer, *, monday: date) -> Week | None:
    """Return what is to be told of the week before `monday`, None if nothing was booked in it.

    Raises:
        Denied: as `reasons`.
    """
    _require(viewer)
    return _week(monday - timedelta(days=7), monday)


def cases(
    viewer: Viewer,
    *,
    by: By,
    name: str,
    period: tuple[date, date],
    before: tuple[date, int] | None = None,
    limit: int = 50,
) -> Cases:
    """Return the entries behind a cause in `[from, until)`, the newest first.

    `before` is the day and number of the last one seen.

    Raises:
        Denied: as `reasons`.
    """
    _require(viewer)
    rows = models.Entry.objects.filter(
        **{by: name}, value_date__gte=period[0], value_date__lt=period[1], reverses=None
    ).filter(Q(willing__lt=0) | Q(able__lt=0) | Q(assessable__lt=0))
    reversing = models.Entry.objects.filter(reverses=OuterRef("pk"))
    rows = rows.filter(~Exists(reversing)).exclude(customer__in=_not_valued())
    if before is not None:
        day, pk = before
        earlier = Q(value_date__lt=day) | Q(value_date=day, pk__lt=pk)
        rows = rows.filter(earlier, value_date__lte=day)
    found = list(rows.order_by("-value_date", "-pk")[: limit + 1])
    shown = found[:limit]
    ends = roots({row.customer_id for row in shown})
    people = models.Customer.objects.select_related("profile").in_bulk(set(ends.values()))
    last = shown[-1] if len(found) > limit else None
    return Cases(
        rows=tuple(_case(viewer, row, people[ends[row.customer_id]]) for row in shown),
        next_before=None if last is None else (last.value_date, last.pk),
    )


def _case(viewer: Viewer, row: models.Entry, customer: models.Customer) -> Case:
    profile = getattr(customer, "profile", None)
    name = profile.name if profile and access.may(viewer, "see_names") else ""
    return Case(
        id=row.pk,
        customer=access.shown_key(viewer, customer.key),
        name=name or None,
        value_date=row.value_date,
        kind=row.kind,
        source=row.source,
        cost=-sum(min(getattr(row, d), 0) for d in DIMENSIONS) / HUNDREDTHS,
    )


def _require(viewer: Viewer) -> None:
    if viewer.role not in _ROLES:
        raise Denied(
            Text(
                "Ursachen im ganzen Haus sehen Leitung, Administration und Analyse.",
                "Leads, administrators and analysts see reasons of the whole company.",
            )
        )


# ---------------------------------------------------------------------- adding up

_COST = {d: f"CASE WHEN e.{d} < 0 THEN -e.{d} ELSE 0 END" for d in DIMENSIONS}
_ALL = " + ".join(f"({cost})" for cost in _COST.values())
# The condition of the index `entry_withdrawal`, word for word.
_WITHDRAWAL = "e.reverses_id IS NULL AND (e.willing < 0 OR e.able < 0 OR e.assessable < 0)"
_STANDS = "NOT EXISTS (SELECT 1 FROM entry r WHERE r.reverses_id = e.id)"


def _reasons(first: date, until: date) -> Reasons:
    if connection.vendor != "postgresql":
        # A transaction would keep everybody from writing meanwhile.
        return _added_up(first, until)
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorting on disk takes a year of a large ledger a quarter longer.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        return _added_up(first, until)


def _added_up(first: date, until: date) -> Reasons:
    earliest = first - (until - first)
    scene = _scene()
    [[entries, customers, cost, before]] = _grouped(scene, (earliest, first, until))
    days = _summed(scene, "e.value_date", earliest, until)
    silence, silent = raw.fetched(
        "SELECT coalesce(sum(silence), 0), count(*) FROM balance WHERE silence_charges > 0"
    )[0]
    return Reasons(
        first_date=first,
        until_date=until,
        kinds=_causes(scene, "kind", (earliest, first, until)),
        sources=_causes(scene, "source", (earliest, first, until)),
        entries=entries,
        customers=customers,
        cost=cost / HUNDREDTHS,
        before=before / HUNDREDTHS,
        days=tuple((_day(day), points / HUNDREDTHS) for day, points in days),
        silence=silence,
        silent_customers=silent,
    )


def _week(first: date, until: date) -> Week | None:
    earliest = first - timedelta(days=7)
    scene = _scene()
    causes = _causes(scene, "kind", (earliest, first, until), limit=1)
    best = _earned(scene, first, until)
    if not causes and best is None:
        return None
    before = causes[0].before if causes else _grouped(scene, (earliest, first, until))[0][3]
    return Week(
        monday=first,
        cause=causes[0] if causes else None,
        before=before if causes else before / HUNDREDTHS,
        earned=best,
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """Which customers do not count, and which count as another: SQL with its parameters."""

    left_out: str
    left_out_values: tuple[object, ...]
    merged: str
    merged_values: tuple[object, ...]


def _scene() -> _Scene:
    stopped = _not_valued()
    merged = models.Alias.objects.values_list("customer_id", flat=True).distinct()
    ends = {pk: root for pk, root in roots(list(merged)).items() if pk != root}
    if connection.vendor == "postgresql":
        pairs = "SELECT unnest(%s::bigint[]) AS pk, unnest(%s::bigint[]) AS root"
        values: tuple[object, ...] = (list(ends), list(ends.values()))
    else:
        pairs = "SELECT CAST(x.key AS INTEGER) AS pk, x.value AS root FROM json_each(%s) x"
        values = (json.dumps(ends),)
    return _Scene(
        left_out=f" AND NOT ({raw.among('e.customer_id')})" if stopped else "",
        left_out_values=(raw.listed(stopped),) if stopped else (),
        merged=f"LEFT JOIN ({pairs}) m ON m.pk = e.customer_id" if ends else "",
        merged_values=values if ends else (),
    )


def _not_valued() -> list[int]:
    """Return the customers whose accounts are not valued, with those merged into them."""
    rows = raw.fetched(
        "SELECT customer_id FROM processing p WHERE state <> 'normal' AND NOT EXISTS "
        "(SELECT 1 FROM processing n WHERE n.customer_id = p.customer_id AND n.id > p.id)"
    )
    stopped = {pk for (pk,) in rows}
    return sorted(stopped.union(*members(stopped).values()))


def _grouped(
    scene: _Scene, days: tuple[date, date, date], by: str = "", *, limit: int = 1
) -> raw.Rows:
    """Return entries, customers, cost and cost before, of all or by a column, dearest first.

    `days`: where the period before begins, where the period begins, where it ends.
    """
    earliest, first, until = days
    who = "coalesce(m.root, e.customer_id)" if scene.merged else "e.customer_id"
    parts = ", ".join(
        f"coalesce(sum(CASE WHEN e.value_date >= %s THEN {cost} END), 0)" for cost in _COST.values()
    )
    columns = f"""count(CASE WHEN e.value_date >= %s THEN 1 END),
       count(DISTINCT CASE WHEN e.value_date >= %s THEN {who} END),
       coalesce(sum(CASE WHEN e.value_date >= %s THEN {_ALL} END), 0) AS cost,
       coalesce(sum(CASE WHEN e.value_date < %s THEN {_ALL} END), 0)"""
    source = f"""FROM entry e {scene.merged}
WHERE e.value_date >= %s AND e.value_date < %s AND {_WITHDRAWAL} AND {_STANDS}{scene.left_out}"""
    places = (*scene.merged_values, earliest, until, *scene.left_out_values)
    if not by:
        return raw.fetched(f"SELECT {columns} {source}", [first] * 4 + list(places))
    return raw.fetched(
        f"SELECT e.{by}, {columns}, {parts} {source} GROUP BY e.{by} "
        f"ORDER BY cost DESC, e.{by} LIMIT {limit}",
        [first] * (4 + len(_COST)) + list(places),
    )


def _causes(
    scene: _Scene, by: By, days: tuple[date, date, date], *, limit: int = CAUSES_MAX
) -> tuple[Cause, ...]:
    return tuple(
        Cause(
            name=name,
            entries=entries,
            customers=customers,
            costs={d: part / HUNDREDTHS for d, part in zip(DIMENSIONS, parts, strict=True)},
            before=before / HUNDREDTHS,
        )
        for name, entries, customers, cost, before, *parts in _grouped(scene, days, by, limit=limit)
        if cost
    )


def _summed(scene: _Scene, by: str, first: date, until: date) -> raw.Rows:
    return raw.fetched(
        f"""SELECT {by}, sum({_ALL}) FROM entry e
WHERE e.value_date >= %s AND e.value_date < %s AND {_WITHDRAWAL} AND {_STANDS}{scene.left_out}
GROUP BY {by} ORDER BY {by}""",
        [first, until, *scene.left_out_values],
    )


def _earned(scene: _Scene, first: date, until: date) -> Earned | None:
    earned = " + ".join(f"CASE WHEN e.{d} > 0 THEN e.{d} ELSE 0 END" for d in DIMENSIONS)
    rows = raw.fetched(
        f"""SELECT e.kind, sum({earned}) AS points FROM entry e
WHERE e.value_date >= %s AND e.value_date < %s AND e.reverses_id IS NULL AND {_STANDS}{scene.left_out}
GROUP BY e.kind ORDER BY points DESC, e.kind LIMIT 1""",
        [first, until, *scene.left_out_values],
    )
    if not rows or not rows[0][1]:
        return None
    return Earned(kind=rows[0][0], points=rows[0][1] / HUNDREDTHS)


# ---------------------------------------------------------------------- keeping


def _made(days: int, today: date) -> Reasons:
    """Add up a period that ends today, and keep it."""
    stamp = _stamp()
    until = today + _DAY
    started = monotonic()
    told = _reasons(until - timedelta(days=days), until)
    kept = {
        "told": told,
        "accounts": stamp[0],
        "booked": stamp[1],
        "seconds": monotonic() - started,
    }
    cache.set(_name(days), kept, timeout=_KEPT_SECONDS)
    return told


def _name(days: int) -> str:
    return f"reasons:{days}"


def _stamp() -> tuple[tuple[int, int], int]:
    """Return what changes when accounts come or go (at once), and when something is booked."""
    [[processing, alias, entry]] = raw.fetched(
        "SELECT (SELECT coalesce(max(id), 0) FROM processing), "
        "(SELECT coalesce(max(id), 0) FROM alias), (SELECT coalesce(max(id), 0) FROM entry)"
    )
    return (processing, alias), entry


def _day(value: date | str) -> date:
    # SQLite has no type of its own for days.
    return date.fromisoformat(value) if isinstance(value, str) else value
