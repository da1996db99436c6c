"""Measuring the bulk engine: against a group-by of the same file, against pandas, and in memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench import data, pandas_version
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreRequest, score, score_into
from vertrauenskonto.engine.shape import VIEWS

AS_OF = date(2026, 1, 1)
EVENTS, ACCOUNTS = 10_000_000, 1_000_000
LARGE_EVENTS, LARGE_ACCOUNTS, LARGE_MEMORY = 100_000_000, 10_000_000, "4GB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Seconds; `engine` and `baseline` write a table in DuckDB, `command` a Parquet file."""

    baseline: float
    engine: float
    command: float
    pandas: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A run under a memory limit; `peak_gb` in GB (1e9 bytes) of resident memory."""

    seconds: float
    peak_gb: float
    rows: int


def question(policy: PolicyHistory) -> Question:
    """Return what is asked in all measurements: all views, opinions and verdicts."""
    return Question(policy=policy, as_of=AS_OF, today=AS_OF, views=VIEWS)


def measure(folder: Path, policy: PolicyHistory, *, with_pandas: bool, rounds: int = 5) -> Bulk:
    """Measure 10 million events on 1 million accounts; the best of several interleaved rounds."""
    events = folder / "events.parquet"
    data.write_events(events, events=EVENTS, accounts=ACCOUNTS)
    asked = question(policy)
    best: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        best[name] = min(best.get(name, seconds), seconds)

    with duckdb.connect() as connection:

        def baseline() -> None:
            connection.execute(
                "CREATE OR REPLACE TEMPORARY TABLE baseline AS SELECT account, COUNT(*), MAX(day) "
                f"FROM '{events}' GROUP BY account"
            )

        for _ in range(rounds):
            timed("baseline", baseline)
            timed("engine", lambda: score_into(connection, events, asked, table="scores"))
    request = ScoreRequest(question=asked, events=events, out=folder / "scores.parquet")
    timed("command", lambda: score(request))
    if with_pandas:
        timed("pandas", lambda: pandas_version.score(events, policy.versions[-1], as_of=AS_OF))
    return Bulk(
        baseline=best["baseline"],
        engine=best["engine"],
        command=best["command"],
        pandas=best.get("pandas"),
    )


def measure_large(folder: Path) -> Large:
    """Measure 100 million events on 10 million accounts with 4 GB, in a process of its own."""
    events, out = folder / "large.parquet", folder / "large-scores.parquet"
    data.write_events(events, events=LARGE_EVENTS, accounts=LARGE_ACCOUNTS)
    program = f"""
import resource
from pathlib import Path
from bench.bulk import question
from vertrauenskonto.engine.connection import Limits
from vertrauenskonto.engine.run import ScoreRequest, score
from vertrauenskonto.importers.policy import read_policy
report = score(
    ScoreRequest(
        question=question(read_policy("default")),
        events=Path({str(events)!r}),
        out=Path({str(out)!r}),
        limits=Limits(memory={LARGE_MEMORY!r}),
    )
)
print(report.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    rows, peak_kib = (int(word) for word in done.stdout.split())
    events.unlink()
    out.unlink()
    return Large(seconds=seconds, peak_gb=peak_kib * 1024 / 1e9, rows=rows)
