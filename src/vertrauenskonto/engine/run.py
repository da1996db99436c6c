"""Running a valuation of many accounts: files in, one file out; or a table in, a table out."""

import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir, mkdtemp

import duckdb

from vertrauenskonto.engine.address import Address
from vertrauenskonto.engine.connection import (
    NO_LIMITS,
    Limits,
    configure,
    failures_explained,
    opened,
)
from vertrauenskonto.engine.elsewhere import (
    Order,
    check_folder,
    is_folder,
    place_of,
    uri,
    valued,
)
from vertrauenskonto.engine.outputs import check_target, refuse_collision, write_query
from vertrauenskonto.engine.prepare import Inputs, Prepared, Question, prepare
from vertrauenskonto.engine.problems import Problems
from vertrauenskonto.engine.progress import Progress, no_progress, watched
from vertrauenskonto.engine.runway import create_runway
from vertrauenskonto.engine.scoring import (
    before_sql,
    lookup_tables,
    scores_sql,
    sums_sql,
    valued_sql,
)
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.sources import (
    TEXT_TABLE_PREFIX,
    Source,
    source_of_file,
    source_of_object,
)
from vertrauenskonto.engine.text_files import quoted

IN_PROCESS = Address(engine="duckdb")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """A valuation from files into a file.

    `events`, `suspensions` and `accounts` are Parquet, CSV or DuckDB files, `out` one of these by
    its suffix. `events` may also be `table:schema.name` on a PostgreSQL server and, on Spark, a
    folder or URI of Parquet; there `out` may be a URI or have no suffix: a folder that Spark writes.
    `encoding` is that of text files (empty: found out). `progress` is told the stage and the share
    done of it.
    """

    question: Question
    events: Path
    out: Path
    suspensions: Path | None = None
    accounts: Path | None = None
    encoding: str = ""
    address: Address = IN_PROCESS
    limits: Limits = NO_LIMITS
    progress: Progress = field(default=no_progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport:
    """What was done: rows read and used, rows written, and the problems of what was not used."""

    events: int
    usable: int
    rows: int
    problems: Problems


def score(request: ScoreRequest) -> ScoreReport:
    """Value all accounts of a file and write one row per account and view, ordered by both.

    Raises:
        Invalid: a file is damaged or of the wrong form, or the request cannot be meant.
        Conflict: the result would replace one of the files.
        NotFound: a file or folder does not exist.
        EngineUnavailable: the engine asked for is not installed or cannot be reached.
        OutOfSpace, OutOfMemory: the machine does not suffice. In each case nothing is written.
    """
    _check_out(request)
    with (
        opened(request.limits, spill_to=_spill_to(request)) as connection,
        watched(connection, request.progress) as stage,
    ):
        stage("read")
        if request.address.engine != "duckdb":
            return _scored_elsewhere(connection, request, stage)
        inputs = Inputs(
            events=_events(connection, request),
            suspensions=_file(connection, request, request.suspensions, "suspensions"),
            accounts=_file(connection, request, request.accounts, "accounts"),
        )
        prepared = prepare(connection, inputs, request.question)
        query = _scored_here(connection, prepared.shape, stage)
        stage("write")
        return _report(prepared, write_query(connection, query, request.out))


def score_into(
    connection: duckdb.DuckDBPyConnection, events: Path, question: Question, *, table: str
) -> ScoreReport:
    """Value all accounts of a file into the table `table` of a DuckDB connection, replacing it.

    Nothing else stays behind in the connection.

    Raises:
        Invalid: the file is damaged or of the wrong form.
        NotFound: there is no such file.
    """
    with connection.cursor() as working, failures_explained(NO_LIMITS, place=str(events.parent)):
        inputs = Inputs(events=source_of_file(working, events, "events"))
        prepared = prepare(working, inputs, question)
        query = _scored_here(working, prepared.shape, lambda _: None)
        created = working.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS {query}")
        rows = created.fetchall()[0][0]
        working.execute(f"DROP TABLE IF EXISTS {TEXT_TABLE_PREFIX}events")
        return _report(prepared, rows)


class ScoredTable:
    """The result of `score_table`: an Arrow table for whoever asks, with a report.

    Any library that reads the Arrow PyCapsule interface takes it as it is, e.g.
    `polars.DataFrame(scored)`, `pyarrow.table(scored)` or `duckdb.sql("FROM scored")`.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, folder: str, report: ScoreReport
    ) -> None:
        self._connection = connection
        self.report = report
        # Parts of the table may have been spilled to the folder; it vanishes with this object.
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows, ordered by account and view, as an Arrow stream."""
        relation = self._connection.cursor().table("scored_table")
        return relation.__arrow_c_stream__(requested_schema)

    def rows(self) -> list[dict[str, object]]:
        """Return the rows as dicts, for small results."""
        cursor = self._connection.cursor().execute("FROM scored_table")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def __len__(self) -> int:
        return self.report.rows


def score_table(
    events: object,
    question: Question,
    *,
    suspensions: object | None = None,
    accounts: object | None = None,
    limits: Limits = NO_LIMITS,
) -> ScoredTable:
    """Value all accounts of a table in memory.

    Args:
        events: Arrow, a DuckDB relation, a pandas or Polars frame, anything with an Arrow stream;
            columns as in the canonical event table.
        question: what to value.
        suspensions: the same kind of thing, columns account, from, to, id, recorded.
        accounts: the same kind of thing, columns account, segment, or what segments are told by.
        limits: memory and threads.

    Raises:
        Invalid: something is no table, or a column is missing.
    """
    connection, folder = duckdb.connect(), mkdtemp(prefix="vertrauenskonto-")
    with failures_explained(limits, place=folder):
        configure(connection, limits, Path(folder))
        inputs = Inputs(
            events=source_of_object(connection, events, "events"),
            suspensions=_object(connection, suspensions, "suspensions"),
            accounts=_object(connection, accounts, "accounts"),
        )
        prepared = prepare(connection, inputs, question)
        query = _scored_here(connection, prepared.shape, lambda _: None)
        created = connection.execute(f"CREATE TABLE scored_table AS {query}").fetchall()
    return ScoredTable(connection, folder, _report(prepared, created[0][0]))


def _check_out(request: ScoreRequest) -> None:
    if is_folder(request.out, request.address):
        check_folder(request.out)
    else:
        check_target(request.out)
    inputs = {
        "events": request.events,
        "suspensions": request.suspensions,
        "accounts": request.accounts,
    }
    refuse_collision({"out": request.out}, inputs)


def _events(connection: duckdb.DuckDBPyConnection, request: ScoreRequest) -> Source:
    return source_of_file(connection, request.events, "events", encoding=request.encoding or None)


def _file(
    connection: duckdb.DuckDBPyConnection, request: ScoreRequest, path: Path | None, table: str
) -> Source | None:
    if path is None:
        return None
    return source_of_file(connection, path, table, encoding=request.encoding or None)


def _spill_to(request: ScoreRequest) -> Path:
    """Return a folder for temporary files: beside the result, if that lies on this machine."""
    here = request.out.parent
    return here if here.is_dir() else Path(gettempdir())


def _object(
    connection: duckdb.DuckDBPyConnection, table: object | None, name: str
) -> Source | None:
    return None if table is None else source_of_object(connection, table, name)


def _scored_elsewhere(
    connection: duckdb.DuckDBPyConnection, request: ScoreRequest, stage: Callable[[str], None]
) -> ScoreReport:
    """Value on another engine, which may read the events itself and write the result itself."""
    place = place_of(request.events, request.address)
    with TemporaryDirectory(dir=_spill_to(request), prefix=".vertrauenskonto-") as name:
        order = Order(
            question=request.question,
            events=place or _events(connection, request),
            suspensions=_file(connection, request, request.suspensions, "suspensions"),
            accounts=_file(connection, request, request.accounts, "accounts"),
            folder=Path(name).absolute(),
            memory=request.limits.memory,
        )
        with valued(connection, request.address, order) as found:
            stage("value")
            if found.write_folder is not None and is_folder(request.out, request.address):
                return _report(found.prepared, found.write_folder(uri(request.out)))
            query = _in_order(found.query())
            stage("write")
            return _report(found.prepared, write_query(connection, query, request.out))


def _scored_here(
    connection: duckdb.DuckDBPyConnection, shape: Shape, stage: Callable[[str], None]
) -> str:
    """Value the relations in this process and return the SELECT of the result, in order."""
    stage("value")
    given = dict(lookup_tables(shape))
    for name, select in given.items():
        _create(connection, name, select)
    if shape.velocity:
        _create(connection, "before", before_sql(shape, given=given))
        given["before"] = ""
    if shape.runway:
        _create(connection, "sums", sums_sql(shape, given=given))
        create_runway(connection, shape)
        given["sums"] = ""
    # Sorted while the rows are narrow; the steps that follow keep the order.
    keys = "account, view" if shape.persons else "account"
    _create(connection, "valued", f"{valued_sql(shape, given=given)} ORDER BY {keys}")
    scores = scores_sql(shape)
    return _in_order(scores) if shape.segments else scores


def _create(connection: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE {table} AS {select}")


def _in_order(query: str) -> str:
    return f"SELECT * FROM ({query}) scored ORDER BY account, view"


def _report(prepared: Prepared, rows: int) -> ScoreReport:
    return ScoreReport(
        events=prepared.events, usable=prepared.usable, rows=rows, problems=prepared.problems
    )
