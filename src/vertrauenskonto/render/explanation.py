"""Why a balance is what it is: every contribution as a table, CSV or JSON; it adds up."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.core.ledger.explain import Explanation
from vertrauenskonto.render.numbers import counted, long_day, number, rounded, short_day
from vertrauenskonto.render.tables import Column, Row, Table, csv_text, text_table
from vertrauenskonto.render.words import DIMENSION_LABELS, weakest_sentence


class _Part(NamedTuple):
    day: date
    kind: str
    dimension: Dimension | None
    points: float
    weight: float
    contribution: float


def explanation_text(
    value: Explanation,
    language: Language,
    *,
    account: str,
    labels: Mapping[str, Text],
    width: int = 100,
) -> str:
    """Return the explanation for a terminal: the balance, why, and what each thing counts today."""
    day = long_day(value.valuation.as_of, language)
    balance = number(value.valuation.balance, language)
    title = Text(f"{account} am {day}: {balance} Punkte", f"{account} on {day}: {balance} points")
    table = text_table(explanation_table(value, language, labels=labels), width=width)
    lines = [title.in_language(language), weakest_sentence(value.valuation, language), "", table]
    notes = _notes(value, language)
    return "\n".join(lines) + (f"\n{notes}\n" if notes else "")


def explanation_table(
    value: Explanation, language: Language, *, labels: Mapping[str, Text]
) -> Table:
    """Return every contribution in order of day, and their sum."""
    columns = (
        Column(heading=Text("Tag", "Day").in_language(language)),
        Column(heading=Text("Was geschah", "What happened").in_language(language), wraps=True),
        Column(heading=Text("Trägt bei zu", "Counts for").in_language(language)),
        Column(heading=Text("Punkte", "Points").in_language(language), is_number=True),
        Column(heading=Text("Gewicht", "Weight").in_language(language), is_number=True),
        Column(heading=Text("zählt heute", "counts now").in_language(language), is_number=True),
    )
    rows = [_row(part, language, labels) for part in _parts(value)]
    last = Text("Stand", "Balance").in_language(language)
    total = number(rounded(value.valuation.balance, 2), language, decimals=2)
    rows.append(Row(("", last, "", "", "", total), "closing"))
    return Table(caption=last, columns=columns, rows=tuple(rows))


def explanation_csv(value: Explanation) -> str:
    """Return the contributions as CSV for programs: ISO days, unrounded numbers."""
    headings = ("day", "kind", "dimension", "points", "weight", "contribution")
    return csv_text(headings, _parts(value))


def explanation_json(value: Explanation, *, account: str) -> str:
    """Return the explanation as JSON: ISO days, unrounded numbers; contributions add up."""
    judged = value.valuation
    raw: dict[str, Any] = {
        "account": account,
        "view": judged.view,
        "as_of": judged.as_of.isoformat(),
        "known_at": judged.known_at.isoformat() if judged.known_at else None,
        "policy": judged.policy,
        "balance": judged.balance,
        "contributions": [part._asdict() | {"day": part.day.isoformat()} for part in _parts(value)],
        "contacts_without_points": [_named(e.id, e.on, e.kind) for e in value.contacts],
        "set_aside": [_named(e.id, e.on, e.kind) for e in value.set_aside],
    }
    return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"


def _parts(value: Explanation) -> list[_Part]:
    parts = [
        _Part(p.entry.on, p.entry.kind, p.dimension, p.points, p.weight, p.contribution)
        for p in value.postings
    ]
    parts += [
        _Part(c.due, "silence", None, c.points, c.weight, c.contribution) for c in value.charges
    ]
    return sorted(parts, key=lambda part: part.day)


def _row(part: _Part, language: Language, labels: Mapping[str, Text]) -> Row:
    if part.dimension is None:
        name, role = Text("Stille", "Silence").in_language(language), "silence"
    else:
        label = labels.get(part.kind)
        name, role = label.in_language(language) if label else part.kind, "line"
    cells = (
        short_day(part.day, language),
        name,
        DIMENSION_LABELS[part.dimension].in_language(language) if part.dimension else "",
        number(part.points, language, signed=True),
        number(part.weight, language, decimals=2),
        number(part.contribution, language, decimals=2, signed=True),
    )
    return Row(cells, "silence" if role == "silence" else "line")


def _notes(value: Explanation, language: Language) -> str:
    notes = []
    contacts, aside = len(value.contacts), len(value.set_aside)
    if contacts:
        notes.append(
            Text(
                f"Dazu {_contacts(contacts, 'de')} ohne Punkte; das beendet nur eine Stille.",
                f"Besides, {_contacts(contacts, 'en')} without points; that only ends a silence.",
            )
        )
    if aside:
        notes.append(
            Text(
                f"{'1 Eintrag zählt' if aside == 1 else f'{aside} Einträge zählen'} nicht: "
                "storniert, Storno, noch nicht bekannt oder erst später.",
                f"{'1 entry does' if aside == 1 else f'{aside} entries do'} not count: reversed, "
                "a reversal, not known yet or yet to come.",
            )
        )
    return "\n".join(note.in_language(language) for note in notes)


def _contacts(number: int, language: Language) -> str:
    if language == "de":
        return counted(number, "de", one="Kontakt", many="Kontakte")
    return counted(number, "en", one="contact", many="contacts")


def _named(name: str, day: date, kind: str) -> dict[str, str]:
    return {"id": name, "day": day.isoformat(), "kind": kind}
