"""The statement as a letter on paper: PDF by typst, the same bytes for the same input.

Opening and closing balance stand on each page, so that no sheet of it can be read alone.
"""

from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.render import typesetting
from vertrauenskonto.render.charts import DRAWN_FONT
from vertrauenskonto.render.numbers import long_day, number, short_day
from vertrauenskonto.render.page import GUARD
from vertrauenskonto.render.statement import (
    StatementRow,
    StatementSheet,
    statement_rows,
    statement_table,
)
from vertrauenskonto.render.words import DIMENSION_LABELS, outlook, verdict_word

# A font that the PDF's program brings along: pictures look the same on every machine.
_FONT = "Libertinus Serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What makes the statement a letter: who writes, to whom, on which day.

    `address`: name first, then the lines of the postal address. `chart`: a picture as SVG, or "".
    """

    company: str
    address: tuple[str, ...]
    made_on: date
    chart: str = ""


def statement_pdf(sheet: StatementSheet, language: Language, *, letter: Letter) -> bytes:
    """Return the statement as PDF (PDF/UA-1, so that screen readers read it)."""
    return typesetting.pdf("statement.typ", _data(sheet, language, letter))


def _data(sheet: StatementSheet, language: Language, letter: Letter) -> dict[str, object]:
    value, rows = sheet.statement, statement_rows(sheet, language)
    opening, closing = rows[0], rows[-1]
    made_on = letter.made_on
    said = {
        "title": Text("Kontoauszug", "Statement"),
        "account": Text("Konto", "Account"),
        "period": Text(
            f"Vom Ende des {long_day(value.after, 'de')} bis zum Ende des "
            f"{long_day(value.until, 'de')}",
            f"From the end of {long_day(value.after, 'en')} to the end of "
            f"{long_day(value.until, 'en')}",
        ),
        "opening": Text(
            f"Stand am {short_day(value.after, 'de')}: {opening.balance}",
            f"Balance on {short_day(value.after, 'en')}: {opening.balance}",
        ),
        "closing": Text(
            f"Stand am {short_day(value.until, 'de')}: {closing.balance}",
            f"Balance on {short_day(value.until, 'en')}: {closing.balance}",
        ),
        "balance": Text("Kontostand", "Balance"),
        "outlook": Text(_outlook(sheet, "de"), _outlook(sheet, "en")),
        "page": Text("Seite", "Page"),
        "of": Text("von", "of"),
        "alt": Text(
            f"Verlauf des Kontostands, zuletzt {number(value.closing, 'de')}; die Zahlen stehen in "
            "der Tabelle.",
            f"Course of the balance, last {number(value.closing, 'en')}; the numbers stand in the "
            "table.",
        ),
        "rules": Text(
            f"Regelwerk {value.closing_policy}. Punkte und wie schnell sie verblassen, sind "
            "Festlegungen, bis sie an eigenen Kundinnen und Kunden geeicht sind.",
            f"Policy {value.closing_policy}. Points and how fast they fade are conventions until "
            "they are calibrated on a company's own customers.",
        ),
        "guard": GUARD,
    }
    table = statement_table(sheet, language)
    return {
        **{name: text.in_language(language) for name, text in said.items()},
        "language": language,
        "company": letter.company,
        "address": list(letter.address),
        "key": value.account,
        "date": [made_on.year, made_on.month, made_on.day],
        "day": long_day(made_on, language),
        "figure": number(value.closing, language),
        "verdicts": [
            [
                DIMENSION_LABELS[d].in_language(language),
                verdict_word(sheet.valuation.verdicts[d], sheet.valuation.opinions[d]).in_language(
                    language
                ),
            ]
            for d in DIMENSIONS
        ],
        "headings": [column.heading for column in table.columns],
        "rows": [_cells(row, language) for row in rows],
        "chart": letter.chart.replace(DRAWN_FONT, _FONT),
    }


def _outlook(sheet: StatementSheet, language: Language) -> str:
    """Return the first sentence; where another day is valued than the last, there is none."""
    value = sheet.valuation
    if value.below_threshold is None or value.as_of != sheet.statement.until:
        return ""
    return outlook(sheet.runway_days, value.as_of, language, is_empty=False)


def _cells(row: StatementRow, language: Language) -> dict[str, object]:
    return {
        "role": row.role,
        "day": short_day(row.on, language) if row.on else "",
        "name": row.name,
        "more": [text for text in (row.note, row.more) if text],
        "where": row.where,
        "numbers": [*row.points, row.amount, row.balance],
    }
