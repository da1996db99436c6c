"""The SQL a mapping may use: functions and forms from lists, none of which reads a file, the
clock or chance. What is on no list is refused, so that a new form of SQL opens nothing.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from vertrauenskonto.core.errors import NO_TEXT, Text, did_you_mean

DIALECT = "duckdb"
# In one text, because a list of a hundred quoted words reads worse. Some are the parser's names.
_FUNCTION_NAMES = """
abs ceil ceiling floor round trunc sign mod greatest least coalesce nullif ifnull if case
cast try_cast and or xor between concat concat_ws contains starts_with startswith ends_with
endswith prefix suffix lower lcase upper ucase trim ltrim rtrim length len left right substr
substring replace regexp_replace regexp_matches regexp_full_match regexp_extract regexp_like
split_part strpos str_position instr position reverse strip_accents md5 sha256 sha2
date_diff datediff date_part datepart date_trunc date_add date_sub year month day dayofmonth
day_of_month dayofweek day_of_week dayofweek_iso day_of_week_iso isodow dayofyear day_of_year
hour minute second week weekofyear week_of_year quarter last_day extract make_date
date_from_parts datefromparts strftime time_to_str timetostr try_strptime strptime str_to_time
strtotime timestamp_trunc timestamptrunc ts_or_ds_to_date date timestamp to_days interval
"""
_QUERY_FUNCTION_NAMES = """
count count_if sum avg min max median any_value first last arg_min arg_max min_by max_by
bool_and bool_or logical_and logical_or string_agg listagg group_concat row_number rank
dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value exists
printf format lpad rpad pad array unnest explode range generate_series
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_QUERY_FUNCTIONS = FUNCTIONS | frozenset(_QUERY_FUNCTION_NAMES.split())
# For sqlglot these are functions too; nobody who mistyped a function meant one of them.
_OPERATORS = frozenset({"and", "or", "xor", "if", "case", "between", "interval"})
# Each form is named; a subclass is another form.
_VALUES: frozenset[type[exp.Expr]] = frozenset(
    {
        *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple),
        *(exp.Neg, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In),
        *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.Like, exp.ILike, exp.Glob, exp.Escape),
        *(exp.SimilarTo, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe),
        *(exp.Bracket, exp.Slice, exp.Interval, exp.Var, exp.DataType, exp.DataTypeParam),
        *(exp.AtTimeZone, exp.Collate),
    }
)
_QUERIES: frozenset[type[exp.Expr]] = _VALUES | frozenset(
    {
        *(exp.Select, exp.From, exp.Table, exp.TableAlias, exp.Alias, exp.Star, exp.Where),
        *(exp.Having, exp.Group, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Qualify),
        *(exp.Window, exp.WindowSpec, exp.Join, exp.Union, exp.Intersect, exp.Except),
        *(exp.Subquery, exp.CTE, exp.With, exp.Distinct, exp.Filter, exp.Lateral, exp.Values),
        *(exp.IgnoreNulls, exp.RespectNulls),
    }
)


def parsed(text: str) -> exp.Expr | None:
    """Return the tree of one expression or statement, or None if the text is not exactly one."""
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=DIALECT) if tree is not None]
    except SqlglotError:
        return None
    return trees[0] if len(trees) == 1 else None


def forbidden_form(tree: exp.Expr, *, in_query: bool = False) -> str | None:
    """Return the first part that is no allowed form of SQL, as it is written, else None."""
    forms = _QUERIES if in_query else _VALUES
    of_many_rows = () if in_query else (exp.AggFunc, exp.Query)
    for node in tree.walk():
        is_called = isinstance(node, exp.Func) and not isinstance(node, of_many_rows)
        if type(node) not in forms and not is_called:
            return node.sql(dialect=DIALECT)
    return None


def forbidden_function(
    tree: exp.Expr, text: str, *, in_query: bool = False
) -> tuple[str, Text] | None:
    """Return the first function on no list, as written in `text`, and what may be meant instead."""
    allowed = _QUERY_FUNCTIONS if in_query else FUNCTIONS
    for node in tree.walk():
        if not isinstance(node, exp.Func) or type(node) in _QUERIES:
            continue
        name, *others = function_names(node)
        if allowed.isdisjoint((name, *others)):
            if "start" in node.meta:  # sqlglot calls RANDOM() by another of its names
                name = text[node.meta["start"] : node.meta["end"] + 1].lower()
            # Any other is a function and no typo.
            is_typo = isinstance(node, exp.Anonymous)
            return name, did_you_mean(name, allowed - _OPERATORS) if is_typo else NO_TEXT
    return None


def function_names(function: exp.Func) -> list[str]:
    """Return the names by which a function is known, in lower case."""
    if isinstance(function, exp.Anonymous):
        return [str(function.name).lower()]
    return [name.lower() for name in type(function).sql_names()]
