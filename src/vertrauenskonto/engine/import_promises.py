"""Promises of an import: their drafts as SQL, and what is handed on to a register.

`vk_promises` has one row for each promise that a row of the file makes. Times stand in it as text,
a day as `2026-03-18`, an instant as `2026-03-18 14:05:00` in the time zone of the accounts.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from vertrauenskonto.engine.import_sql import DraftContext, check, condition_sql, problems_sql
from vertrauenskonto.engine.text_files import literal

_TIMES = ("made", "due", "done", "told", "agreed", "new_due", "withdrawn")
_TEXTS = ("account", "wording", "capability", "said_in", "evidence")
_FLAGS = ("first", "before_order")
# What a promise says; two rows with one id and one body are the same promise twice.
BODY = (*_TEXTS, *_TIMES, *_FLAGS)
_ROWS_AT_ONCE = 10_000


# A tuple rather than a frozen dataclass: an import has many thousands of them.
class ImportedPromise(NamedTuple):
    """One promise as a file tells it; times as text, "" for what is not said.

    `row` is its number in the import, for `Imported.places`.
    """

    account: str
    id: str
    wording: str
    made: str
    due: str
    done: str
    told: str
    agreed: str
    new_due: str
    withdrawn: str
    capability: str
    said_in: str
    evidence: str
    first: bool | None
    before_order: bool
    row: int


def promise_table_sql(context: DraftContext) -> str:
    """Return SQL that makes `vk_promises` from the blocks of a mapping, each with its problems."""
    none = (
        "SELECT NULL::BIGINT AS vk_row, 0 AS block, '' AS id, "
        + "".join(f"'' AS {name}, " for name in (*_TEXTS, *_TIMES))
        + "".join(f"false AS {name}, " for name in _FLAGS)
        + "NULL::STRUCT(code VARCHAR, field VARCHAR, value VARCHAR)[] AS problems LIMIT 0"
    )
    drafts = [_drafts_sql(context, index) for index in range(len(context.mapping.promises))]
    return f"CREATE TABLE vk_promises AS {' UNION ALL BY NAME '.join(drafts or [none])}"


def promises_of(
    connection: duckdb.DuckDBPyConnection, source: str, size: int
) -> Iterator[list[ImportedPromise]]:
    """Yield the promises, so many at once: by account, then as they were made."""
    cursor = connection.cursor()
    texts = ", ".join(f"coalesce({name}, '')" for name in (*_TIMES, *_TEXTS[2:]))
    cursor.execute(
        f"SELECT account, substr(id, {len(source) + 2}), wording, {texts}, "
        "first, coalesce(before_order, false), vk_row "
        "FROM vk_promises ORDER BY account, made, vk_row, block"
    )
    waiting: list[ImportedPromise] = []
    while rows := cursor.fetchmany(min(size, _ROWS_AT_ONCE)):
        waiting += map(ImportedPromise._make, rows)
        if len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
    if waiting:
        yield waiting


def _drafts_sql(context: DraftContext, index: int) -> str:
    at = f"promises[{index}]"
    texts = ", ".join(f"vk_text({context.sql(f'{at}.{name}')}) AS {name}" for name in _TEXTS)
    times = ", ".join(f"{_time_sql(context.sql(f'{at}.{name}'))} AS {name}" for name in _TIMES)
    flags = ", ".join(
        f"TRY(CAST({context.sql(f'{at}.{name}')} AS BOOLEAN)) AS {name}" for name in _FLAGS
    )
    identity = f"{literal(context.mapping.source + ':')} || vk_text({context.sql(f'{at}.id')})"
    inner = (
        f"SELECT vk_row, {index} AS block, {identity} AS id, {texts}, {times}, {flags}\n"
        f"FROM vk_typed WHERE {condition_sql(context, at)}"
    )
    return f"SELECT *, {problems_sql(_checks(context, at))} AS problems FROM ({inner})"


def _time_sql(expression: str) -> str:
    """Return SQL for a day or an instant as text; what is neither is NULL."""
    return (
        f"CASE WHEN typeof({expression}) = 'DATE' THEN CAST({expression} AS VARCHAR) "
        f"ELSE CAST(TRY_CAST({expression} AS TIMESTAMP) AS VARCHAR) END"
    )


def _checks(context: DraftContext, at: str) -> Sequence[str]:
    def field(key: str) -> str:
        return literal(context.field(at, key))

    today = literal(context.today.isoformat())
    found = [
        check("account IS NULL", "missing_account", field("account"), "''"),
        check("id IS NULL", "missing_id", field("id"), "''"),
        check("wording IS NULL", "missing_value", field("wording"), "''"),
        check("made IS NULL", "missing_value", field("made"), "''"),
        check("due IS NULL", "missing_value", field("due"), "''"),
        check("agreed IS NOT NULL AND new_due IS NULL", "missing_value", field("new_due"), "''"),
    ]
    found += [
        check(f"left({name}, 10) > {today}", "recorded_in_future", field(name), f"left({name}, 10)")
        for name in ("made", "done", "told", "agreed", "withdrawn")
    ]
    return found
