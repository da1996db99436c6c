"""The README's real result comes out of the real data, figure by figure, and so does its picture."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.conftest import ROOT

from vertrauenskonto.engine.importing import ImportRequest, import_files
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreRequest, score
from vertrauenskonto.importers.mapping import read_mapping
from vertrauenskonto.importers.policy import read_policy
from vertrauenskonto.render.charts import LIGHT
from vertrauenskonto.render.portfolio import PortfolioLine, bins
from vertrauenskonto.render.portfolio_chart import portfolio_chart

PICTURE = ROOT / "docs" / "images" / "olist.svg"


@pytest.fixture(scope="module")
def olist(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Return a connection with the views `accounts` (totals) and `reviews` (scores)."""
    folder, policy = tmp_path_factory.mktemp("olist"), read_policy("mail_order")
    import_files(
        ImportRequest(
            path=shared / "data" / "olist",
            mapping=read_mapping(ROOT / "examples" / "olist" / "mapping.toml"),
            policy=policy,
            today=date(2026, 11, 22),
            events=folder / "events.parquet",
            outcomes=folder / "outcomes.parquet",
        )
    )
    score(
        ScoreRequest(
            question=Question(policy=policy, as_of=date(2018, 8, 31)),
            events=folder / "events.parquet",
            out=folder / "accounts.parquet",
        )
    )
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW events AS FROM '{folder}/events.parquet'")
    connection.execute(
        f"CREATE VIEW accounts AS FROM '{folder}/accounts.parquet' WHERE view = 'total'"
    )
    connection.execute(
        f"""CREATE VIEW reviews AS SELECT account, value AS stars
        FROM '{folder}/outcomes.parquet' WHERE outcome = 'review_score'"""
    )
    return connection


def test_every_figure_of_the_real_result_comes_out(olist):
    text = " ".join((ROOT / "README.md").read_text().split())

    def one(sql: str):
        return olist.execute(sql).fetchall()[0]

    accounts, below = one("SELECT COUNT(*), COUNT(*) FILTER (below_threshold) FROM accounts")
    assert f"4,767 orders of {accounts:,} people" in text
    assert f"**{below} accounts ({below / accounts:.1%}".replace("%", " %)") in text
    of_joined = "SELECT AVG(stars), COUNT(*), AVG((stars <= 2)::INT) FROM accounts JOIN reviews"
    poor, _, _ = one(f"{of_joined} USING (account) WHERE below_threshold")
    rest, _, _ = one(f"{of_joined} USING (account) WHERE NOT below_threshold")
    assert f"below the threshold gave {poor:.2f} stars on average, the others {rest:.2f}" in text
    worst, people, unhappy = one(f"{of_joined} USING (account) WHERE balance < -10")
    assert f"the {people} below −10" in text
    assert f"gave {worst:.2f}, and {unhappy:.0%}".replace("%", " %") in text
    late = "SELECT account FROM events WHERE kind IN ('promise_late_silent', "
    late += "'promise_broken_unannounced')"
    spared = f"SELECT COUNT(*) FROM accounts WHERE balance < -10 AND account NOT IN ({late})"
    assert one(spared) == (0,), "every one after a parcel that came late without a word"


def test_the_picture_is_that_of_the_data(olist, request):
    rows = olist.execute(
        """SELECT account, balance, below_threshold, weakest_dimension, weakest_reason
        FROM accounts ORDER BY account"""
    ).fetchall()
    lines = [
        PortfolioLine(
            account=account,
            balance=balance,
            is_below=is_below,
            runway_days=None,
            weakest=weakest,
            reason=reason,
        )
        for account, balance, is_below, weakest, reason in rows
    ]
    drawn = portfolio_chart(bins(lines), "en", palette=LIGHT)
    if request.config.getoption("--snapshot-update"):
        PICTURE.write_text(drawn.svg, encoding="utf-8")
    assert "877 (18%) are below" in drawn.description
    assert PICTURE.read_text(encoding="utf-8") == drawn.svg, "run `make snap` and look at it"
