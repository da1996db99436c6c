"""Files in, a file out: formats, problems, limits, and nothing half-written."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import event_rows
from tests.conftest import ROOT
from tests.engine.test_scoring import engine_rows
from tests.event_rows import TODAY, core_accounts, usable_count

from bench import data
from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Dimension, Entry
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import (
    HalfLives,
    Parameters,
    Policy,
    PolicyHistory,
    SilenceRules,
    policy_history,
)
from vertrauenskonto.engine.connection import Limits, OutOfMemory, OutOfSpace
from vertrauenskonto.engine.outputs import write_query
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreReport, ScoreRequest, score, score_into, score_table
from vertrauenskonto.engine.tables import OUTPUT_COLUMNS
from vertrauenskonto.importers.policy import read_policy

AS_OF = date(2026, 6, 1)
CSV = """\
account,kind,day
ada,promise_kept,2026-03-01
ada,conversation,2026-01-10
bob,promise_broken_unannounced,2026-02-01
"""


@pytest.fixture(scope="module")
def policy() -> PolicyHistory:
    return read_policy("default")


def scored(
    folder: Path, policy: PolicyHistory, text: str = CSV, *, out: str = "scores.parquet"
) -> tuple[ScoreReport, Path]:
    """Score a CSV text; return the report and where the result lies."""
    events = folder / "events.csv"
    events.write_text(text, encoding="utf-8")
    question = Question(policy=policy, as_of=AS_OF, today=AS_OF)
    request = ScoreRequest(question=question, events=events, out=folder / out)
    return score(request), folder / out


def only(problems: object, folder: Path) -> list[str]:
    """Return what lies in a folder beside the events, by name."""
    return sorted(p.name for p in folder.iterdir() if p.name != "events.csv")


@pytest.mark.parametrize("suffix", ["parquet", "csv", "duckdb"])
def test_each_format_holds_the_same_rows_in_order(
    tmp_path: Path, policy: PolicyHistory, suffix: str
):
    report, out = scored(tmp_path, policy, out=f"scores.{suffix}")
    assert (report.events, report.usable, report.rows) == (3, 3, 4)
    with duckdb.connect() as connection:
        source = f"'{out}'"
        if suffix == "duckdb":
            connection.execute(f"ATTACH '{out}' AS scores (READ_ONLY)")
            source = "scores.account_scores"
        rows = connection.execute(f"SELECT account, view, round(balance, 9) FROM {source}")
        assert [row[:2] for row in rows.fetchall()] == [
            ("ada", "organisation"),
            ("ada", "total"),
            ("bob", "organisation"),
            ("bob", "total"),
        ]
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        assert [column[0] for column in described] == list(OUTPUT_COLUMNS)
        if suffix != "csv":
            types = {column[0]: re.sub(r"ENUM\(.*\)", "VARCHAR", column[1]) for column in described}
            assert types == dict(OUTPUT_COLUMNS)
    assert only(report, tmp_path) == [out.name]


def test_a_duckdb_file_keeps_its_other_tables(tmp_path: Path, policy: PolicyHistory):
    with duckdb.connect(str(tmp_path / "scores.duckdb")) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 1 AS id")
    scored(tmp_path, policy, out="scores.duckdb")
    scored(tmp_path, policy, out="scores.duckdb")
    with duckdb.connect(str(tmp_path / "scores.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT COUNT(*) FROM customers").fetchall() == [(1,)]
        assert connection.execute("SELECT COUNT(*) FROM account_scores").fetchall() == [(4,)]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_two_runs_give_the_same_bytes(tmp_path: Path, policy: PolicyHistory, suffix: str):
    """300,000 events on 30,000 accounts: several threads, several row groups, in order."""
    events = tmp_path / "events.parquet"
    kinds = ", ".join(f"'{kind}'" for kind in list(policy.versions[0].kinds)[:30])
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT 'c' || (hash(i) % 70000) AS account,
  [{kinds}][1 + (hash(i + 1) % 30)::INTEGER] AS kind,
  DATE '2023-01-01' + (hash(i + 2) % 1200)::INTEGER AS day
FROM range(300000) t(i)) TO '{events}' (FORMAT parquet)"""
        )
    question = Question(policy=policy, as_of=AS_OF, today=AS_OF)
    outs = [tmp_path / f"scores-{run}.{suffix}" for run in (1, 2)]
    for out in outs:
        score(ScoreRequest(question=question, events=events, out=out))
    assert outs[0].read_bytes() == outs[1].read_bytes()
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT account, view FROM '{outs[0]}'").fetchall()
    assert len(rows) > 130_000
    assert rows == sorted(rows)


