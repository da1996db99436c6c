"""Booking in an import: points for all events at once, and by the core where history matters.

The mass is a join with the kinds of the version in force on the recorded day. Only accounts with a
purchasable kind or a renegotiated promise go through the core's `book`, in order of recording.
Points of the file are refused where these rules would have to change them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from vertrauenskonto.core.ledger.booking import book, needs_history
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Entry
from vertrauenskonto.core.ledger.kinds import PROMISE_RENEGOTIATED, base_kind
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.text_files import literal, quoted
from vertrauenskonto.importers.mapping import FileMapping

_ROWS_PER_INSERT = 500


def create_kinds(connection: duckdb.DuckDBPyConnection, policy: PolicyHistory) -> None:
    """Create `vk_kinds`: what each kind gives, for each version and segment."""
    points = ", ".join(f"points_{d} DOUBLE" for d in DIMENSIONS)
    connection.execute(
        f"CREATE TABLE vk_kinds (vk_version INTEGER, segment VARCHAR, kind VARCHAR, "
        f"contact BOOLEAN, {points}, needs_history BOOLEAN, starts_history BOOLEAN, purchasable BOOLEAN, policy VARCHAR)"
    )
    _insert(connection, "vk_kinds", list(_kind_rows(policy)))


def version_sql(policy: PolicyHistory) -> str:
    """Return SQL for the position of the version in force on the day `recorded`."""
    later = list(enumerate(policy.versions))[1:]
    cases = " ".join(
        f"WHEN recorded >= DATE {literal(version.valid_from.isoformat())} THEN {index}"
        for index, version in reversed(later)
    )
    return f"CASE {cases} ELSE 0 END" if cases else "0"


def segment_sql(policy: PolicyHistory, mapping: FileMapping) -> str:
    """Return SQL for a row's segment under version `vk_version`, from columns declared for it."""
    columns = {c.name.casefold(): c.name for c in mapping.columns if c.role == "segment"}
    cases = []
    for index, version in enumerate(policy.versions):
        for segment in version.segments:
            name = columns.get(segment.column.casefold())
            if name is not None and segment.values:
                values = ", ".join(map(literal, segment.values))
                cases.append(
                    f"WHEN vk_version = {index} AND CAST({quoted(name)} AS VARCHAR) IN ({values}) "
                    f"THEN {literal(segment.name)}"
                )
    return f"CASE {' '.join(cases)} ELSE '' END" if cases else "''"


def book_with_history(connection: duckdb.DuckDBPyConnection, policy: PolicyHistory) -> int:
    """Correct the points in `vk_events` where earlier entries matter; return how many."""
    found = connection.execute(
        "WITH concerned AS (SELECT DISTINCT e.account FROM vk_events e "
        "JOIN vk_kinds k USING (vk_version, segment, kind) WHERE k.starts_history) "
        "SELECT e.account, e.vk_row, e.block, e.id, e.kind, e.day, e.recorded, e.promise, "
        "e.reverses, e.segment "
        "FROM vk_events e JOIN concerned USING (account) "
        "LEFT JOIN vk_kinds k USING (vk_version, segment, kind) "
        "WHERE e.reverses IS NOT NULL OR k.needs_history "
        "ORDER BY e.account, e.recorded, e.day, e.vk_row, e.block"
    ).fetchall()
    changed = [
        row
        for _, rows in groupby(found, key=itemgetter(0))
        for row in _rebooked(list(rows), policy)
    ]
    if changed:
        points = ", ".join(f"points_{d} DOUBLE" for d in DIMENSIONS)
        connection.execute(
            f"CREATE TABLE vk_rebooked (vk_row BIGINT, block INTEGER, {points}, remark VARCHAR)"
        )
        _insert(connection, "vk_rebooked", changed)
        values = ", ".join(f"points_{d} = b.points_{d}" for d in DIMENSIONS)
        connection.execute(
            f"UPDATE vk_events SET {values}, remark = b.remark FROM vk_rebooked b "
            "WHERE vk_events.vk_row = b.vk_row AND vk_events.block = b.block"
        )
    return len(changed)


