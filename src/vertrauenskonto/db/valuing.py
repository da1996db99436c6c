# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""What many accounts are worth at once: the engine's text, over the rows of our own tables.

On PostgreSQL the server runs it and no row leaves it; on SQLite the rows go to DuckDB in this
process. Either way it is the text that `engine.scoring` writes, fed with three relations:

    event             the entries, in points; a kind only where it breaches honesty
    account_segment   the accounts asked for, with their segments
    suspension        all versions of their suspensions (only with them)
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
from django.db import connection

from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.engine.rules import ALWAYS, EPOCH, Rules, rules_for
from vertrauenskonto.engine.scoring import scoring_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import PARAMETER_COLUMNS, number, parameter_values, text
from vertrauenskonto.engine.translate import translated

# Columns of the table `balance` and what the engine's output calls them.
COLUMNS: Mapping[str, str] = {
    "customer_id": "account",
    "as_of_date": "as_of",
    "policy": "policy",
    "balance": "balance",
    "silence": "silence",
    "silence_charges": "silence_charges",
    "weakest": "weakest_dimension",
    "weakest_expected": "weakest_expected",
    "weakest_reason": "weakest_reason",
    "verdict": "verdict",
    **{f"verdict_{d}": f"verdict_{d}" for d in DIMENSIONS},
    "below_threshold": "below_threshold",
    "last_contact_date": f"DATE '{date.fromordinal(EPOCH)}' + CAST(last_contact AS INTEGER)",
}
_NO_KIND = ""
# Of so many accounts in a row at least one is asked for, where they are read as a range.
_DENSE = 4


def store(segments: Mapping[int, str], policies: PolicyHistory, *, as_of: date) -> None:
    """Value accounts without merged customers (row number → segment) and store their balances.

    The caller holds the transaction.

    Raises:
        Invalid: a silence fades so slowly that the engine cannot add it up; the core can.
    """
    with_segments = any(version.segments for version in policies.versions)
    rules = rules_for(policies, as_of=as_of, with_segments=with_segments)
    suspended = _suspended(segments)
    for has_suspensions in (False, True):
        part = {pk: s for pk, s in segments.items() if (pk in suspended) == has_suspensions}
        if not part:
            continue
        if connection.vendor == "postgresql":
            _store_on_server(part, rules, as_of, has_suspensions)
        else:
            _store_from_here(part, rules, as_of, has_suspensions)


def _suspended(customer_ids: Collection[int]) -> set[int]:
    ids = list(customer_ids)
    found: set[int] = set()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT DISTINCT customer_id FROM suspension WHERE customer_id = ANY(%s)", [ids]
            )
        else:
            cursor.execute(
                "SELECT DISTINCT customer_id FROM suspension WHERE customer_id IN "
                "(SELECT value FROM json_each(%s))",
                [str(ids)],
            )
        found.update(pk for (pk,) in cursor.fetchall())
    return found


def _shape(rules: Rules, as_of: date, has_suspensions: bool) -> Shape:
    return Shape(
        policy=rules.policy.label,
        as_of=as_of.toordinal() - EPOCH,
        parameters=rules.parameters,
        views=(TOTAL,),
        recorded=False,
        persons=False,
        versions=False,
        suspensions=has_suspensions,
        last_contact=True,
    )


def _text(rules: Rules, as_of: date, *, has_suspensions: bool, event: str, suspension: str) -> str:
    """Return one SELECT of the columns of `balance`, in DuckDB's dialect."""
    body = scoring_sql(_shape(rules, as_of, has_suspensions))
    assert body.startswith("WITH "), "the scoring text has named steps"
    steps = {"event": event, "kind": _kinds(rules), "parameters": _parameters(rules)}
    if has_suspensions:
        steps["suspension"] = suspension
    before = ",\n".join(f"{name} AS NOT MATERIALIZED ({sql})" for name, sql in steps.items())
    listed = ", ".join(f"{theirs} AS {ours}" for ours, theirs in COLUMNS.items())
    return f"SELECT {listed} FROM (WITH {before},\n{body.removeprefix('WITH ')}) scores"


def _honest(rules: Rules) -> list[str]:
    """Return the kinds that breach honesty in some segment; of the others the kind is no matter."""
    versions = [rules.policy.for_segment(segment) for segment in rules.segments]
    return sorted({kind for own in versions for kind in own.kinds if own.is_honesty(kind)})


def _kind_of(rules: Rules) -> str:
    named = ", ".join(text(kind) for kind in _honest(rules))
    return f"CASE WHEN e.kind IN ({named}) THEN e.kind ELSE '' END" if named else "''"