@given(st.data())
def test_the_engine_leaves_out_exactly_what_the_core_leaves_out(data: st.DataObject):
    book = data.draw(event_rows.books())
    question = Question(policy=book.policy, as_of=AS_OF, today=TODAY)
    rows, report = engine_rows(book, question)
    accounts = core_accounts(book, as_of=AS_OF)
    assert report.events == len(book.events)
    assert report.usable == usable_count(accounts.values())
    assert (report.problems.count > 0) >= (report.usable < report.events)
    assert {account for account, _ in rows} == set(accounts)


BAD = """\
account,kind,day,id,recorded,target,points_able,reverses,contact
ada,conversation,2026-01-01,e1,,,,,
ada,promise_kpt,2026-01-02,e2,,,,,
,conversation,2026-01-02,e3,,,,,
ada,,2026-01-02,e4,,,,,
ada,conversation,2026-02-31,e5,,,,,
ada,conversation,31.01.2026,e6,,,,,
ada,conversation,2026-01-02,e7,2027-01-01,,,,
ada,conversation,2026-01-02,e8,,somebody,,,
ada,conversation,2026-01-02,e9,,,nan,,
ada,conversation,2026-01-02,e10,,,1000.01,,
ada,conversation,2026-01-02,e11,,,0.123,,
ada,conversation,2026-01-02,e12,,,many,,
ada,conversation,2026-01-01,e1,,,,,
ada,conversation,2026-01-05,e1,,,,,
ada,,2026-01-06,r1,,,,e1,
ada,,2026-01-07,r2,,,,e1,
ada,,2026-01-07,r3,,,,r1,
ada,,2026-01-07,r4,,,,e99,
ada,,2026-01-07,r5,,,5,e1,
ada,conversation,2026-01-02,e13,,,,,maybe
ada,conversation,2026-01-02,e14,soon,,,,
bob,conversation,2026-01-02,e15,,person:ben,2.5,,true
"""


def test_each_bad_row_is_reported_with_line_field_value_and_cure(
    tmp_path: Path, policy: PolicyHistory
):
    report, out = scored(tmp_path, policy, BAD, out="scores.csv")
    found = [(p.line, p.field, p.code, p.severity) for p in report.problems.listed]
    assert found == [
        (3, "kind", "unknown_kind", "error"),
        (4, "account", "account", "error"),
        (5, "kind", "kind", "error"),
        (6, "day", "day", "error"),
        (7, "day", "day", "error"),
        (8, "recorded", "recorded_in_future", "error"),
        (9, "target", "target", "error"),
        (10, "points_able", "points", "error"),
        (11, "points_able", "points", "error"),
        (12, "points_able", "points", "error"),
        (13, "points_able", "points", "error"),
        (14, "id", "duplicate_same", "note"),
        (15, "id", "duplicate_differs", "error"),
        (17, "reverses", "reversal", "error"),
        (18, "reverses", "reversal", "error"),
        (19, "reverses", "reversal", "error"),
        (20, "reverses", "reversal_with_points", "error"),
        (21, "contact", "contact", "error"),
        (22, "recorded", "day", "error"),
    ]
    assert {p.file for p in report.problems.listed} == {"events.csv"}
    words = {p.line: str(p) for p in report.problems.listed}
    assert words[3] == (
        "events.csv:3: kind: The kind 'promise_kpt' is not in the policy in force on that day. "
        "Did you mean 'promise_kept'?"
    )
    assert words[6] == (
        "events.csv:6: day: '2026-02-31' is no day of the calendar; say for example 2026-03-18."
    )
    assert "„many“ ist keine Zahl" in report.problems.listed[10].in_language("de")
    assert report.problems.count == 19
    assert (report.events, report.usable) == (22, 3)
    assert sorted({line.split(",")[0] for line in out.read_text("utf-8").splitlines()[1:]}) == [
        "ada",
        "bob",
    ]


def test_the_list_of_problems_is_capped_but_never_the_count(tmp_path: Path, policy: PolicyHistory):
    rows = "".join(f"ada,no_kind_{n % 3},2026-01-01\n" for n in range(1500))
    report, _ = scored(tmp_path, policy, CSV + rows)
    assert len(report.problems.listed) == 1000
    assert report.problems.counts == {"unknown_kind": 1500}
    assert report.usable == 3


def test_a_header_alone_gives_an_empty_result(tmp_path: Path, policy: PolicyHistory):
    report, out = scored(tmp_path, policy, "account,kind,day\n")
    assert (report.events, report.rows) == (0, 0)
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT COUNT(*) FROM '{out}'").fetchall() == [(0,)]


