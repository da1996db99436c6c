"""A list as a file for a spreadsheet: CSV that opens with a double click, or XLSX.

Columns keep their sort: numbers are numbers and days are days; a text is never a formula.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Literal

from vertrauenskonto.core.errors import Language
from vertrauenskonto.render.tables import formula_safe

Form = Literal["csv", "xlsx"]
Cell = str | float | date | None
_LINES_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """One column: its heading and what its cells hold."""

    heading: str
    sort: Literal["text", "number", "day"] = "text"


def csv_parts(
    columns: Sequence[ListColumn], rows: Iterable[Sequence[Cell]], language: Language
) -> Iterator[bytes]:
    """Yield a CSV file in parts, as a spreadsheet set to this language opens it.

    UTF-8 with a mark, without which Excel takes it for Windows-1252. German: semicolons and decimal
    commas. Numbers have six decimals at most.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([formula_safe(column.heading) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_written(cell, language) for cell in row])
        if number % _LINES_AT_ONCE == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def write_xlsx(
    file: BinaryIO, columns: Sequence[ListColumn], rows: Iterable[Sequence[Cell]], title: str
) -> None:
    """Write an XLSX file whose rows pass through memory one at a time."""
    # Who exports nothing should not wait for it.
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - has no types

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title[:31])
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        number = book.add_format({"num_format": "0.0"})
        for n, column in enumerate(columns):
            sheet.set_column(n, n, 34 if column.sort == "text" else 14)
            sheet.write_string(0, n, column.heading, bold)
        sheet.freeze_panes(1, 0)
        last = 0
        for line, row in enumerate(rows, start=1):
            last = line
            for n, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, n, cell)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, n, cell, day)
                elif cell is not None:
                    sheet.write_number(line, n, cell, number)
        sheet.autofilter(0, 0, last, len(columns) - 1)


def _written(cell: Cell, language: Language) -> object:
    if isinstance(cell, float):
        text = f"{cell:.6f}".rstrip("0").rstrip(".")
        text = "0" if text == "-0" else text
        return text.replace(".", ",") if language == "de" else text
    if isinstance(cell, date):
        return cell.isoformat()
    return formula_safe(cell)
