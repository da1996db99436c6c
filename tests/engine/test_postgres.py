"""PostgreSQL values as the core does, leaves nothing behind, and says clearly when it cannot."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import event_rows, score_runs
from tests.engine.test_scoring import assert_same, core_rows, questions
from tests.event_rows import TODAY, Books, core_accounts

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.engine.address import address
from vertrauenskonto.engine.postgres import PostgresUnavailable
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import IN_PROCESS, ScoreRequest, score

pytestmark = pytest.mark.postgres

KEPT = Kind(
    name="kept",
    label=Text("gehalten", "kept"),
    why=Text("", ""),
    points={"able": 5.0, "assessable": 2.0},
    contact=True,
)
POLICY = PolicyHistory((Policy(name='it\'s a \\ "policy"', kinds={"kept": KEPT}),))
QUESTION = Question(policy=POLICY, as_of=date(2024, 6, 1), today=TODAY)
AWKWARD = (
    "O'Neil",
    'a "b"',
    "a,b;c",
    "line\nbreak",
    "\\N",
    "\\",
    " ",
    "ß€𝄞",
    "NULL",
    "A",
    "a",
    "_",
)


def awkward_book() -> Books:
    """Accounts with names that text formats and collations stumble over."""
    rows = [{"account": name, "kind": "kept", "day": date(2024, 1, 1)} for name in AWKWARD]
    return Books(events=tuple(rows), suspensions=(), accounts=(), policy=POLICY)


@settings(max_examples=25)
@given(st.data())
def test_postgresql_equals_the_core_in_every_column_and_view(
    postgres_url: str, data: st.DataObject
):
    book = data.draw(event_rows.books())
    question = data.draw(questions(book))
    accounts = core_accounts(book, as_of=question.as_of)
    wanted = core_rows(accounts, book.policy.in_force(question.as_of), question)
    with TemporaryDirectory() as folder:
        got, report = score_runs.run(book, question, address(postgres_url), Path(folder))
    assert set(got) == set(wanted)
    for key, row in wanted.items():
        assert_same(got[key], row)
    assert report.usable == event_rows.usable_count(accounts.values())


def test_names_of_all_sorts_come_back_as_they_were(postgres_url: str, tmp_path: Path):
    there, _ = score_runs.run(awkward_book(), QUESTION, address(postgres_url), tmp_path)
    here, _ = score_runs.run(awkward_book(), QUESTION, IN_PROCESS, tmp_path)
    assert {name for name, _ in there} == set(AWKWARD)
    assert list(there) == list(here)
    for key, row in here.items():
        assert_same(there[key], row)


def test_two_runs_give_the_same_bytes(postgres_url: str, tmp_path: Path):
    book, out = awkward_book(), tmp_path / "scores.parquet"
    question = replace(QUESTION, velocity=True)
    score_runs.run(book, question, address(postgres_url), tmp_path)
    first = out.read_bytes()
    score_runs.run(book, question, address(postgres_url), tmp_path)
    assert out.read_bytes() == first


def test_nothing_stays_behind_on_the_server_or_in_the_folder(postgres_url: str, tmp_path: Path):
    score_runs.run(awkward_book(), QUESTION, address(postgres_url), tmp_path)
    with psycopg.connect(postgres_url) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
            "AND relkind IN ('r', 'v')"
        ).fetchall()
    assert left == []
    assert {path.name for path in tmp_path.iterdir()} == {"events.parquet", "scores.parquet"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:geheim@127.0.0.1:1/trust",
        "postgresql://ada@127.0.0.1:1/trust?password=geheim",
        "postgresql://ada:geheim@127.0.0.1:port/trust",
    ],
)
def test_a_server_that_cannot_be_reached_is_named_without_the_password(url: str, tmp_path: Path):
    with pytest.raises(PostgresUnavailable) as refused:
        score_runs.run(awkward_book(), QUESTION, address(url), tmp_path)
    for language in ("de", "en"):
        told = refused.value.in_language(language)
        assert "127.0.0.1" in told
        assert "geheim" not in told
    assert not (tmp_path / "scores.parquet").exists()


def test_a_failure_in_the_middle_leaves_the_former_result_as_it_was(
    postgres_url: str, tmp_path: Path
):
    out = tmp_path / "scores.parquet"
    score_runs.run(awkward_book(), QUESTION, address(postgres_url), tmp_path)
    before = out.read_bytes()
    # PostgreSQL has no text with the character NUL, DuckDB has.
    row = {"account": "a\0b", "kind": "kept", "day": date(2024, 1, 1)}
    broken = replace(awkward_book(), events=(row,))
    with pytest.raises(PostgresUnavailable, match="invalid byte sequence"):
        score_runs.run(broken, QUESTION, address(postgres_url), tmp_path)
    assert out.read_bytes() == before


def test_runway_of_many_accounts_is_refused_before_anything_is_sent(
    postgres_url: str, tmp_path: Path
):
    paths = score_runs.written(awkward_book(), tmp_path)
    assert paths["events"] is not None
    request = ScoreRequest(
        question=replace(QUESTION, runway=True),
        events=paths["events"],
        out=tmp_path / "scores.csv",
        address=address(postgres_url),
    )
    with pytest.raises(Exception, match="run-way"):
        score(request)
    assert not request.out.exists()