@pytest.mark.parametrize("text", ["", "konto,kind,day\nada,conversation,2026-01-01\n"])
def test_a_file_without_its_columns_is_refused_and_nothing_is_written(
    tmp_path: Path, policy: PolicyHistory, text: str
):
    with pytest.raises(Invalid, match="columns are missing"):
        scored(tmp_path, policy, text)
    assert only(None, tmp_path) == []


def test_a_missing_column_is_named_with_the_likely_typo(tmp_path: Path, policy: PolicyHistory):
    with pytest.raises(Invalid) as refused:
        scored(tmp_path, policy, "acount,kind,day\nada,conversation,2026-01-01\n")
    assert [p.field for p in refused.value.problems] == ["account"]
    assert "Did you mean 'acount'?" in str(refused.value)


@pytest.mark.parametrize("size", [0, 3, 2000])
def test_a_truncated_parquet_file_is_refused_and_nothing_is_written(
    tmp_path: Path, policy: PolicyHistory, size: int
):
    events, out = tmp_path / "events.parquet", tmp_path / "scores.parquet"
    columns = "'ada' || i AS account, 'conversation' AS kind, DATE '2026-01-01' AS day"
    duckdb.sql(f"COPY (SELECT {columns} FROM range(100000) t(i)) TO '{events}'")
    events.write_bytes(events.read_bytes()[:size])
    question = Question(policy=policy, as_of=AS_OF)
    with pytest.raises(Invalid, match=r"events\.parquet cannot be read: the file is damaged"):
        score(ScoreRequest(question=question, events=events, out=out))
    assert [p.name for p in tmp_path.iterdir()] == ["events.parquet"]


def test_a_parquet_file_damaged_inside_is_refused_and_nothing_is_written(
    tmp_path: Path, policy: PolicyHistory
):
    events, out = tmp_path / "events.parquet", tmp_path / "scores.parquet"
    duckdb.sql(
        f"""COPY (SELECT 'c' || i AS account, 'conversation' AS kind, DATE '2026-01-01' AS day
FROM range(100000) t(i)) TO '{events}'"""
    )
    raw = bytearray(events.read_bytes())
    raw[200:60000] = bytes(59800)
    events.write_bytes(raw)
    question = Question(policy=policy, as_of=AS_OF)
    with pytest.raises(Invalid, match="cannot be read"):
        score(ScoreRequest(question=question, events=events, out=out))
    assert [p.name for p in tmp_path.iterdir()] == ["events.parquet"]


def test_unknown_files_folders_and_suffixes_are_refused(tmp_path: Path, policy: PolicyHistory):
    question = Question(policy=policy, as_of=AS_OF)
    events = tmp_path / "events.csv"
    request = ScoreRequest(question=question, events=events, out=tmp_path / "scores.parquet")
    with pytest.raises(NotFound, match=r"There is no file .*events\.csv"):
        score(request)
    events.write_text(CSV, encoding="utf-8")
    with pytest.raises(Invalid, match=r"scores\.xlsx: unknown suffix"):
        score(ScoreRequest(question=question, events=events, out=tmp_path / "scores.xlsx"))
    with pytest.raises(NotFound, match="There is no folder"):
        score(ScoreRequest(question=question, events=events, out=tmp_path / "no" / "s.csv"))
    with pytest.raises(Invalid, match="'everybody' is no view"):
        Question(policy=policy, as_of=AS_OF, views=("everybody",))
    with pytest.raises(Invalid, match="'plenty' is no amount of memory"):
        score(
            ScoreRequest(
                question=question,
                events=events,
                out=tmp_path / "s.csv",
                limits=Limits(memory="plenty"),
            )
        )
    assert only(None, tmp_path) == []


