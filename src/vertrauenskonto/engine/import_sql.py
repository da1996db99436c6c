"""SQL of an import: from rows as they stand to drafts of events and outcomes.

The tables, in order: `vk_rows` (the declared columns as they stand), `vk_typed` (as values, with
the names of the columns whose cells do not fit in `vk_bad`), `vk_drafts` (one row for each event
a row leads to, with its problems), `vk_outcome_drafts`. Nothing executes here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, PERSON_PREFIX, POINTS_MAX
from vertrauenskonto.engine.expressions import Expression, Expressions
from vertrauenskonto.engine.text_files import literal, quoted
from vertrauenskonto.importers.formats import Format
from vertrauenskonto.importers.mapping import (
    PROBLEM,
    SKIP,
    Column,
    EventBlock,
    FileMapping,
    KindChoice,
    OutcomeBlock,
)

# Small functions in DuckDB itself keep the generated text readable. A zone counts only behind a
# time, or the day in 2024-03-01 would be one.
MACROS = (
    "CREATE OR REPLACE TEMP MACRO vk_text(x) AS nullif(trim(CAST(x AS VARCHAR), "
    "' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')",
    "CREATE OR REPLACE TEMP MACRO vk_zone(x) AS regexp_extract(x, "
    "':[0-9]{2}(?:[.,][0-9]+)? ?(Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)$', 1)",
    "CREATE OR REPLACE TEMP MACRO vk_zone_minutes(z) AS CASE WHEN z IN ('Z', 'UTC') THEN 0 ELSE "
    "(CASE WHEN z[1] = '-' THEN -1 ELSE 1 END) * (60 * CAST(substr(z, 2, 2) AS INTEGER) + "
    "CAST('0' || substr(replace(z, ':', ''), 4, 2) AS INTEGER)) END",
    "CREATE OR REPLACE TEMP MACRO vk_without_zone(x) AS trim(left(x, length(x) - "
    "length(vk_zone(x))))",
    "CREATE OR REPLACE TEMP MACRO vk_local(t, z, own, written) AS CASE WHEN z <> '' THEN "
    "timezone(own, timezone('UTC', t - to_minutes(vk_zone_minutes(z)))) "
    "WHEN written = own THEN t ELSE timezone(own, timezone(written, t)) END",
)

_TRUE = ("1", "ja", "j", "yes", "y", "true", "t", "wahr", "x")
_FALSE = ("0", "nein", "n", "no", "false", "f", "falsch", "-")
_TYPES = {
    "text": "VARCHAR",
    "day": "DATE",
    "instant": "TIMESTAMP",
    "decimal": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column as found: `name` in the file or query, `type` in DuckDB; None: not there."""

    column: Column
    name: str | None
    type: str


def rows_sql(select: str, sources: Sequence[Source], found: Iterable[str]) -> str:
    """Return SQL that makes `vk_rows`: numbered rows of the declared columns, as they stand."""
    names = {name.casefold() for name in found}
    line = quoted("line") if "line" in names else "NULL"
    file = quoted("file") if "file" in names else "NULL"
    columns = "".join(
        f",\n  {quoted(s.name) if s.name else 'NULL'} AS {raw(s.column)}" for s in sources
    )
    return (
        f"CREATE TABLE vk_rows AS SELECT row_number() OVER () AS vk_row, "
        f"TRY_CAST({line} AS BIGINT) AS vk_line, CAST({file} AS VARCHAR) AS vk_file{columns}\n"
        f"FROM ({select}\n)"
    )


def typed_sql(mapping: FileMapping, sources: Sequence[Source], expressions: Expressions) -> str:
    """Return SQL that makes `vk_typed` from `vk_rows`."""
    raws = ", ".join(raw(s.column) for s in sources)
    values = "".join(
        f",\n  TRY({value_sql(s, mapping)}) AS {quoted(s.column.name)}" for s in sources
    )
    # A cell that is filled but has no value does not fit its type.
    bad = ", ".join(
        f"CASE WHEN vk_text({raw(s.column)}) IS NOT NULL AND {quoted(s.column.name)} IS NULL "
        f"THEN {literal(s.column.name)} END"
        for s in sources
        if s.column.type != "text"
    )
    computed = "".join(
        f",\n  TRY({expression.sql}) AS {quoted(name)}"
        for name, expression in expressions.columns.items()
    )
    return (
        f"CREATE TABLE vk_typed AS SELECT *{computed} FROM (\n"
        f"SELECT * EXCLUDE ({raws}), "
        f"list_filter(CAST([{bad}] AS VARCHAR[]), lambda x: x IS NOT NULL) AS vk_bad\n"
        f"FROM (SELECT *{values}\nFROM vk_rows))"
    )