def _kinds(rules: Rules) -> str:
    # Points and contact stand with the entry; the kind only says whether honesty was breached.
    no_points = ", ".join([number(0)] * len(DIMENSIONS))
    rows = [
        f"({text(segment)}, {text(kind)}, {no_points}, FALSE, "
        f"{rules.policy.for_segment(segment).is_honesty(kind)})"
        for segment in rules.segments
        for kind in (_NO_KIND, *_honest(rules))
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


def _in_points() -> str:
    return ", ".join(f"e.{d} / {number(HUNDREDTHS)} AS {d}" for d in DIMENSIONS)


_FIRST = f"DATE '{date.fromordinal(EPOCH)}'"


def _server_text(rules: Rules, as_of: date, has_suspensions: bool, *, is_range: bool) -> str:
    # Said where most accounts of a range are asked for: it is read in one go, not one by one.
    within = (
        """
  AND e.customer_id BETWEEN (SELECT MIN(account) FROM account_segment)
    AND (SELECT MAX(account) FROM account_segment)"""
        if is_range
        else ""
    )
    event = f"""SELECT e.customer_id AS account, e.value_date - {_FIRST} AS day,
  {_kind_of(rules)} AS kind, e.contact, {_in_points()}, e.id, e.reverses_id AS reverses
FROM entry e
WHERE e.customer_id IN (SELECT account FROM account_segment){within}"""
    suspension = f"""SELECT s.customer_id AS account, s.key AS id, s.starts_date - {_FIRST} AS starts,
  COALESCE(s.ends_date - {_FIRST}, {ALWAYS}) AS ends, s.recorded_date - {_FIRST} AS recorded
FROM suspension s WHERE s.customer_id IN (SELECT account FROM account_segment)"""
    asked = _text(rules, as_of, has_suspensions=has_suspensions, event=event, suspension=suspension)
    changed = ", ".join(f"{name} = excluded.{name}" for name in list(COLUMNS)[1:])
    return (
        f"INSERT INTO balance ({', '.join(COLUMNS)}) {_translated(asked)} "
        f"ON CONFLICT (customer_id) DO UPDATE SET {changed}"
    )


@lru_cache(maxsize=16)
def _translated(sql: str) -> str:
    return translated(sql, "postgres")


def _store_on_server(
    segments: Mapping[int, str], rules: Rules, as_of: date, has_suspensions: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE account_segment (account BIGINT PRIMARY KEY, segment TEXT)"
        )
        with cursor.copy("COPY account_segment FROM STDIN") as copy:
            for row in sorted(segments.items()):
                copy.write_row(row)
        cursor.execute("ANALYZE account_segment")
        # Compiling the text takes longer than running it.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        is_range = max(segments) - min(segments) < _DENSE * len(segments)
        if is_range:
            # The planner takes a range for a few rows, and would look up the account of each.
            cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_server_text(rules, as_of, has_suspensions, is_range=is_range))
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("DROP TABLE account_segment")


def _store_from_here(
    segments: Mapping[int, str], rules: Rules, as_of: date, has_suspensions: bool
) -> None:
    event = f"""SELECT e.account, e.day, {_kind_of(rules)} AS kind, e.contact = 1 AS contact,
  {_in_points()}, e.id, NULLIF(e.reverses, 0) AS reverses
FROM entry_here e"""
    asked = _text(
        rules,
        as_of,
        has_suspensions=has_suspensions,
        event=event,
        suspension="SELECT account, id, starts, ends, recorded FROM suspension_here",
    )
    honest = _honest(rules)
    with duckdb.connect() as engine:
        engine.register("entry_here", _entries_here(segments, honest))
        engine.register("suspension_here", _suspensions_here(segments))
        engine.register("account_segment", _columns(list(segments.items()), "account", "segment"))
        rows = engine.execute(asked).fetchall()
    put(rows)


# Any: rows as DuckDB or the core gives them, in the order of `COLUMNS`.
def put(rows: Sequence[tuple[Any, ...]]) -> None:
    """Store balances, one row per customer, in place of those there."""
    names = ", ".join(COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    changed = ", ".join(f"{name} = excluded.{name}" for name in list(COLUMNS)[1:])
    sql = (
        f"INSERT INTO balance ({names}) VALUES ({marks}) "
        f"ON CONFLICT (customer_id) DO UPDATE SET {changed}"
    )
    with connection.cursor() as cursor:
        if len(rows) == 1:
            [row] = _plain(rows)
            cursor.execute(sql, row)
        elif rows:
            cursor.executemany(sql, list(_plain(rows)))


def _plain(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    # Any: a row as DuckDB gives it. The adapter for days that sqlite3 brings along is deprecated.
    for row in rows:
        yield tuple(v.isoformat() if isinstance(v, date) else v for v in row)


# Any: numpy arrays of whatever the columns hold.
def _columns(rows: Sequence[tuple[Any, ...]], *names: str) -> dict[str, Any]:
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return {
        name: np.array(values, dtype=object if values and isinstance(values[0], str) else np.int64)
        for name, values in zip(names, turned, strict=True)
    }


def _entries_here(customer_ids: Collection[int], honest: Sequence[str]) -> dict[str, Any]:
    """Return the entries as arrays of whole numbers; a kind is its place among the `honest`."""
    names = ("account", "day", "contact", *DIMENSIONS, "id", "reverses")
    marks = ", ".join(["%s"] * len(honest))
    kind = f"CASE WHEN kind IN ({marks}) THEN kind ELSE '' END" if honest else "''"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, CAST(julianday(value_date) - 2440587.5 AS INTEGER), contact, "
            f"{', '.join(DIMENSIONS)}, id, COALESCE(reverses_id, 0), {kind} FROM entry "
            "WHERE customer_id IN (SELECT value FROM json_each(%s))",
            [*honest, str(list(customer_ids))],
        )
        rows = cursor.fetchall()
    numbers = np.array([row[:-1] for row in rows], dtype=np.int64).reshape(len(rows), len(names))
    found: dict[str, Any] = {name: numbers[:, n].copy() for n, name in enumerate(names)}
    found["kind"] = np.array([row[-1] for row in rows], dtype=object)
    return found


def _suspensions_here(customer_ids: Collection[int]) -> dict[str, Any]:
    day = "CAST(julianday({}) - 2440587.5 AS INTEGER)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, {day.format('starts_date')}, "
            f"COALESCE({day.format('ends_date')}, {ALWAYS}), {day.format('recorded_date')}, key "
            "FROM suspension WHERE customer_id IN (SELECT value FROM json_each(%s))",
            [str(list(customer_ids))],
        )
        rows = cursor.fetchall()
    return _columns(rows, "account", "starts", "ends", "recorded", "id")
