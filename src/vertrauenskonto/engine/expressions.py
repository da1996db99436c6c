"""Expressions: the small SQL of a mapping, checked before anything runs.

An expression is a DuckDB scalar expression over the declared columns: no subquery, no table, no
aggregate, and only functions from a list, none of which reads a file, the clock or chance. What is
measured or shown may enter a note and an outcome, and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlglot import exp

from vertrauenskonto.core.errors import Invalid, Problem, Text, did_you_mean
from vertrauenskonto.engine.allowed_sql import (
    DIALECT,
    forbidden_form,
    forbidden_function,
    parsed,
)
from vertrauenskonto.engine.queries import query_problems
from vertrauenskonto.importers.mapping import Column, FileMapping
from vertrauenskonto.importers.promise_keys import PROMISE_KEYS
from vertrauenskonto.importers.toml_lines import line_of

_EVENT_TEXTS = (
    *("when", "account", "day", "recorded", "id", "target", "promise", "note", "reverses"),
)


# What is only shown may hold what is measured.
_SHOWN_ONLY = ("].note", "].wording", "].evidence")


class Expression(NamedTuple):
    """A checked expression: its SQL, and the declared columns it reads, also through others."""

    sql: str
    reads: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expressions:
    """All checked expressions of a mapping, by their key, e.g. `events[0].account`."""

    by_key: Mapping[str, Expression]
    columns: Mapping[str, Expression]

    def get(self, key: str) -> Expression | None:
        """Return the expression at a key, or None if the mapping has none there."""
        return self.by_key.get(key)


def checked_expressions(mapping: FileMapping, *, file: str) -> Expressions:
    """Return every expression of a mapping, ready for DuckDB.

    Raises:
        Invalid: with a problem for each expression that is wrong, named by its key. Whatever of
            an event but its note reads an outcome or display column is refused (code goal_guard),
            and so is a query that makes rows or other columns depend on one.
    """
    problems: list[Problem] = []
    computed: dict[str, Expression] = {}
    names: dict[str, Column] = {}
    for column in mapping.columns:
        if column.expression:
            key = f"columns.{column.name}.expression"
            found = _parsed(column.expression, key, names, computed, problems)
            computed[column.name] = found
            if column.role in ("event", "segment"):
                # A computed column must not launder what it was computed from.
                _guard(found, mapping, key, problems)
        names[column.name.casefold()] = column
    by_key = {}
    for key, text in _expressions(mapping):
        by_key[key] = _parsed(text, key, names, computed, problems)
        # The note is only shown, and outcomes are there to be measured.
        if key.startswith(("events", "promises")) and not key.endswith(_SHOWN_ONLY):
            _guard(by_key[key], mapping, key, problems)
    for index, block in enumerate(mapping.events):
        for name in block.required:
            key = f"events[{index}].required"
            _guard(_parsed(f'"{name}"', key, names, computed, problems), mapping, key, problems)
        if block.kind.column:
            read = _parsed(f'"{block.kind.column}"', "", names, computed, problems)
            by_key[f"events[{index}].kind"] = read
            _guard(read, mapping, f"events[{index}].kind.column", problems)
    problems += query_problems(mapping)
    if problems:
        raise Invalid(
            Text(
                de=f"Die Zuordnung {mapping.name} hat {len(problems)} Fehler.",
                en=f"The mapping {mapping.name} has {len(problems)} "
                f"{'mistake' if len(problems) == 1 else 'mistakes'}.",
            ),
            problems=[
                replace(p, file=file, line=line_of(mapping.lines, p.field)) for p in problems
            ],
        )
    return Expressions(by_key=by_key, columns=computed)


def _expressions(mapping: FileMapping) -> Iterator[tuple[str, str]]:
    """Yield key and text of each expression in the blocks."""
    for index, block in enumerate(mapping.events):
        texts = {name: getattr(block, name) for name in _EVENT_TEXTS}
        texts |= {f"points.{d}": text for d, text in block.points.items()}
        texts |= {f"rules[{i}].when": rule.when for i, rule in enumerate(block.kind.rules)}
        yield from ((f"events[{index}].{key}", text) for key, text in texts.items() if text)
    for index, outcome in enumerate(mapping.outcomes):
        for name in ("when", "account", "day", "recorded", "id", "value"):
            if getattr(outcome, name):
                yield f"outcomes[{index}].{name}", getattr(outcome, name)
    for index, promise in enumerate(mapping.promises):
        for key in PROMISE_KEYS:
            if getattr(promise, key.name):
                yield f"promises[{index}].{key.name}", getattr(promise, key.name)


def _parsed(
    text: str,
    key: str,
    names: Mapping[str, Column],
    computed: Mapping[str, Expression],
    problems: list[Problem],
) -> Expression:
    tree = parsed(text)
    if tree is None:
        problems.append(_problem("expression", key, _no_expression(text)))
        return Expression("NULL", frozenset())
    form = forbidden_form(tree)
    if form is not None:
        problems.append(_problem("expression", key, _not_allowed(form)))
        return Expression("NULL", frozenset())
    unknown = forbidden_function(tree, text)
    if unknown is not None:
        problems.append(_problem("expression", key, _unknown_function(*unknown)))
    reads: set[str] = set()
    for node in list(tree.find_all(exp.Column)):
        column = names.get(node.name.casefold()) if not node.table else None
        if column is None:
            shown = node.sql(dialect=DIALECT)
            problems.append(_problem("unknown_column", key, _unknown_column(shown, names)))
        else:
            node.set("this", exp.to_identifier(column.name, quoted=True))
            reads |= {column.name}
            reads |= computed[column.name].reads if column.name in computed else set()
    return Expression(tree.sql(dialect=DIALECT, comments=False), frozenset(reads))


def _guard(found: Expression, mapping: FileMapping, key: str, problems: list[Problem]) -> None:
    problems += [
        _problem("goal_guard", key, _guarded(column))
        for column in mapping.columns
        if column.name in found.reads and column.role in ("outcome", "display")
    ]


def _problem(code: str, key: str, text: Text) -> Problem:
    return Problem(code=code, field=key, text=text)


def _no_expression(text: str) -> Text:
    return Text(
        de=f"„{text}“ ist kein SQL-Ausdruck; Beispiele: betrag * 2, status = 'offen'.",
        en=f"'{text}' is no SQL expression; examples: amount * 2, status = 'open'.",
    )


def _not_allowed(shown: str) -> Text:
    return Text(
        de=f"„{shown}“ ist hier nicht erlaubt: ein Ausdruck rechnet mit den Spalten einer Zeile, "
        "beim Namen genannt; Abfragen und Summen gehören in „query“.",
        en=f"'{shown}' is not allowed here: an expression reckons with the columns of one row, "
        "called by their names; queries and sums belong in 'query'.",
    )


def _unknown_function(name: str, near: Text) -> Text:
    return Text(
        de=f"Die Funktion „{name}“ ist in Ausdrücken nicht erlaubt.{near.de} Anderes gehört in "
        "„query“.",
        en=f"The function '{name}' is not allowed in expressions.{near.en} Anything else belongs "
        "in 'query'.",
    )


def _unknown_column(name: str, names: Mapping[str, Column]) -> Text:
    declared = [column.name for column in names.values()]
    near = did_you_mean(name, declared)
    return Text(
        de=f"Die Spalte „{name}“ ist hier nicht bekannt.{near.de} Spalten stehen unter "
        "[columns], berechnete nach denen, die sie lesen; Texte in einfachen Anführungszeichen.",
        en=f"The column '{name}' is not known here.{near.en} Columns stand under [columns], "
        "computed ones after those they read; texts in single quotation marks.",
    )


def _guarded(column: Column) -> Text:
    return Text(
        de=f"„{column.name}“ hat die Rolle „{column.role}“: sie wird gemessen oder gezeigt, und "
        "keine Buchung darf davon abhängen. Streichen Sie die Bedingung, oder machen Sie daraus "
        "einen Block [[outcomes]].",
        en=f"'{column.name}' has the role '{column.role}': it is measured or shown, and no "
        "posting may depend on it. Remove the condition, or make it a block [[outcomes]].",
    )