def raw(column: Column) -> str:
    """Return the identifier of a column as it stands in `vk_rows`."""
    return quoted(f"vk_raw_{column.name}")


def value_sql(source: Source, mapping: FileMapping) -> str:
    """Return the SQL value of a declared column, NULL where its cell does not fit the type."""
    column = source.column
    cell = raw(column)
    if source.name is None:
        return f"CAST(NULL AS {_TYPES[column.type]})"
    if column.type == "text":
        return f"vk_text({cell})"
    if source.type == "VARCHAR":
        text = f"vk_text({cell})"
        if column.type in ("day", "instant"):
            found = [time_sql(text, form, column, mapping) for form in column.formats]
            instant = f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]
            return f"CAST({instant} AS DATE)" if column.type == "day" else instant
        return _text_value_sql(text, column, mapping.format.decimal)
    if source.type == "TIMESTAMP WITH TIME ZONE":
        cell = f"timezone({literal(mapping.time_zone)}, {cell})"
    if column.type == "decimal":
        return f"CASE WHEN isfinite(TRY_CAST({cell} AS DOUBLE)) THEN TRY_CAST({cell} AS DOUBLE) END"
    if column.type == "integer" and source.type in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN {cell} = floor({cell}) THEN TRY_CAST({cell} AS BIGINT) END"
    return f"TRY_CAST({cell} AS {_TYPES[column.type]})"


def time_sql(text: str, form: Format, column: Column, mapping: FileMapping) -> str:
    """Return SQL for the time that `text`, itself SQL, means in one format; NULL if none."""
    own = literal(mapping.time_zone)
    written = literal(column.time_zone or mapping.time_zone)
    zone = f"vk_zone({text})" if form.has_zone else "''"
    base = f"vk_without_zone({text})" if form.has_zone else text
    if form.strptime:
        instant = f"try_strptime({base}, {literal(form.strptime)})"
    else:
        instant = f"TRY_CAST(replace(replace({base}, 'T', ' '), ',', '.') AS TIMESTAMP)"
    if column.type == "instant" or form.has_zone:
        instant = f"vk_local({instant}, {zone}, {own}, {written})"
    return f"CASE WHEN regexp_full_match({text}, {literal(form.regex)}) THEN {instant} END"


def _text_value_sql(text: str, column: Column, decimal: str) -> str:
    if column.type == "integer":
        return f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]{{1,18}}') THEN TRY_CAST({text} AS BIGINT) END"
    if column.type == "boolean":
        yes = ", ".join(map(literal, _TRUE))
        no = ", ".join(map(literal, _FALSE))
        lowered = f"lower({text})"
        return f"CASE WHEN {lowered} IN ({yes}) THEN true WHEN {lowered} IN ({no}) THEN false END"
    group = "," if decimal == "." else "."
    # NaN, inf and 1e9 are no numbers as people write them; the pattern refuses them.
    pattern = rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:[{group}][0-9]{{3}})+)(?:[{decimal}][0-9]+)?"
    plain = f"replace(replace({text}, {literal(group)}, ''), {literal(decimal)}, '.')"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) "
        f"AND isfinite(TRY_CAST({plain} AS DOUBLE)) THEN TRY_CAST({plain} AS DOUBLE) END"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContext:
    """What the drafts of all blocks share: the mapping, its checked expressions, and today."""

    mapping: FileMapping
    expressions: Expressions
    labels: Mapping[str, str]  # declared column → its name in the file, for messages
    segment: str  # SQL that gives the segment of a row under version `vk_version`
    version: str  # SQL that gives the policy version for the day `recorded`
    today: date

    def sql(self, key: str, default: str = "NULL") -> str:
        """Return the expression at a key as SQL that never fails, or `default`."""
        found = self.expressions.get(key)
        return f"TRY({found.sql})" if found else default

    def field(self, block: str, key: str) -> str:
        """Return what messages call a value: the file's column where it is one, else the key."""
        found = self.expressions.get(f"{block}.{key}")
        if found and len(found.reads) == 1:
            (name,) = found.reads
            if found.sql == quoted(name):
                return self.labels.get(name, key)
        return key

    def reads(self, block: str) -> list[str]:
        """Return the columns that a block reads anywhere, sorted."""
        of_block = [e for k, e in self.expressions.by_key.items() if k.startswith(f"{block}.")]
        return sorted({name for expression in of_block for name in expression.reads})


