"""PostgreSQL as the engine: the same scoring text, run by a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from vertrauenskonto.core.errors import Text
from vertrauenskonto.engine.address import SECRETS, EngineUnavailable, without_password
from vertrauenskonto.engine.relations import Valuer, relations, without_slots
from vertrauenskonto.engine.scoring import scoring_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import output_columns, text
from vertrauenskonto.engine.translate import column_type, translated

if TYPE_CHECKING:
    import psycopg

SECONDS_TO_ANSWER = 10
_BLOCK_BYTES = 1 << 20


class PostgresUnavailable(EngineUnavailable):
    """The server cannot be reached, or did not finish what it was asked."""

    def __init__(self, url: str, reason: str) -> None:
        shown = without_password(url)
        reason = _without_secret(reason, url).strip().rstrip(".")
        super().__init__(
            Text(
                de=f"PostgreSQL ({shown}) antwortet nicht wie erwartet: {reason}. Bitte Adresse, "
                "Kennwort (auch in PGPASSWORD oder ~/.pgpass) und Rechte prüfen.",
                en=f"PostgreSQL ({shown}) does not answer as expected: {reason}. Check the "
                "address, the password (also in PGPASSWORD or ~/.pgpass) and the rights.",
            )
        )


@contextmanager
def connected(url: str) -> Iterator["psycopg.Connection"]:
    """Yield a connection whose temporary tables vanish with it; nothing else is ever written.

    Raises:
        PostgresUnavailable: the server cannot be reached, or fails within the block.
    """
    import psycopg  # noqa: PLC0415 - only who connects pays for loading it

    # psycopg takes the time-out of the address when none is given here.
    patience = None if "connect_timeout" in url else SECONDS_TO_ANSWER
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=patience) as connection:
            connection.execute("SET client_encoding = 'UTF8'")
            connection.execute("SET datestyle = 'ISO'")
            connection.execute("SET timezone = 'UTC'")
            yield connection
    except psycopg.Error as error:
        # "from None": psycopg quotes an address it cannot read, password included.
        raise PostgresUnavailable(url, str(error)) from None


def load(
    connection: "psycopg.Connection",
    source: duckdb.DuckDBPyConnection,
    table: str,
    *,
    folder: Path,
) -> None:
    """Copy a DuckDB table into a new temporary table of the same name.

    Both sides write and read CSV in their own C code, by way of a file in `folder`: bounded memory,
    and no row passes through Python.
    """
    columns = source.execute(f"DESCRIBE {table}").fetchall()
    described = ", ".join(f"{name} {column_type(kind, 'postgres')}" for name, kind, *_ in columns)
    path = folder / f"{table}.csv"
    source.execute(f"COPY {table} TO {text(str(path))} (FORMAT csv, HEADER false)")
    connection.execute(f"CREATE TEMPORARY TABLE {table} ({described})")
    with (
        path.open("rb") as file,
        connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy,
    ):
        while block := file.read(_BLOCK_BYTES):
            copy.write(block)
    path.unlink()
    # Without statistics the planner takes a temporary table for tiny and joins it by nested loops.
    connection.execute(f"ANALYZE {table}")


def copy_out(connection: "psycopg.Connection", query: str, path: Path) -> None:
    """Write the rows of a query into a CSV file without a header, in no particular order."""
    with (
        path.open("wb") as file,
        connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy,
    ):
        for block in copy:
            file.write(block)


@contextmanager
def valuer(
    source: duckdb.DuckDBPyConnection, shape: Shape, url: str, *, folder: Path
) -> Iterator[Valuer]:
    """Yield a function that values a DuckDB connection's relations on a server.

    Args:
        source: holds the relations that the scoring text of `shape` reads; loaded once.
        shape: what there is to read; the function takes the same with other days.
        url: of the server; nothing stays behind there.
        folder: a temporary one of the caller's; the results lie in it.

    Raises:
        PostgresUnavailable: the server cannot be reached, or fails within the block.
    """
    with connected(url) as connection:
        for table in relations(shape):
            load(connection, source, table, folder=folder)
        yield lambda asked: value(connection, asked, folder=folder)


def value(connection: "psycopg.Connection", shape: Shape, *, folder: Path) -> str:
    """Value the relations on a server; return a DuckDB SELECT of the result, which `folder` holds."""
    result = folder / f"scored-{shape.as_of}-{shape.known_at}.csv"
    copy_out(connection, translated(scoring_sql(without_slots(shape)), "postgres"), result)
    return read_csv_sql(result, output_columns(velocity=shape.velocity, runway=shape.runway))


def read_csv_sql(path: Path, columns: Mapping[str, str]) -> str:
    """Return a DuckDB SELECT of a CSV file as PostgreSQL writes it: "" is empty, nothing is NULL."""
    described = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in columns.items())
    return (
        f"SELECT * FROM read_csv({text(str(path))}, header = false, auto_detect = false, "
        f"delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, "
        f"columns = {{{described}}})"
    )


def _without_secret(message: str, url: str) -> str:
    """Return a message in which no password of the address stands."""
    try:
        parts = urlsplit(url)
        secrets = [parts.password or "", *(v for k, v in parse_qsl(parts.query) if k in SECRETS)]
    except ValueError:
        return "the address cannot be read"
    for secret in {*secrets, *map(unquote, secrets)} - {""}:
        message = message.replace(secret, "***")
    return message
