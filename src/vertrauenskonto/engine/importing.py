"""Importing: a mapping, executed over somebody's files, gives booked events and outcomes.

Every row ends in exactly one of three heaps: used, skipped by condition, or with a problem; the
sums are asserted. Outputs appear complete or not at all, and a dry run writes nothing.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import gettempdir

import duckdb

from vertrauenskonto.core.errors import Invalid, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.connection import Limits, is_full_disk, opened, reason_of, spill_folder
from vertrauenskonto.engine.expressions import Expressions, checked_expressions
from vertrauenskonto.engine.import_booking import (
    book_with_history,
    create_kinds,
    event_table_sql,
    outcome_table_sql,
    segment_sql,
    version_sql,
)
from vertrauenskonto.engine.import_days import ambiguous_days
from vertrauenskonto.engine.import_files import (
    Inputs,
    described,
    failed_query,
    load_inputs,
    sources_in,
)
from vertrauenskonto.engine.import_ledger import Imported, leave_out_given_points
from vertrauenskonto.engine.import_problems import Wording
from vertrauenskonto.engine.import_promises import BODY as PROMISE_BODY
from vertrauenskonto.engine.import_promises import promise_table_sql
from vertrauenskonto.engine.import_report import (
    EVENT_OUTPUT,
    OUTCOME_OUTPUT,
    PREVIEW_ROWS,
    ImportReport,
    Skipped,
    count_of,
    events_sql,
    outcomes_sql,
    report_of,
)
from vertrauenskonto.engine.import_sql import (
    MACROS,
    DraftContext,
    Source,
    event_drafts_sql,
    outcome_drafts_sql,
    raw,
    rows_sql,
    typed_sql,
)
from vertrauenskonto.engine.outputs import check_target, complete_or_absent
from vertrauenskonto.engine.progress import Progress, no_progress, watched
from vertrauenskonto.engine.text_files import literal, quoted
from vertrauenskonto.importers.mapping import INPUT, FileMapping
from vertrauenskonto.importers.toml_lines import line_of

__all__ = [
    "EVENT_OUTPUT",
    "OUTCOME_OUTPUT",
    "PREVIEW_ROWS",
    "ImportReport",
    "ImportRequest",
    "Imported",
    "Skipped",
    "import_files",
    "imported",
]

_FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}
_CELL_CODES = {
    "day": "day",
    "instant": "day",
    "decimal": "number",
    "integer": "number",
    "boolean": "boolean",
    "text": "text",
}
# What an event says; two rows with one id and one body are the same event twice.
_EVENT_BODY = (
    "account",
    "kind",
    "day",
    "recorded",
    "target",
    "promise",
    "note",
    "reverses",
    *(f"given_{d}" for d in DIMENSIONS),
)
_OUTCOME_BODY = ("account", "outcome", "day", "recorded", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What to import and where to.

    `path` is the file or folder; `encoding` overrides the mapping's. `events` and `outcomes` are
    the Parquet or CSV files to write; without `events` the import is a dry run and writes nothing.
    """

    path: Path
    mapping: FileMapping
    policy: PolicyHistory
    today: date
    mapping_file: str = ""
    encoding: str | None = None
    events: Path | None = None
    outcomes: Path | None = None
    for_ledger: bool = False
    limits: Limits = field(default_factory=Limits)
    progress: Progress = no_progress


def import_files(request: ImportRequest) -> ImportReport:
    """Import somebody's files by a mapping and return what was found.

    Raises:
        As `imported`.
    """
    with imported(request) as found:
        return found.report


