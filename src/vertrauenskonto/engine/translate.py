"""Translation: the engine's SQL from DuckDB's dialect into PostgreSQL's and Spark's.

sqlglot knows the dialects; what it cannot know is what the numbers mean. The corrections here keep
every engine at IEEE doubles and at whole numbers that do not overflow. Golden files of the result
show in a test when a new sqlglot says something else.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp

Dialect = Literal["postgres", "spark"]
Action = Literal["create", "insert", "name", "select"]

# DuckDB's HUGEINT has 38 digits, and so has the widest number that Spark knows.
_WIDE = exp.DataType.build("DECIMAL(38, 0)", dialect="duckdb")
# Spark adds ten digits for a sum: 28 is the widest summand whose sum still fits.
_SUMMAND = exp.DataType.build("DECIMAL(28, 0)", dialect="spark")


@dataclass(frozen=True, slots=True)
class NamedStep:
    """One named SELECT of a longer text; `readers` later ones (or places in them) read it."""

    name: str
    sql: str
    readers: int


def translated(sql: str, dialect: Dialect) -> str:
    """Return one statement, written for DuckDB, as the other engine understands it."""
    return _written(_tree(sql, dialect), dialect)


def translated_steps(sql: str, dialect: Dialect) -> tuple[list[NamedStep], str]:
    """Return the steps of a `WITH` text in order, and the SELECT that comes after them.

    For engines that run a step anew for everyone who reads it: these may keep its result instead.
    """
    tree = _tree(sql, dialect)
    assert isinstance(tree, exp.Select), "the scoring text is one SELECT with steps before it"
    named = {step.alias: step.this for step in tree.ctes}
    tree.set("with_", None)
    read = Counter(
        table.name for select in (*named.values(), tree) for table in select.find_all(exp.Table)
    )
    steps = [
        NamedStep(name, _written(select, dialect), read[name]) for name, select in named.items()
    ]
    return steps, _written(tree, dialect)


def statement(sql: str, dialect: Dialect) -> tuple[Action, str, str]:
    """Return what a statement does, to which table or view, and with which rows.

    For engines without tables of one's own, which keep rows under a name instead. `create` has a
    list of columns in place of the rows; `select` has no name.
    """
    tree = _tree(sql, dialect)
    if isinstance(tree, exp.Insert):
        return "insert", tree.this.name, _written(tree.expression, dialect)
    if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
        columns = ", ".join(column.sql(dialect=dialect) for column in tree.this.expressions)
        return "create", tree.this.this.name, columns
    if isinstance(tree, exp.Create):
        return "name", tree.this.name, _written(tree.expression, dialect)
    return "select", "", _written(tree, dialect)


def _tree(sql: str, dialect: Dialect) -> exp.Expression:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    tree = tree.transform(_double_literals, copy=False)
    tree = tree.transform(_wide_numbers, copy=False)
    return tree.transform(_postgres if dialect == "postgres" else _spark, copy=False)


def _written(tree: exp.Expression, dialect: Dialect) -> str:
    return tree.sql(dialect=dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)


def column_type(duckdb_type: str, dialect: Dialect) -> str:
    """Return the other engine's name of a DuckDB type, for a column that takes its values."""
    kind = exp.DataType.build(duckdb_type, dialect="duckdb")
    return kind.transform(_wide_numbers).sql(dialect=dialect)


def _double_literals(node: exp.Expression) -> exp.Expression:
    """Write 2.0 as a double: the others take it for a decimal, slow or with too few digits."""
    is_fraction = isinstance(node, exp.Literal) and not node.is_string and not node.is_int
    if is_fraction and not isinstance(node.parent, exp.Cast):
        return exp.cast(node.copy(), "DOUBLE", dialect="duckdb")
    return node


def _wide_numbers(node: exp.Expression) -> exp.Expression:
    is_wide = isinstance(node, exp.DataType) and node.this == exp.DataType.Type.INT128
    return _WIDE.copy() if is_wide else node


def _postgres(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Create) and node.args["kind"] == "TABLE":
        node.set("replace", False)
    if isinstance(node, exp.Round) and node.args.get("decimals") is not None:
        # PostgreSQL rounds only decimals to a number of places.
        node.set("this", exp.cast(node.this, "DECIMAL", dialect="postgres"))
        return exp.cast(node, "DOUBLE", dialect="duckdb")
    if _is_call(node, "isfinite"):
        return _finite(node.expressions[0])
    if _is_call(node, "hash"):
        return exp.Tuple(expressions=node.expressions)
    return node


def _spark(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Sum):
        # A sum of BIGINT is a BIGINT here, which 92 large postings overflow.
        node.set("this", exp.cast(node.this, _SUMMAND, dialect="spark"))
    if _is_call(node, "isfinite"):
        return _finite(node.expressions[0])
    if _is_call(node, "hash"):
        return exp.Anonymous(this="XXHASH64", expressions=node.expressions)
    return node


def _is_call(node: exp.Expression, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == name


def _finite(number: exp.Expression) -> exp.Expression:
    """NaN is greater than every other number on all engines, so one comparison finds it too."""
    infinity = exp.cast(exp.Literal.string("Infinity"), "DOUBLE", dialect="duckdb")
    return exp.Paren(this=exp.LT(this=exp.Abs(this=number.copy()), expression=infinity))
