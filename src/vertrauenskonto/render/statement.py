"""The statement of an account as a table, CSV, JSON or page: first the sentence, then the number.

Printed amounts add up: what ages or changes by rule is printed as the difference of the printed
balances beside it, so that a reader with a pencil comes to the closing balance.
"""

import html
import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry
from vertrauenskonto.core.ledger.statement import Statement, StatementLine
from vertrauenskonto.render.numbers import (
    decimals_needed,
    long_day,
    number,
    rounded,
    short_day,
)
from vertrauenskonto.render.page import Page, Section, page_html, verdict_section
from vertrauenskonto.render.tables import (
    Column,
    Role,
    Row,
    Table,
    csv_text,
    html_table,
    text_table,
)
from vertrauenskonto.render.words import (
    DIMENSION_LABELS,
    DIMENSION_SHORT,
    is_empty,
    outlook,
    place_word,
    verdict_word,
    weakest_sentence,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet:
    """All that a statement shows: the sums and lines, the value on its last day, the words.

    `labels`: the names of kinds; a kind without one shows its own name. `chart`: a ready SVG and
    its table as HTML, or empty. `name`: what people call the customer, beside the account's id.
    `compensates`: what an entry makes good, by its id.
    """

    statement: Statement
    valuation: Valuation
    runway_days: int | None
    labels: Mapping[str, Text] = field(default_factory=dict)
    chart: str = ""
    name: str = ""
    compensates: Mapping[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One row in the words and numbers of a language, as every form of the statement prints it.

    `name` says what happened, `note` what somebody wrote to it, `more` what else tells it apart;
    `points` per dimension, "" where there are none. `on` None: no day of its own.
    """

    role: Role
    on: date | None
    name: str
    balance: str
    note: str = ""
    more: str = ""
    where: str = ""
    points: tuple[str, ...] = ("",) * len(DIMENSIONS)
    amount: str = ""
    entry: Entry | None = None

    @property
    def what(self) -> str:
        """What happened, with everything that is said of it."""
        said = f"{self.name}: {self.note}" if self.note else self.name
        return f"{said} ({self.more})" if self.more else said


def statement_text(sheet: StatementSheet, language: Language, *, width: int = 100) -> str:
    """Return the statement for a terminal."""
    head = [_title(sheet, language), "", _outlook(sheet, language)]
    head.append(f"{_balance_label(language)} {_closing(sheet, language)}")
    verdicts = ", ".join(
        f"{DIMENSION_LABELS[d].in_language(language)} "
        f"{verdict_word(sheet.valuation.verdicts[d], sheet.valuation.opinions[d])[language == 'en']}"
        for d in DIMENSIONS
    )
    head += [verdicts, weakest_sentence(sheet.valuation, language), ""]
    table = text_table(statement_table(sheet, language), width=width)
    footnote = textwrap.fill(_footnote(sheet, language), width)
    return "\n".join(head) + "\n" + table + "\n" + footnote + "\n"


def statement_html(sheet: StatementSheet, language: Language) -> str:
    """Return the statement as one page of HTML that needs nothing else and prints on A4."""
    label = Text("Verlauf mit Vorschau", "Balance with outlook").in_language(language)
    sections = [verdict_section(sheet.valuation, language)]
    nothing = Text(
        "Der Verlauf beginnt mit dem ersten Ereignis, zum Beispiel einer gehaltenen Zusage.",
        "The line begins with the first event, for example a promise kept.",
    ).in_language(language)
    chart = f"<p>{nothing}</p>" if is_empty(sheet.valuation) else sheet.chart
    if chart:
        sections.append(Section(heading=label, body=chart))
    heading = Text("Kontoauszug", "Statement").in_language(language)
    table = html_table(statement_table(sheet, language))
    sections.append(
        Section(heading=heading, body=f'<div class="scroll cards" tabindex="0">{table}</div>')
    )
    return page_html(
        Page(
            title=_title(sheet, language),
            heading=_who(sheet),
            sentence=_outlook(sheet, language),
            figure_label=_balance_label(language),
            figure=_closing(sheet, language),
            sections=tuple(sections),
            footnote=html.escape(_footnote(sheet, language)),
        ),
        language,
    )


def statement_table(sheet: StatementSheet, language: Language) -> Table:
    """Return opening, lines, balancing items and closing as a table of words."""
    value = sheet.statement
    columns = (
        Column(heading=Text("Tag", "Day").in_language(language)),
        Column(heading=Text("Was geschah", "What happened").in_language(language), wraps=True),
        Column(heading=Text("Wo", "Where").in_language(language)),
        *(
            Column(heading=DIMENSION_SHORT[d].in_language(language), is_number=True)
            for d in DIMENSIONS
        ),
        Column(heading=Text("Betrag", "Amount").in_language(language), is_number=True),
        Column(heading=Text("Stand", "Balance").in_language(language), is_number=True),
    )
    caption = Text(
        f"Punkte; vom Ende des {long_day(value.after, language)} "
        f"bis zum Ende des {long_day(value.until, language)}",
        f"Points; from the end of {long_day(value.after, language)} "
        f"to the end of {long_day(value.until, language)}",
    ).in_language(language)
    return Table(
        caption=caption,
        columns=columns,
        rows=tuple(_table_row(row, language) for row in statement_rows(sheet, language)),
    )


def made_good(account: Account, compensates: Mapping[str, str]) -> dict[str, Entry]:
    """Return what entries of an account make good, by their ids; `compensates` names it by id."""
    known = {e.id: e for e in account.entries}
    return {name: known[other] for name, other in compensates.items() if other in known}


def statement_rows(sheet: StatementSheet, language: Language) -> tuple[StatementRow, ...]:
    """Return opening, lines, balancing items and closing, in order."""
    places = decimals_needed([p for line in sheet.statement.lines for p in line.points.values()])
    return tuple(_Rows(sheet, language, places).all())


def _table_row(row: StatementRow, language: Language) -> Row:
    day = short_day(row.on, language) if row.on else ""
    return Row((day, row.what, row.where, *row.points, row.amount, row.balance), row.role)


def statement_csv(sheet: StatementSheet) -> str:
    """Return the statement as CSV for programs: ISO days, decimal points, unrounded numbers."""
    value = sheet.statement
    rows: list[Sequence[object]] = []
    rows.append((value.after, "opening", *_blank(5), value.opening))
    running = value.opening
    for name in ("corrections", "change_of_rules"):
        amount = getattr(value, name)
        running += amount
        rows.append((value.until, name, *_blank(4), amount, running))
    for line in value.lines:
        kind = line.entry.kind if line.entry else "silence"
        where = line.entry.target if line.entry else ""
        points = [line.points[d] for d in DIMENSIONS]
        amount = sum(points) - line.silence
        rows.append((line.on, kind, where, *points, amount, line.running))
    rows.append((value.until, "aging", *_blank(4), value.aging, value.closing))
    rows.append((value.until, "closing", *_blank(5), value.closing))
    headings = ("day", "kind", "target", *DIMENSIONS, "amount", "balance")
    return csv_text(headings, rows)


def statement_json(sheet: StatementSheet) -> str:
    """Return the statement as JSON: names in English, ISO days, unrounded numbers."""
    value = sheet.statement
    names = (
        *("opening", "corrections", "change_of_rules", "deposits", "withdrawals"),
        *("silence", "silence_charges", "aging", "closing"),
    )
    raw: dict[str, Any] = {
        "account": value.account,
        "after": value.after.isoformat(),
        "until": value.until.isoformat(),
        "known_at": value.known_at.isoformat() if value.known_at else None,
        "opening_policy": value.opening_policy,
        "closing_policy": value.closing_policy,
        **{name: getattr(value, name) for name in names},
        "runway_days": sheet.runway_days,
        "below_threshold": sheet.valuation.below_threshold,
        "verdicts": dict(sheet.valuation.verdicts),
        "weakest": {
            "dimension": sheet.valuation.weakest.dimension,
            "expected": sheet.valuation.weakest.expected,
            "reason": sheet.valuation.weakest.reason,
        },
        "lines": [_json_line(line, sheet.compensates) for line in value.lines],
    }
    return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"


def _json_line(line: StatementLine, compensates: Mapping[str, Entry]) -> dict[str, Any]:
    raw: dict[str, Any] = {"day": line.on.isoformat()}
    if line.entry:
        raw |= {"id": line.entry.id, "kind": line.entry.kind, "target": line.entry.target}
        raw |= {"source": line.entry.source, "points": dict(line.points)}
        if line.entry.id in compensates:
            raw["compensates"] = compensates[line.entry.id].id
    if line.charge:
        raw |= {"silence": line.silence, "silent_since": line.charge.since.isoformat()}
    return raw | {"balance": line.running}


class _Rows:
    """Builds the rows of one statement, carrying the printed balance."""

    def __init__(self, sheet: StatementSheet, language: Language, places: int) -> None:
        self.sheet = sheet
        self.language = language
        self.places = places
        self.printed = rounded(sheet.statement.opening, places)
        self.alike = Counter(map(_look, sheet.statement.lines))

    def all(self) -> list[StatementRow]:
        value = self.sheet.statement
        opening = Text("Übertrag", "Brought forward").in_language(self.language)
        rows = [self._row("opening", value.after, opening)]
        if round(value.corrections, 9):
            text = Text(
                "Berichtigungen seit dem letzten Auszug", "Corrections since the last statement"
            )
            rows.append(self._to(value.opening + value.corrections, text))
        if round(value.change_of_rules, 9):
            change = f"{value.opening_policy} → {value.closing_policy}"
            text = Text(f"Geänderte Regeln ({change})", f"Change of rules ({change})")
            rows.append(self._to(value.opening + value.corrections + value.change_of_rules, text))
        rows += [self._line(line) for line in value.lines]
        if rounded(value.closing, self.places) != self.printed or value.lines:
            rows.append(self._to(value.closing, Text("Alterung", "Aging")))
        last = long_day(value.until, self.language)
        closing = Text(f"Stand am {last}", f"Balance on {last}").in_language(self.language)
        rows.append(self._row("closing", value.until, closing))
        return rows

    def _line(self, line: StatementLine) -> StatementRow:
        amount = sum(line.points.values()) - line.silence
        self.printed = rounded(line.running, self.places)
        if line.charge:
            since = short_day(line.charge.since, self.language)
            what = Text(f"Stille seit {since}", f"Silence since {since}").in_language(self.language)
            return self._row("silence", line.on, what, amount=self._number(amount))
        entry = line.entry
        assert entry is not None, "a line is an entry or a charge"
        points = tuple(self._number(line.points[d]) if line.points[d] else "" for d in DIMENSIONS)
        return StatementRow(
            role="line",
            on=line.on,
            name=self._name(entry),
            note=entry.note,
            more="; ".join(filter(None, (self._made_good(entry), self._apart(line, entry)))),
            where=place_word(entry.target, entry.source, self.language),
            points=points,
            amount=self._number(amount) if any(points) else "",
            balance=self._balance(),
            entry=entry,
        )

    def _name(self, entry: Entry) -> str:
        label = self.sheet.labels.get(entry.kind)
        return label.in_language(self.language) if label else entry.kind

    def _made_good(self, entry: Entry) -> str:
        other = self.sheet.compensates.get(entry.id)
        if other is None:
            return ""
        name, day = self._name(other), short_day(other.on, self.language)
        text = Text(f"gleicht aus: {name}, {day}", f"makes good: {name}, {day}")
        return text.in_language(self.language)

    def _apart(self, line: StatementLine, entry: Entry) -> str:
        """Return the entry's id where nothing else tells lines apart."""
        return entry.id if self.alike[_look(line)] > 1 else ""

    def _to(self, balance: float, text: Text) -> StatementRow:
        """Return a balancing row that brings the printed balance to `balance`."""
        after = rounded(balance, self.places)
        amount = self._number(after - self.printed)
        self.printed = after
        return self._row("balancing", None, text.in_language(self.language), amount=amount)

    def _row(self, role: Role, on: date | None, name: str, *, amount: str = "") -> StatementRow:
        return StatementRow(role=role, on=on, name=name, amount=amount, balance=self._balance())

    def _balance(self) -> str:
        return number(self.printed, self.language, decimals=self.places)

    def _number(self, amount: float | Decimal) -> str:
        return number(amount, self.language, decimals=self.places, signed=True)


def _look(line: StatementLine) -> tuple[object, ...]:
    entry = line.entry
    said = (entry.kind, entry.note, entry.target, entry.source) if entry else ()
    return (line.on, *said)


def _blank(cells: int) -> list[None]:
    return [None] * cells


def _who(sheet: StatementSheet) -> str:
    return " ".join(part for part in (sheet.statement.account, sheet.name) if part)


def _title(sheet: StatementSheet, language: Language) -> str:
    account = _who(sheet)
    return Text(f"Kontoauszug {account}", f"Statement {account}").in_language(language)


def _balance_label(language: Language) -> str:
    return Text("Kontostand", "Balance").in_language(language)


def _closing(sheet: StatementSheet, language: Language) -> str:
    return number(sheet.statement.closing, language)


def _outlook(sheet: StatementSheet, language: Language) -> str:
    value = sheet.valuation
    nothing = is_empty(value) and not sheet.statement.lines
    return outlook(sheet.runway_days, value.as_of, language, is_empty=nothing)


def _footnote(sheet: StatementSheet, language: Language) -> str:
    value = sheet.statement
    known = (
        Text(
            f"wie am {long_day(value.known_at, language)} bekannt",
            f"as known on {long_day(value.known_at, language)}",
        )
        if value.known_at
        else Text("mit allem, was erfasst ist", "with everything that was recorded")
    )
    return Text(
        f"Regelwerk {value.closing_policy}, {known.de}. Punkte und Halbwertszeiten sind "
        "Festlegungen, bis sie an eigenen Kundinnen und Kunden geeicht sind.",
        f"Policy {value.closing_policy}, {known.en}. Points and half-lives are conventions until "
        "they are calibrated on a company's own customers.",
    ).in_language(language)