@contextmanager
def imported(request: ImportRequest) -> Iterator[Imported]:
    """Import somebody's files and yield what was found, with its events to read.

    Raises:
        NotFound: a file or folder is not there.
        Invalid: the mapping does not fit the policy or the file, or a file cannot be read.
        OutOfSpace, OutOfMemory: the machine has too little; nothing was written.
    """
    expressions = checked_expressions(request.mapping, file=request.mapping_file)
    _check_kinds(request)
    targets = [path for path in (request.events, request.outcomes) if path is not None]
    for path in targets:
        check_target(path, suffixes=tuple(_FORMATS))
    spill_to = targets[0].parent if targets else Path(gettempdir())
    with (
        opened(request.limits, spill_to=spill_to) as connection,
        watched(connection, request.progress) as begin,
    ):
        begin("read")
        _check_time_zones(connection, request.mapping)
        run = _Run(connection, request, expressions)
        run.read()
        begin("book")
        context = run.draft()
        run.leave_out_repeated("vk_events", _EVENT_BODY)
        run.leave_out_repeated("vk_outcomes", _OUTCOME_BODY)
        run.leave_out_repeated("vk_promises", PROMISE_BODY)
        run.leave_out_reversals()
        booked = 0
        if request.for_ledger:
            leave_out_given_points(connection)
        else:
            booked = book_with_history(connection, request.policy)
        report = run.report(context, booked)
        if request.events is not None or (request.for_ledger and request.outcomes is not None):
            begin("write")
            _write(connection, request)
        yield Imported(connection, report, run.wording, mapping=request.mapping)


