"""Sheets: reports and papers as a row of blocks, written as HTML, PDF and Markdown.

What a company must fill in itself stands in double square brackets in the text of a paper and is
marked so that nobody overlooks it.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render import typesetting
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.render.page import STYLE

_BLANK = re.compile(r"\[\[(.+?)\]\]")
_FILL_IN = Text("Bitte ergänzen", "Please fill in")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; `is_lead` for the ones that come first and larger."""

    text: str
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; `numbers` are the columns that hold amounts, `widths` are shares of the page.

    A cell may have several lines; those after the first are shown smaller unless they are amounts.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: frozenset[int] = field(default_factory=frozenset)


Block = Heading | Paragraph | Items | Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A document; `has_blanks` says that double square brackets in it are to be filled in."""

    title: str
    subtitle: str
    language: Language
    made_on: date
    blocks: tuple[Block, ...]
    has_blanks: bool = False


_MORE_STYLE = """
main { max-width: 56rem; }
h1.title { font-size: 1.728rem; line-height: 1.25; color: var(--ink); margin: 0 0 4px; }
.subtitle { margin: 0; color: var(--quiet); }
section p, section li { max-width: 70ch; }
.lead { font-size: 1.2rem; }
.cell-more { display: block; color: var(--quiet); font-size: .875rem; }
section th:first-child, section td:first-child { white-space: normal; }
mark { background: light-dark(#fff1c2, #4a3c10); color: var(--ink); padding: 0 4px; }
@media (max-width: 40rem) {
  .sheet thead { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%); }
  .sheet table, .sheet tbody { display: block; }
  .sheet tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--rule); }
  .sheet td { display: grid; grid-template-columns: 8rem 1fr; gap: 0 12px; border: 0; padding: 2px 0;
    text-align: left; overflow-wrap: anywhere; min-width: 0; }
  .sheet td > span { min-width: 0; }
  .sheet td::before { content: attr(data-label); color: var(--quiet); font-size: .875rem; }
  .sheet td:empty { display: none; }
}
@media print { mark { border: 1px solid; } }
""".strip()


def sheet_html(sheet: Sheet) -> str:
    """Return the sheet as one page of HTML that carries its own style and loads nothing."""
    body, is_open = [], False
    for block in sheet.blocks:
        if isinstance(block, Heading):
            body.append(
                f"{'</section>' if is_open else ''}<section><h2>{html.escape(block.text)}</h2>"
            )
            is_open = True
        else:
            body.append(_block_html(block, sheet))
    if is_open:
        body.append("</section>")
    parts = "\n".join(body)
    return f"""<!doctype html>
<html lang="{sheet.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(sheet.title)}</title>
<style>
{STYLE}
{_MORE_STYLE}
</style>
</head>
<body>
<main>
<h1 class="title">{html.escape(sheet.title)}</h1>
<p class="subtitle">{html.escape(sheet.subtitle)}</p>
{parts}
</main>
</body>
</html>
"""


def sheet_markdown(sheet: Sheet) -> str:
    """Return the sheet as Markdown."""
    parts = [f"# {sheet.title}", sheet.subtitle]
    for block in sheet.blocks:
        if isinstance(block, Heading):
            parts.append(f"## {block.text}")
        elif isinstance(block, Paragraph):
            parts.append(_marked(block.text, sheet, "**[", "]**"))
        elif isinstance(block, Items):
            parts.append("\n".join(f"- {_marked(i, sheet, '**[', ']**')}" for i in block.items))
        else:
            parts.append(_grid_markdown(block, sheet))
    return "\n\n".join(parts) + "\n"


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return the sheet as PDF (PDF/UA-1, so that screen readers read it); same input, same bytes."""
    data = {
        "title": sheet.title,
        "subtitle": sheet.subtitle,
        "language": sheet.language,
        "date": [sheet.made_on.year, sheet.made_on.month, sheet.made_on.day],
        "day": long_day(sheet.made_on, sheet.language),
        "blocks": [_block_data(block, sheet) for block in sheet.blocks],
    }
    return typesetting.pdf("sheet.typ", data)


