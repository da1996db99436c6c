"""Olist goes in through the API and comes out of `score` with the same numbers as from files."""

import json
from datetime import date

import duckdb
import pytest
from tests.conftest import ROOT

from vertrauenskonto.cli.main import main
from vertrauenskonto.db import models
from vertrauenskonto.engine.importing import ImportRequest, import_files
from vertrauenskonto.importers.mapping import read_mapping
from vertrauenskonto.importers.policy import read_policy

ACCOUNTS = 1_500
AS_OF = "2018-09-01"


@pytest.fixture
def sample(shared, tmp_path):
    """Return a table of the events of some accounts, as `import` makes it from the files."""
    if not (shared / "data" / "olist").is_dir():
        pytest.skip("no data set olist in ../shared/data")
    import_files(
        ImportRequest(
            path=shared / "data" / "olist",
            mapping=read_mapping(ROOT / "examples" / "olist" / "mapping.toml"),
            policy=read_policy("default"),
            today=date(2026, 11, 22),
            events=tmp_path / "all.parquet",
            outcomes=tmp_path / "outcomes.parquet",
        )
    )
    path = tmp_path / "sample.parquet"
    with duckdb.connect() as connection:
        everything = f"FROM '{tmp_path / 'all.parquet'}'"
        connection.execute(
            f"COPY (SELECT * {everything} WHERE account IN (SELECT DISTINCT account {everything} "
            f"ORDER BY md5(account) LIMIT {ACCOUNTS})) TO '{path}'"
        )
    return path


def scored(path):
    """Return the rows of a score table, by account and view."""
    with duckdb.connect() as connection:
        found = connection.execute(f"FROM '{path}' ORDER BY account, view")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.long
@pytest.mark.parametrize("rules", [read_policy("default").versions[-1]], ids=["default"])
def test_olist_through_the_api_scores_like_olist_from_files(company, sample, tmp_path):
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT account, kind, day::VARCHAR, recorded::VARCHAR, source, id, target, "
            f"coalesce(promise, '') FROM '{sample}' ORDER BY recorded, day, id"
        ).fetchall()
    events = [
        {
            "source": source,
            "source_id": own.removeprefix(f"{source}:"),
            "kind": kind,
            "known_as": {"ids": {"olist": account}},
            "value_date": day,
            "recorded_date": recorded,
            "target": target,
            "promise": promise,
        }
        for account, kind, day, recorded, source, own, target, promise in rows
    ]
    for first in range(0, len(events), 10_000):
        part = events[first : first + 10_000]
        said = company.post("/entries/bulk", json.dumps(part).encode(), 200)
        assert said["counts"] == {"booked": len(part)}, said["rows"][:1]
    assert models.Entry.objects.count() == len(events)
    options = ["--as-of", AS_OF, "--views", "total", "--language", "en"]
    by_files, by_ledger = tmp_path / "files.parquet", tmp_path / "ledger.parquet"
    policy = ["--policy", "default"]
    assert main(["score", str(sample), "--out", str(by_files), *options, *policy]) == 0
    assert main(["score", "--out", str(by_ledger), "--ids-of", "olist", *options]) == 0
    expected, got = scored(by_files), scored(by_ledger)
    assert len(expected) == len(got) > 0
    for one, other in zip(expected, got, strict=True):
        assert one.keys() == other.keys()
        for name, value in one.items():
            if name == "policy":
                continue
            is_number = isinstance(value, float)
            wanted = pytest.approx(value, abs=1e-9, nan_ok=True) if is_number else value
            assert other[name] == wanted, (one["account"], name)
