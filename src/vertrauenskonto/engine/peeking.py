"""Peeking: what the columns of somebody's file are called and hold, from its beginning."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from vertrauenskonto.core.errors import Invalid, Problem, Text
from vertrauenskonto.engine.connection import Limits, opened
from vertrauenskonto.engine.sources import broken_file
from vertrauenskonto.engine.text_files import LINE, literal, load_text_table, quoted

SHOWN_ROWS = 8
VALUES_MAX = 40
_PEEKED_BYTES = 2 * 1024**2
_PEEKED_ROWS = 20_000
_PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """The beginning of a table.

    `rows` are the first ones as texts; `values` the most frequent values of each column that has
    few of them; `is_whole` tells whether the file ends there. `problems`: what could not be read.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    values: Mapping[str, tuple[str, ...]]
    is_whole: bool
    problems: tuple[Problem, ...] = ()


def sample(path: Path, folder: Path) -> tuple[Path, bool]:
    """Return a file in `folder` with the beginning of `path`, and whether that is all of it.

    A text file is cut at the end of a line; Parquet is left as it is.
    """
    with path.open("rb") as file:
        start = file.read(_PEEKED_BYTES)
        if start.startswith(_PARQUET):
            return path, True
        is_whole = not file.read(1)
    end = len(start) if is_whole else start.rfind(b"\n") + 1
    made = folder / path.name
    # In UTF-16 the end of a line has two bytes; half a character more does no harm at the end.
    made.write_bytes(start[: end or len(start)])
    return made, is_whole


def peek(path: Path) -> Peek:
    """Return what the beginning of a file holds.

    Raises:
        Invalid: nothing can be read from it.
    """
    with TemporaryDirectory(prefix="vertrauenskonto-") as folder:
        part, is_whole = sample(path, Path(folder))
        with opened(Limits(), spill_to=Path(folder)) as connection:
            problems: tuple[Problem, ...] = ()
            if _is_parquet(part):
                columns, is_whole = _parquet(connection, part)
            else:
                table = load_text_table(connection, part, "peeked")
                columns, problems = table.columns, table.problems
                if not columns:
                    raise Invalid(_nothing(path.name), problems=problems)
            return Peek(
                columns=columns,
                rows=_rows(connection, columns),
                values=_values(connection, columns),
                is_whole=is_whole,
                problems=problems,
            )


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _PARQUET


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[tuple[str, ...], bool]:
    source = f"read_parquet([{literal(str(path))}])"
    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        columns = tuple(row[0] for row in found)
        listed = ", ".join(f"CAST({quoted(c)} AS VARCHAR) AS {quoted(c)}" for c in columns)
        connection.execute(
            f"CREATE TABLE peeked AS SELECT {listed} FROM {source} LIMIT {_PEEKED_ROWS}"
        )
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    except duckdb.Error as error:
        raise broken_file(path.name, error) from error
    return columns, rows <= _PEEKED_ROWS


def _rows(
    connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    listed = ", ".join(f"coalesce({quoted(c)}, '')" for c in columns)
    found = connection.execute(f"SELECT {listed} FROM peeked LIMIT {SHOWN_ROWS}").fetchall()
    return tuple(tuple(row) for row in found)


def _values(
    connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    found = {}
    for column in columns:
        if column == LINE:
            continue
        name = quoted(column)
        rows = connection.execute(
            f"SELECT trim({name}), count(*) FROM peeked WHERE trim({name}) <> '' "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {VALUES_MAX + 1}"
        ).fetchall()
        found[column] = tuple(row[0] for row in rows)
    return found


def _nothing(name: str) -> Text:
    return Text(de=f"Aus {name} lässt sich nichts lesen.", en=f"Nothing can be read from {name}.")
