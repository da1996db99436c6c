"""Outputs that appear complete or not at all: written beside the target, flushed, then renamed."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.engine.connection import (
    OutOfSpace,
    is_full_disk,
    named_for_the_user,
    temporary_folder,
)
from vertrauenskonto.engine.copying import copy_rows
from vertrauenskonto.engine.tables import text

SCORES_TABLE = "account_scores"
_FORMATS = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER"}
SUFFIXES = (*_FORMATS, ".duckdb")


def refuse_collision(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Check, before any work, that no output would replace an input or another output.

    The keys are the names by which the user gave the paths, e.g. `--out`. Files are compared, not
    names: links and detours lead to the same file. Inputs that do not exist cannot be replaced.

    Raises:
        Conflict: two of them are one file.
    """
    given = [(name, path) for name, path in outputs.items() if path is not None]
    for position, (name, path) in enumerate(given):
        for other, earlier in given[:position]:
            if _is_same(path, earlier):
                raise _collision(name, other, path)
        for other, read in inputs.items():
            if read is not None and read.exists() and _is_same(path, read):
                raise _collision(name, other, path)


def check_target(path: Path, *, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Check, before any work, that a result can be written to `path`.

    Raises:
        Invalid: the suffix names no format we write, or something else than a file is there.
        NotFound: the folder does not exist.
    """
    if path.suffix.lower() not in suffixes:
        raise Invalid(
            Text(
                de=f"{path.name}: unbekannte Endung; möglich sind {', '.join(suffixes)}.",
                en=f"{path.name}: unknown suffix; possible are {', '.join(suffixes)}.",
            )
        )
    check_place(path)


def check_place(path: Path) -> None:
    """Check that a file can be put at `path`: the folder exists, and nothing but a file is there.

    Raises:
        Invalid: a folder, a device or a pipe is there.
        NotFound: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise NotFound(
            Text(
                de=f"Den Ordner {path.parent} gibt es nicht; bitte anlegen oder anders wählen.",
                en=f"There is no folder {path.parent}; make it or choose another.",
            )
        )
    if path.is_dir():
        raise Invalid(
            Text(
                de=f"{path} ist ein Ordner; bitte geben Sie eine Datei darin an.",
                en=f"{path} is a folder; give a file in it.",
            )
        )
    if path.exists() and not path.is_file():
        raise Invalid(
            Text(
                de=f"{path} ist keine gewöhnliche Datei und würde ersetzt; bitte geben Sie eine "
                "Datei an.",
                en=f"{path} is no regular file and would be replaced; give a file.",
            )
        )


@contextmanager
def complete_or_absent(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` when the block ends well, else it vanishes.

    Raises:
        OutOfSpace: the disk is full.
        OSError: it cannot be written; the error names `path`.
    """
    folder = temporary_folder(path.parent, prefix=f".{path.name[:40]}-")
    part = folder / path.name
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
    except (duckdb.IOException, OSError) as error:
        if is_full_disk(error):
            raise OutOfSpace(str(path.parent)) from error
        if isinstance(error, OSError):
            raise named_for_the_user(error, path, hidden=folder) from error
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
        Conflict: the DuckDB file that exists cannot be opened.
    """
    suffix = path.suffix.lower()
    if suffix == ".duckdb" and path.exists():
        return _write_table(connection, query, path)
    with complete_or_absent(path) as part:
        if suffix == ".duckdb":
            return _write_table(connection, query, part)
        return copy_rows(connection, query, part, _FORMATS[suffix])


def _write_table(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    try:
        connection.execute(f"ATTACH {text(str(path))} AS scores_file")
    except duckdb.Error as error:
        if is_full_disk(error):
            raise
        raise _not_opened(path) from error
    try:
        create = f"CREATE OR REPLACE TABLE scores_file.{SCORES_TABLE} AS {query}"
        return int(connection.execute(create).fetchall()[0][0])
    finally:
        connection.execute("DETACH scores_file")


def _is_same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _collision(name: str, other: str, path: Path) -> Conflict:
    return Conflict(
        Text(
            de=f"{name} und {other} nennen dieselbe Datei {path}; sie würde überschrieben. Bitte "
            f"geben Sie für {name} eine andere an.",
            en=f"{name} and {other} name the same file {path}; it would be overwritten. Give "
            f"another one for {name}.",
        )
    )


def _not_opened(path: Path) -> Conflict:
    return Conflict(
        Text(
            de=f"{path} lässt sich nicht als DuckDB-Datei öffnen: sie ist keine, oder ein anderes "
            "Programm hat sie offen. Bitte schließen Sie es oder geben Sie eine andere an.",
            en=f"{path} cannot be opened as a DuckDB file: it is none, or another program has it "
            "open. Close that or give another file.",
        )
    )


def _flush_folder(folder: Path) -> None:
    """Make the rename durable, where the system lets a folder be flushed."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
