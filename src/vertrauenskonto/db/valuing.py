# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""What many accounts are worth at once: the engine's text, over the rows of our own tables.

The entries come as whole numbers (PostgreSQL packs those of an account into one value, which numpy
reads as it is) and go to DuckDB in this process. It is the text that `engine.scoring` writes, fed
with three relations:

    event             the entries, in points; a kind only where it breaches honesty
    account_segment   the accounts asked for, with their segments
    suspension        all versions of their suspensions (only with them)

One reading gives what an account is worth today, what it was worth some weeks before, and until
when it suffices.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
from django.db import connection

from vertrauenskonto.core.ledger.balance import RUNWAY_DAYS_MAX
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import raw
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.engine.rules import ALWAYS, EPOCH, Rules, rules_for
from vertrauenskonto.engine.runway import create_runway
from vertrauenskonto.engine.scoring import balances_sql, scoring_sql, sums_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import (
    PARAMETER_COLUMNS,
    RUNWAY_COLUMN,
    number,
    parameter_values,
    text,
)

_FIRST = f"DATE '{date.fromordinal(EPOCH)}'"
# Columns of the table `balance` and what they are in the engine's output `s`, `b` being before.
COLUMNS: Mapping[str, str] = {
    "customer_id": "s.account",
    "as_of_date": "s.as_of",
    "policy": "s.policy",
    "segment": "a.named",
    "balance": "s.balance",
    "silence": "s.silence",
    "silence_charges": "s.silence_charges",
    "weakest": "s.weakest_dimension",
    "weakest_expected": "s.weakest_expected",
    "weakest_reason": "s.weakest_reason",
    "verdict": "s.verdict",
    **{f"verdict_{d}": f"s.verdict_{d}" for d in DIMENSIONS},
    "below_threshold": "s.below_threshold",
    "last_contact_date": f"{_FIRST} + CAST(s.last_contact AS INTEGER)",
    "falls_date": f"s.as_of + CAST(s.{RUNWAY_COLUMN} AS INTEGER)",
    "looked_until_date": "{until}",
    "earlier_date": "CASE WHEN b.balance IS NOT NULL THEN {earlier} END",
    "earlier_balance": "b.balance",
    "change": "s.balance - b.balance",
}
# Accounts read in one go: memory for some hundred thousand entries.
_CHUNK = 20_000
_FEW = 2000
# Of so many accounts in a row at least one is asked for, where they are read as a range.
_DENSE = 4
_ENTRY = ("account", "day", "contact", *DIMENSIONS, "id", "reverses", "kind")


def earlier_day(as_of: date) -> date:
    """Return the Monday four weeks before: the day that a change is measured from."""
    before = as_of - timedelta(days=28)
    return before - timedelta(days=before.weekday())


def looked_until(as_of: date) -> date:
    """Return the last day that a run-way looks at."""
    return as_of + min(timedelta(days=RUNWAY_DAYS_MAX), date.max - as_of)


def store(segments: Mapping[int, str], policies: PolicyHistory, *, as_of: date) -> None:
    """Value accounts without merged customers (row number → segment) and store their balances.

    The caller holds the transaction.

    Raises:
        Invalid: a silence fades so slowly that the engine cannot add it up; the core can.
    """
    with_segments = any(version.segments for version in policies.versions)
    rules = rules_for(policies, as_of=as_of, with_segments=with_segments)
    suspended = _suspended(segments)
    # Suspensions cost where there are many accounts; preparing the engine twice, where there are few.
    if suspended and len(segments) <= _FEW:
        suspended = set(segments)
    for has_suspensions in (False, True):
        part = [pk for pk in sorted(segments) if (pk in suspended) == has_suspensions]
        for start in range(0, len(part), _CHUNK):
            chunk = {pk: segments[pk] for pk in part[start : start + _CHUNK]}
            _store(chunk, rules, as_of, has_suspensions=has_suspensions)


def _suspended(customer_ids: Collection[int]) -> set[int]:
    sql = f"SELECT DISTINCT customer_id FROM suspension WHERE {raw.among('customer_id')}"
    return {pk for (pk,) in raw.fetched(sql, [raw.listed(customer_ids)])}


def _store(
    segments: Mapping[int, str], rules: Rules, as_of: date, *, has_suspensions: bool
) -> None:
    shape = Shape(
        policy=rules.policy.label,
        as_of=as_of.toordinal() - EPOCH,
        parameters=rules.parameters,
        views=(TOTAL,),
        recorded=False,
        persons=False,
        versions=False,
        suspensions=has_suspensions,
        runway=True,
        last_contact=True,
    )
    with duckdb.connect() as engine:
        engine.register("entry_here", _entries_here(segments, _honest(rules)))
        engine.execute(f"CREATE TABLE event AS {_EVENT}")
        engine.unregister("entry_here")
        engine.execute(f"CREATE TABLE kind AS {_kinds(rules)}")
        engine.execute(f"CREATE TABLE parameters AS {_parameters(rules)}")
        engine.register("suspension", _suspensions_here(segments))
        engine.register("account_segment", _segments_here(segments, rules))
        asked = _answer(engine, shape, as_of)
        if connection.vendor == "postgresql":
            _copy(engine, asked)
        else:
            put(engine.execute(asked).fetchall())


