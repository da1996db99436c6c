"""The report of an import: rows, events, problems, and sums that must come out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from vertrauenskonto.core.errors import Problem
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.engine.import_files import Inputs
from vertrauenskonto.engine.import_problems import Wording, listed_problems
from vertrauenskonto.engine.import_sql import DraftContext
from vertrauenskonto.engine.text_files import literal
from vertrauenskonto.importers.mapping import FileMapping

PREVIEW_ROWS = 10
EVENT_OUTPUT = (
    "account",
    "kind",
    "day",
    "id",
    "source",
    "recorded",
    "target",
    "contact",
    *(f"points_{d}" for d in DIMENSIONS),
    "reverses",
    "promise",
    "note",
    "remark",
    "policy",
)
OUTCOME_OUTPUT = ("account", "outcome", "day", "recorded", "value", "id", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Why one block of a mapping passed rows over that no other block took either.

    `key` is the condition that did not hold, e.g. `events[0].when`, and `condition` its text; or
    the block itself, with an empty `condition`, where a rule or value says "skip".
    """

    key: str
    condition: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do.

    `rows_read` = `rows_used` + `rows_skipped` + `rows_with_problems`; of the last,
    `rows_used_in_part` led to some events or outcomes all the same. `skipped` breaks the skipped
    rows down; a row appears once for each block. `events` counts by kind, a reversal under "";
    `outcomes` by name, `promises` all. `problems` holds the first ones in words,
    `problem_counts` counts all by code. `encodings` gives encoding and delimiter of each text
    file. `is_recorded_assumed`: the day of recording was taken to be the day of the event.
    """

    mapping: str
    rows_read: int
    rows_used: int
    rows_skipped: int
    rows_with_problems: int
    rows_used_in_part: int
    skipped: tuple[Skipped, ...]
    events: Mapping[str, int]
    outcomes: Mapping[str, int]
    promises: int
    accounts: int
    first_day: date | None
    last_day: date | None
    booked_with_history: int
    preview: tuple[Mapping[str, Any], ...]  # values as DuckDB returns them, for showing only
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, int]
    note_count: int
    encodings: Mapping[str, tuple[str, str]]
    is_recorded_assumed: bool

    @property
    def error_count(self) -> int:
        """How many problems left data unused; notes are not among them."""
        return sum(self.problem_counts.values()) - self.note_count


def report_of(
    connection: duckdb.DuckDBPyConnection,
    context: DraftContext,
    inputs: Inputs,
    wording: Wording,
    booked_with_history: int,
) -> ImportReport:
    """Return what the tables of an import hold, with the sums checked."""
    mapping = context.mapping
    # Two blocks that read one wrong cell say the same; once is enough.
    connection.execute("CREATE OR REPLACE TABLE vk_problems AS SELECT DISTINCT * FROM vk_problems")
    problems, counts = listed_problems(connection, wording)
    counted = Counter(counts)
    for text in inputs.texts.values():
        counted.update(text.problem_counts)
    counted.update(note.code for note in inputs.notes)
    used, skipped, bad, in_part = _rows(connection)
    read = count_of(connection, "vk_rows")
    assert read == used + skipped + bad, "every row is used, skipped or has a problem"
    first, last, accounts = connection.execute(
        "SELECT min(day), max(day), count(DISTINCT account) FROM "
        "(SELECT day, account FROM vk_events UNION ALL SELECT day, account FROM vk_outcomes "
        "UNION ALL SELECT CAST(left(made, 10) AS DATE), account FROM vk_promises)"
    ).fetchall()[0]
    return ImportReport(
        mapping=mapping.name,
        rows_read=read + inputs.bad_rows,
        rows_used=used,
        rows_skipped=skipped,
        rows_with_problems=bad + inputs.bad_rows,
        rows_used_in_part=in_part,
        skipped=_skipped(connection, context) if skipped else (),
        events=counted_by(connection, "coalesce(kind, '')", "vk_events"),
        outcomes=counted_by(connection, "outcome", "vk_outcomes"),
        promises=count_of(connection, "vk_promises"),
        accounts=accounts,
        first_day=first,
        last_day=last,
        booked_with_history=booked_with_history,
        preview=_preview(connection, mapping),
        problems=_in_order((*inputs.problems, *problems), list(inputs.texts)),
        problem_counts=dict(sorted(counted.items())),
        note_count=counted["duplicate_same"] + sum(p.severity == "note" for p in inputs.problems),
        encodings={n: (t.encoding, t.delimiter) for n, t in inputs.texts.items()},
        is_recorded_assumed=not all(block.recorded for block in mapping.events)
        or not all(block.recorded for block in mapping.outcomes),
    )


def _in_order(problems: Sequence[Problem], files: Sequence[str]) -> tuple[Problem, ...]:
    """Return problems by file and line, as one reads; what concerns a whole file comes first."""
    place = {name: index for index, name in enumerate(files)}
    return tuple(sorted(problems, key=lambda p: (place.get(p.file, len(place)), p.line or 0)))


def _rows(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    """Return how many rows were used, skipped, have problems, and of these were used in part.

    Each is counted on its own, so that the sum can be checked.
    """
    (bad,) = connection.execute("SELECT count(DISTINCT vk_row) FROM vk_problems").fetchall()[0]
    used, in_part = connection.execute(
        "SELECT count(*) FILTER (NOT is_bad), count(*) FILTER (is_bad) FROM (SELECT DISTINCT "
        "vk_row, vk_row IN (SELECT vk_row FROM vk_problems) AS is_bad FROM "
        "(SELECT vk_row FROM vk_events UNION ALL SELECT vk_row FROM vk_outcomes "
        "UNION ALL SELECT vk_row FROM vk_promises))"
    ).fetchall()[0]
    connection.execute(
        "CREATE OR REPLACE TABLE vk_skipped AS SELECT vk_row FROM vk_rows "
        "WHERE vk_row NOT IN (SELECT vk_row FROM vk_problems) "
        "AND vk_row NOT IN (SELECT vk_row FROM vk_events_drafted) "
        "AND vk_row NOT IN (SELECT vk_row FROM vk_outcomes_drafted) "
        "AND vk_row NOT IN (SELECT vk_row FROM vk_promises_drafted)"
    )
    return used, count_of(connection, "vk_skipped"), bad, in_part


def _skipped(connection: duckdb.DuckDBPyConnection, context: DraftContext) -> tuple[Skipped, ...]:
    """Return why each block passed the rows of `vk_skipped` over."""
    blocks = [(f"events[{i}]", b.when) for i, b in enumerate(context.mapping.events)]
    blocks += [(f"outcomes[{i}]", b.when) for i, b in enumerate(context.mapping.outcomes)]
    blocks += [(f"promises[{i}]", b.when) for i, b in enumerate(context.mapping.promises)]
    counts = ", ".join(
        f"count(*) FILTER (NOT coalesce({context.sql(f'{at}.when', 'true')}, false))"
        for at, _ in blocks
    )
    total, *unmet = connection.execute(
        f"SELECT count(*), {counts} FROM vk_typed WHERE vk_row IN (SELECT vk_row FROM vk_skipped)"
    ).fetchall()[0]
    found = []
    for (at, when), rows in zip(blocks, unmet, strict=True):
        found.append(Skipped(key=f"{at}.when", condition=when, rows=rows))
        found.append(Skipped(key=at, condition="", rows=total - rows))
    return tuple(skipped for skipped in found if skipped.rows)


def count_of(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table has."""
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    assert isinstance(count, int), "count(*) is a whole number"
    return count


