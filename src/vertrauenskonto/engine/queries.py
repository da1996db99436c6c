"""The query of a mapping: it reads the mapping's files only, and nothing the account may not know.

What is measured or shown (outcomes, revenue) may pass through a query into a column that is
declared so. It may decide neither which rows there are, nor their order, nor any other column.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot import exp

from vertrauenskonto.core.errors import NO_TEXT, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.goal_guard import goal_word
from vertrauenskonto.engine.allowed_sql import (
    DIALECT,
    forbidden_form,
    forbidden_function,
    function_names,
    parsed,
)
from vertrauenskonto.importers.mapping import INPUT, FileMapping

_ROW_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})


class _Guarded(NamedTuple):
    """The names a query may only pass through: those declared so, and every goal word."""

    declared: frozenset[str]

    def holds(self, name: str) -> bool:
        return name.casefold() in self.declared or goal_word(name) is not None


def query_problems(mapping: FileMapping) -> list[Problem]:
    """Return what is wrong with a mapping's query, and columns read under two roles."""
    declared = frozenset(
        source.casefold()
        for column in mapping.columns
        if column.role in ("outcome", "display")
        for source in column.sources
    )
    if not mapping.query:
        return _read_twice(mapping, declared)
    tree = parsed(mapping.query)
    if not isinstance(tree, exp.Query):
        return [_problem("query", _NO_QUERY)]
    foreign = list(_unknown_tables(tree, mapping))
    if foreign:
        return foreign
    form = forbidden_form(tree, in_query=True)
    if form is not None:
        return [_problem("query", _not_allowed(form))]
    function = forbidden_function(tree, mapping.query, in_query=True)
    if function is not None:
        return [_problem("query", _not_allowed(f"{function[0]}()", function[1]))]
    names = _Guarded(_with_origins(tree, declared))
    return [
        *(_problem("query", _by_position(shown)) for shown in dict.fromkeys(_positions(tree))),
        *(_problem("goal_guard", _steered(n)) for n in dict.fromkeys(_steering(tree, names))),
        *_read_twice(mapping, names.declared),
    ]


def _read_twice(mapping: FileMapping, declared: frozenset[str]) -> list[Problem]:
    """Report columns for rules whose source is declared as measured or shown elsewhere."""
    return [
        Problem(code="goal_guard", field=f"columns.{column.name}.from", text=_two_roles(source))
        for column in mapping.columns
        if column.role in ("event", "segment")
        for source in column.sources
        if source.casefold() in declared
    ]


def _unknown_tables(tree: exp.Expr, mapping: FileMapping) -> Iterator[Problem]:
    files = {name.casefold() for name in mapping.files or (INPUT,)}
    for cte in tree.find_all(exp.CTE):
        # A name such as "/a/b.csv" would be a file wherever DuckDB does not see the CTE.
        if not cte.alias.isidentifier():
            yield _problem("query", _unknown_table(cte.alias, files))
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            (name, *_) = names = function_names(table.this)
            known, is_known = files, any(n in _ROW_FUNCTIONS for n in names)
        else:
            name, known = table.name, files | _visible_ctes(table)
            is_known = name.casefold() in known and not table.db and not table.catalog
        if not is_known:
            yield _problem("query", _unknown_table(name, known))


def _visible_ctes(table: exp.Expr) -> set[str]:
    """Return the names of the CTEs that a table reference can mean, in lower case."""
    visible: set[str] = set()
    child, parent = table, table.parent
    while parent is not None:
        with_ = parent.args.get("with_")
        if isinstance(parent, exp.With):
            before = list(parent.expressions)
            end = next(i for i, cte in enumerate(before) if cte is child)
            visible |= {c.alias.casefold() for c in before[: end + bool(parent.recursive)]}
        elif with_ is not None and with_ is not child:
            visible |= {cte.alias.casefold() for cte in with_.expressions}
        child, parent = parent, parent.parent
    return visible


def _with_origins(tree: exp.Expr, declared: frozenset[str]) -> frozenset[str]:
    """Add the columns that the query merely renames into guarded ones."""
    names = _Guarded(declared)
    renamed = [
        (alias.alias, origin.name.casefold())
        for alias in tree.find_all(exp.Alias)
        if isinstance(origin := _bare(alias.this), exp.Column)
    ]
    while more := {origin for alias, origin in renamed if names.holds(alias)} - names.declared:
        names = _Guarded(names.declared | more)
    return names.declared


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return node


def _positions(tree: exp.Expr) -> Iterator[str]:
    """Yield what names columns by their position or all at once: no name tells what it reads."""
    owners = {t.alias_or_name.casefold() for t in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Ordered | exp.Group):
            keys = [node.this] if isinstance(node, exp.Ordered) else node.expressions
            if node.args.get("all") or any(isinstance(k, exp.Literal | exp.Var) for k in keys):
                yield node.sql(dialect=DIALECT).strip()
        elif isinstance(node, exp.Join) and node.method == "NATURAL":
            yield "NATURAL JOIN"
        elif isinstance(node, exp.TableAlias) and node.columns and not _makes_rows(node.parent):
            yield node.sql(dialect=DIALECT)
        elif isinstance(node, exp.Column) and not node.table and node.name.casefold() in owners:
            yield node.name
        elif isinstance(node, exp.Star) and not _is_plain_star(node):
            yield node.sql(dialect=DIALECT)


