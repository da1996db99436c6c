"""The pandas version that the engine is measured against says the same as the engine."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from bench.bulk import AS_OF, question
from bench.single import account

from bench import data, pandas_version
from vertrauenskonto.core.ledger.explain import explanation
from vertrauenskonto.engine.run import score_into
from vertrauenskonto.importers.policy import read_policy


def test_it_says_the_same_as_the_engine(tmp_path: Path):
    policy = read_policy("default")
    events = tmp_path / "events.parquet"
    data.write_events(events, events=5_000, accounts=500)
    theirs = pandas_version.score(events, policy.versions[-1], as_of=AS_OF)
    with duckdb.connect() as connection:
        report = score_into(connection, events, question(policy), table="scores")
        ours = connection.execute("FROM scores").fetchall()
        names = [column[0] for column in connection.execute("FROM scores").description]
    assert report.rows == len(theirs) == len(ours)
    compared = [name for name in names if name in theirs.columns]
    assert set(names) - set(compared) == {"segment", "known_at", "retained_if_leaves"}
    for position, row in enumerate(ours):
        for name, value in zip(names, row, strict=True):
            if name not in compared or name == "as_of":
                continue
            other = theirs.at[position, name]
            if isinstance(value, float):
                assert other == pytest.approx(value, abs=1e-9), (position, name)
            else:
                assert (value is None and pd.isna(other)) or other == value, (position, name)


def test_the_measured_account_has_all_its_events():
    policy = read_policy("default").versions[-1]
    explained = explanation(account(policy), policy, as_of=AS_OF)
    assert (
        len({c.entry.id for c in explained.postings} | {e.id for e in explained.contacts}) == 1000
    )
