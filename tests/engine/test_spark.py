"""Spark values as the core does, from files and from Parquet of its own, and says when it cannot."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from tests import event_rows, score_runs, spark
from tests.engine.test_postgres import AWKWARD, POLICY, QUESTION, awkward_book
from tests.engine.test_scoring import assert_same, core_rows
from tests.event_rows import TODAY, Books, core_accounts

from vertrauenskonto.core.errors import Conflict
from vertrauenskonto.engine.address import address
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import IN_PROCESS, ScoreRequest, score
from vertrauenskonto.engine.spark_session import SparkUnavailable

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("spark_session")]

SPARK = address("local[2]")
BOOKS = 30
DAY = date(2024, 9, 30)


def drawn_books() -> list[Books]:
    """Return random books, the same in every run: a run of Spark is too slow for one each."""
    found: list[Books] = []

    @settings(
        max_examples=BOOKS,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(event_rows.books())
    def collect(book: Books) -> None:
        found.append(book)

    collect()
    return found


def together(books: list[Books], policy_of: int) -> Books:
    """Return one book with the accounts of all, under the policy of one of them."""

    def renamed(rows: tuple[event_rows.Row, ...], number: int) -> Iterator[event_rows.Row]:
        for row in rows:
            name = row["account"]
            yield {**row, "account": None if name is None else f"{number:03} {name}"}

    def all_of(table: str) -> tuple[event_rows.Row, ...]:
        pairs = enumerate(getattr(book, table) for book in books)
        return tuple(row for number, rows in pairs for row in renamed(rows, number))

    return Books(
        events=all_of("events"),
        suspensions=all_of("suspensions"),
        accounts=all_of("accounts"),
        policy=books[policy_of].policy,
    )


@pytest.fixture(scope="module")
def books() -> list[Books]:
    return drawn_books()


def with_most(books: list[Books], *, segments: int, versions: int) -> int:
    """Return the number of a book whose policy has so many segments and versions."""
    return next(
        number
        for number, book in enumerate(books)
        if len(book.policy.versions) == versions
        and any(len(v.segments) == segments for v in book.policy.versions)
    )


@pytest.mark.parametrize(
    ("segments", "versions", "known_at", "velocity"),
    [(2, 2, None, True), (0, 1, date(2024, 8, 1), False), (1, 2, DAY, False)],
)
def test_spark_equals_the_core_in_every_column_and_view_and_leaves_out_the_same_rows(
    books: list[Books],
    tmp_path: Path,
    segments: int,
    versions: int,
    known_at: date | None,
    velocity: bool,
):
    book = together(books, with_most(books, segments=segments, versions=versions))
    question = Question(
        policy=book.policy, as_of=DAY, known_at=known_at, today=TODAY, velocity=velocity
    )
    wanted = core_rows(core_accounts(book, as_of=DAY), book.policy.in_force(DAY), question)
    got, there = score_runs.run(book, question, SPARK, tmp_path)
    _, here = score_runs.run(book, question, IN_PROCESS, tmp_path)
    assert len(wanted) > 50
    assert set(got) == set(wanted)
    for key, row in wanted.items():
        assert_same(got[key], row)
    assert there.problems.counts == here.problems.counts
    assert there.problems.count > 0
    assert [(p.code, p.line, p.field, p.text) for p in there.problems.listed] == [
        (p.code, p.line, p.field, p.text) for p in here.problems.listed
    ]


def test_a_csv_file_is_read_as_always_and_names_of_all_sorts_come_back(tmp_path: Path):
    path = tmp_path / "events.csv"
    quoted = [name.replace('"', '""') for name in AWKWARD]
    lines = [f'"{name}";kept;2024-01-01' for name in quoted]
    path.write_text("\n".join(["account;kind;day", *lines]), encoding="utf-8")
    request = ScoreRequest(
        question=QUESTION, events=path, out=tmp_path / "there.parquet", address=SPARK
    )
    score(request)
    score(replace(request, out=tmp_path / "here.parquet", address=IN_PROCESS))
    there = score_runs.rows_of(tmp_path / "there.parquet")
    here = score_runs.rows_of(tmp_path / "here.parquet")
    assert list(there) == list(here)
    assert {name for name, _ in there} >= {"O'Neil", "\\N", "line\nbreak", "ß€𝄞"}
    for key, row in here.items():
        assert_same(there[key], row)


def test_sums_beyond_a_bigint_do_not_overflow_and_two_runs_give_the_same_bytes(tmp_path: Path):
    rows = [
        {"account": "ada", "kind": "kept", "day": date(2024, 6, 1), "points_able": 1000.0}
    ] * 500
    book = Books(events=tuple(rows), suspensions=(), accounts=(), policy=POLICY)
    out = tmp_path / "scores.parquet"
    got, _ = score_runs.run(book, QUESTION, SPARK, tmp_path)
    first = out.read_bytes()
    score_runs.run(book, QUESTION, SPARK, tmp_path)
    assert got["ada", "total"]["deposits_able"] == 500_000.0
    assert out.read_bytes() == first


def test_spark_reads_a_folder_and_writes_one_in_order(tmp_path: Path):
    parts = tmp_path / "events"
    parts.mkdir()
    for number, name in enumerate(AWKWARD):
        columns = {"account": [name], "kind": ["kept"], "day": [date(2024, 1, 1)]}
        pq.write_table(pa.table(columns), parts / f"{number}.parquet")
    out = tmp_path / "scores"
    request = ScoreRequest(question=QUESTION, events=parts, out=out, address=SPARK)
    report = score(request)
    here, _ = score_runs.run(awkward_book(), QUESTION, IN_PROCESS, tmp_path)
    files = sorted(out.glob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert report.rows == len(here)
    assert [(row["account"], row["view"]) for row in rows] == list(here)
    for row, wanted in zip(rows, here.values(), strict=True):
        assert_same(row, wanted)
    before = [file.read_bytes() for file in files]
    with pytest.raises(Conflict, match="exists already"):
        score(request)
    assert [file.read_bytes() for file in files] == before


def test_a_damaged_file_is_named_and_nothing_is_written(tmp_path: Path):
    path = tmp_path / "events.parquet"
    path.write_bytes(b"PAR1 not really")
    out = tmp_path / "scores.parquet"
    with pytest.raises(Exception, match=r"events\.parquet"):
        score(ScoreRequest(question=QUESTION, events=path, out=out, address=SPARK))
    assert not out.exists()


def test_a_cluster_that_cannot_be_reached_is_named_at_once(tmp_path: Path):
    # In a process of its own: in this one there is a session already, and it would be taken.
    program = (
        "from vertrauenskonto.engine.spark_session import session\n"
        "with session('spark://127.0.0.1:1'): pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert SparkUnavailable.__name__ in done.stderr
    assert "Spark (spark://127.0.0.1:1) does not start" in done.stderr


def test_a_machine_without_java_is_told_what_is_missing(tmp_path: Path):
    program = (
        "import os, shutil\n"
        "os.environ['PATH'] = os.pathsep.join(p for p in os.environ['PATH'].split(os.pathsep)\n"
        "    if not os.path.exists(os.path.join(p, 'java')))\n"
        "os.environ['JAVA_HOME'] = '/nowhere'\n"
        "from vertrauenskonto.engine.spark_session import session\n"
        "with session('local[1]'): pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert SparkUnavailable.__name__ in done.stderr
    assert "It needs Java 17 or newer" in done.stderr


def test_without_pyspark_the_message_says_what_to_install(tmp_path: Path):
    program = (
        "import sys; sys.modules['pyspark.sql'] = None\n"
        "from vertrauenskonto.engine.spark_session import session\n"
        "with session('local[1]'): pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert "SparkMissing" in done.stderr
    assert "pip install 'vertrauenskonto[spark]'" in done.stderr


def test_the_session_of_the_caller_stays(tmp_path: Path):
    assert spark.why_unavailable() == ""
    score_runs.run(awkward_book(), QUESTION, SPARK, tmp_path)
    with spark.session():
        first, _ = score_runs.run(awkward_book(), QUESTION, SPARK, tmp_path)
    assert len(first) == 2 * len(AWKWARD)