def event_drafts_sql(context: DraftContext, index: int, block: EventBlock) -> str:
    """Return a SELECT of the drafts of one [[events]] block, each with its problems."""
    at = f"events[{index}]"
    source = literal(context.mapping.source + ":")
    day = f"TRY(CAST({context.sql(f'{at}.day')} AS DATE))"
    recorded = f"TRY(CAST({context.sql(f'{at}.recorded')} AS DATE))" if block.recorded else "day"
    kind = kind_sql(block.kind, at, context.expressions)
    points = ", ".join(
        f"TRY(CAST({context.sql(f'{at}.points.{d}')} AS DOUBLE)) AS given_{d}" for d in DIMENSIONS
    )
    reverses = f"{source} || vk_text({context.sql(f'{at}.reverses')})"
    inner = (
        f"SELECT vk_row, {index} AS block, vk_text({context.sql(f'{at}.account')}) AS account, "
        f"{day} AS day, {recorded} AS recorded, "
        f"{source} || vk_text({context.sql(f'{at}.id')}) AS id, "
        f"coalesce(vk_text({context.sql(f'{at}.target')}), {literal(ORGANISATION)}) AS target, "
        f"vk_text({context.sql(f'{at}.promise')}) AS promise, "
        f"vk_text({context.sql(f'{at}.note')}) AS note, {points}, {reverses} AS reverses, "
        f"{kind} AS kind, {_shown_kind_sql(block.kind, at, context.expressions)} AS shown_kind, "
        f"{_missing_sql(block.required, context.labels)} AS missing, "
        f"{context.version} AS vk_version, {context.segment} AS segment\n"
        f"FROM vk_typed WHERE {condition_sql(context, at)}"
    )
    checks = _shared_checks(context, at, has_recorded=bool(block.recorded))
    checks += _event_checks(context, at)
    return (
        f"SELECT *, {problems_sql(checks)} AS problems FROM ({inner})\n"
        f"WHERE kind IS DISTINCT FROM {literal(SKIP)} OR reverses IS NOT NULL "
        "OR len(missing) > 0"
    )


def outcome_drafts_sql(context: DraftContext, index: int, block: OutcomeBlock) -> str:
    """Return a SELECT of the drafts of one [[outcomes]] block, each with its problems."""
    at = f"outcomes[{index}]"
    source = literal(context.mapping.source + ":")
    recorded = f"TRY(CAST({context.sql(f'{at}.recorded')} AS DATE))" if block.recorded else "day"
    value = f"TRY(CAST({context.sql(f'{at}.value', '1.0')} AS DOUBLE))"
    inner = (
        f"SELECT vk_row, {index} AS block, vk_text({context.sql(f'{at}.account')}) AS account, "
        f"{literal(block.outcome)} AS outcome, "
        f"TRY(CAST({context.sql(f'{at}.day')} AS DATE)) AS day, {recorded} AS recorded, "
        f"{value} AS value, {source} || vk_text({context.sql(f'{at}.id')}) AS id\n"
        f"FROM vk_typed WHERE {condition_sql(context, at)}"
    )
    value_field = context.field(at, "value")
    checks = _shared_checks(context, at, has_recorded=bool(block.recorded))
    checks.append(
        check("value IS NULL OR NOT isfinite(value)", "no_value", literal(value_field), "''")
    )
    return f"SELECT *, {problems_sql(checks)} AS problems FROM ({inner})"


