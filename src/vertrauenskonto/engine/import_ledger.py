"""What an import hands on to a ledger: its events in the order in which they are to be booked."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import duckdb

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.import_problems import Wording
from vertrauenskonto.engine.import_promises import ImportedPromise, promises_of
from vertrauenskonto.engine.import_report import ImportReport, count_of
from vertrauenskonto.engine.text_files import quoted
from vertrauenskonto.importers.mapping import FileMapping

# What DuckDB hands to Python at once.
_ROWS_AT_ONCE = 10_000
# How the columns of `vk_rows` begin that hold a file's cells as they stand.
RAW = "vk_raw_"


# A tuple rather than a frozen dataclass: an import has millions of them.
class ImportedEvent(NamedTuple):
    """One event as a file tells it, not yet booked; `id` and `reverses` are the source's own.

    `row` is its number in the import, for `Imported.places`.
    """

    account: str
    id: str
    kind: str
    day: date
    recorded: date
    target: str
    promise: str
    note: str
    reverses: str | None
    row: int


class Imported:
    """A finished import: what was found, and its events to be booked elsewhere."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        report: ImportReport,
        wording: Wording,
        *,
        mapping: FileMapping,
    ) -> None:
        self._connection = connection
        self._wording = wording
        self._columns = _segment_columns(mapping, wording.policy)
        self.report = report
        self.source = mapping.source
        self.time_zone = mapping.time_zone

    @property
    def count(self) -> int:
        """How many events there are."""
        return count_of(self._connection, "vk_events")

    def events(self, size: int) -> Iterator[list[ImportedEvent]]:
        """Yield the events, so many at once: by account, then as they became known.

        A reversal comes after what it reverses, whatever days the file claims.
        """
        # Its own cursor: other questions may be asked meanwhile.
        cursor = self._connection.cursor()
        cursor.execute(_events_sql(prefix=len(self.source) + 1))
        waiting: list[ImportedEvent] = []
        while rows := cursor.fetchmany(min(size, _ROWS_AT_ONCE)):
            waiting += map(ImportedEvent._make, rows)
            if len(waiting) >= size:
                yield waiting[:size]
                waiting = waiting[size:]
        if waiting:
            yield waiting

    @property
    def promise_count(self) -> int:
        """How many promises there are."""
        return count_of(self._connection, "vk_promises")

    def promises(self, size: int) -> Iterator[list[ImportedPromise]]:
        """Yield the promises, so many at once: by account, then as they were made."""
        return promises_of(self._connection, self.source, size)

    def accounts(self, size: int) -> Iterator[list[str]]:
        """Yield the accounts that have events, so many at once."""
        yield from self._lists("SELECT DISTINCT account FROM vk_events ORDER BY account", size)

    def ids(self, size: int) -> Iterator[list[str]]:
        """Yield the source's own ids of the events, so many at once."""
        # As in `events`: they begin with the source.
        yield from self._lists(f"SELECT substr(id, {len(self.source) + 2}) FROM vk_events", size)

    def sample(self, limit: int) -> list[tuple[int, dict[str, str], list[dict[str, Any]]]]:
        """Return the first rows: their line, the columns as they stand, the events they lead to.

        The events are as `ImportReport.preview` holds them.
        """
        found = self._connection.execute("DESCRIBE vk_rows").fetchall()
        columns = [row[0] for row in found if row[0].startswith(RAW)]
        listed = "".join(f", coalesce(vk_text({quoted(c)}), '')" for c in columns)
        rows = self._connection.execute(
            f"SELECT vk_row, coalesce(vk_line, vk_row){listed} FROM vk_rows ORDER BY vk_row LIMIT ?",
            [limit],
        ).fetchall()
        events = self._connection.execute(
            "SELECT vk_row, account, kind, day, points_willing, points_able, points_assessable "
            "FROM vk_events WHERE list_contains(?, vk_row) ORDER BY vk_row, block",
            [[row[0] for row in rows]],
        ).fetchall()
        names = ("account", "kind", "day", "willing", "able", "assessable")
        led: dict[int, list[dict[str, Any]]] = {}
        for number, *event in events:
            led.setdefault(number, []).append(dict(zip(names, event, strict=True)))
        plain = [column.removeprefix(RAW) for column in columns]
        return [
            (line, dict(zip(plain, cells, strict=True)), led.get(number, []))
            for number, line, *cells in rows
        ]

    def _lists(self, sql: str, size: int) -> Iterator[list[str]]:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        while rows := cursor.fetchmany(size):
            yield [row[0] for row in rows]

    def attributes(self, first: str, last: str) -> dict[str, dict[str, str]]:
        """Return what the columns that rules of segments read say of the accounts of a range.

        Where rows of an account differ, the one known last counts.
        """
        if not self._columns:
            return {}
        latest = ", ".join(
            f"arg_max(CAST(t.{quoted(c)} AS VARCHAR), (e.recorded, e.day, e.vk_row))"
            for c in self._columns
        )
        rows = self._connection.execute(
            f"SELECT e.account, {latest} FROM vk_events e JOIN vk_typed t USING (vk_row) "
            "WHERE e.account BETWEEN ? AND ? GROUP BY e.account",
            [first, last],
        ).fetchall()
        return {
            account: {
                name: value for name, value in zip(self._columns, values, strict=True) if value
            }
            for account, *values in rows
        }

    def places(self, rows: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Return file and line of rows, by their number."""
        found = self._connection.execute(
            "SELECT vk_row, coalesce(vk_file, ?), coalesce(vk_line, vk_row) FROM vk_rows "
            "WHERE list_contains(?, vk_row)",
            [self._wording.file, list(rows)],
        ).fetchall()
        return {row: (file, line) for row, file, line in found}


def leave_out_given_points(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave out events that bring points of their own: a ledger takes those of its policy."""
    given = " OR ".join(f"given_{d} IS NOT NULL" for d in DIMENSIONS)
    connection.execute(
        "INSERT INTO vk_problems SELECT vk_row, 'points_of_file', 'points', kind, NULL "
        f"FROM vk_events WHERE {given}"
    )
    connection.execute(f"DELETE FROM vk_events WHERE {given}")


def _segment_columns(mapping: FileMapping, policy: PolicyHistory) -> list[str]:
    read = {s.column.casefold() for version in policy.versions for s in version.segments}
    return [c.name for c in mapping.columns if c.role == "segment" and c.name.casefold() in read]


def _later(column: str) -> str:
    return f"greatest(e.{column}, coalesce(r.{column}, e.{column}))"


def _events_sql(*, prefix: int) -> str:
    """Return the SELECT of the events; their ids begin with the source, `prefix` characters."""
    return f"""SELECT e.account, substr(e.id, {prefix + 1}), coalesce(e.kind, ''), e.day, e.recorded,
  e.target, coalesce(e.promise, ''), coalesce(e.note, ''), substr(e.reverses, {prefix + 1}), e.vk_row
FROM vk_events e LEFT JOIN vk_events r ON r.id = e.reverses AND r.account = e.account
ORDER BY e.account, {_later("recorded")}, {_later("day")}, {_later("vk_row")}, {_later("block")},
  e.reverses IS NOT NULL"""
