"""Outputs that appear complete or not at all: written beside the target, flushed, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.engine.connection import OutOfSpace, is_full_disk
from vertrauenskonto.engine.tables import text

SCORES_TABLE = "account_scores"
_FORMATS = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER"}
SUFFIXES = (*_FORMATS, ".duckdb")


def check_target(path: Path) -> None:
    """Check, before any work, that a result can be written to `path`.

    Raises:
        Invalid: the suffix names no format we write.
        NotFound: the folder does not exist.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise Invalid(
            Text(
                de=f"{path.name}: unbekannte Endung; möglich sind {', '.join(SUFFIXES)}.",
                en=f"{path.name}: unknown suffix; possible are {', '.join(SUFFIXES)}.",
            )
        )
    if not path.parent.is_dir():
        raise NotFound(
            Text(
                de=f"Den Ordner {path.parent} gibt es nicht; bitte anlegen oder anders wählen.",
                en=f"There is no folder {path.parent}; make it or choose another.",
            )
        )


@contextmanager
def complete_or_absent(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` when the block ends well, else it vanishes.

    Raises:
        OutOfSpace: the disk is full.
    """
    folder = Path(mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    part = folder / path.name
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
    except duckdb.IOException as error:
        if is_full_disk(error):
            raise OutOfSpace(str(path.parent)) from error
        raise
    finally:
        for leftover in folder.iterdir():
            leftover.unlink()
        folder.rmdir()


def write_query(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write the rows of a query to a Parquet, CSV or DuckDB file (table `account_scores`).

    Returns the number of rows. A DuckDB file that exists keeps its other tables.

    Raises:
        OutOfSpace: the disk is full; `path` is as it was.
    """
    suffix = path.suffix.lower()
    if suffix == ".duckdb" and path.exists():
        return _write_table(connection, query, path)
    with complete_or_absent(path) as part:
        if suffix == ".duckdb":
            return _write_table(connection, query, part)
        copy = f"COPY ({query}) TO {text(str(part))} ({_FORMATS[suffix]})"
        return int(connection.execute(copy).fetchall()[0][0])


def _write_table(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    connection.execute(f"ATTACH {text(str(path))} AS scores_file")
    try:
        create = f"CREATE OR REPLACE TABLE scores_file.{SCORES_TABLE} AS {query}"
        return int(connection.execute(create).fetchall()[0][0])
    finally:
        connection.execute("DETACH scores_file")


def _flush_folder(folder: Path) -> None:
    """Make the rename durable, where the system lets a folder be flushed."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
