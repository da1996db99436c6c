"""Columns and segments of a policy: which groups of accounts have rules of their own, and why.

A segment may read a column only if its role allows that: what is merely displayed, or what trust
brings in, decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.goal_guard import goal_word, goal_word_inside
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind, first_contact_twin
from vertrauenskonto.core.ledger.policy import ColumnRole, Segment
from vertrauenskonto.core.ledger.policy_file.admissible import Path
from vertrauenskonto.core.ledger.policy_file.parameters import (
    PARAMETER_FIELDS,
    SEGMENT_SECTIONS,
    parameters_from,
)
from vertrauenskonto.core.ledger.policy_file.report import Report, Tree
from vertrauenskonto.core.ledger.policy_file.rules import (
    check_silence,
    generated_text,
    has_twin,
    note_ladder,
)
from vertrauenskonto.core.ledger.policy_file.schema import COLUMN_FIELD, KIND_FIELDS, SEGMENT_FIELDS

_FIELDS = {f.key: f for f in SEGMENT_FIELDS}
_PARAMETERS = {f.path: f for f in PARAMETER_FIELDS if f.path[0] in SEGMENT_SECTIONS}
_POINTS = {f.path: f for f in KIND_FIELDS if f.key in DIMENSIONS}
_KEYS = (*_FIELDS, *SEGMENT_SECTIONS, "kinds")


def read_columns(raw: object, report: Report) -> dict[str, ColumnRole]:
    """Return the declared columns and their roles; refuse revenue where a rule could read it."""
    columns: dict[str, ColumnRole] = {}
    for name, value in (report.table(raw, ("columns",)) or {}).items():
        path = ("columns", name)
        role = report.read(value, COLUMN_FIELD, path)
        word = goal_word(name)
        if word and role in ("event", "segment"):
            report.refuse_goal(path, word)
        elif role is not None:
            columns[name] = role
    return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class General:
    """What holds for the whole company, and what a segment starts from.

    `written` is the table of kinds as it stands in the file, without the twins made from it.
    """

    values: Mapping[Path, Any]  # each read by the rule of its field
    kinds: Mapping[str, Kind]
    written: Tree
    columns: Mapping[str, ColumnRole]


def read_segments(raw: object, general: General, report: Report) -> tuple[Segment, ...]:
    """Return the segments, completed by what holds in general; report what is wrong with them."""
    tables = (report.table(raw, ("segments",)) or {}).items()
    read = ((name, report.table(own, ("segments", name))) for name, own in tables)
    return tuple(_segment(name, own, general, report) for name, own in read if own is not None)


def _segment(name: str, raw: Tree, general: General, report: Report) -> Segment:
    at = ("segments", name)
    report.refuse_unknown(raw, _KEYS, at)
    read = report.fields(raw, _FIELDS, at)
    column, wanted = read["column"] or "", read["values"] or ()
    word = goal_word(name) or goal_word(column) or goal_word_inside(wanted)
    if word:
        report.refuse_goal((*at, "column") if goal_word(column) else at, word)
    else:
        # Also keys that do not exist (yet), such as a priority.
        has_own_rules = any(key not in _FIELDS for key in raw)
        _check_segment_rule(at, raw, general.columns, has_own_rules, report)
    own = report.parameters(raw, _PARAMETERS, at)
    values = {**general.values, **own}
    if any(path[0] == "silence" for path in own):
        check_silence(values, at, report)
    kinds = _segment_kinds(raw.get("kinds", {}), general, at, report)
    if kinds != general.kinds:
        note_ladder(kinds, (*at, "kinds"), report)
    return Segment(
        name=name,
        label=Text(read["label_de"] or "", read["label_en"] or ""),
        parameters=parameters_from(values),
        kinds=kinds,
        column=column,
        values=wanted,
    )


def _check_segment_rule(
    at: Path, raw: Tree, columns: Mapping[str, ColumnRole], has_own_rules: bool, report: Report
) -> None:
    """Check that the rule of a segment is complete and reads only what a rule may read."""
    if ("column" in raw) != ("values" in raw):
        there, missing = ("column", "values") if "column" in raw else ("values", "column")
        text = Text(
            de=f"{there} steht ohne {missing}; die Regel einer Gruppe braucht beide, oder keine "
            "von beiden, wenn Sie Konten von Hand zuordnen.",
            en=f"{there} stands without {missing}; the rule of a segment needs both, or neither "
            "if you assign accounts by hand.",
        )
        report.error("segment_rule", (*at, there), text)
    column = raw.get("column")
    if not isinstance(column, str) or report.has_error(("columns", column)):
        return
    place, role = (*at, "column"), columns.get(column)
    if role is None:
        text = Text(
            de=f"Die Spalte „{column}“ ist nicht vereinbart. Schreiben Sie unter [columns]: "
            f'{column} = "segment".',
            en=f"The column '{column}' is not declared. Write under [columns]: "
            f'{column} = "segment".',
        )
        report.error("undeclared_column", place, text)
    elif role == "event":
        text = Text(
            de=f"Die Spalte „{column}“ hat die Rolle event (sie beschreibt ein Ereignis); eine "
            f'Gruppe liest Eigenschaften eines Kontos: {column} = "segment".',
            en=f"The column '{column}' has the role event (it describes an event); a segment "
            f'reads properties of an account: {column} = "segment".',
        )
        report.error("segment_reads_event", place, text)
    elif role in ("display", "outcome") and has_own_rules:
        text = Text(
            de=f"Die Spalte „{column}“ hat die Rolle {role}; eine Gruppe, die sie liest, darf "
            "keine eigenen Regeln, keinen Rhythmus und keinen Vorrang tragen. Wählen Sie eine "
            'Spalte mit der Rolle "segment", oder streichen Sie die Regeln der Gruppe.',
            en=f"The column '{column}' has the role {role}; a segment that reads it cannot carry "
            "a policy, a cadence or a priority. Choose a column with the role "
            '"segment", or remove the rules of the segment.',
        )
        report.error("segment_reads_display", place, text)


def _segment_kinds(raw: object, general: General, at: Path, report: Report) -> dict[str, Kind]:
    kinds = dict(general.kinds)
    for name, value in (report.table(raw, (*at, "kinds")) or {}).items():
        path = (*at, "kinds", name)
        if name not in general.written:
            if name in kinds:
                base = name.removeprefix(FIRST_CONTACT_PREFIX)
                report.error("generated_kind", path, generated_text(name, base))
            else:
                report.unknown(path, value, general.written)
            continue
        own = report.section(value, _POINTS, path, ())
        points: dict[Dimension, float] = dict(kinds[name].points)
        points |= {d: own[(d,)] for d in DIMENSIONS if (d,) in own}
        kinds[name] = replace(kinds[name], points={d: p for d, p in points.items() if p})
        if has_twin(general.written[name]):
            twin = first_contact_twin(kinds[name])
            kinds[twin.name] = twin
    return kinds