class _Run:
    """One import on its way through the tables of `import_sql`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        request: ImportRequest,
        expressions: Expressions,
    ) -> None:
        self._connection = connection
        self._request = request
        self._mapping = request.mapping
        self._expressions = expressions
        self._inputs = Inputs(label=request.path.name)
        self._labels: dict[str, str] = {}

    def read(self) -> None:
        """Load the files and make `vk_typed`, with a problem for each cell that does not fit."""
        connection, mapping = self._connection, self._mapping
        for macro in MACROS:
            connection.execute(macro)
        self._inputs = load_inputs(
            connection, mapping, self._request.path, encoding=self._request.encoding
        )
        table = next(iter(mapping.files), INPUT)
        select = mapping.query.strip().rstrip(";") or f"SELECT * FROM {quoted(table)}"
        found = described(connection, select)
        sources = sources_in(mapping, found, self._inputs)
        self._labels = {s.column.name: s.name or s.column.name for s in sources}
        try:
            connection.execute(rows_sql(select, sources, found))
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if isinstance(error, duckdb.IOException) and is_full_disk(error):
                raise
            raise self._unreadable(error) from error
        try:
            connection.execute(typed_sql(mapping, sources, self._expressions))
        except duckdb.BinderException as error:
            raise _unbound("columns", error, self._request) from error
        connection.execute(
            "CREATE TABLE vk_problems (vk_row BIGINT, code VARCHAR, field VARCHAR, "
            "value VARCHAR, other VARCHAR)"
        )
        self._report_cells(sources)
        label = self._inputs.label or mapping.name
        self._inputs.notes += ambiguous_days(connection, mapping, sources, label)

    def draft(self) -> DraftContext:
        """Make `vk_events` and `vk_outcomes` from the drafts without problems."""
        connection, mapping, policy = self._connection, self._mapping, self._request.policy
        create_kinds(connection, policy)
        context = DraftContext(
            mapping=mapping,
            expressions=self._expressions,
            labels=self._labels,
            segment=segment_sql(policy, mapping),
            version=version_sql(policy),
            today=self._request.today,
        )
        self._bind_each()
        events = [event_drafts_sql(context, i, block) for i, block in enumerate(mapping.events)]
        outcomes = [
            outcome_drafts_sql(context, i, block) for i, block in enumerate(mapping.outcomes)
        ]
        connection.execute(event_table_sql(events))
        connection.execute(outcome_table_sql(outcomes))
        connection.execute(promise_table_sql(context))
        for table in ("vk_events", "vk_outcomes", "vk_promises"):
            connection.execute(
                f"INSERT INTO vk_problems SELECT vk_row, p.code, p.field, p.value, NULL FROM "
                f"(SELECT vk_row, unnest(problems) AS p FROM {table} WHERE len(problems) > 0)"
            )
            # Kept for the sum of rows: what was drafted is not skipped, whatever becomes of it.
            connection.execute(
                f"CREATE TABLE {table}_drafted AS SELECT DISTINCT vk_row FROM {table}"
            )
            connection.execute(f"DELETE FROM {table} WHERE len(problems) > 0")
        return context

    def leave_out_repeated(self, table: str, body: Sequence[str]) -> None:
        """Leave out what came before under the same id; the first row counts."""
        connection = self._connection
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE vk_repeated AS "
            f"SELECT id FROM {table} GROUP BY id HAVING count(*) > 1"
        )
        if not count_of(connection, "vk_repeated"):
            return
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE vk_again AS "
            "SELECT vk_row, block, id, differs FROM (SELECT vk_row, block, id, "
            "row_number() OVER w AS n, body IS DISTINCT FROM first_value(body) OVER w AS differs "
            f"FROM (SELECT *, row({', '.join(body)}) AS body FROM {table} "
            "WHERE id IN (SELECT id FROM vk_repeated)) "
            "WINDOW w AS (PARTITION BY id ORDER BY vk_row, block)) WHERE n > 1"
        )
        connection.execute(
            "INSERT INTO vk_problems SELECT vk_row, "
            "CASE WHEN differs THEN 'duplicate_differs' ELSE 'duplicate_same' END, "
            "'id', id, NULL FROM vk_again"
        )
        connection.execute(
            f"DELETE FROM {table} USING vk_again a "
            f"WHERE {table}.vk_row = a.vk_row AND {table}.block = a.block"
        )

    def leave_out_reversals(self) -> None:
        """Leave out reversals that name nothing that can be reversed, as the core does."""
        connection = self._connection
        # The ledger may have what this file does not.
        unknown = "NULL" if self._request.for_ledger else "'reversal_of_unknown'"
        connection.execute(
            "CREATE TEMP TABLE vk_wrong_reversals AS SELECT r.vk_row, r.block, r.id, r.reverses, "
            f"CASE WHEN e.id IS NULL THEN {unknown} "
            "WHEN e.reverses IS NOT NULL THEN 'reversal_of_reversal' "
            "WHEN r.n > 1 THEN 'reversal_again' END AS code FROM "
            "(SELECT *, row_number() OVER (PARTITION BY account, reverses "
            "ORDER BY recorded, vk_row, block) AS n FROM vk_events WHERE reverses IS NOT NULL) r "
            "LEFT JOIN vk_events e ON e.id = r.reverses AND e.account = r.account"
        )
        connection.execute(
            "INSERT INTO vk_problems SELECT vk_row, code, 'reverses', id, reverses "
            "FROM vk_wrong_reversals WHERE code IS NOT NULL"
        )
        connection.execute(
            "DELETE FROM vk_events USING vk_wrong_reversals w WHERE w.code IS NOT NULL "
            "AND vk_events.vk_row = w.vk_row AND vk_events.block = w.block"
        )

    def report(self, context: DraftContext, booked_with_history: int) -> ImportReport:
        """Return what was found, with the sums checked."""
        return report_of(self._connection, context, self._inputs, self.wording, booked_with_history)

    @property
    def wording(self) -> Wording:
        """What the words of problems need to know."""
        return Wording(policy=self._request.policy, file=self._inputs.label or self._mapping.name)

    def _report_cells(self, sources: Sequence[Source]) -> None:
        found = self._connection.execute("SELECT DISTINCT unnest(vk_bad) FROM vk_typed").fetchall()
        bad = {name for (name,) in found}
        decimal = self._mapping.format.decimal
        for source in sources:
            column = source.column
            if column.name not in bad:
                continue
            number = "12" if column.type == "integer" else f"12{decimal}5"
            other = "|".join(form.written for form in column.formats) or number
            self._connection.execute(
                f"INSERT INTO vk_problems SELECT vk_row, {literal(_CELL_CODES[column.type])}, "
                f"{literal(self._labels[column.name])}, vk_text({raw(column)}), {literal(other)} "
                "FROM vk_typed JOIN vk_rows USING (vk_row) "
                f"WHERE list_contains(vk_bad, {literal(column.name)})"
            )

    def _bind_each(self) -> None:
        """Let DuckDB check the types in each expression, to name the key of a wrong one."""
        for key, expression in self._expressions.by_key.items():
            try:
                self._connection.execute(f"SELECT TRY({expression.sql}) FROM vk_typed LIMIT 0")
            except duckdb.Error as error:
                raise _unbound(key, error, self._request) from error

    def _unreadable(self, error: duckdb.Error) -> Invalid:
        """Tell a damaged file from a query that fails."""
        reason = reason_of(error)
        if self._inputs.parquet and not self._mapping.query:
            names = ", ".join(self._inputs.parquet)
            return Invalid(
                Text(
                    de=f"{names} lässt sich nicht lesen: die Datei ist beschädigt oder "
                    f"unvollständig, bitte neu erzeugen oder übertragen ({reason}).",
                    en=f"{names} cannot be read: the file is damaged or cut short, make it or "
                    f"copy it again ({reason}).",
                )
            )
        return failed_query(error)


def _write(connection: duckdb.DuckDBPyConnection, request: ImportRequest) -> None:
    """Write events and outcomes; both appear, or neither."""
    targets = [(request.events, events_sql(request.mapping))]
    targets.append((request.outcomes, outcomes_sql(request.mapping)))
    with ExitStack() as stack:
        for path, select in targets:
            if path is not None:
                part = stack.enter_context(complete_or_absent(path))
                # A total order, so that two imports of one file give the same bytes.
                connection.execute(f"CREATE TABLE vk_sorted AS {select} ORDER BY account, day, id")
                # Since the files were read, the connection reaches only the folder it spills to.
                written = spill_folder(connection) / part.name
                _copy(connection, "vk_sorted", written, _FORMATS[path.suffix.lower()])
                shutil.move(written, part)
                connection.execute("DROP TABLE vk_sorted")


def _copy(connection: duckdb.DuckDBPyConnection, table: str, path: Path, form: str) -> None:
    """Write a table to a file, with one thread.

    With several, DuckDB 2.0.0 sometimes waits for ever when the disk is full: seen once in thirty
    imports on a busy machine.
    """
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchall()[0]
    connection.execute("SET threads = 1")
    try:
        connection.execute(f"COPY {table} TO {literal(str(path))} ({form})")
    finally:
        connection.execute(f"SET threads = {threads}")


def _check_kinds(request: ImportRequest) -> None:
    """Check that the policy has every kind the mapping names.

    Raises:
        Invalid: it lacks some; each is a problem.
    """
    known = dict.fromkeys(k for version in request.policy.versions for k in version.kinds)
    problems = []
    for kind in request.mapping.kinds:
        if kind not in known:
            near = did_you_mean(kind, known)
            label = request.policy.versions[-1].label
            text = Text(
                de=f"Die Buchungsart „{kind}“ steht nicht im Regelwerk {label}.{near.de}",
                en=f"The kind '{kind}' is not in the policy {label}.{near.en}",
            )
            problems.append(
                Problem(code="unknown_kind", file=request.mapping_file, field="kind", text=text)
            )
    if problems:
        raise Invalid(
            Text(
                de=f"Die Zuordnung {request.mapping.name} passt nicht zum Regelwerk.",
                en=f"The mapping {request.mapping.name} does not fit the policy.",
            ),
            problems=problems,
        )


def _check_time_zones(connection: duckdb.DuckDBPyConnection, mapping: FileMapping) -> None:
    known = [
        row[0] for row in connection.execute("SELECT name FROM pg_timezone_names()").fetchall()
    ]
    wanted = {mapping.time_zone, mapping.format.time_zone, *(c.time_zone for c in mapping.columns)}
    for zone in sorted(wanted - {""} - set(known)):
        near = did_you_mean(zone, known)
        raise Invalid(
            Text(
                de=f"Die Zeitzone „{zone}“ gibt es nicht.{near.de}",
                en=f"There is no time zone '{zone}'.{near.en}",
            )
        )


def _unbound(key: str, error: duckdb.Error, request: ImportRequest) -> Invalid:
    reason = str(error).strip().partition("\n")[0]
    problem = Problem(
        code="expression",
        file=request.mapping_file,
        line=line_of(request.mapping.lines, key),
        field=key,
        text=Text(
            de=f"Der Ausdruck passt nicht zu den Typen der Spalten: {reason}",
            en=f"The expression does not fit the types of the columns: {reason}",
        ),
    )
    return Invalid(
        Text(de="Die Zuordnung hat einen Fehler.", en="The mapping has a mistake."),
        problems=[problem],
    )