def test_a_full_disk_is_said_and_the_old_result_stays(tmp_path: Path):
    out = tmp_path / "scores.csv"
    out.write_text("old", encoding="utf-8")
    program = f"""
import resource, signal
from pathlib import Path
import duckdb
from vertrauenskonto.engine.connection import OutOfSpace
from vertrauenskonto.engine.outputs import write_query
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_query(duckdb.connect(), "SELECT i FROM range(1000000) t(i)", Path({str(out)!r}))
except OutOfSpace as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "There is no space left" in done.stdout
    assert out.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]


def test_too_little_memory_is_said_and_nothing_is_written(tmp_path: Path, policy: PolicyHistory):
    events = tmp_path / "events.parquet"
    duckdb.sql(
        f"""COPY (SELECT 'c' || i AS account, 'conversation' AS kind, DATE '2026-01-01' AS day
FROM range(500000) t(i)) TO '{events}'"""
    )
    request = ScoreRequest(
        question=Question(policy=policy, as_of=AS_OF),
        events=events,
        out=tmp_path / "scores.parquet",
        limits=Limits(memory="1MB"),
    )
    with pytest.raises((OutOfMemory, OutOfSpace)):
        score(request)
    assert [p.name for p in tmp_path.iterdir()] == ["events.parquet"]


def test_ten_thousand_entries_on_one_account_agree_with_the_core_to_a_billionth():
    """Equal rows round equally: the worst case for fixed-point sums."""
    points: dict[Dimension, float] = {"willing": -0.07, "able": 14.29, "assessable": 33.33}
    kind = Kind(
        name="kept",
        label=Text("", ""),
        why=Text("", ""),
        points=points,
        contact=True,
    )
    rules = policy_history(Policy(name="p", kinds={"kept": kind}))
    day = AS_OF - timedelta(days=117)
    entries = tuple(
        Entry(id=str(n), on=day, recorded=day, kind="kept", contact=True, postings=kind.postings)
        for n in range(10_000)
    )
    wanted = valuation(Account(id="ada", entries=entries), rules.versions[0], as_of=AS_OF)
    events = pa.table(
        {"account": ["ada"] * 10_000, "kind": ["kept"] * 10_000, "day": [day] * 10_000}
    )
    got = score_table(events, Question(policy=rules, as_of=AS_OF)).rows()[1]
    assert got["balance"] == pytest.approx(wanted.balance, abs=2e-9)
    for d in DIMENSIONS:
        assert got[f"deposits_{d}"] == pytest.approx(wanted.deposits[d], abs=1e-9)
        assert got[f"withdrawals_{d}"] == pytest.approx(wanted.withdrawals[d], abs=1e-9)


def test_sums_far_beyond_a_bigint_do_not_overflow():
    """200,000 entries of 1000 points without decay: 2e8 points are 2e22 units."""
    never = HalfLives(deposits=None, withdrawals=None)
    rules = policy_history(
        Policy(
            name="p",
            parameters=Parameters(half_life_days=dict.fromkeys(DIMENSIONS, never)),
            kinds={
                "much": Kind(
                    name="much",
                    label=Text("", ""),
                    why=Text("", ""),
                    points={"able": 1000.0},
                    contact=False,
                )
            },
        )
    )
    count = 200_000
    events = pa.table(
        {"account": ["ada"] * count, "kind": ["much"] * count, "day": [AS_OF] * count}
    )
    got = score_table(events, Question(policy=rules, as_of=AS_OF)).rows()[1]
    assert got["balance"] == 2e8


def test_a_silence_whose_sum_would_not_fit_is_refused():
    slow = SilenceRules(grace_days=30, period_days=1, half_life_days=1e6)
    rules = policy_history(Policy(name="p", parameters=Parameters(silence=slow)))
    events = pa.table({"account": ["ada"], "kind": ["k"], "day": [AS_OF]})
    with pytest.raises(Invalid, match=r"half-life of 1000000\.0 days is too long"):
        score_table(events, Question(policy=rules, as_of=AS_OF))


def test_a_table_may_be_arrow_duckdb_pandas_or_polars(policy: PolicyHistory):
    columns = {
        "account": ["ada", "bob"],
        "kind": ["promise_kept", "conversation"],
        "day": [date(2026, 3, 1), date(2026, 2, 1)],
    }
    arrow = pa.table(columns)
    question = Question(policy=policy, as_of=AS_OF)
    wanted = score_table(arrow, question).rows()
    assert len(wanted) == 4
    frames = (
        arrow.to_reader(),
        pd.DataFrame(columns),
        pl.DataFrame(columns),
        pl.DataFrame(columns).lazy().collect(),
        duckdb.sql("SELECT * FROM arrow"),
    )
    for frame in frames:
        assert score_table(frame, question).rows() == wanted
    with pytest.raises(Invalid, match="list cannot be read as a table"):
        score_table([1, 2], question)


def test_the_result_is_an_arrow_table_for_everybody(policy: PolicyHistory):
    events = pa.table({"account": ["ada"], "kind": ["promise_kept"], "day": [date(2026, 3, 1)]})
    result = score_table(events, Question(policy=policy, as_of=AS_OF))
    assert len(result) == 2
    assert pa.table(result).column_names == list(OUTPUT_COLUMNS)
    assert pl.DataFrame(result)["view"].to_list() == ["organisation", "total"]
    assert result.report.problems.count == 0


def test_pyarrow_and_pandas_are_not_needed_for_tables(tmp_path: Path):
    program = """
