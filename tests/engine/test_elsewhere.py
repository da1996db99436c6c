"""Which places other engines read and write themselves, and what they are called there."""

from pathlib import Path

import pytest

from vertrauenskonto.core.errors import Conflict
from vertrauenskonto.engine.address import Address
from vertrauenskonto.engine.elsewhere import check_folder, is_folder, place_of, uri

DUCKDB, POSTGRES, SPARK = (Address(engine=name) for name in ("duckdb", "postgres", "spark"))


def test_a_table_is_a_place_only_on_a_server():
    table = Path("table:shop.events")
    assert place_of(table, POSTGRES) == "table:shop.events"
    assert place_of(Path("events.csv"), POSTGRES) is None
    assert place_of(table, DUCKDB) is None
    assert place_of(table, SPARK) is None


def test_spark_reads_parquet_folders_and_addresses_itself_and_no_text_files(tmp_path: Path):
    parquet = tmp_path / "events.parquet"
    assert place_of(parquet, SPARK) == parquet.as_uri()
    assert place_of(tmp_path, SPARK) == tmp_path.as_uri()
    assert place_of(tmp_path / "events.csv", SPARK) is None
    assert place_of(Path("s3a://lake/events"), SPARK) == "s3a://lake/events"
    assert place_of(parquet, DUCKDB) is None


def test_spark_writes_a_folder_where_there_is_no_suffix(tmp_path: Path):
    assert is_folder(tmp_path / "scores", SPARK)
    assert is_folder(Path("hdfs://name/scores.parquet"), SPARK)
    assert not is_folder(tmp_path / "scores.parquet", SPARK)
    assert not is_folder(tmp_path / "scores", DUCKDB)


def test_an_address_folded_into_a_path_is_unfolded(tmp_path: Path):
    assert uri(Path("hdfs://name/scores")) == "hdfs://name/scores"
    assert uri(Path("file:///data/scores")) == "file:///data/scores"
    assert uri(tmp_path) == tmp_path.as_uri()


def test_a_folder_that_exists_is_not_written_over(tmp_path: Path):
    check_folder(tmp_path / "scores")
    (tmp_path / "scores").mkdir()
    with pytest.raises(Conflict, match="exists already; delete it or give another"):
        check_folder(tmp_path / "scores")
    assert list((tmp_path / "scores").iterdir()) == []
