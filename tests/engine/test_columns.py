"""Columns of other types than the canonical ones are read for what they say."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreRequest, score, score_table
from vertrauenskonto.importers.policy import read_policy

AS_OF = date(2026, 6, 1)


@pytest.fixture(scope="module")
def policy() -> PolicyHistory:
    return read_policy("default")


def totals(policy: PolicyHistory, **columns: object) -> list[tuple[object, float]]:
    """Return account and total balance of a table with these columns."""
    question = Question(policy=policy, as_of=AS_OF, views=("total",))
    rows = score_table(pa.table(columns), question).rows()
    return [(row["account"], round(float(str(row["balance"])), 9)) for row in rows]


def test_whole_numbers_are_accounts_and_instants_without_zone_are_days(policy: PolicyHistory):
    wanted = totals(policy, account=["7"], kind=["promise_kept"], day=[date(2026, 5, 1)])
    assert wanted[0][1] > 0
    instants = [datetime(2026, 5, 1, 23, 59)]  # noqa: DTZ001 (without a zone is the point)
    assert totals(policy, account=[7], kind=["promise_kept"], day=instants) == wanted


def test_instants_with_a_zone_are_refused(policy: PolicyHistory):
    instants = [datetime(2026, 5, 1, 23, 59, tzinfo=UTC)]
    with pytest.raises(Invalid, match="'day' holds instants with a time zone"):
        totals(policy, account=["ada"], kind=["promise_kept"], day=instants)


def test_texts_are_days_points_and_flags_when_they_say_so(policy: PolicyHistory):
    texts = totals(
        policy,
        account=["ada"],
        kind=["conversation"],
        day=["2026-05-01"],
        points_able=["12.5"],
        contact=["false"],
    )
    typed = totals(
        policy,
        account=["ada"],
        kind=["conversation"],
        day=[date(2026, 5, 1)],
        points_able=[12.5],
        contact=[False],
    )
    assert texts == typed


def test_empty_texts_say_nothing(policy: PolicyHistory):
    empty = totals(
        policy,
        account=["ada", ""],
        kind=["promise_kept", "promise_kept"],
        day=[date(2026, 5, 1), date(2026, 5, 1)],
        target=["", ""],
        reverses=["", ""],
        recorded=["", ""],
        points_able=["", ""],
    )
    assert empty == totals(policy, account=["ada"], kind=["promise_kept"], day=[date(2026, 5, 1)])


def test_days_outside_the_calendar_are_no_days(policy: PolicyHistory, tmp_path: Path):
    events = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT 'ada' AS account, 'conversation' AS kind, day FROM (VALUES
(DATE '2026-05-01'), (DATE '200000-01-01'), (DATE '0044-03-15 (BC)')) t(day)) TO '{events}'"""
        )
    report = score(
        ScoreRequest(
            question=Question(policy=policy, as_of=AS_OF),
            events=events,
            out=tmp_path / "scores.csv",
        )
    )
    assert (report.usable, report.problems.counts) == (1, {"day": 2})
    assert [p.line for p in report.problems.listed] == [2, 3]


def test_events_may_lie_in_a_duckdb_file(policy: PolicyHistory, tmp_path: Path):
    path = tmp_path / "company.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """CREATE TABLE events AS
SELECT 'ada' AS account, 'conversation' AS kind, DATE '2026-05-01' AS day"""
        )
    question = Question(policy=policy, as_of=AS_OF)
    out = tmp_path / "scores.csv"
    assert score(ScoreRequest(question=question, events=path, out=out)).rows == 2
    empty = tmp_path / "other.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(Invalid, match=r"other\.duckdb cannot be read"):
        score(ScoreRequest(question=question, events=empty, out=out))