def counted_by(connection: duckdb.DuckDBPyConnection, what: str, table: str) -> dict[str, int]:
    """Return how many rows of a table there are for each value of an expression."""
    sql = f"SELECT {what}, count(*) FROM {table} GROUP BY ALL ORDER BY 1"
    return dict(connection.execute(sql).fetchall())


def _preview(
    connection: duckdb.DuckDBPyConnection, mapping: FileMapping
) -> tuple[Mapping[str, Any], ...]:
    rows = connection.execute(
        f"{events_sql(mapping)} ORDER BY vk_row, block LIMIT {PREVIEW_ROWS}"
    ).fetchall()
    return tuple(dict(zip(EVENT_OUTPUT, row, strict=True)) for row in rows)


def events_sql(mapping: FileMapping) -> str:
    """Return the SELECT of the events as they are written."""
    columns = ", ".join(
        f"{literal(mapping.source)} AS source" if name == "source" else name
        for name in EVENT_OUTPUT
    )
    return f"SELECT {columns} FROM vk_events"


def outcomes_sql(mapping: FileMapping) -> str:
    """Return the SELECT of the outcomes as they are written."""
    columns = ", ".join(
        f"{literal(mapping.source)} AS source" if name == "source" else name
        for name in OUTCOME_OUTPUT
    )
    return f"SELECT {columns} FROM vk_outcomes"
