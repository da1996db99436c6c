"""One account out of files is worth what the bulk run says it is worth."""

import csv
from dataclasses import replace
from datetime import date

import pytest

from vertrauenskonto.core.errors import NotFound
from vertrauenskonto.core.ledger.balance import runway, valuation, velocity
from vertrauenskonto.core.ledger.entries import Posting, Suspension
from vertrauenskonto.engine.account import AccountFiles, read_account
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreRequest, score
from vertrauenskonto.importers.policy import read_policy

AS_OF = date(2026, 3, 1)
EVENTS = """\
account,kind,day,id,recorded,target,contact,points_willing,points_able,reverses,note,source
holm,promise_kept,2025-01-20,a,2025-01-22,,,,,,Lieferung 4711,Lager
holm,promise_kept,2025-02-20,,,,,,,,,
holm,honest_advice_against_own_interest,2025-03-01,b,,person:brandt,false,2.5,-1,,,
holm,work_done_wrong,2025-04-01,c,,,,,,,,
holm,,2025-04-05,d,,,,,,c,,
holm,nothing,2025-05-01,e,,,,,,,,
nowak,nothing,2025-05-01,f,,,,,,,,
"""
PAUSES = "account,id,from,to,recorded\nholm,x,2025-07-01,2025-09-01,\nholm,y,2026-02-01,,\n"
ACCOUNTS = "account,segment\nholm,\nsilent,\n"


@pytest.fixture
def files(tmp_path):
    """Return files with one account that has a bit of everything."""
    for name, text in (("events", EVENTS), ("pauses", PAUSES), ("accounts", ACCOUNTS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return AccountFiles(
        events=tmp_path / "events.csv",
        suspensions=tmp_path / "pauses.csv",
        accounts=tmp_path / "accounts.csv",
        today=AS_OF,
    )


@pytest.fixture(scope="module")
def policy():
    return read_policy("default")


def test_entries_have_the_points_given_or_those_of_their_kind(files, policy):
    account = read_account(files, "holm", policy).account
    assert [e.id for e in account.entries] == ["a", "#3", "b", "c", "d"]
    first, second, advice, _, reversal = account.entries
    assert first.postings == (Posting("able", 5.0), Posting("assessable", 2.0))
    assert (first.recorded, first.note, first.source) == (
        date(2025, 1, 22),
        "Lieferung 4711",
        "Lager",
    )
    assert second.recorded == second.on
    assert advice.postings == (Posting("willing", 2.5), Posting("able", -1.0))
    assert (advice.contact, advice.target) == (False, "person:brandt")
    assert (reversal.reverses, reversal.postings, reversal.contact) == ("c", (), False)
    assert account.suspensions == (
        Suspension(
            id="x",
            starts=date(2025, 7, 1),
            ends=date(2025, 9, 1),
            recorded=date(2025, 7, 1),
        ),
        Suspension(id="y", starts=date(2026, 2, 1), ends=None, recorded=date(2026, 2, 1)),
    )


def test_only_the_account_s_own_problems_are_reported(files, policy):
    (problem,) = read_account(files, "holm", policy).problems
    assert (problem.file, problem.line, problem.field) == ("events.csv", 7, "kind")


@pytest.mark.parametrize("known_at", [None, date(2025, 1, 21), date(2025, 4, 3)])
def test_the_account_is_worth_what_the_bulk_run_says(files, policy, tmp_path, known_at):
    out = tmp_path / "scores.csv"
    question = Question(
        policy=policy, as_of=AS_OF, known_at=known_at, velocity=True, runway=True, today=AS_OF
    )
    score(
        ScoreRequest(
            question=question,
            events=files.events,
            suspensions=files.suspensions,
            accounts=files.accounts,
            out=out,
        )
    )
    account = read_account(files, "holm", policy).account
    rules = policy.in_force(AS_OF)
    with out.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["account"] == "holm"]
    assert len(rows) == 3
    for row in rows:
        value = valuation(account, rules, as_of=AS_OF, known_at=known_at, view=row["view"])
        assert float(row["balance"]) == pytest.approx(value.balance, abs=1e-9)
        assert int(row["silence_charges"]) == value.silence_charges
        if row["view"] == "total":
            change = velocity(account, rules, as_of=AS_OF, known_at=known_at)
            days = runway(account, rules, as_of=AS_OF, known_at=known_at)
            assert float(row["velocity_per_30_days"]) == pytest.approx(change, abs=1e-9)
            assert row["runway_days"] == ("" if days is None else str(days))


def test_an_account_without_events_is_found_in_the_file_of_accounts(files, policy):
    read = read_account(files, "silent", policy)
    assert (read.account.entries, read.problems) == ((), ())


def test_an_account_whose_rows_are_all_unusable_is_there_but_empty(files, policy):
    read = read_account(files, "nowak", policy)
    assert read.account.entries == ()
    assert len(read.problems) == 1


def test_an_account_that_is_nowhere_is_refused_with_the_likely_one(files, policy):
    with pytest.raises(NotFound, match="Did you mean 'holm'"):
        read_account(files, "hulm", policy)
    with pytest.raises(NotFound, match="'silent'"):
        read_account(replace(files, accounts=None), "silent", policy)