def _spans(text: str, sheet: Sheet) -> list[tuple[str, bool]]:
    """Return pieces of a text and whether each is a blank to fill in."""
    if not sheet.has_blanks:
        return [(text, False)]
    pieces = _BLANK.split(text)
    return [(piece, n % 2 == 1) for n, piece in enumerate(pieces) if piece]


def _marked(text: str, sheet: Sheet, before: str, after: str) -> str:
    word = _FILL_IN.in_language(sheet.language)
    return "".join(
        f"{before}{word}: {piece}{after}" if is_blank else piece
        for piece, is_blank in _spans(text, sheet)
    )


def _marked_html(text: str, sheet: Sheet) -> str:
    word = _FILL_IN.in_language(sheet.language)
    return "".join(
        f"<mark>{word}: {html.escape(piece)}</mark>" if is_blank else html.escape(piece)
        for piece, is_blank in _spans(text, sheet)
    )


def _block_html(block: Block, sheet: Sheet) -> str:
    if isinstance(block, Items):
        items = "".join(f"<li>{_marked_html(item, sheet)}</li>" for item in block.items)
        return f"<ul>{items}</ul>"
    if isinstance(block, Grid):
        return _grid_html(block, sheet)
    mark = ' class="lead"' if isinstance(block, Paragraph) and block.is_lead else ""
    return f"<p{mark}>{_marked_html(block.text, sheet)}</p>"


def _grid_html(grid: Grid, sheet: Sheet) -> str:
    head = "".join(
        f'<th scope="col"{_number(grid, n)}>{html.escape(words)}</th>'
        for n, words in enumerate(grid.headings)
    )
    rows = []
    for row in grid.rows:
        cells = "".join(
            f'<td data-label="{html.escape(grid.headings[n])}"{_number(grid, n)}>'
            f"{_cell_html(cell, sheet, is_number=n in grid.numbers)}</td>"
            for n, cell in enumerate(row)
        )
        rows.append(f"<tr>{cells}</tr>")
    return (
        f'<div class="scroll sheet"><table><thead><tr>{head}</tr></thead>\n<tbody>'
        + "\n".join(rows)
        + "</tbody></table></div>"
    )


def _number(grid: Grid, column: int) -> str:
    return ' class="number"' if column in grid.numbers else ""


def _cell_html(cell: str, sheet: Sheet, *, is_number: bool) -> str:
    if not cell:
        return ""
    first, *more = cell.split("\n")
    if is_number:
        return f"<span>{'<br>'.join(html.escape(line) for line in (first, *more))}</span>"
    rest = "".join(f'<span class="cell-more">{_marked_html(line, sheet)}</span>' for line in more)
    return f"<span>{_marked_html(first, sheet)}{rest}</span>"


def _grid_markdown(grid: Grid, sheet: Sheet) -> str:
    def line(cells: Sequence[str]) -> str:
        told = [
            _marked(cell, sheet, "**[", "]**").replace("|", "\\|").replace("\n", "<br>")
            for cell in cells
        ]
        return f"| {' | '.join(told)} |"

    rule = [("---:" if n in grid.numbers else "---") for n in range(len(grid.headings))]
    return "\n".join([line(grid.headings), line(rule), *(line(row) for row in grid.rows)])


def _block_data(block: Block, sheet: Sheet) -> dict[str, object]:
    if isinstance(block, Heading):
        return {"type": "heading", "text": block.text}
    if isinstance(block, Paragraph):
        return {"type": "text", "spans": _span_data(block.text, sheet), "lead": block.is_lead}
    if isinstance(block, Items):
        return {"type": "items", "items": [_span_data(item, sheet) for item in block.items]}
    return {
        "type": "grid",
        "headings": list(block.headings),
        "widths": list(block.widths),
        "numbers": sorted(block.numbers),
        "rows": [
            [[_span_data(part, sheet) for part in cell.split("\n")] for cell in row]
            for row in block.rows
        ],
    }


def _span_data(text: str, sheet: Sheet) -> list[list[object]]:
    word = _FILL_IN.in_language(sheet.language)
    return [
        [f"{word}: {piece}" if is_blank else piece, is_blank]
        for piece, is_blank in _spans(text, sheet)
    ]
