"""Events that lie in a PostgreSQL table: checked and valued where they are, never changed.

What the engine says to DuckDB about events in files is said to the server, translated, about a
temporary copy that the server makes of the columns that count; so the same rules leave out the same
rows, and no event leaves the server.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertrauenskonto.core.errors import Invalid, NotFound, Text, did_you_mean
from vertrauenskonto.engine.sources import Source
from vertrauenskonto.engine.tables import EVENT_COLUMNS
from vertrauenskonto.engine.text_files import quoted
from vertrauenskonto.engine.translate import translated

if TYPE_CHECKING:
    import psycopg

PREFIX = "table:"
_COPY = "events"

# What the server calls a type, and what DuckDB does; the engine's text asks for the latter.
_TYPES = {
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "character": "VARCHAR",
    "uuid": "VARCHAR",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "numeric": "DOUBLE",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
}
# A server of any age refuses a whole query for one unreadable text, so the types must be right.
_DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
_NUMBERS = ("SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "day": _DAYS,
    "recorded": _DAYS,
    "contact": ("BOOLEAN",),
    "points_willing": _NUMBERS,
    "points_able": _NUMBERS,
    "points_assessable": _NUMBERS,
}


class Server:
    """Runs DuckDB statements on a PostgreSQL server, with the two methods of a DuckDB connection."""

    def __init__(self, connection: "psycopg.Connection") -> None:
        self._cursor = connection.cursor()

    def execute(self, statement: str) -> "Server":
        """Run one statement."""
        self._cursor.execute(translated(statement, "postgres").encode())
        return self

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """Return the rows of the statement run last."""
        return self._cursor.fetchall()


def source_of_table(connection: "psycopg.Connection", name: str) -> Source:
    """Return the table or view `schema.name` of a server as a source of events.

    Raises:
        NotFound: there is none, or no right to read it.
        Invalid: a column has a type from which its meaning cannot be read.
    """
    table = _table(connection, name)
    found = connection.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    ).fetchall()
    columns = {
        column: _TYPES.get(kind, "VARCHAR") for column, kind in found if column in EVENT_COLUMNS
    }
    wrong = [(column, kind) for column, kind in found if not _fits(column, columns.get(column))]
    if wrong:
        raise _wrong_type(name, *wrong[0])
    for setting in ("synchronize_seqscans = off", "max_parallel_workers_per_gather = 0"):
        # Rows are numbered in the order in which they lie; both would start somewhere else.
        connection.execute(f"SET {setting}")
    listed = ", ".join(
        [_read(column, kind) for column, kind in columns.items()] or ["NULL AS none"]
    )
    connection.execute(
        f"CREATE TEMPORARY TABLE {_COPY} AS "
        f"SELECT ROW_NUMBER() OVER () AS line, {listed} FROM {table}".encode()
    )
    connection.execute("RESET max_parallel_workers_per_gather")
    connection.execute(f"ANALYZE {_COPY}")
    return Source(name=f"{PREFIX}{name}", sql=_COPY, line="line", columns=columns)


def _table(connection: "psycopg.Connection", name: str) -> str:
    """Return the table's name as the server writes it, quoted where needed."""
    found = connection.execute("SELECT to_regclass(%s)::text", [name]).fetchone()
    table = None if found is None else found[0]
    if table is None:
        known = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        near = did_you_mean(name, [row[0] for row in known])
        raise NotFound(
            Text(
                de=f"Eine Tabelle „{name}“ gibt es auf diesem Server nicht.{near.de}",
                en=f"This server has no table '{name}'.{near.en}",
            )
        )
    return str(table)


def _fits(column: str, kind: str | None) -> bool:
    return column not in _NEEDED or kind in _NEEDED[column]


def _read(column: str, kind: str) -> str:
    """Return a column in a form in which the server and DuckDB mean the same."""
    name = quoted(column)
    if kind in ("DATE", "TIMESTAMP"):
        # PostgreSQL has days without an end, which cannot be counted.
        return f"CASE WHEN isfinite({name}) THEN {name}::date END AS {name}"
    if kind in ("VARCHAR", "TIMESTAMP WITH TIME ZONE"):
        return f"{name}::text AS {name}" if kind == "VARCHAR" else f"{name}"
    return f"{name}::double precision AS {name}" if kind in _NUMBERS else name


def _wrong_type(name: str, column: str, kind: str) -> Invalid:
    needed = " / ".join(_NEEDED[column])
    return Invalid(
        Text(
            de=f"{PREFIX}{name}: die Spalte „{column}“ hat den Typ {kind}; nötig ist {needed}. "
            "Eine Sicht (CREATE VIEW), die den Typ umwandelt, genügt.",
            en=f"{PREFIX}{name}: the column '{column}' has the type {kind}; it must be {needed}. "
            "A view (CREATE VIEW) that casts it will do.",
        )
    )