def _answer(engine: duckdb.DuckDBPyConnection, shape: Shape, as_of: date) -> str:
    """Prepare the steps as tables and return one SELECT of `COLUMNS`."""
    earlier, until = earlier_day(as_of), looked_until(as_of)
    engine.execute(f"CREATE TABLE sums AS {sums_sql(shape)}")
    create_runway(engine, shape)
    engine.execute(f"CREATE TABLE begun AS {_begun(earlier)}")
    past = replace(shape, as_of=earlier.toordinal() - EPOCH)
    engine.execute(
        "CREATE TABLE before AS SELECT p.account, p.balance "
        f"FROM ({balances_sql(past)}) p JOIN begun USING (account)"
    )
    days = {"until": f"DATE '{until}'", "earlier": f"DATE '{earlier}'"}
    listed = ", ".join(f"{theirs.format(**days)} AS {ours}" for ours, theirs in COLUMNS.items())
    return (
        f"SELECT {listed} FROM ({scoring_sql(shape, given=('sums',))}) s "
        "JOIN account_segment a ON a.account = s.account "
        "LEFT JOIN before b ON b.account = s.account"
    )


_EVENT = f"""SELECT account, CAST(day AS INTEGER) AS day, kind, contact = 1 AS contact,
  {", ".join(f"{d} / {number(HUNDREDTHS)} AS {d}" for d in DIMENSIONS)},
  id, NULLIF(reverses, 0) AS reverses
FROM entry_here"""


def _begun(day: date) -> str:
    """The accounts in which something had happened by a day."""
    return f"""SELECT DISTINCT e.account FROM event e
WHERE e.day <= {day.toordinal() - EPOCH} AND e.reverses IS NULL
  AND e.id NOT IN (SELECT reverses FROM event WHERE reverses IS NOT NULL)"""


def _honest(rules: Rules) -> list[str]:
    """Return the kinds that breach honesty in some segment; of the others the kind is no matter."""
    versions = [rules.policy.for_segment(segment) for segment in rules.segments]
    return sorted({kind for own in versions for kind in own.kinds if own.is_honesty(kind)})


def _kinds(rules: Rules) -> str:
    """Kinds by their place among the honest ones, 0 for all others.

    Points and contact stand with the entry; the kind only says whether honesty was breached.
    """
    no_points = ", ".join([number(0)] * len(DIMENSIONS))
    rows = [
        f"({text(segment)}, {place}, {no_points}, FALSE, "
        f"{bool(kind) and rules.policy.for_segment(segment).is_honesty(kind)})"
        for segment in rules.segments
        for place, kind in enumerate(("", *_honest(rules)))
    ]
    names = ", ".join(("segment", "kind", *DIMENSIONS, "contact", "honesty"))
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS k({names})"


def _parameters(rules: Rules) -> str:
    rows = []
    for segment in rules.segments:
        values = parameter_values(rules.policy.for_segment(segment).parameters)
        listed = [
            str(values[name]) if kind == "INTEGER" else number(values[name])
            for name, kind in PARAMETER_COLUMNS.items()
        ]
        rows.append(f"({', '.join([text(segment), *listed])})")
    names = ", ".join(("segment", *PARAMETER_COLUMNS))
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS p({names})"


def _segments_here(segments: Mapping[int, str], rules: Rules) -> dict[str, Any]:
    """Return the accounts with the segment they are in, and the one whose rules there are."""
    return {
        "account": np.fromiter(segments, dtype=np.int64, count=len(segments)),
        "named": np.array(list(segments.values()), dtype=object),
        "segment": np.array(
            [name if name in rules.segments else "" for name in segments.values()], dtype=object
        ),
    }


def _entries_here(customer_ids: Collection[int], honest: Sequence[str]) -> dict[str, Any]:
    """Return the entries as arrays of whole numbers; a kind is its place among the `honest`."""
    if connection.vendor == "postgresql":
        return _entries_of_server(customer_ids, honest)
    cases = "".join(f" WHEN %s THEN {place}" for place in range(1, len(honest) + 1))
    kind = f"CASE kind{cases} ELSE 0 END" if honest else "0"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, CAST(julianday(value_date) - 2440587.5 AS INTEGER), contact, "
            f"{', '.join(DIMENSIONS)}, id, COALESCE(reverses_id, 0), {kind} FROM entry "
            "WHERE customer_id IN (SELECT value FROM json_each(%s))",
            [*honest, str(list(customer_ids))],
        )
        rows = cursor.fetchall()
    numbers = np.array(rows, dtype=np.int64).reshape(len(rows), len(_ENTRY))
    return {name: numbers[:, n].copy() for n, name in enumerate(_ENTRY)}