def kind_sql(kind: KindChoice, at: str, expressions: Expressions) -> str:
    """Return SQL for the kind of a row: a name, "skip", or NULL where nothing fits."""
    otherwise = "CAST(NULL AS VARCHAR)" if kind.otherwise == PROBLEM else literal(kind.otherwise)
    if kind.rules:
        cases = " ".join(
            f"WHEN TRY({_of(expressions, f'{at}.rules[{i}].when').sql}) THEN {literal(rule.kind)}"
            for i, rule in enumerate(kind.rules)
        )
        return f"CASE {cases} ELSE {otherwise} END"
    if kind.column:
        column = f"vk_text({_of(expressions, f'{at}.kind').sql})"
        if kind.values is None:
            return f"coalesce({column}, {otherwise})"
        cases = " ".join(
            f"WHEN lower({literal(value)}) THEN {literal(name)}"
            for value, name in kind.values.items()
        )
        return f"CASE lower({column}) {cases} ELSE {otherwise} END"
    return literal(kind.constant) if kind.constant else "CAST(NULL AS VARCHAR)"


def _of(expressions: Expressions, key: str) -> Expression:
    found = expressions.get(key)
    assert found is not None, f"the checked mapping has an expression at {key}"
    return found


def _shown_kind_sql(kind: KindChoice, at: str, expressions: Expressions) -> str:
    """Return SQL for the value to show when no kind fits."""
    if kind.column:
        return f"coalesce(vk_text({_of(expressions, f'{at}.kind').sql}), '')"
    return "''"


def condition_sql(context: DraftContext, at: str) -> str:
    """Return SQL that is true for rows a block reads: its condition holds, its cells fit."""
    condition = f"coalesce({context.sql(f'{at}.when', 'true')}, false)"
    reads = ", ".join(literal(name) for name in context.reads(at))
    return f"{condition} AND NOT list_has_any(vk_bad, CAST([{reads}] AS VARCHAR[]))"


def _missing_sql(required: Sequence[str], labels: Mapping[str, str]) -> str:
    cases = ", ".join(
        f"CASE WHEN {quoted(name)} IS NULL THEN {literal(labels.get(name, name))} END"
        for name in required
    )
    return f"list_filter(CAST([{cases}] AS VARCHAR[]), lambda x: x IS NOT NULL)"


def _shared_checks(context: DraftContext, at: str, *, has_recorded: bool) -> list[str]:
    def field(key: str) -> str:
        return literal(context.field(at, key))

    today = f"DATE {literal(context.today.isoformat())}"
    checks = [
        check("account IS NULL", "missing_account", field("account"), "''"),
        check("id IS NULL", "missing_id", field("id"), "''"),
        check("day IS NULL", "missing_day", field("day"), "''"),
        check(
            f"recorded > {today}",
            "recorded_in_future",
            field("recorded" if has_recorded else "day"),
            "CAST(recorded AS VARCHAR)",
        ),
    ]
    if has_recorded:
        checks.append(check("recorded IS NULL", "missing_recorded", field("recorded"), "''"))
    return checks


def _event_checks(context: DraftContext, at: str) -> list[str]:
    person = literal(PERSON_PREFIX)
    no_kind = "kind IS NULL AND reverses IS NULL AND len(missing) = 0"
    kind_field = literal(context.field(at, "kind"))
    from_column = "shown_kind = ''" if context.expressions.get(f"{at}.kind") else "false"
    checks = [
        check("len(missing) > 0", "missing_value", "missing[1]", "''"),
        check(f"{no_kind} AND {from_column}", "missing_kind", kind_field, "''"),
        check(f"{no_kind} AND NOT {from_column}", "no_kind", kind_field, "shown_kind"),
        check(
            f"target <> {literal(ORGANISATION)} AND (NOT starts_with(target, {person}) "
            f"OR target = {person})",
            "target",
            literal(context.field(at, "target")),
            "target",
        ),
    ]
    for d in DIMENSIONS:
        given = f"given_{d}"
        checks.append(
            check(
                f"{given} IS NOT NULL AND (NOT isfinite({given}) OR abs({given}) > {POINTS_MAX} "
                f"OR round({given}, 2) <> {given})",
                "points",
                literal(context.field(at, f"points.{d}")),
                f"CAST({given} AS VARCHAR)",
            )
        )
    return checks


def check(condition: str, code: str, field: str, value: str) -> str:
    """Return SQL for a problem where a condition holds, else NULL."""
    return (
        f"CASE WHEN {condition} THEN {{'code': {literal(code)}, 'field': {field}, "
        f"'value': {value}}} END"
    )


def problems_sql(checks: Sequence[str]) -> str:
    """Return SQL for the list of problems that checks find."""
    return f"list_filter([{', '.join(checks)}], lambda x: x IS NOT NULL)"
