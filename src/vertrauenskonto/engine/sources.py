"""Sources: files, tables and frames as something DuckDB can select from, with row numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text, did_you_mean
from vertrauenskonto.engine.connection import DamagedFile
from vertrauenskonto.engine.tables import text
from vertrauenskonto.engine.text_files import load_text_table

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_KNOWN_SUFFIXES = (".parquet", ".duckdb", *_TEXT_SUFFIXES)

# Text files are loaded into tables of these names, which nobody else uses.
TEXT_TABLE_PREFIX = "vertrauenskonto_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something to select from. `line` is the SQL of the row number that problems quote.

    `sql` stands behind FROM; `columns` are the names and DuckDB types; `problems` were found while
    reading, `problem_counts` counts all of them by code.
    """

    name: str
    sql: str
    line: str
    columns: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    problem_counts: Mapping[str, int] | None = None
    is_text: bool = False


def source_of_file(
    connection: duckdb.DuckDBPyConnection, path: Path, table: str, *, encoding: str | None = None
) -> Source:
    """Return a Parquet, CSV or DuckDB file as a source; a CSV is loaded into a table.

    Of a DuckDB file the table `table` is read.

    Raises:
        NotFound: there is no such file.
        Invalid: it is not what its name says, or is broken.
    """
    suffix = path.suffix.lower()
    if path.exists() and not path.is_file():
        raise _no_file(path)
    if not path.is_file():
        raise NotFound(
            Text(
                de=f"Die Datei {path} gibt es nicht; bitte prüfen Sie den Pfad.",
                en=f"There is no file {path}; check the path.",
            )
        )
    if suffix in _TEXT_SUFFIXES:
        table = TEXT_TABLE_PREFIX + table
        loaded = load_text_table(connection, path, table, encoding=encoding)
        return Source(
            name=path.name,
            sql=table,
            line="line",
            columns=dict.fromkeys(loaded.columns, "VARCHAR"),
            problems=loaded.problems,
            problem_counts=loaded.problem_counts,
            is_text=True,
        )
    if suffix == ".parquet":
        sql, line = f"read_parquet({text(_exactly(path))})", "file_row_number + 1"
    elif suffix == ".duckdb":
        sql, line = f"{table}_file.{table}", "rowid + 1"
    else:
        raise Invalid(
            Text(
                de=f"{path.name}: unbekannte Endung; möglich sind {', '.join(_KNOWN_SUFFIXES)}.",
                en=f"{path.name}: unknown suffix; possible are {', '.join(_KNOWN_SUFFIXES)}.",
            )
        )
    try:
        if suffix == ".duckdb":
            connection.execute(f"ATTACH {text(str(path))} AS {table}_file (READ_ONLY)")
        return Source(name=path.name, sql=sql, line=line, columns=columns_of(connection, sql))
    except duckdb.Error as error:
        raise DamagedFile(error, path.name) from error


def _no_file(path: Path) -> Invalid:
    if path.is_dir():
        return Invalid(
            Text(
                de=f"{path} ist ein Ordner; bitte geben Sie eine Datei darin an.",
                en=f"{path} is a folder; give a file in it.",
            )
        )
    return Invalid(
        Text(
            de=f"{path} ist keine gewöhnliche Datei und lässt sich nur einmal lesen; bitte legen "
            "Sie den Inhalt in eine Datei.",
            en=f"{path} is no regular file and can be read only once; put its contents into a "
            "file.",
        )
    )


def source_of_object(connection: duckdb.DuckDBPyConnection, table: object, name: str) -> Source:
    """Return a frame, an Arrow table or stream, or a DuckDB relation as a source.

    It is copied once: a stream can be read only once, and a relation of another connection not at
    all. Rows are numbered in the order given, from 1.

    Raises:
        Invalid: the object has no Arrow stream (`__arrow_c_stream__`).
    """
    if not hasattr(table, "__arrow_c_stream__"):
        raise Invalid(
            Text(
                de=f"{type(table).__name__} lässt sich nicht als Tabelle lesen; möglich sind Arrow, "
                "eine DuckDB-Relation, pandas oder Polars.",
                en=f"{type(table).__name__} cannot be read as a table; possible are Arrow, a DuckDB "
                "relation, pandas or Polars.",
            )
        )
    connection.register(f"{name}_stream", _Stream(table))
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS FROM {name}_stream")
    connection.unregister(f"{name}_stream")
    return Source(name=name, sql=name, line="rowid + 1", columns=columns_of(connection, name))


class _Stream:
    """Shows DuckDB nothing but the Arrow stream of an object.

    For the frames it knows DuckDB takes roads of its own, which need pyarrow; the stream does not.
    """

    def __init__(self, table: object) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)  # type: ignore[attr-defined]  # asked for above


def columns_of(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    """Return names and types of the columns that a FROM clause yields."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
    return {row[0]: row[1] for row in rows}


def broken_file(name: str, error: duckdb.Error) -> Invalid:
    """Return the error for a file that DuckDB cannot read."""
    return DamagedFile(error, name)


def require_columns(source: Source, required: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Check that a source has the columns it needs.

    Raises:
        Invalid: one is missing; the message names it and the likely typo.
    """
    problems = [_missing(source, name) for name in required if name not in source.columns]
    if problems:
        raise Invalid(
            Text(
                de=f"{source.name}: es fehlen Spalten; gebraucht werden {', '.join(required)}, "
                f"möglich sind auch {', '.join(k for k in known if k not in required)}.",
                en=f"{source.name}: columns are missing; needed are {', '.join(required)}, possible "
                f"are also {', '.join(k for k in known if k not in required)}.",
            ),
            problems=(*source.problems, *problems),
        )


def _missing(source: Source, name: str) -> Problem:
    near = did_you_mean(name, source.columns)
    return Problem(
        code="missing_column",
        file=source.name,
        field=name,
        text=Text(
            de=f"Die Spalte „{name}“ fehlt.{near.de}",
            en=f"The column '{name}' is missing.{near.en}",
        ),
    )


def _exactly(path: Path) -> str:
    """Return a pattern that matches this file alone: DuckDB reads `*`, `?` and `[` as wildcards."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