def _entries_of_server(customer_ids: Collection[int], honest: Sequence[str]) -> dict[str, Any]:
    """Return the entries as the server packs them: the driver would take longer, row by row."""
    cases = "".join(f" WHEN %s THEN {place}" for place in range(1, len(honest) + 1))
    kind = f"CASE kind{cases} ELSE 0 END" if honest else "0"
    columns = ["customer_id", f"value_date - {_FIRST}", "contact::int", *DIMENSIONS, "id"]
    columns += ["COALESCE(reverses_id, 0)", kind]
    packed = " || ".join(f"int8send({column})" for column in columns)
    first, last = min(customer_ids), max(customer_ids)
    is_range = last - first < _DENSE * len(customer_ids)
    # Where most accounts of a range are asked for, it is read in one go, not one by one.
    among = "BETWEEN %s AND %s" if is_range else "= ANY(%s)"
    values = [first, last] if is_range else [list(customer_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT string_agg({packed}, '') FROM entry WHERE customer_id {among} "
            "GROUP BY customer_id",
            [*honest, *values],
        )
        data = b"".join(value for (value,) in cursor.fetchall())
    found = np.frombuffer(data, dtype=">i8").reshape(-1, len(_ENTRY)).astype(np.int64)
    if is_range:
        wanted = np.zeros(last - first + 1, dtype=bool)
        wanted[np.fromiter(customer_ids, dtype=np.int64) - first] = True
        found = found[wanted[found[:, 0] - first]]
    return {name: found[:, n].copy() for n, name in enumerate(_ENTRY)}


def _suspensions_here(customer_ids: Collection[int]) -> dict[str, Any]:
    day = "CAST(julianday({}) - 2440587.5 AS INTEGER)"
    if connection.vendor == "postgresql":
        day = f"{{}} - {_FIRST}"
    rows = raw.fetched(
        f"SELECT customer_id, {day.format('starts_date')}, "
        f"COALESCE({day.format('ends_date')}, {ALWAYS}), {day.format('recorded_date')}, key "
        f"FROM suspension WHERE {raw.among('customer_id')}",
        [raw.listed(customer_ids)],
    )
    names = ("account", "starts", "ends", "recorded", "id")
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return {
        name: np.array(values, dtype=object if name == "id" else np.int64)
        for name, values in zip(names, turned, strict=True)
    }


def _copy(engine: duckdb.DuckDBPyConnection, asked: str) -> None:
    """Store the rows on the server: written as CSV by the engine, and put in place by one INSERT."""
    fields = ", ".join(f"COALESCE({_field(name)}, '')" for name in COLUMNS)
    lines = engine.execute(f"SELECT concat_ws(',', {fields}) FROM ({asked})").fetchall()
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE valued (LIKE balance)")
        with cursor.copy(f"COPY valued ({names}) FROM STDIN (FORMAT CSV)") as copy:
            copy.write("\n".join(line for (line,) in lines))
        cursor.execute(
            f"INSERT INTO balance ({names}) SELECT {names} FROM valued ORDER BY customer_id "
            f"ON CONFLICT (customer_id) DO UPDATE SET {_changed()}"
        )
        cursor.execute("DROP TABLE valued")


def _field(name: str) -> str:
    if name in ("policy", "segment"):
        # In quotes: nothing between them is an empty text, not an unknown one.
        return f"""'"' || replace({name}, '"', '""') || '"'"""
    return f"CAST({name} AS VARCHAR)"


# Any: rows as DuckDB or the core gives them, in the order of `COLUMNS`.
def put(rows: Sequence[tuple[Any, ...]]) -> None:
    """Store balances, one row per customer, in place of those there."""
    names = ", ".join(COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    sql = (
        f"INSERT INTO balance ({names}) VALUES ({marks}) "
        f"ON CONFLICT (customer_id) DO UPDATE SET {_changed()}"
    )
    with connection.cursor() as cursor:
        if len(rows) == 1:
            [row] = _plain(rows)
            cursor.execute(sql, row)
        elif rows:
            cursor.executemany(sql, list(_plain(rows)))


def _changed() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in list(COLUMNS)[1:])


def _plain(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    # Any: a row as DuckDB gives it. The adapter for days that sqlite3 brings along is deprecated.
    for row in rows:
        yield tuple(v.isoformat() if isinstance(v, date) else v for v in row)
