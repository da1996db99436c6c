"""Events in a table of a PostgreSQL server are checked and valued there, by the same rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests import event_rows, score_runs
from tests.engine.test_postgres import POLICY, QUESTION, awkward_book
from tests.engine.test_scoring import assert_same, core_rows, questions
from tests.event_rows import Books, core_accounts

from vertrauenskonto.core.errors import Invalid, NotFound
from vertrauenskonto.engine.address import address
from vertrauenskonto.engine.run import IN_PROCESS

pytestmark = pytest.mark.postgres

NAME = "trust.event"
TYPES = {
    "account": "text",
    "kind": "varchar(40)",
    "day": "date",
    "id": "text",
    "recorded": "timestamp",
    "target": "text",
    "contact": "boolean",
    "points_willing": "double precision",
    "points_able": "real",
    "points_assessable": "numeric",
    "reverses": "text",
    "note": "jsonb",
}
# What the server cannot hold in a "real" or compares in its own way: doubles throughout.
DOUBLES = TYPES | dict.fromkeys(("points_able", "points_assessable"), "double precision")


@contextmanager
def table(url: str, book: Books, *, types: dict[str, str] = DOUBLES) -> Iterator[None]:
    """Keep a table `trust.event` with the book's events within the block."""
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA trust")
        try:
            connection.execute(f"CREATE TABLE {NAME} ({columns})".encode())
            for row in book.events:
                insert = sql.SQL("INSERT INTO trust.event ({}) VALUES ({})").format(
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                )
                connection.execute(insert, list(row.values()))
            yield
        finally:
            connection.execute("DROP SCHEMA trust CASCADE")


@pytest.mark.long
@settings(max_examples=25)
@given(st.data())
def test_a_table_is_valued_as_by_the_core_and_its_bad_rows_are_those_of_a_file(
    postgres_url: str, data: st.DataObject
):
    book = data.draw(event_rows.books())
    question = data.draw(questions(book))
    accounts = core_accounts(book, as_of=question.as_of)
    wanted = core_rows(accounts, book.policy.in_force(question.as_of), question)
    with TemporaryDirectory() as name, table(postgres_url, book):
        folder = Path(name)
        got, there = score_runs.run(
            book, question, address(postgres_url), folder, events=f"table:{NAME}"
        )
        _, here = score_runs.run(book, question, IN_PROCESS, folder)
    assert set(got) == set(wanted)
    for key, row in wanted.items():
        assert_same(got[key], row)
    assert there.problems.counts == here.problems.counts
    assert [(p.code, p.line, p.field, p.text) for p in there.problems.listed] == [
        (p.code, p.line, p.field, p.text) for p in here.problems.listed
    ]
    assert (there.events, there.usable) == (here.events, here.usable)


def test_types_of_all_sorts_and_columns_of_no_use_are_read(postgres_url: str, tmp_path: Path):
    row = {
        "account": "ada",
        "kind": "kept",
        "day": date(2024, 1, 1),
        "recorded": "2024-01-02 10:30:00",
        "points_able": 2.5,
        "points_assessable": "-1.25",
        "note": '{"any": "thing"}',
    }
    book = Books(events=(row,), suspensions=(), accounts=(), policy=POLICY)
    with table(postgres_url, book, types=TYPES):
        got, report = score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events=f"table:{NAME}"
        )
    assert report.problems.count == 0
    assert got["ada", "total"]["deposits_able"] == pytest.approx(2.5 * 2 ** (-152 / 180), abs=1e-9)
    assert got["ada", "total"]["withdrawals_assessable"] == pytest.approx(
        1.25 * 2 ** (-152 / 360), abs=1e-9
    )


def test_a_view_does_and_the_table_stays_as_it_was(postgres_url: str, tmp_path: Path):
    book = awkward_book()
    with table(postgres_url, book), psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute('CREATE VIEW trust."all events" AS SELECT * FROM trust.event')
        before = connection.execute("SELECT xmin, ctid, * FROM trust.event").fetchall()
        place = 'table:trust."all events"'
        got, _ = score_runs.run(book, QUESTION, address(postgres_url), tmp_path, events=place)
        after = connection.execute("SELECT xmin, ctid, * FROM trust.event").fetchall()
    here, _ = score_runs.run(book, QUESTION, IN_PROCESS, tmp_path)
    assert before == after
    assert list(got) == list(here)
    for key, row in here.items():
        assert_same(got[key], row)


def test_a_day_without_end_is_no_day(postgres_url: str, tmp_path: Path):
    rows = [{"account": "ada", "kind": "kept", "day": day} for day in ("infinity", "2024-01-01")]
    book = Books(events=tuple(rows), suspensions=(), accounts=(), policy=POLICY)
    with table(postgres_url, book):
        got, report = score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events=f"table:{NAME}"
        )
    assert report.problems.counts == {"day": 1}
    assert report.problems.listed[0].line == 1
    assert set(got) == {("ada", "organisation"), ("ada", "total")}


def test_a_table_that_does_not_exist_is_refused_with_the_likely_one(
    postgres_url: str, tmp_path: Path
):
    with (
        table(postgres_url, awkward_book()),
        pytest.raises(NotFound, match=r"Did you mean 'trust.event'"),
    ):
        score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events="table:trust.events"
        )
    assert not (tmp_path / "scores.parquet").exists()


@pytest.mark.parametrize(
    ("column", "kind"), [("day", "text"), ("points_able", "text"), ("contact", "integer")]
)
def test_a_column_of_a_type_that_may_not_be_readable_is_refused(
    postgres_url: str, tmp_path: Path, column: str, kind: str
):
    empty = Books(events=(), suspensions=(), accounts=(), policy=POLICY)
    with (
        table(postgres_url, empty, types=TYPES | {column: kind}),
        pytest.raises(Invalid, match=f"'{column}' has the type {kind}"),
    ):
        score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events=f"table:{NAME}"
        )


def test_an_instant_with_a_zone_is_refused_as_in_a_file(postgres_url: str, tmp_path: Path):
    empty = Books(events=(), suspensions=(), accounts=(), policy=POLICY)
    with (
        table(postgres_url, empty, types=TYPES | {"day": "timestamptz"}),
        pytest.raises(Invalid, match="instants with a time zone"),
    ):
        score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events=f"table:{NAME}"
        )


def test_a_table_without_a_needed_column_is_refused_by_name(postgres_url: str, tmp_path: Path):
    empty = Books(events=(), suspensions=(), accounts=(), policy=POLICY)
    types = {name: kind for name, kind in TYPES.items() if name != "kind"}
    with (
        table(postgres_url, empty, types=types),
        pytest.raises(Invalid, match="The column 'kind' is missing"),
    ):
        score_runs.run(
            awkward_book(), QUESTION, address(postgres_url), tmp_path, events=f"table:{NAME}"
        )