def _makes_rows(owner: exp.Expr | None) -> bool:
    if isinstance(owner, exp.Table):
        return isinstance(owner.this, exp.Func)
    return isinstance(owner, exp.Unnest | exp.Values)


def _is_plain_star(star: exp.Star) -> bool:
    """Tell whether a star passes columns on under their own names, or only counts rows."""
    item = star.parent if isinstance(star.parent, exp.Column) else star
    select = item.parent
    if isinstance(select, exp.Count):
        return True
    if not isinstance(select, exp.Select) or item.arg_key != "expressions":
        return False
    return isinstance(select.parent, exp.Exists) or (
        _is_table(select) and not _is_in_positional_union(select)
    )


def _steering(tree: exp.Expr, names: _Guarded) -> Iterator[str]:
    """Yield the guarded columns on which rows, their order or other columns depend."""
    owners = {t.alias_or_name for t in tree.find_all(exp.Table, exp.Subquery)}
    for column in tree.find_all(exp.Column):
        if isinstance(column.this, exp.Star) or column.arg_key == "except_":
            continue
        *qualifiers, _ = [part.name for part in column.parts]
        read = [column.name, *(name for name in qualifiers if name not in owners)]
        guarded = next(filter(names.holds, read), None)
        if guarded is not None and not _ends_guarded(column, names):
            yield guarded
    for join in tree.find_all(exp.Join):
        yield from (i.name for i in join.args.get("using") or () if names.holds(i.name))


def _ends_guarded(node: exp.Expr, names: _Guarded) -> bool:
    """Tell whether a value ends in a guarded column of a table, and nowhere else."""
    child, parent = node, node.parent
    while parent is not None:
        # The value of a scalar subquery flows on into the expression around it.
        if isinstance(parent, exp.Select) and _is_table(parent):
            if child.arg_key != "expressions" or _is_in_positional_union(parent):
                return False
            name = child.alias if isinstance(child, exp.Alias) else child.name
            return isinstance(child, exp.Alias | exp.Column) and names.holds(name)
        child, parent = parent, parent.parent
    return False


def _is_table(select: exp.Expr) -> bool:
    """Tell whether a query is read as a table, not as a value."""
    parent = select.parent
    if parent is None or isinstance(parent, exp.CTE | exp.From | exp.Join):
        return True
    return isinstance(parent, exp.Subquery | exp.SetOperation) and _is_table(parent)


def _is_in_positional_union(select: exp.Expr) -> bool:
    parent = select.parent
    while isinstance(parent, exp.SetOperation | exp.Subquery):
        if isinstance(parent, exp.SetOperation) and not parent.args.get("by_name"):
            return True
        parent = parent.parent
    return False


def _problem(code: str, text: Text) -> Problem:
    return Problem(code=code, field="query", text=text)


_NO_QUERY = Text(
    de="Das ist keine einzelne SELECT-Abfrage; bitte berichtigen.",
    en="This is not one SELECT query; correct it.",
)


def _not_allowed(shown: str, near: Text = NO_TEXT) -> Text:
    return Text(
        de=f"„{shown}“ ist in Abfragen nicht erlaubt: nötig ist ein SELECT über die Dateien der "
        f"Zuordnung, das für dieselben Dateien immer dasselbe ergibt. Bitte streichen.{near.de}",
        en=f"'{shown}' is not allowed in queries: what is needed is a SELECT over the files of the "
        f"mapping that always gives the same for the same files. Remove it.{near.en}",
    )


def _by_position(shown: str) -> Text:
    return Text(
        de=f"„{shown}“ sagt nicht, welche Spalten es liest. Nennen Sie sie beim Namen: ORDER BY "
        "und GROUP BY mit Spalten, JOIN ... USING, AS, UNION ALL BY NAME.",
        en=f"'{shown}' does not say which columns it reads. Name them: ORDER BY and GROUP BY with "
        "columns, JOIN ... USING, AS, UNION ALL BY NAME.",
    )


def _steered(name: str) -> Text:
    return Text(
        de=f"„{name}“ wird gemessen oder gezeigt. Die Abfrage darf die Spalte nur weiterreichen: "
        "keine Zeile, keine Reihenfolge und keine Spalte für Buchungen darf davon abhängen. Das "
        "Ziel ist Vertrauen.",
        en=f"'{name}' is measured or shown. The query may only pass it on: no row, no order and no "
        "column for postings may depend on it. The goal is trust.",
    )


def _two_roles(source: str) -> Text:
    return Text(
        de=f"„{source}“ wird auch mit der Rolle outcome oder display gelesen; keine Buchung darf "
        "davon abhängen. Lesen Sie die Spalte nur einmal.",
        en=f"'{source}' is also read with the role outcome or display; no posting may depend on "
        "it. Read the column only once.",
    )


def _unknown_table(name: str, known: Iterable[str]) -> Text:
    listed = ", ".join(sorted(known))
    near = did_you_mean(name, known)
    return Text(
        de=f"„{name}“ gehört nicht zu den Dateien dieser Zuordnung ({listed}).{near.de}",
        en=f"'{name}' is not among the files of this mapping ({listed}).{near.en}",
    )
