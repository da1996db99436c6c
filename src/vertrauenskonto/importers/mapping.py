"""Mapping: how the columns of somebody's file become events and outcomes.

A mapping is read from TOML and checked as far as that goes without a database; `engine` checks its
expressions and executes it. All mistakes are found at once, each named by its key.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.goal_guard import goal_problem, goal_word, outcome_problem
from vertrauenskonto.core.ledger.policy import ColumnRole
from vertrauenskonto.importers.formats import ISO_8601, Format, format_of
from vertrauenskonto.importers.mapping_keys import (
    COLUMN_KEYS,
    EVENT_KEYS,
    FORMAT_KEYS,
    KIND_KEYS,
    OUTCOME_KEYS,
    RULE_KEYS,
    TOP_KEYS,
)
from vertrauenskonto.importers.promise_keys import PROMISE_KEYS
from vertrauenskonto.importers.toml_lines import KeyLines, key_lines, toml_tables
from vertrauenskonto.importers.tree import Branch

ColumnType = Literal["text", "day", "instant", "decimal", "integer", "boolean"]
SKIP = "skip"
PROBLEM = "problem"
INPUT = "input"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Our own columns stand beside the declared ones.
_RESERVED_PREFIX = "vk_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A declared column: read from the file under the first of `sources`, or computed."""

    name: str
    type: ColumnType = "text"
    sources: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    time_zone: str = ""
    role: ColumnRole = "event"
    is_optional: bool = False
    expression: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`kind` where the condition `when` holds; the kind may be "skip"."""

    when: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChoice:
    """How a row gets its kind: a constant, a column through a table of values, or rules.

    `otherwise` says what a row gets that nothing fits: "problem", "skip" or a kind.
    """

    constant: str = ""
    column: str = ""
    values: Mapping[str, str] | None = None
    rules: tuple[Rule, ...] = ()
    otherwise: str = PROBLEM

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that stand in the mapping, without repetition."""
        named = [self.constant, *(self.values or {}).values(), *(r.kind for r in self.rules)]
        named.append(self.otherwise)
        return tuple(dict.fromkeys(k for k in named if k not in ("", SKIP, PROBLEM)))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBlock:
    """What happened, as expressions over the declared columns; "" means not given."""

    account: str
    day: str
    id: str
    kind: KindChoice
    when: str = ""
    recorded: str = ""
    required: tuple[str, ...] = ()
    target: str = ""
    promise: str = ""
    note: str = ""
    points: Mapping[Dimension, str]
    reverses: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeBlock:
    """What was measured of a customer; `value` is an expression, "" counts as 1."""

    outcome: str
    account: str
    day: str
    id: str
    when: str = ""
    recorded: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBlock:
    """What was promised and what became of it, as expressions; times are days or instants."""

    account: str
    id: str
    wording: str
    made: str
    due: str
    when: str = ""
    done: str = ""
    told: str = ""
    agreed: str = ""
    new_due: str = ""
    withdrawn: str = ""
    capability: str = ""
    said_in: str = ""
    first: str = ""
    before_order: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How the text files of a mapping are written; "" for encoding or delimiter: find it."""

    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."
    days: tuple[Format, ...]
    instants: tuple[Format, ...]
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """A whole mapping file. `files` maps names in the query to file names; empty: one file."""

    name: str
    source: str
    title: Text
    export: Text
    link: str
    licence: str
    seen: str
    time_zone: str
    format: FileFormat
    files: Mapping[str, str]
    query: str
    columns: tuple[Column, ...]
    events: tuple[EventBlock, ...]
    outcomes: tuple[OutcomeBlock, ...]
    promises: tuple[PromiseBlock, ...] = ()
    # Where its keys stand, for messages; the same mapping written otherwise is the same mapping.
    lines: KeyLines = field(default_factory=dict, compare=False, repr=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind that stands in the mapping, without repetition."""
        return tuple(dict.fromkeys(kind for block in self.events for kind in block.kind.kinds))


