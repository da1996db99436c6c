"""Where the database is, as a value that another process can open, and reading it as of one instant.

Nothing here knows Django: processes that only read start in a moment.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

FETCHED_AT_ONCE = 2_000


class Cursor(Protocol):
    """What both drivers' cursors can do."""

    def fetchmany(self, size: int) -> list[Any]:
        """Return the next rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database: a file of SQLite, or what psycopg needs to connect.

    `snapshot` names what another connection to PostgreSQL sees, for all to see the same.
    """

    vendor: str
    parameters: Mapping[str, Any] = field(repr=False)
    snapshot: str = ""


class Reader:
    """A connection within one read transaction: everything it reads is of one instant."""

    def __init__(self, vendor: str, connection: Any) -> None:
        # Any: two drivers without a common type.
        self.vendor = vendor
        self._connection = connection
        self._cursors: list[Any] = []

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query without holding them all."""
        if self.vendor == "sqlite":
            return _fetched(self._connection.execute(sql))
        # A named cursor stays on the server, which sends what is asked for.
        cursor = self._connection.cursor(name=f"reading_{len(self._cursors)}", binary=True)
        self._cursors.append(cursor)
        cursor.execute(sql)
        return _fetched(cursor)

    def one(self, sql: str) -> tuple[Any, ...]:
        """Return the only row of a query."""
        [row] = self._connection.execute(sql).fetchall()
        return tuple(row)

    def close(self) -> None:
        """Close what was opened for reading."""
        for cursor in self._cursors:
            cursor.close()


@contextmanager
def reading(place: Place) -> Iterator[Reader]:
    """Open a database for reading only, as it is at this instant or in the place's snapshot."""
    if place.vendor == "sqlite":
        with closing(sqlite3.connect(place.parameters["database"], timeout=60)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            # The snapshot is taken by the first look, not by BEGIN.
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            yield Reader("sqlite", connection)
        return
    import psycopg  # noqa: PLC0415 - an extra

    with psycopg.connect(**place.parameters, autocommit=True) as server:
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if place.snapshot:
            server.execute(f"SET TRANSACTION SNAPSHOT '{place.snapshot}'".encode())
        for setting in (
            "datestyle = 'ISO'",
            "timezone = 'UTC'",
            # Rows come in the order of an index; joins follow row by row. A hash join would read
            # all customers again for every piece of the log.
            "enable_hashjoin = off",
            "enable_mergejoin = off",
            "random_page_cost = 1.1",
            "max_parallel_workers_per_gather = 0",
            # Compiling a query takes longer than running it over one piece.
            "jit = off",
            # The planner takes a cursor for one that is left early; ours are read to the end.
            "cursor_tuple_fraction = 1.0",
        ):
            server.execute(f"SET LOCAL {setting}".encode())
        reader = Reader("postgresql", server)
        try:
            yield reader
        finally:
            reader.close()


def shared(place: Place, reader: Reader) -> Place:
    """Return the place with what `reader` sees, as long as the reader lives."""
    if place.vendor == "sqlite":
        return place
    (snapshot,) = reader.one("SELECT pg_export_snapshot()")
    return Place(vendor=place.vendor, parameters=place.parameters, snapshot=snapshot)


def _fetched(cursor: Cursor) -> Iterator[tuple[Any, ...]]:
    return chain.from_iterable(iter(lambda: cursor.fetchmany(FETCHED_AT_ONCE), []))
