"""Records: the lines of a delimited text file as records, each with the line on which it begins.

A broken record is reported and reading goes on. The dangerous one is a quotation mark that is
never closed: it swallows the good records behind it. When most of the swallowed lines look like
records themselves, they are read again, one by one; otherwise the whole is one broken record.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TextIO

from vertrauenskonto.core.errors import Text
from vertrauenskonto.engine.encodings import TextFormat, encoding_label

# Longer lines are no rows of a table but another kind of file; the limit bounds the memory.
RECORD_CHARS_MAX = 500_000


class Fault(NamedTuple):
    """A record that could not be used: where it begins, a stable code, and what is wrong."""

    line: int
    code: str
    text: Text


class RecordReader:
    """Iterates over (line, fields) of the good records; bad ones go to `report`.

    The first good record, the header, fixes the number of fields. Blank records are passed over.
    `first_line` is the number of the physical line at which `file` stands.
    """

    def __init__(
        self,
        file: TextIO,
        form: TextFormat,
        *,
        delimiter: str,
        first_line: int,
        report: Callable[[Fault], None],
    ) -> None:
        self._file = file
        self._form = form
        self._delimiter = delimiter
        self._next_line = first_line
        self._report = report
        self._width = 0
        self._taken: list[str] = []  # physical lines of the record being read
        self._again: deque[str] = deque()  # lines swallowed by a broken record, to be read again
        self._read_lines = first_line - 1
        self._too_long: set[int] = set()
        self._lines = self._physical_lines()

    @property
    def delimiter(self) -> str:
        """The character between two fields."""
        return self._delimiter

    @property
    def is_plain(self) -> bool:
        """Tell whether every line is a record: no quotation mark and no bad byte in the file."""
        return not (self._form.has_quotes or self._form.has_nul or self._form.broken)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        yield from self._run()
        # The csv module reads no further once its input ended, so a record left open at the end
        # of the file needs a fresh start.
        while self._again:
            yield from self._run()

    def plain_rows(self) -> Iterator[str]:
        """Yield the rows behind the header as text: line number, delimiter, row as it stands.

        For plain files only; four times as fast as taking the fields apart and joining them.
        """
        assert self.is_plain, "a file with quotation marks needs the csv module"
        delimiter, inner = self._delimiter, self._width - 1
        number = self._next_line - 1
        for text in self._lines:
            number += 1
            row = text.rstrip("\r\n")
            surplus = row.count(delimiter) - inner
            if surplus > 0 and row.endswith(delimiter * surplus):
                row, surplus = row[:-surplus], 0
            if self._too_long and number in self._too_long:
                self._report(_too_long(number))
            elif not row.strip(delimiter):
                continue
            elif surplus:
                self._report(self._ragged(number, inner + 1 + surplus))
            else:
                yield f"{number}{delimiter}{row}\n"

    def _run(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
        taken = self._taken
        is_clean = self._form.broken is None and not self._form.has_nul
        while True:
            taken.clear()
            line = self._next_line
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._next_line = line + len(taken)
                self._broken(line, _syntax_fault(line, len(taken), str(error)))
                continue
            self._next_line = line + len(taken)
            if (not is_clean or self._too_long or len(taken) > 1) and self._is_unreadable(line):
                continue
            if len(fields) != self._width:
                if not any(fields):
                    continue
                if not self._width:
                    self._width = len(fields)
                elif len(fields) > self._width and not any(fields[self._width :]):
                    # Some programs end each row with a delimiter; nothing is lost.
                    del fields[self._width :]
                else:
                    self._broken(line, self._ragged(line, len(fields)))
                    continue
            elif not any(fields):
                continue
            yield line, fields

    def _feed(self) -> Iterator[str]:
        taken = self._taken
        while True:
            if self._again:
                text = self._again.popleft()
            else:
                text = next(self._lines, "")
                if not text:
                    return
            taken.append(text)
            yield text

    def _physical_lines(self) -> Iterator[str]:
        readline = self._file.readline
        while text := readline(RECORD_CHARS_MAX):
            self._read_lines += 1
            if len(text) == RECORD_CHARS_MAX and text[-1] not in "\r\n":
                self._too_long.add(self._read_lines)
                while text and text[-1] not in "\r\n":
                    text = readline(RECORD_CHARS_MAX)
                text = "-\n"  # stands in for the line; its record is refused by number
            yield text

    def _is_unreadable(self, line: int) -> bool:
        """Report a record that is too long or holds bytes without meaning."""
        taken = self._taken
        if sum(map(len, taken)) > RECORD_CHARS_MAX or any(
            number in self._too_long for number in range(line, line + len(taken))
        ):
            self._broken(line, _too_long(line))
            return True
        broken = self._form.broken
        for offset, text in enumerate(taken):
            if "\0" in text:
                self._report(_nul(line + offset if offset else line, line))
                return True
            found = broken.search(text) if broken else None
            if found:
                self._report(self._undefined(line, line + offset, found.group()))
                return True
        return False

    def _broken(self, line: int, fault: Fault) -> None:
        """Report a record, and read the lines it swallowed again if they look like records."""
        swallowed = self._taken[1:]
        good = sum(self._is_record(text) for text in swallowed)
        if swallowed and 2 * good >= len(swallowed):
            self._again.extendleft(reversed(swallowed))
            self._next_line = line + 1
            fault = _unclosed(line)
        self._report(fault)

    def _is_record(self, text: str) -> bool:
        try:
            fields = next(csv.reader([text], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            return False
        return len(fields) == self._width

    def _ragged(self, line: int, found: int) -> Fault:
        return Fault(
            line,
            "ragged_row",
            Text(
                de=f"{found} Felder, die Kopfzeile hat {self._width}; bitte fehlende oder "
                f"überzählige Trennzeichen „{self._delimiter}“ und Anführungszeichen prüfen.",
                en=f"{found} fields, the header has {self._width}; check for missing or "
                f"surplus delimiters '{self._delimiter}' and quotation marks.",
            ),
        )

    def _undefined(self, line: int, at: int, character: str) -> Fault:
        encoding = encoding_label(self._form.encoding)
        byte = f"0x{ord(character) - 0xDC00:02X}" if ord(character) > 0xDC00 else ""
        where_de, where_en = ("", "") if at == line else (f" (Zeile {at})", f" (line {at})")
        return Fault(
            line,
            "undefined_byte",
            Text(
                de=f"Das Byte {byte}{where_de} bedeutet in {encoding} nichts; bitte mit dem "
                "richtigen Zeichensatz lesen oder die Zeile neu schreiben.".replace("  ", " "),
                en=f"The byte {byte}{where_en} means nothing in {encoding}; read the file with "
                "the right encoding or rewrite the line.".replace("  ", " "),
            ),
        )


def _syntax_fault(line: int, count: int, error: str) -> Fault:
    if "field larger" in error:
        return _too_long(line)
    where = Text(de="", en="")
    if count > 1:
        where = Text(
            de=f" Der Satz reicht bis Zeile {line + count - 1}.",
            en=f" The record runs to line {line + count - 1}.",
        )
    return Fault(
        line,
        "quotation",
        Text(
            de='Die Anführungszeichen gehen nicht auf; im Text gehören sie verdoppelt ("").'
            + where.de,
            en='The quotation marks do not match; inside a text they are doubled ("").' + where.en,
        ),
    )


def _unclosed(line: int) -> Fault:
    return Fault(
        line,
        "quotation",
        Text(
            de="Ein Anführungszeichen wird nicht geschlossen; die Zeilen danach wurden für sich "
            "gelesen.",
            en="A quotation mark is not closed; the lines after it were read on their own.",
        ),
    )


def _too_long(line: int) -> Fault:
    return Fault(
        line,
        "line_too_long",
        Text(
            de=f"Die Zeile oder eines ihrer Felder ist zu lang (Grenzen: {RECORD_CHARS_MAX} und "
            f"{csv.field_size_limit()} Zeichen); fehlt ein Anführungszeichen?",
            en=f"The line or one of its fields is too long (limits: {RECORD_CHARS_MAX} and "
            f"{csv.field_size_limit()} characters); is a quotation mark missing?",
        ),
    )


def _nul(at: int, line: int) -> Fault:
    return Fault(
        line,
        "nul_byte",
        Text(
            de=f"Zeile {at} enthält ein Nullbyte; die Datei ist beschädigt oder keine Textdatei.",
            en=f"Line {at} contains a zero byte; the file is damaged or no text file.",
        ),
    )
