"""Files of accounts and suspensions: what is wrong in them is reported, the rest counts."""

import csv
from datetime import date
from pathlib import Path

import pytest

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import (
    Parameters,
    Policy,
    PolicyHistory,
    Segment,
    SilenceRules,
    policy_history,
)
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreReport, ScoreRequest, score

AS_OF = date(2026, 6, 1)
EVENTS = "account,kind,day\nada,talk,2026-01-01\nbob,talk,2026-01-01\n"


@pytest.fixture
def policy() -> PolicyHistory:
    """Talk is worth 1 in general and 5 to the trade; the trade is not charged for silence."""

    def talk(points: float) -> dict[str, Kind]:
        label = Text("Gespräch", "Talk")
        kind = Kind(name="talk", label=label, why=label, points={"able": points}, contact=True)
        return {"talk": kind}

    trade = Segment(
        name="trade",
        label=Text("Handel", "Trade"),
        parameters=Parameters(silence=SilenceRules(points=0.0)),
        kinds=talk(5.0),
        column="branch",
        values=("B2B", "reseller"),
    )
    return policy_history(Policy(name="own", kinds=talk(1.0), segments=(trade,)))


def scored(folder: Path, policy: PolicyHistory, **texts: str) -> tuple[ScoreReport, list[str]]:
    """Score EVENTS with other files; return the report and `account,segment,charges` of totals."""
    paths = {}
    for name, text in ({"events": EVENTS} | texts).items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text, encoding="utf-8")
    out = folder / "scores.csv"
    question = Question(policy=policy, as_of=AS_OF, views=("total",))
    report = score(
        ScoreRequest(
            question=question,
            events=paths["events"],
            suspensions=paths.get("suspensions"),
            accounts=paths.get("accounts"),
            out=out,
        )
    )
    header, *rows = csv.reader(out.read_text("utf-8").splitlines())
    wanted = [header.index(name) for name in ("account", "segment", "silence_charges")]
    return report, [",".join(row[position] for position in wanted) for row in rows]


def test_accounts_without_events_are_listed_and_segments_found(
    tmp_path: Path, policy: PolicyHistory
):
    report, rows = scored(
        tmp_path,
        policy,
        accounts="account,segment,branch\nada,,reseller\nbob,trade,private\ncem,,B2B\ndua,,\n",
    )
    assert rows == ["ada,trade,3", "bob,trade,3", "cem,trade,0", "dua,,0"]
    assert report.problems.count == 0


def test_wrong_rows_of_accounts_are_reported(tmp_path: Path, policy: PolicyHistory):
    report, rows = scored(
        tmp_path, policy, accounts="account,segment\nada,trad\n,trade\nada,trade\n"
    )
    assert rows == ["ada,,3", "bob,,3"]
    assert [(p.file, p.line, p.code) for p in report.problems.listed] == [
        ("accounts.csv", 2, "unknown_segment"),
        ("accounts.csv", 3, "account"),
        ("accounts.csv", 4, "account_again"),
    ]
    assert "Did you mean 'trade'?" in str(report.problems.listed[0])


def test_suspensions_stop_the_clock_and_wrong_ones_are_reported(
    tmp_path: Path, policy: PolicyHistory
):
    report, rows = scored(
        tmp_path,
        policy,
        suspensions="account,id,from,to,recorded\n"
        "ada,s1,2026-01-02,,\n"
        "bob,s1,2026-01-05,2026-01-05,\n"
        ",s1,2026-01-05,2026-01-09,\n"
        "bob,s2,2026-02-31,,\n"
        "bob,s3,2026-01-05,soon,\n"
        "ada,s1,2026-01-03,,2026-01-02\n"
        "bob,s4,2027-01-05,,now\n",
    )
    assert rows == ["ada,,0", "bob,,3"]
    assert [(p.line, p.field, p.code) for p in report.problems.listed] == [
        (3, "to", "suspension"),
        (4, "account", "account"),
        (5, "from", "day"),
        (6, "to", "day"),
        (7, "recorded", "suspension"),
        (8, "recorded", "day"),
    ]


def test_columns_that_are_missing_are_refused(tmp_path: Path, policy: PolicyHistory):
    with pytest.raises(Invalid, match=r"suspensions\.csv: columns are missing"):
        scored(tmp_path, policy, suspensions="account,since\nada,2026-01-01\n")
    with pytest.raises(Invalid, match=r"accounts\.csv: columns are missing"):
        scored(tmp_path, policy, accounts="konto\nada\n")
    assert not (tmp_path / "scores.csv").exists()