import sys
sys.modules["pyarrow"] = sys.modules["pandas"] = None
from datetime import date
import polars as pl
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import score_table
from vertrauenskonto.importers.policy import read_policy
events = pl.DataFrame({"account": ["ada"], "kind": ["promise_kept"], "day": [date(2026, 3, 1)]})
result = score_table(events, Question(policy=read_policy("default"), as_of=date(2026, 6, 1)))
print(pl.DataFrame(result).height)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "2\n"


def test_a_file_can_be_valued_into_a_table_of_ones_own(tmp_path: Path, policy: PolicyHistory):
    events = tmp_path / "events.csv"
    events.write_text(CSV, encoding="utf-8")
    with duckdb.connect() as connection:
        question = Question(policy=policy, as_of=AS_OF)
        report = score_into(connection, events, question, table="my scores")
        assert report.rows == 4
        assert connection.execute('SELECT COUNT(*) FROM "my scores"').fetchall() == [(4,)]
        assert connection.execute("SHOW TABLES").fetchall() == [("my scores",)]


def test_views_can_be_chosen(policy: PolicyHistory):
    events = pa.table(
        {
            "account": ["ada", "ada"],
            "kind": ["promise_kept", "conversation"],
            "day": [date(2026, 3, 1), date(2026, 2, 1)],
            "target": ["person:ben", None],
        }
    )

    def views(*chosen: str) -> list[object]:
        question = Question(policy=policy, as_of=AS_OF, views=chosen)
        return [row["view"] for row in score_table(events, question).rows()]

    assert views("total") == ["total"]
    assert views("persons") == ["person:ben"]
    assert views("total", "persons") == ["person:ben", "total"]
    assert views("organisation") == ["organisation"]
    plain = events.drop_columns(["target"])
    question = Question(policy=policy, as_of=AS_OF, views=("persons",))
    assert score_table(plain, question).rows() == []


def test_progress_is_told_by_stage(tmp_path: Path, policy: PolicyHistory):
    heard: list[tuple[str, float]] = []
    events = tmp_path / "events.csv"
    events.write_text(CSV, encoding="utf-8")
    request = ScoreRequest(
        question=Question(policy=policy, as_of=AS_OF),
        events=events,
        out=tmp_path / "scores.csv",
        progress=lambda stage, share: heard.append((stage, share)),
    )
    score(request)
    assert [event for event in heard if event[1] in (0.0, 1.0)] == [
        ("read", 0.0),
        ("read", 1.0),
        ("value", 0.0),
        ("value", 1.0),
        ("write", 0.0),
        ("write", 1.0),
    ]


def test_a_query_that_fails_leaves_the_old_file(tmp_path: Path):
    out = tmp_path / "scores.csv"
    out.write_text("old", encoding="utf-8")
    with pytest.raises(duckdb.Error), duckdb.connect() as connection:
        write_query(connection, "SELECT error('no') AS x", out)
    assert out.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]


@pytest.mark.long
def test_a_memory_limit_spills_instead_of_dying(tmp_path: Path):
    """10 million events need 2 GB and more; with 1 GB the process stays well below 1.4 GB."""
    events, out = tmp_path / "events.parquet", tmp_path / "scores.parquet"
    data.write_events(events, events=10_000_000, accounts=1_000_000)
    program = f"""
from pathlib import Path
from bench.bulk import question
from vertrauenskonto.engine.connection import Limits
from vertrauenskonto.engine.run import ScoreRequest, score
from vertrauenskonto.importers.policy import read_policy
request = ScoreRequest(
    question=question(read_policy("default")),
    events=Path({str(events)!r}),
    out=Path({str(out)!r}),
    limits=Limits(memory="1GB"),
)
rows = score(request).rows
# What getrusage says begins with the memory of the process that started this one.
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(rows, peak.split()[1])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    rows, peak_kib = (int(word) for word in done.stdout.split())
    assert rows == 1_999_896
    assert peak_kib < 1_400_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.parquet", "scores.parquet"]


@pytest.mark.parametrize("name", ["b*.parquet", "b?.parquet", "b[b].parquet"])
def test_a_file_name_is_no_pattern(tmp_path: Path, policy: PolicyHistory, name: str):
    for account, file in (("p", name), ("q", "bb.parquet")):
        row = f"SELECT '{account}' AS account, 'promise_kept' AS kind, DATE '2025-01-01' AS day"
        duckdb.execute(f"COPY ({row}) TO '{tmp_path / file}' (FORMAT parquet)")
    out = tmp_path / "scores.csv"
    score(
        ScoreRequest(question=Question(policy=policy, as_of=AS_OF), events=tmp_path / name, out=out)
    )
    assert {line.split(",")[0] for line in out.read_text().splitlines()[1:]} == {"p"}
