"""Expressions: the small SQL of a mapping, checked before anything runs.

An expression is a DuckDB scalar expression over the declared columns: no subquery, no table, no
aggregate, and only functions from a list, none of which reads a file, the clock or chance. A query
may use all of DuckDB's SELECT, but only over the mapping's own files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from vertrauenskonto.core.errors import Invalid, Problem, Text, did_you_mean
from vertrauenskonto.importers.mapping import INPUT, Column, FileMapping

_DIALECT = "duckdb"
# In one text, because a list of a hundred quoted words reads worse.
_FUNCTION_NAMES = """
abs ceil ceiling floor round trunc sign mod greatest least coalesce nullif ifnull if case
cast try_cast and or xor between concat concat_ws contains starts_with startswith ends_with
endswith prefix suffix lower lcase upper ucase trim ltrim rtrim length len left right substr
substring replace regexp_replace regexp_matches regexp_full_match regexp_extract regexp_like
split_part strpos str_position instr position lpad rpad pad reverse strip_accents md5 sha256
date_diff datediff date_part datepart date_trunc date_add date_sub year month day dayofmonth
day_of_month dayofweek day_of_week dayofweek_iso day_of_week_iso isodow dayofyear day_of_year
hour minute second week weekofyear week_of_year quarter last_day extract make_date
date_from_parts datefromparts strftime time_to_str timetostr try_strptime strptime str_to_time
strtotime timestamp_trunc timestamptrunc ts_or_ds_to_date date timestamp to_days interval
"""
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_ROW_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "values"})
# Each is a whole query, a window or an aggregate: none is a value of one row.
_NOT_OF_ONE_ROW = (exp.Query, exp.Window, exp.AggFunc, exp.Table, exp.Star, exp.Command)


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
        Invalid: with a problem for each expression that is wrong, named by its key. A kind,
            condition or point value that reads an outcome or display column is refused
            (code goal_guard).
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
    for key, text, steers in _expressions(mapping):
        by_key[key] = _parsed(text, key, names, computed, problems)
        if steers:
            _guard(by_key[key], mapping, key, problems)
    for index, block in enumerate(mapping.events):
        if block.kind.column:
            read = _parsed(block.kind.column, "", names, computed, problems)
            by_key[f"events[{index}].kind"] = read
            _guard(read, mapping, f"events[{index}].kind.column", problems)
    problems += _query_problems(mapping)
    if problems:
        raise Invalid(
            Text(
                de=f"Die Zuordnung {mapping.name} hat {len(problems)} Fehler.",
                en=f"The mapping {mapping.name} has {len(problems)} mistake(s).",
            ),
            problems=[
                Problem(code=p.code, text=p.text, field=p.field, file=file) for p in problems
            ],
        )
    return Expressions(by_key=by_key, columns=computed)


def _expressions(mapping: FileMapping) -> Iterator[tuple[str, str, bool]]:
    """Yield key, text and whether it steers what is booked."""
    for index, block in enumerate(mapping.events):
        at = f"events[{index}]"
        steering = {"when": block.when}
        steering |= {f"points.{d}": text for d, text in block.points.items()}
        steering |= {f"rules[{i}].when": rule.when for i, rule in enumerate(block.kind.rules)}
        plain = {
            name: getattr(block, name)
            for name in (
                "account",
                "day",
                "recorded",
                "id",
                "target",
                "promise",
                "note",
                "reverses",
            )
        }
        yield from ((f"{at}.{key}", text, True) for key, text in steering.items() if text)
        yield from ((f"{at}.{key}", text, False) for key, text in plain.items() if text)
    for index, outcome in enumerate(mapping.outcomes):
        for name in ("when", "account", "day", "recorded", "id", "value"):
            if getattr(outcome, name):
                yield f"outcomes[{index}].{name}", getattr(outcome, name), False


def _parsed(
    text: str,
    key: str,
    names: Mapping[str, Column],
    computed: Mapping[str, Expression],
    problems: list[Problem],
) -> Expression:
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=_DIALECT) if tree is not None]
    except SqlglotError:
        trees = []
    if len(trees) != 1:
        problems.append(_problem("expression", key, _no_expression(text)))
        return Expression("NULL", frozenset())
    tree = trees[0]
    forbidden = next((node for node in tree.walk() if isinstance(node, _NOT_OF_ONE_ROW)), None)
    if forbidden is not None:
        problems.append(_problem("expression", key, _not_of_one_row(forbidden)))
        return Expression("NULL", frozenset())
    unknown = next((name for name in map(_function, tree.walk()) if name is not None), None)
    if unknown is not None:
        problems.append(_problem("expression", key, _unknown_function(unknown)))
    reads: set[str] = set()
    for node in list(tree.find_all(exp.Column)):
        column = names.get(node.name.casefold()) if not node.table else None
        if column is None:
            shown = node.sql(dialect=_DIALECT)
            problems.append(_problem("unknown_column", key, _unknown_column(shown, names)))
        else:
            node.set("this", exp.to_identifier(column.name, quoted=True))
            reads |= {column.name}
            reads |= computed[column.name].reads if column.name in computed else set()
    return Expression(tree.sql(dialect=_DIALECT, comments=False), frozenset(reads))


def _function(node: exp.Expr) -> str | None:
    """Return the name of a function that expressions may not call, else None."""
    if isinstance(node, exp.Anonymous):
        names = [str(node.name).lower()]
    elif isinstance(node, exp.Func):
        names = [name.lower() for name in type(node).sql_names()]
    else:
        return None
    return None if any(name in _FUNCTIONS for name in names) else names[0]


def _guard(found: Expression, mapping: FileMapping, key: str, problems: list[Problem]) -> None:
    problems += [
        _problem("goal_guard", key, _guarded(column))
        for column in mapping.columns
        if column.name in found.reads and column.role in ("outcome", "display")
    ]


def _query_problems(mapping: FileMapping) -> list[Problem]:
    if not mapping.query:
        return []
    try:
        trees = sqlglot.parse(mapping.query, dialect=_DIALECT)
    except SqlglotError as error:
        return [_problem("query", "query", _no_query(str(error).splitlines()[0]))]
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        return [_problem("query", "query", _no_query(""))]
    tree = trees[0]
    known = {name.casefold() for name in mapping.files or (INPUT,)}
    known |= {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    problems = []
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            name = _called(table.this)
            is_known = name.lower() in _ROW_FUNCTIONS
        else:
            name = table.name
            is_known = name.casefold() in known and not table.db
        if not is_known:
            problems.append(_problem("query", "query", _unknown_table(name, known)))
    return problems


def _called(function: exp.Func) -> str:
    if isinstance(function, exp.Anonymous):
        return str(function.name)
    return type(function).sql_names()[0].lower()


def _problem(code: str, key: str, text: Text) -> Problem:
    return Problem(code=code, field=key, text=text)


def _no_expression(text: str) -> Text:
    return Text(
        de=f"„{text}“ ist kein SQL-Ausdruck; Beispiele: betrag * 2, status = 'offen'.",
        en=f"'{text}' is no SQL expression; examples: amount * 2, status = 'open'.",
    )


def _not_of_one_row(node: exp.Expr) -> Text:
    shown = node.sql(dialect=_DIALECT)
    return Text(
        de=f"„{shown}“ liest mehr als eine Zeile; Abfragen und Summen gehören in „query“.",
        en=f"'{shown}' reads more than one row; queries and sums belong in 'query'.",
    )


def _unknown_function(name: str) -> Text:
    near = did_you_mean(name, _FUNCTIONS)
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


def _no_query(error: str) -> Text:
    detail = f" ({error})" if error else ""
    return Text(
        de=f"Das ist keine einzelne SELECT-Abfrage{detail}; bitte berichtigen.",
        en=f"This is not one SELECT query{detail}; correct it.",
    )


def _unknown_table(name: str, known: Iterable[str]) -> Text:
    listed = ", ".join(sorted(known))
    near = did_you_mean(name, known)
    return Text(
        de=f"„{name}“ gehört nicht zu den Dateien dieser Zuordnung ({listed}).{near.de}",
        en=f"'{name}' is not among the files of this mapping ({listed}).{near.en}",
    )
