"""Tables: rows of ready-made words, as text for a terminal, as CSV and as HTML.

The same table stands beside every chart, so that nobody has to read a number off a picture.
"""

import csv
import html
import io
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

_GAP = 2
_WRAPPED_MIN = 12

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?")

Role = Literal["line", "opening", "silence", "balancing", "closing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading and whether it holds numbers. Those that wrap share what is left."""

    heading: str
    is_number: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of cells; `role` says what sort of row it is, for rules and print."""

    cells: tuple[str, ...]
    role: Role = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns and rows, with a caption that says what is shown."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = field(default=())


def text_table(table: Table, *, width: int = 100) -> str:
    """Return the table as lines of text, at most `width` wide; a closing row has a double rule.

    Where the columns do not fit side by side, each row becomes a few lines of its own.
    """
    widths = _widths(table, width)
    if sum(widths) + _GAP * (len(widths) - 1) > width:
        return _stacked(table, width)
    lines = [_line([c.heading for c in table.columns], table.columns, widths)]
    lines.append(_rule("─", widths))
    for row in table.rows:
        if row.role == "closing":
            lines.append(_rule("═", widths))
        lines += _wrapped(row.cells, table.columns, widths)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180 quoting, line feeds); None becomes an empty field.

    A text that a spreadsheet would run as a formula is kept from it; numbers stay as they are.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([formula_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def formula_safe(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe says that it is text.

    Source: OWASP, "CSV Injection".
    """
    if cell is None:
        return ""
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(_FORMULA_STARTS):
        return cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"


def html_table(table: Table) -> str:
    """Return the table as HTML; an opening row repeats on each printed page, so does a closing."""
    head = "".join(
        f'<th scope="col"{_number_class(c)}>{html.escape(c.heading)}</th>' for c in table.columns
    )
    opening = [_html_row(row, table.columns) for row in table.rows if row.role == "opening"]
    closing = [_html_row(row, table.columns) for row in table.rows if row.role == "closing"]
    middle = [
        _html_row(row, table.columns)
        for row in table.rows
        if row.role not in ("opening", "closing")
    ]
    parts = [
        f"<table><caption>{html.escape(table.caption)}</caption>",
        f"<thead><tr>{head}</tr>{''.join(opening)}</thead>",
        "<tbody>" + "\n".join(middle) + "</tbody>",
    ]
    if closing:
        parts.append(f"<tfoot>{''.join(closing)}</tfoot>")
    return "\n".join([*parts, "</table>"])


def _widths(table: Table, width: int) -> list[int]:
    cells = [[c.heading for c in table.columns], *(row.cells for row in table.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    elastic = [i for i, column in enumerate(table.columns) if column.wraps]
    room = width - _GAP * (len(widths) - 1)
    room -= sum(size for i, size in enumerate(widths) if i not in elastic)
    # The narrow ones first: what they leave over is for the wide ones.
    elastic.sort(key=lambda i: widths[i])
    for done, i in enumerate(elastic):
        widths[i] = min(widths[i], max(room // (len(elastic) - done), _WRAPPED_MIN))
        room -= widths[i]
    return widths


def _stacked(table: Table, width: int) -> str:
    """Return each row as its words, and below them its numbers with their headings."""
    lines = []
    for row in table.rows:
        if row.role == "closing":
            lines.append("═" * width)
        pairs = list(zip(table.columns, row.cells, strict=True))
        words = "  ".join(cell for column, cell in pairs if cell and not column.is_number)
        numbers = [f"{c.heading} {cell}" for c, cell in pairs if cell and c.is_number]
        lines += textwrap.wrap(words, width, subsequent_indent="  ")
        lines += _filled(numbers, width)
    return "\n".join(lines) + "\n"


def _filled(parts: Sequence[str], width: int) -> list[str]:
    """Return parts that stay whole, as many on a line as fit, set off to the right."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f"   {part}"
        else:
            lines.append(f"    {part}")
    return lines


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    return "  ".join(
        cell.rjust(size) if column.is_number else cell.ljust(size)
        for cell, column, size in zip(cells, columns, widths, strict=True)
    )


def _wrapped(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """Return one row as one or more lines; only the columns that wrap run on."""
    parts = [
        textwrap.wrap(cell, size) or [""] if column.wraps else [cell]
        for cell, column, size in zip(cells, columns, widths, strict=True)
    ]
    height = max(len(part) for part in parts)
    return [
        _line([part[i] if i < len(part) else "" for part in parts], columns, widths)
        for i in range(height)
    ]


def _rule(sign: str, widths: Sequence[int]) -> str:
    return "  ".join(sign * size for size in widths)


def _number_class(column: Column) -> str:
    return ' class="number"' if column.is_number else ""


def _html_row(row: Row, columns: Sequence[Column]) -> str:
    cells = "".join(
        f'<td data-label="{html.escape(column.heading)}"'
        f"{_number_class(column)}{_sign(column, cell)}>{html.escape(cell)}</td>"
        for cell, column in zip(row.cells, columns, strict=True)
    )
    return f'<tr class="{row.role}">{cells}</tr>'


def _sign(column: Column, cell: str) -> str:
    """Return the mark that colours a signed amount; the sign itself stands in the text."""
    if column.is_number and cell.startswith("+"):
        return ' data-sign="deposit"'
    return ' data-sign="withdrawal"' if column.is_number and cell.startswith("\u2212") else ""
