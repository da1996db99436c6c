"""Rows copied through a pipe are the rows that DuckDB would have written itself."""

import os
from pathlib import Path

import duckdb
import pytest

from vertrauenskonto.engine.copying import copy_rows

ROWS = "SELECT i, hash(i)::VARCHAR AS a FROM range(300000) t(i)"


@pytest.mark.parametrize("form", ["FORMAT csv, HEADER", "FORMAT parquet"])
def test_the_bytes_are_those_of_a_plain_copy(tmp_path: Path, form: str):
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ROWS}) TO '{tmp_path / 'plain'}' ({form})")
        assert copy_rows(connection, ROWS, tmp_path / "piped", form) == 300_000
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "piped").read_bytes()


def test_where_there_are_no_pipes_one_thread_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(os, "mkfifo")
    with duckdb.connect() as connection:
        connection.execute("SET threads = 3")
        form = "FORMAT csv, HEADER"
        assert copy_rows(connection, "SELECT 1 AS i", tmp_path / "a.csv", form) == 1
        assert connection.execute("SELECT current_setting('threads')").fetchall() == [(3,)]
    assert (tmp_path / "a.csv").read_text("utf-8") == "i\n1\n"


def test_a_device_that_is_full_says_so_and_the_connection_lives_on():
    with duckdb.connect() as connection:
        with pytest.raises(OSError, match="No space left"):
            copy_rows(connection, ROWS, Path("/dev/full"), "FORMAT csv, HEADER")
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