def event_table_sql(drafts: Sequence[str]) -> str:
    """Return SQL that makes `vk_events` from drafts: with points, and a problem for each wrong one."""
    none = (
        "SELECT NULL::BIGINT vk_row, 0 AS block, '' AS account, NULL::DATE AS day, "
        "NULL::DATE AS recorded, '' AS id, '' AS target, '' AS promise, '' AS note, "
        + "".join(f"NULL::DOUBLE AS given_{d}, " for d in DIMENSIONS)
        + "NULL::VARCHAR AS reverses, '' AS kind, '' AS shown_kind, NULL::VARCHAR[] AS missing, "
        "0 AS vk_version, '' AS segment, "
        "NULL::STRUCT(code VARCHAR, field VARCHAR, value VARCHAR)[] AS problems LIMIT 0"
    )
    union = "\nUNION ALL BY NAME ".join(drafts or [none])
    given = " OR ".join(f"d.given_{dimension} IS NOT NULL" for dimension in DIMENSIONS)
    points = ", ".join(
        f"CASE WHEN d.reverses IS NOT NULL THEN NULL WHEN {given} THEN coalesce(d.given_{x}, 0) "
        f"ELSE k.points_{x} END AS points_{x}"
        for x in DIMENSIONS
    )
    # A reversal needs no kind, has no points and is no contact (TA-1 11.1).
    return (
        "CREATE TABLE vk_events AS SELECT d.* REPLACE ("
        "CASE WHEN d.reverses IS NULL THEN d.kind END AS kind, list_concat(d.problems, "
        "CASE WHEN d.reverses IS NULL AND d.kind IS NOT NULL AND k.kind IS NULL "
        "AND d.recorded IS NOT NULL AND len(d.missing) = 0 "
        "THEN [{'code': 'unknown_kind', 'field': 'kind', 'value': d.kind}] ELSE [] END, "
        f"CASE WHEN d.reverses IS NOT NULL AND ({given}) "
        "THEN [{'code': 'reversal_with_points', 'field': 'reverses', 'value': d.id}] ELSE [] END, "
        # Points of the file would pass by the rules that look back.
        f"CASE WHEN ({given}) AND (k.purchasable OR (k.needs_history AND d.promise IS NOT NULL)) "
        "THEN [{'code': 'points_by_rule', 'field': 'points', 'value': d.kind}] ELSE [] END"
        ") AS problems), "
        f"coalesce(k.contact AND d.reverses IS NULL, false) AS contact, {points}, "
        "CAST(NULL AS VARCHAR) AS remark, "
        f"CASE WHEN d.reverses IS NULL AND NOT ({given}) THEN k.policy END AS policy\n"
        f"FROM ({union}) d LEFT JOIN vk_kinds k ON k.vk_version = d.vk_version "
        "AND k.segment = d.segment AND k.kind = d.kind"
    )


def outcome_table_sql(drafts: Sequence[str]) -> str:
    """Return SQL that makes `vk_outcomes` from drafts."""
    none = (
        "SELECT NULL::BIGINT vk_row, 0 AS block, '' AS account, '' AS outcome, "
        "NULL::DATE AS day, NULL::DATE AS recorded, NULL::DOUBLE AS value, '' AS id, "
        "NULL::STRUCT(code VARCHAR, field VARCHAR, value VARCHAR)[] AS problems LIMIT 0"
    )
    return f"CREATE TABLE vk_outcomes AS {' UNION ALL BY NAME '.join(drafts or [none])}"


def _kind_rows(policy: PolicyHistory) -> Iterator[tuple[object, ...]]:
    for index, version in enumerate(policy.versions):
        for segment in ("", *(s.name for s in version.segments)):
            for kind in version.for_segment(segment).kinds.values():
                points = (kind.points.get(d, 0.0) for d in DIMENSIONS)
                starts = kind.purchasable or base_kind(kind.name) == PROMISE_RENEGOTIATED
                yield (
                    index,
                    segment,
                    kind.name,
                    kind.contact,
                    *points,
                    needs_history(kind),
                    starts,
                    kind.purchasable,
                    version.label,
                )


def _rebooked(
    rows: Sequence[tuple[Any, ...]],  # rows come untyped from DuckDB
    policy: PolicyHistory,
) -> Iterator[tuple[object, ...]]:
    """Book the events of one account in order, and yield those that the rules changed."""
    booked: list[Entry] = []
    for row in rows:
        _, vk_row, block, event_id, kind, day, recorded, promise, reverses, segment = row
        draft = _draft(event_id, kind or "", day, recorded, promise or "")
        if reverses is not None:
            booked.append(replace(draft, reverses=reverses))
            continue
        entry = book(draft, booked, policy.in_force(recorded).for_segment(segment))
        booked.append(entry)
        if entry.remark:
            points = {posting.dimension: posting.points for posting in entry.postings}
            yield (vk_row, block, *(points.get(d, 0.0) for d in DIMENSIONS), entry.remark)


def _draft(event_id: str, kind: str, day: date, recorded: date, promise: str) -> Entry:
    return Entry(id=event_id, kind=kind, on=day, recorded=recorded, promise=promise)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    # One statement for many rows: executemany takes a hundred times as long.
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        some = rows[start : start + _ROWS_PER_INSERT]
        marks = f"({', '.join('?' * len(some[0]))})"
        values = [value for row in some for value in row]
        connection.execute(f"INSERT INTO {table} VALUES {', '.join([marks] * len(some))}", values)
