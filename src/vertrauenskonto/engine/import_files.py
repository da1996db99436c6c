"""Files of an import: the inputs a mapping names, as tables, and where its columns are in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text, did_you_mean
from vertrauenskonto.engine.connection import lock_down, reason_of
from vertrauenskonto.engine.import_sql import Source
from vertrauenskonto.engine.sources import broken_file
from vertrauenskonto.engine.text_files import (
    LINE,
    TextTable,
    check_regular_file,
    literal,
    load_text_table,
    quoted,
)
from vertrauenskonto.importers.mapping import INPUT, Column, FileMapping

_PARQUET = b"PAR1"


@dataclass(slots=True, kw_only=True)
class Inputs:
    """The files of an import as tables; `texts` says how each text file was read.

    `notes` holds what was noticed about whole columns.
    """

    label: str
    texts: dict[str, TextTable] = field(default_factory=dict)
    parquet: list[str] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the text files, file by file, and what was noticed."""
        found = [problem for text in self.texts.values() for problem in text.problems]
        return (*found, *self.notes)

    @property
    def bad_rows(self) -> int:
        """How many rows of the text files were not loaded."""
        return sum(text.bad_rows for text in self.texts.values())


def load_inputs(
    connection: duckdb.DuckDBPyConnection,
    mapping: FileMapping,
    path: Path,
    *,
    encoding: str | None,
) -> Inputs:
    """Make a table or view for each file of the mapping, named as the query knows it.

    From then on the connection reaches no other file.

    Raises:
        NotFound: a file or the folder is not there.
        Invalid: a file is empty, no table, or damaged.
    """
    inputs = Inputs(label=path.name if not mapping.files else "")
    views = []
    for name, file in _paths(mapping, path):
        check_regular_file(file)
        with file.open("rb") as opened:
            is_parquet = opened.read(4) == _PARQUET
        if is_parquet:
            _parquet_view(connection, file, name)
            inputs.parquet.append(file.name)
            views.append(file)
        else:
            inputs.texts[file.name] = load_text_table(
                connection,
                file,
                name,
                encoding=encoding or mapping.format.encoding or None,
                delimiter=mapping.format.delimiter or None,
            )
    # The mapping's query comes next, and a mapping may be somebody else's.
    lock_down(connection, readable=views)
    if len(mapping.files) == 1:
        inputs.label = next(iter(mapping.files.values()))
    unusable = [name for name, text in inputs.texts.items() if not text.columns]
    if unusable:
        names = ", ".join(unusable)
        raise Invalid(
            Text(
                de=f"Aus {names} lässt sich nichts lesen.",
                en=f"Nothing can be read from {names}.",
            ),
            problems=inputs.problems,
        )
    return inputs


def sources_in(
    mapping: FileMapping, found: Mapping[str, str], inputs: Inputs
) -> tuple[Source, ...]:
    """Return where each column that is read stands among the columns `found` (name → type).

    Raises:
        Invalid: columns are missing; each is a problem.
    """
    by_name = {name.casefold(): name for name in found}
    sources, problems = [], []
    for column in mapping.columns:
        if column.expression:
            continue
        name = next(
            (by_name[s.casefold()] for s in column.sources if s.casefold() in by_name), None
        )
        if name is None and not column.is_optional:
            problems.append(_missing(column, found, inputs.label))
        sources.append(Source(column=column, name=name, type=found[name] if name else ""))
    if problems:
        is_one = len(problems) == 1
        raise Invalid(
            Text(
                de=f"{inputs.label or mapping.name}: "
                f"{'eine Spalte fehlt' if is_one else f'{len(problems)} Spalten fehlen'}.",
                en=f"{inputs.label or mapping.name}: "
                f"{'one column is' if is_one else f'{len(problems)} columns are'} missing.",
            ),
            # The cause first: what follows in the rows may come from it.
            problems=(*problems, *inputs.problems),
        )
    return tuple(sources)


def described(connection: duckdb.DuckDBPyConnection, select: str) -> dict[str, str]:
    """Return names and types of the columns of a query.

    Raises:
        Invalid: DuckDB does not understand the query.
    """
    try:
        rows = connection.execute(f"DESCRIBE {select}").fetchall()
    except duckdb.Error as error:
        raise failed_query(error) from error
    return {row[0]: row[1] for row in rows}


def failed_query(error: duckdb.Error) -> Invalid:
    """Return the error for a mapping's query that DuckDB refuses."""
    reason = reason_of(error)
    return Invalid(
        Text(
            de=f"Die Abfrage der Zuordnung läuft nicht: {reason}",
            en=f"The mapping's query does not run: {reason}",
        )
    )


def _paths(mapping: FileMapping, path: Path) -> Iterator[tuple[str, Path]]:
    if not path.exists():
        raise NotFound(
            Text(
                de=f"{path} gibt es nicht; bitte prüfen Sie den Pfad.",
                en=f"There is no {path}; check the path.",
            )
        )
    if not mapping.files:
        if path.is_dir():
            raise Invalid(
                Text(
                    de=f"{path} ist ein Ordner; die Zuordnung {mapping.name} liest eine Datei.",
                    en=f"{path} is a folder; the mapping {mapping.name} reads one file.",
                )
            )
        yield INPUT, path
        return
    if path.is_file():
        if len(mapping.files) > 1:
            names = ", ".join(mapping.files.values())
            raise Invalid(
                Text(
                    de=f"{path} ist eine Datei; die Zuordnung {mapping.name} liest einen "
                    f"Ordner mit {names}.",
                    en=f"{path} is a file; the mapping {mapping.name} reads a folder with {names}.",
                )
            )
        yield next(iter(mapping.files)), path
        return
    there = sorted(entry.name for entry in path.iterdir())
    for alias, name in mapping.files.items():
        if not (path / name).is_file():
            near = did_you_mean(name, there)
            raise NotFound(
                Text(
                    de=f"Im Ordner {path} fehlt die Datei {name}.{near.de}",
                    en=f"The folder {path} has no file {name}.{near.en}",
                )
            )
        yield alias, path / name


def _parquet_view(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    read = f"read_parquet({literal(str(file))}, file_row_number = true)"
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
        has_line = any(row[0].casefold() == "line" for row in rows)
        line = "" if has_line else ", file_row_number + 1 AS line"
        connection.execute(
            f"CREATE OR REPLACE VIEW {quoted(name)} AS "
            f"SELECT * EXCLUDE (file_row_number){line} FROM {read}"
        )
    except duckdb.Error as error:
        raise broken_file(file.name, error) from error


def _missing(column: Column, found: Mapping[str, str], file: str) -> Problem:
    wanted = " / ".join(column.sources)
    # `line` is ours: it does not stand in the file.
    there = [name for name in found if name != LINE]
    near = did_you_mean(column.sources[0], there)
    return Problem(
        code="missing_column",
        file=file,
        field=column.sources[0],
        text=Text(
            de=f"Die Spalte „{wanted}“ fehlt.{near.de} Vorhanden sind {', '.join(there)}.",
            en=f"The column '{wanted}' is missing.{near.en} There are {', '.join(there)}.",
        ),
    )
