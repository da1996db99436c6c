"""Text files: a CSV file as people have it becomes a table of texts in DuckDB.

Python's csv module reads the records, because only it can tell on which physical line each one
begins and go on after a broken one; a temporary normalised file then carries them into DuckDB in
bulk. Memory stays bounded: one record, one block, and a capped list of problems.
"""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Literal, TextIO

import duckdb

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text
from vertrauenskonto.engine.encodings import encoding_label, text_format
from vertrauenskonto.engine.records import RECORD_CHARS_MAX, Fault, RecordReader

LINE = "line"
DELIMITERS = (";", ",", "\t", "|")
PROBLEMS_KEPT = 10_000

# A character takes at most four bytes; a quotation mark is doubled, but has only one.
_RECORD_BYTES_MAX = 4 * RECORD_CHARS_MAX + 100_000
_EXCEL_SEPARATOR_LINE = re.compile(r"sep=(.)\s*")
_NOT_TEXT = {
    b"PK\x03\x04": Text(de="eine Excel- oder ZIP-Datei", en="an Excel or ZIP file"),
    b"PAR1": Text(de="eine Parquet-Datei", en="a Parquet file"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """What was read from a text file.

    The DuckDB table has the text columns `columns` (an empty cell is NULL) and, first, `line`: the
    physical line, from 1, on which the record begins. `rows` were loaded, `bad_rows` were not:
    each of those is a problem. `problems` holds the first 10,000; `problem_counts` counts all, by
    code. Blank lines are no rows. `delimiter` is one character.
    """

    columns: tuple[str, ...]
    rows: int
    bad_rows: int
    encoding: str
    delimiter: str
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, int]


def load_text_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> TextTable:
    """Read a CSV file into the new DuckDB table `table`, replacing one of that name.

    Args:
        connection: where the table is made.
        path: the file; UTF-8, Windows-1252 or UTF-16, separated by comma, semicolon or tab.
        table: a plain name.
        encoding: as declared by the user; None finds it.
        delimiter: one character, as declared; None finds it in the header.

    Raises:
        NotFound: there is no such file.
        Invalid: it is a folder or a device; the declared encoding or delimiter is none.
        OSError: the file cannot be read, or the disk is full.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Invalid(
            Text(
                de=f"Das Trennzeichen „{delimiter}“ muss genau ein Zeichen sein, etwa ; oder ,",
                en=f"The delimiter '{delimiter}' must be exactly one character, such as ; or ,",
            )
        )
    check_regular_file(path)
    loading = _Loading(path)
    magic = _magic(path)
    if magic in _NOT_TEXT:
        kind = _NOT_TEXT[magic]
        loading.report(
            "not_text",
            Text(
                de=f"Das ist keine Textdatei, sondern {kind.de}; bitte als CSV speichern.",
                en=f"This is no text file but {kind.en}; save it as CSV.",
            ),
        )
        return loading.finish(connection, table, ("", ""), None)
    form = text_format(path, encoding)
    if form.is_detected:
        loading.report(
            "encoding_detected",
            Text(
                de=f"Die Datei ist nicht UTF-8; sie wird als {encoding_label(form.encoding)} gelesen. Stimmen "
                "die Umlaute nicht, geben Sie den Zeichensatz an.",
                en=f"The file is not UTF-8; it is read as {encoding_label(form.encoding)}. If letters look "
                "wrong, give the encoding.",
            ),
            severity="note",
        )
    with path.open(encoding=form.codec, errors=form.errors, newline="") as file:
        first_line, found = _delimiter(file)
        shape = (form.encoding, delimiter or found)
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", prefix="vertrauenskonto-", suffix=".csv"
        ) as normal:
            reader = RecordReader(
                file,
                form,
                delimiter=delimiter or found,
                first_line=first_line,
                report=loading.fault,
            )
            loading.copy(reader, normal)
            return loading.finish(connection, table, shape, Path(normal.name))


def check_regular_file(path: Path) -> None:
    """Check that there is a file to read; reading from a device might never end.

    Raises:
        NotFound: there is nothing.
        Invalid: it is a folder or a device.
    """
    if path.is_file():
        return
    if path.exists():
        raise Invalid(
            Text(
                de=f"{path} ist keine gewöhnliche Datei; bitte eine Datei mit Daten angeben.",
                en=f"{path} is no regular file; give a file with data.",
            )
        )
    raise NotFound(
        Text(
            de=f"Die Datei {path} gibt es nicht; bitte prüfen Sie den Pfad.",
            en=f"There is no file {path}; check the path.",
        )
    )


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return `value` as an SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


class _Loading:
    """One file on its way into a table: counts and problems so far."""

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self._columns: tuple[str, ...] = ()
        self._bad_rows = 0
        self._problems: list[Problem] = []
        self._counts: Counter[str] = Counter()

    def report(
        self,
        code: str,
        text: Text,
        *,
        line: int | None = None,
        severity: Literal["error", "note"] = "error",
    ) -> None:
        self._counts[code] += 1
        if len(self._problems) < PROBLEMS_KEPT:
            self._problems.append(
                Problem(code=code, text=text, file=self._file, line=line, severity=severity)
            )

    def fault(self, fault: Fault) -> None:
        self._bad_rows += 1
        self.report(fault.code, fault.text, line=fault.line)

    def copy(self, reader: RecordReader, normal: IO[str]) -> None:
        """Write the records behind the header as `line, fields...` to the file DuckDB reads."""
        found = iter(reader)
        header = next(found, None)
        if self._bad_rows:
            # A header that cannot be read names no column; the first data row must not replace it.
            self.report("header_unreadable", _HEADER_UNREADABLE, line=self._problems[-1].line)
        elif header is None:
            self.report("empty_file", _EMPTY)
        else:
            self._columns = self._names(*header)
            if reader.is_plain:
                normal.writelines(reader.plain_rows())
            else:
                rows = ((line, *fields) for line, fields in found)
                # Quoting as little as possible would leave a carriage return inside a text bare.
                csv.writer(
                    normal,
                    delimiter=reader.delimiter,
                    lineterminator="\n",
                    quoting=csv.QUOTE_ALL,
                ).writerows(rows)
        normal.flush()

    def finish(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        shape: tuple[str, str],
        normal: Path | None,
    ) -> TextTable:
        """Make the table from the normalised file and return what there is to say about it."""
        columns = ", ".join(f"{quoted(name)} VARCHAR" for name in self._columns)
        connection.execute(
            f"CREATE OR REPLACE TABLE {quoted(table)} "
            f"({quoted(LINE)} BIGINT{', ' if columns else ''}{columns})"
        )
        rows = 0
        if normal is not None and self._columns and normal.stat().st_size:
            # Read with the declared columns only: nothing is guessed from the data.
            types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self._columns)
            (rows,) = connection.execute(
                f"INSERT INTO {quoted(table)} SELECT * FROM read_csv({literal(str(normal))}, "
                f"auto_detect = false, header = false, delim = {literal(shape[1])}, "
                f"quote = '\"', escape = '\"', "
                f"new_line = '\\n', nullstr = '', max_line_size = {_RECORD_BYTES_MAX}, "
                f"columns = {{{literal(LINE)}: 'BIGINT', {types}}})"
            ).fetchall()[0]
        elif self._columns and not self._bad_rows:
            self.report("header_only", _HEADER_ONLY, severity="note")
        encoding, delimiter = shape
        return TextTable(
            columns=self._columns,
            rows=rows,
            bad_rows=self._bad_rows,
            encoding=encoding,
            delimiter=delimiter,
            problems=tuple(self._problems),
            problem_counts=dict(self._counts),
        )

    def _names(self, line: int, header: Sequence[str]) -> tuple[str, ...]:
        """Return a name for each column, unique without regard to case, as SQL needs it."""
        taken = {LINE}
        names = []
        for position, written in enumerate(header, start=1):
            name = wanted = written.strip() or f"column_{position}"
            number = 2
            while name.casefold() in taken:
                name = f"{wanted}_{number}"
                number += 1
            taken.add(name.casefold())
            names.append(name)
            if name != written.strip():
                self.report(
                    "column_renamed",
                    _renamed(position, written.strip(), name),
                    line=line,
                    severity="note",
                )
        return tuple(names)


_EMPTY = Text(
    de="Die Datei ist leer; nötig ist eine Kopfzeile mit den Namen der Spalten.",
    en="The file is empty; it needs a header with the names of the columns.",
)
_HEADER_ONLY = Text(
    de="Die Datei hat nur eine Kopfzeile und keine Daten.",
    en="The file has only a header and no data.",
)
_HEADER_UNREADABLE = Text(
    de="Die Kopfzeile ist nicht lesbar; bitte berichtigen, danach wird die Datei gelesen.",
    en="The header cannot be read; correct it, then the file will be read.",
)


def _renamed(position: int, written: str, name: str) -> Text:
    if not written:
        return Text(
            de=f"Spalte {position} hat keinen Namen; sie heißt hier „{name}“.",
            en=f"Column {position} has no name; it is called '{name}' here.",
        )
    return Text(
        de=f"Der Name „{written}“ (Spalte {position}) ist schon vergeben; sie heißt hier „{name}“.",
        en=f"The name '{written}' (column {position}) is taken; it is called '{name}' here.",
    )


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _delimiter(file: TextIO) -> tuple[int, str]:
    """Return the first line to read as the header, and the delimiter that splits it most.

    Leaves `file` at that line. Excel's own first line `sep=;` is obeyed and passed over.
    """
    first = file.readline(RECORD_CHARS_MAX)
    excel = _EXCEL_SEPARATOR_LINE.fullmatch(first)
    if excel:
        return 2, excel.group(1)
    header = first
    while header and not header.strip():
        header = file.readline(RECORD_CHARS_MAX)
    file.seek(0)
    return 1, max(DELIMITERS, key=lambda delimiter: len(_fields(header, delimiter)))


def _fields(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