def read_mapping(path: Path) -> FileMapping:
    """Return the mapping in the TOML file `path`.

    Raises:
        NotFound: there is no such file.
        Invalid: it is no TOML, or the mapping has mistakes; all are listed with their line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise NotFound(
            Text(
                de=f"Die Zuordnungsdatei {path} gibt es nicht; bitte prüfen Sie den Pfad.",
                en=f"There is no mapping file {path}; check the path.",
            )
        ) from None
    except UnicodeDecodeError:
        raise Invalid(
            Text(
                de=f"{path.name} ist nicht UTF-8; bitte so speichern.",
                en=f"{path.name} is not UTF-8; save it as such.",
            )
        ) from None
    return mapping_from_text(text, file=path.name)


def mapping_from_text(text: str, *, file: str) -> FileMapping:
    """Return the mapping that is written as TOML in `text`.

    Raises:
        Invalid: it is no TOML, or the mapping has mistakes, named by `file`, line and key.
    """
    try:
        raw = toml_tables(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            Text(
                de=f"{file} ist kein gültiges TOML ({error}); bitte berichtigen.",
                en=f"{file} is not valid TOML ({error}); correct it.",
            )
        ) from None
    return mapping_from_dict(raw, file=file, lines=key_lines(text))


def mapping_from_dict(
    raw: Mapping[str, Any], *, file: str = "", lines: KeyLines | None = None
) -> FileMapping:
    """Return the mapping that a TOML file holds; `lines` says where its keys stand.

    Raises:
        Invalid: with a problem for each mistake, named by `file`, key and, if known, line.
    """
    problems: list[Problem] = []
    top = Branch(raw, TOP_KEYS, file=file, path="", problems=problems, lines=lines or {})
    mapping = replace(_mapping(top), lines=lines or {})
    _check_references(mapping, top)
    if problems:
        raise Invalid(
            Text(
                de=f"Die Zuordnung {file} hat {len(problems)} Fehler.",
                en=f"The mapping {file} has {len(problems)} "
                f"{'mistake' if len(problems) == 1 else 'mistakes'}.",
            ),
            problems=sorted(problems, key=lambda problem: problem.line or 0),
        )
    return mapping


def _mapping(top: Branch) -> FileMapping:
    name = top.text("name")
    for key in ("name", "source"):
        if top.text(key) and not _NAME.fullmatch(top.text(key)):
            top.wrong(key, top.text(key), _LOWER_CASE)
    form = _format(top.branch("format", FORMAT_KEYS))
    columns = top.branch("columns")
    files = top.branch("files")
    events = tuple(_event(branch) for branch in top.branches("events", EVENT_KEYS))
    outcomes = tuple(_outcome(branch) for branch in top.branches("outcomes", OUTCOME_KEYS))
    promises = tuple(
        PromiseBlock(**{key.name: branch.text(key.name) for key in PROMISE_KEYS})
        for branch in top.branches("promises", PROMISE_KEYS)
    )
    if not events and not outcomes and not promises:
        top.wrong("events", "", _NOTHING_TO_READ)
    if len(files.keys) > 1 and not top.text("query"):
        top.wrong("query", "", _QUERY_NEEDED)
    return FileMapping(
        name=name,
        source=top.text("source") or name,
        title=top.texts("title"),
        export=top.texts("export"),
        link=top.text("link"),
        licence=top.text("licence"),
        seen=top.text("seen"),
        time_zone=top.text("time_zone") or "Europe/Berlin",
        format=form,
        files={key: files.text(key) for key in files.keys},
        query=top.text("query"),
        columns=tuple(_column(key, columns.branch(key, COLUMN_KEYS), form) for key in columns.keys),
        events=events,
        outcomes=outcomes,
        promises=promises,
    )


def _format(branch: Branch) -> FileFormat:
    decimal = branch.text("decimal") or "."
    if decimal not in (".", ","):
        branch.wrong("decimal", decimal, _DECIMAL_MARKS)
    delimiter = {"tab": "\t", "\\t": "\t"}.get(branch.text("delimiter"), branch.text("delimiter"))
    if len(delimiter) > 1:
        branch.wrong("delimiter", delimiter, _ONE_CHARACTER)
    return FileFormat(
        encoding=branch.text("encoding"),
        delimiter=delimiter,
        decimal=decimal,
        days=_formats(branch, "days", ["YYYY-MM-DD"]),
        instants=_formats(branch, "instants", [ISO_8601]),
        time_zone=branch.text("time_zone"),
    )


def _formats(branch: Branch, key: str, default: Sequence[str]) -> tuple[Format, ...]:
    found = []
    for written in branch.names(key) or default:
        form = format_of(written)
        if form is None:
            branch.wrong(key, written, _FORMAT_LETTERS)
        else:
            found.append(form)
    return tuple(found)


def _column(name: str, branch: Branch, form: FileFormat) -> Column:
    if not _COLUMN_NAME.fullmatch(name) or name.casefold().startswith(_RESERVED_PREFIX):
        branch.wrong("", name, _COLUMN_NAME_RULE)
    kind = branch.choice("type", get_args(ColumnType), "text")
    role = branch.choice("role", get_args(ColumnRole), "event")
    expression = branch.text("expression")
    if expression and branch.names("from"):
        branch.wrong("from", branch.names("from")[0], _READ_OR_COMPUTED)
    sources = () if expression else tuple(branch.names("from") or [name])
    if role in ("event", "segment"):
        word = next((w for text in (name, *sources) if (w := goal_word(text))), None)
        if word is not None:
            branch.report("role", goal_problem(word))
    default = {"day": form.days, "instant": form.instants}.get(kind, ())
    own = _formats(branch, "formats", []) if branch.names("formats") else default
    return Column(
        name=name,
        type=kind,  # type: ignore[arg-type]  # `choice` returns one of the given words
        sources=sources,
        formats=own,
        time_zone=branch.text("time_zone") or form.time_zone,
        role=role,  # type: ignore[arg-type]  # as above
        is_optional=branch.flag("optional"),
        expression=expression,
    )


def _event(branch: Branch) -> EventBlock:
    points = branch.branch("points")
    for key in points.keys:
        if key not in DIMENSIONS:
            points.unknown(key, DIMENSIONS)
    return EventBlock(
        account=branch.text("account"),
        day=branch.text("day"),
        id=branch.text("id"),
        kind=_kind_choice(branch),
        when=branch.text("when"),
        recorded=branch.text("recorded"),
        required=tuple(branch.names("required")),
        target=branch.text("target"),
        promise=branch.text("promise"),
        note=branch.text("note"),
        points={d: points.text(d) for d in DIMENSIONS if d in points.keys},
        reverses=branch.text("reverses"),
    )


def _kind_choice(branch: Branch) -> KindChoice:
    rules = []
    for rule in branch.branches("rules", RULE_KEYS):
        rules.append(Rule(when=rule.text("when"), kind=rule.text("kind")))
        _check_kind(rule, "kind", rule.text("kind"))
    otherwise = branch.text("otherwise") or PROBLEM
    _check_kind(branch, "otherwise", otherwise)
    if rules and branch.has("kind"):
        branch.wrong("kind", "", _ONE_WAY_TO_A_KIND)
    if branch.holds_table("kind"):
        table = branch.branch("kind", KIND_KEYS)
        values = table.branch("values")
        seen: set[str] = set()
        for key in values.keys:
            _check_kind(values, key, values.text(key))
            if key.casefold() in seen:
                values.wrong(key, key, _VALUES_DIFFER_BY_CASE)
            seen.add(key.casefold())
        _check_kind(table, "otherwise", table.text("otherwise"))
        return KindChoice(
            column=table.text("column"),
            values={key: values.text(key) for key in values.keys} if values.keys else None,
            otherwise=table.text("otherwise") or otherwise,
        )
    constant = branch.text("kind") if branch.has("kind") else ""
    _check_kind(branch, "kind", constant)
    if not constant and not rules and not branch.text("reverses"):
        branch.wrong("kind", "", _KIND_NEEDED)
    return KindChoice(constant=constant, rules=tuple(rules), otherwise=otherwise)


def _check_kind(branch: Branch, key: str, kind: str) -> None:
    outcome = outcome_problem(kind)
    if outcome is not None:
        branch.report(key, outcome)


def _outcome(branch: Branch) -> OutcomeBlock:
    outcome = branch.text("outcome")
    if outcome and not _NAME.fullmatch(outcome):
        branch.wrong("outcome", outcome, _LOWER_CASE)
    return OutcomeBlock(
        outcome=outcome,
        account=branch.text("account"),
        day=branch.text("day"),
        id=branch.text("id"),
        when=branch.text("when"),
        recorded=branch.text("recorded"),
        value=branch.text("value"),
    )


def _check_references(mapping: FileMapping, top: Branch) -> None:
    """Report columns that a block names plainly and that are not declared."""
    known = [column.name for column in mapping.columns]
    folded = {name.casefold() for name in known}
    if len(folded) < len(known):
        top.wrong("columns", "", _NAMES_DIFFER_BY_CASE)
    for index, block in enumerate(mapping.events):
        named = [("required", name) for name in block.required]
        named += [("kind.column", block.kind.column)] if block.kind.column else []
        for key, name in named:
            if name.casefold() not in folded:
                top.unknown(f"events[{index}].{key}", known, value=name)


_LOWER_CASE = Text(
    de="nötig sind Kleinbuchstaben, Ziffern und _, vorn ein Buchstabe",
    en="use lower-case letters, digits and _, starting with a letter",
)
_NOTHING_TO_READ = Text(
    de="nötig ist mindestens ein Block [[events]], [[promises]] oder [[outcomes]]",
    en="at least one block [[events]], [[promises]] or [[outcomes]] is needed",
)
_QUERY_NEEDED = Text(
    de="mehrere Dateien brauchen eine Abfrage, die sie verbindet",
    en="several files need a query that joins them",
)
_DECIMAL_MARKS = Text(de="erlaubt sind . und ,", en="use . or ,")
_ONE_CHARACTER = Text(
    de='nötig ist genau ein Zeichen, oder "tab"', en='exactly one character is needed, or "tab"'
)
_FORMAT_LETTERS = Text(
    de="DD = Tag, MM = Monat, YYYY = Jahr, HH:MM:SS = Uhrzeit; "
    'Beispiele: "DD.MM.YYYY", "YYYY-MM-DD HH:MM", "ISO 8601"',
    en="DD = day, MM = month, YYYY = year, HH:MM:SS = time; "
    'examples: "DD.MM.YYYY", "YYYY-MM-DD HH:MM", "ISO 8601"',
)
_COLUMN_NAME_RULE = Text(
    de="ein Spaltenname besteht hier aus Buchstaben ohne Umlaut, Ziffern und _ und beginnt nicht "
    'mit vk_; den Namen in der Datei nennt "from"',
    en="a column name consists of plain letters, digits and _ here and does not start with vk_; "
    '"from" gives the name in the file',
)
_READ_OR_COMPUTED = Text(
    de="eine Spalte wird entweder gelesen (from) oder berechnet (expression)",
    en="a column is either read (from) or computed (expression)",
)
_ONE_WAY_TO_A_KIND = Text(
    de="entweder kind oder rules, nicht beides", en="either kind or rules, not both"
)
_KIND_NEEDED = Text(
    de="nötig ist kind, rules oder reverses", en="kind, rules or reverses is needed"
)
_VALUES_DIFFER_BY_CASE = Text(
    de="der Wert steht schon da; Groß- und Kleinschreibung unterscheidet hier nicht",
    en="the value is there already; upper and lower case make no difference here",
)
_NAMES_DIFFER_BY_CASE = Text(
    de="zwei Spalten unterscheiden sich nur in Groß- und Kleinschreibung; bitte umbenennen",
    en="two columns differ only in upper and lower case; rename one",
)
